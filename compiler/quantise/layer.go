package quantise

import (
	"fmt"
	"math"

	"decc/compiler/decolle"
	"decc/ir"
	"decc/ir/sem"
)

// layer quantises layer l and its readout, appends both to the module and moves the
// calibration inputs on to the spikes that the integer layer gives.
func (q *quantiser) layer(l int) error {
	best, err := q.choose(l)
	if err != nil {
		return err
	}
	if err := q.explain(l, best); err != nil {
		return err
	}
	pre, late := inputName, 0
	if l > 0 {
		pre, late = q.spiking(l - 1)
	}
	if err := q.appendLayer(q.module, l, pre, best.plan, late); err != nil {
		return err
	}
	if q.o.LastReadout && l < len(q.params)-1 {
		group, lag := q.spiking(l)
		q.module.Layers = append(q.module.Layers, &ir.Layer{Name: layerName(q.o, l), Spikes: group, SpikesLag: lag, Pos: position(q.o, l)})
		return nil
	}
	return q.appendReadout(l)
}

// appendLayer adds the group and the synapses of layer l to a module, in which its first
// step is in row late.
func (q *quantiser) appendLayer(m *ir.Module, l int, pre string, lp layerPlan, late int) error {
	program, err := q.program(m, q.neuronProgram(late))
	if err != nil {
		return err
	}
	name, pos := layerName(q.o, l), position(q.o, l)
	_, compartments, _ := q.net.LayerShape(l)
	g := &ir.Group{Name: name, N: compartments.Size(), Program: program, Pos: pos}
	for _, p := range q.groupParams(lp, q.compartmentPlane(l)) {
		g.SetParam(p.Name, p.Values)
	}
	if g.Program.FieldIndex("late") >= 0 {
		g.SetParam("late", ir.Scalar(int64(late)))
	}
	m.Groups = append(m.Groups, g)
	s := &ir.Synapse{Name: "w_" + name, Pre: pre, Post: name, Port: "drive", Format: lp.format, Pos: pos}
	q.weigh(s, l, lp)
	m.Synapses = append(m.Synapses, s)
	return q.appendPool(m, l)
}

// neuronProgram is the program of a layer whose first step is in row late. Loihi 1 has no
// other than @decolle, expanded: there a bias may fire some rows early.
func (q *quantiser) neuronProgram(late int) string {
	if late > 0 && q.o.FreeGain {
		return "decolle_late"
	}
	return "decolle"
}

// program shares one copy of a built-in program in the module.
func (q *quantiser) program(m *ir.Module, name string) (*ir.Program, error) {
	if p := m.ProgramByName(name); p != nil {
		return p, nil
	}
	p, err := ir.Builtin(name, q.o.Profile)
	if err != nil {
		return nil, err
	}
	m.Programs = append(m.Programs, p)
	return p, nil
}

// threshold is the integer v must exceed: the units of v are whole, so U >= 0 is v > -1.
func (q *quantiser) threshold() int64 {
	if q.dyn.SpikesAtZero {
		return -1
	}
	return 0
}

// groupParams are those of a group in which every unit has plane compartments.
func (q *quantiser) groupParams(lp layerPlan, plane int) []ir.Param {
	column := func(value func(plan) int64) *ir.Tensor {
		x := make([]int64, 0, plane*len(lp.neurons))
		for _, n := range lp.neurons {
			for range plane {
				x = append(x, value(n))
			}
		}
		return compact(x)
	}
	return []ir.Param{
		{Name: "du", Values: ir.Scalar(q.du)},
		{Name: "dv", Values: ir.Scalar(q.dv)},
		{Name: "dr", Values: ir.Scalar(q.dr)},
		{Name: "gain", Values: column(func(p plan) int64 { return p.gain })},
		{Name: "wr", Values: column(func(p plan) int64 { return p.wr })},
		{Name: "bias", Values: column(func(p plan) int64 { return p.bias })},
		{Name: "vth", Values: ir.Scalar(q.threshold())},
	}
}

// compact is one value where all are the same.
func compact(x []int64) *ir.Tensor {
	for _, v := range x[1:] {
		if v != x[0] {
			return ir.Vector(x)
		}
	}
	return ir.Scalar(x[0])
}

// mantissas are the codes shifted to the mantissa's stored bits, unit by unit.
func (lp layerPlan) mantissas(shape ...int) *ir.Tensor {
	x := make([]int64, 0, len(lp.neurons[0].codes)*len(lp.neurons))
	for _, n := range lp.neurons {
		for _, c := range n.codes {
			x = append(x, int64(c)<<lp.format.LSB())
		}
	}
	return ir.NewTensor(x, shape...)
}

