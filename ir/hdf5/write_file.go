package hdf5

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"maps"
	"slices"

	"decc/ir/diag"
)

const superblockBytes = 48

// fileWriter puts a file together, with addresses and lengths of 8 bytes. Whatever is
// referred to is written before what refers to it, so that addresses are known.
type fileWriter struct {
	out   []byte
	texts []*array // that still need places in the global heap
}

func put16(b []byte, v int) []byte    { return binary.LittleEndian.AppendUint16(b, uint16(v)) }
func put32(b []byte, v uint32) []byte { return binary.LittleEndian.AppendUint32(b, v) }
func put64(b []byte, v uint64) []byte { return binary.LittleEndian.AppendUint64(b, v) }

// place appends a block on a multiple of 8 bytes and gives its address.
func (f *fileWriter) place(b []byte) uint64 {
	f.out = append(f.out, make([]byte, -len(f.out)&7)...)
	at := uint64(len(f.out))
	f.out = append(f.out, b...)
	return at
}

func (f *fileWriter) superblock(root uint64) {
	b := append([]byte(Signature), 2, 8, 8, 0)
	b = put64(b, 0)
	b = put64(b, 1<<64-1) // no extension
	b = put64(b, uint64(len(f.out)))
	b = put64(b, root)
	copy(f.out, put32(b, lookup3(b)))
}

// gather lists the arrays of strings of a tree in the order of their writing.
func (f *fileWriter) gather(t *Tree) {
	f.gatherAttributes(t.attributes)
	for _, name := range slices.Sorted(maps.Keys(t.leaves)) {
		l := t.leaves[name]
		f.gatherAttributes(l.attributes)
		if l.array.texts != nil {
			f.texts = append(f.texts, l.array)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.groups)) {
		f.gather(t.groups[name])
	}
}

func (f *fileWriter) gatherAttributes(all []namedArray) {
	for _, a := range all {
		if a.array.texts != nil {
			f.texts = append(f.texts, a.array)
		}
	}
}

// The sizes of collections of the global heap: the least that the format allows, and where
// the next one begins.
const (
	minCollection  = 4096
	fullCollection = 1 << 16
)

// heapWriter fills one collection after the other.
type heapWriter struct {
	f       *fileWriter
	at      uint64
	objects []byte
	count   int
}

// flushTexts writes the strings of all arrays, many to a collection, and notes where.
func (f *fileWriter) flushTexts() {
	h := &heapWriter{f: f, at: uint64(len(f.out))}
	for _, a := range f.texts {
		a.refs = make([]byte, 0, a.bytes())
		for _, s := range a.texts {
			a.refs = h.add(a.refs, s)
		}
	}
	h.close()
}

const collectionHead = 16

// add appends the reference to a string, which for an empty one leads nowhere.
func (h *heapWriter) add(refs []byte, s string) []byte {
	if s == "" {
		return append(refs, make([]byte, 16)...)
	}
	need := 16 + (len(s)+7)&^7
	if h.count > 0 && collectionHead+len(h.objects)+need > fullCollection {
		h.close()
	}
	h.count++
	h.objects = put16(h.objects, h.count)
	h.objects = put16(h.objects, 0) // references are not counted for strings
	h.objects = put32(h.objects, 0)
	h.objects = put64(h.objects, uint64(len(s)))
	h.objects = append(h.objects, s...)
	h.objects = append(h.objects, make([]byte, -len(s)&7)...)
	refs = put32(refs, uint32(len(s)))
	refs = put64(refs, h.at)
	return put32(refs, uint32(h.count))
}

// close writes the collection; what is free at its end is object 0.
func (h *heapWriter) close() {
	if h.count == 0 {
		return
	}
	used := collectionHead + len(h.objects)
	size := max(minCollection, used)
	b := put64([]byte{'G', 'C', 'O', 'L', 1, 0, 0, 0}, uint64(size))
	b = append(b, h.objects...)
	if free := size - used; free >= 16 {
		b = put64(append(b, make([]byte, 8)...), uint64(free))
	}
	h.f.place(append(b, make([]byte, size-len(b))...))
	h.at, h.objects, h.count = uint64(len(h.f.out)), nil, 0
}

// header writes an object header of version 2 and gives its address.
func (f *fileWriter) header(messages []byte) uint64 {
	b := []byte{'O', 'H', 'D', 'R', 2, 2} // the size of the block takes 4 bytes
	b = put32(b, uint32(len(messages)))
	b = append(b, messages...)
	return f.place(put32(b, lookup3(b)))
}

// appendMessage appends a message with its head.
func appendMessage(b []byte, kind, flags int, data []byte) []byte {
	b = put16(append(b, byte(kind)), len(data))
	return append(append(b, byte(flags)), data...)
}

// flagConstant marks a message that never changes, as the library marks types and fills.
const flagConstant = 1

