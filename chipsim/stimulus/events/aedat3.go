package events

import (
	"encoding/binary"
	"errors"
	"io"
	"strconv"
	"strings"
)

// AEDAT 3.1 (data.md 3.1): lines that begin with #, then packets of events of one type,
// little-endian.

const (
	aedat3Ends     = "#!END-HEADER"
	aedat3Head     = 28
	aedat3Polarity = 1
	aedat3Event    = 8 // bytes of a polarity event
	aedat3TimeAt   = 4 // where in a polarity event the time is
)

// sensors are the cameras that a Source line may name, and their pixels.
var sensors = []struct {
	name          string
	width, height int
}{
	{"DVS128", 128, 128},
	{"DAVIS240", 240, 180},
	{"DAVIS346", 346, 260},
}

// aedat3 is within a packet while left is not 0.
type aedat3 struct {
	records
	left  int64 // events of the packet that are not yet read
	epoch int64 // us to add to the times of the packet
}

func openAEDAT3(s *source) (decoder, error) {
	ended, err := s.header("#", aedat3Ends)
	if err != nil {
		return nil, err
	}
	if !ended {
		return nil, s.errorf(codeHeader, "the header ends here, expected the line %s", aedat3Ends).WithFix(fixCopy)
	}
	for _, line := range s.info.Header {
		key, value, _ := strings.Cut(strings.TrimLeft(line, "# "), ":")
		if err := s.aedat3Line(key, strings.TrimSpace(value)); err != nil {
			return nil, err
		}
	}
	d := &aedat3{records: records{s: s, size: aedat3Event, what: "a polarity event"}}
	d.event = d.polarity
	return d, nil
}

// aedat3Line takes what matters from a line of the header. The size of the sensor is
// known only if one camera was recorded.
func (s *source) aedat3Line(key, value string) error {
	switch {
	case key == "Format" && value != "RAW":
		return s.errorf(codeUnsupported, "found the format %.80q, expected RAW", value).WithFix("write the file again with cAER, uncompressed")
	case key == "Source 1":
		for _, sensor := range sensors {
			if strings.HasPrefix(value, sensor.name) {
				s.info.Width, s.info.Height = sensor.width, sensor.height
				return nil
			}
		}
		s.info.Width, s.info.Height = sizeWord(value)
	case strings.HasPrefix(key, "Source "):
		s.info.Width, s.info.Height = 0, 0
		s.info.Notes = append(s.info.Notes, "the events of all sources are read as one recording")
	}
	return nil
}

// sizeWord reads a size such as 304x240, which decc writes for a camera whose name it does
// not know; 0 for others.
func sizeWord(text string) (width, height int) {
	before, after, _ := strings.Cut(text, "x")
	w, errW := strconv.ParseUint(before, 10, 15)
	h, errH := strconv.ParseUint(after, 10, 15)
	if errW != nil || errH != nil {
		return 0, 0
	}
	return int(w), int(h)
}

func (d *aedat3) decode(q []Event) ([]Event, error) {
	if d.left == 0 {
		return q, d.packet()
	}
	block, err := d.s.records(d.size, int(min(d.left, blockRecords)), d.what)
	if errors.Is(err, io.EOF) {
		return q, d.s.errorf(codeTruncated, "the file ends here, expected %d more events of the packet", d.left).WithFix(fixCopy)
	}
	if err != nil {
		return q, err
	}
	d.left -= int64(len(block) / d.size)
	return d.events(q, block)
}

// packet reads the head of a packet and passes over those of other events.
func (d *aedat3) packet() error {
	b, err := d.s.take(aedat3Head, "the head of a packet")
	if err != nil {
		return err
	}
	h := parseHead(b)
	if wrong, expected := h.wrong(); expected != "" {
		d.s.at -= aedat3Head
		return d.s.errorf(codePacket, "found a packet with %s, expected %s", wrong, expected).WithFix(fixCopy)
	}
	if h.kind != aedat3Polarity {
		return d.s.skip(int64(h.number)*int64(h.size), "the packet")
	}
	d.left, d.epoch = int64(h.number), int64(h.overflow)<<31
	return nil
}

func (d *aedat3) polarity(q []Event, record []byte) ([]Event, error) {
	data := binary.LittleEndian.Uint32(record)
	time := int32(binary.LittleEndian.Uint32(record[aedat3TimeAt:]))
	switch {
	case data&1 == 0:
		d.s.skipped++
		return q, nil
	case time < 0:
		return q, d.s.errorf(codeEvent, "found the time %d, expected none below 0", time).WithFix(fixCopy)
	}
	return append(q, Event{
		T: d.epoch | int64(time), X: int32(data >> 17), Y: int32(data >> 2 & 0x7fff), P: uint8(data >> 1 & 1),
	}), nil
}
