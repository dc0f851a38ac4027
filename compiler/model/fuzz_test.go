package model

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"decc/compiler/model/weights"
	"decc/ir/diag"
)

// seeds are the shipped models, the erroneous ones and those of the tests.
func seeds(f *testing.F) [][]byte {
	f.Helper()
	out := [][]byte{[]byte(small), []byte(fixed), []byte("a: &a\n  <<: *a\n"), []byte("\xff\xfea\x00")}
	models, _ := filepath.Glob(shipped("models", "*.yaml"))
	for _, path := range models {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		out = append(out, text)
	}
	errors, _ := filepath.Glob(shipped("model_errors", "*.txtar"))
	for _, path := range errors {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		out = append(out, archive.Files[0].Data)
	}
	return out
}

// FuzzParse holds that any text gives a model or diagnostics with codes, twice the
// same, and that a model resolves to sizes that fit one another.
func FuzzParse(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	w, err := weights.Decode("w.txt", []byte("1 2 3\n4 5 6\n"), weights.DefaultLimits())
	if err != nil {
		f.Fatal(err)
	}
	files := memory(nil, map[string]string{"w.csv": "0,1\n"})
	files.Tensors = func(string) (*weights.File, error) { return w, nil }
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := Parse("m.yaml", text)
		_, again := Parse("m.yaml", text)
		if (err == nil) != (again == nil) || err != nil && err.Error() != again.Error() {
			t.Fatalf("first %v, then %v", err, again)
		}
		if err != nil {
			fuzzCodes(t, err)
			return
		}
		if err := m.Resolve(files); err != nil {
			fuzzCodes(t, err)
			return
		}
		fuzzSizes(t, m)
	})
}

func fuzzCodes(t *testing.T, err error) {
	t.Helper()
	if len(diag.All(err)) == 0 {
		t.Fatalf("%v is no diagnostic", err)
	}
	knownCodes(t, err)
}

func fuzzSizes(t *testing.T, m *Model) {
	t.Helper()
	if m.Fixed == nil {
		return
	}
	for _, s := range m.Fixed.Synapses {
		if s.Ends != nil && len(s.Ends) != len(s.Mantissas) || len(s.Delays) != 1 && len(s.Delays) != len(s.Mantissas) {
			t.Fatalf("%s: %d mantissas, %d ends, %d delays", s.Name, len(s.Mantissas), len(s.Ends), len(s.Delays))
		}
	}
	for _, g := range m.Fixed.Groups {
		for _, p := range g.Params {
			if n := len(p.Values.Data); n != 1 && n != g.Size {
				t.Fatalf("%s.%s: %d values for %d", g.Name, p.Name, n, g.Size)
			}
		}
	}
}

// FuzzImportParams holds that any parameter file gives a sound model or diagnostics.
func FuzzImportParams(f *testing.F) {
	f.Add([]byte(params))
	f.Add([]byte("alpha: [0.97, 1e400]\nstride: 0\npool_size: []\nNhid:\n"))
	f.Add([]byte("input_shape: [1, 32768, 32768]\nkernel_size: [3, 3]\nstride: [-1]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		im, err := importNetwork(ImportOptions{Checkpoint: "c.pth", Params: "p.yml", Set: "mnist"}, convNetwork(t), text)
		if err != nil {
			fuzzCodes(t, err)
		} else if _, err := Parse("m.yaml", im.YAML); err != nil {
			t.Fatalf("%v\n%s", err, im.YAML)
		}
	})
}

func FuzzRaster(f *testing.F) {
	f.Add([]byte("# c\n1,2\n0,0\n"), 0, 2)
	f.Add([]byte("\"1\n\",2\n"), 1, 2)
	f.Fuzz(func(t *testing.T, text []byte, first, end int) {
		if first < 0 || end <= first || end > 1<<20 {
			return
		}
		train, err := readRaster("r.csv", text, Span{first, end}, end-first)
		if err != nil {
			fuzzCodes(t, err)
		} else if err := train.Check(len(text)+1, end-first); err != nil {
			t.Fatal(err)
		}
	})
}
