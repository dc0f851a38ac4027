package stimulus

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"

	"decc/ir/diag"
)

var gzipMagic = []byte{0x1f, 0x8b}

// source reads one binary input from front to back and knows how far it is, so
// that every error can say where. Offsets are those of the unpacked data.
type source struct {
	file string
	r    io.Reader
	at   int64
}

// newSource starts reading; gzip is recognised by its first bytes, not by a name.
func newSource(r io.Reader, file string) (*source, error) {
	packed := bufio.NewReader(r)
	s := &source{file: file, r: packed}
	// A failing Peek is not lost: the first read meets the same error.
	if head, _ := packed.Peek(len(gzipMagic)); !bytes.Equal(head, gzipMagic) {
		return s, nil
	}
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		return nil, s.explain(err, "the gzip header")
	}
	s.r = unpacked
	return s, nil
}

// read takes the next n bytes, called what in errors. Memory grows with the bytes
// that are really there, not with n.
func (s *source) read(n int64, what string) ([]byte, error) {
	var buf bytes.Buffer
	got, err := io.CopyN(&buf, s.r, n)
	s.at += got
	if err != nil {
		return nil, s.explain(err, what)
	}
	return buf.Bytes(), nil
}

// end checks that nothing follows; for gzip this is also where the checksum is seen.
func (s *source) end() error {
	var one [1]byte
	_, err := io.ReadFull(s.r, one[:])
	if err == nil {
		return s.errorf(codeTrailing, "the data end here by the header, but more bytes follow").
			WithFix("correct the counts in the header, or take the original file")
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return s.explain(err, "the end of the data")
}

func (s *source) errorf(code, format string, args ...any) *diag.Diagnostic {
	return diag.Errorf(diag.AtOffset(s.file, s.at), code, format, args...)
}

// explain turns an error of the reader below into a diagnostic at the place reached.
func (s *source) explain(err error, what string) *diag.Diagnostic {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return s.errorf(codeTruncated, "the file ends inside %s", what).
			WithFix("copy or download the file again")
	}
	if isGzipFault(err) {
		return s.errorf(codeGzip, "damaged gzip data inside %s: %v", what, err).
			WithFix("copy or download the file again")
	}
	return s.errorf(codeUnreadable, "reading %s: %v", what, err)
}

func isGzipFault(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.As(err, &corrupt)
}

// openFile opens path for reading with a diagnostic for an error.
func openFile(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err == nil {
		return f, nil
	}
	code := codeUnreadable
	if errors.Is(err, fs.ErrNotExist) {
		code = codeNotFound
	}
	var place *fs.PathError
	if errors.As(err, &place) {
		err = place.Err // the path is already in the position
	}
	return nil, diag.Errorf(diag.Pos{File: path}, code, "cannot open: %v", err)
}
