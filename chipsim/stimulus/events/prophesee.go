package events

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// Files of Prophesee (data.md 3.6): lines of text that begin with %, perhaps the line
// "% end", then little-endian words.

const propheseeMark = "% "

// propheseeLines tell the format by a line of the header.
var propheseeLines = []struct{ begins, format string }{
	{"% evt 2.0", "evt2"},
	{"% evt 3.0", "evt3"},
	{"% evt ", ""}, // 2.1, 4.0
	{"% format EVT2;", "evt2"},
	{"% format EVT3;", "evt3"},
	{"% format ", ""},
	{"% Version 2", "dat"},
	{"% Data file containing", "dat"},
}

// prophesee makes the recogniser of one of the formats.
func prophesee(format string) func([]byte) bool {
	return func(head []byte) bool { return propheseeFormat(head) == format }
}

// propheseeFormat is the format of a file, "" for none. The first row of the table
// that has a line decides, whatever the order of the lines.
func propheseeFormat(head []byte) string {
	best := len(propheseeLines)
	for {
		line, ok := markedLine(head, propheseeMark)
		if !ok {
			break
		}
		head = head[len(line):]
		best = min(best, propheseeRow(string(line)))
	}
	if best == len(propheseeLines) {
		return ""
	}
	return propheseeLines[best].format
}

// propheseeRow is the first row that a line fits. A line may end where the table has a
// semicolon.
func propheseeRow(line string) int {
	line = strings.TrimRight(line, "\r\n") + ";"
	for i, row := range propheseeLines {
		if strings.HasPrefix(line, row.begins) {
			return i
		}
	}
	return len(propheseeLines)
}

// propheseeHeader takes the header and the size of the sensor from it.
func (s *source) propheseeHeader() error {
	if _, err := s.header("%", "% end"); err != nil {
		return err
	}
	for _, line := range s.info.Header {
		for _, field := range strings.Split(strings.TrimPrefix(line, propheseeMark), ";") {
			if err := s.sensorField(strings.ToLower(strings.TrimSpace(field))); err != nil {
				return err
			}
		}
	}
	return nil
}

// sensorField reads one of "width 304", "width=1280", "geometry 1280x720"; other fields
// mean nothing to it.
func (s *source) sensorField(field string) error {
	key, value, _ := strings.Cut(strings.Replace(field, "=", " ", 1), " ")
	sizes := map[string][]*int{
		"width": {&s.info.Width}, "height": {&s.info.Height},
		"geometry": {&s.info.Width, &s.info.Height},
	}[key]
	if sizes == nil {
		return nil
	}
	parts := strings.Split(value, "x")
	if len(parts) != len(sizes) {
		return s.badSize(field)
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 15)
		if err != nil || n == 0 {
			return s.badSize(field)
		}
		*sizes[i] = int(n)
	}
	return nil
}

func (s *source) badSize(field string) error {
	return s.errorf(codeHeader, "found %.80q in the header, expected a size of the sensor from 1 to 32767", field).WithFix(fixCopy)
}

// wordTypes names the types of words that hold no pixel events.
type wordTypes map[uint32]struct{}

// badWord reports a type that the format does not have.
func (s *source) badWord(kind uint32, known string) error {
	return s.errorf(codeWord, "found a word of type 0x%X, expected one of %s", kind, known).
		WithFix("%s; or correct the format in the header", fixCopy)
}

var evt2Skipped = wordTypes{0xA: {}, 0xE: {}, 0xF: {}} // trigger, vendor, continued

// evt2 holds the upper part of the time, in units of 64 us.
type evt2 struct {
	s    *source
	high clock
	base int64
}

func openEVT2(s *source) (decoder, error) {
	d := &evt2{s: s, high: clock{bits: 28}}
	return &records{s: s, size: 4, what: "a word", event: d.word}, s.propheseeHeader()
}

func (d *evt2) word(q []Event, record []byte) ([]Event, error) {
	word := binary.LittleEndian.Uint32(record)
	switch kind := word >> 28; kind {
	case 0, 1:
		if !d.high.running {
			d.s.skipped++
			return q, nil
		}
		return append(q, Event{
			T: d.base + int64(word>>22&0x3f), X: int32(word >> 11 & 0x7ff), Y: int32(word & 0x7ff), P: uint8(kind),
		}), nil
	case 8:
		d.base = d.high.at(int64(word&(1<<28-1))) << 6
		return q, nil
	default:
		if _, ok := evt2Skipped[kind]; !ok {
			return q, d.s.badWord(kind, "0, 1, 8, A, E, F")
		}
		return q, nil
	}
}

// evt3 is the state that words of EVT 3.0 change.
type evt3 struct {
	s         *source
	high      clock
	base, low int64 // us; the time is their sum
	x, y      int32 // x is the base of the next vector
	p         uint8
}

