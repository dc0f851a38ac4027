package image

import (
	"testing"

	"decc/ir/sem"
)

// window is the in-axon of a source under a row of weights of 1, 2, 3, …, whose first target is at.
func window(atoms int, at int32, n int32) Atoms {
	list := make(Atoms, atoms)
	for i := range list {
		p := Part{Kind: mixed8}
		for k := range n {
			p.Synapses = append(p.Synapses, Synapse{Target: at + k, Mantissa: 2 * (k + 1 + int32(i))})
		}
		list[i] = []Part{p}
	}
	return list
}

// Lists that differ by a shift are in memory once as far as an offset reaches, those of a
// population where it is a multiple of 4; every row of the map is counted by hand. A list of 7
// weights of 8 bits takes 17 + 56 or 18 + 56 bits and the end mark: 2 words.
func TestListsAreSharedByShift(t *testing.T) {
	for _, c := range []struct {
		name  string
		axons []Atoms
		want  []InAxon
		words int
	}{
		{"one after the other", []Atoms{window(1, 0, 7), window(1, 1, 7), window(1, 255, 7)}, []InAxon{{Words: 2, Atoms: 1}, {Words: 2, Atoms: 1, Offset: 1}, {Words: 2, Atoms: 1, Offset: 255}}, 2},
		{"the least is stored", []Atoms{window(1, 90, 7), window(1, 10, 7)}, []InAxon{{Words: 2, Atoms: 1, Offset: 80}, {Words: 2, Atoms: 1}}, 2},
		{"beyond an offset", []Atoms{window(1, 0, 7), window(1, 256, 7), window(1, 300, 7)}, []InAxon{{Words: 2, Atoms: 1}, {Base: 2, Words: 2, Atoms: 1}, {Base: 2, Words: 2, Atoms: 1, Offset: 44}}, 4},
		{"a population", []Atoms{window(3, 8, 7), window(3, 16, 7), window(3, 9, 7)}, []InAxon{{Words: 2, Atoms: 3}, {Words: 2, Atoms: 3, Offset: 8}, {Base: 6, Words: 2, Atoms: 3}}, 12},
		{"another weight", []Atoms{window(1, 0, 7), window(1, 1, 6)}, []InAxon{{Words: 2, Atoms: 1}, {Base: 2, Words: 2, Atoms: 1}}, 4},
		{"atoms of unequal length", []Atoms{append(window(1, 0, 7), nil)}, []InAxon{{Words: 2, Atoms: 2}}, 4},
	} {
		m, err := Pack(sem.Silicon, 512, c.axons)
		if err != nil {
			t.Fatal(err)
		}
		for i := range m.InAxons {
			if m.InAxons[i] != c.want[i] {
				t.Errorf("%s: in-axon %d is %+v, want %+v", c.name, i, m.InAxons[i], c.want[i])
			}
		}
		if len(m.Words) != c.words {
			t.Errorf("%s: %d words, want %d", c.name, len(m.Words), c.words)
		}
	}
}

// Synapses that learn change one by one: equal lists of them are not shared, and a population has none.
func TestLearningSynapsesAreNotShared(t *testing.T) {
	plastic := func(atoms int) Atoms {
		list := window(atoms, 0, 7)
		for i := range list {
			list[i][0].Kind.Plastic = 1
		}
		return list
	}
	m, err := Pack(sem.Silicon, 64, []Atoms{plastic(1), plastic(1)})
	if err != nil || m.InAxons[0].Base == m.InAxons[1].Base {
		t.Errorf("%+v, %v", m, err)
	}
	_, err = Pack(sem.Silicon, 64, []Atoms{plastic(2)})
	wantCode(t, err, "image/synapse")
	_, err = Pack(sem.Silicon, 64, []Atoms{window(MaxAtoms+1, 0, 7)})
	wantCode(t, err, "image/synapse")
	_, err = Pack(sem.Silicon, 64, []Atoms{{}})
	wantCode(t, err, "image/synapse")
}
