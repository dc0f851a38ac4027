package chipimage_test

import (
	"strings"
	"testing"

	"decc/chipsim"
	"decc/ir"
	"decc/ir/interp"
	"decc/ir/irgen"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// learner is what both engines are.
type learner interface {
	Learned(synapse string, t sem.Target) []int64
	SetLearned(synapse string, t sem.Target, values []int64) error
}

// learned adds what was learned to a record, so that it is compared with the rest.
func learned(m *ir.Module, from learner, rec spikes.Record[int64]) spikes.Record[int64] {
	values := map[string]spikes.Matrix[int64]{}
	for key, v := range rec.Values {
		values[key] = v
	}
	for _, s := range m.Synapses {
		if s.Rule == "" {
			continue
		}
		for t := range sem.Target(len(sem.Targets)) {
			data := from.Learned(s.Name, t)
			values["learned "+t.String()+" of @"+s.Name] = spikes.Matrix[int64]{Rows: 1, N: len(data), Data: data}
		}
	}
	rec.Values = values
	return rec
}

// twoLessons runs a case twice: what the first run learned is there in the second.
func twoLessons(t *testing.T, run func(spikes.Request) (spikes.Record[int64], error), of learner, c irgen.Case, blind bool) [2]spikes.Record[int64] {
	t.Helper()
	var out [2]spikes.Record[int64]
	for i := range out {
		req := c.Request()
		req.Presentation += uint64(i)
		if blind {
			req.Probes = nil
		}
		rec, err := run(req)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = learned(c.Module, of, rec)
	}
	return out
}

// The simulator learns what the interpreter learns: all spikes, values, weights, tags and
// delays, after random rules on random modules, whatever the mapping, the placement and the
// number of workers.
func TestChipLearnsAsTheInterpreter(t *testing.T) {
	rows, changed, refused, hosted := 0, 0, 0, 0
	for seed := uint64(0); rows < rowsWanted()/5; seed++ {
		c := irgen.RandomCase(seed, 60+int(seed%8)*10, irgen.Options{Loihi2: true, Plastic: true, Builtin: seed%4 == 0})
		rows += 2 * c.Rows
		if c.Request().Host != nil {
			hosted++
		}
		machine := interp.New[int64](c.Module)
		before := learned(c.Module, machine, spikes.Record[int64]{})
		want := twoLessons(t, func(r spikes.Request) (spikes.Record[int64], error) { return machine.Run(t.Context(), r) }, machine, c, false)
		if irgen.Difference(before, learned(c.Module, machine, spikes.Record[int64]{})) != "" {
			changed++
		}
		for _, w := range ways {
			onto, err := w.compiled(t, c.Module)
			if err != nil {
				refused++
				break
			}
			for _, workers := range w.workers {
				session := onto.NewSession(chipsim.Options{Workers: workers, ShareAll: true})
				got := twoLessons(t, func(r spikes.Request) (spikes.Record[int64], error) { return session.Run(t.Context(), r) }, session, c, w.blind)
				for i := range got {
					expected := want[i]
					if w.blind {
						expected.Values = onlyLearned(expected.Values)
					}
					if d := irgen.Difference(expected, got[i]); d != "" {
						t.Fatalf("seed %d, %s, %d workers, lesson %d: %s", seed, w.name, workers, i, d)
					}
				}
			}
		}
	}
	t.Logf("%d random rows; %d modules learned, %d beside a host, %d were refused by the passes", rows, changed, hosted, refused)
	if changed == 0 || hosted == 0 {
		t.Error("no module learned anything, or none beside a host")
	}
}

func onlyLearned(values map[string]spikes.Matrix[int64]) map[string]spikes.Matrix[int64] {
	out := map[string]spikes.Matrix[int64]{}
	for key, v := range values {
		if strings.HasPrefix(key, "learned ") {
			out[key] = v
		}
	}
	return out
}
