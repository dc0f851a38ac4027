package image

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"decc/ir/sem"
)

// checkCore checks what can be said of a core alone.
func checkCore(img *Image, c *Core) error {
	checks := []func(*Image, *Core) error{checkRuns, checkFormats, checkMemory}
	for _, check := range checks {
		if err := check(img, c); err != nil {
			return err
		}
	}
	return c.Fan.check(c.Compartments())
}

func checkRuns(img *Image, c *Core) error {
	total := 0
	for i, r := range c.Runs {
		if r.Group < 0 || r.Group >= len(img.Groups) {
			return fmt.Errorf("run %d is of group %d of %d", i, r.Group, len(img.Groups))
		}
		g := img.Groups[r.Group]
		if r.First < 0 || r.N < 1 || r.N > g.N || r.First > g.N-r.N {
			return fmt.Errorf("run %d has members %d..%d of group %q, which has %d", i, r.First, r.First+r.N-1, g.Name, g.N)
		}
		if total += r.N; total > MaxCompartments {
			return fmt.Errorf("more than %d compartments", MaxCompartments)
		}
		if err := checkParams(&img.Programs[g.Program], r); err != nil {
			return fmt.Errorf("run %d of group %q: %w", i, g.Name, err)
		}
	}
	return nil
}

func checkParams(p *sem.Program, r Run) error {
	fields := p.FieldsOf(sem.Param)
	if len(r.Params) != len(fields) {
		return fmt.Errorf("%d params, program @%s has %d", len(r.Params), p.Name, len(fields))
	}
	for i, values := range r.Params {
		f := p.Fields[fields[i]]
		if len(values) != 1 && len(values) != r.N {
			return fmt.Errorf("param %s has %d values for %d compartments", f.Name, len(values), r.N)
		}
		for _, v := range values {
			if !f.Type.Holds(v) {
				return fmt.Errorf("param %s is %d, which is outside %s", f.Name, v, f.Type)
			}
		}
	}
	return nil
}

func checkFormats(img *Image, c *Core) error {
	if len(c.Formats) > MaxFormats {
		return fmt.Errorf("%d synapse formats, at most %d", len(c.Formats), MaxFormats)
	}
	for i := range c.Formats {
		if err := c.Formats[i].check(); err != nil {
			return fmt.Errorf("synapse format %d: %w", i+1, err)
		}
		if p := c.Formats[i].Plastic; p > len(img.Plastic) {
			return fmt.Errorf("synapse format %d: plastic object %d of %d", i+1, p, len(img.Plastic))
		}
	}
	return nil
}

func (f *SynapseFormat) check() error {
	if err := f.Kind.check(); err != nil {
		return err
	}
	skips := f.Compression == RunLength
	switch {
	case !slices.Contains(compressions[:], f.Compression):
		return fmt.Errorf("unknown compression %d", f.Compression)
	case f.Coding >= codingEnd:
		return fmt.Errorf("unknown weight coding %d", f.Coding)
	case f.WeightBits > maxWeightBits:
		return fmt.Errorf("weights of %d bits, at most %d", f.WeightBits, maxWeightBits)
	case f.DelayBits > maxDelayBits:
		return fmt.Errorf("delays of %d bits, at most %d", f.DelayBits, maxDelayBits)
	case f.IndexBits < minIndexBits || f.IndexBits > maxIndexBits:
		return fmt.Errorf("targets of %d bits, allowed is %d..%d", f.IndexBits, minIndexBits, maxIndexBits)
	case skips && (f.SkipBits < minSkipBits || f.SkipBits > maxSkipBits) || !skips && f.SkipBits != 0:
		return fmt.Errorf("skips of %d bits; run-length has %d..%d, the others 0", f.SkipBits, minSkipBits, maxSkipBits)
	}
	return nil
}

// checkMemory reads every atom of every in-axon: its words exist, its entries end, its
// synapses reach ports of the core's compartments.
func checkMemory(img *Image, c *Core) error {
	ports, words := c.portCounts(img), uint64(0)
	for i, a := range c.InAxons {
		end := uint64(a.Base) + uint64(a.Words)*uint64(a.Atoms)
		switch {
		case a.Atoms < 1 || a.Atoms > MaxAtoms || a.Offset > MaxOffset || a.Atoms > 1 && a.Offset%PopulationStep != 0:
			return fmt.Errorf("in-axon %d has %d atoms and offset %d; allowed are 1..%d atoms and offsets 0..%d, of populations multiples of %d",
				i, a.Atoms, a.Offset, MaxAtoms, MaxOffset, PopulationStep)
		case end > uint64(len(c.Words)):
			return fmt.Errorf("in-axon %d has words %d..%d of %d", i, a.Base, end, len(c.Words))
		}
		if words += end - uint64(a.Base); words > maxWords {
			return fmt.Errorf("the in-axons have more than %d words together", maxWords)
		}
		for atom := range int(a.Atoms) {
			if err := c.checkList(i, atom, ports); err != nil {
				return fmt.Errorf("in-axon %d: %w", i, err)
			}
		}
	}
	return nil
}

