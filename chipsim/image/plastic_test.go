package image

import (
	"reflect"
	"strings"
	"testing"

	"decc/ir/sem"
)

// learning is sample with a plastic object from its input to group b: synapses of mantissa 0
// and a gap between targets.
func learning(t testing.TB) *Image {
	img := sample(t)
	kind := mixed8
	kind.Plastic, kind.Port, kind.Tagged = 1, 0, true
	for _, c := range img.Cores {
		part := Part{Kind: kind, Synapses: []Synapse{{Target: 2, Mantissa: 0}, {Target: 3, Mantissa: -4, Tag: -9}}}
		m, err := Pack(sem.Silicon, 4, discrete([]Part{part}, nil))
		if err != nil {
			t.Fatal(err)
		}
		c.Memory = *m
		c.Fan = NewFanout([][]Axon{nil, nil, nil, nil})
		img.Inputs[0].Fan = NewFanout([][]Axon{{{Core: 0}, {Core: 1}}, nil})
	}
	rule := sem.Rule{Name: "r", Epoch: 1, Sums: [3][]sem.Product{{{Gate: sem.GateX0, Mant: 1, Factors: []sem.Factor{{Var: sem.Y1}}}}}}
	rule.Traces[sem.Y1.TraceIndex()].Value = "v"
	img.Plastic = []Plastic{{Name: "w", Source: "in", Pre: 2, Group: 1, Rule: rule, Format: kind.Weight}}
	return img
}

// TestPlasticReadsBack: rules, tags and synapses of mantissa 0 survive the file.
func TestPlasticReadsBack(t *testing.T) {
	img := learning(t)
	got, err := Decode("l.img", encode(t, img))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Plastic, img.Plastic) {
		t.Errorf("got %+v, want %+v", got.Plastic, img.Plastic)
	}
	parts, err := got.Cores[1].Unpack()
	if err != nil || len(parts[0][0]) != 1 || !reflect.DeepEqual(parts[0][0][0].Synapses, []Synapse{{Target: 2}, {Target: 3, Mantissa: -4, Tag: -9}}) {
		t.Errorf("%+v, %v", parts, err)
	}
	if f := got.Feeders(); f[0][0] != (Feeder{0, -1, 0}) || f[0][1] != nobody {
		t.Errorf("feeders %v", f)
	}
}

// TestPlasticHasNoFillers: a gap between targets is no synapse that could learn, and every
// weight has room for what learning reaches.
func TestPlasticHasNoFillers(t *testing.T) {
	for _, targets := range [][]int32{{0, 1, 2, 3}, {0, 1, 3}, {0, 7, 9}, {5}} {
		kind := mixed8
		kind.Plastic = 1
		part := Part{Kind: kind}
		for _, target := range targets {
			part.Synapses = append(part.Synapses, Synapse{Target: target})
		}
		m, err := Pack(sem.Silicon, 12, discrete([]Part{part}))
		if err != nil {
			t.Fatal(err)
		}
		axons, err := m.Unpack()
		if err != nil || !reflect.DeepEqual(axons[0][0][0].Synapses, part.Synapses) {
			t.Errorf("%v: got %+v, %v", targets, axons, err)
		}
		if bits := m.Formats[0].WeightBits; bits != 8 {
			t.Errorf("%v: %d weight bits", targets, bits)
		}
	}
}

// Every invariant of plastic objects: a change that breaks it, and words of the message.
func TestBrokenPlastic(t *testing.T) {
	for want, spoil := range map[string]func(img *Image){
		"4097 plastic":                 func(img *Image) { img.Plastic = make([]Plastic, MaxPlastic+1) },
		"has the name \"\"":            func(img *Image) { img.Plastic[0].Name = "" },
		"used twice":                   func(img *Image) { img.Plastic = append(img.Plastic, img.Plastic[0]) },
		"has 2 members, not 3":         func(img *Image) { img.Plastic[0].Pre = 3 },
		"has 0 members":                func(img *Image) { img.Plastic[0].Source = "nobody" },
		"target group 2 of 2":          func(img *Image) { img.Plastic[0].Group = 2 },
		"no bits":                      func(img *Image) { img.Plastic[0].Format.Bits = 0 },
		"weights of 9 bits":            func(img *Image) { img.Plastic[0].Format.Bits = 9 },
		"an epoch of 0 rows":           func(img *Image) { img.Plastic[0].Rule.Epoch = 0 },
		"65 products":                  func(img *Image) { img.Plastic[0].Rule.Sums[1] = make([]sem.Product, 64) },
		"only traces of the target":    func(img *Image) { img.Plastic[0].Rule.Traces[0].Value = "v" },
		"which program @leak does":     func(img *Image) { img.Plastic[0].Rule.Traces[2].Value = "q" },
		"no room for what its rule":    func(img *Image) { img.Plastic[0].Rule.Sums[1] = img.Plastic[0].Rule.Sums[0] },
		"plastic object 1 of 0":        func(img *Image) { img.Plastic = nil; img.Plastic = []Plastic{} },
		"another weight format":        func(img *Image) { img.Plastic[0].Format.Exp = 3 },
		"from source \"\", not \"in\"": func(img *Image) { img.Inputs[0].Fan = NewFanout([][]Axon{{{Core: 0}}, {{Core: 0}, {Core: 1}}}) },
		"learns behind a population":   func(img *Image) { img.Cores[0].InAxons[0].Atoms, img.Cores[0].InAxons[0].Words = 2, 1 },
		"in the words of in-axon 0": func(img *Image) {
			img.Cores[0].InAxons[1] = img.Cores[0].InAxons[0]
			img.Inputs[0].Fan = NewFanout([][]Axon{{{Core: 0}, {Core: 1}}, {{Core: 0, Axon: 1}}})
		},
		"to group 1, not 0": func(img *Image) { img.Plastic[0].Group = 0 },
	} {
		img := learning(t)
		spoil(img)
		if err := Verify(img); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
