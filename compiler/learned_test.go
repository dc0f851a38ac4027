package compiler_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"decc/compiler"
	"decc/compiler/model/weights"
	"decc/ir"
)

// listed is two lines to two neurons by a list that is in no order.
const listed = `module @m {
  neuron @relay { port drive:s40 spike gt(drive, 0) }
  input @in x 2
  group @out : @relay x 2
  rule @r { x1 impulse(16) decay(410) dw "2^-2*x1*y0" dt "1*x1*y0" }
  synapse @w : @in -> @out.drive list s8[3]{2, 4, 6} ends u8[3x2]{1, 1, 0, 1, 1, 0} learn(@r)
}`

func learnedFile(w ...float64) *weights.File {
	return &weights.File{Tensors: []weights.Tensor{
		{Name: "w.t", DType: weights.I32, Shape: []int{3}, Data: []float64{7, 8, 9}},
		{Name: "w.w", DType: weights.I32, Shape: []int{len(w)}, Data: w},
	}}
}

// Learned values come by target member, then source member, and go where the list has them.
func TestInstil(t *testing.T) {
	m, err := ir.Parse(listed, "m.dcir")
	if err != nil {
		t.Fatal(err)
	}
	if err := compiler.Instil(m, learnedFile(10, -20, 30)); err != nil {
		t.Fatal(err)
	}
	if err := ir.Verify(m); err != nil {
		t.Fatal(err)
	}
	s := m.Synapses[0]
	if !slices.Equal(s.Weights.Data, []int32{30, -20, 10}) || !slices.Equal(s.Tags.Data, []int32{9, 8, 7}) {
		t.Errorf("weights %v, tags %v", s.Weights.Data, s.Tags.Data)
	}
}

func TestInstilRefuses(t *testing.T) {
	for name, f := range map[string]*weights.File{
		"w[1] is 3, expected is a multiple of 2 in -256..254": learnedFile(2, 3, 4),
		"w[0] is 1000, expected is a multiple of 2":           learnedFile(1000, 2, 4),
		"w[2] is 0.5, expected":                               learnedFile(2, 2, 0.5),
		"w[2] is NaN, expected":                               learnedFile(2, 2, math.NaN()),
		"there are no [3] values of w.w":                      learnedFile(2, 2),
	} {
		m, err := ir.Parse(listed, "m.dcir")
		if err != nil {
			t.Fatal(err)
		}
		if err := compiler.Instil(m, f); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "compiler/learned") {
			t.Errorf("%v, expected %q", err, name)
		}
	}
}
