package chipsim_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"decc/chipsim"
	"decc/chipsim/image"
	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

var s40 = sem.Type{Bits: 40, Signed: true}

// relay fires with its input as payload when the input is above vth, and
// remembers the sum of all inputs.
func relay() sem.Program {
	return sem.Program{
		Name: "relay",
		Fields: []sem.Field{
			{Name: "total", Kind: sem.State, Type: s40},
			{Name: "in", Kind: sem.Port, Type: s40},
			{Name: "side", Kind: sem.Port, Type: s40},
			{Name: "vth", Kind: sem.Param, Type: s40, Default: 0},
		},
		Code: []sem.Instr{
			{Op: sem.OpAdd, Args: [3]sem.Ref{0, 1}, Name: "total"},
			{Op: sem.OpGt, Args: [3]sem.Ref{1, 3}, Name: "s"},
			{Op: sem.OpNeg, Args: [3]sem.Ref{4}, Name: "doubt"}, // only probes see it
		},
		Next: []sem.Ref{4, 1, 2, 3}, Spike: 5, Payload: 1, Out: 4,
	}
}

// link is a synapse of a test net.
type link struct {
	pre, post, mantissa, delay, port, exp, connection int
	graded                                            bool
}

const inputs, members = 3, 4

// newChip is 3 inputs on the 4 members of group "g", all in one core or one core each,
// with synapses from the inputs and between the members (pre >= 3).
func newChip(t *testing.T, profile sem.ProfileID, cores int, links ...link) *chipsim.Chip {
	t.Helper()
	img := &image.Image{
		Name: "net", Profile: profile, Programs: []sem.Program{relay()},
		Groups: []image.Group{{Name: "g", N: members}},
	}
	fan := make([][]image.Axon, inputs+members)
	for c := range cores {
		n := members / cores
		k := &image.Core{ID: c, X: c, Y: 2 * c, Runs: []image.Run{{Group: 0, First: c * n, N: n, Params: [][]int64{{0}}}}}
		axons := slices.Repeat([]image.Atoms{make(image.Atoms, 1)}, inputs+members)
		for _, l := range links {
			if l.post/n != c {
				continue
			}
			kind := image.Kind{Weight: sem.WeightFormat{Bits: 8, Exp: l.exp}, Port: l.port, Graded: l.graded, Connection: l.connection}
			axons[l.pre] = image.Atoms{append(axons[l.pre][0], image.Part{Kind: kind, Synapses: []image.Synapse{{Target: int32(l.post % n), Mantissa: int32(l.mantissa), Delay: int32(l.delay)}}})}
		}
		for pre, atoms := range axons {
			if atoms[0] != nil {
				fan[pre] = append(fan[pre], image.Axon{Core: uint32(c), Axon: uint32(pre)})
			}
		}
		m, err := image.Pack(profile, n, axons)
		if err != nil {
			t.Fatal(err)
		}
		k.Memory = *m
		img.Cores = append(img.Cores, k)
	}
	img.Inputs = []image.Input{{Name: "x", N: inputs, Fan: image.NewFanout(fan[:inputs])}}
	for c, k := range img.Cores {
		n := members / cores
		k.Fan = image.NewFanout(fan[inputs+c*n : inputs+(c+1)*n])
	}
	chip, err := chipsim.Load(img)
	if err != nil {
		t.Fatal(err)
	}
	return chip
}

func request(rows int, events ...spikes.Event) spikes.Request {
	return spikes.Request{
		Rows: rows, Inputs: map[string]spikes.Train{"x": events},
		Probes: []spikes.Probe{{Group: "g", Variable: "in"}, {Group: "g", Variable: "side"}},
	}
}

