package events

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
)

// fixed is the encoder of a format whose every event is one record.
type fixed func(b []byte, e Event) []byte

func (f fixed) encode(b []byte, e Event) ([]byte, string) { return f(b, e), "" }
func (f fixed) finish(b []byte) []byte                    { return b }

// bare makes the create function of a format without a head.
func bare(f fixed) func(Info, Extent) ([]byte, encoder) {
	return func(Info, Extent) ([]byte, encoder) { return nil, f }
}

// timeWord is the polarity and the time of the records of SLAYER and ATIS.
func timeWord(e Event) uint32 { return uint32(e.P)<<TimeBits | uint32(e.T) }

func putBS1(b []byte, e Event) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(e.X))
	return append(b, binary.BigEndian.AppendUint32(nil, timeWord(e))[1:]...)
}

func putBS2(b []byte, e Event) []byte {
	w := timeWord(e)
	return append(b, byte(e.X), byte(e.Y), byte(w>>16), byte(w>>8), byte(w))
}

func putBS3(b []byte, e Event) []byte {
	place := uint32(e.X)<<12 | uint32(e.Y)
	return append(b, byte(place>>16), byte(place>>8), byte(place), e.P, byte(e.T>>16), byte(e.T>>8), byte(e.T))
}

// atis writes the records of bin: one with y = 240 moves the times that follow.
type atis struct{ base int64 }

func createATIS(Info, Extent) ([]byte, encoder) { return nil, &atis{} }

func (d *atis) encode(b []byte, e Event) ([]byte, string) {
	if e.Y == overflowY {
		return b, "y = 240, which marks a longer time in this format"
	}
	if e.T < d.base {
		return b, fmt.Sprintf("the time %d after one that is more than %d us later, expected times that do not fall so far", e.T, timeMask)
	}
	for ; e.T-d.base > timeMask; d.base += overflowTime {
		b = append(b, 0, overflowY, 0, 0, 0)
	}
	e.T -= d.base
	return putBS2(b, e), ""
}

func (d *atis) finish(b []byte) []byte { return b }

// falling says that a counter of so many bits would be taken for another value.
func falling(c *clock, value int64) string {
	if got := c.at(value & (1<<c.bits - 1)); got != value {
		return "a time that is so far from the one before that a reader would see an overflow, expected a smaller step"
	}
	return ""
}

// dat writes records of 8 bytes.
type dat struct{ time clock }

func createDAT(info Info, extent Extent) ([]byte, encoder) {
	width, height := info.pixels(extent)
	head := fmt.Appendf(nil, "%% Data file containing CD events.\n%% Version 2\n%% Height %d\n%% Width %d\n", height, width)
	return append(head, 0x0c, 8), &dat{clock{bits: 32}}
}

func (d *dat) encode(b []byte, e Event) ([]byte, string) {
	if wrong := falling(&d.time, e.T); wrong != "" {
		return b, wrong
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(e.T))
	return binary.LittleEndian.AppendUint32(b, uint32(e.P)<<28|uint32(e.Y)<<14|uint32(e.X)), ""
}

func (d *dat) finish(b []byte) []byte { return b }

// evt2Writer writes the upper part of a time where it changes.
type evt2Writer struct{ high clock }

func createEVT2(info Info, extent Extent) ([]byte, encoder) {
	return evtHead(2, info, extent), &evt2Writer{clock{bits: 28}}
}

// evtHead is the head of EVT 2.0 and EVT 3.0.
func evtHead(version int, info Info, extent Extent) []byte {
	width, height := info.pixels(extent)
	return fmt.Appendf(nil, "%% evt %d.0\n%% format EVT%[1]d;height=%d;width=%d\n%% geometry %[3]dx%[2]d\n%% end\n", version, height, width)
}

func (d *evt2Writer) encode(b []byte, e Event) ([]byte, string) {
	high := e.T >> 6
	if !d.high.running || high != d.high.last {
		if wrong := falling(&d.high, high); wrong != "" {
			return b, wrong
		}
		b = binary.LittleEndian.AppendUint32(b, 8<<28|uint32(high))
	}
	return binary.LittleEndian.AppendUint32(b, uint32(e.P)<<28|uint32(e.T&63)<<22|uint32(e.X)<<11|uint32(e.Y)), ""
}

func (d *evt2Writer) finish(b []byte) []byte { return b }

// anything are the limits of text and arrays. Times stay within what a float64 counts, by
// which arrays are read.
var anything = &Limits{T: MaxTime, X: math.MaxInt32, Y: math.MaxInt32, P: math.MaxUint8, Negative: true}

func createCSV(Info, Extent) ([]byte, encoder) {
	return []byte("t,x,y,p\n"), fixed(func(b []byte, e Event) []byte {
		b = strconv.AppendInt(b, e.T, 10)
		for _, v := range []int64{int64(e.X), int64(e.Y), int64(e.P)} {
			b = strconv.AppendInt(append(b, ','), v, 10)
		}
		return append(b, '\n')
	})
}
