package hdf5

import (
	"cmp"
	"slices"
)

// chunkEntry is a chunk in the file.
type chunkEntry struct {
	number int // within the grid of chunks, in C order
	a      address
	stored uint64 // bytes in the file
	mask   uint32 // bit i: filter i was left out
}

// chunkIndex is one of the forms in which a file tells where its chunks are.
type chunkIndex interface {
	// entries lists the chunks that exist.
	entries(c *chunked) ([]chunkEntry, error)
}

// chunked is an array in chunks.
type chunked struct {
	f       *File
	at      int64
	label   string
	dims    []int
	most    []uint64
	chunk   []int // the shape of a chunk
	elem    int   // bytes of an element
	bytes   int   // of a chunk
	fill    []byte
	filters []filter
	index   chunkIndex
	// wholeEdges tells that chunks which reach over the edge of the array are not filtered.
	wholeEdges bool

	list   []chunkEntry
	listed bool
	recent []recentChunk
}

// recentChunk is a chunk that was decoded a moment ago: reading by rows comes back to it.
type recentChunk struct {
	number int
	data   []byte
}

// The limits of what chunked keeps.
const (
	recentChunks = 8
	recentBytes  = 32 << 20
)

// grid is the number of chunks along each axis.
func (c *chunked) grid() []int {
	g := make([]int, len(c.dims))
	for i, n := range c.dims {
		g[i] = (n + c.chunk[i] - 1) / c.chunk[i]
	}
	return g
}

// number is the place in the grid of a chunk by its coordinates in chunks, or -1 for one
// outside the array.
func (c *chunked) number(at []uint64) int {
	n := 0
	for i, size := range c.grid() {
		if at[i] >= uint64(size) {
			return -1
		}
		n = n*size + int(at[i])
	}
	return n
}

// load reads the index once.
func (c *chunked) load() error {
	if c.listed {
		return nil
	}
	list, err := c.index.entries(c)
	if err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b chunkEntry) int { return cmp.Compare(a.number, b.number) })
	for i := 1; i < len(list); i++ {
		if list[i].number == list[i-1].number {
			return c.f.errorf(c.at, codeDamaged, "chunk %d of %s is in the index twice", list[i].number, c.label)
		}
	}
	c.list, c.listed = list, true
	return nil
}

// chunkCopy is the copying of rows out of chunks.
type chunkCopy struct {
	c     *chunked
	dst   []byte
	first int // row at which dst begins
	count int
	at    []int // coordinates of the chunk, in chunks
	data  []byte
}

func (c *chunked) read(dst []byte, from int) error {
	if err := c.load(); err != nil {
		return err
	}
	repeat(dst, c.fill)
	row := c.elem
	for _, n := range c.dims[1:] {
		row *= n
	}
	cp := chunkCopy{c: c, dst: dst, first: from / row, count: len(dst) / row, at: make([]int, len(c.dims))}
	return cp.each(0, 0)
}

// each visits the chunks that hold wanted rows, axis by axis; number is the place in the
// grid of the axes before.
func (cp *chunkCopy) each(axis, number int) error {
	c := cp.c
	if axis == len(c.dims) {
		data, err := c.get(number, cp.at)
		if err != nil || data == nil {
			return err
		}
		cp.data = data
		cp.copy(0, 0, 0)
		return nil
	}
	lo, hi := cp.wanted(axis)
	size := (c.dims[axis] + c.chunk[axis] - 1) / c.chunk[axis]
	for i := lo / c.chunk[axis]; i*c.chunk[axis] < hi; i++ {
		cp.at[axis] = i
		if err := cp.each(axis+1, number*size+i); err != nil {
			return err
		}
	}
	return nil
}

// wanted are the first index along an axis that is read, and the one after the last.
func (cp *chunkCopy) wanted(axis int) (lo, hi int) {
	if axis == 0 {
		return cp.first, cp.first + cp.count
	}
	return 0, cp.c.dims[axis]
}

