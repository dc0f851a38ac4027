package chipsim

import (
	"slices"

	"decc/chipsim/image"
)

// mostMerged bounds the synapses of a chip that is merged: lists that cores share are written out.
const mostMerged = 1 << 26

// fewAccumulators may be there for longer delays than compartments have on their own cores.
const fewAccumulators = 1 << 20

// toll is what a spike of a source costs on the chip's own cores.
type toll struct{ axons, hops int64 }

// fewer is the merged chip of so many parts, or c where there is none.
func (c *Chip) fewer(parts int) *Chip {
	c.merging.Lock()
	defer c.merging.Unlock()
	if c.fewerCores == nil {
		c.fewerCores = map[int]*Chip{}
	}
	m, known := c.fewerCores[parts]
	if !known {
		var err error
		if m, err = c.merged(parts); err != nil || m == nil {
			m = c
		}
		c.fewerCores[parts] = m
	}
	return m
}

// merged is the same network on as few cores as goroutines are to work on it: every group in one piece on each, every source
// with one slot. Spikes, states and counts are those of the chip's own cores, which only what is counted by core needs
// (Request.Weigh) and what learns. nil where that is not possible.
func (c *Chip) merged(parts int) (*Chip, error) {
	if len(c.img.Plastic) > 0 || c.synapses() > mostMerged {
		return nil, nil
	}
	m := merger{from: c, to: &Chip{img: c.img, runs: make([][]place, len(c.runs)), inputs: c.inputs, groups: c.groups}}
	if err := m.layOut(parts); err != nil {
		return nil, err
	}
	m.number()
	if err := m.connect(); err != nil {
		return nil, err
	}
	own, merged := 0, 0
	for _, k := range c.cores {
		own += k.accumulators()
	}
	for _, k := range m.to.cores {
		k.makeBanks()
		merged += k.accumulators()
	}
	if merged > 2*own && merged > fewAccumulators {
		return nil, nil // the longest delay of one core would give all compartments its slots
	}
	m.to.findRuns()
	return m.to, nil
}

// synapses counts those that are stored, those of shared lists by who has them.
func (c *Chip) synapses() int64 {
	n := int64(0)
	for _, k := range c.cores {
		for i := range k.axons {
			n += k.axons[i].synapses
		}
	}
	return n
}

// merger makes one chip from another.
type merger struct {
	from, to *Chip
	decoders []decoder
	blocks   [][]int32 // by part and group: its block, -1 where it has none
	// offset is the number of the first source of each input, then of each group.
	offset []int
	// seats is the place of every compartment of the old cores, by core and local number.
	seats [][]seat
}

// seat is a lane of a block of a part.
type seat struct{ part, block, lane int32 }

// layOut gives each part its share of every group. Joined groups have equally many members, so joins stay within
// a part.
func (m *merger) layOut(parts int) error {
	order, err := m.from.img.GroupOrder()
	if err != nil {
		return err
	}
	for part := range parts {
		c := &image.Core{ID: part}
		for g := range m.from.img.Groups {
			n := m.from.img.Groups[g].N
			if lo, hi := n*part/parts, n*(part+1)/parts; lo < hi {
				c.Runs = append(c.Runs, image.Run{Group: g, First: lo, N: hi - lo, Params: m.params(g, lo, hi)})
			}
		}
		k := newLayout(m.from.img, c, order)
		k.slots, k.plastics = 1, newPlastics(m.from.img)
		m.to.cores = append(m.to.cores, k)
		m.decoders = append(m.decoders, newDecoder(k, m.from.img))
		blocks := slices.Repeat([]int32{-1}, len(m.from.img.Groups))
		for i := range k.blocks {
			blocks[k.blocks[i].group] = int32(i)
		}
		m.blocks = append(m.blocks, blocks)
	}
	return nil
}

// params gathers those of members lo .. hi-1 of a group: one value where all are equal.
func (m *merger) params(group, lo, hi int) [][]int64 {
	var lists [][]int64
	for _, at := range m.from.runs[group] {
		r := m.from.cores[at.core].blocks[at.block].run
		if lists == nil {
			lists = make([][]int64, len(r.Params))
		}
		for member := max(lo, r.First); member < min(hi, r.First+r.N); member++ {
			for i, values := range r.Params {
				lists[i] = append(lists[i], values[min(member-r.First, len(values)-1)])
			}
		}
	}
	for i, values := range lists {
		if equal(values) {
			lists[i] = values[:1]
		}
	}
	return lists
}

