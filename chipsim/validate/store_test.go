package validate

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"decc/compiler/decolle"
	"decc/ir"
	"decc/ir/diag"
	"decc/ir/spikes"
)

var testKey = StoreKey{
	ModuleDigest: strings.Repeat("a1", 32), FloatDigest: strings.Repeat("b2", 32), Engine: "chip", Encoder: "poisson:seed=1",
	DataDigest: strings.Repeat("c3", 32), Steps: 100, BurnIn: 30, Real: true, Layers: 2,
}

// testOutcome has another value in every field of every digit.
func testOutcome(d int) Outcome {
	return Outcome{
		Digit: d, Label: d % 10, Float: []int{d % 10, 1}, Real: []int{2, d % 10}, Chip: []int{(d + 1) % 10, d % 3},
		SpikesFloat: []int{100 + d, 200 + d}, SpikesChip: []int{101 + d, 203 + d},
		Parts: []Part{{Step: -1, Neuron: -1}, {Step: d % 100, Neuron: 7}}, Wrong: []int{0, 3 + d},
		Counts: spikes.Counts{SynapticEvents: int64(d) << 40, CompartmentUpdates: 2, Spikes: 3, InputSpikes: 4, AxonEvents: 5, Hops: 6},
	}
}

func wantDiag(t *testing.T, err error, code, place string) *diag.Diagnostic {
	t.Helper()
	all := diag.All(err)
	if len(all) != 1 || all[0].Code != code || all[0].Pos.String() != place || all[0].Fix == "" {
		t.Fatalf("found %v, expected one %s at %s with a fix", err, code, place)
	}
	return all[0]
}

func openStore(t *testing.T, path string) (*Store[Outcome], map[int]Outcome) {
	t.Helper()
	s, done, err := OpenStore[Outcome](path, testKey)
	if err != nil {
		t.Fatal(err)
	}
	return s, done
}

func closeStore(t *testing.T, s *Store[Outcome]) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func appendDigits(t *testing.T, s *Store[Outcome], digits ...int) {
	t.Helper()
	for _, d := range digits {
		if err := s.Append(testOutcome(d)); err != nil {
			t.Fatal(err)
		}
	}
}

func wantDone(t *testing.T, done map[int]Outcome, digits ...int) {
	t.Helper()
	want := map[int]Outcome{}
	for _, d := range digits {
		want[d] = testOutcome(d)
	}
	if !reflect.DeepEqual(done, want) {
		t.Fatalf("found outcomes %v, expected %v", done, want)
	}
}

// TestStoreResumes interrupts twice: the second run adds to the first.
func TestStoreResumes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.outcomes")
	s, done := openStore(t, path)
	wantDone(t, done)
	appendDigits(t, s, 4, 0, 2)
	closeStore(t, s)
	s, done = openStore(t, path)
	wantDone(t, done, 0, 2, 4)
	appendDigits(t, s, 1)
	closeStore(t, s)
	s, done = openStore(t, path)
	wantDone(t, done, 0, 1, 2, 4)
	closeStore(t, s)
}

// TestStoreFlushes looks at the file of a run that is killed: at most the last
// outcomes are missing.
func TestStoreFlushes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.outcomes")
	s, _ := openStore(t, path)
	for d := range 3*flushEvery - 1 {
		appendDigits(t, s, d)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := bytes.Count(data, []byte("\n")), 1+2*flushEvery; got != want {
		t.Errorf("found %d lines before the end, expected %d", got, want)
	}
	closeStore(t, s)
}

// storeText is the file with the given digits.
func storeText(t testing.TB, digits ...int) []byte {
	t.Helper()
	text, err := headerLine(testKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range digits {
		line, err := jsonLine(testOutcome(d))
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, line...)
	}
	return text
}

func writeTest(t *testing.T, text []byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "run.outcomes")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestStoreTorn cuts a file at every byte: whole lines stay, and what is appended
// afterwards makes a file as if nothing had happened.
func TestStoreTorn(t *testing.T) {
	text := storeText(t, 5, 6)
	header, first := len(storeText(t)), len(storeText(t, 5))
	for n := range len(text) + 1 {
		path := writeTest(t, text[:n])
		s, done := openStore(t, path)
		switch {
		case n < first:
			wantDone(t, done)
			appendDigits(t, s, 5, 6)
		case n < len(text):
			wantDone(t, done, 5)
			appendDigits(t, s, 6)
		default:
			wantDone(t, done, 5, 6)
		}
		closeStore(t, s)
		if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, text) {
			t.Fatalf("cut at byte %d of %d (header %d): found %q, %v", n, len(text), header, again, err)
		}
	}
}

