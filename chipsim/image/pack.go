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

// InAxon is the range of synaptic memory that holds an in-axon's entries.
type InAxon struct {
	_           struct{} `cbor:",toarray"`
	Base, Words uint32
}

// Memory is the synaptic memory of a core with the tables to read it by.
type Memory struct {
	Formats []SynapseFormat
	InAxons []InAxon
	Words   []uint64 `cbor:"-"`
}

// Pack lays the in-axons of a core of that many compartments into synaptic memory,
// each part in the compression that is cheapest for it. The compiler's partitioner
// counts words and formats with it, the lowering writes them. The error is a
// *diag.Diagnostic: a synapse out of its ranges, or more than MaxFormats formats.
func Pack(profile sem.ProfileID, compartments int, axons [][]Part) (*Memory, error) {
	p := &packer{profile: profile, compartments: compartments, byKind: map[Kind]*layout{}}
	for i, parts := range axons {
		if err := p.add(parts); err != nil {
			return nil, diag.Errorf(diag.Pos{}, "image/synapse", "in-axon %d: %s", i, err)
		}
	}
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
	axons        [][]stored
	memory       Memory
	out          bitWriter
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

// add takes the parts of the next in-axon, parts of one kind together.
func (p *packer) add(parts []Part) error {
	var axon []stored
	for _, part := range parts {
		if len(part.Synapses) == 0 {
			continue
		}
		l, err := p.layoutOf(part.Kind)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(axon, func(s stored) bool { return s.layout == l })
		if at < 0 {
			at, axon = len(axon), append(axon, stored{layout: l})
		}
		for _, s := range part.Synapses {
			if err := p.check(s, &part.Kind); err != nil {
				return err
			}
			axon[at].codes = append(axon[at].codes, code{s.Target, s.Delay, s.Tag, part.Kind.storeMantissa(p.profile, int64(s.Mantissa))})
		}
	}
	for i := range axon {
		axon[i].settle()
	}
	p.axons = append(p.axons, axon)
	return nil
}

func (p *packer) check(s Synapse, k *Kind) error {
	switch {
	case s.Target < 0 || int(s.Target) >= p.compartments:
		return fmt.Errorf("target %d of %d compartments", s.Target, p.compartments)
	case s.Delay < 0 || s.Delay > MaxDelay:
		return fmt.Errorf("delay %d, allowed is 0..%d", s.Delay, MaxDelay)
	case s.Mantissa < -256 || s.Mantissa > 255:
		return fmt.Errorf("mantissa %d, allowed is -256..255", s.Mantissa)
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
	l := &layout{kind: k}
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
	for _, axon := range p.axons {
		p.out.align()
		base := len(p.out.words)
		for _, s := range axon {
			p.emitPart(s)
		}
		p.out.put(0, endBits)
		p.memory.InAxons = append(p.memory.InAxons, InAxon{Base: uint32(base), Words: uint32(len(p.out.words) - base)})
	}
	p.memory.Words = p.out.words
	return &p.memory
}

func (p *packer) emitPart(s stored) {
	c := s.chosen
	r := &s.rules[c]
	if s.ids[c] == 0 {
		p.memory.Formats = append(p.memory.Formats, r.SynapseFormat)
		s.ids[c] = len(p.memory.Formats)
	}
	r.split(s.codes, func(part []code) { r.write(&p.out, s.ids[c], part) })
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
