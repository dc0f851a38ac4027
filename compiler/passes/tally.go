package passes

import "slices"

// tally is on how many cores of a bundle sources have synapses: those that have some, each once.
type tally struct {
	sources []int32
	cores   []int32
}

// addTo adds the counts, times a factor, to those of all sources.
func (t *tally) addTo(reached []int32, factor int32) {
	for i, source := range t.sources {
		reached[source] += factor * t.cores[i]
	}
}

// of is the count of one source.
func (t *tally) of(source int) int32 {
	if i := slices.Index(t.sources, int32(source)); i >= 0 {
		return t.cores[i]
	}
	return 0
}

// tallying makes a tally, in lists by source number that are all 0 before and after: bundles may be thousands, and sources millions.
type tallying struct {
	count []int32
	last  []int32 // core
	seen  []int32
}

// see notes that a source has synapses on a core, counted from 1. Cores come one after the other.
func (t *tallying) see(source, core int32) {
	if t.last[source] != core {
		t.last[source] = core
		t.set(source, t.count[source]+1)
	}
}

// set gives a source its count.
func (t *tallying) set(source, count int32) {
	if t.count[source] == 0 && count > 0 {
		t.seen = append(t.seen, source)
	}
	t.count[source] = count
}

// take gives what was seen, and forgets it.
func (t *tallying) take() tally {
	list := tally{sources: slices.Clone(t.seen), cores: make([]int32, len(t.seen))}
	for i, source := range t.seen {
		list.cores[i] = t.count[source]
		t.count[source], t.last[source] = 0, 0
	}
	t.seen = t.seen[:0]
	return list
}
