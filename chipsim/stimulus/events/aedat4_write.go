package events

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/pierrec/lz4/v4"
)

// What is written of AEDAT 4.0: one stream of events, each packet an LZ4 frame, and no table
// of packets, whose place a stream could not tell in its head (data.md 3.3).

// aedat4Info is the part of the configuration that readers ask for; it ends the head.
const aedat4Info = `<dv version="2.0">
    <node name="outInfo" path="/mainloop/Recorder/outInfo/">
        <node name="0" path="/mainloop/Recorder/outInfo/0/">
            <attr key="compression" type="string">LZ4</attr>
            <attr key="originalModuleName" type="string">decc</attr>
            <attr key="originalOutputName" type="string">events</attr>
            <attr key="typeDescription" type="string">Events of a sensor.</attr>
            <attr key="typeIdentifier" type="string">EVTS</attr>
            <node name="info" path="/mainloop/Recorder/outInfo/0/info/">
                <attr key="sizeX" type="int">%d</attr>
                <attr key="sizeY" type="int">%d</attr>
                <attr key="source" type="string">decc</attr>
            </node>
        </node>
    </node>
</dv>
`

// words appends numbers of 2 or 4 bytes, by their type, and texts as they are.
func words(b []byte, list ...any) []byte {
	for _, v := range list {
		b, _ = binary.Append(b, binary.LittleEndian, v) // it fails on other types
	}
	return b
}

// createAEDAT4 writes the head as DV lays it out: 12 bytes that lead to the table, the list of its
// fields, the table, the text.
func createAEDAT4(info Info, extent Extent) ([]byte, encoder) {
	const noTable = -1
	width, height := info.pixels(extent)
	text := fmt.Sprintf(aedat4Info, width, height)
	b := words(nil, uint32(24), []byte(headID), make([]byte, 6))
	b = words(b, []uint16{10, 20, 4, 12, 8})        // the fields 0, 1 and 2 of a table of 20 bytes
	b = words(b, uint32(10), uint32(1), uint32(12)) // LZ4; the text is 12 bytes on
	b = words(b, int64(noTable), uint32(len(text)), []byte(text), uint8(0))
	head := words([]byte(aedat4Line), uint32(len(b)), b)
	packed := lz4.NewWriter(nil)
	// The options are sound. One goroutine packs, so that the bytes are the same every time.
	_ = packed.Apply(lz4.BlockSizeOption(lz4.Block64Kb), lz4.ConcurrencyOption(1))
	return head, &packets{event: putAEDAT4, seal: func(b []byte, p *packets) []byte { return sealAEDAT4(b, p, packed) }}
}

func putAEDAT4(b []byte, e Event) []byte {
	b = binary.LittleEndian.AppendUint64(b, uint64(e.T))
	b = binary.LittleEndian.AppendUint16(b, uint16(e.X))
	b = binary.LittleEndian.AppendUint16(b, uint16(e.Y))
	return append(b, e.P, 0, 0, 0)
}

// sealAEDAT4 writes the stream, the size and a flatbuffer with its own size: a table of one field,
// which leads to the events.
func sealAEDAT4(b []byte, p *packets, packed *lz4.Writer) []byte {
	plain := words(nil, uint32(28+len(p.body)), uint32(16), []byte(eventPacketID), uint16(0))
	plain = words(plain, []uint16{6, 8, 4}, uint32(6), uint32(4), uint32(p.n))
	var frame bytes.Buffer // which takes all
	packed.Reset(&frame)
	_, _ = packed.Write(plain)
	_, _ = packed.Write(p.body)
	_ = packed.Close()
	return words(b, uint32(0), uint32(frame.Len()), frame.Bytes())
}
