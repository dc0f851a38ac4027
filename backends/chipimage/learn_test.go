package chipimage_test

import (
	"context"
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

// Counted by hand: x1 of source 0 is there from row 0 on, that of source 1 from row 4; target 1
// fires in row 2, both in row 4. So one synapse learns in row 2, four in row 4, and none in a run
// that does not learn.
func TestLearningUpdatesByHand(t *testing.T) {
	m, err := ir.Parse(`module @tiny {
  neuron @relay { port drive:s40 plastic:s40 spike gt(drive, 0) }
  input @pre x 2
  input @teacher x 2
  group @post : @relay x 2
  rule @r {
    x1 impulse(16) decay(0)
    dw "x1*y0"
  }
  synapse @t : @teacher -> @post.drive dense s8[2x2]{2, 0, 0, 2}
  synapse @w : @pre -> @post.plastic dense s8[2x2]{2, 2, 2, 2} learn(@r)
}`, "tiny.dcir")
	if err == nil {
		err = ir.Verify(m)
	}
	if err != nil {
		t.Fatal(err)
	}
	chip, err := load(t, mapped(m, 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	session, machine := chip.NewSession(chipsim.Options{}), interp.New[int64](m)
	every := chip.NewSession(chipsim.Options{})
	every.Replay(func(synapse string) sem.Thresholds { return sem.NewDrawn(0, synapse) })
	for want, req := range map[int64]spikes.Request{0: {Rows: 6}, 5: {Rows: 6, Learn: true}} {
		req.Inputs = map[string]spikes.Train{
			"pre":     {{Row: 0, Index: 0, Payload: 1}, {Row: 4, Index: 1, Payload: 1}},
			"teacher": {{Row: 1, Index: 1, Payload: 1}, {Row: 3, Index: 0, Payload: 1}, {Row: 3, Index: 1, Payload: 1}},
		}
		for name, run := range map[string]func(context.Context, spikes.Request) (spikes.Record[int64], error){
			"interpreter": machine.Run, "chip": session.Run, "chip, every synapse": every.Run,
		} {
			rec, err := run(t.Context(), req)
			if err != nil || rec.Counts.LearningUpdates != want {
				t.Errorf("%s: %d updates (%v), want %d", name, rec.Counts.LearningUpdates, err, want)
			}
		}
	}
}
