package validate

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"decc/ir/diag"
	"decc/ir/spikes"
)

func testReport() *Report {
	return &Report{
		Model: "net", Target: "loihi2", Engine: "chip", Digits: 1000, Seed: 7, WeightBits: 8,
		ModuleDigest: strings.Repeat("a1", 32), ImageDigest: strings.Repeat("b2", 32),
		Layers: []LayerResult{
			{Name: "h1", AccuracyFloat: 0.971, AccuracyReal: 0.97, AccuracyChip: 0.968, Agreement: 0.99, SpikesFloat: 200000, SpikesChip: 210000, SpikeErrors: 12},
			{Name: "h2", AccuracyFloat: 0.98, AccuracyReal: 0.979, AccuracyChip: 0.978, Agreement: 0.995, SpikesFloat: 1000, SpikesChip: 1000, SpikeErrors: 10, First: &Divergence{"h2", 3, 14, 15}},
		},
		First:     &Divergence{"h2", 3, 14, 15},
		Counts:    spikes.Counts{SynapticEvents: 1 << 40, CompartmentUpdates: 1 << 30, Spikes: 2000, InputSpikes: 400, AxonEvents: 300, Hops: 0},
		Resources: []Resource{{Name: "in_axons", Used: 800, Limit: 4096, Total: 1000}},
		Seconds:   map[string]float64{"chip": 12.5},
	}
}

