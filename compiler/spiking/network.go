package spiking

import (
	"context"
	"slices"

	"decc/ir/spikes"
)

// Network runs a Spec. It keeps no state between runs, but is used by one goroutine at a
// time.
type Network struct {
	spec   Spec
	cables []cable
	cells  []cell
}

// cable is a connection by source: synapses of source i are start[i] to start[i+1].
type cable struct {
	*Connection
	forward bool
	start   []int32
	post    []int32
	weight  []float64
	delay   []int32 // nil where all are fixed
	fixed   int     // delay of all
	seen    int     // its place in the seen of the target's cell, where it is max-pooling
}

// cell is a population with its state.
type cell struct {
	*Population
	i, v []float64
	// theta and r are the threshold and the refractory state, nil but with mode Adaptive.
	theta, r []float64
	// y is what the spikes of the step carry, nil but with modes that send the voltage.
	y []float64
	// inbox are the sums that arrive, by step modulo its length.
	inbox [][]float64
	// seen are the members that a max-pooling has reached, by pooling and place of the inbox.
	seen  [][][]bool
	bias  []float64 // of all connections into it
	fired []shot
	peaks *Peaks // nil: nobody asks
}

// shot is a spike of a step.
type shot struct {
	member  int32
	payload float64
}

// New prepares a network.
func New(s Spec) (*Network, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	n := &Network{spec: s}
	horizon, pools := make([]int, len(s.Populations)), make([]int, len(s.Populations))
	for i := range s.Connections {
		c := &s.Connections[i]
		k := n.lay(c)
		if k.seen = pools[c.To]; c.Max {
			pools[c.To]++
		}
		n.cables = append(n.cables, k)
		longest := 0
		for _, d := range c.Delay {
			longest = max(longest, d)
		}
		horizon[c.To] = max(horizon[c.To], longest+2)
	}
	for i := range s.Populations {
		n.cells = append(n.cells, n.cell(i, max(1, horizon[i])))
	}
	return n, nil
}

// Spec is what the network was made of.
func (n *Network) Spec() *Spec { return &n.spec }

// Clone is a network for another goroutine: it shares what n was made of, which nothing
// changes, and has its own state.
func (n *Network) Clone() *Network {
	own := &Network{spec: n.spec, cables: n.cables}
	for i := range n.cells {
		own.cells = append(own.cells, own.cell(i, len(n.cells[i].inbox)))
	}
	return own
}

// lay sorts the synapses of a connection by source.
func (n *Network) lay(c *Connection) cable {
	from := n.spec.Size(c.From)
	k := cable{Connection: c, forward: n.spec.Forward(c), start: make([]int32, from+1)}
	n.spec.Each(c, func(pre, _, weight int) {
		if c.Weights[weight] != 0 {
			k.start[pre+1]++
		}
	})
	for i := range from {
		k.start[i+1] += k.start[i]
	}
	total := k.start[from]
	k.post, k.weight = make([]int32, total), make([]float64, total)
	if len(c.Delay) > 1 {
		k.delay = make([]int32, total)
	} else if len(c.Delay) == 1 {
		k.fixed = c.Delay[0]
	}
	next := slices.Clone(k.start)
	n.spec.Each(c, func(pre, post, weight int) {
		if c.Weights[weight] == 0 {
			return
		}
		at := next[pre]
		next[pre]++
		k.post[at], k.weight[at] = int32(post), c.Weights[weight]
		if k.delay != nil {
			k.delay[at] = int32(c.DelayOf(pre, weight))
		}
	})
	return k
}

func (n *Network) cell(i, horizon int) cell {
	p := &n.spec.Populations[i]
	c := cell{Population: p, i: make([]float64, p.N), v: make([]float64, p.N), bias: make([]float64, p.N), inbox: planes[float64](horizon, p.N)}
	if p.Mode.Sends() {
		c.y = make([]float64, p.N)
	}
	if p.Mode == Adaptive {
		c.theta, c.r = make([]float64, p.N), make([]float64, p.N)
	}
	for k := range n.spec.Connections {
		if k := &n.spec.Connections[k]; k.To == i {
			for m, b := range k.Bias {
				c.bias[m] += b
			}
			if k.Max {
				c.seen = append(c.seen, planes[bool](horizon, p.N))
			}
		}
	}
	return c
}

// planes are n lists of zeros.
func planes[T any](n, width int) [][]T {
	out := make([][]T, n)
	for i := range out {
		out[i] = make([]T, width)
	}
	return out
}

// reset puts all state to zero.
func (n *Network) reset() {
	for k := range n.cells {
		c := &n.cells[k]
		clear(c.i)
		clear(c.v)
		c.adapt()
		for slot := range c.inbox {
			clear(c.inbox[slot])
			c.forget(slot)
		}
	}
}

