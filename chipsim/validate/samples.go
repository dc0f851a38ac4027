package validate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"decc/chipsim/stimulus"
	"decc/ir/spikes"
)

// Samples are labelled inputs, for any number of goroutines.
type Samples interface {
	Len() int
	// Label is the class of a sample, -1 where it has none.
	Label(i int) int
	// Train is what a sample gives the input.
	Train(i int) (spikes.Train, error)
	// Digest is the SHA-256, in hexadecimal, of all that trains and labels are made of but
	// for the encoder's parameters.
	Digest() string
}

// ImageSamples are images, or recordings of one sensor, through an encoder.
type ImageSamples struct {
	*stimulus.Images
	stimulus.Encoder
}

// Label is the label of image i.
func (s ImageSamples) Label(i int) int { return s.Labels[i] }

// Train encodes image i; it never fails.
func (s ImageSamples) Train(i int) (spikes.Train, error) {
	return s.Encode(s.Image(i), s.Index[i]), nil
}

// RecordingSamples are the files of a list.
type RecordingSamples struct {
	List    []stimulus.Recording
	Binning stimulus.Binning
}

// Len is the length of the list.
func (s RecordingSamples) Len() int { return len(s.List) }

// Label is the class of recording i by the list.
func (s RecordingSamples) Label(i int) int { return s.List[i].Class }

// Train bins recording i; the error is a diagnostic at a byte of its file.
func (s RecordingSamples) Train(i int) (spikes.Train, error) {
	train, _, err := s.Binning.BinFile(s.List[i])
	return train, err
}

// Digest is that of names, classes and sizes of the files.
func (s RecordingSamples) Digest() string {
	h := sha256.New()
	s.write(h)
	return hex.EncodeToString(h.Sum(nil))
}

func (s RecordingSamples) write(w io.Writer) {
	for _, r := range s.List {
		size := int64(-1)
		if info, err := os.Stat(r.Path); err == nil {
			size = info.Size()
		}
		fmt.Fprintf(w, "%q %d %d", r.File, r.Class, size)
		if r.Axes != "" {
			fmt.Fprintf(w, " %s", r.Axes)
		}
		fmt.Fprintln(w)
	}
}

// TrainSample is one sample without a label.
type TrainSample spikes.Train

// Len is 1.
func (TrainSample) Len() int { return 1 }

// Label is -1.
func (TrainSample) Label(int) int { return -1 }

// Train is the sample.
func (s TrainSample) Train(int) (spikes.Train, error) { return spikes.Train(s), nil }

// Digest is that of the train's rows, members and payloads.
func (s TrainSample) Digest() string {
	h := sha256.New()
	fmt.Fprintln(h, spikes.Train(s))
	return hex.EncodeToString(h.Sum(nil))
}