func writeTestBaseline(t testing.TB, r *Report, b Bands) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := WriteBaseline(&buf, r, b); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func testBaseline(t testing.TB) *Baseline {
	t.Helper()
	b, err := ParseBaseline("base.json", writeTestBaseline(t, testReport(), DefaultBands))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestBaselineRoundTrip: everything but the seconds comes back, and the bytes depend on
// nothing else.
func TestBaselineRoundTrip(t *testing.T) {
	bands := Bands{Accuracy: 0.002, Counts: 0.01, Strict: true}
	text := writeTestBaseline(t, testReport(), bands)
	b, err := ParseBaseline("base.json", text)
	if err != nil {
		t.Fatal(err)
	}
	want := testReport()
	want.Seconds = nil
	if b.Bands != bands || !reflect.DeepEqual(b.Report, want) {
		t.Errorf("found %+v, %+v", b.Bands, b.Report)
	}
	slow := testReport()
	slow.Seconds["chip"] = 99
	if !bytes.Equal(writeTestBaseline(t, slow, bands), text) || bytes.Contains(text, []byte("seconds")) {
		t.Error("the time enters the baseline")
	}
	if !bytes.HasPrefix(text, []byte("{\n  \"format\": \"decc-baseline/1\",\n  \"bands\": {\n    \"accuracy\": 0.002,\n")) {
		t.Errorf("found %.120s", text)
	}
	if testReport().Seconds["chip"] != 12.5 {
		t.Error("writing changed the report")
	}
}

// TestCompareBands moves one measure at a time to the edge of its band and over it,
// in both directions.
func TestCompareBands(t *testing.T) {
	type change func(*Report)
	tests := []struct {
		name       string
		in, out    change // still allowed, and no more; nil where there is no such change
		strictOnly bool   // out matters under Strict only
	}{
		{name: "model", out: func(r *Report) { r.Model = "other" }},
		{name: "target", out: func(r *Report) { r.Target = "loihi1" }},
		{name: "digits", out: func(r *Report) { r.Digits = 1001 }},
		{name: "seed", out: func(r *Report) { r.Seed = 8 }},
		{name: "weight bits", out: func(r *Report) { r.WeightBits = 7 }},
		{name: "engine", out: func(r *Report) { r.Engine = "interp" }, strictOnly: true},
		{name: "module digest", out: func(r *Report) { r.ModuleDigest = strings.Repeat("a1", 31) + "a2" }, strictOnly: true},
		{name: "image digest", out: func(r *Report) { r.ImageDigest = "" }, strictOnly: true},
		{name: "first divergence", out: func(r *Report) { r.First = nil }, strictOnly: true},
		{name: "layer h2: first divergence", out: func(r *Report) { r.Layers[1].First = &Divergence{"h2", 3, 14, 16} }, strictOnly: true},
		{
			name: "layer h1: accuracy chip",
			in:   func(r *Report) { r.Layers[0].AccuracyChip = 0.967 }, out: func(r *Report) { r.Layers[0].AccuracyChip = 0.966 },
		},
		{
			name: "layer h1: accuracy float",
			in:   func(r *Report) { r.Layers[0].AccuracyFloat = 0.972 }, out: func(r *Report) { r.Layers[0].AccuracyFloat = 0.973 },
		},
		{
			name: "layer h2: accuracy without rounding",
			in:   func(r *Report) { r.Layers[1].AccuracyReal = 0.98 }, out: func(r *Report) { r.Layers[1].AccuracyReal = 0 },
		},
		{
			name: "layer h2: agreement",
			in:   func(r *Report) { r.Layers[1].Agreement = 0.994 }, out: func(r *Report) { r.Layers[1].Agreement = 0.993 },
		},
		{
			name: "layer h1: spikes float",
			in:   func(r *Report) { r.Layers[0].SpikesFloat = 201000 }, out: func(r *Report) { r.Layers[0].SpikesFloat = 201001 },
		},
		{
			name: "layer h2: spikes chip",
			in:   func(r *Report) { r.Layers[1].SpikesChip = 995 }, out: func(r *Report) { r.Layers[1].SpikesChip = 994 },
		},
		{
			name: "layer h2: spike errors", // 0.5 % of 1000 spikes
			in:   func(r *Report) { r.Layers[1].SpikeErrors = 15 }, out: func(r *Report) { r.Layers[1].SpikeErrors = 16 },
		},
		{
			name: "synaptic events",
			in:   func(r *Report) { r.Counts.SynapticEvents++ }, out: func(r *Report) { r.Counts.SynapticEvents = 0 },
		},
		{
			name: "compartment updates",
			in:   func(r *Report) { r.Counts.CompartmentUpdates-- }, out: func(r *Report) { r.Counts.CompartmentUpdates *= 2 },
		},
		{name: "spikes", in: func(r *Report) { r.Counts.Spikes = 2010 }, out: func(r *Report) { r.Counts.Spikes = 2011 }},
		{name: "input spikes", in: func(r *Report) { r.Counts.InputSpikes = 398 }, out: func(r *Report) { r.Counts.InputSpikes = 397 }},
		{name: "axon events", in: func(r *Report) { r.Counts.AxonEvents = 301 }, out: func(r *Report) { r.Counts.AxonEvents = 302 }},
		{name: "hops", out: func(r *Report) { r.Counts.Hops = 1 }},
		{
			name: "resource in_axons, fullest core",
			in:   func(r *Report) { r.Resources[0].Used = 804 }, out: func(r *Report) { r.Resources[0].Used = 805 },
		},
		{
			name: "resource in_axons, all cores",
			in:   func(r *Report) { r.Resources[0].Total = 995 }, out: func(r *Report) { r.Resources[0].Total = 994 },
		},
	}
	base := testBaseline(t)
	tried := map[string]bool{}
	for _, test := range tests {
		tried[test.name] = true
		// failing is what fails when one report has a change, alone or not at all.
		check := func(do change, strict bool, want ...string) {
			t.Helper()
			r := testReport()
			do(r)
			if got := failing(Compare(r, base, Bands{Accuracy: 0.001, Counts: 0.005, Strict: strict})); !slices.Equal(got, want) {
				t.Errorf("%s, strict %v: failing are %q, expected %q", test.name, strict, got, want)
			}
		}
		if test.in != nil {
			check(test.in, false)
			check(test.in, true, test.name)
		}
		if test.strictOnly {
			check(test.out, false)
		} else {
			check(test.out, false, test.name)
		}
		check(test.out, true, test.name)
	}
	for _, m := range measures(testReport()) {
		if !tried[m.name] && !strings.HasPrefix(m.name, "layer ") {
			t.Errorf("%s is not tried", m.name)
		}
	}
	for _, m := range (LayerResult{}).measures() {
		_, what, _ := strings.Cut(m.name, ": ")
		if !tried["layer h1: "+what] && !tried["layer h2: "+what] {
			t.Errorf("%s of a layer is not tried", what)
		}
	}
}

func failing(deviations []Deviation) []string {
	var names []string
	for _, d := range deviations {
		if !d.OK {
			names = append(names, d.Name)
		}
	}
	return names
}

// TestCompareEqual: the same report deviates in nothing, even strictly, and whatever
// else changes with it, the rows stay.
func TestCompareEqual(t *testing.T) {
	base := testBaseline(t)
	for _, strict := range []bool{false, true} {
		rows := Compare(testReport(), base, Bands{Strict: strict})
		if Deviates(rows) || len(rows) != 33 {
			t.Errorf("strict %v: %d rows, failing are %q", strict, len(rows), failing(rows))
		}
	}
	if !Deviates(Compare(&Report{}, base, DefaultBands)) {
		t.Error("an empty report does not deviate")
	}
}

func TestCompareWords(t *testing.T) {
	r := testReport()
	r.Layers[0].AccuracyChip, r.Layers[0].SpikesFloat, r.Target = 0.9612, 190000, "loihi1"
	r.Layers[1].Name = "h3"
	rows := Compare(r, testBaseline(t), DefaultBands)
	var got []string
	for _, d := range rows {
		if !d.OK && !strings.Contains(d.Name, "h2") && !strings.Contains(d.Name, "h3") {
			got = append(got, fmt.Sprint(d))
		}
	}
	want := []string{
		"{target loihi2 loihi1 must match false}",
		"{layer h1: accuracy chip 96.8 % 96.12 % ±0.1 points false}",
		"{layer h1: spikes float 200000 190000 ±1000 (0.5 %) false}",
	}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, expected %q", got, want)
	}
	for name, want := range map[string]Deviation{
		"layer h2: agreement":    {"layer h2: agreement", "99.5 %", absent, "must be there", false},
		"layer h3: spike errors": {"layer h3: spike errors", absent, "10", "must not be there", false},
		"module digest":          {"module digest", "a1a1a1a1a1a1", "a1a1a1a1a1a1", "reported only", true},
	} {
		if !slices.Contains(rows, want) {
			t.Errorf("no row is %s as expected", name)
		}
	}
}

