package events

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// The shape in which IBM ships DvsGesture: five lines, a packet with the event that begins
// the time, then packets of 10 ms.
const (
	aedat3Special  = 0
	packetSpan     = 10_000 // us
	packetMost     = 1 << 14
	timeReset      = 1<<1 | 1 // a valid special event of kind 1
	startTime      = "#Start-Time:"
	noStartTime    = startTime + " 1970-01-01 00:00:00 (TZ+0000)"
	aedat3TimeBits = 31
)

// packets gathers events, and writes them as packets of 10 ms and of one epoch.
type packets struct {
	event func(b []byte, e Event) []byte    // appends an event
	seal  func(b []byte, p *packets) []byte // appends the packet
	body  []byte
	n     int
	span  int64 // of the packet, in units of packetSpan
	epoch int64 // 2^31 us, which the times of AEDAT 3.1 leave out
}

func (d *packets) encode(b []byte, e Event) ([]byte, string) {
	span, epoch := e.T/packetSpan, e.T>>aedat3TimeBits
	if span != d.span || epoch != d.epoch || d.n == packetMost {
		b = d.finish(b)
	}
	d.span, d.epoch, d.n = span, epoch, d.n+1
	d.body = d.event(d.body, e)
	return b, ""
}

func (d *packets) finish(b []byte) []byte {
	if d.n == 0 {
		return b
	}
	b = d.seal(b, d)
	d.body, d.n = d.body[:0], 0
	return b
}

func createAEDAT3(info Info, extent Extent) ([]byte, encoder) {
	start := noStartTime
	for _, line := range info.Header {
		if strings.HasPrefix(line, startTime) {
			start = line
		}
	}
	lines := []string{"#!AER-DAT3.1", "#Format: RAW", "#Source 1: " + cameraFor(info, extent), start, aedat3Ends}
	head := []byte(strings.Join(lines, "\r\n") + "\r\n")
	head = appendHead(head, aedat3Special, 0, 1)
	return append(head, timeReset, 0, 0, 0, 0, 0, 0, 0), &packets{event: putAEDAT3, seal: sealAEDAT3}
}

// cameraFor names the camera of a recording: that of its size, or the smallest that has
// all pixels where the size is not known, or else the size itself.
func cameraFor(info Info, extent Extent) string {
	known := info.known(extent)
	for _, s := range sensors {
		if s.width == info.Width && s.height == info.Height || !known && int(extent.X) < s.width && int(extent.Y) < s.height {
			return s.name
		}
	}
	width, height := info.pixels(extent)
	return fmt.Sprintf("%dx%d", width, height)
}

// appendHead writes the head of a packet of n events.
func appendHead(b []byte, kind uint16, epoch int64, n int) []byte {
	b = binary.LittleEndian.AppendUint16(b, kind)
	b = binary.LittleEndian.AppendUint16(b, 1) // the source
	for _, v := range []int{aedat3Event, aedat3TimeAt, int(epoch), n, n, n} {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	return b
}

func putAEDAT3(b []byte, e Event) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(e.X)<<17|uint32(e.Y)<<2|uint32(e.P)<<1|1)
	return binary.LittleEndian.AppendUint32(b, uint32(e.T&math.MaxInt32))
}

func sealAEDAT3(b []byte, p *packets) []byte {
	return append(appendHead(b, aedat3Polarity, p.epoch, p.n), p.body...)
}
