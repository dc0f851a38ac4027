package rule

import (
	"fmt"
	"slices"

	"decc/ir/diag"
	"decc/ir/sem"
)

// Entry is a rule that comes with decc: its sums as text, its traces, and what it is for.
type Entry struct {
	Name   string
	Doc    string
	Source string
	Epoch  int
	Traces traces
	Sums   sums
}

// sums are texts by target, traces those of sem.TraceVariables.
type (
	sums   [len(sem.Targets)]string
	traces [len(sem.TraceVariables)]sem.Trace
)

// impulse is a trace of spikes: what one adds, and the decay in 1/4096 a row.
func impulse(height, decay int32) sem.Trace { return sem.Trace{Impulse: height << 8, Decay: decay} }

// written is a trace that the target's program writes.
func written(value string) sem.Trace { return sem.Trace{Value: value} }

// Library lists the rules, as `decc inspect --rules` prints them.
var Library = []Entry{
	{
		Name: "decolle", Doc: "DECOLLE: minus the third factor times the difference of two pre traces; y1 - y2 is the third factor with its sign",
		Source: "decolle.md 5.3; onchip-learning.md 2", Epoch: 1,
		Traces: traces{impulse(16, 328), impulse(16, 123), written("up"), written("down"), {}},
		Sums:   sums{sem.TargetW: "-2^-7*u0*y1*x2 + 2^-7*u0*y1*x1 + 2^-7*u0*y2*x2 - 2^-7*u0*y2*x1"},
	},
	{
		Name: "eprop", Doc: "eligibility in the tag (slope y3 times pre trace, low-pass), weight by error y2 times tag, as e-prop and SuperSpike do",
		Source: "decolle.md 5.3 (Lava's three-factor learning)", Epoch: 2,
		Traces: traces{impulse(16, 410), {}, {}, written("error"), written("slope")},
		Sums:   sums{sem.TargetW: "2^-7*u0*y2*t", sem.TargetT: "2^-3*u0*y3*x1 - 2^-1*u0*t"},
	},
	{
		Name: "pes", Doc: "prescribed error sensitivity: error times pre trace, every second epoch; the sign is in the profile",
		Source: "decolle.md 5.2 (nengo-loihi)", Epoch: 2,
		Traces: traces{impulse(127, 410), {}, written("error"), {}, {}},
		Sums:   sums{sem.TargetW: "2^-7*u1*x1*y1"},
	},
	{
		Name: "sign", Doc: "learning of a last layer on Loihi 1: the host writes the error into y1, its sign as one of two learning profiles",
		Source: "decolle.md 5.2 (nengo-loihi)", Epoch: 20,
		Traces: traces{impulse(40, 819), {}, {Host: sem.HostSigned}, {}, {}},
		Sums:   sums{sem.TargetW: "2^-4*u0*x1*y1"},
	},
	{
		Name: "soel", Doc: "error-triggered learning of a last layer on Loihi 1: the host writes 20 plus the error into y1; x2 - x1 is the pre trace",
		Source: "decolle.md 5.1 (Stewart et al. 2020)", Epoch: 20,
		Traces: traces{impulse(40, 1365), impulse(40, 819), {Host: sem.HostValue}, {}, {}},
		Sums:   sums{sem.TargetW: "2^-4*u0*(y1-20)*x2 - 2^-4*u0*(y1-20)*x1"},
	},
	{
		Name: "stdp", Doc: "pairwise spike-timing dependent plasticity: pre before post strengthens, post before pre weakens",
		Source: "hardware.md 3", Epoch: 1,
		Traces: traces{impulse(16, 410), {}, impulse(16, 410), {}, {}},
		Sums:   sums{sem.TargetW: "2^-2*x1*y0 - 2^-2*y1*x0"},
	},
	{
		Name: "triplet", Doc: "STDP of spike triplets: slower traces x2 and y2 scale what a pair does; they include the spike at hand",
		Source: "Pfister, Gerstner, J. Neurosci. 26:9673 (2006)", Epoch: 1,
		Traces: traces{impulse(16, 240), impulse(16, 40), impulse(16, 120), impulse(16, 33), {}},
		Sums:   sums{sem.TargetW: "2^-4*y0*x1 + 2^-5*y0*x1*y2 - 2^-4*x0*y1 - 2^-6*x0*y1*x2"},
	},
}

// Rule is the rule of the entry.
func (e Entry) Rule() (sem.Rule, error) {
	r := sem.Rule{Name: e.Name, Epoch: e.Epoch, Traces: e.Traces}
	for t, text := range e.Sums {
		if text == "" {
			continue
		}
		products, k, err := Parse(text, diag.Pos{})
		if err != nil {
			return r, err
		}
		r.Sums[t], r.Decimate = products, max(r.Decimate, k)
	}
	return r, r.Check()
}

// Builtin is the rule of that name in Library. The error has code rule/unknown.
func Builtin(name string) (sem.Rule, error) {
	at := slices.IndexFunc(Library, func(e Entry) bool { return e.Name == name })
	if at >= 0 {
		return Library[at].Rule()
	}
	d := diag.Errorf(diag.Pos{}, codeUnknown, "there is no rule %q", name)
	if near, ok := diag.Nearest(name, Names()); ok {
		return sem.Rule{}, d.WithFix("did you mean %q?", near)
	}
	return sem.Rule{}, d.WithFix("%s", fmt.Sprintf("use one of %v", Names()))
}

// Names lists the rules of the Library.
func Names() []string {
	var names []string
	for _, e := range Library {
		names = append(names, e.Name)
	}
	return names
}
