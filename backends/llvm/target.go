package llvm

import (
	"runtime"
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"
	"golang.org/x/sys/cpu"

	"decc/ir/diag"
)

// Target is the machine that a program is compiled for. It is written into the LLVM module, so that the
// same target gives the same bytes wherever they are made.
type Target struct {
	// Triple is LLVM's name of architecture, vendor and system.
	Triple string
	// CPU is one of CPUNames.
	CPU string
}

// level is a processor that programs are made for: one of LLVM's names, and its widest vectors in bits.
type level struct {
	name, arch string
	bits       string
	here       func() bool
}

// levels are the processors, the best of each architecture first.
var levels = []level{
	{"x86-64-v4", "amd64", "512", func() bool {
		return cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512CD
	}},
	{"x86-64-v3", "amd64", "256", func() bool { return cpu.X86.HasAVX2 && cpu.X86.HasBMI2 && cpu.X86.HasFMA }},
	{"x86-64-v2", "amd64", "128", func() bool { return cpu.X86.HasSSE42 }},
	{"x86-64", "amd64", "128", func() bool { return true }},
	{"generic", "arm64", "128", func() bool { return true }},
}

// triples are LLVM's names of the systems that Go's names stand for.
var triples = map[string]string{
	"linux/amd64": "x86_64-unknown-linux-gnu", "linux/arm64": "aarch64-unknown-linux-gnu",
	"darwin/arm64": "arm64-apple-macosx", "darwin/amd64": "x86_64-apple-macosx",
}

// NativeCPU names the processor that decc runs on in place of one of CPUNames.
const NativeCPU = "native"

// CPUNames are the processors that programs can be made for, on any machine.
func CPUNames() []string {
	names := []string{NativeCPU}
	for _, l := range levels {
		names = append(names, l.name)
	}
	return names
}

// TargetFor is this system with a processor of CPUNames. The error has code llvm/cpu or llvm/system.
func TargetFor(name string) (Target, error) {
	triple := triples[runtime.GOOS+"/"+runtime.GOARCH]
	if triple == "" {
		return Target{}, diag.Errorf(diag.Pos{}, codeSystem, "native programs are not made for %s on %s", runtime.GOOS, runtime.GOARCH).WithFix("use --engine chip")
	}
	i := slices.IndexFunc(levels, func(l level) bool {
		return l.arch == runtime.GOARCH && (l.name == name || name == NativeCPU && l.here())
	})
	if i < 0 {
		return Target{}, diag.Errorf(diag.Pos{}, codeCPU, "there is no processor %q of %s", name, runtime.GOARCH).WithFix("use one of %s", strings.Join(CPUNames(), ", "))
	}
	return Target{Triple: triple, CPU: levels[i].name}, nil
}

// attributes make a function use the whole of the processor.
func (t Target) attributes() *llir.AttrGroupDef {
	a := &llir.AttrGroupDef{FuncAttrs: []llir.FuncAttribute{llir.AttrPair{Key: "target-cpu", Value: t.CPU}}}
	for _, l := range levels {
		if l.name == t.CPU && l.arch == "amd64" {
			a.FuncAttrs = append(a.FuncAttrs, llir.AttrPair{Key: "prefer-vector-width", Value: l.bits}, llir.AttrPair{Key: "min-legal-vector-width", Value: l.bits})
		}
	}
	return a
}
