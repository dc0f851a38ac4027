package decolle

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
)

// tolerance is the relative deviation allowed for gradients and for the rest.
type tolerance struct{ gradient, other float64 }

var tolerances = map[string]tolerance{
	"f64": {gradient: 1e-9, other: 1e-9},
	"f32": {gradient: 2e-3, other: 1e-4},
}

// goldenObject is one kind of recorded value of a layer. Checksums carry the
// suffix _chk; spikes are strings of 0 and 1.
type goldenObject struct {
	name     string
	spikes   bool
	whole    bool // one value of the whole batch
	gradient bool
}

// goldenObjects is in the order in which a row computes them.
var goldenObjects = []goldenObject{
	{name: "Q"},
	{name: "P"},
	{name: "R"},
	{name: "u"},
	{name: "s", spikes: true},
	{name: "S", spikes: true},
	{name: "r"},
	{name: "loss", whole: true},
	{name: "dW", whole: true, gradient: true},
	{name: "db", whole: true, gradient: true},
	{name: "W", whole: true},
	{name: "b", whole: true},
}

const checksumSuffix = "_chk"

// comparison compares a replay with its record.
type comparison struct {
	g         *golden
	tolerance tolerance
	start     []Parameters // recorded start, by layer
	seen      map[string]*Deviation
	first     *Difference
}

// checkParameters reads the recorded start of all layers.
func (c *comparison) checkParameters() error {
	in := c.g.spec().Input
	for l, layer := range c.g.Layers {
		spec := c.g.spec().filled().Layers[l]
		geo := spec.geometry(in)
		p := Parameters{Shape: spec.weightShape(in)}
		at := path{"layers", l}
		if !slices.Equal(layer.Shape, p.Shape) {
			return c.g.fail(at.below("weight_shape"), "is %v, but the layers below make it %v", layer.Shape, p.Shape)
		}
		for _, part := range []struct {
			name  string
			raw   json.RawMessage
			dst   *[]float64
			shape []int
		}{
			{"W0", layer.W0, &p.W, p.Shape},
			{"b0", layer.B0, &p.B, []int{spec.Out}},
			{"G", layer.G, &p.G, []int{c.g.Classes, geo.out.Size()}},
			{"gb", layer.GB, &p.GB, []int{c.g.Classes}},
		} {
			var err error
			if *part.dst, err = c.read(at.below(part.name), part.raw, part.shape); err != nil {
				return err
			}
		}
		c.start = append(c.start, p)
		in = geo.out
	}
	return nil
}

// read flattens a recorded value that must have the given shape, or (shape nil)
// any.
func (c *comparison) read(at path, raw json.RawMessage, shape []int) ([]float64, error) {
	b, err := readBlock(raw)
	if err != nil {
		return nil, c.g.fail(at, "%v", err)
	}
	if !slices.Equal(b.shape, shape) {
		return nil, c.g.fail(at, "has shape %v, want %v", b.shape, shape)
	}
	return b.data, nil
}

// required lists what must be recorded of a layer: always, and after an update.
type required struct{ always, updated []string }

var (
	requiredTrace = required{
		[]string{"Q_chk", "P_chk", "R_chk", "u", "s", "r", "loss", "W_chk"},
		[]string{"dW_chk", "db_chk"},
	}
	requiredSnapshot = required{[]string{"Q", "P", "R", "S"}, []string{"dW", "db", "W", "b"}}
)

// check reports the first object that is missing.
func (r required) check(c *comparison, at path, recorded map[string]json.RawMessage, updated bool) error {
	names := r.always
	if updated {
		names = slices.Concat(r.always, r.updated)
	}
	for _, name := range names {
		if recorded[name] == nil {
			return c.g.fail(at, "does not hold %q", name)
		}
	}
	return nil
}

// layer compares everything that is recorded of one layer in one row.
func (c *comparison) layer(at path, recorded map[string]json.RawMessage, o observation) error {
	known := 0
	for _, object := range goldenObjects {
		for _, part := range []struct {
			name    string
			compare func(path, goldenObject, json.RawMessage, [][]float64) error
		}{
			{object.name, c.values},
			{object.name + checksumSuffix, c.checksum},
		} {
			raw, ok := recorded[part.name]
			if !ok {
				continue
			}
			known++
			if o[object.name] == nil {
				return c.g.fail(at.below(part.name), "is recorded in a row without update")
			}
			if err := part.compare(at.below(part.name), object, raw, o[object.name]); err != nil {
				return err
			}
		}
	}
	if known != len(recorded) {
		return c.g.fail(at, "holds an object that this version does not know")
	}
	return nil
}