// group writes a group after its members.
func (f *fileWriter) group(t *Tree) (uint64, error) {
	members := map[string]uint64{}
	for _, name := range slices.Sorted(maps.Keys(t.leaves)) {
		at, err := f.dataset(t.leaves[name])
		if err != nil {
			return 0, err
		}
		members[name] = at
	}
	for _, name := range slices.Sorted(maps.Keys(t.groups)) {
		at, err := f.group(t.groups[name])
		if err != nil {
			return 0, err
		}
		members[name] = at
	}
	none := bytes.Repeat([]byte{0xff}, 16) // no heap of links, no index of names
	b := appendMessage(nil, messageLinkInfo, 0, append([]byte{0, 0}, none...))
	b = appendMessage(b, messageGroupInfo, 0, []byte{0, 0})
	for _, name := range slices.Sorted(maps.Keys(members)) {
		b = appendMessage(b, messageLink, 0, linkMessage(name, members[name]))
	}
	return f.finish(t.path, appendAttributes(b, t.attributes))
}

// finish writes a header whose messages fit into what a reader accepts.
func (f *fileWriter) finish(path string, messages []byte) (uint64, error) {
	if len(messages) > maxHeaderBytes-64 {
		return 0, diag.Errorf(diag.Pos{}, codeTree, "the names and attributes of %s take %d bytes, and %d are written", path, len(messages), maxHeaderBytes).
			WithFix("spread the members over several groups")
	}
	return f.header(messages), nil
}

// linkMessage is a hard link whose name is UTF-8 with a length of two bytes.
func linkMessage(name string, header uint64) []byte {
	const lengthOfTwo, hasCharset, utf8Charset = 1, 1 << 4, 1
	b := put16([]byte{1, lengthOfTwo | hasCharset, utf8Charset}, len(name))
	return put64(append(b, name...), header)
}

// spaceMessage is a dataspace of version 2.
func spaceMessage(shape []int) []byte {
	kind := byte(1)
	if len(shape) == 0 {
		kind = 0
	}
	b := []byte{2, byte(len(shape)), 0, kind}
	for _, n := range shape {
		b = put64(b, uint64(n))
	}
	return b
}

func appendAttributes(b []byte, all []namedArray) []byte {
	for _, a := range all {
		space := spaceMessage(a.array.shape)
		m := put16([]byte{3, 0}, len(a.name)+1)
		m = put16(put16(m, len(a.array.form.message)), len(space))
		m = append(append(m, 1), a.name...) // 1: the name is UTF-8
		m = append(append(m, 0), a.array.form.message...)
		m = append(append(m, space...), a.array.content()...)
		b = appendMessage(b, messageAttribute, 0, m)
	}
	return b
}

// dataset writes the values and then the header of a dataset.
func (f *fileWriter) dataset(l *Leaf) (uint64, error) {
	a := l.array
	b := appendMessage(nil, messageDataspace, 0, spaceMessage(a.shape))
	b = appendMessage(b, messageDatatype, flagConstant, a.form.message)
	b = appendMessage(b, messageFill, flagConstant, []byte{3, 0x0a}) // space is taken late, fills are zero
	if a.deflate && !a.scalar() && a.count > 0 {
		layout, err := f.deflated(l)
		if err != nil {
			return 0, err
		}
		b = appendMessage(b, messageFilters, flagConstant, []byte{2, 1, filterDeflate, 0, 0, 0, 1, 0, deflateLevel, 0, 0, 0})
		b = appendMessage(b, messageLayout, 0, layout)
	} else {
		b = appendMessage(b, messageLayout, 0, f.contiguous(a))
	}
	return f.finish(l.path, appendAttributes(b, l.attributes))
}

func (f *fileWriter) contiguous(a *array) []byte {
	at := uint64(1<<64 - 1)
	if a.count > 0 {
		at = f.place(a.content())
	}
	return put64(put64([]byte{3, layoutContiguous}, at), uint64(a.bytes()))
}

const deflateLevel = 6

// treeRank is half the number of children of a node of a chunk index.
const treeRank = 32

// deflated writes the values as one chunk, under an index of one entry.
func (f *fileWriter) deflated(l *Leaf) ([]byte, error) {
	a := l.array
	if a.bytes() > maxChunkBytes {
		return nil, diag.Errorf(diag.Pos{}, codeTree, "%s takes %d bytes, and a compressed dataset has at most %d", l.path, a.bytes(), maxChunkBytes).
			WithFix("write it without compression")
	}
	var packed bytes.Buffer
	// The level is one that exists, and a bytes.Buffer takes all.
	z, _ := zlib.NewWriterLevel(&packed, deflateLevel)
	_, _ = z.Write(a.content())
	_ = z.Close()
	chunk := f.place(packed.Bytes())

	rank := len(a.shape) + 1
	none := uint64(1<<64 - 1)
	b := put64(put64([]byte{'T', 'R', 'E', 'E', treeOfChunks, 0, 1, 0}, none), none)
	b = put32(put32(b, uint32(packed.Len())), 0)
	b = append(b, make([]byte, 8*rank)...) // the chunk begins at 0
	b = put64(b, chunk)
	b = put32(put32(b, 0), 0) // the key after the last: where a next chunk would begin
	for _, n := range a.shape {
		b = put64(b, uint64(n))
	}
	b = put64(b, 0)
	whole := 24 + (2*treeRank+1)*(8+8*rank) + 2*treeRank*8
	tree := f.place(append(b, make([]byte, whole-len(b))...))

	layout := put64([]byte{3, layoutChunked, byte(rank)}, tree)
	for _, n := range a.shape {
		layout = put32(layout, uint32(n))
	}
	return put32(layout, uint32(a.form.size)), nil
}
