package decolle

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"decc/ir/diag"
	"decc/ir/spikes"
)

// goldenSchema is the only version of the recorded traces (golden/decolle/README.md).
const goldenSchema = "decolle-golden/1"

// Bounds of a recorded trace.
const (
	maxGoldenBytes   = 64 << 20
	maxGoldenMembers = 1 << 21 // lines and compartments of all items, kernel rows of all positions
)

// golden is a recorded run as it stands in the file. Nested lists of numbers stay
// raw until they are compared.
type golden struct {
	Schema       string          `json:"schema"`
	Name         string          `json:"name"`
	DType        string          `json:"dtype"`
	LayerModel   string          `json:"layer_model"`
	Surrogate    string          `json:"surrogate"`
	Alpha        float64         `json:"alpha"`
	Beta         float64         `json:"beta"`
	AlphaRP      float64         `json:"alpharp"`
	WRP          float64         `json:"wrp"`
	Gain         float64         `json:"gain"`
	InputShape   []int           `json:"input_shape"`
	Batch        int             `json:"batch"`
	Steps        int             `json:"steps"`
	BurnIn       int             `json:"burnin"`
	OnlineUpdate bool            `json:"online_update"`
	Classes      int             `json:"classes"`
	Dropout      float64         `json:"dropout"`
	Loss         string          `json:"loss"`
	Reg          []float64       `json:"reg"`
	Optimizer    goldenOptimiser `json:"optimizer"`
	Layers       []goldenLayer   `json:"layers"`
	InputActive  [][][]int32     `json:"input_active"`
	TargetClass  [][]int         `json:"target_class"`
	MinAbsU      *float64        `json:"min_abs_u"`
	MeanRate     *float64        `json:"mean_rate"`
	Trace        []goldenRow     `json:"trace"`
	Snapshots    []goldenShot    `json:"snapshots"`

	file string
	data []byte
}

type goldenOptimiser struct {
	Kind  string  `json:"kind"`
	LR    float64 `json:"lr"`
	Beta1 float64 `json:"beta1"`
	Beta2 float64 `json:"beta2"`
	Eps   float64 `json:"eps"`
}

type goldenLayer struct {
	Kind    string          `json:"kind"`
	Shape   []int           `json:"weight_shape"`
	Kernel  int             `json:"kernel"`
	Stride  int             `json:"stride"`
	Padding int             `json:"padding"`
	MaxPool int             `json:"maxpool"`
	W0      json.RawMessage `json:"W0"`
	B0      json.RawMessage `json:"b0"`
	G       json.RawMessage `json:"G"`
	GB      json.RawMessage `json:"gb"`
}

type goldenRow struct {
	T      int                          `json:"t"`
	Update bool                         `json:"update"`
	Layers []map[string]json.RawMessage `json:"layers"`
}

type goldenShot struct {
	T      int                          `json:"t"`
	Layers []map[string]json.RawMessage `json:"layers"`
}

