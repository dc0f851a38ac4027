package chipsim

import (
	"cmp"
	"slices"

	"decc/chipsim/image"
	"decc/ir/sem"
)

// plastic is what a core holds of a synapse object that learns. Its sources are numbered
// by sender, its target compartments by receiver, its synapses by place.
type plastic struct {
	*image.Plastic
	profile   sem.ProfileID
	learning  *sem.Learning
	senders   []int32 // source member of each sender
	receivers []receiver
	// senderOf is the sender of a slot of the in-axons, -1 where it carries none; receiverOf is the
	// receiver that is lane 0 of a block, -1 where the block is of another group.
	senderOf   []int32
	receiverOf []int32
	strips     [][]strip // by sender
	places     int32     // synapses
	first      [3][]int16
	// effective is what a spike over a synapse of mantissa m-leastMantissa adds.
	effective []int32
}

// leastMantissa and mostMantissa bound the mantissas that a profile can learn.
const (
	leastMantissa = -257
	mostMantissa  = 256
)

// receiver is a target compartment.
type receiver struct{ block, lane, member int32 }

// strip is the synapses of a sender in one segment: places place .. place+n-1, whose
// weights begin at weight. They go to n receivers from first on, or to a list of them.
type strip struct {
	place, n, weight int32
	first            int32
	list             []int32 // receivers, ascending; nil where they are contiguous
}

// receiver is the receiver of synapse i of the strip.
func (s *strip) receiver(i int32) int32 {
	if s.list != nil {
		return s.list[i]
	}
	return s.first + i
}

// number is what keys the random bits of the synapse between a sender and a receiver.
func (p *plastic) number(sender, receiver int32) int64 {
	return int64(p.receivers[receiver].member)*int64(p.Pre) + int64(p.senders[sender])
}

// newPlastics names the objects; a core prepares those that have synapses on it.
func newPlastics(img *image.Image) []plastic {
	list := make([]plastic, len(img.Plastic))
	for i := range list {
		list[i] = plastic{Plastic: &img.Plastic[i], profile: img.Profile, learning: img.Profile.Learning()}
	}
	return list
}

// open prepares an object for a core, once.
func (p *plastic) open(k *core) {
	if p.effective != nil {
		return
	}
	p.senderOf = slices.Repeat([]int32{-1}, k.first[len(k.InAxons)])
	for b, block := range k.blocks {
		p.receiverOf = append(p.receiverOf, -1)
		if block.group != p.Group {
			continue
		}
		p.receiverOf[b] = int32(len(p.receivers))
		for lane := range block.n {
			p.receivers = append(p.receivers, receiver{int32(b), int32(lane), int32(block.first + lane)})
		}
	}
	p.tabulate(sem.Profiles[p.profile])
}

// tabulate works out the effective weights. Where the profile lets the exponent act on
// the sum, one that does not round acts on each weight instead (decoder.scale).
func (p *plastic) tabulate(profile sem.Profile) {
	p.effective = make([]int32, mostMantissa-leastMantissa+1)
	for i := range p.effective {
		w := p.learning.Effective(p.Format, int64(i+leastMantissa))
		if profile.ExpOnSum && p.Format.Exp >= 0 {
			w = sem.ScaleSum(w, p.Format.Exp)
		}
		p.effective[i] = int32(w)
	}
}

// addStrip takes the contacts of a segment, whose weights begin at weight, and returns the
// place of the first.
func (p *plastic) addStrip(slot int, contacts []contact, weight int32) (place int32) {
	if p.senderOf[slot] < 0 {
		p.senderOf[slot] = int32(len(p.strips))
		p.strips = append(p.strips, nil)
	}
	sender := p.senderOf[slot]
	base := p.receiverOf[contacts[0].block]
	s := strip{place: p.places, n: int32(len(contacts)), weight: weight, first: base + contacts[0].lane}
	if int(contacts[len(contacts)-1].lane-contacts[0].lane)+1 != len(contacts) {
		for _, c := range contacts {
			s.list = append(s.list, base+c.lane)
		}
	}
	for _, c := range contacts {
		p.first[sem.TargetW] = append(p.first[sem.TargetW], int16(c.mantissa))
		p.first[sem.TargetD] = append(p.first[sem.TargetD], int16(c.wait))
		p.first[sem.TargetT] = append(p.first[sem.TargetT], int16(c.tag))
	}
	p.places += s.n
	p.strips[sender] = append(p.strips[sender], s)
	return s.place
}