func TestParseBaselineFaults(t *testing.T) {
	good := string(writeTestBaseline(t, testReport(), DefaultBands))
	replaced := func(old, new string) string {
		t.Helper()
		if !strings.Contains(good, old) {
			t.Fatalf("%q is not in the file", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	// digits is the place of the number of digits.
	digits := strings.Index(good, `"digits": `) + len(`"digits": `)
	at := func(offset int) string { return fmt.Sprintf("b@%d", offset) }
	tests := []struct{ name, text, code, place string }{
		{"nothing", "", "baseline/json", "b@0"},
		{"not JSON", "decc: 1\n", "baseline/json", "b@1"},
		{"a report", "{\"model\": \"x\"}", "baseline/json", "b"},
		{"cut off", good[:200], "baseline/json", "b@200"},
		{"a later version", replaced("baseline/1", "baseline/2"), "baseline/format", "b"},
		{"a text for a number", replaced(`"digits": 1000`, `"digits": "1000"`), "baseline/json", at(digits + len(`"1000"`))},
		{"an unknown field", replaced(`"digits"`, `"samples"`), "baseline/json", "b"},
		{"a fraction of a digit", replaced(`"digits": 1000`, `"digits": 0.5`), "baseline/json", at(digits + len("0.5"))},
		{"no digits", replaced(`"digits": 1000`, `"digits": 0`), "baseline/content", "b"},
		{"more after it", good + "{}", "baseline/json", at(len(good) + 1)},
		{"an impossible accuracy", replaced("0.968", "96.8"), "baseline/content", "b"},
		{"a negative count", replaced("1099511627776", "-5"), "baseline/content", "b"},
		{"a negative band", replaced(`"accuracy": 0.001`, `"accuracy": -0.001`), "baseline/content", "b"},
		{"a wide band", replaced(`"counts": 0.005`, `"counts": 5`), "baseline/content", "b"},
		{"no report", `{"format": "decc-baseline/1"}`, "baseline/content", "b"},
		{"a layer twice", replaced(`"name": "h2"`, `"name": "h1"`), "baseline/content", "b"},
		{"an endless file", strings.Repeat(" ", maxBaselineBytes+1), "baseline/json", at(maxBaselineBytes)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseBaseline("b", []byte(test.text))
			wantDiag(t, err, test.code, test.place)
		})
	}
}

func FuzzParseBaseline(f *testing.F) {
	good := writeTestBaseline(f, testReport(), DefaultBands)
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add(bytes.Replace(good, []byte(`"layers"`), []byte(`"lairs"`), 1))
	f.Add([]byte(`{"format": "decc-baseline/1", "report": {"digits": 1, "layers": [{}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := ParseBaseline("x", data)
		if err != nil {
			if len(diag.All(err)) != 1 {
				t.Fatalf("not a diagnostic: %v", err)
			}
			return
		}
		if rows := Compare(b.Report, b, Bands{Strict: true}); Deviates(rows) {
			t.Fatalf("a baseline deviates from itself: %q", failing(rows))
		}
		again, err := ParseBaseline("x", writeTestBaseline(t, b.Report, b.Bands))
		if err != nil || !reflect.DeepEqual(again, b) {
			t.Fatalf("writing and reading changed %+v to %+v, %v", b, again, err)
		}
	})
}
