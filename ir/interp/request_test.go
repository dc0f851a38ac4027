package interp_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"decc/ir"
	"decc/ir/diag"
	"decc/ir/interp"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// chain is two inputs, a group that fires whenever it gets a spike, and one behind it.
func chain(t *testing.T) *ir.Module {
	t.Helper()
	f := sem.WeightFormat{Bits: 8}
	m, err := ir.NewBuilder("chain", sem.Silicon).Input("in", 2).
		Group("a", "cuba", 2).Param("a", "du", 4096).Param("a", "dv", 4096).Param("a", "vth", 100).
		Group("b", "cuba", 1).Param("b", "du", 4096).Param("b", "dv", 4096).Param("b", "vth", 100).
		Dense("w", "in", "a", "drive", f, []int64{2, 0, 0, 2}).
		Dense("x", "a", "b", "drive", f, []int64{2, 2}).Delay("x", 2).Build()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// plain is a train of spikes without payload: row, index, row, index …
func plain(rowIndex ...int32) (t spikes.Train) {
	for i := 0; i < len(rowIndex); i += 2 {
		t = append(t, spikes.Event{Row: rowIndex[i], Index: rowIndex[i+1], Payload: 1})
	}
	return t
}

// A run that can be followed by hand: input row 0, a in row 1, b in row 4.
func TestRunByHand(t *testing.T) {
	req := spikes.Request{
		Rows: 6, Inputs: map[string]spikes.Train{"in": plain(0, 1, 2, 0, 2, 1, 9, 0)},
		Probes: []spikes.Probe{{Group: "a", Variable: "u", Members: []int32{1}}, {Group: "b", Variable: "u"}},
	}
	rec, err := interp.New[int64](chain(t)).Run(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if want := plain(1, 1, 3, 0, 3, 1); !slices.Equal(rec.Spikes["a"], want) {
		t.Errorf("a fires %v, want %v", rec.Spikes["a"], want)
	}
	if want := plain(4, 0); !slices.Equal(rec.Spikes["b"], want) {
		t.Errorf("b fires %v, want %v", rec.Spikes["b"], want)
	}
	if u := rec.Values["a.u"]; u.Rows != 6 || u.N != 1 || !slices.Equal(u.Data, []int64{0, 128, 0, 128, 0, 0}) {
		t.Errorf("u of a[1]: %+v", u)
	}
	if u := rec.Values["b.u"].Data; !slices.Equal(u, []int64{0, 0, 0, 0, 128, 0}) {
		t.Errorf("u of b: %v", u)
	}
	want := spikes.Counts{SynapticEvents: 3 + 3, CompartmentUpdates: 18, Spikes: 4, InputSpikes: 3}
	if rec.Counts != want {
		t.Errorf("counts %+v, want %+v", rec.Counts, want)
	}
}

func TestSpikesOf(t *testing.T) {
	req := spikes.Request{Rows: 6, Inputs: map[string]spikes.Train{"in": plain(0, 1)}, SpikesOf: []string{"b"}}
	rec, err := interp.New[int64](chain(t)).Run(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if len(rec.Spikes["a"]) != 0 || len(rec.Spikes["b"]) != 1 || rec.Counts.Spikes != 2 {
		t.Errorf("spikes %v, counts %+v", rec.Spikes, rec.Counts)
	}
}

// What a request can have wrong is told with its code, and never runs.
func TestRequestErrors(t *testing.T) {
	for _, c := range []struct {
		code, want string
		req        spikes.Request
	}{
		{"run/rows", "-1 rows", spikes.Request{Rows: -1}},
		{"run/unknown-input", `"inn"`, spikes.Request{Rows: 1, Inputs: map[string]spikes.Train{"inn": plain(0, 0)}}},
		{"run/event-range", "index 2", spikes.Request{Rows: 1, Inputs: map[string]spikes.Train{"in": plain(0, 2)}}},
		{"run/event-range", "index -1", spikes.Request{Rows: 1, Inputs: map[string]spikes.Train{"in": plain(0, -1)}}},
		{"run/event-order", "row 1 comes after row 3", spikes.Request{Rows: 5, Inputs: map[string]spikes.Train{"in": plain(3, 0, 1, 0)}}},
		{"run/event-order", "row -1", spikes.Request{Rows: 5, Inputs: map[string]spikes.Train{"in": plain(-1, 0)}}},
		{"run/unknown-group", `"c"`, spikes.Request{Rows: 1, Probes: []spikes.Probe{{Group: "c", Variable: "v"}}}},
		{"run/unknown-group", `"c"`, spikes.Request{Rows: 1, SpikesOf: []string{"c"}}},
		{"run/unknown-variable", `"w"`, spikes.Request{Rows: 1, Probes: []spikes.Probe{{Group: "a", Variable: "w"}}}},
		{"run/member-range", "member 2 of 2", spikes.Request{Rows: 1, Probes: []spikes.Probe{{Group: "a", Variable: "v", Members: []int32{2}}}}},
		{"run/unknown-group", `"c"`, spikes.Request{Rows: 1, Params: []spikes.ParamValue{{Group: "c", Param: "vth"}}}},
		{"run/unknown-param", `"v"`, spikes.Request{Rows: 1, Params: []spikes.ParamValue{{Group: "a", Param: "v"}}}},
		{"run/param-range", "param du of @a = 5000000", spikes.Request{Rows: 1, Params: []spikes.ParamValue{{Group: "a", Param: "du", Value: 5000000}}}},
	} {
		_, err := interp.New[int64](chain(t)).Run(t.Context(), c.req)
		found := diag.All(err)
		if len(found) != 1 || found[0].Code != c.code || !strings.Contains(found[0].Message, c.want) {
			t.Errorf("got %v, want %s with %q", err, c.code, c.want)
		}
		if !slices.ContainsFunc(interp.Codes, func(d diag.CodeDoc) bool { return d.Code == c.code }) {
			t.Errorf("%s is not in Codes", c.code)
		}
	}
	near := spikes.Request{Rows: 1, Probes: []spikes.Probe{{Group: "a", Variable: "vregs"}}}
	if _, err := interp.New[int64](chain(t)).Run(t.Context(), near); err == nil || !strings.Contains(err.Error(), `did you mean "vreg"?`) {
		t.Errorf("no hint in %v", err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := interp.New[int64](chain(t)).Run(ctx, spikes.Request{Rows: 1000}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// What the host writes into a param holds for one run.
func TestParamsOfOneRun(t *testing.T) {
	m := interp.New[int64](chain(t))
	count := func(params ...spikes.ParamValue) int64 {
		req := spikes.Request{Rows: 6, Inputs: map[string]spikes.Train{"in": plain(0, 0, 0, 1)}, Params: params}
		rec, err := m.Run(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		return rec.Counts.Spikes
	}
	before := count()
	silent := count(spikes.ParamValue{Group: "a", Param: "vth", Value: 1 << 22}, spikes.ParamValue{Group: "a", Param: "vth", Value: 1<<22 + 1})
	if after := count(); before == 0 || silent != 0 || after != before {
		t.Errorf("%d spikes, %d with a high threshold, %d after", before, silent, after)
	}
}
