package irgen_test

import (
	"testing"

	"decc/ir"
	"decc/ir/irgen"
	"decc/ir/sem"
	"decc/ir/spikes"
)

func naive(c irgen.Case) spikes.Record[int64] { return irgen.Naive(c.Module, c.Inputs, c.Rows) }

// size counts what a reader of a case has to look at.
func size(c irgen.Case) (groups, members, contacts, events int) {
	for _, g := range c.Module.Groups {
		members += g.N
	}
	for _, s := range c.Module.Synapses {
		s.Each(func(int, int, int64, int) { contacts++ })
	}
	for _, t := range c.Inputs {
		events += len(t)
	}
	return len(c.Module.Groups), members, contacts, events
}

// A planted fault that needs one input event, one delayed synapse and one
// compartment is cut down to just these.
func TestShrinkFindsTheCore(t *testing.T) {
	delayedDelivery := func(c irgen.Case) bool {
		for _, s := range c.Module.Synapses {
			if c.Module.InputByName(s.Pre) == nil {
				continue
			}
			found := false
			s.Each(func(pre, _ int, m int64, delay int) {
				for _, e := range c.Inputs[s.Pre] {
					found = found || m != 0 && delay > 0 && int(e.Index) == pre && int(e.Row)+1+delay < c.Rows
				}
			})
			if found {
				return true
			}
		}
		return false
	}
	tried := 0
	for seed := range uint64(40) {
		c := irgen.RandomCase(seed, 30, irgen.Options{})
		if !delayedDelivery(c) {
			continue
		}
		tried++
		before := c.Text()
		small := irgen.Shrink(c, delayedDelivery)
		if c.Text() != before {
			t.Fatalf("seed %d: Shrink changed its argument", seed)
		}
		if !delayedDelivery(small) || ir.Verify(small.Module) != nil {
			t.Fatalf("seed %d: the result does not fail or is not valid", seed)
		}
		if groups, members, contacts, events := size(small); groups != 1 || members != 1 || contacts != 1 || events != 1 {
			t.Errorf("seed %d: %d groups, %d members, %d contacts, %d events left\n%s", seed, groups, members, contacts, events, small.Text())
		}
		if small.Rows != 3 || small.Module.Synapses[0].Delay.At(0) != 1 {
			t.Errorf("seed %d: %d rows left\n%s", seed, small.Rows, small.Text())
		}
		if again := irgen.Shrink(c, delayedDelivery); again.Text() != small.Text() {
			t.Errorf("seed %d: two runs give two results", seed)
		}
	}
	if tried < 3 {
		t.Errorf("only %d of the modules have the fault", tried)
	}
}

// Programs are cut too: a fault that needs one operation leaves little else.
func TestShrinkCutsPrograms(t *testing.T) {
	has := func(c irgen.Case) bool {
		for _, p := range c.Module.Programs {
			live := p.Live()
			for i, code := range p.Code {
				if code.Op == sem.OpMul && live[len(p.Fields)+i] {
					return true
				}
			}
		}
		return false
	}
	tried := 0
	for seed := range uint64(8) {
		c := irgen.RandomCase(seed, 5, irgen.Options{})
		if !has(c) {
			continue
		}
		tried++
		small := irgen.Shrink(c, has)
		p := small.Module.Programs[0]
		if len(small.Module.Programs) != 1 || len(p.Fields) > 1 || len(p.Code) > 7 {
			t.Errorf("seed %d:\n%s", seed, small.Text())
		}
	}
	if tried < 2 {
		t.Errorf("only %d of the modules multiply", tried)
	}
}

// A case that does not fail comes back as it is.
func TestShrinkOfNothing(t *testing.T) {
	c := irgen.RandomCase(1, 5, irgen.Options{})
	if got := irgen.Shrink(c, func(irgen.Case) bool { return false }); got.Text() != c.Text() {
		t.Error("a case that does not fail was changed")
	}
}

func TestDifference(t *testing.T) {
	record := func() spikes.Record[int64] {
		return spikes.Record[int64]{
			Spikes: map[string]spikes.Train{"g": {{Row: 1, Index: 2, Payload: 1}}},
			Values: map[string]spikes.Matrix[int64]{"g.v": {Rows: 2, N: 1, Data: []int64{3, 4}}},
			Counts: spikes.Counts{Spikes: 1},
		}
	}
	if d := irgen.Difference(record(), record()); d != "" {
		t.Errorf("equal records differ: %s", d)
	}
	for name, change := range map[string]func(r *spikes.Record[int64]){
		"spike moved":      func(r *spikes.Record[int64]) { r.Spikes["g"][0].Row = 0 },
		"spike missing":    func(r *spikes.Record[int64]) { r.Spikes["g"] = nil },
		"spike too many":   func(r *spikes.Record[int64]) { r.Spikes["g"] = append(r.Spikes["g"], spikes.Event{Row: 9}) },
		"spikes elsewhere": func(r *spikes.Record[int64]) { r.Spikes["h"] = spikes.Train{{Row: 1}} },
		"payload":          func(r *spikes.Record[int64]) { r.Spikes["g"][0].Payload = 2 },
		"value":            func(r *spikes.Record[int64]) { r.Values["g.v"].Data[1]++ },
		"value missing":    func(r *spikes.Record[int64]) { delete(r.Values, "g.v") },
		"count":            func(r *spikes.Record[int64]) { r.Counts.SynapticEvents++ },
	} {
		changed := record()
		change(&changed)
		if irgen.Difference(record(), changed) == "" || irgen.Difference(changed, record()) == "" {
			t.Errorf("%s: no difference found", name)
		}
	}
	cores := record()
	cores.Counts.AxonEvents, cores.Counts.Hops = 5, 6
	if d := irgen.Difference(record(), cores); d != "" {
		t.Errorf("counts of cores are no difference of meaning: %s", d)
	}
}