// values compares an object number by number.
func (c *comparison) values(at path, object goldenObject, raw json.RawMessage, got [][]float64) error {
	want, err := c.recorded(at, object, raw, got)
	if err != nil {
		return err
	}
	scale := meanMagnitude(want)
	for n, x := range got {
		for i := range x {
			d := c.difference(at, object, scale, x[i], want[n*len(x)+i])
			d.Item, d.Index = n, i
			if object.whole {
				d.Item = -1
			}
			c.note(d)
		}
	}
	return nil
}

func (c *comparison) recorded(at path, object goldenObject, raw json.RawMessage, got [][]float64) ([]float64, error) {
	if object.spikes {
		return c.recordedSpikes(at, raw, len(got), len(got[0]))
	}
	shape := []int{len(got), len(got[0])}
	switch object.name {
	case "loss":
		shape = nil
	case "dW", "W":
		shape = c.start[layerOf(at)].Shape
	case "db", "b":
		shape = shape[1:]
	}
	return c.read(at, raw, shape)
}

// layerOf is the layer of a path trace[t].layers[l].object.
func layerOf(at path) int { return at[3].(int) }

// recordedSpikes reads one string of 0 and 1 for each item.
func (c *comparison) recordedSpikes(at path, raw json.RawMessage, items, n int) ([]float64, error) {
	var rows []string
	if json.Unmarshal(raw, &rows) != nil || len(rows) != items {
		return nil, c.g.fail(at, "is not a list of %d strings", items)
	}
	var out []float64
	for i, s := range rows {
		if len(s) != n || strings.Trim(s, "01") != "" {
			return nil, c.g.fail(at.below(i), "is not a string of %d characters 0 and 1", n)
		}
		for _, bit := range []byte(s) {
			out = append(out, float64(bit-'0'))
		}
	}
	return out, nil
}

// checksum compares the three sums over an object.
func (c *comparison) checksum(at path, object goldenObject, raw json.RawMessage, got [][]float64) error {
	want, err := c.read(at, raw, []int{3})
	if err != nil {
		return err
	}
	sums, scale := checksum(slices.Concat(got...))
	for i := range sums {
		d := c.difference(at, object, scale[i], sums[i], want[i])
		d.Item, d.Index = -1, i
		c.note(d)
	}
	return nil
}

// number compares one number of the whole run, if it is recorded.
func (c *comparison) number(name string, scale, got float64, want *float64) {
	if want == nil {
		return
	}
	d := c.difference(path{name}, goldenObject{name: name}, scale, got, *want)
	d.Row, d.Layer, d.Item = len(c.g.Trace)-1, -1, -1
	c.note(d)
}

// difference sets the two values of an object against its tolerance.
func (c *comparison) difference(at path, object goldenObject, scale, got, want float64) Difference {
	relative := c.tolerance.other
	if object.gradient {
		relative = c.tolerance.gradient
	}
	d := Difference{Object: at[len(at)-1].(string), Got: got, Want: want}
	if !object.spikes {
		d.Tolerance = relative * max(scale, math.Abs(want))
	}
	if len(at) > 3 {
		d.Row, d.Layer = c.g.rowOf(at), layerOf(at)
	}
	return d
}

// rowOf is the row of a path into the trace or the snapshots.
func (g *golden) rowOf(at path) int {
	i := at[1].(int)
	if at[0] == "snapshots" {
		return g.Snapshots[i].T
	}
	return i
}

// note books a pair of values.
func (c *comparison) note(d Difference) {
	if c.seen == nil {
		c.seen = map[string]*Deviation{}
	}
	seen := c.seen[d.Object]
	if seen == nil {
		seen = &Deviation{Object: d.Object}
		c.seen[d.Object] = seen
	}
	seen.Values++
	gap := math.Abs(d.Got - d.Want)
	if gap > 0 || gap != gap {
		seen.Worst = max(seen.Worst, gap/d.Tolerance)
	}
	if !(gap <= d.Tolerance) && c.first == nil {
		c.first = &d
	}
}

// deviations lists the objects in the order of goldenObjects, checksums after
// their object, numbers of the run last.
func (c *comparison) deviations() []Deviation {
	var order []string
	for _, o := range goldenObjects {
		order = append(order, o.name, o.name+checksumSuffix)
	}
	var out []Deviation
	for _, name := range append(order, "mean_rate", "min_abs_u") {
		if d := c.seen[name]; d != nil {
			out = append(out, *d)
		}
	}
	return out
}

func meanMagnitude(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += math.Abs(v)
	}
	return sum / float64(max(len(x), 1))
}
