package ir_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"decc/ir"
	"decc/ir/sem"
)

// convolved is the cross-correlation by its definition, from all targets to all sources.
func convolved(c *ir.Conv, kernel *ir.Tensor) map[[2]int]int64 {
	k, out, all := kernel.Shape, c.Out(kernel.Shape), map[[2]int]int64{}
	at := func(o, ch, ky, kx int) int64 { return int64(kernel.Data[((o*k[1]+ch)*k[2]+ky)*k[3]+kx]) }
	for o := range out[0] {
		for y := range out[1] {
			for x := range out[2] {
				for in := range c.In[0] {
					group := in / k[1]
					if group != o/(k[0]/c.Groups) {
						continue
					}
					for row := range c.In[1] {
						for col := range c.In[2] {
							dy, dx := row+c.Padding[0]-y*c.Stride[0], col+c.Padding[1]-x*c.Stride[1]
							if dy < 0 || dx < 0 || dy%c.Dilation[0] != 0 || dx%c.Dilation[1] != 0 || dy/c.Dilation[0] >= k[2] || dx/c.Dilation[1] >= k[3] {
								continue
							}
							if w := at(o, in%k[1], dy/c.Dilation[0], dx/c.Dilation[1]); w != 0 {
								all[[2]int{(in*c.In[1]+row)*c.In[2] + col, (o*out[1]+y)*out[2] + x}] = w
							}
						}
					}
				}
			}
		}
	}
	return all
}

// TestConvByDefinition: every synapse of a kernel is where the definition has it, once, by
// target and then source.
func TestConvByDefinition(t *testing.T) {
	for _, c := range []ir.Conv{
		{In: [3]int{1, 4, 5}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1},
		{In: [3]int{2, 5, 4}, Stride: [2]int{2, 1}, Padding: [2]int{1, 2}, Dilation: [2]int{1, 1}, Groups: 1},
		{In: [3]int{4, 6, 6}, Stride: [2]int{2, 2}, Dilation: [2]int{1, 1}, Groups: 4},
		{In: [3]int{4, 7, 5}, Stride: [2]int{1, 2}, Padding: [2]int{2, 1}, Dilation: [2]int{2, 3}, Groups: 2},
	} {
		kernel := []int{4, c.In[0] / c.Groups, 3, 2}
		data := make([]int64, kernel[0]*kernel[1]*kernel[2]*kernel[3])
		for i := range data {
			data[i] = int64(i%7 - 3)
		}
		w := ir.NewTensor(data, kernel...)
		if err := c.Check(kernel); err != nil {
			t.Fatal(err)
		}
		want, last, n := convolved(&c, w), [2]int{-1, -1}, 0
		s := &ir.Synapse{Conv: &c, Weights: w}
		s.Each(func(pre, post int, m int64, _ int) {
			n++
			if want[[2]int{pre, post}] != m {
				t.Errorf("%+v: weight %d from %d to %d, want %d", c, m, pre, post, want[[2]int{pre, post}])
			}
			if at := [2]int{post, pre}; slices.Compare(at[:], last[:]) <= 0 {
				t.Errorf("%+v: %v after %v", c, at, last)
			} else {
				last = at
			}
		})
		if n != len(want) {
			t.Errorf("%+v: %d synapses, want %d", c, n, len(want))
		}
	}
}

const convText = `module @c {
  input @in x 24
  group @a : @cuba x 12 { vth = 640 }
  synapse @w : @in -> @a.drive conv s8[3x1x2x2]{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12} in(2, 3, 4)%s bits(8) exp(0) sign(mixed)
}`

