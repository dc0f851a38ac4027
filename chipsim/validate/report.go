package validate

import (
	"decc/chipsim/cost"
	"decc/ir"
	"decc/ir/spikes"
)

// Report is the result of a Job, as `decc validate --json` prints it. Everything
// but Seconds depends on the inputs only.
type Report struct {
	Model        string             `json:"model"`
	Target       string             `json:"target"`
	Engine       string             `json:"engine"`
	Digits       int                `json:"digits"`
	Seed         int64              `json:"seed"`
	WeightBits   int                `json:"weight_bits"`
	ModuleDigest string             `json:"module_digest"`
	ImageDigest  string             `json:"image_digest,omitempty"`
	Layers       []LayerResult      `json:"layers"`
	First        *Divergence        `json:"first_divergence"`
	Counts       spikes.Counts      `json:"counts"`
	Resources    []Resource         `json:"resources,omitempty"`
	Costs        []cost.Summary     `json:"costs,omitempty"` // where they were asked for
	Seconds      map[string]float64 `json:"seconds"`
}

// LayerResult is what one layer's local readout achieved. Accuracies are fractions
// of the digits that have a label; Agreement is the fraction of all on which chip and float
// decide alike.
type LayerResult struct {
	Name string `json:"name"`
	// Silent tells that the chip has no readout of the layer, which then has no accuracy
	// there; Voteless that the float network has none either, or no sample a label.
	Silent        bool    `json:"no_readout,omitempty"`
	Voteless      bool    `json:"no_vote,omitempty"`
	AccuracyFloat float64 `json:"accuracy_float"`
	AccuracyReal  float64 `json:"accuracy_real"`
	AccuracyChip  float64 `json:"accuracy_chip"`
	Agreement     float64 `json:"agreement"`
	SpikesFloat   int64   `json:"spikes_float"`
	SpikesChip    int64   `json:"spikes_chip"`
	// SpikeErrors is the number of (digit, step, neuron) at which exactly one of the
	// two fired.
	SpikeErrors int64       `json:"spike_errors"`
	First       *Divergence `json:"first_divergence"`
}

// Divergence is the first digit, and in it the first step and neuron, at which the
// chip's spikes leave the float's.
type Divergence struct {
	Layer  string `json:"layer"`
	Digit  int    `json:"digit"`
	Step   int    `json:"step"`
	Neuron int    `json:"neuron"`
}

// Resource is one line of the resource table: the fullest core, and the sum.
type Resource struct {
	Name  string `json:"name"`
	Used  int64  `json:"used"` // on the fullest core
	Limit int64  `json:"limit"`
	Total int64  `json:"total"`
}

// sum makes the report of the outcomes, which stand by digit.
func (j Job) sum(outcomes []Outcome) *Report {
	r := &Report{Model: j.Module.Name, Target: j.Module.Chip, Engine: j.EngineName, Digits: len(outcomes), ModuleDigest: ir.Digest(j.Module)}
	r.Seconds = map[string]float64{}
	for _, o := range outcomes {
		r.Counts.Add(o.Counts)
		for p, d := range o.took {
			r.Seconds[phaseNames[p]] += d.Seconds()
		}
	}
	for l, layer := range j.Module.Layers {
		res := layerResult(l, layer.Name, outcomes)
		res.Silent = silent(j.Module.Layers, l)
		r.Layers = append(r.Layers, res)
		r.First = earliest(r.First, res.First)
	}
	return r
}

func layerResult(l int, name string, outcomes []Outcome) LayerResult {
	res := LayerResult{Name: name}
	var float, realRun, chip, alike, judged, labelled int
	for _, o := range outcomes {
		known := o.Label >= 0
		labelled += hit(known)
		judged += hit(o.Float[l] != noVote && known)
		float += hit(o.Float[l] == o.Label && known)
		chip += hit(o.Chip[l] == o.Label && known)
		alike += hit(o.Chip[l] == o.Float[l])
		if o.Real != nil {
			realRun += hit(o.Real[l] == o.Label && known)
		}
		res.SpikesFloat += int64(o.SpikesFloat[l])
		res.SpikesChip += int64(o.SpikesChip[l])
		res.SpikeErrors += int64(o.Wrong[l])
		if p := o.Parts[l]; p.Step >= 0 && res.First == nil {
			res.First = &Divergence{name, o.Digit, p.Step, p.Neuron}
		}
	}
	res.Voteless = judged == 0
	n := float64(max(1, labelled))
	res.AccuracyFloat, res.AccuracyReal, res.AccuracyChip = float64(float)/n, float64(realRun)/n, float64(chip)/n
	res.Agreement = float64(alike) / float64(max(1, len(outcomes)))
	return res
}

func hit(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// earliest prefers the earlier digit, then the earlier step, then the lower layer.
func earliest(a, b *Divergence) *Divergence {
	if a == nil || b != nil && (b.Digit < a.Digit || b.Digit == a.Digit && b.Step < a.Step) {
		return b
	}
	return a
}