// appendReadout adds the fixed random readout of layer l: one memoryless
// compartment a class, all on one scale because they are compared with each other.
func (q *quantiser) appendReadout(l int) error {
	p := q.params[l]
	program, err := q.program(q.module, "readout")
	if err != nil {
		return err
	}
	name := layerName(q.o, l)
	readout := "readout_" + name
	group, lag := q.spiking(l)
	step := max(largest(p.G), math.SmallestNonzeroFloat32) / codeLimit(q.o.ReadoutBits)
	f := sem.WeightFormat{Bits: q.o.ReadoutBits, Sign: sem.Mixed}
	f.Exp = -int(f.LSB())
	unit := stepUnits(f) / step
	bias := make([]int64, len(p.GB))
	mant := make([]int64, 0, len(p.G))
	for c, b := range p.GB {
		if bias[c] = q.representableBias(round(b * unit)); bias[c] >= biasLimit24 || bias[c] <= -biasLimit24 {
			return rangeError(q, l, fmt.Sprintf("readout bias %g of class %d is %g times the largest readout weight", b, c, b/largest(p.G)))
		}
	}
	for _, code := range codes(p.G, step, q.o.ReadoutBits) {
		mant = append(mant, int64(code)<<f.LSB())
	}
	g := &ir.Group{Name: readout, N: len(p.GB), Program: program, Pos: position(q.o, l)}
	g.SetParam("bias", compact(bias))
	q.module.Groups = append(q.module.Groups, g)
	q.module.Synapses = append(q.module.Synapses, &ir.Synapse{
		Name: "g_" + name, Pre: group, Post: readout, Port: "drive", Format: f,
		Weights: ir.NewTensor(mant, len(p.GB), len(p.G)/len(p.GB)), Pos: position(q.o, l),
	})
	q.module.Layers = append(q.module.Layers, &ir.Layer{
		Name: name, Spikes: group, SpikesLag: lag, Readout: readout, Value: "y", ReadoutLag: lag + 1, Pos: position(q.o, l),
	})
	q.report.add(Scaling{Object: readout, Param: "weights", Float: largest(p.G), Integer: int64(codeLimit(q.o.ReadoutBits)), Unit: fmt.Sprintf("%.4g of r", step), Back: codeLimit(q.o.ReadoutBits) * step})
	return nil
}

// explain adds a layer's figures to the report and refuses what saturates at every scale.
func (q *quantiser) explain(l int, c choice) error {
	p := q.params[l]
	name, lp := layerName(q.o, l), c.plan
	r := LayerReport{
		Name: name, Neurons: q.plane(l) * len(lp.neurons), WeightBits: lp.format.Bits, WeightExp: lp.format.Exp,
		Decisions: c.decisions, Before: c.before, After: c.after, StepMin: math.Inf(1),
	}
	var wrong, power float64
	fan := len(p.W) / len(p.B)
	for i, n := range lp.neurons {
		if n.bias >= biasLimit24 || n.bias <= -biasLimit24 {
			return rangeError(q, l, fmt.Sprintf("bias %g of neuron %d saturates 24 bits at %g units per 1", p.B[i], i, n.unit))
		}
		r.StepMin, r.StepMax = min(r.StepMin, n.step), max(r.StepMax, n.step)
		for j, w := range p.W[i*fan : (i+1)*fan] {
			back := float64(n.codes[j]) * n.step
			wrong, power = wrong+float64((w-back)*(w-back)), power+float64(w*w)
			if math.Abs(w) > (codeLimit(lp.format.Bits)+0.5)*n.step {
				r.Clipped++
			}
		}
		q.neuronScalings(name, i, n, p)
	}
	r.RMS = math.Sqrt(wrong / max(power, math.SmallestNonzeroFloat64))
	q.report.Layers = append(q.report.Layers, r)
	return nil
}

func (q *quantiser) neuronScalings(name string, i int, n plan, p decolle.Parameters) {
	unit := fmt.Sprintf("%.4g of U", 1/n.unit)
	rows := []Scaling{
		{Param: "bias", Float: p.B[i], Integer: n.bias, Unit: unit, Back: float64(n.bias) / n.unit},
		{Param: "wr", Float: q.dyn.Refractory, Integer: n.wr, Unit: unit, Back: float64(n.wr) / n.unit},
		{Param: "gain", Float: float64(n.gain) / maxGain, Integer: n.gain, Unit: "1/4096", Back: float64(n.gain) / maxGain},
	}
	for _, s := range rows {
		s.Object, s.Index = name, i
		q.report.add(s)
	}
}
