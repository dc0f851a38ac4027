package stimulus

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"decc/ir/diag"
)

// Images is a set of labelled grey images of one size, or of recordings of events from
// one sensor.
type Images struct {
	Name       string // of the set and its part, for example "mnist/test"
	Rows, Cols int    // of one image or of the sensor, in pixels
	Pixels     []byte // [sample][row][column], 255 = ink; of recordings: their bytes, one after the other
	Labels     []int  // [sample], 0..255
	// Ends is where each recording ends in Pixels; nil for images. A recording has
	// EventBytes an event, sound by ReadEvents.
	Ends []int
	// Index is the position of each sample in the original file. Random encoders
	// are keyed by it, so a selection gives the same spikes as the full set.
	Index []int
}

// Len is the number of samples.
func (m *Images) Len() int { return len(m.Labels) }

// Size is the number of pixels of one image, or of lines of the sensor: two polarities a
// pixel.
func (m *Images) Size() int {
	if m.Ends != nil {
		return polarities * m.Rows * m.Cols
	}
	return m.Rows * m.Cols
}

// start is where sample i begins in Pixels, 0 <= i <= Len.
func (m *Images) start(i int) int {
	switch {
	case m.Ends == nil:
		return i * m.Size()
	case i == 0:
		return 0
	}
	return m.Ends[i-1]
}

// Image returns the pixels of sample i (0 <= i < Len), [row][column], or the bytes of
// the recording; it shares memory with m.
func (m *Images) Image(i int) []byte { return m.Pixels[m.start(i):m.start(i+1)] }

// Head returns the first n samples, or all if there are fewer; it shares memory with m.
func (m *Images) Head(n int) *Images {
	n = min(max(n, 0), m.Len())
	head := *m
	head.Pixels, head.Labels, head.Index = m.Pixels[:m.start(n)], m.Labels[:n], m.Index[:n]
	if m.Ends != nil {
		head.Ends = m.Ends[:n]
	}
	return &head
}

// Encoder is NewEncoder for the samples of this set; it also fails with
// data/bad-parameter where an encoder of images meets recordings, or the other way round.
func (m *Images) Encoder(pos diag.Pos, name string, params map[string]int64) (Encoder, error) {
	kind, err := findEncoder(pos, name)
	if err != nil {
		return nil, err
	}
	if recordings := m.Ends != nil; kind.Events != recordings {
		return nil, diag.Errorf(pos, codeParameter, "encoder %s does not take the samples of %s", name, m.Name).
			WithFix("use %s", strings.Join(encodersOf(recordings), ", "))
	}
	return NewEncoder(pos, name, m.Size(), params)
}

// encodersOf lists the encoders of recordings, or those of images.
func encodersOf(recordings bool) []string {
	var names []string
	for _, k := range Encoders {
		if k.Events == recordings {
			names = append(names, k.Name)
		}
	}
	return names
}

// Select returns the samples with the given positions in the original file, in
// that order. It fails with data/no-such-sample where one is not in the set.
func (m *Images) Select(index []int) (*Images, error) {
	place := make(map[int]int, m.Len())
	for i, original := range m.Index {
		place[original] = i
	}
	part := &Images{Name: m.Name, Rows: m.Rows, Cols: m.Cols, Index: slices.Clone(index)}
	for _, original := range index {
		i, ok := place[original]
		if !ok {
			return nil, diag.Errorf(diag.Pos{}, codeNoSample, "%s with %d samples does not hold sample %d", m.Name, m.Len(), original).
				WithFix("use the full data set, or another sample")
		}
		part.Pixels = append(part.Pixels, m.Image(i)...)
		part.Labels = append(part.Labels, m.Labels[i])
		if m.Ends != nil {
			part.Ends = append(part.Ends, len(part.Pixels))
		}
	}
	return part, nil
}

// Digest is the SHA-256, in hexadecimal, of the image size and of every sample's
// position, label and pixels (or events, with their number). Name and the form on disk (gzip or not) do not enter.
func (m *Images) Digest() string {
	h := sha256.New()
	put := func(values ...int) {
		var b []byte
		for _, v := range values {
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		}
		h.Write(b)
	}
	put(m.Rows, m.Cols, m.Len())
	for i := range m.Len() {
		put(m.Index[i], m.Labels[i])
		if m.Ends != nil {
			put(len(m.Image(i)))
		}
		h.Write(m.Image(i))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// splitPrefixes maps the part of a data set to the beginning of its file names.
var splitPrefixes = []struct{ split, prefix string }{{"train", "train"}, {"test", "t10k"}}

func splitPrefix(split string) (string, error) {
	var known []string
	for _, s := range splitPrefixes {
		if s.split == split {
			return s.prefix, nil
		}
		known = append(known, s.split)
	}
	return "", unknownSplit("a data set", split, known)
}

func unknownSplit(set, split string, known []string) error {
	either := strings.Join(known, " or ")
	return diag.Errorf(diag.Pos{}, codeSplit, "found split %q of %s, expected %s", split, set, either).WithFix("use %s", either)
}

// OpenFolder reads one part ("train" or "test") of a data set in the form of MNIST:
// the files {train,t10k}-{images-idx3,labels-idx1}-ubyte, with or without .gz, also
// with a dot before idx. The set is named after the folder.
// Errors are diagnostics of codes data/*, each with the file and offset.
func OpenFolder(dir, split string) (*Images, error) {
	prefix, err := splitPrefix(split)
	if err != nil {
		return nil, err
	}
	return openPair(dir, prefix, filepath.Base(dir)+"/"+split)
}

// openPair reads the image and the label file whose names begin with prefix.
func openPair(dir, prefix, name string) (*Images, error) {
	pixels, pixelFile, err := openIDX(dir, prefix+"-images", 3)
	if err != nil {
		return nil, err
	}
	labels, labelFile, err := openIDX(dir, prefix+"-labels", 1)
	if err != nil {
		return nil, err
	}
	if n := pixels.Shape[0]; n != labels.Shape[0] {
		return nil, diag.Errorf(diag.AtOffset(labelFile, 4), codeMismatch, "found %d labels, expected %d: one for each image of %s",
			labels.Shape[0], n, filepath.Base(pixelFile)).WithFix("take both files from the same data set")
	}
	m := &Images{Name: name, Rows: pixels.Shape[1], Cols: pixels.Shape[2], Pixels: pixels.Data}
	for i, label := range labels.Data {
		m.Labels = append(m.Labels, int(label))
		m.Index = append(m.Index, i)
	}
	return m, nil
}

// openIDX reads the first file of dir that carries stem in one of its usual spellings.
func openIDX(dir, stem string, dims int) (idx IDX, path string, err error) {
	path, err = findIDX(dir, stem, dims)
	if err != nil {
		return IDX{}, "", err
	}
	f, err := openFile(path)
	if err != nil {
		return IDX{}, "", err
	}
	defer f.Close()
	idx, err = ReadIDX(f, path, dims)
	return idx, path, err
}

func findIDX(dir, stem string, dims int) (string, error) {
	ending := "idx" + string(rune('0'+dims)) + "-ubyte"
	for _, name := range []string{stem + "-" + ending, stem + "-" + ending + ".gz", stem + "." + ending, stem + "." + ending + ".gz"} {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", diag.Errorf(diag.Pos{File: dir}, codeNotFound, "the folder does not hold %s-%s (or .gz)", stem, ending).
		WithFix("give the folder that holds the IDX files of the data set")
}
