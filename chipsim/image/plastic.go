package image

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"decc/ir/sem"
)

// Plastic is a synapse object that learns. The synapse from member i of the source to
// member j of the group has the number j*Pre+i, which keys its random bits.
type Plastic struct {
	Name   string
	Source string // input or group
	Pre    int    // members of the source
	Group  int    // target
	Rule   sem.Rule
	Format sem.WeightFormat
}

// MaxPlastic bounds the plastic objects of an image.
const MaxPlastic = 1 << 12

// MaxProducts bounds the products of a rule, over all its sums.
const MaxProducts = 64

// storeMantissa is the number that synaptic memory holds for a mantissa of a kind.
func (k *Kind) storeMantissa(profile sem.ProfileID, mantissa int64) int64 {
	if k.Plastic > 0 {
		return profile.Learning().Start(k.Weight, mantissa) >> k.Weight.LSB()
	}
	return StoreWeight(profile, k.Weight, mantissa)
}

// reachable are the numbers that a kind must be able to hold besides those that it does:
// whatever learning reaches.
func (k *Kind) reachable(profile sem.ProfileID) (lo, hi int64) {
	if k.Plastic == 0 {
		return 0, 0
	}
	lo, hi = profile.Learning().Limits(sem.TargetW, k.Weight)
	return lo >> k.Weight.LSB(), hi >> k.Weight.LSB()
}

func checkPlastic(img *Image) error {
	if len(img.Plastic) > MaxPlastic {
		return fmt.Errorf("%d plastic synapse objects, at most %d", len(img.Plastic), MaxPlastic)
	}
	seen := map[string]bool{}
	for i := range img.Plastic {
		p := &img.Plastic[i]
		if p.Name == "" || len(p.Name) > maxName || seen[p.Name] {
			return fmt.Errorf("plastic object %d has the name %.40q, which is empty, too long or used twice", i, p.Name)
		}
		seen[p.Name] = true
		if err := p.check(img); err != nil {
			return fmt.Errorf("plastic object %q: %w", p.Name, err)
		}
	}
	return nil
}

func (p *Plastic) check(img *Image) error {
	switch {
	case p.Pre < 1 || img.sourceSize(p.Source) != p.Pre:
		return fmt.Errorf("source %.40q has %d members, not %d", p.Source, img.sourceSize(p.Source), p.Pre)
	case p.Group < 0 || p.Group >= len(img.Groups):
		return fmt.Errorf("target group %d of %d", p.Group, len(img.Groups))
	}
	kind := Kind{Weight: p.Format}
	if err := kind.check(); err != nil {
		return err
	}
	if p.Format.Bits == 0 {
		return errors.New("weights of no bits")
	}
	products := 0
	for _, sum := range p.Rule.Sums {
		for _, x := range sum {
			products++
			if len(x.Factors) > maxFields {
				return fmt.Errorf("a product of %d factors", len(x.Factors))
			}
		}
	}
	if products > MaxProducts {
		return fmt.Errorf("%d products, at most %d", products, MaxProducts)
	}
	if err := p.Rule.Check(); err != nil {
		return err
	}
	return p.checkValues(&img.Programs[img.Groups[p.Group].Program])
}

// checkValues finds the values that the target's program writes into traces.
func (p *Plastic) checkValues(program *sem.Program) error {
	for i, t := range p.Rule.Traces {
		v := sem.TraceVariables[i]
		switch {
		case t.Value == "":
		case sem.Variables[v].Side == sem.PreSide:
			return fmt.Errorf("trace %s takes a value of a program, only traces of the target can", v)
		case program.Observable(t.Value) == sem.NoRef:
			return fmt.Errorf("trace %s takes %.40q, which program @%s does not have", v, t.Value, program.Name)
		}
	}
	return nil
}

// sourceSize is the number of members of an input or group, 0 where there is none.
func (img *Image) sourceSize(name string) int {
	for _, in := range img.Inputs {
		if in.Name == name {
			return in.N
		}
	}
	if g := img.group(name); g >= 0 {
		return img.Groups[g].N
	}
	return 0
}

// Feeder is the source member whose spikes an atom of an in-axon carries: of an input or
// of a group, by index; the other is -1.
type Feeder struct{ Input, Group, Member int32 }

// nobody marks an atom that no member sends to, or more than one.
var nobody = Feeder{-1, -1, -1}

