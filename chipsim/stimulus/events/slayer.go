package events

import (
	"encoding/binary"
	"errors"
	"io"
)

// blockRecords bounds the records of one decode.
const blockRecords = 2048

// records decodes files that are a row of records of one size.
type records struct {
	s    *source
	size int
	what string
	// event appends the events of one record.
	event func(q []Event, record []byte) ([]Event, error)
}

func (r *records) decode(q []Event) ([]Event, error) {
	block, err := r.s.records(r.size, blockRecords, r.what)
	if err != nil {
		return q, err
	}
	return r.events(q, block)
}

// events decodes a block of whole records that the source shows.
func (r *records) events(q []Event, block []byte) ([]Event, error) {
	var err error
	for ; len(block) > 0; block = block[r.size:] {
		had := len(q)
		if q, err = r.event(q, block[:r.size]); err != nil {
			return q, err
		}
		for i, e := range q[had:] {
			if err := r.s.inside(e); err != nil {
				return q[:had+i], err
			}
		}
		r.s.discard(r.size)
	}
	return q, nil
}

// Records without a header, big-endian (data.md 3.4, 3.5).
const (
	// TimeBits is the width of times, in microseconds, of all but bs3 and bsn.
	TimeBits     = 23
	timeMask     = 1<<TimeBits - 1
	overflowY    = 240     // y of an ATIS record that is no event
	overflowTime = 1 << 13 // us that it adds to all later times
)

// simple makes the open function of a format whose every record is one event.
func simple(size int, event func(record []byte) Event) func(*source) (decoder, error) {
	return func(s *source) (decoder, error) {
		return &records{s: s, size: size, what: "an event", event: func(q []Event, record []byte) ([]Event, error) {
			return append(q, event(record)), nil
		}}, nil
	}
}

// bs1 is a spike of one row of neurons: neuron, polarity, time.
func bs1(record []byte) Event {
	word := binary.BigEndian.Uint32(record[1:])
	return Event{T: int64(word & timeMask), X: int32(binary.BigEndian.Uint16(record)), P: uint8(word >> TimeBits & 1)}
}

// BS2 is an event of 5 bytes: x, y, polarity, time; the form of N-MNIST too (data.md 3.4).
func BS2(record []byte) Event {
	word := binary.BigEndian.Uint32(record[1:])
	return Event{T: int64(word & timeMask), X: int32(record[0]), Y: int32(record[1]), P: uint8(word >> TimeBits & 1)}
}

// bs3 has 12 bits for x and for y, a channel, and 24 bits for the time.
func bs3(record []byte) Event {
	place := binary.BigEndian.Uint32(record) >> 8
	word := binary.BigEndian.Uint32(record[3:])
	return Event{T: int64(word & (1<<24 - 1)), X: int32(place >> 12), Y: int32(place & 0xfff), P: uint8(word >> 24)}
}

// openATIS reads records as bs2 has them, with times that go on after 2^23 us.
func openATIS(s *source) (decoder, error) {
	var base int64
	return &records{s: s, size: 5, what: "an event", event: func(q []Event, record []byte) ([]Event, error) {
		e := BS2(record)
		if e.Y == overflowY {
			base += overflowTime
			return q, nil
		}
		e.T += base
		return append(q, e), nil
	}}, nil
}

// refuseTargets reports that a .bsn file holds numbers of spikes, not spikes.
func refuseTargets(s *source) (decoder, error) {
	return nil, s.errorf(codeTargets, "found the extension of target spike counts, expected a recording").
		WithFix("give the .bs1 or .bs2 file with the spikes; ReadCounts reads the targets")
}

// Count is one target of a .bsn file: how many spikes a neuron is to have in an
// interval of time in microseconds.
type Count struct {
	Neuron     int32
	Start, End int64
	Spikes     int32
}

const (
	countBytes = 10
	maxCounts  = 1 << 20
)

// ReadCounts reads the targets of a .bsn file, plain or gzip, at most 2^20.
func ReadCounts(r io.Reader, name string) ([]Count, error) {
	s, err := newSource(r, name)
	if err != nil {
		return nil, err
	}
	var all []Count
	for {
		record, err := s.take(countBytes, "a target")
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		if len(all) == maxCounts {
			return nil, s.errorf(codeTooLarge, "found more than %d targets, expected fewer", maxCounts).WithFix("split the file")
		}
		all = append(all, countOf(record))
	}
}

func countOf(record []byte) Count {
	return Count{
		Neuron: int32(binary.BigEndian.Uint16(record)),
		Start:  int64(binary.BigEndian.Uint32(record[1:]) & (1<<24 - 1)),
		End:    int64(binary.BigEndian.Uint32(record[4:]) & (1<<24 - 1)),
		Spikes: int32(binary.BigEndian.Uint16(record[8:])),
	}
}
