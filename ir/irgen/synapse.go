package irgen

import (
	"fmt"

	"decc/ir"
	"decc/ir/sem"
)

// source is a population that sends spikes.
type source struct {
	name   string
	n      int
	graded bool // its spikes carry values
}

func (w *maker) sources() []source {
	var all []source
	for _, in := range w.m.Inputs {
		all = append(all, source{in.Name, in.N, in.Payload != sem.Type{}})
	}
	for _, g := range w.m.Groups {
		if g.Program.Spike != sem.NoRef {
			all = append(all, source{g.Name, g.N, g.Program.Payload != sem.NoRef})
		}
	}
	return all
}

// synapse connects a random source, the target itself not excluded, to a random port.
func (w *maker) synapse() {
	pre, post := oneOf(w.dice, w.sources()...), oneOf(w.dice, w.m.Groups...)
	ports := post.Program.FieldsOf(sem.Port)
	s := &ir.Synapse{
		Name: fmt.Sprintf("w%d", len(w.m.Synapses)), Pre: pre.name, Post: post.Name,
		Port: post.Program.Fields[oneOf(w.dice, ports...)].Name, Format: w.format(), Graded: pre.graded && w.chance(60),
	}
	if w.o.Exact && w.m.InputByName(pre.name) == nil {
		s.Graded = false // a group's payload may be too great for ExactRows
	}
	switch {
	case w.chance(20) && w.conv(s, pre.n, post.N):
	case w.chance(50):
		w.dense(s, pre.n, post.N)
	default:
		w.list(s, pre.n, post.N)
	}
	w.delays(s)
	w.m.Synapses = append(w.m.Synapses, s)
}

func (w *maker) format() sem.WeightFormat {
	f := sem.WeightFormat{Bits: oneOf(w.dice, 8, 8, 8, 6, 5, 4, 3, 2, 1, 0, 7), Sign: sem.SignMode(w.IntN(len(sem.SignNames)))}
	if w.o.Loihi2 && f.Bits == 7 {
		f.Bits = 8 // the chip has no such width
	}
	f.Exp = int(w.extreme(-8, 7))
	if w.o.Exact {
		f.Exp = 0 // a negative exponent rounds sums, a great one reaches limits
	}
	return f
}

// mantissa draws within the sign mode, often at its ends.
func (w *maker) mantissa(sign sem.SignMode) int64 {
	limits := [...][2]int64{sem.Mixed: {-256, 255}, sem.Excitatory: {0, 255}, sem.Inhibitory: {-256, 0}}[sign]
	if w.o.Exact {
		return w.within(max(limits[0], -4), min(limits[1], 4))
	}
	return w.extreme(limits[0], limits[1])
}

func (w *maker) mantissas(n int, sign sem.SignMode, percent int) []int64 {
	m := make([]int64, n)
	for i := range m {
		if w.chance(percent) {
			m[i] = w.mantissa(sign)
		}
	}
	return m
}

func (w *maker) dense(s *ir.Synapse, pre, post int) {
	density := oneOf(w.dice, 5, 30, 100)
	s.Weights = ir.NewTensor(w.mantissas(post*pre, s.Format.Sign, density), post, pre)
}

// conv draws a kernel that slides from pre members to post members; it reports whether it
// found one.
func (w *maker) conv(s *ir.Synapse, pre, post int) bool {
	for range 60 {
		c := ir.Conv{Groups: oneOf(w.dice, 1, 1, 2, 3)}
		c.In[0] = 1 + w.IntN(4)
		c.In[1] = 1 + w.IntN(6)
		if c.In[2] = pre / (c.In[0] * c.In[1]); c.In[0]*c.In[1]*c.In[2] != pre || c.In[0]%c.Groups != 0 {
			continue
		}
		for i := range 2 {
			c.Stride[i], c.Padding[i], c.Dilation[i] = 1+w.IntN(2), w.IntN(3), 1+w.IntN(2)
		}
		kernel := []int{1, c.In[0] / c.Groups, 1 + w.IntN(3), 1 + w.IntN(3)}
		plane := c.Out(kernel)[1] * c.Out(kernel)[2]
		if plane == 0 || post%plane != 0 {
			continue
		}
		kernel[0] = post / plane
		if c.Check(kernel) != nil {
			continue
		}
		s.Conv, s.Weights = &c, ir.NewTensor(w.mantissas(kernel[0]*kernel[1]*kernel[2]*kernel[3], s.Format.Sign, oneOf(w.dice, 30, 100)), kernel...)
		return true
	}
	return false
}

// list draws single synapses; a pair of members can have several.
func (w *maker) list(s *ir.Synapse, pre, post int) {
	n := w.IntN(2 * maxMembers)
	ends := make([]int64, 0, 2*n)
	for range n {
		ends = append(ends, int64(w.IntN(pre)), int64(w.IntN(post)))
	}
	s.Weights = ir.NewTensor(w.mantissas(n, s.Format.Sign, 95), n)
	s.PrePost = ir.NewTensor(ends, n, 2)
}

func (w *maker) delays(s *ir.Synapse) {
	if w.chance(50) {
		return
	}
	most := oneOf[int64](w.dice, 1, 3, 7, maxDelay-1)
	if w.chance(20) && !w.o.Loihi2 {
		most = maxDelay // the chip's greatest delay is one less
	}
	shape := oneOf(w.dice, []int{1}, s.Weights.Shape)
	n := 1
	for _, d := range shape {
		n *= d
	}
	rows := make([]int64, n)
	for i := range rows {
		rows[i] = w.extreme(0, most)
	}
	s.Delay = ir.NewTensor(rows, shape...)
}