// copy copies what a chunk and the wanted rows have in common; to and from count elements.
func (cp *chunkCopy) copy(axis, to, from int) {
	c := cp.c
	low, high := cp.wanted(axis)
	begin := cp.at[axis] * c.chunk[axis]
	lo, hi := max(low, begin), min(high, begin+c.chunk[axis])
	to, from = to*(high-low)+lo-low, from*c.chunk[axis]+lo-begin
	if axis == len(c.dims)-1 {
		copy(cp.dst[to*c.elem:(to+hi-lo)*c.elem], cp.data[from*c.elem:])
		return
	}
	for i := range hi - lo {
		cp.copy(axis+1, to+i, from+i)
	}
}

// get is the content of a chunk, or nil for one that was never written.
func (c *chunked) get(number int, at []int) ([]byte, error) {
	for _, r := range c.recent {
		if r.number == number {
			return r.data, nil
		}
	}
	i, ok := slices.BinarySearchFunc(c.list, number, func(e chunkEntry, n int) int { return cmp.Compare(e.number, n) })
	if !ok {
		return nil, nil
	}
	data, err := c.decode(c.list[i], c.filtersAt(at))
	if err != nil {
		return nil, err
	}
	c.keep(recentChunk{number: number, data: data})
	return data, nil
}

// filtersAt are the filters of a chunk, none for one over the edge where the layout says so.
func (c *chunked) filtersAt(at []int) []filter {
	for i, n := range at {
		if c.wholeEdges && (n+1)*c.chunk[i] > c.dims[i] {
			return nil
		}
	}
	return c.filters
}

func (c *chunked) keep(r recentChunk) {
	c.recent = append(c.recent, r)
	total := 0
	for _, r := range c.recent {
		total += len(r.data)
	}
	for len(c.recent) > 1 && (len(c.recent) > recentChunks || total > recentBytes) {
		total -= len(c.recent[0].data)
		c.recent = slices.Delete(c.recent, 0, 1)
	}
}

// decode reads a chunk and undoes its filters, the last first.
func (c *chunked) decode(e chunkEntry, filters []filter) ([]byte, error) {
	what := "a chunk of " + c.label
	n := e.stored
	if len(filters) == 0 {
		n = uint64(c.bytes)
	}
	d, err := c.f.block(e.a, int64(min(n, 1<<62)), what)
	if err != nil {
		return nil, err
	}
	data := d.b
	for _, s := range slices.Backward(stages(filters, e.mask, c.bytes)) {
		if data, err = undo[s.id](&s.filter, data, s.limit); err != nil {
			return nil, c.f.errorf(d.at, codeChecksum, "%s does not pass filter %d: %v", what, s.id, err)
		}
	}
	if len(data) != c.bytes {
		return nil, c.f.errorf(d.at, codeDamaged, "%s has %d bytes, expected %d", what, len(data), c.bytes)
	}
	return data, nil
}

// chunkTree is an index in a B-tree of version 1.
type chunkTree struct{ root address }

func (t chunkTree) entries(c *chunked) ([]chunkEntry, error) {
	if t.root == undefined {
		return nil, nil
	}
	var list []chunkEntry
	rank := len(c.dims)
	walk := tree{f: c.f, kind: treeOfChunks, keyBytes: 8 + 8*(rank+1), visit: func(key *decoder, child address) error {
		e := chunkEntry{a: child, stored: key.uint(4), mask: uint32(key.uint(4))}
		at := make([]uint64, rank)
		for i := range at {
			at[i] = key.uint(8)
			if at[i]%uint64(c.chunk[i]) != 0 {
				key.fail("a chunk of %s begins at %d, which is no multiple of %d", c.label, at[i], c.chunk[i])
			}
			at[i] /= uint64(c.chunk[i])
		}
		if e.number = c.number(at); e.number >= 0 {
			list = append(list, e)
		}
		return key.err
	}}
	return list, walk.walk(t.root)
}
