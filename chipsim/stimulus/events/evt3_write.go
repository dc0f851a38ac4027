package events

import "encoding/binary"

// evt3Writer writes times and rows where they change. Events of one time, row and polarity whose x
// rises are gathered: a vector has a bit for each of 12 or 8 pixels.
type evt3Writer struct {
	high   clock
	low, y int64 // as the file has them so far, -1 for none
	run    []Event
}

func createEVT3(info Info, extent Extent) ([]byte, encoder) {
	return evtHead(3, info, extent), &evt3Writer{high: clock{bits: 12}, low: -1, y: -1}
}

func evt3Word(b []byte, kind, value int64) []byte {
	return binary.LittleEndian.AppendUint16(b, uint16(kind<<12|value))
}

func (d *evt3Writer) encode(b []byte, e Event) ([]byte, string) {
	if d.extends(e) {
		d.run = append(d.run, e)
		return b, ""
	}
	b = d.finish(b)
	d.run = append(d.run, e)
	return d.place(b, e)
}

// extends tells that an event belongs to the run.
func (d *evt3Writer) extends(e Event) bool {
	if len(d.run) == 0 {
		return false
	}
	last := d.run[len(d.run)-1]
	return e.X > last.X && e == Event{T: last.T, X: e.X, Y: last.Y, P: last.P}
}

// place writes what of the time and the row of an event is new.
func (d *evt3Writer) place(b []byte, e Event) (out []byte, wrong string) {
	if high := e.T >> d.high.bits; !d.high.running || high != d.high.now() {
		b, wrong = d.upTo(b, high)
		d.low = -1 // readers differ in whether it outlasts a new upper part
	}
	b = evt3Changed(b, evt3Low, &d.low, e.T&(1<<d.high.bits-1))
	return evt3Changed(b, evt3Y, &d.y, int64(e.Y)), wrong
}

func evt3Changed(b []byte, kind int64, have *int64, value int64) []byte {
	if *have == value {
		return b
	}
	*have = value
	return evt3Word(b, kind, value)
}

// upTo writes the upper part of a time. Readers take a fall of more than half its range for an
// overflow, and nothing else: a long silence needs words between.
func (d *evt3Writer) upTo(b []byte, high int64) (out []byte, wrong string) {
	mask := int64(1)<<d.high.bits - 1
	for step := mask / 2; high-d.high.now() > step; {
		next := (d.high.now() + step) & mask
		d.high.at(next)
		b = evt3Word(b, evt3High, next)
	}
	wrong = falling(&d.high, high)
	return evt3Word(b, evt3High, high&mask), wrong
}

// evt3NoBase is the base of a vector that no pixel is on.
const evt3NoBase = -12

func (d *evt3Writer) finish(b []byte) []byte {
	base, n := int32(evt3NoBase), 0
	for rest := d.run; len(rest) > 0; rest = rest[n:] {
		b, base, n = evt3Pixels(b, base, rest)
	}
	d.run = d.run[:0]
	return b
}

// evt3Pixels writes the first n of a run, where the next vector would begin at base. One that goes
// on where the one before ended needs no word for its base; a new one pays from three events on.
func evt3Pixels(b []byte, base int32, run []Event) (out []byte, next int32, n int) {
	first := int64(run[0].P)<<11 | int64(run[0].X)
	begins := run[0].X >= base+12
	if begins {
		base = run[0].X
	}
	n, bits := evt3Bits(run, base)
	if begins && n < 3 {
		return evt3Word(b, evt3Single, first), evt3NoBase, 1
	}
	if begins {
		b = evt3Word(b, evt3Base, first)
	}
	if bits < 1<<8 {
		return evt3Word(b, evt3Vector8, bits), base + 8, n
	}
	return evt3Word(b, evt3Vector12, bits), base + 12, n
}

// evt3Bits is how many events lie on the 12 pixels from base on, and the bits of these.
func evt3Bits(run []Event, base int32) (n int, bits int64) {
	for n < len(run) && run[n].X < base+12 {
		bits |= 1 << (run[n].X - base)
		n++
	}
	return n, bits
}
