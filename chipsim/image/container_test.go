package image

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"decc/ir/sem"
)

// leak is a program of one state, one port and one param that spikes above vth and
// offers its state to joins.
func leak() sem.Program {
	s24 := sem.Type{Bits: 24, Signed: true}
	return sem.Program{
		Name: "leak",
		Fields: []sem.Field{
			{Name: "v", Kind: sem.State, Type: s24},
			{Name: "drive", Kind: sem.Port, Type: sem.Type{Bits: 40, Signed: true}},
			{Name: "vth", Kind: sem.Param, Type: s24, Default: 640},
		},
		Code: []sem.Instr{
			{Op: sem.OpAdd, Args: [3]sem.Ref{0, 1}},
			{Op: sem.OpWrap, Args: [3]sem.Ref{3}, K: [2]int64{24}, Name: "v"},
			{Op: sem.OpGt, Args: [3]sem.Ref{4, 2}, Name: "s"},
		},
		Next: []sem.Ref{4, 1, 2}, Spike: 5, Payload: sem.NoRef, Out: 4,
	}
}

// sample is a small image that uses every part: two cores, a split group, a join,
// an input, a layer, params of both shapes.
func sample(t testing.TB) *Image {
	memory := func(targets ...int32) Memory {
		part := Part{Kind: mixed8}
		for _, target := range targets {
			part.Synapses = append(part.Synapses, Synapse{Target: target, Mantissa: 2 * target, Delay: target})
		}
		m, err := Pack(sem.Silicon, 4, discrete([]Part{part}, []Part{part}))
		if err != nil {
			t.Fatal(err)
		}
		return *m
	}
	core := func(id, first int) *Core {
		return &Core{
			ID: id, X: id, Memory: memory(1, 2),
			Runs: []Run{
				{Group: 0, First: first, N: 2, Params: [][]int64{{64, 128}}},
				{Group: 1, First: first, N: 2, Params: [][]int64{{-1}}},
			},
			Fan: NewFanout([][]Axon{{{Core: 1, Axon: 1}}, nil, nil, {{Core: 0}, {Core: 1}}}),
		}
	}
	return &Image{
		Name: "sample", Chip: "loihi2", Seed: 7, DtNanos: 1e6, ModuleDigest: "00ff",
		Programs: []sem.Program{leak()},
		Inputs:   []Input{{Name: "in", N: 2, Fan: NewFanout([][]Axon{{{Core: 0}}, {{Core: 1, Axon: 1}}})}},
		Groups:   []Group{{Name: "a", N: 4, Reset: Reset{Interval: 10, Offset: 3}}, {Name: "b", N: 4}},
		Layers:   []Layer{{Name: "l", Spikes: "a", Readout: "b", Value: "v", ReadoutLag: 1}},
		Joins:    []Join{{From: 0, To: 1, Port: 1}},
		Cores:    []*Core{core(0, 0), core(5, 2)},
	}
}

