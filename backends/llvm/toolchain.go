package llvm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"decc/ir/diag"
)

// The versions of LLVM that are looked for, the oldest first: all read what is written.
const (
	oldestLLVM = 14
	newestLLVM = 22
)

// toolchain is what compiles and links: llc and a linker, or clang for both.
type toolchain struct{ llc, linker string }

// findTools looks for the tools by name. The error has code llvm/tools.
func findTools() (toolchain, error) {
	t := toolchain{llc: firstOf(versions("llc")), linker: firstOf([]string{"cc", "gcc"})}
	clang := firstOf(versions("clang"))
	if t.linker == "" {
		t.linker = clang
	}
	if t.llc == "" {
		t.llc = clang
	}
	if t.llc == "" || t.linker == "" {
		return t, diag.Errorf(diag.Pos{}, codeTools, "native programs need llc (LLVM %d to %d) and a linker, or clang; %s", oldestLLVM, newestLLVM, t.missing()).
			WithFix("apt-get install llvm gcc; or use --engine chip, which needs nothing")
	}
	return t, nil
}

func (t toolchain) missing() string {
	if t.llc == "" {
		return "no llc and no clang was found"
	}
	return "no cc was found"
}

// versions are the names under which distributions install a tool.
func versions(tool string) []string {
	names := []string{tool}
	for v := newestLLVM; v >= oldestLLVM; v-- {
		names = append(names, fmt.Sprintf("%s-%d", tool, v))
	}
	return names
}

func firstOf(names []string) string {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Available tells whether programs can be compiled here: nil, or the diagnostic that Compile would give.
func Available() error {
	_, err := findTools()
	if err == nil {
		_, err = TargetFor(NativeCPU)
	}
	return err
}

// Form is what a program is linked into.
type Form int

// The forms: a program that serves requests, or a library with EntryPoint.
const (
	Executable Form = iota
	SharedObject
)

// Compile makes the program for the machine that Lower wrote it for. The error has code llvm/tools or llvm/compile.
func (p *Program) Compile(ctx context.Context, form Form) ([]byte, error) {
	t, err := findTools()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "decc-native-")
	if err != nil {
		return nil, diag.Errorf(diag.Pos{}, codeCompile, "%v", err)
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "module.ll"), p.Text, 0o600); err != nil {
		return nil, diag.Errorf(diag.Pos{}, codeCompile, "%v", err)
	}
	for _, command := range [][]string{t.compileCommand(), t.linkCommand(form)} {
		if err := runTool(ctx, dir, command); err != nil {
			return nil, err
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, "program"))
	if err != nil {
		return nil, diag.Errorf(diag.Pos{}, codeCompile, "%v", err)
	}
	return data, nil
}

func (t toolchain) compileCommand() []string {
	if strings.HasPrefix(filepath.Base(t.llc), "clang") {
		return []string{t.llc, "-O2", "-fPIC", "-c", "-Wno-override-module", "module.ll", "-o", "module.o"}
	}
	return []string{t.llc, "-O2", "-relocation-model=pic", "-filetype=obj", "module.ll", "-o", "module.o"}
}

// linkCommand leaves out what would make the bytes depend on the place.
func (t toolchain) linkCommand(form Form) []string {
	command := []string{t.linker, "module.o", "-o", "program", "-lm"}
	if form == SharedObject {
		command = append(command, "-shared")
	}
	if runtime.GOOS == "linux" {
		command = append(command, "-Wl,--build-id=none")
	}
	return command
}

// runTool runs a command in a folder. What it says is in the error.
func runTool(ctx context.Context, dir string, command []string) error {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &exit):
		return diag.Errorf(diag.Pos{}, codeCompile, "%s: %v: %.2000s", filepath.Base(command[0]), err, out)
	}
	return diag.Errorf(diag.Pos{}, codeCompile, "%v", err)
}