// TestConvInText: a kernel prints as it was read, and what does not fit is told.
func TestConvInText(t *testing.T) {
	program, err := ir.BuiltinText("cuba")
	if err != nil {
		t.Fatal(err)
	}
	parse := func(slide, shape string) (*ir.Module, error) {
		text := strings.Replace(fmt.Sprintf(convText, slide), "3x1x2x2", shape, 1)
		return ir.Parse(strings.Replace(text, "  input", "  "+program+"\n  input", 1), "c.dcir")
	}
	m, err := parse(" stride(1, 2) padding(0, 0) dilation(2, 1)", "3x2x2x1")
	if err == nil {
		err = ir.Verify(m)
	}
	if err == nil || !strings.Contains(err.Error(), "takes [2 3 4] to [3 1 2]") {
		t.Errorf("got %v", err)
	}
	m, err = parse(" stride(1, 2)", "3x2x2x1")
	if err == nil {
		err = ir.Verify(m)
	}
	if err != nil {
		t.Fatal(err)
	}
	again, err := ir.Parse(ir.Text(m), "c.dcir")
	if err != nil || ir.Text(again) != ir.Text(m) || !strings.Contains(ir.Text(m), "in(2, 3, 4) stride(1, 2) bits(8)") {
		t.Errorf("%v\n%s", err, ir.Text(m))
	}
	for slide, want := range map[string]string{
		" stride(0, 1)":  "stride [0 1], allowed is 1..1024",
		" groups(2)":     "2 groups of channels over 2 in and 3 out",
		" dilation(9,1)": "larger than the source",
	} {
		m, err := parse(slide, "3x2x2x1")
		if err == nil {
			err = ir.Verify(m)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", slide, err, want)
		}
	}
	m.Synapses[0].Rule = "r"
	m.Rules = []*ir.Rule{{Rule: sem.Rule{Name: "r", Epoch: 1}}}
	if err := ir.Verify(m); err == nil || !strings.Contains(err.Error(), "do not learn") {
		t.Errorf("a kernel that learns: %v", err)
	}
}

// Listed has the same synapses, with their delays.
func TestListed(t *testing.T) {
	c := ir.Conv{In: [3]int{1, 3, 3}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}
	s := &ir.Synapse{Conv: &c, Weights: ir.NewTensor([]int64{1, 0, 3, -4}, 1, 1, 2, 2), Delay: ir.NewTensor([]int64{5, 6, 7, 8}, 1, 1, 2, 2)}
	type synapse struct {
		pre, post int
		m         int64
		delay     int
	}
	all := func(s *ir.Synapse) (list []synapse) {
		s.Each(func(pre, post int, m int64, delay int) { list = append(list, synapse{pre, post, m, delay}) })
		return list
	}
	if got, want := all(s.Listed()), all(s); !slices.Equal(got, want) || len(want) != 12 || want[1] != (synapse{3, 0, 3, 7}) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestConvBoundsAreThoseOfTheList: what can arrive over a kernel is what can arrive over its
// synapses one by one, borders, gaps and groups included.
func TestConvBoundsAreThoseOfTheList(t *testing.T) {
	for i, c := range []ir.Conv{
		{In: [3]int{3, 4, 5}, Stride: [2]int{1, 1}, Padding: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1},
		{In: [3]int{4, 7, 5}, Stride: [2]int{1, 2}, Padding: [2]int{2, 1}, Dilation: [2]int{2, 3}, Groups: 2},
		{In: [3]int{4, 6, 6}, Stride: [2]int{3, 3}, Dilation: [2]int{1, 1}, Groups: 4},
	} {
		kernel := []int{4, c.In[0] / c.Groups, 3, 2}
		data := make([]int64, kernel[0]*kernel[1]*kernel[2]*kernel[3])
		for k := range data {
			data[k] = int64((k*37+i)%101 - 45)
		}
		out := c.Out(kernel)
		m, err := ir.NewBuilder("net", sem.Silicon).Input("in", c.In[0]*c.In[1]*c.In[2]).Group("a", "cuba", out[0]*out[1]*out[2]).Param("a", "vth", 64).Build()
		if err != nil {
			t.Fatal(err)
		}
		s := &ir.Synapse{Name: "w", Pre: "in", Post: "a", Port: "drive", Format: sem.WeightFormat{Bits: 8}, Conv: &c, Weights: ir.NewTensor(data, kernel...)}
		m.Synapses = []*ir.Synapse{s}
		kernels := ir.Bounds(m)
		m.Synapses = []*ir.Synapse{s.Listed()}
		if list := ir.Bounds(m); !reflect.DeepEqual(kernels, list) {
			t.Errorf("%+v: %v over the kernel, %v over the list", c, kernels, list)
		}
	}
}