// The types of the words of EVT 3.0 (data.md 3.6).
const (
	evt3Y           = 0x0
	evt3Single      = 0x2
	evt3Base        = 0x3
	evt3Vector12    = 0x4
	evt3Vector8     = 0x5
	evt3Low         = 0x6
	evt3Continued4  = 0x7
	evt3High        = 0x8
	evt3Trigger     = 0xA
	evt3Others      = 0xE
	evt3Continued12 = 0xF
)

// evt3Words does what a word says. Types that are skipped have an empty function.
var evt3Words = map[uint32]func(d *evt3, q []Event, value uint32) []Event{
	evt3Y:      func(d *evt3, q []Event, value uint32) []Event { d.y = int32(value & 0x7ff); return q },
	evt3Single: (*evt3).single,
	evt3Base: func(d *evt3, q []Event, value uint32) []Event {
		d.x, d.p = int32(value&0x7ff), uint8(value>>11)
		return q
	},
	evt3Vector12:   func(d *evt3, q []Event, value uint32) []Event { return d.vector(q, value, 12) },
	evt3Vector8:    func(d *evt3, q []Event, value uint32) []Event { return d.vector(q, value&0xff, 8) },
	evt3Low:        func(d *evt3, q []Event, value uint32) []Event { d.low = int64(value); return q },
	evt3High:       (*evt3).timeHigh,
	evt3Continued4: skipWord, evt3Trigger: skipWord, evt3Others: skipWord, evt3Continued12: skipWord,
}

func skipWord(_ *evt3, q []Event, _ uint32) []Event { return q }

func openEVT3(s *source) (decoder, error) {
	d := &evt3{s: s, high: clock{bits: 12}}
	return &records{s: s, size: 2, what: "a word", event: d.word}, s.propheseeHeader()
}

func (d *evt3) word(q []Event, record []byte) ([]Event, error) {
	word := uint32(binary.LittleEndian.Uint16(record))
	do, ok := evt3Words[word>>12]
	if !ok {
		return q, d.s.badWord(word>>12, "0, 2 to 8, A, E, F")
	}
	q = do(d, q, word&0xfff)
	if d.x > evt3MaxBase {
		return q, d.s.errorf(codeEvent, "found vectors up to x = %d, expected x below 2048", d.x-1).WithFix(fixCopy)
	}
	return q, nil
}

// evt3MaxBase bounds the base of vectors: x has 11 bits, and the last vector may reach
// over the edge with bits that are not set.
const evt3MaxBase = 2048 + 12

func (d *evt3) single(q []Event, value uint32) []Event {
	return d.add(q, int32(value&0x7ff), uint8(value>>11))
}

// vector has a bit for each of the next pixels.
func (d *evt3) vector(q []Event, bits uint32, width int32) []Event {
	for k := range width {
		if bits>>k&1 == 1 {
			q = d.add(q, d.x+k, d.p)
		}
	}
	d.x += width
	return q
}

func (d *evt3) add(q []Event, x int32, p uint8) []Event {
	if !d.high.running {
		d.s.skipped++
		return q
	}
	return append(q, Event{T: d.base + d.low, X: x, Y: d.y, P: p})
}

// timeHigh begins a block of 4096 us. The word is repeated within a block, where the
// low part stays; that of another block means nothing in this one.
func (d *evt3) timeHigh(q []Event, value uint32) []Event {
	base := d.high.at(int64(value)) << 12
	if base != d.base {
		d.base, d.low = base, 0
	}
	return q
}

// datKinds are the types of events of DAT files that are pixels of two polarities.
var datKinds = map[byte]bool{0x00: true, 0x0c: true}

func openDAT(s *source) (decoder, error) {
	if err := s.propheseeHeader(); err != nil {
		return nil, err
	}
	start := s.at
	kind, err := s.must(2, "the type and the size of events")
	if err != nil {
		return nil, err
	}
	if !datKinds[kind[0]] || kind[1] != 8 {
		s.at = start
		return nil, s.errorf(codeUnsupported, "found events of type 0x%02X with %d bytes, expected type 0x00 or 0x0C with 8", kind[0], kind[1]).
			WithFix("give the file of the pixels; another may hold triggers")
	}
	time := clock{bits: 32}
	return &records{s: s, size: 8, what: "an event", event: func(q []Event, record []byte) ([]Event, error) {
		place := binary.LittleEndian.Uint32(record[4:])
		t := time.at(int64(binary.LittleEndian.Uint32(record)))
		return append(q, Event{T: t, X: int32(place & 0x3fff), Y: int32(place >> 14 & 0x3fff), P: uint8(place >> 28)}), nil
	}}, nil
}
