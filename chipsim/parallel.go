package chipsim

import (
	"sync"
	"sync/atomic"
)

// each does one phase on every core, shared by the workers where there is enough
// work, and waits for all.
func (s *Session) each(work int, do func(*coreState)) {
	workers := min(s.workers, len(s.cores))
	if workers < 2 || work < s.least {
		for _, c := range s.cores {
			do(c)
		}
		return
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(s.cores); i = next.Add(1) - 1 {
				do(s.cores[i])
			}
		})
	}
	wait.Wait()
}
