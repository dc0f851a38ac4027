package events

import (
	"encoding/binary"
	"fmt"
)

// packetHead is the head of an AEDAT 3.1 packet.
type packetHead struct {
	kind, source                                      int16
	size, timeAt, overflow, capacity, number, noValid int32
}

func parseHead(b []byte) packetHead {
	word := func(at int) int32 { return int32(binary.LittleEndian.Uint32(b[at:])) }
	return packetHead{
		kind: int16(binary.LittleEndian.Uint16(b)), source: int16(binary.LittleEndian.Uint16(b[2:])),
		size: word(4), timeAt: word(8), overflow: word(12), capacity: word(16), number: word(20), noValid: word(24),
	}
}

// wrong says what in the head cannot be and what was expected, "" if all can.
func (h packetHead) wrong() (found, expected string) {
	polarity := h.kind == aedat3Polarity
	for _, rule := range []struct {
		broken   bool
		name     string
		value    int32
		expected string
	}{
		{h.kind < 0, "event type", int32(h.kind), "a type that is not negative"},
		{h.size < 0 || (h.size == 0 && h.number > 0), "event size", h.size, "a positive size"},
		{polarity && h.size != aedat3Event, "event size", h.size, "8 bytes for polarity events"},
		{polarity && h.timeAt != aedat3TimeAt, "time offset", h.timeAt, "4 for polarity events"},
		{h.overflow < 0, "time overflow", h.overflow, "a number that is not negative"},
		{h.number < 0, "event number", h.number, "a number that is not negative"},
		{h.number > h.capacity, "event number", h.number, fmt.Sprintf("at most its capacity of %d", h.capacity)},
		{h.noValid < 0 || h.noValid > h.number, "valid event number", h.noValid, fmt.Sprintf("0 to its %d events", h.number)},
	} {
		if rule.broken {
			return fmt.Sprintf("%s %d", rule.name, rule.value), rule.expected
		}
	}
	return "", ""
}