func encode(t testing.TB, img *Image) []byte {
	b, err := Encode(img)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDecodeIsEncodesInverse(t *testing.T) {
	img := sample(t)
	b := encode(t, img)
	got, err := Decode("sample.img", b)
	if err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(img, got, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(Axon{}, InAxon{})); d != "" {
		t.Error(d)
	}
	if again := encode(t, got); !bytes.Equal(b, again) {
		t.Error("the same image gives other bytes")
	}
	if Digest(b) == Digest(b[1:]) || len(Digest(b)) != 64 {
		t.Errorf("digest %q", Digest(b))
	}
}

func TestTruncationIsFound(t *testing.T) {
	b := encode(t, sample(t))
	for n := range b {
		if _, err := Decode("", b[:n]); err == nil {
			t.Fatalf("an image of %d bytes cut to %d is read", len(b), n)
		}
	}
	if _, err := Decode("", append(bytes.Clone(b), 0)); err == nil {
		t.Error("a byte too many is read")
	}
}

func TestEveryBitFlipIsFound(t *testing.T) {
	b := encode(t, sample(t))
	for i := range b {
		for bit := range 8 {
			b[i] ^= 1 << bit
			if _, err := Decode("", b); err == nil {
				t.Fatalf("bit %d of byte %d flipped, and the image is read", bit, i)
			}
			b[i] ^= 1 << bit
		}
	}
}

// Damage is named with its offset and section.
func TestDecodeNamesThePlace(t *testing.T) {
	b := encode(t, sample(t))
	row := func(i int) []byte { return b[headBytes+rowBytes*i:] }
	at := func(i int) int { return int(binary.LittleEndian.Uint64(row(i)[8:])) }
	damaged := func(i int) []byte {
		c := bytes.Clone(b)
		c[at(i)] ^= 1
		return c
	}
	cases := []struct {
		file []byte
		code string
		want []string
	}{
		{nil, "image/magic", []string{"x.img@0"}},
		{append([]byte("DECCIMG\n"), 9, 0, 0, 0, 0, 0, 0, 0), "image/version", []string{"x.img@8", "version 9"}},
		{append([]byte("DECCIMG\n"), Version, 0, 0, 0, 0xff, 0xff, 0xff, 0xff), "image/sections", []string{"x.img@12"}},
		{damaged(0), "image/checksum", []string{"header"}},
		{damaged(3), "image/checksum", []string{"core tables of core 1"}},
		{damaged(4), "image/checksum", []string{"synaptic words of core 1"}},
		{b[:len(b)-1], "image/truncated", nil},
	}
	for _, c := range cases {
		_, err := Decode("x.img", c.file)
		wantCode(t, err, c.code)
		for _, w := range c.want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%q is missing in: %v", w, err)
			}
		}
	}
}

// forge writes a container around sections that need not be an image.
func forge(header, core []byte, words []byte) []byte {
	return writeContainer([]section{
		{typ: headerSection, core: noCore, data: header}, {typ: coreSection, data: core}, {typ: wordsSection, data: words},
	})
}

func TestDecodeRefusesForeignMetadata(t *testing.T) {
	empty := []byte{0xa0}
	cases := []struct {
		name string
		file []byte
		code string
	}{
		{"no CBOR", forge([]byte("hello"), empty, nil), "image/metadata"},
		{"an unknown key", forge([]byte{0xa1, 0x61, 'x', 0}, empty, nil), "image/metadata"},
		{"a list of 2^32 elements", forge(append([]byte{0xa1, 0x66}, "Groups\x9b\x00\x00\x00\x01\x00\x00\x00\x00"...), empty, nil), "image/metadata"},
		{"half a word", forge(empty, empty, []byte{1, 2, 3}), "image/invalid"},
		{"a core without a table", forge(empty, empty, nil), "image/invalid"},
	}
	for _, c := range cases {
		_, err := Decode("x.img", c.file)
		if err == nil {
			t.Errorf("%s: read", c.name)
			continue
		}
		wantCode(t, err, c.code)
	}
}

func FuzzDecode(f *testing.F) {
	b := encode(f, sample(f))
	f.Add(b)
	f.Add(b[:100])
	f.Add(encode(f, learning(f)))
	f.Add(forge([]byte{0xa0}, []byte{0xa0}, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		mend(b)
		img, err := Decode("fuzz.img", b)
		if err != nil {
			return
		}
		again := encode(t, img)
		if _, err := Decode("", again); err != nil {
			t.Fatalf("what was read and written cannot be read: %v", err)
		}
	})
}

// mend puts the checksums right, so that the fuzzer gets behind them.
func mend(b []byte) {
	if len(b) < headBytes {
		return
	}
	n := int(min(binary.LittleEndian.Uint32(b[len(magic)+4:]), 100))
	table := headBytes + rowBytes*n
	if len(b) < table+crcBytes {
		return
	}
	for i := range n {
		row := b[headBytes+rowBytes*i:]
		at, size := binary.LittleEndian.Uint64(row[8:]), binary.LittleEndian.Uint64(row[16:])
		if at <= uint64(len(b)) && size <= uint64(len(b))-at {
			binary.LittleEndian.PutUint32(row[24:], crc32.Checksum(b[at:at+size], castagnoli))
		}
	}
	binary.LittleEndian.PutUint32(b[table:], crc32.Checksum(b[:table], castagnoli))
}
