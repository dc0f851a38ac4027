// Package events reads the recordings of event cameras, streaming: what a reader holds does
// not grow with the file. Events come in the order of the file, duplicates and falling times
// included, with the coordinates and the polarity of the file: nothing is sorted or flipped.
package events

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"decc/ir/diag"
)

// Event is one event: time in microseconds, place, and polarity or channel.
type Event struct {
	T    int64
	X, Y int32
	P    uint8
}

// Reader reads the events of one file.
type Reader struct {
	r      *bufio.Reader
	file   string
	at     int64 // of the next byte
	format *Format
	base   int64 // us that overflow records have added to the times
}

// Open takes a file; name tells its format by the extension, and names it in errors.
// They have codes events/*.
func Open(r io.Reader, name string) (*Reader, error) {
	ext := strings.TrimPrefix(path.Ext(strings.ToLower(filepath.ToSlash(name))), ".")
	i := slices.IndexFunc(Formats, func(f Format) bool { return f.Extension == ext })
	if i < 0 {
		return nil, diag.Errorf(diag.Pos{File: name}, codeFormat, "found the extension %q, expected one of %s", ext, formatNames()).
			WithFix("give the file the extension of its format")
	}
	return &Reader{r: bufio.NewReader(r), file: name, format: &Formats[i]}, nil
}

func formatNames() string {
	var names []string
	for _, f := range Formats {
		names = append(names, fmt.Sprintf(".%s (%s)", f.Extension, f.Doc))
	}
	return strings.Join(names, ", ")
}

// Next puts the next events into buf and says how many; err is io.EOF at the end. With an
// error n is 0: the events before it came with earlier calls.
func (r *Reader) Next(buf []Event) (n int, err error) {
	for n < len(buf) {
		record, err := r.r.Peek(r.format.size)
		if err != nil {
			if n > 0 {
				return n, nil // the next call meets it again
			}
			return 0, r.explain(len(record), err)
		}
		e, real := r.format.event(r, record)
		if real {
			buf[n] = e
			n++
		}
		_, _ = r.r.Discard(r.format.size) // Peek has shown them
		r.at += int64(r.format.size)
	}
	return n, nil
}

// explain tells why no record came.
func (r *Reader) explain(have int, err error) error {
	switch {
	case errors.Is(err, io.EOF) && have == 0:
		return io.EOF
	case errors.Is(err, io.EOF):
		return diag.Errorf(diag.AtOffset(r.file, r.at), codeTruncated, "found %d bytes, expected the %d of an event", have, r.format.size).
			WithFix("copy or download the file again")
	}
	return diag.Errorf(diag.AtOffset(r.file, r.at), codeUnreadable, "cannot read on: %v", err).WithFix("check the file and its permissions")
}

const (
	codeFormat     = "events/format"
	codeTruncated  = "events/truncated"
	codeUnreadable = "events/unreadable"
)

// Codes explains the diagnostics of this package.
var Codes = []diag.CodeDoc{
	{Code: codeFormat, Meaning: "The extension of a recording is that of no known format.", Example: "a list with the file clip.mp4", Fix: "give the file the extension of its format"},
	{Code: codeTruncated, Meaning: "A recording ends within an event.", Example: "a .bs2 file of 7 bytes", Fix: "copy or download the file again"},
	{Code: codeUnreadable, Meaning: "A recording cannot be read to its end.", Example: "a disk with a defect", Fix: "check the file and its permissions"},
}
