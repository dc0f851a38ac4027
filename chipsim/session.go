package chipsim

import (
	"context"
	"runtime"

	"decc/chipsim/simd"
	"decc/ir/chip"
	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// Options of a session.
type Options struct {
	// Workers is how many goroutines share the cores of a row; 0 and 1 mean no others.
	// It changes nothing but speed, and pays only where rows are long: runs of many
	// samples are better shared out over sessions.
	Workers int
	// ShareAll lets workers share rows however short; for tests.
	ShareAll bool
	// ByCore keeps compartments on the chip's own cores where fewer would be faster; for tests.
	ByCore bool
}

// Session is one run of a chip: the state of its compartments and accumulators. It is
// used by one goroutine at a time.
type Session struct {
	loaded  *Chip // what the session runs
	chip    *Chip // loaded, or the same network on fewer cores
	cores   []*coreState
	on      map[*Chip][]*coreState // the cores of each chip that was in use
	byCore  bool
	workers int
	row     int64 // rows since the reset
	counts  spikes.Counts
	// least is the work of a phase that is worth sharing, in lanes or synapses.
	least int
	// seed keys the random numbers of the run, learning tells that it learns.
	seed     uint64
	learning bool
	saved    []savedParam
	host     hostState
	replay   func(synapse string) sem.Thresholds // nil draws them
	mesh     *mesh                               // nil where nobody asks for links
	crew     *crew                               // of the run, nil where it has no other goroutines
}

// shareable is the work of a phase below which other goroutines cost more than they bring.
const shareable = 1 << 14

// NewSession makes a session in the reset state.
func (c *Chip) NewSession(o Options) *Session {
	s := &Session{loaded: c, byCore: o.ByCore, on: map[*Chip][]*coreState{}, workers: max(1, o.Workers), least: shareable}
	s.host.writes = new([3][]int64)
	if o.ShareAll {
		s.least = 0
	}
	s.use(s.fastest())
	return s
}

// fastest is the chip on which the session runs where nothing is counted by core.
func (s *Session) fastest() *Chip {
	if s.byCore {
		return s.loaded
	}
	return s.loaded.fewer(s.workers)
}

// use makes the session run on a chip, from the reset state where it is another one.
func (s *Session) use(c *Chip) {
	if s.chip == c {
		return
	}
	s.setParams(nil)
	s.chip, s.cores = c, s.on[c]
	if s.cores == nil {
		for _, k := range c.cores {
			state := newCoreState(c, k)
			state.host = s.host.writes
			s.cores = append(s.cores, state)
		}
		s.on[c] = s.cores
	}
}

// coreState is what changes on a core.
type coreState struct {
	*core
	blocks []blockState
	ring   [][]int64 // accumulators by delay slot
	sums   [][]int64 // mantissas of the row by sum
	// arrived[slot*len(blocks)+block] tells that something was added; summed that a sum was.
	arrived []bool
	summed  []bool
	staged  []bankState
	inbox   []arrival
	events  int64           // synaptic events
	work    spikes.CoreWork // what is not counted elsewhere: spikes and packets
	slot    int             // of the row
	// weights are the core's, or a copy where some of them learn.
	weights []int32
	plastic []plasticState
	host    *[3][]int64 // what the host wrote into y1, y2, y3, by member
	tile    chip.Tile   // while links are counted
}

// arrival is a spike at an atom of an in-axon.
type arrival struct{ slot, payload int32 }

// fired is a spike of a lane.
type fired struct{ lane, payload int32 }

// blockState is what changes of a block.
type blockState struct {
	*block
	exec   *sem.Exec[int64]
	states []int
	before [][]int64 // states before the row, where it matters
	ports  [][]int64 // fields
	// portFields are the numbers of the ports, and direct tells that the kernel reads accumulators where they are.
	portFields []int
	direct     bool
	narrow     *narrow // in use where it is not nil
	spare      *narrow // to be used again
	// same tells that each param is the same on all lanes, where somebody has looked since params were written.
	looked, same bool
	nothing      []int64 // what it reads where nothing arrived
	random       []random
	spike        []int64 // slots, nil where the program has none
	value        []int64
	out          []int64
	fast         *kernel // in use
	lanes        lanes
	fired        []fired
	// still tells that the row changed no state, sent no spike and took nothing, and
	// so would the next row unless something arrives.
	still bool
}

// random is a field that is drawn every row.
type random struct {
	key  uint64
	bits uint
	slot []int64
}

func newCoreState(c *Chip, k *core) *coreState {
	s := &coreState{core: k, arrived: make([]bool, k.slots*len(k.blocks)), summed: make([]bool, len(k.sums))}
	for range k.slots {
		s.ring = append(s.ring, make([]int64, k.width+2*simd.Lanes)) // banks add whole vectors
	}
	for i := range k.banks {
		s.staged = append(s.staged, newBankState(&k.banks[i]))
	}
	for _, t := range k.sums {
		s.sums = append(s.sums, make([]int64, k.blocks[t.block].n))
	}
	s.blocks = make([]blockState, len(k.blocks))
	for i := range k.blocks {
		s.blocks[i].open(c, &k.blocks[i])
	}
	s.openPlastics()
	return s
}

func (b *blockState) open(c *Chip, k *block) {
	p := k.program
	*b = blockState{block: k, exec: sem.NewExec[int64](p, k.n), states: p.FieldsOf(sem.State)}
	for range b.states {
		b.before = append(b.before, make([]int64, k.n))
	}
	for i, f := range p.FieldsOf(sem.Param) {
		values, slot := k.run.Params[i], b.exec.Slot(sem.Ref(f))
		for lane := range slot {
			slot[lane] = values[min(lane, len(values)-1)]
		}
	}
	for _, f := range p.FieldsOf(sem.Port) {
		b.ports, b.portFields = append(b.ports, b.exec.Slot(sem.Ref(f))), append(b.portFields, f)
	}
	for _, f := range p.FieldsOf(sem.Random) {
		field := p.Fields[f]
		b.random = append(b.random, random{
			key: sem.Key(c.img.Groups[k.group].Name + "." + field.Name), bits: uint(field.Type.Bits), slot: b.exec.Slot(sem.Ref(f)),
		})
	}
	if p.Spike != sem.NoRef {
		b.spike = b.exec.Slot(p.Spike)
	}
	if p.Payload != sem.NoRef {
		b.value = b.exec.Slot(p.Payload)
	}
}

// Reset puts every state to its default and forgets what is on its way.
func (s *Session) Reset() {
	s.row, s.counts = 0, spikes.Counts{}
	for _, k := range s.cores {
		for _, slot := range k.ring {
			clear(slot)
		}
		for _, sum := range k.sums {
			clear(sum)
		}
		clear(k.arrived)
		clear(k.summed)
		for i := range k.staged {
			k.staged[i].reset()
		}
		k.inbox, k.events, k.slot, k.work = k.inbox[:0], 0, 0, spikes.CoreWork{}
		for i := range k.blocks {
			k.blocks[i].exec.Reset()
			k.blocks[i].narrow = nil
		}
		k.resetPlastics()
	}
}

// Run executes a request from the reset state. The error is a diag.List of what is
// wrong with the request (codes run/..., chipsim/...), or the context's.
func (s *Session) Run(ctx context.Context, req spikes.Request) (spikes.Record[int64], error) {
	c := s.loaded
	if len(req.Weigh.By) == 0 {
		c = s.fastest()
	}
	s.use(c)
	s.Reset()
	return s.Continue(ctx, req)
}

// Continue executes the rows of a request from the present state, as if they were the
// next rows of the run before: only rows are counted from 0 again. After an error of the
// context the session must be Reset.
func (s *Session) Continue(ctx context.Context, req spikes.Request) (spikes.Record[int64], error) {
	if len(req.Weigh.By) > 0 && s.chip != s.loaded && s.row == 0 {
		s.use(s.loaded)
		s.Reset()
	}
	if len(req.Weigh.By) > 0 && s.chip != s.loaded {
		return spikes.Record[int64]{}, diag.List{diag.Errorf(diag.Pos{}, "chipsim/weigh", "rows are weighed from the reset on").WithFix("weigh the rows before, too")}
	}
	r, err := s.prepare(req)
	if err != nil {
		return spikes.Record[int64]{}, err
	}
	before := s.total()
	s.beginMeter(r, req.Weigh)
	if n := min(s.workers, len(s.cores), runtime.GOMAXPROCS(0)); n > 1 {
		s.hire(n - 1)
		defer s.dismiss()
	}
	for k := range req.Rows {
		if k%64 == 0 && ctx.Err() != nil {
			return spikes.Record[int64]{}, ctx.Err()
		}
		s.step(r, k)
	}
	for _, k := range s.cores {
		k.settle()
	}
	rec := r.record()
	rec.Counts = since(before, s.total())
	return rec, nil
}

// Chip is what the session runs.
func (s *Session) Chip() *Chip { return s.loaded }

// total is the counts since the reset.
func (s *Session) total() spikes.Counts {
	c := s.counts
	for _, k := range s.cores {
		c.SynapticEvents += k.events
		c.LearningUpdates += k.learned()
	}
	return c
}

func since(before, now spikes.Counts) spikes.Counts {
	return spikes.Counts{
		SynapticEvents:     now.SynapticEvents - before.SynapticEvents,
		CompartmentUpdates: now.CompartmentUpdates - before.CompartmentUpdates,
		Spikes:             now.Spikes - before.Spikes,
		InputSpikes:        now.InputSpikes - before.InputSpikes,
		AxonEvents:         now.AxonEvents - before.AxonEvents,
		Hops:               now.Hops - before.Hops,
		LearningUpdates:    now.LearningUpdates - before.LearningUpdates,
	}
}