// settle names the senders.
func (p *plastic) settle(feeders []image.Feeder) {
	p.senders = make([]int32, len(p.strips))
	for slot, sender := range p.senderOf {
		if sender >= 0 {
			p.senders[sender] = feeders[slot].Member
		}
	}
}

// each visits the synapses of the core.
func (p *plastic) each(visit func(number int64, place int32)) {
	for sender := range p.strips {
		for i := range p.strips[sender] {
			s := &p.strips[sender][i]
			for j := range s.n {
				visit(p.number(int32(sender), s.receiver(j)), s.place+j)
			}
		}
	}
}

// member is the member of the source or the target that number i of a side is.
func (p *plastic) member(side sem.Side, i int32) int32 {
	if side == sem.PreSide {
		return p.senders[i]
	}
	return p.receivers[i].member
}

// connected tells of every sender or receiver whether it has synapses.
func (p *plastic) connected(side sem.Side) []bool {
	if side == sem.PreSide {
		return slices.Repeat([]bool{true}, len(p.senders))
	}
	has := make([]bool, len(p.receivers))
	for _, strips := range p.strips {
		for i := range strips {
			for j := range strips[i].n {
				has[strips[i].receiver(j)] = true
			}
		}
	}
	return has
}

// learnsDelays tells that the rule changes or reads delays that delay.
func (p *plastic) learnsDelays() bool {
	return p.Rule.Concerns(sem.D) && p.learning.Delays
}

// tagsDelays tells that the delay is a second tag, which delays nothing (Lava).
func (p *plastic) tagsDelays() bool {
	return p.Rule.Concerns(sem.D) && !p.learning.Delays
}

// eventDriven tells that the core can learn by visiting only synapses between traces that
// are not 0; other rules are learned by sem.Unit, synapse by synapse.
func (p *plastic) eventDriven() bool {
	r := &p.Rule
	if !p.learning.Epochs || r.Epoch != 1 || r.Graded != sem.GradedOff || p.learnsDelays() {
		return false
	}
	for _, t := range r.Traces {
		if t.Host != sem.HostNone || t.Value != "" && (!p.learning.Held || t.Impulse != 0) {
			return false
		}
	}
	return p.atRest()
}

// atRest tells that a sum whose products are all 0 changes nothing.
func (p *plastic) atRest() bool {
	for t, sum := range p.Rule.Sums {
		if len(sum) == 0 {
			continue
		}
		way := p.learning.Updater(sem.Target(t), p.Format)
		for _, v := range p.first[t] {
			if !stays(&way, int64(v)) {
				return false
			}
		}
		lo, hi := p.learning.Limits(sem.Target(t), p.Format)
		if !stays(&way, lo) || !stays(&way, hi) {
			return false
		}
	}
	return true
}

// stays tells that a value is what comes of it without products.
func stays(way *sem.Updater, value int64) bool {
	steps, rest := way.Split(way.Add(way.Start(value), 0))
	return rest == 0 && way.Value(steps) == value
}

// site is where a synapse of an object is: a core and a place.
type site struct {
	number int64
	core   int32
	place  int32
}

// findSites lists the synapses of every plastic object by number.
func (c *Chip) findSites() {
	c.sites = make([][]site, len(c.img.Plastic))
	for i := range c.sites {
		for at, k := range c.cores {
			k.plastics[i].each(func(number int64, place int32) {
				c.sites[i] = append(c.sites[i], site{number, int32(at), place})
			})
		}
		slices.SortFunc(c.sites[i], func(a, b site) int { return cmp.Compare(a.number, b.number) })
	}
}
