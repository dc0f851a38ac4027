package model

import (
	"fmt"
	"slices"

	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// populations knows the sizes of what synapses and joins can name.
type populations struct {
	size  map[string]int
	shape map[string][]int
	place map[string]string
	names []string
}

func (c *checker) checkFixed(f *Fixed) {
	f.Profile, _ = sem.ProfileByName(f.Semantics) // the schema has the same names
	var groups []populace
	for i := range f.Groups {
		g := &f.Groups[i]
		groups = append(groups, populace{fmt.Sprintf("groups[%d]", i), g.Name, &g.Size, g.Shape, &g.Pos})
	}
	p := c.populations(f.Inputs, groups)
	c.checkPrograms(f)
	c.checkGroups(f)
	seen := map[string]string{}
	for i := range f.Synapses {
		c.checkSynapse(&f.Synapses[i], fmt.Sprintf("synapses[%d]", i), p, seen)
	}
	for i := range f.Joins {
		c.checkJoin(&f.Joins[i], fmt.Sprintf("joins[%d]", i), p)
	}
	seen = map[string]string{}
	for i := range f.Layers {
		c.checkObserved(&f.Layers[i], fmt.Sprintf("layers[%d]", i), p, seen)
	}
	if f.Stimulus != nil {
		c.checkStimulus(&f.Presented, f.Stimulus)
	}
}

// populations enters the inputs and what else synapses can name.
func (c *checker) populations(inputs []Source, others []populace) *populations {
	p := &populations{size: map[string]int{}, shape: map[string][]int{}, place: map[string]string{}}
	var all []populace
	for i := range inputs {
		in := &inputs[i]
		all = append(all, populace{fmt.Sprintf("inputs[%d]", i), in.Name, &in.Size, in.Shape, &in.Pos})
	}
	for _, x := range append(all, others...) {
		*x.pos = c.At(x.path)
		c.unique("population", p.place, x.name, x.path+".name")
		if x.shape != nil {
			c.planes(x.path+".shape", x.size, x.shape)
		}
		p.size[x.name], p.shape[x.name] = *x.size, x.shape
		p.names = append(p.names, x.name)
	}
	return p
}

// planes works out the size of a population from its shape.
func (c *checker) planes(path string, size *int, shape []int) {
	s := Shape{shape[0], shape[1], shape[2]}
	if !s.sound() {
		c.add(path, codeTooLarge, "%s is %v, %d members", path, shape, s.Size()).WithFix("use at most %d members", maxMembers)
		return
	}
	*size = s.Size()
}

// population looks a name up; 0 where there is none.
func (c *checker) population(p *populations, path, name string) int {
	size, ok := p.size[name]
	if !ok {
		d := c.add(path, codeReference, "there is no input or group %q", name)
		if near, close := diag.Nearest(name, p.names); close {
			d.WithFix("did you mean %q?", near)
		} else {
			d.WithFix("use the name of an input or group")
		}
	}
	return size
}

// group is population for what must be a group.
func (c *checker) group(p *populations, path, name string) int {
	for _, in := range c.Presented().Inputs {
		if in.Name == name {
			c.add(path, codeReference, "%q is an input, expected a group", name).WithFix("use the name of a group")
			return 0
		}
	}
	return c.population(p, path, name)
}

func (c *checker) checkPrograms(f *Fixed) {
	for i := range f.Programs {
		f.Programs[i].Pos = c.At("programs." + f.Programs[i].Name)
	}
}

func (c *checker) checkGroups(f *Fixed) {
	for i := range f.Groups {
		g := &f.Groups[i]
		path := fmt.Sprintf("groups[%d]", i)
		for k := range g.Params {
			p := &g.Params[k]
			place := path + ".params." + p.Name
			p.Pos = c.At(place)
			c.oneOrEach(place, &p.Values, g.Size)
		}
		if g.Reset != nil && g.Reset.Offset >= g.Reset.Interval {
			c.add(path+".reset.offset", codeRange, "offset is %d, interval is %d", g.Reset.Offset, g.Reset.Interval).
				WithFix("use an offset less than the interval")
		}
	}
}

// oneOrEach checks integers of the text: one number, or a list of n.
func (c *checker) oneOrEach(path string, x *Ints, n int) {
	if x.Tensor != nil || len(x.Shape) == 0 {
		return
	}
	if x.ragged || len(x.Shape) != 1 || x.Shape[0] != n {
		c.add(path, codeShape, "%s is %s", path, x.form()).WithFix("give one number, or a list of %d", n)
	}
}

func (c *checker) checkSynapse(s *Synapse, path string, p *populations, seen map[string]string) {
	s.Pos = c.At(path)
	c.unique("synapse", seen, s.Name, path+".name")
	if s.Split = s.Sign == signSplit; !s.Split {
		if mode := slices.Index(sem.SignNames[:], s.Sign); mode >= 0 {
			s.SignMode = sem.SignMode(mode)
		}
	}
	from := c.population(p, path+".from", s.From)
	to := c.group(p, path+".to", s.To)
	if from == 0 || to == 0 {
		return
	}
	switch {
	case s.Weights != nil:
		checkMatrix(c, path+".weights", s.Weights, to, from)
	case s.OneToOne != nil:
		if from != to {
			c.add(path+".one_to_one", codeShape, "%q has %d members and %q has %d", s.From, from, s.To, to).
				WithFix("join populations of the same size")
			return
		}
		if claim(c, path+".one_to_one", s.OneToOne, to, 1) {
			c.oneOrEach(path+".one_to_one", s.OneToOne, to)
		}
	case s.Conv != nil || s.Pool != nil:
		s.shapes = checkKernel(c, path, s.Conv, p, s.From, s.To)
	default:
		c.checkList(s, path, from, to)
	}
}

// Bounds of a network's weights, all synapses together.
const (
	maxFilled = 1 << 24 // that single numbers of the text stand for
	maxLoaded = 1 << 26 // in all
)

// claim counts the weights of a synapse or connection; it says whether there is room for them.
func claim[T Number](c *checker, path string, x *Numbers[T], to, from int) bool {
	n := float64(to) * float64(from)
	filled := x.Tensor == nil && len(x.Shape) == 0
	if c.loaded += n; filled {
		c.filled += n
	}
	if c.loaded <= maxLoaded && c.filled <= maxFilled {
		return true
	}
	c.add(path, codeTooLarge, "%.0f weights (%d x %d) are too many for the network", n, to, from).
		WithNote("limits: %d weights in all, %d of them for which a single number stands", maxLoaded, maxFilled).
		WithFix("make the populations smaller, or give a kernel or a list of synapses where that is allowed")
	return false
}

// checkMatrix checks the weights of all pairs as the text gives them.
func checkMatrix[T Number](c *checker, path string, x *Numbers[T], to, from int) {
	if !claim(c, path, x, to, from) || x.Tensor != nil || len(x.Shape) == 0 {
		return
	}
	if x.ragged || len(x.Shape) != 2 || x.Shape[0] != to || x.Shape[1] != from {
		c.add(path, codeShape, "%s is %s", path, x.form()).WithFix("give one number, or a matrix of %d rows (to) of %d numbers (from)", to, from)
	}
}

// checkKernel demands the shapes that a kernel slides between, and returns them; conv is nil for
// a pooling.
func checkKernel[T Number](c *checker, path string, conv *Kernel[T], p *populations, from, to string) [2][]int {
	if conv == nil {
		return c.shapesOf(path+".pool", p, from, to)
	}
	if conv.Weights.Tensor == nil && conv.Size == nil {
		c.add(path+".conv.kernel", codeConflict, "%s.conv has a kernel of the text and no size", path).WithFix("add size: [rows, columns]")
	}
	return c.shapesOf(path+".conv", p, from, to)
}

func (c *checker) checkList(s *Synapse, path string, from, to int) {
	for i, row := range s.List {
		at := fmt.Sprintf("%s.list[%d]", path, i)
		c.member(at+"[0]", s.From, row[0], from)
		c.member(at+"[1]", s.To, row[1], to)
		if len(row) == 4 && c.Has(path+".delay") {
			c.add(path+".delay", codeConflict, "%s has delays of its own", at).WithFix("give the delay in one place")
			return
		}
	}
}

func (c *checker) member(path, name string, index int64, size int) {
	if index < 0 || index >= int64(size) {
		c.add(path, codeRange, "%q has no member %d", name, index).WithFix("use 0 to %d", size-1)
	}
}

func (c *checker) checkJoin(j *Join, path string, p *populations) {
	j.Pos = c.At(path)
	from := c.group(p, path+".from", j.From)
	to := c.group(p, path+".to", j.To)
	if from != to && from > 0 && to > 0 {
		c.add(path, codeShape, "%q has %d members and %q has %d", j.From, from, j.To, to).WithFix("join groups of the same size")
	}
}

func (c *checker) checkObserved(l *Observed, path string, p *populations, seen map[string]string) {
	l.Pos = c.At(path)
	c.unique("layer", seen, l.Name, path+".name")
	c.group(p, path+".spikes", l.Spikes)
	if (l.Readout == "") != (l.Value == "") {
		c.add(path, codeConflict, "%s has one of readout and value", path).WithFix("give both or none")
		return
	}
	if l.Readout != "" {
		c.group(p, path+".readout", l.Readout)
	}
}

func (c *checker) checkStimulus(f *Presented, s *Stimulus) {
	s.Pos = c.At("stimulus")
	if s.Kind != "images" && !c.Has("stimulus.split") {
		s.Split = "" // the default is that of images
	}
	if len(f.Inputs) == 0 {
		c.add("stimulus", codeReference, "there is a stimulus, but no input").WithFix("add inputs")
		return
	}
	if !c.Has("stimulus.input") {
		s.Input = f.Inputs[0].Name
	}
	size, names := 0, []string{}
	for _, in := range f.Inputs {
		names = append(names, in.Name)
		if in.Name != s.Input {
			continue
		}
		if size = in.Size; s.Bin != nil {
			c.bin(s.Bin, in)
		}
	}
	if size == 0 {
		c.noInput(s.Input, names)
		return
	}
	c.samples("stimulus", s.Samples, s.Count)
	c.eventList(s, size)
}

// bin checks how events become spikes of an input.
func (c *checker) bin(b *Bin, in Source) {
	const path = "stimulus.bin"
	if in.Shape == nil {
		c.add(path, codeShape, "the input %q has a size and no shape", in.Name).WithFix("give it a shape of channels, rows and columns instead")
		return
	}
	if slices.Min(b.Shrink[:]) < 1 {
		c.add(path+".shrink", codeRange, "shrink is %v", b.Shrink).WithFix("use 1 for an input of the size of the sensor, 2 for one of half its rows and columns, and so on")
		return
	}
	for axis, name := range [2]string{"rows", "columns"} {
		if reach := (b.Crop[axis] + b.Shrink[axis] - 1) / b.Shrink[axis]; reach > in.Shape[axis+1] {
			c.add(path+".crop", codeShape, "%d %s of the sensor count, %d each are one of the input, which has %d", b.Crop[axis], name, b.Shrink[axis], in.Shape[axis+1]).
				WithFix("crop more, shrink more, or give the input a larger shape")
		}
	}
	if b.Polarity != bothPolarities && in.Shape[0] != 1 {
		c.add(path+".polarity", codeConflict, "%s fills one channel, and the input %q has %d", b.Polarity, in.Name, in.Shape[0]).WithFix("give the input one channel, or take %s", bothPolarities)
	}
}

// bothPolarities is the Polarity that has a channel for each.
const bothPolarities = "both"

func (c *checker) noInput(name string, names []string) {
	d := c.add("stimulus.input", codeReference, "there is no input %q", name)
	if near, ok := diag.Nearest(name, names); ok {
		d.WithFix("did you mean %q?", near)
		return
	}
	d.WithFix("use the name of an input")
}

// eventList makes the train of events that the text lists.
func (c *checker) eventList(s *Stimulus, size int) {
	for i, e := range s.List {
		at := fmt.Sprintf("stimulus.list[%d]", i)
		if e[0] < 0 {
			c.add(at+"[0]", codeRange, "row %d", e[0]).WithFix("count rows from 0")
		}
		c.member(at+"[1]", s.Input, e[1], size)
		event := spikes.Event{Row: int32(e[0]), Index: int32(e[1]), Payload: 1}
		if len(e) == 3 {
			event.Payload = int32(e[2])
		}
		s.Train = append(s.Train, event)
	}
	s.Train.Sort()
}
