package chipimage

import (
	"cmp"
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"decc/chipsim/image"
	"decc/ir"
	"decc/ir/diag"
)

// fill writes the synaptic memory of every core, one core after the other on each processor: the synapses of a whole network
// would be many times its image.
func (l *lowering) fill(ctx context.Context) error {
	for i, s := range l.m.Synapses {
		l.inbound = append(l.inbound, inbound{
			Inbound: ir.NewInbound(s, l.m.GroupByName(s.Post).N, int32(l.first[s.Pre])),
			kind:    image.Kind(l.m.Kind(i)), group: l.group(s.Post),
		})
	}
	errs := make([]error, len(l.img.Cores))
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(l.img.Cores)) {
		wait.Go(func() {
			f := filler{lowering: l, slotOf: make([]int32, l.sources)}
			for i := int(next.Add(1)) - 1; i < len(errs) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				errs[i] = f.core(i)
			}
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// filler fills one core after the other.
type filler struct {
	*lowering
	slotOf  []int32 // by source number, plus 1; 0 where the source does not reach the core
	slots   []*[]image.Part
	scratch ir.Arrivals
	spare   [][]image.Synapse // of cores that are done
}

func (f *filler) core(index int) error {
	defer f.clear(index)
	k := f.img.Cores[index]
	axons, err := f.room(index)
	if err != nil {
		return err
	}
	if err := f.connect(k); err != nil {
		return err
	}
	memory, err := image.Pack(f.m.Profile, k.Compartments(), axons)
	if err != nil {
		if d := diag.All(err); len(d) == 1 {
			d[0].WithNote("on core %d", k.ID)
		}
		return err
	}
	k.Memory = *memory
	return nil
}

// room makes the in-axons of a core and tells the sources their slots.
func (f *filler) room(index int) ([]image.Atoms, error) {
	routes := f.routes.of(index)
	var axons []image.Atoms
	for _, i := range routes {
		axons = widen(axons, &f.m.Routes[i])
	}
	for n, i := range routes {
		r := &f.m.Routes[i]
		parts := &axons[r.Axon][r.Atom]
		if *parts != nil {
			return nil, f.shared(r, routes[:n])
		}
		*parts = []image.Part{}
		if at := &f.slotOf[f.first[r.Source]+int(r.Index)]; *at == 0 {
			f.slots = append(f.slots, parts)
			*at = int32(len(f.slots))
		}
	}
	return axons, nil
}

// widen makes room for the atom of an in-axon.
func widen(axons []image.Atoms, r *ir.Route) []image.Atoms {
	for len(axons) <= int(r.Axon) {
		axons = append(axons, make(image.Atoms, 1))
	}
	atoms := &axons[r.Axon]
	for len(*atoms) <= int(r.Atom) {
		*atoms = append(*atoms, nil)
	}
	return axons
}

func (f *filler) shared(r *ir.Route, earlier []int32) error {
	other := r
	for _, i := range earlier {
		if x := &f.m.Routes[i]; x.Axon == r.Axon && x.Atom == r.Atom {
			other = x
		}
	}
	return diag.Errorf(f.m.At, "chipimage/shared-axon", "@%s[%d] and @%s[%d] share atom %d of in-axon %d of core %d",
		other.Source, other.Index, r.Source, r.Index, r.Atom, r.Axon, r.Core)
}

// connect puts the synapses of a core's compartments into the in-axons that serve them.
func (f *filler) connect(k *image.Core) error {
	for i := range f.inbound {
		in, local := &f.inbound[i], 0
		for _, r := range k.Runs {
			if r.Group == in.group {
				if err := f.place(in, k, r, local); err != nil {
					return err
				}
			}
			local += r.N
		}
	}
	return nil
}

// place puts the synapses onto the compartments of a run, the first of which has the number local on its core.
func (f *filler) place(in *inbound, k *image.Core, r image.Run, local int) error {
	x, n := in.Onto(r.First, r.N, &f.scratch), 0
	for i := range r.N {
		for ; n < in.Start[r.First+i+1]-in.Start[r.First]; n++ {
			slot := f.slotOf[x.Pre[n]]
			if slot == 0 {
				return diag.Errorf(cmp.Or(in.At, f.m.At), "chipimage/no-route", "synapse @%s: @%s[%d] has no route to core %d, where @%s[%d] is",
					in.Name, in.Pre, int(x.Pre[n])-f.first[in.Pre], k.ID, in.Post, r.First+i)
			}
			synapse := image.Synapse{Target: int32(local + i), Mantissa: int32(x.Mantissa[n]), Delay: int32(x.Delay[n])}
			if len(x.Tag) > 0 {
				synapse.Tag = int32(x.Tag[n])
			}
			f.add(f.slots[slot-1], in.kind, synapse)
		}
	}
	return nil
}

// add puts a synapse behind the others of its kind.
func (f *filler) add(parts *[]image.Part, kind image.Kind, s image.Synapse) {
	if n := len(*parts); n == 0 || (*parts)[n-1].Kind != kind {
		*parts = append(*parts, image.Part{Kind: kind, Synapses: f.take()})
	}
	part := &(*parts)[len(*parts)-1]
	part.Synapses = append(part.Synapses, s)
}

// take gives an empty list, with the room that one of a core before had.
func (f *filler) take() []image.Synapse {
	last := len(f.spare) - 1
	if last < 0 {
		return nil
	}
	list := f.spare[last]
	f.spare = f.spare[:last]
	return list
}

// clear forgets the slots of a core, which is packed, and keeps their room.
func (f *filler) clear(index int) {
	for _, i := range f.routes.of(index) {
		r := &f.m.Routes[i]
		f.slotOf[f.first[r.Source]+int(r.Index)] = 0
	}
	for _, parts := range f.slots {
		for _, p := range *parts {
			f.spare = append(f.spare, p.Synapses[:0])
		}
	}
	f.slots = f.slots[:0]
}
