package bench

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"decc/backends/llvm"
	"decc/chipsim/validate"
)

func workload(t testing.TB, name string) *Workload {
	t.Helper()
	shared := os.Getenv("DECC_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	folder := filepath.Join(shared, "bench")
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("the shared workloads, which are not part of the repository, are not here (DECC_SHARED names the folder above): %v", err)
	}
	w, err := Read(folder, name)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// engines are those that run on this machine: native ones need a compiler of LLVM.
func engines(t testing.TB) []string {
	t.Helper()
	return slices.DeleteFunc(validate.EngineNames(), func(name string) bool {
		err := llvm.Available()
		if name != "native" || err == nil {
			return false
		}
		t.Logf("engine native is left out: %v", err)
		return true
	})
}

// TestSpikesOfWorkloads: every engine sends the spikes that all simulators must.
func TestSpikesOfWorkloads(t *testing.T) {
	for _, name := range Names() {
		w := workload(t, name)
		for _, engine := range engines(t) {
			r, err := w.load(t.Context(), engine, 1)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.check(t.Context(), r); err != nil {
				t.Error(err)
			}
			if !r.result.Known {
				t.Errorf("nobody knows the spikes of %s", name)
			}
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

// TestGenerated: without the folder the same shapes run, on every engine with the same spikes.
func TestGenerated(t *testing.T) {
	w, err := Generate("W2")
	if err != nil {
		t.Fatal(err)
	}
	list, err := Measure(t.Context(), w, Options{Engines: engines(t), Threads: 2, Rounds: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		if !slices.Equal(r.Spikes, list[0].Spikes) || r.Events != list[0].Events || r.Known || r.StepRate <= 0 || r.NsPerEvent <= 0 {
			t.Errorf("%+v beside %+v", r, list[0])
		}
		if slices.Min(r.Spikes) == 0 {
			t.Errorf("%s is silent: %v", r.Workload, r.Spikes)
		}
	}
}

// TestWrongFiles: a file that is cut off, a source that is not there, and spikes that are not the known ones are told.
func TestWrongFiles(t *testing.T) {
	folder := t.TempDir()
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	reads := func(want string) {
		t.Helper()
		if _, err := Read(folder, "W1"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("found %v, want %q", err, want)
		}
	}
	reads("w1_events_t_i.u32")
	write("w1_events_t_i.u32", make([]byte, 12))
	reads("12 bytes, expected pairs of 4")
	write("w1_events_t_i.u32", []byte{0, 0, 0, 0, 0, 4, 0, 0})
	reads("at byte 0: source 1024 in row 0, there are 1024 sources and 1000 rows")
	write("w1_events_t_i.u32", make([]byte, 8))
	write("w1_w0_1024x1024_post_major.i8", make([]byte, 100))
	reads("100 bytes, expected 1048576")
	write("w1_w0_1024x1024_post_major.i8", make([]byte, 1<<20))
	w, err := Read(folder, "W1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Measure(t.Context(), w, Options{Engines: []string{"chip"}, Threads: 1, Rounds: 1}); err == nil || !strings.Contains(err.Error(), "sends [1 0] spikes by layer, known are [20507 72996]") {
		t.Errorf("found %v", err)
	}
}
