package hdf5

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"decc/ir/diag"
)

// Element is a type that arrays are written with. Strings become UTF-8 of variable length
// and booleans the enumeration of h5py.
type Element interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64 | bool | string
}

// Tree is a group that is to be written, with all that is in it. What cannot be written,
// such as a name that is used twice, is remembered and reported by Write.
type Tree struct {
	path       string
	groups     map[string]*Tree
	leaves     map[string]*Leaf
	attributes []namedArray
	problems   *diag.List // of the whole tree
}

// Leaf is a dataset that is to be written.
type Leaf struct {
	path       string
	array      *array
	attributes []namedArray
	problems   *diag.List
}

type namedArray struct {
	name  string
	array *array
}

// Annotated is what attributes are put at: a *Tree or a *Leaf.
type Annotated interface {
	annotate(name string, a *array)
	problem(format string, args ...any)
}

// NewTree makes an empty root.
func NewTree() *Tree {
	return &Tree{path: "/", groups: map[string]*Tree{}, leaves: map[string]*Leaf{}, problems: &diag.List{}}
}

// Group is the member group of a name, made where it does not exist.
func (t *Tree) Group(name string) *Tree {
	if g := t.groups[name]; g != nil {
		return g
	}
	t.checkName(name)
	g := NewTree()
	g.path, g.problems = t.child(name), t.problems
	t.groups[name] = g
	return g
}

func (t *Tree) child(name string) string { return strings.TrimSuffix(t.path, "/") + "/" + name }

// Put adds a dataset of values in C order; a nil shape makes a scalar of one value.
func Put[T Element](t *Tree, name string, shape []int, values []T) *Leaf {
	t.checkName(name)
	l := &Leaf{path: t.child(name), array: newArray(shape, values), problems: t.problems}
	checkArray(l, l.path, l.array)
	t.leaves[name] = l
	return l
}

// PutAttribute adds an attribute to a group or a dataset. The values of one take at most
// 64 kB, strings at most 4000.
func PutAttribute[T Element](at Annotated, name string, shape []int, values []T) {
	at.annotate(name, newArray(shape, values))
}

// Deflate compresses the values, which are written as one chunk. A scalar and an empty
// array stay as they are.
func (l *Leaf) Deflate() *Leaf {
	l.array.deflate = true
	return l
}

func (t *Tree) checkName(name string) {
	switch {
	case name == "" || name == "." || strings.ContainsAny(name, "/\x00") || !utf8.ValidString(name) || len(name) > maxMessageBytes:
		t.problem("%q in %s is no name of a member", name, t.path)
	case t.leaves[name] != nil || t.groups[name] != nil:
		t.problem("group %s has two members %q", t.path, name)
	}
}

func (t *Tree) problem(format string, args ...any) { problem(t.problems, format, args...) }
func (l *Leaf) problem(format string, args ...any) { problem(l.problems, format, args...) }

func problem(to *diag.List, format string, args ...any) {
	to.Add(diag.Pos{}, codeTree, format, args...).WithFix("correct the tree that is written")
}

func (t *Tree) annotate(name string, a *array) {
	t.attributes = checkAttribute(t, t.path, t.attributes, namedArray{name: name, array: a})
}

func (l *Leaf) annotate(name string, a *array) {
	l.attributes = checkAttribute(l, l.path, l.attributes, namedArray{name: name, array: a})
}

// maxMessageBytes leaves room for the head of a message, which has less than 64 kB.
const maxMessageBytes = 64000

func checkAttribute(at Annotated, path string, all []namedArray, a namedArray) []namedArray {
	label := path + "@" + a.name
	checkArray(at, label, a.array)
	if n := len(a.name) + a.array.bytes(); n > maxMessageBytes {
		at.problem("%s takes %d bytes, and an attribute has at most %d", label, n, maxMessageBytes)
	}
	if a.name == "" || strings.Contains(a.name, "\x00") || !utf8.ValidString(a.name) {
		at.problem("%q of %s is no name of an attribute", a.name, path)
	}
	if slices.ContainsFunc(all, func(b namedArray) bool { return b.name == a.name }) {
		at.problem("%s has two attributes %q", path, a.name)
	}
	return append(all, a)
}

func checkArray(at Annotated, label string, a *array) {
	n, product := 1, uint64(1)
	for _, size := range a.shape {
		if size < 0 || !grow(&product, uint64(size)) {
			at.problem("%s has the shape %d", label, a.shape)
			return
		}
		n *= size
	}
	if len(a.shape) > maxRank {
		at.problem("%s has %d axes, and at most %d are written", label, len(a.shape), maxRank)
	}
	if n != a.count {
		at.problem("%s has %d values for a shape of %d, which takes %d", label, a.count, a.shape, n)
	}
	for i, s := range a.texts {
		if !utf8.ValidString(s) || strings.Contains(s, "\x00") || len(s) > maxChunkBytes {
			at.problem("element %d of %s is no UTF-8, has a zero or is too long: %.40q", i, label, s)
			return
		}
	}
}

// Write writes the tree as an HDF5 file: superblock 2, object headers 2, groups of compact
// links in bytewise order of their names, attributes in the order in which they were put,
// values contiguous or in one deflated chunk. The file is put together in memory. Equal
// trees give equal bytes.
func (t *Tree) Write(w io.Writer) error {
	b, err := t.Bytes()
	if err != nil {
		return err
	}
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("hdf5: %w", err)
	}
	return nil
}

// Bytes is what Write writes.
func (t *Tree) Bytes() ([]byte, error) {
	if err := t.problems.Err(); err != nil {
		return nil, err
	}
	f := &fileWriter{out: make([]byte, superblockBytes)}
	f.gather(t)
	f.flushTexts()
	root, err := f.group(t)
	if err != nil {
		return nil, err
	}
	f.superblock(root)
	return f.out, nil
}
