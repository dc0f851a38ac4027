package events

import "encoding/binary"

// AEDAT 1.0 and 2.0 of jAER (data.md 3.2): lines that begin with #, then records of an
// address and a time, big-endian.

const (
	dvs128Side = 128
	// externalBit marks an input of the camera from outside: no pixel.
	externalBit = 1 << 15
)

func openAEDAT1(s *source) (decoder, error) {
	return openJAER(s, 6, func(record []byte) (address, micros uint32) {
		return uint32(binary.BigEndian.Uint16(record)), binary.BigEndian.Uint32(record[2:])
	})
}

func openAEDAT2(s *source) (decoder, error) {
	return openJAER(s, 8, func(record []byte) (address, micros uint32) {
		return binary.BigEndian.Uint32(record), binary.BigEndian.Uint32(record[4:])
	})
}

func openJAER(s *source, size int, split func(record []byte) (address, micros uint32)) (decoder, error) {
	if _, err := s.header("#", ""); err != nil {
		return nil, err
	}
	s.info.Width, s.info.Height = dvs128Side, dvs128Side
	s.info.BottomUp, s.info.ZeroIsOn = true, true
	time := clock{bits: 32}
	return &records{s: s, size: size, what: "an event", event: func(q []Event, record []byte) ([]Event, error) {
		address, micros := split(record)
		t := time.at(int64(micros))
		switch {
		case address > 0xffff:
			return q, s.errorf(codeUnsupported, "found the address 0x%08X, expected one of a DVS128, at most 0xFFFF", address).
				WithFix("convert recordings of other cameras to AEDAT 3.1 or 4.0, with jAER or DV")
		case address&externalBit != 0:
			return q, nil
		}
		return append(q, Event{T: t, X: int32(address >> 1 & 127), Y: int32(address >> 8 & 127), P: uint8(address & 1)}), nil
	}}, nil
}
