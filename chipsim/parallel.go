package chipsim

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// crew is the goroutines that share the phases of a run with the one that runs it. They live as long as the run: a row
// may take less time than to start them.
type crew struct {
	do      func(*coreState)
	cores   []*coreState
	next    atomic.Int64 // core that nobody has taken
	round   atomic.Int64 // phases so far, negative where there are no more
	busy    atomic.Int64 // members that are at work
	members []member
	gone    sync.WaitGroup
}

// member waits for phases. After patience rounds of looking it sleeps until it is woken.
type member struct {
	asleep atomic.Bool
	wake   chan struct{}
}

// patience is how often a member looks for the next phase, some ten microseconds, before it sleeps.
const patience = 1 << 14

// hire starts a crew of n.
func (s *Session) hire(n int) {
	s.crew = &crew{cores: s.cores, members: make([]member, n)}
	for i := range s.crew.members {
		m := &s.crew.members[i]
		m.wake = make(chan struct{}, 1)
		s.crew.gone.Go(func() { s.crew.work(m) })
	}
}

// dismiss ends the crew.
func (s *Session) dismiss() {
	if s.crew == nil {
		return
	}
	s.crew.round.Store(-1)
	s.crew.call()
	s.crew.gone.Wait()
	s.crew = nil
}

// call wakes those who sleep.
func (c *crew) call() {
	for i := range c.members {
		if m := &c.members[i]; m.asleep.CompareAndSwap(true, false) {
			m.wake <- struct{}{}
		}
	}
}

// work does the phases as they come.
func (c *crew) work(m *member) {
	for last := int64(0); ; {
		if last = c.await(m, last); last < 0 {
			return
		}
		c.take()
		c.busy.Add(-1)
	}
}

// await is the number of the phase after the last.
func (c *crew) await(m *member, last int64) int64 {
	for {
		for range patience {
			if now := c.round.Load(); now != last {
				return now
			}
		}
		m.asleep.Store(true)
		if c.round.Load() != last && m.asleep.CompareAndSwap(true, false) {
			continue
		}
		<-m.wake
	}
}

// take does the phase on cores that nobody has taken.
func (c *crew) take() {
	for i := c.next.Add(1) - 1; int(i) < len(c.cores); i = c.next.Add(1) - 1 {
		c.do(c.cores[i])
	}
}

// each does one phase on every core, shared by the crew where there is enough
// work, and waits for all.
func (s *Session) each(work int, do func(*coreState)) {
	if s.crew == nil || work < s.least {
		for _, c := range s.cores {
			do(c)
		}
		return
	}
	c := s.crew
	c.do = do
	c.next.Store(0)
	c.busy.Store(int64(len(c.members)))
	c.round.Add(1)
	c.call()
	c.take()
	for looked := 0; c.busy.Load() > 0; looked++ {
		if looked > patience { // a member has no processor
			runtime.Gosched()
		}
	}
}
