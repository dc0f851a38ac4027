package interp_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"decc/ir"
	"decc/ir/interp"
	"decc/ir/spikes"
)

// toy is a DECOLLE layer of 24 neurons that learns two patterns of 20 lines from its own
// local error, in the integers of the chip: constants as in onchip-learning.md 2.
func toy(t *testing.T) *ir.Module {
	r := rand.New(rand.NewPCG(1, 2))
	list := func(n int, draw func() int) string {
		x := make([]string, n)
		for i := range x {
			x[i] = fmt.Sprint(2 * draw())
		}
		return strings.Join(x, ", ")
	}
	readout := make([]int, 2*24)
	for i := range readout {
		readout[i] = r.IntN(255) - 127
	}
	next, back := 0, 0
	weights := list(24*20, func() int { return int(r.NormFloat64() * 12.8) })
	g := list(2*24, func() int { next++; return readout[next-1] })
	transposed := list(24*2, func() int { back++; return readout[(back-1)%2*24+(back-1)/2] })
	return parsed(t, fmt.Sprintf(`module @toy seed(9) {
  %s
  %s
  input @in x 20
  input @label x 2
  group @h : @decolle_learning x 24 { du = 328, dv = 123, dr = 1434, gain = 512, wr = 74542, window = 106459, rate = 3400 }
  group @error : @local_error x 2 { target = 622, dead = 187, scale = 13300 }
  rule @decolle {
    x1 impulse(16) decay(328)
    x2 impulse(16) decay(123)
    y1 value(up)
    y2 value(down)
    dw "-2^-7*u0*y1*x2 + 2^-7*u0*y1*x1 + 2^-7*u0*y2*x2 - 2^-7*u0*y2*x1"
  }
  synapse @w : @in -> @h.drive dense s16[24x20]{%s} exp(-1) learn(@decolle)
  synapse @g : @h -> @error.drive dense s16[2x24]{%s} exp(-1)
  synapse @b : @error -> @h.teach dense s16[24x2]{%s} exp(-1) graded
  synapse @l : @label -> @error.teach dense s8[2x2]{2, -2, -2, 2}
  layer @h spikes(@h, lag 0) readout(@error.y, lag 1)
}`, builtin(t, "decolle_learning"), builtin(t, "local_error"), weights, g, transposed))
}

func builtin(t *testing.T, name string) string {
	t.Helper()
	text, err := ir.BuiltinText(name)
	if err != nil {
		t.Fatal(err)
	}
	return text[strings.Index(text, "\nneuron"):]
}

// present shows pattern class for 60 rows; the first 20 are not taught.
func present(t *testing.T, m *interp.Machine[int64], r *rand.Rand, class int, presentation uint64) (vote int) {
	t.Helper()
	req := spikes.Request{
		Rows: 60, Learn: presentation > 0, Presentation: presentation, Inputs: map[string]spikes.Train{},
		Probes: []spikes.Probe{{Group: "error", Variable: "y"}},
	}
	for k := range int32(60) {
		for i := range int32(20) {
			p := 0.02
			if int(i)/10 == class {
				p = 0.2
			}
			if r.Float64() < p {
				req.Inputs["in"] = append(req.Inputs["in"], spikes.Event{Row: k, Index: i, Payload: 1})
			}
		}
		if k >= 20 && presentation > 0 {
			req.Inputs["label"] = append(req.Inputs["label"], spikes.Event{Row: k, Index: int32(class), Payload: 1})
		}
	}
	rec, err := m.Run(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	ballot := [2]int{}
	y := rec.Values["error.y"]
	for k := 20; k < 60; k++ {
		if y.At(k, 0) >= y.At(k, 1) {
			ballot[0]++
		} else {
			ballot[1]++
		}
	}
	if ballot[1] > ballot[0] {
		return 1
	}
	return 0
}

// TestDecolleLearns: after 40 presentations, patterns that were not seen are told apart;
// before, they are not.
func TestDecolleLearns(t *testing.T) {
	m := interp.New[int64](toy(t))
	r := rand.New(rand.NewPCG(5, 5))
	right := func() int {
		n := 0
		for i := range 40 {
			if present(t, m, r, i%2, 0) == i%2 {
				n++
			}
		}
		return n
	}
	before := right()
	for i := range 40 {
		present(t, m, r, i%2, uint64(i+1))
	}
	after := right()
	t.Logf("%d of 40 before, %d of 40 after", before, after)
	if before > 34 || after < 38 {
		t.Errorf("%d of 40 right before learning, %d after", before, after)
	}
}
