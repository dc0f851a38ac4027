package image

import (
	"fmt"

	"decc/ir/sem"
)

// Walk visits the synapses of an atom of an in-axon in the order of memory: the format's index
// and the synapse with its mantissa on the stored grid and its target on the core. Fillers of dense entries
// (weight 0, not plastic) are not synapses. The error tells the word (from 0 in the core's memory) of the
// first entry that cannot be.
func (m *Memory) Walk(axon, atom int, visit func(format int, s Synapse)) error {
	a := m.InAxons[axon]
	base := a.Base + uint32(atom)*a.Words
	r := bitReader{words: m.Words[base : base+a.Words]}
	shifted := func(format int, s Synapse) {
		s.Target += int32(a.Offset)
		visit(format, s)
	}
	for {
		at := r.at
		format, err := m.readEntry(&r, shifted)
		switch {
		case err == nil && r.over:
			err = fmt.Errorf("the entry goes beyond the %d words of its in-axon", a.Words)
		case err == nil && format == 0:
			return nil
		}
		if err != nil {
			return fmt.Errorf("word %d, bit %d: %w", int(base)+at/wordBits, at%wordBits, err)
		}
	}
}

// readEntry reads one entry and returns its format id, 0 for the end mark.
func (m *Memory) readEntry(r *bitReader, visit func(format int, s Synapse)) (int, error) {
	id := int(r.take(idBits))
	if id == 0 {
		r.take(endBits - idBits)
		return 0, nil
	}
	if id > len(m.Formats) {
		return id, fmt.Errorf("format id %d of %d formats", id, len(m.Formats))
	}
	f := &m.Formats[id-1]
	n, target := int(r.take(countBits))+1, int32(0)
	if r.at+f.prefixBits()-headBits+n*f.synapseBits() > len(r.words)*wordBits {
		r.over = true
		return id, nil
	}
	if f.Compression != Sparse {
		target = int32(r.take(uint(f.IndexBits)))
	}
	for i := range n {
		target = m.readSynapse(r, id-1, target, i, visit)
	}
	return id, nil
}

// readSynapse reads synapse i of an entry and returns its target.
func (m *Memory) readSynapse(r *bitReader, format int, target int32, i int, visit func(format int, s Synapse)) int32 {
	f := &m.Formats[format]
	weight := f.Coding.number(r.take(uint(f.WeightBits)), f.WeightBits)
	s := Synapse{Mantissa: int32(LoadWeight(f.Weight, weight)), Delay: int32(r.take(uint(f.DelayBits)))}
	if f.Tagged {
		s.Tag = int32(r.take(sem.TagBits)<<(32-sem.TagBits)) >> (32 - sem.TagBits)
	}
	switch f.Compression {
	case Sparse:
		s.Target = int32(r.take(uint(f.IndexBits)))
	case RunLength:
		s.Target = target + int32(r.take(uint(f.SkipBits)))
	case Dense:
		s.Target = target + int32(min(i, 1))
	}
	if f.Compression != Dense || weight != 0 || f.Plastic > 0 {
		visit(format, s)
	}
	return s.Target
}

// Unpack is Pack's inverse: the parts of every in-axon by atom and kind, sorted by target,
// with mantissas on the stored grid.
func (m *Memory) Unpack() ([]Atoms, error) {
	axons := make([]Atoms, len(m.InAxons))
	for i, a := range m.InAxons {
		axons[i] = make(Atoms, a.Atoms)
		for atom := range axons[i] {
			parts, err := m.unpackList(i, atom)
			if err != nil {
				return nil, err
			}
			axons[i][atom] = parts
		}
	}
	return axons, nil
}

func (m *Memory) unpackList(axon, atom int) ([]Part, error) {
	var parts []Part
	err := m.Walk(axon, atom, func(format int, s Synapse) {
		kind := m.Formats[format].Kind
		if len(parts) == 0 || parts[len(parts)-1].Kind != kind {
			parts = append(parts, Part{Kind: kind})
		}
		last := &parts[len(parts)-1]
		last.Synapses = append(last.Synapses, s)
	})
	return parts, err
}