// TestStoreKeys changes one field of the key at a time; the file stays as it was.
func TestStoreKeys(t *testing.T) {
	changes := map[string]func(*StoreKey){
		"module digest is dddddddddddd, was a1a1a1a1a1a1": func(k *StoreKey) { k.ModuleDigest = strings.Repeat("d", 64) },
		"float digest is dddddddddddd, was b2b2b2b2b2b2":  func(k *StoreKey) { k.FloatDigest = strings.Repeat("d", 64) },
		"engine is interp, was chip":                      func(k *StoreKey) { k.Engine = "interp" },
		"encoder is constant, was poisson:seed=1":         func(k *StoreKey) { k.Encoder = "constant" },
		"data digest is dddddddddddd, was c3c3c3c3c3c3":   func(k *StoreKey) { k.DataDigest = strings.Repeat("d", 64) },
		"steps is 50, was 100":                            func(k *StoreKey) { k.Steps = 50 },
		"burn in is 0, was 30":                            func(k *StoreKey) { k.BurnIn = 0 },
		"real is false, was true":                         func(k *StoreKey) { k.Real = false },
		"layers is 3, was 2":                              func(k *StoreKey) { k.Layers = 3 },
		"weigh is [{1 2}], was ":                          func(k *StoreKey) { k.Weigh = "[{1 2}]" },
	}
	if n := reflect.TypeFor[StoreKey]().NumField(); n != len(changes) {
		t.Errorf("%d fields of the key, %d are tried", n, len(changes))
	}
	text := append(storeText(t, 1), "torn"...)
	for says, change := range changes {
		path, key := writeTest(t, text), testKey
		change(&key)
		_, _, err := OpenStore[Outcome](path, key)
		if d := wantDiag(t, err, "store/key", path+":1:1"); !strings.HasSuffix(d.Message, ": "+says) {
			t.Errorf("found %q, expected %q in it", d.Message, says)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, text) {
			t.Errorf("%s: the file was changed", says)
		}
	}
}

func TestStoreFaults(t *testing.T) {
	line := func(change func(*Outcome)) string {
		o := testOutcome(9)
		change(&o)
		text, err := jsonLine(o)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	same := func(*Outcome) {}
	good := string(storeText(t, 1))
	tests := []struct {
		name, text, code string
		line             int
	}{
		{"a model", "decc: 1\nname: x\n", "store/line", 1},
		{"a word", "outcomes", "store/line", 1},
		{"another JSON", "{}\n", "store/line", 1},
		{"another version", strings.Replace(good, "outcomes/1", "outcomes/2", 1), "store/key", 1},
		{"a hole", good + "\x00\x00\x00\n" + line(same), "store/line", 3},
		{"an empty line", good + "\n", "store/line", 3},
		{"a lost end", good + line(same)[:40] + line(same), "store/line", 3},
		{"two on a line", good + strings.TrimSpace(line(same)) + line(same), "store/line", 3},
		{"an unknown field", good + `{"digit":2,"took":3}` + "\n", "store/line", 3},
		{"missing fields", good + strings.Replace(line(same), `"label":9,`, "", 1), "store/line", 3},
		{"a negative digit", good + line(func(o *Outcome) { o.Digit = -1 }), "store/line", 3},
		{"a digit out of bounds", good + line(func(o *Outcome) { o.Digit = maxStoreDigits }), "store/line", 3},
		{"a layer too few", good + line(func(o *Outcome) { o.Chip = o.Chip[:1] }), "store/line", 3},
		{"no parts", good + line(func(o *Outcome) { o.Parts = nil }), "store/line", 3},
		{"no real run", good + line(func(o *Outcome) { o.Real = nil }), "store/line", 3},
		{"a contradiction", good + line(func(o *Outcome) { o.Digit = 1 }), "store/line", 3},
		{"an endless line", good + strings.Repeat("1", maxStoreLine), "store/size", 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := writeTest(t, []byte(test.text))
			_, _, err := OpenStore[Outcome](path, testKey)
			wantDiag(t, err, test.code, fmt.Sprintf("%s:%d:1", path, test.line))
			if after, err := os.ReadFile(path); err != nil || string(after) != test.text {
				t.Error("the file was changed")
			}
		})
	}
}

// TestStoreRepeats: two runs on one file leave equal lines, which do no harm.
func TestStoreRepeats(t *testing.T) {
	s, done := openStore(t, writeTest(t, storeText(t, 1, 2, 1)))
	wantDone(t, done, 1, 2)
	closeStore(t, s)
}

func TestStoreOpenFaults(t *testing.T) {
	dir := t.TempDir()
	_, _, err := OpenStore[Outcome](dir, testKey)
	wantDiag(t, err, "store/open", dir)
	path := filepath.Join(dir, "absent", "run.outcomes")
	_, _, err = OpenStore[Outcome](path, testKey)
	wantDiag(t, err, "store/open", path)
}

func TestStoreWriteFaults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.outcomes")
	s, _ := openStore(t, path)
	long := testOutcome(1)
	long.Float = make([]int, maxStoreLine)
	wantDiag(t, s.Append(long), "store/size", path)
	appendDigits(t, s, 1)
	s.file.Close()
	wantDiag(t, s.Close(), "store/write", path)
}

