package bench

import (
	"os"
	"slices"
	"testing"

	"decc/chipsim/validate"
)

// shared is the folder of the workloads, which is not part of the repository.
const shared = "../../../shared/bench"

func workload(t testing.TB, name string) *Workload {
	t.Helper()
	if _, err := os.Stat(shared); err != nil {
		t.Skip("the shared workloads are not here: ", err)
	}
	w, err := Read(shared, name)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestSpikesOfWorkloads: every engine sends the spikes that all simulators must.
func TestSpikesOfWorkloads(t *testing.T) {
	for _, name := range Names() {
		w := workload(t, name)
		for _, engine := range validate.EngineNames() {
			factory, err := validate.Prepare(t.Context(), engine, w.Module)
			if err != nil {
				t.Fatal(err)
			}
			req := w.Request()
			req.SpikesOf = w.Layers[1:]
			rec, err := factory().Run(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			got := []int64{rec.Counts.InputSpikes}
			for _, group := range w.Layers[1:] {
				got = append(got, int64(len(rec.Spikes[group])))
			}
			if !slices.Equal(got, w.Want) {
				t.Errorf("%s on %s: spikes %v, expected %v", name, engine, got, w.Want)
			}
			t.Log(name, engine, rec.Counts)
		}
	}
}

// BenchmarkWorkloads runs a workload an iteration.
func BenchmarkWorkloads(b *testing.B) {
	for _, name := range Names() {
		b.Run(name, func(b *testing.B) {
			w := workload(b, name)
			factory, err := validate.Prepare(b.Context(), "chip", w.Module)
			if err != nil {
				b.Fatal(err)
			}
			engine, events := factory(), int64(0)
			for b.Loop() {
				rec, err := engine.Run(b.Context(), w.Request())
				if err != nil {
					b.Fatal(err)
				}
				events += rec.Counts.SynapticEvents
			}
			seconds := b.Elapsed().Seconds()
			b.ReportMetric(float64(w.Rows*b.N)/seconds, "steps/s")
			b.ReportMetric(seconds*1e9/float64(events), "ns/event")
		})
	}
}
