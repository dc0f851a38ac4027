package interp_test

import (
	"slices"
	"testing"

	"decc/ir"
	"decc/ir/diag"
	"decc/ir/interp"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// stdp is two sources on one compartment that fires when the first one does: pairwise
// STDP, worked out by hand below.
const stdp = `module @stdp seed(3) {
  neuron @relay { port drive:s40 spike gt(drive, 0) }
  input @in x 2
  input @teach x 1
  group @a : @relay x 1
  rule @pair { x1 impulse(64) decay(2048) y1 impulse(64) decay(2048) dw "2^-2*x1*y0 - 2^-2*y1*x0" }
  synapse @t : @teach -> @a.drive dense s8[1x1]{2}
  synapse @w : @in -> @a.drive dense s16[1x2]{-200, -200} learn(@pair)
}`

func parsed(t *testing.T, text string) *ir.Module {
	t.Helper()
	m, err := ir.Parse(text, "test.dcir")
	if err == nil {
		err = ir.Verify(m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestSTDP: source 0 fires in row 0, the target in row 1, source 1 in row 2. At the end of
// row 1, x1 of source 0 is 32: its weight grows by 32/4 = 8. At the end of row 2, y1 is 32:
// the weight of source 1 shrinks by 8. (One trace has 7 + 4 bits and loses none.)
func TestSTDP(t *testing.T) {
	machine := interp.New[int64](parsed(t, stdp))
	req := spikes.Request{
		Rows: 4, Learn: true, Probes: []spikes.Probe{{Group: "w", Variable: "w"}, {Group: "w", Variable: "x1"}},
		Inputs: map[string]spikes.Train{
			"in":    {{Row: 0, Index: 0, Payload: 1}, {Row: 2, Index: 1, Payload: 1}},
			"teach": {{Row: 0, Index: 0, Payload: 1}},
		},
	}
	rec, err := machine.Run(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if got := rec.Values["w.x1"].Data; !slices.Equal(got, []int64{64, 0, 32, 0, 16, 64, 8, 32}) {
		t.Errorf("x1 is %v", got)
	}
	// The target is inhibited by -200 from source 0 in row 1 and does not fire then.
	if n := len(rec.Spikes["a"]); n != 0 {
		t.Fatalf("%d spikes; the plastic weight should outweigh the teacher", n)
	}
	req.Inputs["in"][0].Row, req.Inputs["teach"][0].Row = 0, 1
	rec, err = machine.Run(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	// The target fires in row 2 together with source 1: x1 of source 0 is 16, so +4; for
	// source 1 the pair is simultaneous: +64/4 - 64/4 = 0.
	if got := rec.Values["w.w"].Row(3); !slices.Equal(got, []int64{-196, -200}) {
		t.Errorf("weights %v", got)
	}
	req.Learn = false
	if _, err := machine.Run(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	if got := machine.Learned("w", sem.TargetW); !slices.Equal(got, []int64{-196, -200}) {
		t.Errorf("after a run without learning the weights are %v", got)
	}
}

// TestPresentationsDrawAnew: stochastic rounding differs between presentations and is the
// same for the same one.
func TestPresentationsDrawAnew(t *testing.T) {
	m := parsed(t, `module @walk seed(5) {
  neuron @relay { port drive:s40 spike gt(drive, 0) }
  input @in x 40
  group @a : @relay x 1
  rule @r { dw "2^-1*x0" }
  synapse @w : @in -> @a.drive dense s8[1x40]{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0} learn(@r)
}`)
	var train spikes.Train
	for i := range int32(40) {
		train = append(train, spikes.Event{Index: i, Payload: 1})
	}
	run := func(presentation uint64) []int64 {
		machine := interp.New[int64](m)
		req := spikes.Request{Rows: 1, Learn: true, Presentation: presentation, Inputs: map[string]spikes.Train{"in": train}}
		if _, err := machine.Run(t.Context(), req); err != nil {
			t.Fatal(err)
		}
		return slices.Clone(machine.Learned("w", sem.TargetW))
	}
	first := run(1)
	if !slices.Equal(first, run(1)) {
		t.Error("the same presentation differs")
	}
	if slices.Equal(first, run(2)) {
		t.Error("two presentations draw the same numbers")
	}
	// Half of one is a quarter of the grid of 2: about 10 of 40 synapses move.
	moved := 0
	for _, w := range first {
		moved += int(w / 2)
	}
	if moved < 3 || moved > 20 {
		t.Errorf("%d of 40 moved: %v", moved, first)
	}
}

// Learned values can be set, and only such as belong to the synapses.
func TestSetLearned(t *testing.T) {
	machine := interp.New[int64](parsed(t, stdp))
	if err := machine.SetLearned("w", sem.TargetW, []int64{40, 60}); err != nil {
		t.Fatal(err)
	}
	req := spikes.Request{Rows: 2, Inputs: map[string]spikes.Train{"in": {{Row: 0, Index: 1, Payload: 1}}}}
	rec, err := machine.Run(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if got := machine.Learned("w", sem.TargetW); !slices.Equal(got, []int64{40, 60}) || len(rec.Spikes["a"]) != 1 {
		t.Errorf("learned %v, %d spikes", got, len(rec.Spikes["a"]))
	}
	for _, wrong := range []error{machine.SetLearned("w", sem.TargetW, []int64{1}), machine.SetLearned("v", sem.TargetW, []int64{1, 2})} {
		if found := diag.All(wrong); len(found) != 1 || found[0].Code != "run/learned-values" {
			t.Errorf("got %v", wrong)
		}
	}
}