// number numbers the sources and finds the seat of every compartment.
func (m *merger) number() {
	n := 0
	for _, in := range m.from.img.Inputs {
		m.offset = append(m.offset, n)
		n += in.N
	}
	for _, g := range m.from.img.Groups {
		m.offset = append(m.offset, n)
		n += g.N
	}
	for _, k := range m.from.cores {
		var seats []seat
		for _, r := range k.Runs {
			for i := range r.N {
				seats = append(seats, m.seat(r.Group, r.First+i))
			}
		}
		m.seats = append(m.seats, seats)
	}
}

func (m *merger) seat(group, member int) seat {
	parts, n := len(m.to.cores), m.from.img.Groups[group].N
	part := member * parts / n
	for n*part/parts > member {
		part--
	}
	for n*(part+1)/parts <= member {
		part++
	}
	return seat{int32(part), m.blocks[part][group], int32(member - n*part/parts)}
}

// connect gives every source its synapses, in the order of the numbers.
func (m *merger) connect() error {
	if err := m.connectInputs(); err != nil {
		return err
	}
	if err := m.connectGroups(); err != nil {
		return err
	}
	for _, k := range m.to.cores {
		for i := range k.blocks {
			b := &k.blocks[i]
			b.source = m.offset[len(m.from.img.Inputs)+b.group] + b.first
			b.mute = k.Fan.Start[b.local] == k.Fan.Start[b.local+b.n] && m.to.free(b)
		}
	}
	return nil
}

func (m *merger) connectInputs() error {
	for _, in := range m.from.img.Inputs {
		lists := make([][]image.Axon, in.N)
		for i := range in.N {
			axons := in.Fan.Of(i)
			m.to.tolls = append(m.to.tolls, toll{axons: int64(len(axons))})
			var err error
			if lists[i], err = m.source(axons); err != nil {
				return err
			}
		}
		m.to.inputFans = append(m.to.inputFans, image.NewFanout(lists))
	}
	return nil
}

func (m *merger) connectGroups() error {
	fans := make([][][]image.Axon, len(m.to.cores))
	for part, k := range m.to.cores {
		fans[part] = make([][]image.Axon, k.lanes)
	}
	for g, runs := range m.from.runs {
		for _, at := range runs {
			if err := m.connectBlock(g, m.from.cores[at.core], at.block, fans); err != nil {
				return err
			}
		}
	}
	for part, k := range m.to.cores {
		k.Fan = image.NewFanout(fans[part])
	}
	return nil
}

// connectBlock fills in the lists of the members of a block, by part and local number.
func (m *merger) connectBlock(group int, k *core, block int, fans [][][]image.Axon) error {
	b := &k.blocks[block]
	for i := range b.n {
		axons := k.Fan.Of(b.local + i)
		m.to.tolls = append(m.to.tolls, m.from.toll(k, axons))
		list, err := m.source(axons)
		if err != nil {
			return err
		}
		s := m.seat(group, b.first+i)
		fans[s.part][m.to.cores[s.part].blocks[s.block].local+int(s.lane)] = list
	}
	return nil
}

// free tells that spikes of a block cost nothing on the chip's cores.
func (c *Chip) free(b *block) bool {
	return !slices.ContainsFunc(c.tolls[b.source:b.source+b.n], func(t toll) bool { return t != toll{} })
}

// toll is what a spike from a core costs.
func (c *Chip) toll(from *core, axons []image.Axon) toll {
	t := toll{axons: int64(len(axons))}
	for _, a := range axons {
		if to := c.cores[a.Core]; to != from {
			t.hops += hopsWithin(from.Core, to.Core)
		}
	}
	return t
}

// source makes the next slot of every part from the in-axons of a source, and lists those where it has synapses.
func (m *merger) source(axons []image.Axon) ([]image.Axon, error) {
	for i := range m.decoders {
		m.decoders[i].contacts = m.decoders[i].contacts[:0]
	}
	for _, a := range axons {
		k, seats := m.from.cores[a.Core], m.seats[a.Core]
		err := k.Walk(int(a.Axon), int(a.Atom), func(format int, s image.Synapse) {
			at := seats[s.Target]
			m.decoders[at.part].contact(&k.Formats[format], at.block, at.lane, s)
		})
		if err != nil {
			return nil, err
		}
	}
	var list []image.Axon
	for i := range m.decoders {
		d := &m.decoders[i]
		if len(d.contacts) > 0 {
			list = append(list, image.Axon{Core: uint32(i), Axon: uint32(len(d.axons))})
		}
		d.finish()
	}
	return list, nil
}