func runOn(t *testing.T, chip *chipsim.Chip, req spikes.Request) spikes.Record[int64] {
	t.Helper()
	rec, err := chip.NewSession(chipsim.Options{}).Run(context.Background(), req)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// column is what a member took in each row.
func column(rec spikes.Record[int64], key string, member int) []int64 {
	var c []int64
	m := rec.Values[key]
	for k := range m.Rows {
		c = append(c, m.At(k, member))
	}
	return c
}

// A spike of row e arrives in row e+1+delay, over each of its synapses.
func TestSpikesArrive(t *testing.T) {
	chip := newChip(t, sem.Silicon, 1,
		link{pre: 0, post: 0, mantissa: 2}, link{pre: 0, post: 0, mantissa: 4}, // a pair twice
		link{pre: 0, post: 0, mantissa: 6, delay: 3},
		link{pre: 0, post: 1, mantissa: -8, port: 1},
		link{pre: 1, post: 0, mantissa: 10, graded: true},
	)
	rec := runOn(t, chip, request(7, spikes.Event{Row: 0, Index: 0, Payload: 1}, spikes.Event{Row: 1, Index: 1, Payload: -3},
		spikes.Event{Row: 2, Index: 0, Payload: 5}, spikes.Event{Row: 9, Index: 0, Payload: 1}))
	for _, c := range []struct {
		key    string
		member int
		want   []int64
	}{
		{"g.in", 0, []int64{0, 6 * 64, -30 * 64, 6 * 64, 6 * 64, 0, 6 * 64}},
		{"g.side", 1, []int64{0, -8 * 64, 0, -8 * 64, 0, 0, 0}},
		{"g.in", 1, []int64{0, 0, 0, 0, 0, 0, 0}},
	} {
		if got := column(rec, c.key, c.member); !slices.Equal(got, c.want) {
			t.Errorf("%s of member %d: %v, want %v", c.key, c.member, got, c.want)
		}
	}
	want := spikes.Counts{SynapticEvents: 4 + 1 + 4, CompartmentUpdates: 28, Spikes: 4, InputSpikes: 3, AxonEvents: 3}
	if rec.Counts != want {
		t.Errorf("counts %+v, want %+v", rec.Counts, want)
	}
}

// Under Lava the exponent acts on the sum of one connection of one row.
func TestExponentOnTheSum(t *testing.T) {
	chip := newChip(t, sem.Lava, 1,
		link{pre: 0, post: 0, mantissa: 6, exp: -2}, link{pre: 1, post: 0, mantissa: 6, exp: -2},
		link{pre: 2, post: 0, mantissa: 6, exp: -2, connection: 1},
		link{pre: 0, post: 1, mantissa: -2, exp: -2, delay: 1}, link{pre: 0, post: 2, mantissa: 6, exp: 3},
	)
	rec := runOn(t, chip, request(4, spikes.Event{Index: 0, Payload: 1}, spikes.Event{Index: 1, Payload: 1}, spikes.Event{Index: 2, Payload: 1},
		spikes.Event{Row: 1, Index: 0, Payload: 1}))
	for member, want := range [][]int64{{0, (3 + 1) * 64, 64, 0}, {0, 0, -64, -64}, {0, 48 * 64, 48 * 64, 0}} {
		if got := column(rec, "g.in", member); !slices.Equal(got, want) {
			t.Errorf("member %d takes %v, want %v", member, got, want)
		}
	}
}

// Packets count the mesh links of the XY route; inputs pass none.
func TestMeshCounts(t *testing.T) {
	chip := newChip(t, sem.Silicon, 4, link{pre: 0, post: 0, mantissa: 2}, link{pre: inputs, post: 3, mantissa: 2}, link{pre: inputs, post: 0, mantissa: -2})
	rec := runOn(t, chip, request(3, spikes.Event{Index: 0, Payload: 1}))
	want := spikes.Counts{SynapticEvents: 3, CompartmentUpdates: 12, Spikes: 2, InputSpikes: 1, AxonEvents: 3, Hops: 9}
	if rec.Counts != want {
		t.Errorf("counts %+v, want %+v", rec.Counts, want)
	}
	train := spikes.Train{{Row: 1, Index: 0, Payload: 128}, {Row: 2, Index: 3, Payload: 128}}
	if !slices.Equal(rec.Spikes["g"], train) {
		t.Errorf("spikes %v, want %v", rec.Spikes["g"], train)
	}
}

// The busiest core of each row, by hand: core 0 takes the input in row 0, sends two packets in row 1
// and hears one of them as core 3 does; core 3 fires in row 2. Workers change nothing.
func TestBusiestCore(t *testing.T) {
	chip := newChip(t, sem.Silicon, 4, link{pre: 0, post: 0, mantissa: 2}, link{pre: inputs, post: 3, mantissa: 2}, link{pre: inputs, post: 0, mantissa: -2})
	req := request(3, spikes.Event{Index: 0, Payload: 1})
	req.Weigh = spikes.Weighing{By: []spikes.CoreWork{{SynapticEvents: 1}, {Spikes: 1}}}
	want := []spikes.CoreWork{
		{SynapticEvents: 2, CompartmentUpdates: 3, Spikes: 1, PacketsIn: 2, PacketsOut: 2},
		{SynapticEvents: 2, CompartmentUpdates: 3, Spikes: 2, PacketsIn: 2, PacketsOut: 2},
	}
	for _, workers := range []int{1, 3} {
		s := chip.NewSession(chipsim.Options{Workers: workers, ShareAll: true})
		for range 2 {
			rec, err := s.Run(t.Context(), req)
			if err != nil || !slices.Equal(rec.Busiest, want) {
				t.Errorf("%d workers: %+v (%v), want %+v", workers, rec.Busiest, err, want)
			}
		}
	}
	begun := chip.NewSession(chipsim.Options{})
	if rec, err := begun.Continue(t.Context(), req); err != nil || !slices.Equal(rec.Busiest, want) {
		t.Errorf("from the reset state: %+v (%v), want %+v", rec.Busiest, err, want)
	}
	if _, err := begun.Run(t.Context(), request(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := begun.Continue(t.Context(), req); err == nil || !strings.Contains(err.Error(), "chipsim/weigh") {
		t.Errorf("in the middle of a run on fewer cores: %v", err)
	}
	if rec := runOn(t, chip, request(3)); rec.Busiest != nil {
		t.Errorf("nobody asked for %+v", rec.Busiest)
	}
}

// A run in two parts is the run in one; Run begins anew.
func TestContinue(t *testing.T) {
	chip := newChip(t, sem.Silicon, 2, link{pre: 0, post: 0, mantissa: 2, delay: 2}, link{pre: inputs, post: 3, mantissa: 2, delay: 1}, link{pre: inputs + 3, post: 0, mantissa: 4})
	event := spikes.Event{Index: 0, Payload: 1}
	whole := runOn(t, chip, request(12, event))
	s := chip.NewSession(chipsim.Options{})
	for range 2 {
		first, err := s.Run(context.Background(), request(4, event))
		if err != nil {
			t.Fatal(err)
		}
		second, err := s.Continue(context.Background(), request(8))
		if err != nil {
			t.Fatal(err)
		}
		both := append(slices.Clone(first.Values["g.in"].Data), second.Values["g.in"].Data...)
		if d := cmp.Diff(whole.Values["g.in"].Data, both); d != "" {
			t.Error(d)
		}
		counts := first.Counts
		counts.Add(second.Counts)
		if counts != whole.Counts {
			t.Errorf("counts %+v, want %+v", counts, whole.Counts)
		}
	}
}

// A value that a later request watches for the first time is there though the
// compartments have come to rest.
func TestContinueWithAnotherProbe(t *testing.T) {
	s := newChip(t, sem.Silicon, 1, link{pre: 0, post: 0, mantissa: -2}).NewSession(chipsim.Options{})
	first := request(10, spikes.Event{Index: 0, Payload: 1})
	first.Probes = nil
	if _, err := s.Run(context.Background(), first); err != nil {
		t.Fatal(err)
	}
	req := spikes.Request{Rows: 2, Probes: []spikes.Probe{{Group: "g", Variable: "doubt"}}}
	rec, err := s.Continue(context.Background(), req)
	if err != nil {
		t.Fatal(err)
	}
	if got := column(rec, "g.doubt", 0); !slices.Equal(got, []int64{128, 128}) {
		t.Errorf("the negated total of -128 is %v", got)
	}
}

func TestSpikesOf(t *testing.T) {
	chip := newChip(t, sem.Silicon, 1)
	req := request(1)
	for _, want := range []struct {
		of []string
		n  int
	}{{nil, 1}, {[]string{}, 0}, {[]string{"g"}, 1}} {
		req.SpikesOf = want.of
		if rec := runOn(t, chip, req); len(rec.Spikes) != want.n {
			t.Errorf("SpikesOf %v records %d groups, want %d", want.of, len(rec.Spikes), want.n)
		}
	}
}

func TestBadRequests(t *testing.T) {
	chip := newChip(t, sem.Silicon, 1)
	train := func(events ...spikes.Event) func(*spikes.Request) {
		return func(r *spikes.Request) { r.Inputs = map[string]spikes.Train{"x": events} }
	}
	cases := []struct {
		code, want string
		change     func(r *spikes.Request)
	}{
		{"run/rows", "-1 rows", func(r *spikes.Request) { r.Rows = -1 }},
		{"run/rows", "rows asked for", func(r *spikes.Request) { r.Rows, r.Probes = 1<<31, nil }},
		{"run/unknown-input", `did you mean "x"?`, func(r *spikes.Request) { r.Inputs = map[string]spikes.Train{"X": nil} }},
		{"run/event-range", "has index 3", train(spikes.Event{Index: 3})},
		{"chipsim/event-order", "row 1 comes after one of row 2", train(spikes.Event{Row: 2}, spikes.Event{Row: 1})},
		{"chipsim/event-order", "row -1", train(spikes.Event{Row: -1})},
		{"run/unknown-group", `"h"`, func(r *spikes.Request) { r.SpikesOf = []string{"h"} }},
		{"run/unknown-group", `"h"`, func(r *spikes.Request) { r.Probes[0].Group = "h" }},
		{"run/unknown-variable", `did you mean "total"?`, func(r *spikes.Request) { r.Probes[0].Variable = "totl" }},
		{"run/member-range", "member 4 of 4", func(r *spikes.Request) { r.Probes[0].Members = []int32{0, 4} }},
		{"chipsim/probe-memory", "more than", func(r *spikes.Request) { r.Rows = 1 << 28 }},
	}
	for _, c := range cases {
		req := request(2)
		c.change(&req)
		_, err := chip.NewSession(chipsim.Options{}).Run(context.Background(), req)
		all := diag.All(err)
		if len(all) != 1 || all[0].Code != c.code || !strings.Contains(all[0].Error(), c.want) {
			t.Errorf("got %v, want %s with %q", err, c.code, c.want)
		}
		own := strings.HasPrefix(c.code, "chipsim/")
		if own && !slices.ContainsFunc(chipsim.Codes, func(x diag.CodeDoc) bool { return x.Code == c.code }) {
			t.Errorf("%s is not in Codes", c.code)
		}
	}
}

func TestRunStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := newChip(t, sem.Silicon, 1).NewSession(chipsim.Options{}).Run(ctx, request(10))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestLoadRefuses(t *testing.T) {
	wide := relay()
	for i := range 250 {
		wide.Fields = append(wide.Fields, sem.Field{Name: "p" + string(rune('a'+i/16)) + string(rune('a'+i%16)), Kind: sem.Port, Type: s40})
	}
	wide.Code = nil
	wide.Spike, wide.Payload, wide.Out = sem.NoRef, sem.NoRef, sem.NoRef
	wide.Next = nil
	for i := range wide.Fields {
		wide.Next = append(wide.Next, sem.Ref(i))
	}
	img := &image.Image{Programs: []sem.Program{wide}, Groups: []image.Group{{Name: "g", N: 3 * image.MaxCompartments}}}
	for c := range 3 {
		m, err := image.Pack(sem.Silicon, 1, []image.Atoms{{{{Synapses: []image.Synapse{{Delay: image.MaxDelay}}}}}})
		if err != nil {
			t.Fatal(err)
		}
		img.Cores = append(img.Cores, &image.Core{
			ID: c, Memory: *m, Runs: []image.Run{{First: c * image.MaxCompartments, N: image.MaxCompartments, Params: [][]int64{{0}}}},
			Fan: image.NewFanout(make([][]image.Axon, image.MaxCompartments)),
		})
	}
	for _, want := range []string{"chipsim/accumulators", "image/invalid"} {
		_, err := chipsim.Load(img)
		if all := diag.All(err); len(all) != 1 || all[0].Code != want {
			t.Errorf("got %v, want %s", err, want)
		}
		img.Profile = 9
	}
}
