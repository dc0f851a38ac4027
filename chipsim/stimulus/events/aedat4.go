package events

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/pierrec/lz4/v4"
)

// AEDAT 4.0 (data.md 3.3): a line, a flatbuffer that says how packets are compressed and
// where they end, then packets: the stream, the size, a flatbuffer, compressed or not.

const (
	aedat4Line = "#!AER-DAT4.0\r\n"
	// maxPacket bounds a packet, in the file and unpacked.
	maxPacket     = 64 << 20
	aedat4Event   = 16
	eventPacketID = "EVTS"
	headID        = "IOHE"
)

// The fields of the flatbuffers, by number.
const (
	headCompression = 0
	headTable       = 1 // where the table of packets begins, -1 for nowhere
	packetElements  = 0
)

// unpackers undo the compression, by its number in the head.
var unpackers = map[int32]func(packed []byte) io.Reader{
	0: func(packed []byte) io.Reader { return bytes.NewReader(packed) },
	1: func(packed []byte) io.Reader { return lz4.NewReader(bytes.NewReader(packed)) },
	2: func(packed []byte) io.Reader { return lz4.NewReader(bytes.NewReader(packed)) }, // high compression
}

type aedat4 struct {
	s      *source
	unpack func(packed []byte) io.Reader
	end    int64 // of the packets; 0 is the end of the file
	stream int64 // the first with events, -1 before
	packed bytes.Buffer
	plain  bytes.Buffer
}

func openAEDAT4(s *source) (decoder, error) {
	if _, err := s.must(len(aedat4Line), "the line "+aedat4Line[:len(aedat4Line)-2]); err != nil {
		return nil, err
	}
	d := &aedat4{s: s, stream: -1}
	size, err := d.size("the head")
	if err != nil {
		return nil, err
	}
	if err := s.bytes(&d.packed, size, "the head"); err != nil {
		return nil, err
	}
	root, ok := flatRoot(d.packed.Bytes(), headID)
	if !ok {
		return nil, s.errorf(codePacket, "found no flatbuffer %s, expected the head of the file", headID).WithFix(fixCopy)
	}
	compression, _ := root.number(headCompression, 4)
	if table, ok := root.number(headTable, 8); ok && table > 0 {
		d.end = table
	}
	if d.unpack = unpackers[int32(compression)]; d.unpack == nil {
		return nil, s.errorf(codeUnsupported, "found compression %d, expected none or LZ4", compression).WithFix("write the file again with LZ4, with DV")
	}
	return d, nil
}

// size reads a length.
func (d *aedat4) size(what string) (int64, error) {
	b, err := d.s.must(4, "the size of "+what)
	if err != nil {
		return 0, err
	}
	n := int64(binary.LittleEndian.Uint32(b))
	if n > maxPacket {
		return 0, d.s.errorf(codeTooLarge, "found a size of %d bytes for %s, expected at most %d", n, what, maxPacket).WithFix(fixCopy)
	}
	return n, nil
}

func (d *aedat4) decode(q []Event) ([]Event, error) {
	if d.end > 0 && d.s.at >= d.end {
		return q, io.EOF
	}
	b, err := d.s.take(4, "a packet")
	if err != nil {
		return q, err
	}
	stream := int64(int32(binary.LittleEndian.Uint32(b)))
	size, err := d.size("a packet")
	if err != nil {
		return q, err
	}
	start := d.s.at
	if err := d.s.bytes(&d.packed, size, "a packet"); err != nil {
		return q, err
	}
	d.plain.Reset()
	n, err := d.plain.ReadFrom(io.LimitReader(d.unpack(d.packed.Bytes()), maxPacket+1))
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		d.s.at = start
		return q, d.s.errorf(codePacket, "found a packet that cannot be unpacked (%v), expected an LZ4 frame", err).WithFix(fixCopy)
	case n > maxPacket:
		d.s.at = start
		return q, d.s.errorf(codeTooLarge, "found a packet of more than %d bytes, expected fewer", maxPacket).WithFix(fixCopy)
	}
	return d.events(q, stream, start)
}

