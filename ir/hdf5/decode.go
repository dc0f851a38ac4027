package hdf5

import (
	"encoding/binary"
	"math/bits"
)

// decoder reads the fields of one block of metadata. The first failure stays in err, and
// every later field reads as zero, so that a structure is decoded without a check per
// field and judged once at its end.
type decoder struct {
	f    *File
	what string // the structure, for messages
	at   int64  // offset of b[0] in the file
	b    []byte
	p    int
	err  error
}

// pos is the offset of the next byte in the file.
func (d *decoder) pos() int64 { return d.at + int64(d.p) }

func (d *decoder) left() int { return len(d.b) - d.p }

// bytes takes the next n bytes; it is nil after a failure.
func (d *decoder) bytes(n int) []byte {
	if d.err != nil {
		return nil
	}
	if n < 0 || n > d.left() {
		d.fail("%s ends after %d bytes, and %d more are needed", d.what, len(d.b), n-d.left())
		return nil
	}
	d.p += n
	return d.b[d.p-n : d.p]
}

func (d *decoder) skip(n int) { d.bytes(n) }

// uint reads an unsigned little-endian integer of n bytes, 0 to 8.
func (d *decoder) uint(n int) uint64 {
	var buf [8]byte
	copy(buf[:], d.bytes(n))
	return binary.LittleEndian.Uint64(buf[:])
}

func (d *decoder) u8() int  { return int(d.uint(1)) }
func (d *decoder) u16() int { return int(d.uint(2)) }
func (d *decoder) u32() int { return int(d.uint(4)) }

// length reads a length of the file's width.
func (d *decoder) length() uint64 { return d.uint(d.f.lengthBytes) }

// address reads an address of the file's width; the address of all ones is undefined.
func (d *decoder) address() address {
	at := d.pos()
	v := d.uint(d.f.addressBytes)
	if v == 1<<(8*d.f.addressBytes)-1 {
		return undefined
	}
	if v > uint64(d.f.size) && d.err == nil {
		d.err = d.f.errorf(at, codeTruncated, "%s refers to byte %d, and the file ends at %d", d.what, v, d.f.size)
	}
	return address(v)
}

// signature expects four letters.
func (d *decoder) signature(want string) {
	at := d.pos()
	if got := d.bytes(len(want)); d.err == nil && string(got) != want {
		d.err = d.f.errorf(at, codeDamaged, "%s begins with %q, expected %q", d.what, got, want)
	}
}

// version reads a byte that must lie in first to last.
func (d *decoder) version(first, last int) int {
	at := d.pos()
	v := d.u8()
	if d.err == nil && (v < first || v > last) {
		d.err = d.f.errorf(at, codeUnsupported, "%s has version %d, and %d to %d are read", d.what, v, first, last).
			WithFix("rewrite the file with h5repack, or copy it again if it is damaged")
	}
	return v
}

// fail notes that the structure is not sound, at the next byte.
func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = d.f.errorf(d.pos(), codeDamaged, format, args...)
	}
}

// refuse notes that the structure is of a kind that is not read.
func (d *decoder) refuse(format string, args ...any) {
	if d.err == nil {
		d.err = d.f.errorf(d.pos(), codeUnsupported, format, args...).WithFix("rewrite the file with h5repack or h5py without it")
	}
}

// checksum reads the checksum of all that was read before.
func (d *decoder) checksum() {
	body := d.b[:d.p]
	at := d.pos()
	if stored := uint32(d.uint(4)); d.err == nil && stored != lookup3(body) {
		d.err = d.f.errorf(at, codeChecksum, "%s has checksum %08x, and its bytes give %08x", d.what, stored, lookup3(body))
	}
}

// lookup3 is Bob Jenkins' hash "hashlittle" with the initial value 0, the checksum of all
// metadata since superblock 2.
func lookup3(p []byte) uint32 {
	a := uint32(0xdeadbeef) + uint32(len(p))
	b, c := a, a
	for ; len(p) > 12; p = p[12:] {
		a += binary.LittleEndian.Uint32(p)
		b += binary.LittleEndian.Uint32(p[4:])
		c += binary.LittleEndian.Uint32(p[8:])
		a, b, c = lookup3Mix(a, b, c)
	}
	if len(p) == 0 {
		return c
	}
	var tail [12]byte
	copy(tail[:], p)
	a += binary.LittleEndian.Uint32(tail[:])
	b += binary.LittleEndian.Uint32(tail[4:])
	c += binary.LittleEndian.Uint32(tail[8:])
	return lookup3Final(a, b, c)
}

func lookup3Mix(a, b, c uint32) (uint32, uint32, uint32) {
	for _, r := range [...][2]int{{4, 6}, {8, 16}, {19, 4}} {
		a = (a - c) ^ bits.RotateLeft32(c, r[0])
		c += b
		b = (b - a) ^ bits.RotateLeft32(a, r[1])
		a += c
		a, b, c = c, a, b
	}
	return a, b, c
}

func lookup3Final(a, b, c uint32) uint32 {
	c = (c ^ b) - bits.RotateLeft32(b, 14)
	a = (a ^ c) - bits.RotateLeft32(c, 11)
	b = (b ^ a) - bits.RotateLeft32(a, 25)
	c = (c ^ b) - bits.RotateLeft32(b, 16)
	a = (a ^ c) - bits.RotateLeft32(c, 4)
	b = (b ^ a) - bits.RotateLeft32(a, 14)
	return (c ^ b) - bits.RotateLeft32(b, 24)
}