// checkList reads the list of an atom.
func (c *Core) checkList(axon, atom int, ports []uint16) error {
	var bad error
	shared := c.InAxons[axon].Offset > 0 || c.InAxons[axon].Atoms > 1
	err := c.Walk(axon, atom, func(format int, s Synapse) {
		f := &c.Formats[format]
		switch {
		case bad != nil:
		case int(s.Target) >= len(ports):
			bad = fmt.Errorf("a synapse goes to compartment %d of %d", s.Target, len(ports))
		case f.Port >= int(ports[s.Target]):
			bad = fmt.Errorf("a synapse goes to port %d of compartment %d, whose program has %d ports", f.Port, s.Target, ports[s.Target])
		case shared && f.Plastic > 0:
			bad = errors.New("a synapse that learns behind a population or an offset")
		}
	})
	return cmp.Or(err, bad)
}

// portCounts is the number of ports of every compartment of the core.
func (c *Core) portCounts(img *Image) []uint16 {
	ports := make([]uint16, 0, c.Compartments())
	for _, r := range c.Runs {
		n := len(img.Programs[img.Groups[r.Group].Program].FieldsOf(sem.Port))
		for range r.N {
			ports = append(ports, uint16(n))
		}
	}
	return ports
}

// check tells whether the table has n members with lists in order.
func (f *Fanout) check(n int) error {
	if len(f.Start) != n+1 || f.Start[0] != 0 || int64(f.Start[n]) != int64(len(f.Axons)) || !slices.IsSorted(f.Start) {
		return fmt.Errorf("the out-axon table has %d starts and %d axons for %d members", len(f.Start), len(f.Axons), n)
	}
	return nil
}

func checkCores(img *Image) error {
	seen := map[int]bool{}
	for _, c := range img.Cores {
		if seen[c.ID] {
			return fmt.Errorf("two cores have the number %d", c.ID)
		}
		seen[c.ID] = true
	}
	return nil
}

func checkFanouts(img *Image) error {
	for i := range img.Inputs {
		in := &img.Inputs[i]
		err := in.Fan.check(in.N)
		if err == nil {
			err = in.Fan.checkTargets(img)
		}
		if err != nil {
			return fmt.Errorf("input %q: %w", in.Name, err)
		}
	}
	for _, c := range img.Cores {
		if err := c.Fan.checkTargets(img); err != nil {
			return fmt.Errorf("core %d: %w", c.ID, err)
		}
	}
	return nil
}

func (f *Fanout) checkTargets(img *Image) error {
	for _, a := range f.Axons {
		if int(a.Core) >= len(img.Cores) || int(a.Axon) >= len(img.Cores[a.Core].InAxons) || a.Atom >= img.Cores[a.Core].InAxons[a.Axon].Atoms {
			return fmt.Errorf("an out-axon goes to atom %d of in-axon %d of core %d, which does not exist", a.Atom, a.Axon, a.Core)
		}
	}
	return nil
}

// checkCover finds every member of every group on exactly one core.
func checkCover(img *Image) error {
	runs := make([][]Run, len(img.Groups))
	for _, c := range img.Cores {
		for _, r := range c.Runs {
			runs[r.Group] = append(runs[r.Group], r)
		}
	}
	for g, list := range runs {
		slices.SortFunc(list, func(a, b Run) int { return cmp.Compare(a.First, b.First) })
		next := 0
		for _, r := range list {
			if r.First != next {
				return fmt.Errorf("group %q: member %d is on no core or on two", img.Groups[g].Name, min(next, r.First))
			}
			next += r.N
		}
		if next != img.Groups[g].N {
			return fmt.Errorf("group %q: member %d is on no core", img.Groups[g].Name, next)
		}
	}
	return nil
}

// checkLocalJoins finds the partners of every join on the same core.
func checkLocalJoins(img *Image) error {
	for i, j := range img.Joins {
		from, to := img.coreOf(j.From), img.coreOf(j.To)
		for m := range from {
			if from[m] != to[m] {
				return fmt.Errorf("join %d: members %d of %q and %q are on different cores", i, m, img.Groups[j.From].Name, img.Groups[j.To].Name)
			}
		}
	}
	return nil
}

// coreOf is the index of the core of every member of a group.
func (img *Image) coreOf(group int) []int32 {
	at := make([]int32, img.Groups[group].N)
	for i, c := range img.Cores {
		for _, r := range c.Runs {
			if r.Group != group {
				continue
			}
			for m := range r.N {
				at[r.First+m] = int32(i)
			}
		}
	}
	return at
}
