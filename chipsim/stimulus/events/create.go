package events

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"decc/ir/diag"
)

// Limits are the greatest values that a file of a format holds; the least are 0, but -T for
// times where Negative is set.
type Limits struct {
	T        int64 // us
	X, Y     int32
	P        uint8
	Negative bool
}

// excess says which value of an event a file cannot hold and what it can, "" if it holds
// the event.
func (l Limits) excess(e Event) string {
	earliest := int64(0)
	if l.Negative {
		earliest = -l.T
	}
	for _, v := range []struct {
		name            string
		value, from, to int64
	}{
		{"time", e.T, earliest, l.T},
		{"x", int64(e.X), 0, int64(l.X)},
		{"y", int64(e.Y), 0, int64(l.Y)},
		{"polarity", int64(e.P), 0, int64(l.P)},
	} {
		if v.value < v.from || v.value > v.to {
			return fmt.Sprintf("the %s %d, expected %d to %d", v.name, v.value, v.from, v.to)
		}
	}
	return ""
}

// encoder is the part of a written format behind the head of the file.
type encoder interface {
	// encode appends the bytes of an event within the limits, perhaps later; wrong says
	// what of an event the file cannot hold.
	encode(b []byte, e Event) (out []byte, wrong string)
	// finish appends what ends the file.
	finish(b []byte) []byte
}

// Writer writes the events of one file.
type Writer struct {
	w       io.Writer
	packed  *gzip.Writer // nil for a plain file
	file    string
	format  *Format
	encoder encoder
	buf     []byte
	events  int64 // of the extent
	want, n int64 // events that are to come in all passes, and those that came
}

// flushBytes is how much a Writer gathers.
const flushBytes = 1 << 16

// Create writes the head of a file. The format is the one of that name, "" for the first of
// Formats whose extension name has; a further .gz packs the file. info is that of the recording
// that the events come from, and extent that of the events, all of which Write must be given, as
// often as Passes tells.
func Create(w io.Writer, name, format string, info Info, extent Extent) (*Writer, error) {
	f, err := writtenFormat(name, format)
	if err != nil {
		return nil, err
	}
	c := &Writer{w: w, file: name, format: f, events: extent.Events}
	c.want = extent.Events * int64(c.Passes())
	if isPacked(name) {
		c.packed = gzip.NewWriter(w)
		c.w = c.packed
	}
	c.buf, c.encoder = f.create(info, extent)
	return c, nil
}

// known tells that the file gives the size of the sensor, and that the events lie on it.
func (i Info) known(x Extent) bool { return i.Width > int(x.X) && i.Height > int(x.Y) }

// pixels is the size of the sensor, or what the events need of it.
func (i Info) pixels(x Extent) (width, height int) {
	if i.known(x) {
		return i.Width, i.Height
	}
	return int(x.X) + 1, int(x.Y) + 1
}

// writtenFormat finds the row for a file of that name; format "" is any.
func writtenFormat(name, format string) (*Format, error) {
	ext := extension(name)
	i := slices.IndexFunc(formatRows(), func(f Format) bool {
		return f.create != nil && slices.Contains(f.Extensions, ext) && (format == "" || f.Name == format)
	})
	if i < 0 {
		return nil, noWrittenFormat(name, format)
	}
	f := &formatRows()[i]
	if f.columns > 0 && isPacked(name) {
		return nil, diag.Errorf(diag.Pos{File: name}, codeFormat, "found the extension .gz, expected %s as it is, which is read at any place", f.Name).WithFix("leave out .gz")
	}
	return f, nil
}

// noWrittenFormat tells the extensions that a file may have.
func noWrittenFormat(name, format string) error {
	known := WrittenExtensions()
	for _, f := range formatRows() {
		if f.create != nil && f.Name == format {
			known = f.Extensions
		}
	}
	return diag.Errorf(diag.Pos{File: name}, codeFormat, "found the extension %q, expected one of %s", extension(name), strings.Join(known, ", ")).
		WithFix("give the file the extension of the format that it is to have")
}

func isPacked(name string) bool { return strings.HasSuffix(strings.ToLower(name), ".gz") }

// Format is the row of Formats that is written.
func (c *Writer) Format() Format { return *c.format }

// Passes is how often Write must be given all events, from the first to the last: once for each
// column of a file that has one after the other, so that no column is held in memory.
func (c *Writer) Passes() int { return max(1, c.format.columns) }

// Write adds events in their order. An event that the format cannot hold is an error
// events/not-held with its number, from 0.
func (c *Writer) Write(list []Event) error {
	for _, e := range list {
		if c.n == c.want {
			return c.notAnnounced(c.n + 1)
		}
		wrong := c.format.Limits.excess(e)
		if wrong == "" {
			c.buf, wrong = c.encoder.encode(c.buf, e)
		}
		if wrong != "" {
			return c.notHeld(e, wrong)
		}
		c.n++
		if len(c.buf) >= flushBytes {
			if err := c.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Writer) notHeld(e Event, wrong string) error {
	return diag.Errorf(diag.Pos{File: c.file}, codeNotHeld, "event %d (t %d, x %d, y %d, p %d) does not fit into %s: found %s", c.n%c.events, e.T, e.X, e.Y, e.P, c.format.Name, wrong).
		WithFix("take another format, or a part of the recording (--from, --until, both in us) whose time begins at 0 (--rebase)")
}

func (c *Writer) notAnnounced(n int64) error {
	return diag.Errorf(diag.Pos{File: c.file}, codeNotHeld, "found %d events, expected the %d that were announced", n, c.want).
		WithFix("leave the recording alone while it is read")
}

func (c *Writer) flush() error {
	_, err := c.w.Write(c.buf)
	c.buf = c.buf[:0]
	return err
}

// Close ends the file; it does not close what it was written to.
func (c *Writer) Close() error {
	if c.n != c.want {
		return c.notAnnounced(c.n)
	}
	c.buf = c.encoder.finish(c.buf)
	if err := c.flush(); err != nil || c.packed == nil {
		return err
	}
	return c.packed.Close()
}

// ended is the error of a reader, nil for the end of the file.
func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
