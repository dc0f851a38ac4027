package model

import (
	"fmt"
	"slices"
	"time"

	"decc/ir/diag"
)

func (c *checker) checkSpiking(s *Spiking) {
	var own []populace
	for i := range s.Populations {
		p := &s.Populations[i]
		own = append(own, populace{fmt.Sprintf("populations[%d]", i), p.Name, &p.Size, p.Shape, &p.Pos})
	}
	p := c.populations(s.Inputs, own)
	for i := range s.Populations {
		c.checkCell(fmt.Sprintf("populations[%d]", i), &s.Populations[i])
	}
	seen := map[string]string{}
	for i := range s.Connections {
		c.checkConnection(&s.Connections[i], fmt.Sprintf("connections[%d]", i), p, seen)
	}
	if s.Stimulus != nil {
		c.checkStimulus(&s.Presented, s.Stimulus)
	}
}

// checkCell checks the values of the text; those of files come with Resolve.
func (c *checker) checkCell(path string, p *Population) {
	for _, v := range p.Cell.values() {
		place := path + ".neuron." + v.key
		if n := len(v.values.Data); v.values.ragged || n > 1 && n != p.Size {
			c.add(place, codeShape, "%s is %s", place, v.values.form()).WithFix("give one number, or a list of %d", p.Size)
		}
	}
	if kinds[p.Cell.Kind].timeless && c.Has(path+".neuron.v_leak") && !c.Has(path+".neuron.tau_mem") {
		c.add(path+".neuron.v_leak", codeConflict, "%s.neuron has a voltage at rest and no time constant that leads there", path).
			WithFix("add tau_mem, or take v_leak away")
	}
	c.boundCell(path, p)
}

// boundCell checks the numbers of a cell.
func (c *checker) boundCell(path string, p *Population) {
	limits := kinds[p.Cell.Kind].limits
	for _, v := range p.Cell.values() {
		place := path + ".neuron." + v.key
		if v.time {
			c.boundTime(place, v.values.Data)
		}
		rule, bounded := limits[v.key]
		if !bounded {
			continue
		}
		if i := slices.IndexFunc(v.values.Data, func(x float64) bool { return !rule.ok(x) }); i >= 0 {
			c.add(place, codeRange, "%s number %d is %v, and with kind %s it is %s", place, i, v.values.Data[i], p.Cell.Kind, rule.text).
				WithFix("use numbers that are %s", rule.text)
		}
	}
}

// boundTime checks time constants against the row: a share of more than all is none.
func (c *checker) boundTime(place string, values []float64) {
	dt := float64(c.Dt) / float64(time.Millisecond)
	fits := func(tau float64) bool {
		return tau > 0 && (c.Spiking.Integration == "exponential" || tau >= dt*(1-1e-6))
	}
	if i := slices.IndexFunc(values, func(tau float64) bool { return !fits(tau) }); i >= 0 {
		c.add(place, codeTime, "%s number %d is %v ms, a row is %v ms", place, i, values[i], dt).
			WithFix("use time constants of at least a row, or integration: exponential, which takes any above 0")
	}
}

func (c *checker) checkConnection(k *Connection, path string, p *populations, seen map[string]string) {
	k.Pos = c.At(path)
	c.unique("connection", seen, k.Name, path+".name")
	from := c.population(p, path+".from", k.From)
	to := c.group(p, path+".to", k.To)
	if from == 0 || to == 0 {
		return
	}
	c.checkSource(path, k)
	switch {
	case k.Weights != nil:
		checkMatrix(c, path+".weights", k.Weights, to, from)
	case k.OneToOne != nil:
		c.realPairs(path+".one_to_one", k, to, from)
	default:
		k.shapes = checkKernel(c, path, k.Conv, p, k.From, k.To)
	}
	if b := k.Bias; b != nil && b.Tensor == nil && b.ragged {
		c.add(path+".bias", codeShape, "%s.bias is %s", path, b.form()).WithFix("give one number, or a list")
	}
}

// checkSource refuses a source that never spikes, and the OR of spikes that are not alike.
func (c *checker) checkSource(path string, k *Connection) {
	i := slices.IndexFunc(c.Spiking.Populations, func(p Population) bool { return p.Name == k.From })
	if i < 0 {
		return
	}
	cell := &c.Spiking.Populations[i].Cell
	if !cell.Spikes() {
		c.add(path+".from", codeReference, "%q is of kind %s, which never spikes", k.From, cell.Kind).
			WithNote("a connection carries spikes; voltages are not passed on").WithFix("give %q a threshold, or take the connection away", k.From)
	}
	if carries := kinds[cell.Kind].carries; k.Max() && carries != "" {
		c.add(path+".pool.kind", codeConflict, "%q is of kind %s, whose spikes carry %s", k.From, cell.Kind, carries).
			WithNote("max-pooling is the OR of plain spikes").WithFix("pool by sum, or give %q another kind", k.From)
	}
}

func (c *checker) realPairs(path string, k *Connection, to, from int) {
	if from != to {
		c.add(path, codeShape, "%q has %d members and %q has %d", k.From, from, k.To, to).WithFix("join populations of the same size")
		return
	}
	if to > maxPairs {
		c.add(path, codeTooLarge, "%q has %d members", k.To, to).WithFix("join at most %d members one to one", maxPairs)
		return
	}
	if x := k.OneToOne; claim(c, path, x, to, 1) && x.Tensor == nil && (x.ragged || len(x.Data) != 1 && len(x.Data) != to) {
		c.add(path, codeShape, "%s is %s", path, x.form()).WithFix("give one number, or a list of %d", to)
	}
}

// maxPairs bounds populations that are joined member to member: as many as a kernel has channels.
const maxPairs = 1 << 14

// shapesOf are the shapes of two populations, with an error where one has none.
func (c *checker) shapesOf(path string, p *populations, from, to string) (shapes [2][]int) {
	for i, name := range []string{from, to} {
		if shapes[i] = p.shape[name]; shapes[i] == nil {
			c.add(path, codeShape, "%q has a size and no shape", name).WithFix("give it a shape of channels, rows and columns instead")
			return [2][]int{}
		}
	}
	return shapes
}

// populace is what is checked alike of inputs, groups and populations.
type populace struct {
	path  string
	name  string
	size  *int
	shape []int
	pos   *diag.Pos
}