// Run runs steps from zero state. Record.Spikes has the trains of all populations that
// can spike, by name, with the sign of what a spike carries for a payload; Record.Values the
// variables that probes ask for, after the step. Counts are synaptic events, updates and spikes as an engine counts them, of
// the steps alone. Events of rows that the request does not reach are left out. The error
// is that of ctx, or says what cannot be run: as with the engines, inputs and members that
// the network does not have, events out of order, and probes of what is not there.
func (n *Network) Run(ctx context.Context, r spikes.Request) (spikes.Record[float64], error) {
	if err := n.checkRequest(r); err != nil {
		return spikes.Record[float64]{}, err
	}
	n.reset()
	rec := spikes.Record[float64]{Spikes: map[string]spikes.Train{}, Values: map[string]spikes.Matrix[float64]{}}
	inputs := make([][]spikes.Train, len(n.spec.Inputs))
	graded := make([]bool, len(n.spec.Inputs))
	for i, in := range n.spec.Inputs {
		inputs[i], graded[i] = r.Inputs[in.Name].Rows(r.Rows), in.Graded()
	}
	taps := map[string][]float64{}
	for _, p := range r.Probes {
		taps[p.Key()], rec.Values[p.Key()] = n.variable(p), spikes.Matrix[float64]{}
	}
	for t := range r.Rows {
		if t%64 == 0 && ctx.Err() != nil {
			return rec, ctx.Err()
		}
		for i := range inputs {
			for _, e := range inputs[i][t] {
				rec.Counts.InputSpikes++
				payload := 1.0
				if graded[i] {
					payload = float64(e.Payload)
				}
				n.send(i, t, e.Index, payload, &rec.Counts)
			}
		}
		for k := range n.cells {
			n.step(k, t, &rec)
		}
		for key, values := range taps {
			m := rec.Values[key]
			rec.Values[key] = spikes.Matrix[float64]{Rows: t + 1, N: len(values), Data: append(m.Data, values...)}
		}
	}
	return rec, nil
}

// step updates population k and passes its spikes on.
func (n *Network) step(k, t int, rec *spikes.Record[float64]) {
	c := &n.cells[k]
	slot := t % len(c.inbox)
	c.update(c.inbox[slot])
	c.forget(slot)
	rec.Counts.CompartmentUpdates += int64(c.N)
	if !c.Spikes() {
		return
	}
	train := rec.Spikes[c.Name]
	for _, s := range c.fired {
		train = append(train, spikes.Event{Row: int32(t), Index: s.member, Payload: sign(s.payload)})
		n.send(len(n.spec.Inputs)+k, t, s.member, s.payload, &rec.Counts)
	}
	rec.Spikes[c.Name] = train
	rec.Counts.Spikes += int64(len(c.fired))
}

// forget makes a place of the inbox ready for what arrives a round later.
func (c *cell) forget(slot int) {
	for _, seen := range c.seen {
		clear(seen[slot])
	}
}

// update is the step of all neurons; it empties the box.
func (c *cell) update(box []float64) {
	c.fired = c.fired[:0]
	fire := modes[c.Mode].fire
	for m := range box {
		i := float64((1-At(c.DU, m))*c.i[m]) + float64(At(c.In, m)*(box[m]+c.bias[m]))
		v := float64((1-At(c.DV, m))*c.v[m]) + float64(At(c.Gain, m)*i) + At(c.Drift, m)
		box[m], c.i[m] = 0, i
		if c.peaks != nil {
			c.peaks.note(m, At(c.Gain, m)*i, v)
		}
		payload, left := fire(c, m, v)
		if c.v[m] = left; payload != 0 {
			c.fired = append(c.fired, shot{int32(m), payload})
		}
	}
}

// sign is 1 or -1.
func sign(x float64) int32 {
	if x < 0 {
		return -1
	}
	return 1
}

// send lets a spike of a source arrive where it leads to.
func (n *Network) send(source, t int, member int32, payload float64, counts *spikes.Counts) {
	for k := range n.cables {
		c := &n.cables[k]
		if c.From != source {
			continue
		}
		first, end := c.start[member], c.start[member+1]
		counts.SynapticEvents += int64(end - first)
		arrival := t + c.fixed
		if !c.forward {
			arrival++
		}
		if c.Max {
			n.cells[c.To].pool(c, arrival, first, end)
			continue
		}
		inbox := n.cells[c.To].inbox
		box := inbox[arrival%len(inbox)]
		if c.delay == nil {
			for s := first; s < end; s++ {
				box[c.post[s]] += float64(payload * c.weight[s])
			}
			continue
		}
		for s := first; s < end; s++ {
			inbox[(arrival+int(c.delay[s]))%len(inbox)][c.post[s]] += float64(payload * c.weight[s])
		}
	}
}

// pool takes the synapses first to end of a max-pooling: at a member that the step has
// reached already they add nothing.
func (c *cell) pool(k *cable, arrival int, first, end int32) {
	for s := first; s < end; s++ {
		at := arrival
		if k.delay != nil {
			at += int(k.delay[s])
		}
		slot, post := at%len(c.inbox), k.post[s]
		if seen := c.seen[k.seen][slot]; !seen[post] {
			seen[post] = true
			c.inbox[slot][post] += k.weight[s]
		}
	}
}
