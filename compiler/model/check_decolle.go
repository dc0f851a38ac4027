package model

import (
	"fmt"
	"math"
	"time"
)

// Bounds of a network, those of the float reference.
const (
	maxSide    = 1 << 15 // rows, columns of a block
	maxMembers = 1 << 24 // neurons of a layer
	maxWeights = 1 << 28 // weights of a layer or of its readout
	maxDecay   = 0.999999
)

func (c *checker) checkDecolle(d *Decolle) {
	c.checkInput(d.Input)
	c.checkNeuron(&d.Neuron)
	c.checkTrain(d)
	c.checkLayers(d)
	c.checkLearn(d)
	if d.Data != nil {
		c.checkData(d.Data)
	}
}

func (c *checker) checkInput(in Input) {
	if len(in.Shape) == 2 {
		c.add("input.shape", codeShape, "input.shape has 2 members").WithFix("write [n] or [channels, rows, columns]")
		return
	}
	c.block("input.shape", "the input", in.Block())
}

// block reports a block that is too large; it says whether it is not.
func (c *checker) block(path, what string, s Shape) bool {
	if !s.sound() {
		c.add(path, codeRange, "%s is a block of %dx%dx%d", what, s.C, s.H, s.W).
			WithFix("use at most %d neurons, %d on a side", maxMembers, maxSide)
		return false
	}
	return true
}

// timeConstant is a decay that may also be given as a time constant.
type timeConstant struct {
	decayKey, tauKey string
	decay, tau       *float64
}

func (c *checker) checkNeuron(n *Neuron) {
	for _, t := range []timeConstant{
		{"alpha", "tau_mem", &n.Alpha, &n.TauMem},
		{"beta", "tau_syn", &n.Beta, &n.TauSyn},
		{"alpharp", "tau_ref", &n.AlphaRP, &n.TauRef},
	} {
		c.checkTimeConstant(t)
	}
	if n.Gain == 0 {
		c.add("neuron.gain", codeRange, "neuron.gain is 0, no spike would have an effect").WithFix("use another number")
	}
	if !c.Has("neuron.surrogate") {
		n.Surrogate = surrogateOf[n.Model]
	}
}

// surrogateOf is the surrogate that the authors used with a model (golden/decolle/README.md).
var surrogateOf = map[string]string{"LIFLayer": "fast_sigmoid", "LIFLayerNonorm": "boxcar", "Published": "boxcar"}

// checkTimeConstant puts exp(-dt/tau) into a decay whose tau is given.
func (c *checker) checkTimeConstant(t timeConstant) {
	path := "neuron." + t.tauKey
	if !c.Has(path) {
		return
	}
	if c.Has("neuron." + t.decayKey) {
		c.add(path, codeConflict, "%s = %v and %s = %v are both given", t.tauKey, *t.tau, t.decayKey, *t.decay).
			WithNote("%s = exp(-dt/%s)", t.decayKey, t.tauKey).WithFix("keep one of the two")
		return
	}
	*t.decay = math.Exp(-(float64(c.Dt) / float64(time.Millisecond)) / *t.tau)
	if *t.decay > maxDecay {
		c.add(path, codeRange, "%s = %v ms gives %s = %v at dt = %s", t.tauKey, *t.tau, t.decayKey, *t.decay, c.Dt).
			WithFix("use a time constant that gives at most %v", maxDecay)
	}
}

func (c *checker) checkLayers(d *Decolle) {
	seen := map[string]string{}
	in := d.Input.Block()
	sound := c.list.Err() == nil
	for i := range d.Layers {
		l := &d.Layers[i]
		path := fmt.Sprintf("layers[%d]", i)
		l.Pos = c.At(path)
		c.unique("layer", seen, l.Name, path+".name")
		if !c.Has(path + ".regulariser") {
			l.Regulariser = d.Train.Regulariser
		}
		if sound {
			sound = c.geometry(l, path, in, d.Readout.Classes)
			in = l.Out
		}
	}
}

