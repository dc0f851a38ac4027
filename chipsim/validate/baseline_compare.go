package validate

import (
	"fmt"
	"math"
)

// Deviation is one measure of a result beside that of its baseline.
type Deviation struct {
	Name     string `json:"name"`
	Baseline string `json:"baseline"`
	Got      string `json:"got"`
	Band     string `json:"band"` // what was allowed, in words
	OK       bool   `json:"ok"`
}

// absent is the value of a measure that one of the two reports does not have.
const absent = "absent"

// Compare holds a report against a baseline, measure by measure in a fixed order;
// the bands are those of the baseline's file (base.Bands) or the caller's own. A layer
// or resource that only one of the two has is a deviation.
func Compare(r *Report, base *Baseline, b Bands) []Deviation {
	got := map[string]measure{}
	fresh := measures(r)
	for _, m := range fresh {
		got[m.name] = m
	}
	var out []Deviation
	old := map[string]bool{}
	for _, want := range measures(base.Report) {
		old[want.name] = true
		g, ok := got[want.name]
		if !ok {
			out = append(out, Deviation{want.name, want.String(), absent, "must be there", false})
			continue
		}
		out = append(out, want.judge(g, b))
	}
	for _, m := range fresh {
		if !old[m.name] {
			out = append(out, Deviation{m.name, absent, m.String(), "must not be there", false})
		}
	}
	return out
}

// Deviates reports whether any deviation is not OK.
func Deviates(deviations []Deviation) bool {
	for _, d := range deviations {
		if !d.OK {
			return true
		}
	}
	return false
}

// measure is one figure or word of a report.
type measure struct {
	name   string
	kind   kind
	text   string  // of the kinds identity and reported
	number float64 // of the kinds fraction and count; counts stay below 2^53
	of     float64 // what the band of a count is relative to
}

type kind int

const (
	identity kind = iota // must match: another value is another experiment
	reported             // matters under Strict only
	fraction             // 0..1
	count                // 0..
)

// kinds tells for each kind how its values look, which can be, and its band around a
// measure of the baseline.
var kinds = [...]struct {
	format   func(m measure) string
	possible func(x float64) bool
	band     func(want measure, b Bands) (width float64, words string)
}{
	identity: {
		func(m measure) string { return m.text },
		func(float64) bool { return true },
		func(measure, Bands) (float64, string) { return 0, "must match" },
	},
	reported: {
		func(m measure) string { return short(m.text) },
		func(float64) bool { return true },
		func(measure, Bands) (float64, string) { return math.Inf(1), "reported only" },
	},
	fraction: {
		func(m measure) string { return fmt.Sprintf("%.4g %%", 100*m.number) },
		func(x float64) bool { return x >= 0 && x <= 1 },
		func(_ measure, b Bands) (float64, string) {
			return b.Accuracy, fmt.Sprintf("±%.4g points", 100*b.Accuracy)
		},
	},
	count: {
		func(m measure) string { return fmt.Sprintf("%.0f", m.number) },
		func(x float64) bool { return x >= 0 && x < 1<<53 },
		func(want measure, b Bands) (float64, string) {
			width := b.Counts * want.of
			return width, fmt.Sprintf("±%.0f (%.4g %%)", math.Floor(width+slack), 100*b.Counts)
		},
	},
}

func (m measure) String() string { return kinds[m.kind].format(m) }

// judge holds a measure against that of the baseline.
func (m measure) judge(got measure, b Bands) Deviation {
	width, words := kinds[m.kind].band(m, b)
	if b.Strict {
		width, words = 0, "must be equal"
	}
	ok := got.kind == m.kind && within(m.number, got.number, width) && (got.text == m.text || width > 0)
	return Deviation{m.name, m.String(), got.String(), words, ok}
}

// measures lists what a baseline guards, in the order of the comparison.
func measures(r *Report) []measure {
	out := []measure{
		word("model", identity, r.Model),
		word("target", identity, r.Target),
		word("digits", identity, r.Digits),
		word("seed", identity, r.Seed),
		word("weight bits", identity, r.WeightBits),
		word("engine", reported, r.Engine),
		word("module digest", reported, r.ModuleDigest),
		word("image digest", reported, r.ImageDigest),
		word("first divergence", reported, divergenceText(r.First)),
	}
	for _, l := range r.Layers {
		out = append(out, l.measures()...)
	}
	c := r.Counts
	out = append(out,
		total("synaptic events", c.SynapticEvents), total("compartment updates", c.CompartmentUpdates),
		total("spikes", c.Spikes), total("input spikes", c.InputSpikes), total("axon events", c.AxonEvents), total("hops", c.Hops))
	for _, u := range r.Resources {
		out = append(out, total("resource "+u.Name+", fullest core", u.Used), total("resource "+u.Name+", all cores", u.Total))
	}
	return out
}

// measures of a layer. Spike errors may be few: their band is relative to the spikes.
func (l LayerResult) measures() []measure {
	name := func(s string) string { return "layer " + l.Name + ": " + s }
	share := func(s string, x float64) measure { return measure{name: name(s), kind: fraction, number: x} }
	return []measure{
		share("accuracy float", l.AccuracyFloat), share("accuracy without rounding", l.AccuracyReal),
		share("accuracy chip", l.AccuracyChip), share("agreement", l.Agreement),
		total(name("spikes float"), l.SpikesFloat), total(name("spikes chip"), l.SpikesChip),
		{name: name("spike errors"), kind: count, number: float64(l.SpikeErrors), of: float64(l.SpikesChip)},
		word(name("first divergence"), reported, divergenceText(l.First)),
	}
}

func word(name string, k kind, v any) measure {
	return measure{name: name, kind: k, text: fmt.Sprint(v)}
}

func total(name string, n int64) measure {
	return measure{name: name, kind: count, number: float64(n), of: float64(n)}
}

func divergenceText(d *Divergence) string {
	if d == nil {
		return "none"
	}
	return fmt.Sprintf("layer %s, digit %d, step %d, neuron %d", d.Layer, d.Digit, d.Step, d.Neuron)
}
