package hdf5

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// packed are the filters forward.
var packed = map[int]func(p []byte) []byte{
	filterDeflate: func(p []byte) []byte {
		var b bytes.Buffer
		z := zlib.NewWriter(&b)
		_, _ = z.Write(p)
		_ = z.Close()
		return b.Bytes()
	},
	filterShuffle: func(p []byte) []byte {
		out := make([]byte, 0, len(p))
		for j := range 4 {
			for i := j; i < len(p); i += 4 {
				out = append(out, p[i])
			}
		}
		return out
	},
	filterFletcher: func(p []byte) []byte { return binary.LittleEndian.AppendUint32(bytes.Clone(p), fletcher32(p)) },
}

// unpacked reads a chunk of n bytes that is all of a file.
func unpacked(stored []byte, filters []filter, mask uint32, n int) ([]byte, error) {
	f := &File{r: bytes.NewReader(stored), size: int64(len(stored)), name: "chunk.h5"}
	defer f.operation()()
	c := &chunked{f: f, label: "/x", bytes: n}
	return c.decode(chunkEntry{stored: uint64(len(stored)), mask: mask}, filters)
}

// TestPipelines takes a chunk through filters and back: an outer deflate gives what the inner one
// made, which may be far shorter than the chunk, or longer.
func TestPipelines(t *testing.T) {
	const n = 1 << 20
	noise := make([]byte, n)
	for i := range noise {
		noise[i] = byte(rand.Uint32())
	}
	for _, ids := range [][]int{
		{filterDeflate},
		{filterDeflate, filterDeflate},
		{filterDeflate, filterDeflate, filterDeflate},
		{filterShuffle, filterDeflate, filterFletcher},
		{filterFletcher, filterDeflate},
		{filterDeflate, filterFletcher, filterDeflate, filterFletcher},
	} {
		for name, want := range map[string][]byte{"zeros": make([]byte, n), "noise": noise} {
			for _, mask := range []uint32{0, 1} { // with all, and without the first
				var filters []filter
				stored := want
				for i, id := range ids {
					filters = append(filters, filter{id: id, args: []uint32{4}})
					if mask>>i&1 == 0 {
						stored = packed[id](stored)
					}
				}
				if got, err := unpacked(stored, filters, mask, n); err != nil || !bytes.Equal(got, want) {
					t.Errorf("%s through %d, mask %d: %d bytes, %v", name, ids, mask, len(got), err)
				}
			}
		}
	}
}

// TestPipelinesThatGrow: what inflates to more than a chunk can have had is refused, and so is what
// is too short.
func TestPipelinesThatGrow(t *testing.T) {
	const n = 1 << 12
	once, twice := []filter{{id: filterDeflate}}, []filter{{id: filterDeflate}, {id: filterDeflate}}
	deflate := packed[filterDeflate]
	for what, c := range map[string]struct {
		stored  []byte
		filters []filter
		code    string
	}{
		"longer than the chunk":         {deflate(make([]byte, n+1)), once, codeChecksum},
		"longer than an inner one":      {deflate(make([]byte, 2*n)), twice, codeChecksum},
		"shorter than the chunk":        {deflate(make([]byte, n-1)), once, codeDamaged},
		"shorter, behind the outer one": {deflate(deflate(make([]byte, n-1))), twice, codeDamaged},
		"no stream":                     {[]byte{1, 2, 3}, once, codeChecksum},
	} {
		if _, err := unpacked(c.stored, c.filters, 0, n); code(err) != c.code {
			t.Errorf("%s: %v, want %s", what, err, c.code)
		}
	}
}
