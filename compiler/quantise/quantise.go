// Package quantise turns a float DECOLLE network into integers: an ir.Module of
// compartments with 8-bit (or fewer) weights, 12-bit decays, thresholds, biases
// and refractory weights, each with a scale that the report explains.
//
// A neuron's weights, bias and refractory weight share a scale of their own, all neurons of
// a channel one: nothing else sees it, because only spikes leave the neuron. With calibration
// spikes the scale and a shift of the threshold are searched, neuron by neuron, on
// the integer machine itself, so that its spikes part from the float spikes as
// rarely as possible.
package quantise

import (
	"context"
	"fmt"
	"sync"

	"decc/compiler/decolle"
	"decc/ir"
	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// Options of a quantisation. The zero value is not usable; see Defaults.
type Options struct {
	Name    string // of the module
	Profile sem.ProfileID
	// FreeGain tells that the chip's neuron program can scale the current before it
	// enters the voltage (Loihi 2); without it one weight step fixes both.
	FreeGain    bool
	WeightBits  int // 2..8, sign included
	ReadoutBits int // 2..8: of the fixed random readout
	// LastReadout leaves out the readouts of all layers but the last that do not learn.
	LastReadout bool
	// PerLayer makes all neurons of a layer share one weight step.
	PerLayer bool
	// Search rounds weights against the calibration samples and looks for weight
	// step and threshold shift on them; without it every weight is rounded by itself
	// and the largest weight of a neuron takes the largest mantissa.
	Search      bool
	Calibration []spikes.Train // input spikes of one sample each
	Rows        int            // rows of a sample
	Workers     int
	LayerNames  []string
	Positions   []diag.Pos // of the layers in the model, may be nil
	DtNanos     int64
	// Learning says which layers learn on the chip, and how; nil where none does.
	Learning *decolle.Learning
	// Host says how the last layer learns from a host program; nil where it does not.
	Host *decolle.HostLearning
	// Progress is told after each candidate that the search has run, of Candidates in
	// all, by one goroutine at a time; may be nil.
	Progress func()
}

// Defaults are the options that decc uses where a model says nothing.
func Defaults() Options {
	return Options{Name: "net", Profile: sem.Silicon, FreeGain: true, WeightBits: 8, ReadoutBits: 8, Search: true, Workers: 1}
}

// Result is the module and how its numbers came about.
type Result struct {
	Module *ir.Module
	Report Report
	// Warnings are what the chip does not do like the float network.
	Warnings diag.List
}

const (
	codeBits      = "quantise/bits"
	codeDeparture = "quantise/departure"
	codeNeuron    = "quantise/neuron"
	codeReset     = "quantise/reset"
	codeRange     = "quantise/range"
)

// Codes explains the diagnostics of this package.
var Codes = []diag.CodeDoc{
	{
		Code: codeDeparture, Meaning: "the chip does something of a spiking network otherwise than the float network; decc validate tells what it costs",
		Example: "a bias that passes through a current, on loihi1", Fix: "use a chip that runs any program, such as loihi2, or change the network",
	},
	{
		Code: codeReset, Meaning: "the compartments of the chip have no such reset",
		Example: "v_reset: -0.5 on loihi1", Fix: "shift the voltages so that v_reset is 0, or use a chip that runs any program, such as loihi2",
	},
	{
		Code: codeNeuron, Meaning: "the chip has no program for such neurons",
		Example: "kind: TernaryLIF on loihi1", Fix: "use a chip that runs any program, such as loihi2, or neurons of another kind",
	},
	{Code: codeBits, Meaning: "weights have 2 to 8 bits, payloads of graded neurons 2 to 23, sign included", Example: "--weight-bits 9", Fix: "choose 2..8, or 2..23"},
	{
		Code: "quantise/learning", Meaning: "the learning of the model is beyond what the chip's learning engine can do",
		Example: "learn: {rounding: nearest}", Fix: "leave the departure to the float twin (validate --learn)",
	},
	{
		Code: codeRange, Meaning: "a value of the network does not fit the chip's integers at any scale",
		Example: "a bias a million times larger than all weights of its neuron", Fix: "retrain with a smaller learning rate or clip the value",
	},
}

// Run quantises the network. Equal inputs give equal modules, whatever Workers is.
func Run(ctx context.Context, net *decolle.Network[float64], o Options) (Result, error) {
	if err := check(net, o); err != nil {
		return Result{}, err
	}
	if o.Learning != nil {
		filled := o.Learning.Filled()
		o.Learning = &filled
	}
	q := &quantiser{ctx: ctx, net: net, o: o, dyn: net.Spec().Dynamics()}
	for l := range net.Layers() {
		q.params = append(q.params, net.Parameters(l))
	}
	q.decays()
	q.observe()
	q.module = q.empty()
	for l := range net.Layers() {
		if err := q.anyLayer(l); err != nil {
			return Result{}, err
		}
	}
	if err := ir.Verify(q.module); err != nil {
		return Result{}, err
	}
	return Result{Module: q.module, Report: q.report}, nil
}

// anyLayer appends layer l as what it is. Behind a layer that learns there are no
// spikes yet to calibrate with.
func (q *quantiser) anyLayer(l int) error {
	switch {
	case q.o.Host != nil && l == len(q.params)-1:
		return q.lastLayer(l)
	case !q.plastic(l):
		return q.layer(l)
	}
	q.inputs = nil
	return q.plasticLayer(l)
}

func check(net *decolle.Network[float64], o Options) error {
	var bad diag.List
	for _, bits := range []int{o.WeightBits, o.ReadoutBits} {
		if bits < 2 || bits > 8 {
			bad.Add(diag.Pos{}, codeBits, "%d bits for weights", bits).WithFix("choose 2..8")
		}
	}
	o.checkLearning(net.Spec(), &bad)
	o.checkHost(net.Spec(), &bad)
	return bad.Err()
}

func position(o Options, l int) diag.Pos {
	if l < len(o.Positions) {
		return o.Positions[l]
	}
	return diag.Pos{}
}

func layerName(o Options, l int) string {
	if l < len(o.LayerNames) {
		return o.LayerNames[l]
	}
	return fmt.Sprintf("h%d", l+1)
}

// quantiser carries the work from layer to layer.
type quantiser struct {
	ctx    context.Context
	net    *decolle.Network[float64]
	o      Options
	dyn    decolle.Dynamics
	module *ir.Module
	report Report

	ticking sync.Mutex // of Progress

	du, dv, dr int64
	params     []decolle.Parameters
	rounders   []*rounder     // by layer; nil rounds every weight by itself
	float      []layerRun     // what the float network did, by layer
	inputs     []spikes.Train // calibration input of the layer at hand, by sample, as the chip gives it
}

// decayBits is the width of a decay: the factor of a row is (4096-d)/4096.
const decayOne = 4096

// decays rounds the three decays; their errors are explained in the report.
func (q *quantiser) decays() {
	q.du = q.decay("du", q.dyn.Beta)
	q.dv = q.decay("dv", q.dyn.Alpha)
	q.dr = q.decay("dr", q.dyn.AlphaRP)
}

func (q *quantiser) decay(name string, keep float64) int64 {
	d := round(decayOne * (1 - keep))
	q.report.add(Scaling{Object: "neuron", Param: name, Float: keep, Integer: d, Unit: "1/4096 per row", Back: 1 - float64(d)/decayOne})
	return d
}

// stepGain is what the integer filters make of a weight at rest relative to its
// value in u: the DC gain of the two decays.
func (q *quantiser) stepGain() float64 {
	return decayOne / float64(max(q.du, 1)) * (decayOne / float64(max(q.dv, 1)))
}

// floatGain is the DC gain of the float filters.
func (q *quantiser) floatGain() float64 {
	return q.dyn.InputGain / ((1 - q.dyn.Alpha) * (1 - q.dyn.Beta))
}

// empty is the module without its layers.
func (q *quantiser) empty() *ir.Module {
	in, _, _ := q.net.LayerShape(0)
	m := &ir.Module{
		Name: q.o.Name, Stage: ir.Quantised, Profile: q.o.Profile, DtNanos: q.o.DtNanos,
		Inputs: []*ir.Input{{Name: inputName, N: in.Size()}},
	}
	if q.o.learns() {
		m.Seed = q.o.Learning.Seed
		m.Inputs = append(m.Inputs, &ir.Input{Name: LabelInput, N: q.net.Spec().Classes})
	}
	return m
}

// inputName is the input of the samples.
const inputName = "in"
