package rule_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"decc/ir/diag"
	"decc/ir/rule"
	"decc/ir/sem"

	"pgregory.net/rapid"
)

// The recorded table of Lava's parser is replayed by chipsim/validate (rule_parse).

func TestParse(t *testing.T) {
	x1, x2, y1 := sem.Factor{Var: sem.X1}, sem.Factor{Var: sem.X2}, sem.Factor{Var: sem.Y1}
	for _, c := range []struct {
		text     string
		want     []sem.Product
		decimate int
	}{
		{"x0*y1", []sem.Product{{Gate: sem.GateX0, Mant: 1, Factors: []sem.Factor{y1}}}, 0},
		{" u2 * x1 - 2 * u2 * y1 ", []sem.Product{{Gate: sem.GateU, Mant: 1, Factors: []sem.Factor{x1}}, {Gate: sem.GateU, Mant: -2, Factors: []sem.Factor{y1}}}, 2},
		{"-20*2^-4*u0*x2", []sem.Product{{Gate: sem.GateU, Mant: -5, Exp: -2, Factors: []sem.Factor{x2}}}, 0},
		{"x0*(20-y1)", []sem.Product{{Gate: sem.GateX0, Mant: -1, Factors: []sem.Factor{{Var: sem.Y1, Add: -20}}}}, 0},
		{"y0*sgn(w-3)", []sem.Product{{Gate: sem.GateY0, Mant: 1, Factors: []sem.Factor{{Var: sem.W, Add: -3, Sgn: true}}}}, 0},
		{"x0*y0", []sem.Product{{Gate: sem.GateX0, Mant: 1, Factors: []sem.Factor{{Var: sem.Y0}}}}, 0},
	} {
		got, k, err := rule.Parse(c.text, diag.Pos{})
		if err != nil || !reflect.DeepEqual(got, c.want) || k != c.decimate {
			t.Errorf("%q: got %v u%d %v, want %v u%d", c.text, got, k, err, c.want, c.decimate)
		}
	}
}

// TestErrors: what the parsers of Lava and brian2_loihi take by accident, and what nobody
// takes, is refused at its place, with a code of the table and a fix.
func TestErrors(t *testing.T) {
	for _, c := range []struct {
		text, code string
		col        int
	}{
		{"u12*x1", "rule/variable", 1},
		{"x0*y1*", "rule/syntax", 7},
		{"x1*y1", "rule/gate", 1},
		{"x0*u2*y1", "rule/gate", 4},
		{"u1*x1 + u2*y1", "rule/gate", 9},
		{"x0*r1", "rule/variable", 4},
		{"y0*sign(w)", "rule/variable", 4},
		{"x0*sgn(x1)", "rule/variable", 4},
		{"3^2*x0", "rule/syntax", 1},
		{"x0/2", "rule/syntax", 3},
		{"9*x0*y1", "rule/mantissa", 1},
		{"2^9*x0*y1", "rule/mantissa", 1},
		{"2^-8*x0*y1", "rule/mantissa", 1},
		{"x0*(x1+y1)", "rule/syntax", 8},
		{"x0*(y1-300)", "rule/constant", 5},
		{"x0*(y1-2", "rule/syntax", 9},
		{"", "rule/syntax", 1},
		{"x0 y1", "rule/syntax", 4},
		{"1234567890*x0", "rule/syntax", 1},
		{"x0*(536870912)*(536870912)*(536870912)*y1", "rule/mantissa", 1},
		{"x0*536870912*536870912*y1", "rule/mantissa", 1},
		{"x0*y1 -  9*x0*y1", "rule/mantissa", 10},
		{"y0*sgn w", "rule/syntax", 8},
		{"y0*+x1", "rule/syntax", 4},
		{strings.Repeat("x0+", 10000) + "x0", "rule/syntax", 1},
	} {
		_, _, err := rule.Parse(c.text, diag.At("m.yaml", 3, 1))
		found := diag.All(err)
		if len(found) == 1 && found[0].Fix == "" {
			t.Errorf("%.40q: no fix in %v", c.text, err)
		}
		if len(found) != 1 || found[0].Code != c.code || found[0].Pos.Col != c.col {
			t.Errorf("%.40q: got %v, want %s in column %d", c.text, err, c.code, c.col)
			continue
		}
		if !slices.ContainsFunc(rule.Codes, func(d diag.CodeDoc) bool { return d.Code == found[0].Code }) {
			t.Errorf("%s is not in Codes", found[0].Code)
		}
	}
}

// The error of a long text shows the place, not the text.
func TestErrorQuotesLittle(t *testing.T) {
	_, _, err := rule.Parse(strings.Repeat("x0*y1+", 1000)+"z", diag.Pos{})
	if text := err.Error(); len(text) > 400 || !strings.Contains(text, "y1+z") {
		t.Errorf("%d characters: %.500s", len(text), text)
	}
}

// TestTextReadsBack: what is printed of any product within the limits reads as it.
func TestTextReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		factor := rapid.Custom(func(t *rapid.T) sem.Factor {
			v := sem.Variable(rapid.IntRange(0, len(sem.Variables)-1).Draw(t, "variable"))
			return sem.Factor{
				Var: v, Add: int16(rapid.IntRange(-sem.MaxConstant, sem.MaxConstant).Draw(t, "constant")),
				Sgn: sem.Variables[v].Side == sem.OwnSide && rapid.Bool().Draw(t, "sgn"),
			}
		})
		product := rapid.Custom(func(t *rapid.T) sem.Product {
			p := sem.Product{
				Gate: sem.Gate(rapid.IntRange(0, 2).Draw(t, "gate")), Mant: int8(rapid.IntRange(sem.MinMant+1, sem.MaxMant).Draw(t, "mantissa")),
				Exp: int8(rapid.IntRange(sem.MinProdExp, sem.MaxProdExp).Draw(t, "exponent")), Factors: rapid.SliceOfN(factor, 0, 4).Draw(t, "factors"),
			}
			if p.Exp == sem.MaxProdExp && rapid.Bool().Draw(t, "least") {
				p.Mant = sem.MinMant
			}
			if len(p.Factors) == 0 {
				p.Factors = nil
			}
			return p
		})
		products := append([]sem.Product{{Gate: sem.GateU, Mant: 1}}, rapid.SliceOf(product).Draw(t, "products")...)
		decimate := rapid.IntRange(0, sem.MaxDecimate).Draw(t, "k")
		text := rule.Text(products, decimate)
		again, k, err := rule.Parse(text, diag.Pos{})
		if err != nil || k != decimate || !reflect.DeepEqual(products, again) {
			t.Fatalf("%q reads as %v u%d %v, not %v u%d", text, again, k, err, products, decimate)
		}
	})
}

// FuzzParse: a text is refused, or its canonical form means the same and stays.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"2^-4*y1*x2*u0 - 2^-4*u0*y1*x1", "3*2^-5*x0*sgn(w)*(y1-2)", "u0*(x1+3)*(w-5)", "-x0*(-y1+4)", "(-3)*x0*y1", "x0*(2^2)*y1", "((", "u", "x0*(--", "0*x0",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		products, k, err := rule.Parse(text, diag.Pos{})
		if err != nil {
			return
		}
		canonical := rule.Text(products, k)
		again, k2, err := rule.Parse(canonical, diag.Pos{})
		if err != nil || !reflect.DeepEqual(products, again) || k != k2 {
			t.Fatalf("%q prints as %q, which reads as %v u%d %v instead of %v u%d", text, canonical, again, k2, err, products, k)
		}
		if err := (&sem.Rule{Epoch: 1, Decimate: k, Sums: [3][]sem.Product{products}}).Check(); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
