package model

import (
	"fmt"
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
	c.boundCell(path, p)
}

// boundCell checks time constants against the row: a share of more than all is none.
func (c *checker) boundCell(path string, p *Population) {
	dt := float64(c.Dt) / float64(time.Millisecond)
	for _, v := range p.Cell.values()[:3] {
		for i, tau := range v.values.Data {
			if tau > 0 && (c.Spiking.Integration == "exponential" || tau >= dt*(1-1e-6)) {
				continue
			}
			place := path + ".neuron." + v.key
			c.add(place, codeTime, "%s number %d is %v ms, a row is %v ms", place, i, tau, dt).
				WithFix("use time constants of at least a row, or integration: exponential, which takes any above 0")
			break
		}
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
	c.notFromSilent(path, k)
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

// notFromSilent refuses a source that never spikes.
func (c *checker) notFromSilent(path string, k *Connection) {
	for i := range c.Spiking.Populations {
		if q := &c.Spiking.Populations[i]; q.Name == k.From && !q.Cell.Spikes() {
			c.add(path+".from", codeReference, "%q is of kind %s, which never spikes", k.From, q.Cell.Kind).
				WithNote("a connection carries spikes; voltages are not passed on").WithFix("give %q a threshold, or take the connection away", k.From)
		}
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
