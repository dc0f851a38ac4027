package events

import (
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

// Info tells what the head of a file says.
type Info struct {
	// Format is the name of a row of Formats.
	Format string
	// Width and Height are the size of the sensor in pixels, 0 where the file does not
	// tell.
	Width, Height int
	// BottomUp tells that row 0 is the lowest of the picture; else it is the highest.
	BottomUp bool
	// ZeroIsOn tells that polarity 0 is ON, a pixel that got brighter; else it is 1.
	ZeroIsOn bool
	// Header holds the lines of text at the front of the file, without line ends.
	Header []string
	// Notes says what in the file is not read.
	Notes []string
}

// Reader reads the events of one file.
type Reader struct {
	source  *source
	decoder decoder
	queue   []Event // decoded, from next on not yet delivered
	next    int
	err     error // what comes after the queue
}

// decoder is the part of a format behind the head of the file.
type decoder interface {
	// decode appends the events of the next part of the file to q, perhaps none. The
	// part is bounded, so that q is. Events before an error are good; io.EOF is the end.
	decode(q []Event) ([]Event, error)
}

// Open reads the head of a file. The format is found in the first bytes or, where they
// do not tell, in the extension of name; gzip is undone. name names the file in errors.
func Open(r io.Reader, name string) (*Reader, error) { return OpenMember(r, name, Member{}) }

// Member is one recording of a file that may hold many (Archive).
type Member struct {
	Key  string // "" is the only one
	Axes Axes   // "" is the order of addresses that the file tells
	// Index is that of the file, nil where it was not listed before.
	Index *Index
}

// OpenMember is Open for one recording of a file that may hold many.
func OpenMember(r io.Reader, name string, m Member) (*Reader, error) {
	s, err := newSource(r, name)
	if err != nil {
		return nil, err
	}
	f, err := s.recognise()
	if err != nil {
		return nil, err
	}
	if s.member = m; m != (Member{}) && f.Name != archiveFormat {
		return nil, s.errorf(codeUnsupported, "found %s, expected %s, of which a recording has a key and its addresses an order", f.Name, archiveFormat).
			WithFix("leave out the key and the axes")
	}
	s.info.Format = f.Name
	d, err := f.open(s)
	if err != nil {
		return nil, err
	}
	return &Reader{source: s, decoder: d}, nil
}

// Info tells what the head of the file says.
func (r *Reader) Info() Info { return r.source.info }

// Skipped counts the events so far that the file itself calls invalid, and those before
// the first time of a file whose events are relative to one.
func (r *Reader) Skipped() int64 { return r.source.skipped }

// Next puts the next events into buf and says how many; err is io.EOF at the end. With
// an error n is 0: the events before it came with earlier calls.
func (r *Reader) Next(buf []Event) (n int, err error) {
	for len(buf) > 0 && r.next == len(r.queue) {
		if r.err != nil {
			return 0, r.err
		}
		r.next = 0
		r.queue, r.err = r.decoder.decode(r.queue[:0])
	}
	n = copy(buf, r.queue[r.next:])
	r.next += n
	return n, nil
}

// recognise finds the row of Formats that the file belongs to.
func (s *source) recognise() (*Format, error) {
	head := s.head(headBytes)
	for i, f := range Formats {
		if f.recognise != nil && f.recognise(head) {
			return &Formats[i], nil
		}
	}
	for _, f := range foreign {
		if strings.HasPrefix(string(head), f.mark) {
			return nil, s.errorf(codeUnsupported, "found %s, expected one of %s", f.what, formatNames()).WithFix("%s", f.fix)
		}
	}
	ext := extension(s.file)
	i := slices.IndexFunc(Formats, func(f Format) bool { return f.byName && slices.Contains(f.Extensions, ext) })
	if i >= 0 {
		return &Formats[i], nil
	}
	return nil, s.unknown(head, ext)
}

// unknown reports a file that neither its bytes nor its name tell.
func (s *source) unknown(head []byte, ext string) *diag.Diagnostic {
	d := s.errorf(codeFormat, "found the bytes % x and the extension %q, expected one of %s", head[:min(len(head), 8)], ext, formatNames())
	for _, f := range Formats {
		if slices.Contains(f.Extensions, ext) {
			return d.WithFix("a file .%s begins with its header; %s", ext, fixCopy)
		}
	}
	return d.WithFix("give the file the extension of its format; those without a header are known by it alone")
}

// extension is that of the name, lower case, without the dot and without .gz.
func extension(name string) string {
	name = strings.TrimSuffix(strings.ToLower(filepath.ToSlash(name)), ".gz")
	return strings.TrimPrefix(path.Ext(name), ".")
}