// Feeders finds the sender of every atom by core and slot (Memory.Slots). Those that nobody
// or more than one member sends to have one without a source.
func (img *Image) Feeders() [][]Feeder {
	all := make([][]Feeder, len(img.Cores))
	seen, slots := make([][]bool, len(img.Cores)), make([][]int, len(img.Cores))
	for i, c := range img.Cores {
		slots[i] = c.Slots()
		n := slots[i][len(c.InAxons)]
		all[i], seen[i] = slices.Repeat([]Feeder{nobody}, n), make([]bool, n)
	}
	note := func(axons []Axon, f Feeder) {
		for _, a := range axons {
			at := slots[a.Core][a.Axon] + int(a.Atom)
			if seen[a.Core][at] {
				f = nobody
			}
			seen[a.Core][at], all[a.Core][at] = true, f
		}
	}
	for i, in := range img.Inputs {
		for m := range in.N {
			note(in.Fan.Of(m), Feeder{int32(i), -1, int32(m)})
		}
	}
	for _, c := range img.Cores {
		local := 0
		for _, r := range c.Runs {
			for m := range r.N {
				note(c.Fan.Of(local), Feeder{-1, int32(r.Group), int32(r.First + m)})
				local++
			}
		}
	}
	return all
}

// name is the source of a feeder, "" where it has none.
func (f Feeder) name(img *Image) string {
	switch {
	case f.Input >= 0:
		return img.Inputs[f.Input].Name
	case f.Group >= 0:
		return img.Groups[f.Group].Name
	}
	return ""
}

// checkPlasticAxons finds behind every plastic synapse one source member and the right
// group, and no two synapses between the same members.
func checkPlasticAxons(img *Image) error {
	if len(img.Plastic) == 0 {
		return nil
	}
	feeders := img.Feeders()
	for i, c := range img.Cores {
		k := plasticCheck{img: img, core: c, groups: c.groupOf(), senders: map[sender]int{}, lists: map[uint32]int{}}
		slots := c.Slots()
		for a := range c.InAxons {
			if err := k.axon(a, feeders[i][slots[a]]); err != nil {
				return fmt.Errorf("core %d, in-axon %d: %w", c.ID, a, err)
			}
		}
	}
	return nil
}

// sender is a source member of a plastic object.
type sender struct {
	plastic int
	member  int32
}

// plasticCheck goes through a core.
type plasticCheck struct {
	img     *Image
	core    *Core
	groups  []int
	senders map[sender]int // in-axon that serves it
	lists   map[uint32]int // number from 1 of the in-axon with synapses that learn, by the first word of its list
	targets [][]int32      // of an in-axon, by plastic object
}

func (k *plasticCheck) axon(a int, from Feeder) (bad error) {
	k.targets = make([][]int32, len(k.img.Plastic))
	err := k.core.Walk(a, 0, func(format int, s Synapse) {
		f := &k.core.Formats[format]
		if f.Plastic == 0 || bad != nil {
			return
		}
		bad = k.synapse(a, f, s, from)
	})
	if err != nil || bad != nil {
		return cmp.Or(err, bad)
	}
	for _, list := range k.targets {
		slices.Sort(list)
		for i := 1; i < len(list); i++ {
			if list[i] == list[i-1] {
				return fmt.Errorf("two plastic synapses to compartment %d", list[i])
			}
		}
	}
	return nil
}

func (k *plasticCheck) synapse(a int, f *SynapseFormat, s Synapse, from Feeder) error {
	p := &k.img.Plastic[f.Plastic-1]
	key := sender{f.Plastic, from.Member}
	other, known := k.senders[key]
	base := k.core.InAxons[a].Base
	switch {
	case f.Weight != p.Format:
		return fmt.Errorf("synapses of %q have another weight format than it", p.Name)
	case p.Rule.Concerns(sem.T) && !f.Tagged, p.Rule.Concerns(sem.D) && !f.LearnsDelay:
		return fmt.Errorf("synapses of %q have no room for what its rule learns", p.Name)
	case from.name(k.img) != p.Source:
		return fmt.Errorf("synapses of %q from source %.40q, not %.40q", p.Name, from.name(k.img), p.Source)
	case k.groups[s.Target] != p.Group:
		return fmt.Errorf("a synapse of %q to group %d, not %d", p.Name, k.groups[s.Target], p.Group)
	case k.lists[base] != a+1 && k.lists[base] != 0:
		return fmt.Errorf("a synapse of %q in the words of in-axon %d", p.Name, k.lists[base]-1)
	case known && other != a:
		return fmt.Errorf("member %d of %q has plastic synapses at in-axon %d too", from.Member, p.Source, other)
	}
	k.senders[key], k.lists[base] = a, a+1
	k.targets[f.Plastic-1] = append(k.targets[f.Plastic-1], s.Target)
	return nil
}

// groupOf is the group of every compartment of the core.
func (c *Core) groupOf() []int {
	groups := make([]int, 0, c.Compartments())
	for _, r := range c.Runs {
		for range r.N {
			groups = append(groups, r.Group)
		}
	}
	return groups
}
