package image

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"decc/ir/diag"
	"decc/ir/sem"
)

// Synapse is one synapse of an in-axon. Target is the local number of the
// compartment, Mantissa -256..255, Delay 0..63 rows, Tag -256..255 (0 where the kind has
// no tags).
type Synapse struct{ Target, Mantissa, Delay, Tag int32 }

// Part is the synapses of one kind that an in-axon has. A target may occur twice.
type Part struct {
	Kind     Kind
	Synapses []Synapse
}

// Atoms is what stands behind an in-axon: the parts of a discrete one, or those of each
// atom of a population. Synapses that learn stand behind discrete ones only.
type Atoms [][]Part

// InAxon is a row of a core's synapse map. The list of atom a is Words words of synaptic
// memory from Base + a*Words on; Offset is added to its targets, so that in-axons whose
// lists differ by a shift have one list in memory.
type InAxon struct {
	_           struct{} `cbor:",toarray"`
	Base, Words uint32
	Atoms       uint32 // 1 where it is discrete
	Offset      uint32 // 0..MaxOffset; of a population a multiple of PopulationStep
}

// Memory is the synaptic memory of a core with the tables to read it by.
type Memory struct {
	Formats []SynapseFormat
	InAxons []InAxon
	Words   []uint64 `cbor:"-"`
}

// Slots numbers the atoms of all in-axons through: those of in-axon i have the numbers
// from Slots()[i] to Slots()[i+1]-1.
func (m *Memory) Slots() []int {
	first := make([]int, 1, len(m.InAxons)+1)
	for _, a := range m.InAxons {
		first = append(first, first[len(first)-1]+int(a.Atoms))
	}
	return first
}

// Pack lays the in-axons of a core of that many compartments into synaptic memory,
// each part in the compression that is cheapest for it, and lists that differ by a shift
// once. The compiler's partitioner counts words and formats with it, the lowering writes
// them. The error is a *diag.Diagnostic: a synapse out of its ranges, a population of more
// than MaxAtoms atoms or of synapses that learn, or more than MaxFormats formats.
func Pack(profile sem.ProfileID, compartments int, axons []Atoms) (*Memory, error) {
	p := &packer{profile: profile, compartments: compartments, byKind: map[Kind]*layout{}}
	for i, atoms := range axons {
		if err := p.add(atoms); err != nil {
			return nil, diag.Errorf(diag.Pos{}, "image/synapse", "in-axon %d: %s", i, err)
		}
	}
	p.share()
	if err := p.chooseFormats(); err != nil {
		return nil, err
	}
	return p.emit(), nil
}

type packer struct {
	profile      sem.ProfileID
	compartments int
	kinds        []*layout // in order of first use
	byKind       map[Kind]*layout
	axons        []*lists
	memory       Memory
}

// stored is a part as memory holds it: sorted by target, weights on the stored grid.
type stored struct {
	*layout
	codes    []code
	canDense bool
	chosen   int // index of the layout's rule
}

type code struct {
	target, delay, tag int32
	weight             int64
}

// add takes the atoms of the next in-axon.
func (p *packer) add(atoms Atoms) error {
	if n := len(atoms); n < 1 || n > MaxAtoms {
		return fmt.Errorf("%d atoms, allowed is 1..%d", n, MaxAtoms)
	}
	l := &lists{atoms: make([][]stored, len(atoms))}
	for i, parts := range atoms {
		list, err := p.list(parts)
		if err != nil {
			return err
		}
		l.atoms[i] = list
	}
	p.axons = append(p.axons, l)
	if l.learns() && len(atoms) > 1 {
		return fmt.Errorf("synapses that learn behind a population of %d atoms", len(atoms))
	}
	return nil
}

// list takes the parts of an atom, those of one kind together.
func (p *packer) list(parts []Part) ([]stored, error) {
	var axon []stored
	for _, part := range parts {
		if len(part.Synapses) == 0 {
			continue
		}
		l, err := p.layoutOf(part.Kind)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(axon, func(s stored) bool { return s.layout == l })
		if at < 0 {
			at, axon = len(axon), append(axon, stored{layout: l})
		}
		axon[at].codes = slices.Grow(axon[at].codes, len(part.Synapses))
		for _, s := range part.Synapses {
			if err := p.check(s, &part.Kind); err != nil {
				return nil, err
			}
			axon[at].codes = append(axon[at].codes, code{s.Target, s.Delay, s.Tag, l.store(p.profile, s.Mantissa)})
		}
	}
	for i := range axon {
		axon[i].settle()
	}
	return axon, nil
}

func (p *packer) check(s Synapse, k *Kind) error {
	switch {
	case s.Target < 0 || int(s.Target) >= p.compartments:
		return fmt.Errorf("target %d of %d compartments", s.Target, p.compartments)
	case s.Delay < 0 || s.Delay > MaxDelay:
		return fmt.Errorf("delay %d, allowed is 0..%d", s.Delay, MaxDelay)
	case s.Mantissa < leastMantissa || s.Mantissa > mostMantissa:
		return fmt.Errorf("mantissa %d, allowed is %d..%d", s.Mantissa, leastMantissa, mostMantissa)
	case s.Tag < -1<<(sem.TagBits-1) || s.Tag >= 1<<(sem.TagBits-1) || s.Tag != 0 && !k.Tagged:
		return fmt.Errorf("tag %d, allowed is -256..255 for plastic synapses with tags and 0 for others", s.Tag)
	}
	return nil
}

