package llvm

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"decc/ir"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// TestEmittersAreComplete: every operation has its row, and there is no other.
func TestEmittersAreComplete(t *testing.T) {
	if len(emitters) != len(sem.Ops) {
		t.Errorf("%d emitters for %d operations", len(emitters), len(sem.Ops))
	}
	for op := range emitters {
		if emitters[op] == nil {
			t.Errorf("%s has no emitter", sem.Op(op))
		}
	}
}

// shape is a way to make the arguments of an operation of a param: their widths decide in what lanes it is done.
type shape struct {
	name string
	bits uint   // of the param, sign included
	text string // of the argument
	of   func(x int64) int64
}

var shapes = []shape{
	{"small", 12, "%s", func(x int64) int64 { return x }},
	{"word", 31, "%s", func(x int64) int64 { return x }},
	{"long", 31, "shl(%s, 24)", func(x int64) int64 { return x << 24 }},
}

// boundary are values at the ends of a width and around what matters in between.
func boundary(bits uint) []int64 {
	hi := int64(1)<<(bits-1) - 1
	return []int64{-hi - 1, -hi, -hi / 2, -4097, -4096, -4095, -129, -128, -127, -3, -2, -1, 0, 1, 2, 3, 127, 128, 129, 4095, 4096, hi / 2, hi - 1, hi}
}

// withinBits keeps the values of a width.
func withinBits(list []int64, bits uint) []int64 {
	return slices.DeleteFunc(list, func(x int64) bool { return x != x<<(64-bits)>>(64-bits) })
}

// opCase is an operation with constants on arguments of a shape.
type opCase struct {
	name  string
	op    sem.Op
	k     [2]int64
	shape shape
	args  [3][]int64 // params of all members
}

// constants are those that an operation is tried with.
func constants(info *sem.OpInfo) [][2]int64 {
	switch {
	case info.Ks == 0:
		return [][2]int64{{}}
	case info.Ks == 2:
		return [][2]int64{{-8388607, 8388607}, {-3, 2}, {0, 0}, {-1 << 40, 1 << 40}}
	case info.MaxK == 0:
		return [][2]int64{{0}, {-5}, {1 << 31}, {-1 << 45}}
	}
	var list [][2]int64
	for _, k := range []int64{info.MinK, 1, 7, 12, 24, 30, 31, 32, 33, info.MaxK} {
		if info.MinK <= k && k <= info.MaxK {
			list = append(list, [2]int64{k})
		}
	}
	return list
}

// combined are all pairs of boundary values, the third argument being 0 or 1 or one of them.
func combined(bits uint) (args [3][]int64) {
	list := withinBits(boundary(bits), bits)
	for i, x := range list {
		for j, y := range list {
			args[0], args[1], args[2] = append(args[0], x), append(args[1], y), append(args[2], list[(i+j)%len(list)])
		}
	}
	return args
}

// text is the program and the group of the case.
func (c *opCase) text() string {
	info := sem.Ops[c.op]
	var args []string
	for i := range info.Arity {
		args = append(args, fmt.Sprintf(c.shape.text, "abc"[i:i+1]))
	}
	for i := range info.Ks {
		args = append(args, fmt.Sprint(c.k[i]))
	}
	body := fmt.Sprintf("%s(%s)", info.Name, strings.Join(args, ", "))
	if c.op == sem.OpConst {
		body = fmt.Sprintf("add(%d, 0)", c.k[0]) // a constant alone has no name
	}
	if info.Arity > 0 && c.op == sem.OpShl && c.shape.bits+uint(c.k[0])+24 > 63 {
		return "" // beyond 64 bits, which the verifier refuses
	}
	t := fmt.Sprintf("  neuron @%s {\n    param a:s%d b:s%d c:s%d\n    r = %s\n    out r\n  }\n", c.name, c.shape.bits, c.shape.bits, c.shape.bits, body)
	values := ""
	for i, list := range c.args {
		values += fmt.Sprintf(" %s = s32[%d]{%s},", "abc"[i:i+1], len(list), strings.Trim(strings.Join(strings.Fields(fmt.Sprint(list)), ", "), "[]"))
	}
	return t + fmt.Sprintf("  group @%s : @%s x %d {%s }\n", c.name, c.name, len(c.args[0]), strings.TrimSuffix(values, ","))
}

// want is the integer meaning of the operation on all members.
func (c *opCase) want() []int64 {
	var args [3][]int64
	for i, list := range c.args {
		for _, x := range list {
			args[i] = append(args[i], c.shape.of(x))
		}
	}
	d := make([]int64, len(args[0]))
	sem.Ops[c.op].Int(d, args[0], args[1], args[2], c.k)
	return d
}

func opCases() []*opCase {
	var list []*opCase
	for op := range sem.Op(len(sem.Ops)) {
		for _, s := range shapes {
			if op == sem.OpMul && s.name == "long" {
				continue // beyond 64 bits
			}
			for _, k := range constants(&sem.Ops[op]) {
				c := &opCase{name: fmt.Sprintf("x%d", len(list)), op: op, k: k, shape: s, args: combined(s.bits)}
				if c.text() != "" {
					list = append(list, c)
				}
			}
		}
	}
	return list
}

// TestEmittersMeanTheOperations runs every operation over boundary values in all widths of lanes, and expects what
// the table of ir/sem says.
func TestEmittersMeanTheOperations(t *testing.T) {
	if err := Available(); err != nil {
		t.Skipf("no native programs here: %v", err)
	}
	cases, text, req := opCases(), "module @ops {\n", spikes.Request{Rows: 1}
	for _, c := range cases {
		text += c.text()
		req.Probes = append(req.Probes, spikes.Probe{Group: c.name, Variable: "r"})
	}
	m, err := ir.Parse(text+"}\n", "ops.dcir")
	if err == nil {
		err = ir.Verify(m)
	}
	if err != nil {
		t.Fatal(err)
	}
	n, err := Build(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := n.Engine().Run(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		for i, want := range c.want() {
			if got := rec.Values[c.name+".r"].Data[i]; got != want {
				t.Errorf("%s, constants %v, %s lanes: of %d, %d, %d it is %d, want %d", c.op, c.k, c.shape.name, c.args[0][i], c.args[1][i], c.args[2][i], got, want)
				break
			}
		}
	}
	t.Logf("%d cases", len(cases))
}