// events takes those of a packet, if it is of the first stream that has any.
func (d *aedat4) events(q []Event, stream, start int64) ([]Event, error) {
	b := d.plain.Bytes()
	if len(b) < 12 || string(b[8:12]) != eventPacketID || d.stream >= 0 && d.stream != stream {
		return q, nil
	}
	d.stream = stream
	bad := func(format string, args ...any) error {
		d.s.at = start
		return d.s.errorf(codePacket, format, args...).WithFix(fixCopy)
	}
	root, ok := flatRoot(b[4:], eventPacketID)
	if !ok {
		return q, bad("found a packet of events that is no flatbuffer, expected one")
	}
	elements, ok := root.vector(packetElements, aedat4Event)
	if !ok {
		return q, bad("found a packet whose events lie beyond its end, expected them within")
	}
	for ; len(elements) > 0; elements = elements[aedat4Event:] {
		e := Event{
			T: int64(binary.LittleEndian.Uint64(elements)), X: int32(int16(binary.LittleEndian.Uint16(elements[8:]))),
			Y: int32(int16(binary.LittleEndian.Uint16(elements[10:]))), P: elements[12] & 1,
		}
		if e.X < 0 || e.Y < 0 {
			return q, bad("found an event at x = %d, y = %d, expected no negative coordinates", e.X, e.Y)
		}
		q = append(q, e)
	}
	return q, nil
}

// flatTable is a table of a flatbuffer: its bytes, and where the table and its field list
// are.
type flatTable struct {
	b         []byte
	at, vt, n int
}

// flatRoot finds the root table of a flatbuffer with that identifier.
func flatRoot(b []byte, id string) (flatTable, bool) {
	if len(b) < 8 || string(b[4:8]) != id {
		return flatTable{}, false
	}
	at := int64(binary.LittleEndian.Uint32(b))
	if at+4 > int64(len(b)) {
		return flatTable{}, false
	}
	vt := at - int64(int32(binary.LittleEndian.Uint32(b[at:])))
	if vt < 0 || vt+4 > int64(len(b)) {
		return flatTable{}, false
	}
	n := int(binary.LittleEndian.Uint16(b[vt:]))
	if n < 4 || int(vt)+n > len(b) {
		return flatTable{}, false
	}
	return flatTable{b, int(at), int(vt), n}, true
}

// field is where field number i with size bytes is.
func (t flatTable) field(i, size int) (at int, ok bool) {
	entry := 4 + 2*i
	if entry+2 > t.n {
		return 0, false
	}
	offset := int(binary.LittleEndian.Uint16(t.b[t.vt+entry:]))
	return t.at + offset, offset > 0 && t.at+offset+size <= len(t.b)
}

// number is a whole number of 4 or 8 bytes.
func (t flatTable) number(i, size int) (int64, bool) {
	at, ok := t.field(i, size)
	if !ok {
		return 0, false
	}
	if size == 8 {
		return int64(binary.LittleEndian.Uint64(t.b[at:])), true
	}
	return int64(int32(binary.LittleEndian.Uint32(t.b[at:]))), true
}

// vector is the bytes of a vector of structs; none where the field is absent.
func (t flatTable) vector(i, size int) ([]byte, bool) {
	at, ok := t.field(i, 4)
	if !ok {
		return nil, 4+2*i+2 > t.n || binary.LittleEndian.Uint16(t.b[t.vt+4+2*i:]) == 0
	}
	start := int64(at) + int64(binary.LittleEndian.Uint32(t.b[at:]))
	if start+4 > int64(len(t.b)) {
		return nil, false
	}
	n := int64(binary.LittleEndian.Uint32(t.b[start:]))
	end := start + 4 + n*int64(size)
	if n > maxPacket || end > int64(len(t.b)) {
		return nil, false
	}
	return t.b[start+4 : end], true
}