func (p *packer) layoutOf(k Kind) (*layout, error) {
	if l := p.byKind[k]; l != nil {
		return l, nil
	}
	if err := k.check(); err != nil {
		return nil, err
	}
	l := &layout{kind: k, number: len(p.kinds)}
	l.lo, l.hi = k.reachable(p.profile)
	p.byKind[k] = l
	p.kinds = append(p.kinds, l)
	return l, nil
}

func (k Kind) check() error {
	w := k.Weight
	switch {
	case w.Bits < 0 || w.Bits > 8 || w.Exp < sem.MinWeightExp || w.Exp > sem.MaxWeightExp || int(w.Sign) >= len(codings):
		return fmt.Errorf("weights of %d bits, exponent %d, sign mode %d; allowed are 0..8 bits, exponent %d..%d",
			w.Bits, w.Exp, w.Sign, sem.MinWeightExp, sem.MaxWeightExp)
	case k.Port < 0 || k.Port >= maxFields:
		return fmt.Errorf("port %d", k.Port)
	case k.Connection < 0 || k.Connection >= maxObjects:
		return fmt.Errorf("connection %d", k.Connection)
	case k.Plastic == 0 && (k.Tagged || k.LearnsDelay):
		return errors.New("learned tags or delays of synapses that do not learn")
	case k.Plastic < 0 || k.Plastic > maxObjects:
		return fmt.Errorf("plastic object %d", k.Plastic-1)
	}
	return nil
}

// settle sorts the part and widens its layout to what it holds.
func (s *stored) settle() {
	byTarget := func(a, b code) int { return cmp.Compare(a.target, b.target) }
	if !slices.IsSortedFunc(s.codes, byTarget) {
		slices.SortStableFunc(s.codes, byTarget)
	}
	s.canDense = true
	for i, c := range s.codes {
		s.lo, s.hi = min(s.lo, c.weight), max(s.hi, c.weight)
		s.delay = max(s.delay, c.delay)
		// A filler is a synapse of weight 0, which only a plastic one can be.
		if c.weight == 0 && s.kind.Plastic == 0 || i > 0 && s.codes[i-1].target == c.target {
			s.canDense = false
		}
	}
}

// emit writes the memory with the formats that were chosen.
func (p *packer) emit() *Memory {
	for _, l := range p.axons {
		if l.like == nil {
			l.base, l.words = p.emitLists(l.atoms)
		}
	}
	for _, l := range p.axons {
		from, offset := l, int32(0)
		if l.like != nil {
			from, offset = l.like, l.least-l.like.least
		}
		p.memory.InAxons = append(p.memory.InAxons, InAxon{Base: from.base, Words: from.words, Atoms: uint32(len(l.atoms)), Offset: uint32(offset)})
	}
	return &p.memory
}

// emitLists writes the lists of the atoms of an in-axon, all as long as the longest.
func (p *packer) emitLists(atoms [][]stored) (base, words uint32) {
	written := make([][]uint64, len(atoms))
	for i, list := range atoms {
		var w bitWriter
		for _, s := range list {
			p.emitPart(&w, s)
		}
		w.put(0, endBits)
		written[i], words = w.words, max(words, uint32(len(w.words)))
	}
	base = uint32(len(p.memory.Words))
	for _, list := range written {
		p.memory.Words = append(append(p.memory.Words, list...), make([]uint64, int(words)-len(list))...)
	}
	return base, words
}

func (p *packer) emitPart(w *bitWriter, s stored) {
	c := s.chosen
	r := &s.rules[c]
	if s.ids[c] == 0 {
		p.memory.Formats = append(p.memory.Formats, r.SynapseFormat)
		s.ids[c] = len(p.memory.Formats)
	}
	r.split(s.codes, func(part []code) { r.write(w, s.ids[c], part) })
}

// write puts one entry.
func (r *rule) write(w *bitWriter, id int, s []code) {
	w.put(uint64(id), idBits)
	w.put(uint64(r.length(s)-1), countBits)
	if r.Compression != Sparse {
		w.put(uint64(s[0].target), uint(r.IndexBits))
	}
	for i, c := range s {
		before := s[max(i-1, 0)].target
		if r.Compression == Dense {
			for t := before + 1; t < c.target; t++ {
				w.put(0, uint(r.synapseBits()))
			}
		}
		w.put(r.Coding.field(c.weight, r.WeightBits), uint(r.WeightBits))
		w.put(uint64(c.delay), uint(r.DelayBits))
		w.put(uint64(c.tag)&(1<<r.tagBits()-1), r.tagBits())
		switch r.Compression {
		case Sparse:
			w.put(uint64(c.target), uint(r.IndexBits))
		case RunLength:
			w.put(uint64(c.target-before), uint(r.SkipBits))
		}
	}
}