// geometry fills the blocks of a layer; it says whether the next layer can be
// looked at.
func (c *checker) geometry(l *Layer, path string, in Shape, classes int) bool {
	l.In = in
	l.Compartments = Shape{l.Dense, 1, 1}
	l.Out = l.Compartments
	if l.Conv != nil && !c.convolution(l, path+".conv") {
		return false
	}
	if !c.block(path, "the layer", l.Compartments) {
		return false
	}
	return c.weightCount(path, "weights", l.WeightShape()) &&
		c.weightCount(path, "readout weights", []int{classes, l.Out.Size()})
}

func (c *checker) weightCount(path, what string, shape []int) bool {
	n := 1.0
	for _, d := range shape {
		n *= float64(d)
	}
	if n > maxWeights {
		c.add(path, codeRange, "the layer has %.0f %s", n, what).WithFix("use at most %d", maxWeights)
		return false
	}
	return true
}

func (c *checker) convolution(l *Layer, path string) bool {
	v := l.Conv
	if !c.Has(path + ".padding") {
		v.Padding = (v.Kernel - 1) / 2
	}
	if side := min(l.In.H, l.In.W) + 2*v.Padding; v.Kernel > side {
		c.add(path+".kernel", codeShape, "a kernel of %d does not fit an input of %dx%d with padding %d", v.Kernel, l.In.H, l.In.W, v.Padding).
			WithFix("use a kernel of at most %d", side)
		return false
	}
	l.Compartments = Shape{v.Channels, v.side(l.In.H), v.side(l.In.W)}
	if side := min(l.Compartments.H, l.Compartments.W); v.Pool > side {
		c.add(path+".pool", codeShape, "a pooling window of %d does not fit %dx%d compartments", v.Pool, l.Compartments.H, l.Compartments.W).
			WithFix("use a window of at most %d", side)
		return false
	}
	l.Out = Shape{v.Channels, l.Compartments.H / v.Pool, l.Compartments.W / v.Pool}
	return true
}

// side is the number of positions of the kernel along an input side of n.
func (v *Conv) side(n int) int { return (n+2*v.Padding-v.Kernel)/v.Stride + 1 }

func (c *checker) checkData(d *Data) {
	c.burnIn("data.burn_in", d.BurnIn, d.Steps)
	c.samples("data", d.Samples, d.Count)
}

// burnIn reports a burn-in that leaves no step; path is the value to blame.
func (c *checker) burnIn(path string, burnIn, steps int) {
	if burnIn >= steps {
		c.add(path, codeConflict, "data.burn_in is %d, but a sample has %d steps", burnIn, steps).WithFix("let there be more steps than burn_in")
	}
}

func (c *checker) samples(path string, samples []int, count int) {
	if samples != nil && count > 0 {
		c.add(path+".count", codeConflict, "%s has both samples and count", path).WithFix("keep one of the two")
	}
}

// defaultLR is the rate where neither optimiser.lr nor a schedule is given.
const defaultLR = 1e-3

func (c *checker) checkTrain(d *Decolle) {
	t := &d.Train
	c.checkSchedule(t)
	if d.Data == nil {
		return
	}
	if !c.Has("train.set") {
		t.Set = d.Data.Set
	}
	if !c.Has("train.steps") {
		t.Steps = d.Data.Steps
		return
	}
	c.burnIn("train.steps", d.Data.BurnIn, t.Steps)
}

func (c *checker) checkSchedule(t *Train) {
	o := &t.Optimiser
	given := c.Has("train.optimiser.lr")
	if len(t.Schedule) == 0 {
		if !given {
			o.LR = defaultLR
		}
		t.Schedule = []LearningRate{{0, o.LR}}
		return
	}
	if !given {
		o.LR = t.Schedule[0].Rate
	}
	if o.LR != t.Schedule[0].Rate {
		c.add("train.optimiser.lr", codeConflict, "train.optimiser.lr is %v, but train.schedule begins with %v", o.LR, t.Schedule[0].Rate).
			WithFix("remove lr, or make them equal")
	}
	for i, step := range t.Schedule {
		if i == 0 && step.From != 0 || i > 0 && step.From <= t.Schedule[i-1].From {
			c.add(fmt.Sprintf("train.schedule[%d][0]", i), codeRange, "step %d of train.schedule is from digit %d", i, step.From).
				WithFix("begin at 0 and go up")
		}
	}
}
