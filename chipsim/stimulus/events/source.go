package events

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"decc/ir/diag"
)

const (
	// windowBytes is the size of the window on the file; no record and no line of text
	// is longer.
	windowBytes = 1 << 16
	// headBytes is how much of the file the recognisers see.
	headBytes = 1 << 14
	// maxHeaderLines bounds the head of a file; real ones have about ten lines.
	maxHeaderLines = 1024
	// maxLineBytes bounds one line of a head.
	maxLineBytes = 4096
)

const fixCopy = "copy or download the file again"

// source is the file behind a window, with the place of the next byte.
type source struct {
	r    *bufio.Reader
	file string
	at   int64
	info Info
	// skipped counts what looked like an event and could not be delivered.
	skipped int64
	// whole is the file itself, nil where it is packed or cannot be read at any place.
	whole wholeFile
	// member is which recording of an Archive is meant.
	member Member
}

// wholeFile is a file that can be read at any place.
type wholeFile interface {
	io.ReaderAt
	io.Seeker
}

// size is that of the whole file.
func (s *source) size() (int64, error) {
	size, err := s.whole.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, s.errorf(codeUnreadable, "cannot find the end of the file: %v, expected a file on disk", err).WithFix("check the file and its permissions")
	}
	return size, nil
}

func (s *source) open(r io.Reader) { s.r = bufio.NewReaderSize(r, windowBytes) }

// newSource undoes gzip.
func newSource(r io.Reader, file string) (*source, error) {
	s := &source{file: file}
	s.open(r)
	if !isGzip(s.head(4)) {
		s.whole, _ = r.(wholeFile)
		return s, nil
	}
	z, err := gzip.NewReader(s.r)
	if err != nil {
		return nil, s.explain(err, "the head of a gzip file")
	}
	s.open(z)
	return s, nil
}

// isGzip looks at the method and the reserved flags too, because two bytes may well be
// the coordinates of the first event of a file without a head.
func isGzip(head []byte) bool {
	return len(head) == 4 && bytes.HasPrefix(head, []byte{0x1f, 0x8b, 8}) && head[3]&0xe0 == 0
}

// head shows up to n bytes without taking them. What stopped a shorter answer will
// stop the next read, too, and is reported there.
func (s *source) head(n int) []byte {
	b, _ := s.r.Peek(n)
	return b
}

func (s *source) errorf(code, format string, args ...any) *diag.Diagnostic {
	return diag.Errorf(diag.AtOffset(s.file, s.at), code, format, args...)
}

// explain turns an error of the layers below into a diagnostic at the next byte.
func (s *source) explain(err error, what string) error {
	var corrupt flate.CorruptInputError
	switch {
	case len(diag.All(err)) > 0:
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return s.errorf(codeTruncated, "the file ends here, expected %s", what).WithFix(fixCopy)
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.As(err, &corrupt):
		return s.errorf(codeGzip, "found damaged gzip data (%v), expected %s", err, what).WithFix(fixCopy)
	}
	return s.errorf(codeUnreadable, "cannot read on: %v, expected %s", err, what).WithFix("check the file and its permissions")
}

// take takes n bytes, at most windowBytes, which are good until the next call. At the
// end of the file the error is io.EOF itself; a part of the n bytes is a cut file.
func (s *source) take(n int, what string) ([]byte, error) {
	b, err := s.r.Peek(n)
	if err != nil {
		return nil, s.short(len(b), n, err, what)
	}
	s.discard(n)
	return b, nil
}

// short explains why only have of want bytes came.
func (s *source) short(have, want int, err error, what string) error {
	if !errors.Is(err, io.EOF) {
		return s.explain(err, what)
	}
	if have == 0 {
		return io.EOF
	}
	return s.errorf(codeTruncated, "found %d bytes, expected the %d of %s", have, want, what).WithFix(fixCopy)
}

// discard moves on over bytes that Peek has shown, which cannot fail.
func (s *source) discard(n int) {
	_, _ = s.r.Discard(n)
	s.at += int64(n)
}

// must is take where the file may not end.
func (s *source) must(n int, what string) ([]byte, error) {
	b, err := s.take(n, what)
	if errors.Is(err, io.EOF) {
		return nil, s.explain(err, what)
	}
	return b, err
}

// records shows at least one and at most limit whole records. The caller takes them
// one by one with discard, so that the place in an error is that of its record.
func (s *source) records(size, limit int, what string) ([]byte, error) {
	b, err := s.r.Peek(size)
	if err != nil {
		return nil, s.short(len(b), size, err, what)
	}
	n := min(s.r.Buffered()/size, limit)
	return s.head(n * size), nil
}

// skip passes over n bytes without holding them.
func (s *source) skip(n int64, what string) error {
	passed, err := io.CopyN(io.Discard, s.r, n)
	s.at += passed
	if err != nil {
		return s.explain(err, fmt.Sprintf("%d more bytes of %s", n-passed, what))
	}
	return nil
}

// bytes reads n bytes into buf, which grows with what the file holds, not with what it
// announces.
func (s *source) bytes(buf *bytes.Buffer, n int64, what string) error {
	buf.Reset()
	passed, err := io.CopyN(buf, s.r, n)
	s.at += passed
	if err != nil {
		return s.explain(err, fmt.Sprintf("%d more bytes of %s", n-passed, what))
	}
	return nil
}

// markedLine finds the line of text that the bytes begin with, if it has the mark, its
// LF included. Data may begin with the same mark; they are told from text by bytes that
// no text has.
func markedLine(head []byte, mark string) (line []byte, ok bool) {
	if !bytes.HasPrefix(head, []byte(mark)) {
		return nil, false
	}
	end := bytes.IndexByte(head[:min(len(head), maxLineBytes)], '\n')
	if end < 0 || bytes.ContainsFunc(head[:end], isControl) {
		return nil, false
	}
	return head[:end+1], true
}

func isControl(r rune) bool { return r < ' ' && r != '\t' && r != '\r' }

// headerLine takes the next line, without its end, if it is text and has the mark.
func (s *source) headerLine(mark string) (string, bool) {
	line, ok := markedLine(s.head(maxLineBytes), mark)
	if !ok {
		return "", false
	}
	text := string(bytes.TrimRight(line, "\r\n"))
	s.discard(len(line))
	return text, true
}

// header takes all lines with the mark, up to and with the line last, and keeps them in
// info. It reports whether last was there.
func (s *source) header(mark, last string) (ended bool, err error) {
	for {
		line, ok := s.headerLine(mark)
		if !ok {
			return false, nil
		}
		if len(s.info.Header) == maxHeaderLines {
			return false, s.errorf(codeTooLarge, "found more than %d lines of a header, expected data", maxHeaderLines).
				WithFix("give a recording; this looks like text")
		}
		s.info.Header = append(s.info.Header, line)
		if line == last {
			return true, nil
		}
	}
}

// inside checks an event against the sensor, where its size is known.
func (s *source) inside(e Event) error {
	if err := outside(s.info, e); err != "" {
		return s.errorf(codeEvent, "found an event at x = %d, y = %d, expected %s", e.X, e.Y, err).
			WithFix("%s; or correct the size of the sensor in the header", fixCopy)
	}
	return nil
}

// outside says what was expected of an event that is not on the sensor, "" if it is.
func outside(info Info, e Event) string {
	if e.X < 0 || e.Y < 0 {
		return "no negative coordinates"
	}
	if (info.Width > 0 && int(e.X) >= info.Width) || (info.Height > 0 && int(e.Y) >= info.Height) {
		return fmt.Sprintf("the %dx%d pixels of the sensor", info.Width, info.Height)
	}
	return ""
}