// TestStoreLineBound goes up to the bound of a line, which Append keeps too, and over it.
func TestStoreLineBound(t *testing.T) {
	key := testKey
	key.Layers, key.Real = 0, false
	for _, over := range []int{-1, 0, 1} {
		text := bytes.Repeat([]byte("x"), maxStoreLine+over)
		text[len(text)-1] = '\n'
		header, err := headerLine(key)
		if err != nil {
			t.Fatal(err)
		}
		_, err = readStore[Outcome](bytes.NewReader(append(header, text...)), "x", key)
		want := "store/line"
		if over > 0 {
			want = "store/size"
		}
		wantDiag(t, err, want, "x:2:1")
	}
}

// testJob has a module of two layers and outcomes of its own.
func testJob(outcomes []Outcome) Job {
	return Job{
		Module: &ir.Module{Name: "net", Chip: "loihi2", Layers: []*ir.Layer{{Name: "h1"}, {Name: "h2"}}},
		Digits: len(outcomes),
	}
}

// TestStoreKeepsReport takes outcomes through a file: the report, the seconds apart,
// is the same.
func TestStoreKeepsReport(t *testing.T) {
	var outcomes []Outcome
	path := filepath.Join(t.TempDir(), "run.outcomes")
	s, _ := openStore(t, path)
	for d := range 40 {
		o := testOutcome(d)
		o.took[phaseChip] = 1e9
		outcomes = append(outcomes, o)
		if err := s.Append(o); err != nil {
			t.Fatal(err)
		}
	}
	closeStore(t, s)
	s, done := openStore(t, path)
	defer closeStore(t, s)
	kept := make([]Outcome, len(outcomes))
	for d, o := range done {
		kept[d] = o
	}
	job := testJob(outcomes)
	want, got := job.sum(outcomes), job.sum(kept)
	if want.Seconds["chip"] != 40 || got.Seconds["chip"] != 0 {
		t.Errorf("found seconds %v and %v", want.Seconds, got.Seconds)
	}
	want.Seconds, got.Seconds = nil, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("found %+v, expected %+v", got, want)
	}
	if want.First == nil || want.Counts.SynapticEvents == 0 || want.Layers[1].AccuracyReal == 0 {
		t.Errorf("the report is too poor to compare: %+v", want)
	}
}

// TestFloatDigest changes one number at a time by its last bit.
func TestFloatDigest(t *testing.T) {
	spec := decolle.Spec{
		Input: decolle.Shape{C: 1, H: 1, W: 3}, Classes: 2, Alpha: 0.9, Beta: 0.8,
		Layers: []decolle.LayerSpec{{Kind: decolle.Dense, Out: 2}},
	}
	digest := func(change func(*decolle.Spec, *decolle.Parameters)) string {
		t.Helper()
		s := spec
		p := decolle.Parameters{W: make([]float64, 6), B: make([]float64, 2), G: make([]float64, 4), GB: make([]float64, 2)}
		change(&s, &p)
		n, err := decolle.New[float64](s)
		if err != nil {
			t.Fatal(err)
		}
		if err := n.SetParameters(0, p); err != nil {
			t.Fatal(err)
		}
		return DecolleReference(n).Digest()
	}
	changes := []func(*decolle.Spec, *decolle.Parameters){
		func(*decolle.Spec, *decolle.Parameters) {},
		func(s *decolle.Spec, _ *decolle.Parameters) { s.Alpha = 0.91 },
		func(_ *decolle.Spec, p *decolle.Parameters) { p.W[5] = 5e-324 },
		func(_ *decolle.Spec, p *decolle.Parameters) { p.B[1] = 1 },
		func(_ *decolle.Spec, p *decolle.Parameters) { p.G[3] = 1 },
		func(_ *decolle.Spec, p *decolle.Parameters) { p.GB[0] = 1 },
	}
	seen := map[string]bool{}
	for _, c := range changes {
		d := digest(c)
		if d != digest(c) {
			t.Error("the digest changes from call to call")
		}
		seen[d] = true
	}
	if len(seen) != len(changes) {
		t.Errorf("%d networks have %d digests", len(changes), len(seen))
	}
}

func FuzzReadStore(f *testing.F) {
	text := storeText(f, 1, 2)
	f.Add(text)
	f.Add(text[:len(text)-9])
	f.Add(storeText(f, 1, 1))
	f.Add(bytes.Replace(text, []byte(`"digit":1`), []byte(`"digit":-1`), 1))
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := readStore[Outcome](bytes.NewReader(data), "x", testKey)
		if err != nil {
			if len(diag.All(err)) != 1 {
				t.Fatalf("not a diagnostic: %v", err)
			}
			return
		}
		if c.whole > int64(len(data)) {
			t.Fatalf("%d bytes of whole lines in %d", c.whole, len(data))
		}
		again, err := readStore[Outcome](bytes.NewReader(data[:c.whole]), "x", testKey)
		if err != nil || again.whole != c.whole || !maps.EqualFunc(again.done, c.done, func(a, b Outcome) bool { return reflect.DeepEqual(a, b) }) {
			t.Fatalf("without the torn line: %v, %v, expected %v", again, err, c)
		}
		outcomes := make([]Outcome, 0, len(c.done))
		for _, o := range c.done {
			outcomes = append(outcomes, o)
		}
		testJob(outcomes).sum(outcomes)
	})
}
