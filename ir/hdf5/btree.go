package hdf5

// The kinds of B-trees of version 1.
const (
	treeOfGroup  = 0
	treeOfChunks = 1
)

// tree is a B-tree of version 1: which kind, how long its keys are, and what to do with
// the address below a key of a leaf.
type tree struct {
	f        *File
	kind     int
	keyBytes int
	visit    func(key *decoder, child address) error
}

func (t *tree) nodeHead() int64 { return int64(8 + 2*t.f.addressBytes) }

// walk visits the leaves below the root.
func (t *tree) walk(root address) error {
	d, err := t.f.block(root, t.nodeHead(), "a B-tree node")
	if err != nil {
		return err
	}
	d.skip(5)
	return t.node(root, d.u8())
}

// node visits one node; the levels go down by one from parent to child, which bounds the
// depth.
func (t *tree) node(a address, level int) error {
	f := t.f
	d, err := f.block(a, t.nodeHead(), "a B-tree node")
	if err != nil {
		return err
	}
	d.signature("TREE")
	if kind := d.u8(); d.err == nil && kind != t.kind {
		d.fail("a B-tree node has type %d, expected %d", kind, t.kind)
	}
	if found := d.u8(); d.err == nil && found != level {
		d.fail("a B-tree node has level %d, expected %d", found, level)
	}
	entries := d.u16()
	if d.err != nil {
		return d.err
	}
	d, err = f.block(a+address(t.nodeHead()), int64(entries)*int64(t.keyBytes+f.addressBytes), "the entries of a B-tree node")
	if err != nil {
		return err
	}
	for range entries {
		if err := t.entry(d, level); err != nil {
			return err
		}
	}
	return nil
}

func (t *tree) entry(d *decoder, level int) error {
	key := &decoder{f: t.f, what: "a key of a B-tree", at: d.pos(), b: d.bytes(t.keyBytes)}
	child := d.address()
	if d.err != nil {
		return d.err
	}
	if level > 0 {
		return t.node(child, level-1)
	}
	return t.visit(key, child)
}