// readGolden decodes and checks a recorded trace; every error is a diagnostic of
// code decolle/golden at its line and column.
func readGolden(file string, data []byte) (*golden, error) {
	g := &golden{file: file, data: data}
	if len(data) > maxGoldenBytes {
		return nil, diag.Errorf(diag.AtOffset(file, maxGoldenBytes), codeGolden, "the trace has %d bytes", len(data)).
			WithFix("recorded traces have at most %d bytes", maxGoldenBytes)
	}
	if err := json.Unmarshal(data, g); err != nil {
		return nil, g.syntax(err)
	}
	for _, check := range []func() error{g.checkSchema, g.checkLists, g.checkSize, g.checkInput} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// syntax places an error of the JSON decoder.
func (g *golden) syntax(err error) error {
	var offset int64
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	if errors.As(err, &syntax) {
		offset = syntax.Offset
	} else if errors.As(err, &kind) {
		offset = kind.Offset
	}
	return diag.Errorf(position(g.file, g.data, offset), codeGolden, "not a %s file: %v", goldenSchema, err).
		WithFix("take an undamaged copy of the recorded trace")
}

// fail reports what is wrong with the value at a path of the file.
func (g *golden) fail(at path, format string, args ...any) *diag.Diagnostic {
	d := diag.Errorf(locate(g.file, g.data, at), codeGolden, "%s %s", at, fmt.Sprintf(format, args...))
	return d.WithFix("take an undamaged copy of the recorded trace")
}

func (g *golden) checkSchema() error {
	if g.Schema != goldenSchema {
		return g.fail(path{"schema"}, "is %q, want %q", g.Schema, goldenSchema)
	}
	if g.DType != "f32" && g.DType != "f64" {
		return g.fail(path{"dtype"}, "is %q, want f32 or f64", g.DType)
	}
	if g.Dropout != 0 {
		return g.fail(path{"dropout"}, "is %v: dropout cannot be replayed", g.Dropout)
	}
	if len(g.InputShape) != 3 {
		return g.fail(path{"input_shape"}, "has %d sides, want channels, rows, columns", len(g.InputShape))
	}
	return nil
}

// checkLists compares the lengths of all lists that run along with another.
func (g *golden) checkLists() error {
	if g.Reg != nil && len(g.Reg) != len(g.Layers) {
		return g.fail(path{"reg"}, "has %d entries for %d layers", len(g.Reg), len(g.Layers))
	}
	for _, list := range []struct {
		name      string
		got, want int
	}{
		{"input_active", len(g.InputActive), g.Batch},
		{"target_class", len(g.TargetClass), g.Batch},
		{"trace", len(g.Trace), g.Steps},
	} {
		if list.got != list.want || list.want < 1 {
			return g.fail(path{list.name}, "has %d entries, want %d (at least 1)", list.got, list.want)
		}
	}
	for t, row := range g.Trace {
		if row.T != t || len(row.Layers) != len(g.Layers) {
			return g.fail(path{"trace", t}, "is row %d with %d layers, want row %d with %d", row.T, len(row.Layers), t, len(g.Layers))
		}
	}
	return g.checkSnapshots()
}

func (g *golden) checkSnapshots() error {
	last := -1
	for i, s := range g.Snapshots {
		if s.T <= last || s.T >= g.Steps || len(s.Layers) != len(g.Layers) {
			return g.fail(path{"snapshots", i}, "is row %d with %d layers after row %d", s.T, len(s.Layers), last)
		}
		last = s.T
	}
	return nil
}

// checkSize bounds the network before memory is taken for it.
func (g *golden) checkSize() error {
	spec := g.spec()
	if err := spec.Validate(); err != nil {
		return g.fail(path{"layers"}, "cannot be run: %v", err)
	}
	in, members := spec.Input, 0
	for _, l := range spec.filled().Layers {
		geo := l.geometry(in)
		members += (geo.in.Size()+geo.pre.Size())*g.Batch + geo.in.H*geo.in.W*l.Kernel
		if members > maxGoldenMembers {
			return g.fail(path{"layers"}, "and batch %d make more than %d lines and compartments", g.Batch, maxGoldenMembers)
		}
		in = geo.out
	}
	return nil
}

func (g *golden) checkInput() error {
	size := g.spec().Input.Size()
	for n := range g.Batch {
		if len(g.InputActive[n]) != g.Steps || len(g.TargetClass[n]) != g.Steps {
			return g.fail(path{"input_active", n}, "and target_class[%d] have %d and %d rows, want %d",
				n, len(g.InputActive[n]), len(g.TargetClass[n]), g.Steps)
		}
		for t, active := range g.InputActive[n] {
			if !ascending(active, size) {
				return g.fail(path{"input_active", n, t}, "must be ascending lines from 0 to %d", size-1)
			}
			if c := g.TargetClass[n][t]; c < NoTarget || c >= g.Classes {
				return g.fail(path{"target_class", n, t}, "is %d of %d classes", c, g.Classes)
			}
		}
	}
	return nil
}

func ascending(list []int32, size int) bool {
	strict := slices.IsSortedFunc(list, func(a, b int32) int {
		if a == b {
			return 1
		}
		return int(a) - int(b)
	})
	return len(list) == 0 || strict && list[0] >= 0 && int(list[len(list)-1]) < size
}

// spec is the network of the trace.
func (g *golden) spec() Spec {
	s := Spec{
		Input: Shape{C: g.InputShape[0], H: g.InputShape[1], W: g.InputShape[2]}, Classes: g.Classes,
		Variant: g.LayerModel, Surrogate: g.Surrogate, Loss: g.Loss,
		Alpha: g.Alpha, Beta: g.Beta, AlphaRP: g.AlphaRP, WRP: g.WRP, Gain: g.Gain,
	}
	for i, l := range g.Layers {
		layer := LayerSpec{Kind: l.Kind, Kernel: l.Kernel, Stride: l.Stride, Padding: l.Padding, Pool: l.MaxPool}
		if len(l.Shape) > 0 {
			layer.Out = l.Shape[0]
		}
		if g.Reg != nil {
			layer.Reg = g.Reg[i]
		}
		s.Layers = append(s.Layers, layer)
	}
	return s
}

// rows are the input spikes of row t, by item.
func (g *golden) rows(t int) []spikes.Train {
	in := make([]spikes.Train, g.Batch)
	for n := range in {
		for _, j := range g.InputActive[n][t] {
			in[n] = append(in[n], spikes.Event{Row: int32(t), Index: j, Payload: 1})
		}
	}
	return in
}

// targets are the classes of row t, by item.
func (g *golden) targets(t int) []int {
	out := make([]int, g.Batch)
	for n := range out {
		out[n] = g.TargetClass[n][t]
	}
	return out
}
