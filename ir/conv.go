package ir

import (
	"fmt"
	"slices"
)

// Conv says how a kernel slides over the members of a source that stand in channels, rows
// and columns, the channel outermost: the target's members stand likewise, and member
// (o, y, x) takes from (c, y*stride - padding + ky*dilation, x*stride - padding + kx*dilation)
// the weight (o, c, ky, kx), where c counts from the first channel of o's group. Nothing is
// flipped: a cross-correlation, as deep-learning tools have it. Pairs are rows, columns.
type Conv struct {
	In       [3]int // channels, rows, columns of the source
	Stride   [2]int
	Padding  [2]int
	Dilation [2]int
	Groups   int // of channels; each takes from its own share of the source's
}

// Limits of a Conv: sizes are those of images, so that no product of them overflows.
const (
	maxConvSide  = 1 << 14
	maxConvSpace = 1 << 10 // stride, padding, dilation
)

// Out is the channels, rows and columns of the target under a kernel of this shape,
// [out channels, in channels of a group, rows, columns].
func (c *Conv) Out(kernel []int) [3]int {
	out := [3]int{kernel[0]}
	for i := range 2 {
		reach := c.Dilation[i]*(kernel[2+i]-1) + 1
		if room := c.In[1+i] + 2*c.Padding[i] - reach; room >= 0 {
			out[1+i] = room/c.Stride[i] + 1
		}
	}
	return out
}

// Check tells what keeps a kernel of this shape from sliding over the source.
func (c *Conv) Check(kernel []int) error {
	if len(kernel) != 4 || slices.Min(kernel) < 1 || slices.Max(kernel) > maxConvSide {
		return fmt.Errorf("a kernel of shape %v, needed is [out channels, in channels, rows, columns], each 1..%d", kernel, maxConvSide)
	}
	if slices.Min(c.In[:]) < 1 || slices.Max(c.In[:]) > maxConvSide {
		return fmt.Errorf("a source of %v channels, rows and columns, allowed is 1..%d each", c.In, maxConvSide)
	}
	for _, x := range []struct {
		name  string
		least int
		pair  [2]int
	}{{"stride", 1, c.Stride}, {"padding", 0, c.Padding}, {"dilation", 1, c.Dilation}} {
		if slices.Min(x.pair[:]) < x.least || slices.Max(x.pair[:]) > maxConvSpace {
			return fmt.Errorf("%s %v, allowed is %d..%d", x.name, x.pair, x.least, maxConvSpace)
		}
	}
	if c.Groups < 1 || c.In[0]%c.Groups != 0 || kernel[0]%c.Groups != 0 || kernel[1] != c.In[0]/c.Groups {
		return fmt.Errorf("%d groups of channels over %d in and %d out, with a kernel for %d in", c.Groups, c.In[0], kernel[0], kernel[1])
	}
	if out := c.Out(kernel); out[1] == 0 || out[2] == 0 {
		return fmt.Errorf("a kernel of %d x %d (dilation %v), larger than the source of %d x %d with its padding", kernel[2], kernel[3], c.Dilation, c.In[1], c.In[2])
	}
	return nil
}

// Each visits the synapses of a kernel by post, then pre, with the place of their weight.
func (c *Conv) Each(kernel []int, visit func(pre, post, weight int)) {
	out := c.Out(kernel)
	c.EachOf(kernel, 0, out[0]*out[1]*out[2], visit)
}

// EachOf is Each for the targets first .. first+n-1.
func (c *Conv) EachOf(kernel []int, first, n int, visit func(pre, post, weight int)) {
	out := c.Out(kernel)
	share := kernel[0] / c.Groups // out channels of a group
	for post := first; post < first+n; post++ {
		o, place := post/(out[1]*out[2]), post%(out[1]*out[2])
		channel := o / share * kernel[1] // first in channel
		c.taps(kernel, place/out[2], place%out[2], func(ch, pre, weight int) {
			visit((channel+ch)*c.In[1]*c.In[2]+pre, post, o*kernel[1]*kernel[2]*kernel[3]+weight)
		})
	}
}

// FanIn counts the weights other than 0 that each target takes from within the source.
func (c *Conv) FanIn(weights *Tensor) []int {
	kernel := weights.Shape
	out, area := c.Out(kernel), kernel[2]*kernel[3]
	counts := make([]int, 0, out[0]*out[1]*out[2])
	for o := range out[0] {
		present := make([]int, area) // weights of channel o that are not 0, by row and column of the kernel
		for i, w := range weights.Data[o*kernel[1]*area : (o+1)*kernel[1]*area] {
			if w != 0 {
				present[i%area]++
			}
		}
		for p := range out[1] * out[2] {
			n := 0
			c.taps([]int{1, 1, kernel[2], kernel[3]}, p/out[2], p%out[2], func(_, _, weight int) { n += present[weight] })
			counts = append(counts, n)
		}
	}
	return counts
}

// taps visits what a target at row y, column x takes from the channels of its group: the
// place within the channel, and that of the weight within the target's channel.
func (c *Conv) taps(kernel []int, y, x int, visit func(ch, pre, weight int)) {
	top, left := y*c.Stride[0]-c.Padding[0], x*c.Stride[1]-c.Padding[1]
	for ch := range kernel[1] {
		for ky := range kernel[2] {
			row := top + ky*c.Dilation[0]
			if row < 0 || row >= c.In[1] {
				continue
			}
			for kx := range kernel[3] {
				if col := left + kx*c.Dilation[1]; col >= 0 && col < c.In[2] {
					visit(ch, row*c.In[2]+col, (ch*kernel[2]+ky)*kernel[3]+kx)
				}
			}
		}
	}
}

// Listed is the same connection as a List.
func (s *Synapse) Listed() *Synapse {
	list := *s
	var mantissas, ends, delays []int64
	s.Each(func(pre, post int, mantissa int64, delay int) {
		mantissas, ends, delays = append(mantissas, mantissa), append(ends, int64(pre), int64(post)), append(delays, int64(delay))
	})
	list.Conv, list.Weights, list.PrePost = nil, NewTensor(mantissas, len(mantissas)), NewTensor(ends, len(mantissas), 2)
	if s.Delay != nil && s.Delay.Len() > 1 {
		list.Delay = NewTensor(delays, len(delays))
	}
	return &list
}
