package stimulus

import (
	"bufio"
	"errors"
	"io"
	"math"
	"strconv"

	"decc/ir/diag"
	"decc/ir/spikes"
)

// textLimits bounds what a reader of text takes from one file.
type textLimits struct {
	bytes  int64 // of the file
	line   int   // bytes of one line
	events int
}

// defaultTextLimits hold a recording of hours from a board; larger ones belong into
// a binary format.
var defaultTextLimits = textLimits{bytes: 1 << 28, line: 1 << 12, events: 1 << 24}

var errTooManyBytes = errors.New("more bytes than a text file may have")

// boundedReader fails where more than the allowed bytes come.
type boundedReader struct {
	r    io.Reader
	left int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, errTooManyBytes
	}
	// One byte over the bound tells a file that ends there from one that goes on.
	n, err := b.r.Read(p[:min(int64(len(p)), b.left+1)])
	b.left -= int64(n)
	if b.left < 0 {
		return n, errTooManyBytes
	}
	return n, err
}

// textError turns an error of a text reader below into a diagnostic; line 0 stands
// for the file as a whole.
func textError(err error, file string, line int, limits textLimits) error {
	at := diag.At(file, line, 1)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, bufio.ErrTooLong):
		return diag.Errorf(at, codeTooLarge, "the line is longer than %d bytes", limits.line).
			WithFix("give a text file of spikes")
	case errors.Is(err, errTooManyBytes):
		return diag.Errorf(at, codeTooLarge, "the file is larger than %d bytes", limits.bytes).
			WithFix("split the file")
	}
	return diag.Errorf(at, codeUnreadable, "reading: %v", err)
}

// field is one word of a text file with its line and its column in bytes, from 1.
type field struct {
	text      string
	line, col int
}

// plain is the payload of a spike that names none.
var plain = field{text: "1"}

func readEvent(file string, row, index, payload field) (spikes.Event, error) {
	t, err := readNumber(file, row, "step", 0)
	if err != nil {
		return spikes.Event{}, err
	}
	i, err := readNumber(file, index, "neuron", 0)
	if err != nil {
		return spikes.Event{}, err
	}
	p, err := readNumber(file, payload, "payload", math.MinInt32)
	return spikes.Event{Row: t, Index: i, Payload: p}, err
}

// readNumber reads a whole number in [least, 2^31-1].
func readNumber(file string, f field, what string, least int64) (int32, error) {
	v, err := strconv.ParseInt(f.text, 10, 32)
	if err == nil && v >= least {
		return int32(v), nil
	}
	d := diag.Errorf(diag.At(file, f.line, f.col), codeField, "found %q, expected a %s: a whole number from %d to %d",
		f.text, what, least, math.MaxInt32)
	d.Width = len(f.text)
	return 0, d.WithFix("write whole numbers; divide a time in other units by the length of a step")
}

// addEvent appends within the bound; line is where e stands.
func addEvent(train spikes.Train, e spikes.Event, file string, line int, limits textLimits) (spikes.Train, error) {
	if len(train) == limits.events {
		return nil, diag.Errorf(diag.At(file, line, 1), codeTooLarge, "the file holds more than %d spikes", limits.events).
			WithFix("split the file")
	}
	return append(train, e), nil
}
