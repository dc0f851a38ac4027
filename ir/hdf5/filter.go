package hdf5

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// filter is one step of the pipeline that chunks went through.
type filter struct {
	id   int
	name string
	args []uint32
}

// The numbers of the filters that are read.
const (
	filterDeflate  = 1
	filterShuffle  = 2
	filterFletcher = 3
)

// filterNames are for those that are refused.
var filterNames = map[int]string{
	4: "szip", 5: "nbit", 6: "scaleoffset", 307: "bzip2", 32000: "lzf", 32001: "blosc", 32004: "lz4",
	32008: "bitshuffle", 32013: "zfp", 32015: "zstd", 32026: "blosc2",
}

// maxFilters is the most that the library allows.
const maxFilters = 32

// parseFilters reads a filter pipeline message of version 1 or 2.
func parseFilters(d *decoder) ([]filter, error) {
	version := d.version(1, 2)
	count := d.u8()
	if version == 1 {
		d.skip(6)
	}
	if count > maxFilters {
		d.fail("a pipeline of %d filters", count)
	}
	var all []filter
	for range count {
		all = append(all, parseFilter(d, version))
		if d.err != nil {
			return nil, d.err
		}
	}
	return all, d.err
}

func parseFilter(d *decoder, version int) filter {
	fl := filter{id: d.u16()}
	nameBytes := 0
	if version == 1 || fl.id >= 256 {
		nameBytes = d.u16()
	}
	d.skip(2) // flags: whether a writer may leave it out
	args := d.u16()
	name, _, _ := bytes.Cut(d.padded(nameBytes, version), []byte{0})
	fl.name = string(name)
	for range min(args, d.left()/4) {
		fl.args = append(fl.args, uint32(d.u32()))
	}
	if version == 1 && args%2 == 1 {
		d.skip(4)
	}
	if undo[fl.id] == nil && d.err == nil {
		if known := filterNames[fl.id]; known != "" {
			fl.name = known
		}
		d.refuse("the filter %d (%s)", fl.id, fl.name)
	}
	return fl
}

var errFilter = errors.New("damaged")

// undo are the inverses of the filters. They give at most limit bytes.
var undo = map[int]func(fl *filter, p []byte, limit int) ([]byte, error){
	filterDeflate: inflate, filterShuffle: unshuffle, filterFletcher: unfletcher,
}

// grown are the most bytes that the filters make of n. What no compressor can shorten, deflate makes
// longer: the library allows a thousandth and 12 bytes.
var grown = map[int]func(n int) int{
	filterDeflate:  func(n int) int { return n + n/1000 + 64 },
	filterShuffle:  func(n int) int { return n },
	filterFletcher: func(n int) int { return n + 4 },
}

// stage is a filter that a chunk went through, and the most bytes that it can have had before.
type stage struct {
	filter
	limit int
}

// stages are the filters of a chunk of n bytes in the order of writing, without those that the mask
// leaves out.
func stages(filters []filter, mask uint32, n int) []stage {
	var list []stage
	for i, fl := range filters {
		if mask>>i&1 == 0 {
			list = append(list, stage{fl, n})
			n = grown[fl.id](n)
		}
	}
	return list
}

// MaxInflation is the largest number of bytes that deflate makes of one.
const MaxInflation = 1032

func inflate(_ *filter, p []byte, limit int) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(p))
	if err != nil {
		return nil, err
	}
	out := make([]byte, min(limit, MaxInflation*len(p)))
	n, err := io.ReadFull(r, out)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	var more [1]byte
	if extra, err := r.Read(more[:]); extra > 0 || !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: more than %d bytes, or a cut or damaged stream (%v)", errFilter, len(out), err)
	}
	return out[:n], nil
}

// unshuffle brings the bytes of each element together again.
func unshuffle(fl *filter, p []byte, _ int) ([]byte, error) {
	if len(fl.args) != 1 || fl.args[0] == 0 {
		return nil, fmt.Errorf("%w: shuffle has the arguments %d", errFilter, fl.args)
	}
	size := int(fl.args[0])
	n := len(p) / size
	if size == 1 || n <= 1 {
		return p, nil
	}
	out := make([]byte, len(p))
	for j := range size {
		for i, b := range p[j*n : (j+1)*n] {
			out[i*size+j] = b
		}
	}
	copy(out[n*size:], p[n*size:])
	return out, nil
}

// unfletcher checks and removes the checksum at the end.
func unfletcher(_ *filter, p []byte, _ int) ([]byte, error) {
	if len(p) < 4 {
		return nil, fmt.Errorf("%w: %d bytes are too few for a checksum", errFilter, len(p))
	}
	body := p[:len(p)-4]
	stored := binary.LittleEndian.Uint32(p[len(body):])
	if sum := fletcher32(body); sum != stored {
		return nil, fmt.Errorf("%w: the checksum is %08x, and the bytes give %08x", errFilter, stored, sum)
	}
	return body, nil
}

// fletcher32 is the checksum over words of 16 bits, big-endian, as HDF5 defines it.
func fletcher32(p []byte) uint32 {
	var a, b uint32
	for len(p) > 0 {
		// 360 words keep both sums within 32 bits.
		block := p[:min(len(p), 720)]
		p = p[len(block):]
		for len(block) >= 2 {
			a += uint32(binary.BigEndian.Uint16(block))
			b += a
			block = block[2:]
		}
		if len(block) == 1 {
			a += uint32(block[0]) << 8
			b += a
		}
		a, b = a&0xffff+a>>16, b&0xffff+b>>16
	}
	a, b = a&0xffff+a>>16, b&0xffff+b>>16
	return b<<16 | a
}
