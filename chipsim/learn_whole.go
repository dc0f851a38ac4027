package chipsim

import (
	"slices"

	"decc/ir/sem"
)

// wholeEngine learns with sem.Unit, which visits every synapse in every epoch: for rules
// whose epochs, graded modes or learned delays the event engine does not have, for machines
// with another order of events, and for the thresholds of recordings.
type wholeEngine struct {
	p       *plasticState
	unit    *sem.Unit
	places  []int32 // by contact
	written [3][]int64
	// thresholds are those of the run.
	thresholds sem.Thresholds
}

func newWholeEngine(p *plasticState) *wholeEngine {
	e := &wholeEngine{p: p}
	var contacts []sem.Contact
	post := int32(0)
	for _, r := range p.receivers {
		post = max(post, r.member+1)
	}
	for sender, strips := range p.strips {
		for i := range strips {
			s := &strips[i]
			for j := range s.n {
				r := s.receiver(j)
				contacts = append(contacts, sem.Contact{
					Pre: p.senders[sender], Post: p.receivers[r].member, Index: int32(p.number(int32(sender), r)),
				})
				e.places = append(e.places, s.place+j)
			}
		}
	}
	e.unit = sem.NewUnit(p.profile, &p.Rule, p.Format, p.Pre, int(post), contacts, nil, nil, nil)
	for i := range e.written {
		e.written[i] = make([]int64, post)
	}
	for t := range sem.Target(len(p.values)) {
		e.take(t)
	}
	return e
}

// take moves the values of a target into the unit.
func (e *wholeEngine) take(t sem.Target) {
	for i, place := range e.places {
		e.unit.Values[t][i] = int64(e.p.values[t][place])
	}
}

func (e *wholeEngine) reset() { e.unit.Reset() }

// traceAt is where the trace of the synapse at a place is kept, for profiles that keep one.
func (e *wholeEngine) traceAt(v sem.Variable, place int32) *int64 {
	return &e.unit.Trace[v.TraceIndex()][slices.Index(e.places, place)]
}

func (e *wholeEngine) row(c *coreState, row int) {
	p := e.p
	var events sem.RowEvents
	for _, a := range c.inbox {
		if i := p.senderOf[a.slot]; i >= 0 {
			events.Pre = append(events.Pre, sem.LearnSpike{Index: p.senders[i], Payload: a.payload})
		}
	}
	for _, r := range p.receivers {
		for y, slots := range p.written {
			if slots != nil {
				e.written[y][r.member] = slots[r.block][r.lane]
				events.Written[y] = e.written[y]
			}
		}
	}
	for y, v := range []sem.Variable{sem.Y1, sem.Y2, sem.Y3} {
		if values := c.host[y]; p.Rule.Traces[v.TraceIndex()].Host != sem.HostNone && values != nil {
			events.Written[y] = values[:len(e.written[y])]
		}
	}
	for b, base := range p.receiverOf {
		for i := 0; base >= 0 && i < len(c.blocks[b].fired); i++ {
			f := c.blocks[b].fired[i]
			events.Post = append(events.Post, sem.LearnSpike{Index: p.receivers[base+f.lane].member, Payload: f.payload})
		}
	}
	e.unit.Row(row, events, e.thresholds)
	if !p.learning.Epochs || (row+1)%p.Rule.Epoch == 0 {
		e.give()
	}
}

// give takes over what the unit has learned.
func (e *wholeEngine) give() {
	for t, sum := range e.p.Rule.Sums {
		if len(sum) == 0 {
			continue
		}
		for i, place := range e.places {
			e.p.values[t][place] = int16(e.unit.Values[t][i])
		}
	}
	e.p.weigh()
}
