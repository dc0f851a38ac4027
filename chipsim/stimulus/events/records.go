package events

import "encoding/binary"

// Format is a file of records of one size, big-endian, without a header (data.md 3.4, 3.5).
type Format struct {
	Extension string
	Doc       string
	size      int
	// event decodes a record; real is false for one that is no event.
	event func(r *Reader, record []byte) (e Event, real bool)
}

// Formats lists the formats that Open reads.
var Formats = []Format{
	{"bs1", "SLAYER, one row of neurons", 5, plain(bs1)},
	{"bs2", "SLAYER, up to 256x256", 5, plain(bs2)},
	{"bs3", "SLAYER, up to 4096x4096", 7, plain(bs3)},
	{"bin", "N-MNIST and ATIS", 5, atis},
}

const (
	timeBits     = 23 // of all but bs3
	timeMask     = 1<<timeBits - 1
	overflowY    = 240     // y of an ATIS record that is no event
	overflowTime = 1 << 13 // us that it adds to all later times
)

func plain(decode func(record []byte) Event) func(*Reader, []byte) (Event, bool) {
	return func(_ *Reader, record []byte) (Event, bool) { return decode(record), true }
}

// bs1 is a spike of a row of neurons: neuron, polarity, time.
func bs1(record []byte) Event {
	word := binary.BigEndian.Uint32(record[1:])
	return Event{T: int64(word & timeMask), X: int32(binary.BigEndian.Uint16(record)), P: uint8(word >> timeBits & 1)}
}

// bs2 is x, y, polarity, time.
func bs2(record []byte) Event {
	word := binary.BigEndian.Uint32(record[1:])
	return Event{T: int64(word & timeMask), X: int32(record[0]), Y: int32(record[1]), P: uint8(word >> timeBits & 1)}
}

// bs3 has 12 bits for x and for y, a channel, and 24 bits for the time.
func bs3(record []byte) Event {
	place := binary.BigEndian.Uint32(record) >> 8
	word := binary.BigEndian.Uint32(record[3:])
	return Event{T: int64(word & (1<<24 - 1)), X: int32(place >> 12), Y: int32(place & 0xfff), P: uint8(word >> 24)}
}

// atis is bs2 with times that go on after 2^23 us.
func atis(r *Reader, record []byte) (Event, bool) {
	e := bs2(record)
	if e.Y == overflowY {
		r.base += overflowTime
		return e, false
	}
	e.T += r.base
	return e, true
}
