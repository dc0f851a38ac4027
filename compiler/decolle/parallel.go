package decolle

import (
	"sync"
	"sync/atomic"
)

// parallel calls do for pieces [lo, hi) that cover 0..n-1, on at most workers
// goroutines. Pieces are handed out as workers become free; do must write only what
// belongs to its piece, so that the result does not depend on who did it.
func parallel(workers, n, piece int, do func(lo, hi int)) {
	parallelBy(workers, n, piece, func(_, lo, hi int) { do(lo, hi) })
}

// parallelBy is parallel, and tells do which goroutine calls it, from 0 to workers-1: for scratch.
func parallelBy(workers, n, piece int, do func(worker, lo, hi int)) {
	workers = min(workers, (n+piece-1)/piece)
	if workers <= 1 {
		do(0, 0, n)
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			for {
				hi := int(next.Add(int64(piece)))
				if lo := hi - piece; lo < n {
					do(worker, lo, min(hi, n))
					continue
				}
				return
			}
		})
	}
	wg.Wait()
}
