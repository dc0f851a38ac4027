package hdf5

import (
	"errors"
	"io"

	"decc/ir/diag"
)

// The limits of the reader. Metadata that is larger than these occurs in no file that a
// library wrote with its usual settings.
const (
	// DefaultLimit is the number of elements that a reading method accepts where its limit
	// is 0, and the most that one range of rows may have.
	DefaultLimit = 1 << 26

	maxHeaderBytes = 16 << 20
	maxChunkBytes  = 1 << 30
	maxNameBytes   = 1 << 16
	maxRank        = 32
)

// address is a place in the file, from the base address of its superblock.
type address int64

const undefined address = -1

// File is an open HDF5 file. It keeps what it read of indexes and heaps, so it is not for
// use by several goroutines at once.
type File struct {
	r            io.ReaderAt
	size         int64
	name         string
	base         int64
	addressBytes int
	lengthBytes  int
	root         address

	// budget is the number of bytes that the current operation may still read; operations
	// counts how deep they are nested.
	budget     int64
	operations int

	collections     map[address]*collection
	collectionBytes int64
}

// Open reads the superblock of a file of size bytes; name stands in diagnostics.
func Open(r io.ReaderAt, size int64, name string) (*File, error) {
	f := &File{r: r, size: size, name: name}
	defer f.operation()()
	if err := f.readSuperblock(); err != nil {
		return nil, err
	}
	return f, nil
}

// Name is the name that Open was given.
func (f *File) Name() string { return f.name }

// Root is the group "/".
func (f *File) Root() *Group { return &Group{f: f, name: "/", header: f.root} }

// operation begins one operation of the package's interface and returns what ends it. The
// parts of an object are disjoint in a sound file, so an operation reads each byte about
// once; the factor leaves room for heaps that are read again after they left the cache.
func (f *File) operation() func() {
	if f.operations == 0 {
		f.budget = 4*f.size + 1<<16
	}
	f.operations++
	return func() { f.operations-- }
}

// charge takes n bytes off the budget of the operation.
func (f *File) charge(at, n int64) error {
	if n > f.budget {
		return f.errorf(at, codeLoop, "more bytes are read than a file of %d bytes holds: its parts refer to one another in a circle", f.size).WithFix(fixCopy)
	}
	f.budget -= n
	return nil
}

// errorf makes a diagnostic at a byte of the file.
func (f *File) errorf(at int64, code, format string, args ...any) *diag.Diagnostic {
	d := diag.Errorf(diag.AtOffset(f.name, at), code, format, args...)
	if code == codeDamaged || code == codeTruncated || code == codeChecksum {
		d.Fix = fixCopy
	}
	return d
}

// inFile reports whether n bytes at an offset of the file exist.
func (f *File) inFile(at, n int64) bool { return at >= 0 && n >= 0 && at <= f.size && n <= f.size-at }

// readAt fills p from an offset of the file.
func (f *File) readAt(p []byte, at int64, what string) error {
	n := int64(len(p))
	if !f.inFile(at, n) {
		return f.errorf(at, codeTruncated, "%s of %d bytes reaches beyond the end of the file at %d", what, n, f.size)
	}
	if err := f.charge(at, n); err != nil {
		return err
	}
	if got, err := f.r.ReadAt(p, at); err != nil && (got < len(p) || !errors.Is(err, io.EOF)) {
		return f.errorf(at, codeUnreadable, "%s cannot be read: %v", what, err).WithFix("check the file and its permissions")
	}
	return nil
}

// block reads n bytes of metadata at an address.
func (f *File) block(a address, n int64, what string) (*decoder, error) {
	if a == undefined {
		return nil, f.errorf(f.base, codeDamaged, "%s has no address", what)
	}
	at := f.base + int64(a)
	if !f.inFile(at, n) {
		return nil, f.errorf(at, codeTruncated, "%s of %d bytes reaches beyond the end of the file at %d", what, n, f.size)
	}
	if n > maxChunkBytes {
		return nil, f.errorf(at, codeTooLarge, "%s has %d bytes, and %d are accepted", what, n, maxChunkBytes)
	}
	// The budget is asked before memory is taken.
	if n > f.budget {
		return nil, f.charge(at, n)
	}
	b := make([]byte, n)
	if err := f.readAt(b, at, what); err != nil {
		return nil, err
	}
	return &decoder{f: f, what: what, at: at, b: b}, nil
}

// extent is the number of bytes from an address to the end of the file, at most n.
func (f *File) extent(a address, n int64) int64 {
	return max(0, min(n, f.size-f.base-int64(a)))
}
