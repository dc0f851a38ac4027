package hdf5

import "math/bits"

// The types of B-trees of version 2 that are read.
const (
	tree2Links          = 5
	tree2Attributes     = 8
	tree2Chunks         = 10
	tree2FilteredChunks = 11
)

// maxDepth2 is more levels than any tree of a file has.
const maxDepth2 = 32

// tree2 is a B-tree of version 2.
type tree2 struct {
	f        *File
	kind     int
	nodeSize int
	record   int
	// countBytes is the width of the number of records in a node, totalBytes by level that
	// of the records in and below one; a leaf has none below.
	countBytes int
	totalBytes []int
	visit      func(record *decoder) error
}

// walkTree2 visits the records of a B-tree of version 2, of one type, in their order.
func (f *File) walkTree2(a address, kind int, visit func(record *decoder) error) error {
	d, err := f.block(a, int64(22+f.addressBytes+f.lengthBytes), "the header of a B-tree")
	if err != nil {
		return err
	}
	d.signature("BTHD")
	d.version(0, 0)
	if found := d.u8(); d.err == nil && found != kind {
		d.fail("a B-tree has type %d, expected %d", found, kind)
	}
	t := tree2{f: f, kind: kind, nodeSize: d.u32(), record: d.u16(), visit: visit}
	depth := d.u16()
	d.skip(2) // when nodes are split and merged
	root, count := d.address(), d.u16()
	d.length()
	d.checksum()
	t.setWidths(d, depth)
	if d.err != nil || root == undefined {
		return d.err
	}
	return t.node(root, depth, count)
}

// nodeFrame is the signature, version, type and checksum of a node.
const nodeFrame = 4 + 1 + 1 + 4

// setWidths derives how wide the counts of records in a node are.
func (t *tree2) setWidths(d *decoder, depth int) {
	if d.err != nil {
		return
	}
	if t.record == 0 || t.nodeSize < nodeFrame+t.record || depth > maxDepth2 {
		d.fail("a B-tree of depth %d has nodes of %d bytes and records of %d", depth, t.nodeSize, t.record)
		return
	}
	below := uint64(t.nodeSize-nodeFrame) / uint64(t.record)
	t.countBytes = bytesFor(below)
	t.totalBytes = []int{0}
	for range depth {
		pointer := t.f.addressBytes + t.countBytes + t.totalBytes[len(t.totalBytes)-1]
		most := uint64(max(0, t.nodeSize-nodeFrame-pointer) / (t.record + pointer))
		high, product := bits.Mul64(most+1, below)
		if high != 0 || product > 1<<62 {
			product = 1 << 62
		}
		below = product + most
		t.totalBytes = append(t.totalBytes, bytesFor(below))
	}
}

// bytesFor is the number of bytes that hold n.
func bytesFor(n uint64) int { return max(1, (bits.Len64(n)+7)/8) }

// node visits the records of a node of a level, 0 for a leaf, and of the nodes below it.
func (t *tree2) node(a address, level, count int) error {
	name, pointer := "BTLF", 0
	if level > 0 {
		name, pointer = "BTIN", t.f.addressBytes+t.countBytes+t.totalBytes[level-1]
	}
	n := nodeFrame + count*t.record
	if level > 0 {
		n += (count + 1) * pointer
	}
	d, err := t.f.block(a, int64(n), "a B-tree node")
	if err != nil {
		return err
	}
	d.signature(name)
	d.version(0, 0)
	if kind := d.u8(); d.err == nil && kind != t.kind {
		d.fail("a B-tree node has type %d, expected %d", kind, t.kind)
	}
	records := &decoder{f: t.f, what: "a record of a B-tree", at: d.pos(), b: d.bytes(count * t.record)}
	children := d.bytes(len(d.b) - d.p - 4)
	d.checksum()
	if d.err != nil {
		return d.err
	}
	below := &decoder{f: t.f, what: "a B-tree node", at: records.at + int64(len(records.b)), b: children}
	for i := range count + 1 {
		if err := t.child(below, level); err != nil {
			return err
		}
		if i < count {
			one := &decoder{f: t.f, what: records.what, at: records.pos(), b: records.bytes(t.record)}
			if err := t.visit(one); err != nil {
				return err
			}
		}
	}
	return nil
}

// child visits the next of the nodes below one.
func (t *tree2) child(d *decoder, level int) error {
	if level == 0 {
		return nil
	}
	a, count := d.address(), int(d.uint(t.countBytes)&(1<<32-1))
	d.skip(t.totalBytes[level-1])
	if d.err != nil {
		return d.err
	}
	return t.node(a, level-1, count)
}
