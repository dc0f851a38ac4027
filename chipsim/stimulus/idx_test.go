package stimulus

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"testing/iotest"

	"decc/ir/diag"
)

var (
	smallPixels = []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255}
	smallImages = idxBytes(smallPixels, 2, 3, 2)
)

func TestReadIDX(t *testing.T) {
	for _, data := range [][]byte{smallImages, packed(t, smallImages)} {
		got, err := ReadIDX(bytes.NewReader(data), "x", 3)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Shape, []int{2, 3, 2}) || !bytes.Equal(got.Data, smallPixels) {
			t.Errorf("found %v", got)
		}
	}
}

// TestReadIDXTruncated cuts the file after every byte.
func TestReadIDXTruncated(t *testing.T) {
	for n := range smallImages {
		_, err := ReadIDX(bytes.NewReader(smallImages[:n]), "x", 3)
		wantAt(t, err, codeTruncated, fmt.Sprintf("x@%d", n))
	}
	// Of a gzip file the offset is that of the unpacked data.
	data := packed(t, smallImages)
	for n := range data {
		_, err := ReadIDX(bytes.NewReader(data[:n]), "x", 3)
		if d := wantCode(t, err, codeTruncated); !d.Pos.HasOffset || d.Pos.Offset > int64(len(smallImages)) {
			t.Errorf("cut after %d bytes: %v", n, d)
		}
	}
}

func TestReadIDXFaults(t *testing.T) {
	damaged := packed(t, smallImages)
	damaged[len(damaged)-6]++ // in the checksum
	flipped := packed(t, bytes.Repeat(smallImages, 20))
	flipped[10] = 0xff // the reserved block type
	tests := []struct {
		name  string
		data  []byte
		code  string
		place string
	}{
		{"labels for images", idxBytes([]byte{1, 2}, 2), codeHeader, "x@0"},
		{"another element type", append([]byte{0, 0, 0x0d, 3}, smallImages[4:]...), codeHeader, "x@0"},
		{"text", []byte("P5 28 28 255 "), codeHeader, "x@0"},
		{"no images", idxBytes(nil, 0, 28, 28), codeHeader, "x@4"},
		{"no columns", idxBytes(nil, 1, 28, 0), codeHeader, "x@12"},
		{"too many images", idxBytes(nil, 0xffffffff, 28, 28), codeTooLarge, "x@4"},
		{"product too large", idxBytes(nil, 1<<20, 1<<9, 1<<2), codeTooLarge, "x@12"},
		{"product overflows", idxBytes(nil, 1<<30, 1<<30, 1<<30), codeTooLarge, "x@8"},
		{"more bytes", append(bytes.Clone(smallImages), 0), codeTrailing, "x@28"},
		{"gzip checksum", damaged, codeGzip, "x@28"},
		{"gzip data", flipped, codeGzip, "x@0"},
		{"gzip method", []byte{0x1f, 0x8b, 7, 0, 0, 0, 0, 0, 0, 0}, codeGzip, "x@0"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadIDX(bytes.NewReader(test.data), "x", 3)
			wantAt(t, err, test.code, test.place)
		})
	}
}

// TestReadIDXMemory announces the largest file and gives nothing: an allocation of
// the announced size would be seen here.
func TestReadIDXMemory(t *testing.T) {
	data := idxBytes(nil, 1<<30, 1, 1)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := ReadIDX(bytes.NewReader(data), "x", 3)
	runtime.ReadMemStats(&after)
	wantAt(t, err, codeTruncated, "x@16")
	if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
		t.Errorf("took %d bytes for a file of %d", got, len(data))
	}
}

func TestReadIDXBrokenReader(t *testing.T) {
	_, err := ReadIDX(iotest.ErrReader(errors.New("disk on fire")), "x", 3)
	wantAt(t, err, codeUnreadable, "x@0")
}

func FuzzReadIDX(f *testing.F) {
	f.Add(smallImages, 3)
	f.Add(packed(f, smallImages), 3)
	f.Add(idxBytes([]byte{7, 2}, 2), 1)
	f.Add(smallImages[:9], 3)
	f.Add(idxBytes(nil, 1<<31, 1<<31, 1<<31), 3)
	f.Fuzz(func(t *testing.T, data []byte, dims int) {
		dims = dims&3 + 1
		got, err := ReadIDX(bytes.NewReader(data), "x", dims)
		if err != nil {
			if len(diag.All(err)) != 1 {
				t.Fatalf("not a diagnostic: %v", err)
			}
			return
		}
		shape := make([]uint32, dims)
		for d, n := range got.Shape {
			shape[d] = uint32(n)
		}
		again := idxBytes(got.Data, shape...)
		if !bytes.HasPrefix(data, gzipMagic) && !bytes.Equal(again, data) {
			t.Fatalf("reading and writing changed %x to %x", data, again)
		}
	})
}
