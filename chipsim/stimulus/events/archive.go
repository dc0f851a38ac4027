package events

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"decc/ir/diag"
	"decc/ir/hdf5"
)

// Archive is a HDF5 file of many recordings, as torchneuromorphic writes it (data.md 3.8):
// data/KEY/times in microseconds, data/KEY/addrs with three values an event, data/KEY/labels,
// and the keys of the parts in extra/train_keys and extra/test_keys. It is read piece by
// piece, by one goroutine at a time.
type Archive struct {
	file *hdf5.File
	name string
	size int64
	data *hdf5.Group
	keys []string
	axes Axes
}

// Axes is the order of the values in an address of an Archive.
type Axes string

// The orders of addresses. Where none is named, the first event decides whose first or last
// value is above 1, which no polarity is.
const (
	XYP Axes = "xyp" // of torchneuromorphic's gestures
	PXY Axes = "pxy" // of its N-MNIST
)

// axesPlaces are the places of x, y and p in an address.
var axesPlaces = map[Axes][3]int{XYP: {0, 1, 2}, PXY: {1, 2, 0}}

// AxesNames lists the orders.
func AxesNames() []string { return []string{string(XYP), string(PXY)} }

const (
	addressValues = 3
	// archiveRows is how many events are read at a time.
	archiveRows = 1 << 15
	// maxKeys bounds the recordings of a file: N-MNIST has 70000.
	maxKeys = 1 << 20
	// shownKeys is how many keys a message names.
	shownKeys = 6

	fixNoArchive = "give a file of torchneuromorphic; decc inspect shows what other HDF5 files hold"
	fixOldKeys   = "write it again with create_events_hdf5 of torchneuromorphic, or export the clips as CSV with the columns t,x,y,p"
)

// OpenArchive reads what an HDF5 file of size bytes holds; name stands in errors, which are
// diagnostics of codes events/* and hdf5/*.
func OpenArchive(r io.ReaderAt, size int64, name string) (*Archive, error) {
	file, err := hdf5.Open(r, size, name)
	if err != nil {
		return nil, err
	}
	a := &Archive{file: file, name: name, size: size}
	names, err := file.Root().Names()
	if err != nil {
		return nil, err
	}
	if !slices.Contains(names, "data") {
		return nil, a.noData(names)
	}
	if a.data, err = file.Root().Group("data"); err != nil {
		return nil, err
	}
	if a.keys, err = a.data.Names(); err != nil {
		return nil, err
	}
	if len(a.keys) == 0 || len(a.keys) > maxKeys {
		return nil, a.errorf(codeUnsupported, "found %d recordings in the group data, expected 1 to %d", len(a.keys), maxKeys).WithFix(fixNoArchive)
	}
	slices.SortFunc(a.keys, compareKeys)
	return a, nil
}

// Index is what is known of an Archive once it was listed: its keys, and where each is. It spares
// the next reader of the file the listing, and goroutines may share it.
type Index struct {
	size int64
	data *hdf5.Group
	keys []string
}

// Index is that of the file as it is now.
func (a *Archive) Index() *Index { return &Index{size: a.size, data: a.data, keys: a.keys} }

// open is OpenArchive for a file that x was made of; one that has another size by now, or was not
// listed (nil), is listed.
func (x *Index) open(r io.ReaderAt, size int64, name string) (*Archive, error) {
	if x == nil || x.size != size {
		return OpenArchive(r, size, name)
	}
	file, err := hdf5.Open(r, size, name)
	if err != nil {
		return nil, err
	}
	return &Archive{file: file, name: name, size: size, data: x.data.On(file), keys: x.keys}, nil
}

func (a *Archive) errorf(code, format string, args ...any) *diag.Diagnostic {
	return diag.Errorf(diag.Pos{File: a.name}, code, format, args...)
}

// noData tells what is in a file without the group data.
func (a *Archive) noData(names []string) error {
	if slices.Contains(names, "train") || slices.Contains(names, "test") {
		return a.errorf(codeUnsupported, "found recordings in the older form of dcll (train/N/time), expected data/KEY/times, data/KEY/addrs").WithFix(fixOldKeys)
	}
	return a.errorf(codeUnsupported, "found a HDF5 file with %s, expected recordings in the group data", someOf(names)).WithFix(fixNoArchive)
}

// someOf lists the first of some names, and the last.
func someOf(names []string) string {
	if len(names) == 0 {
		return "nothing in it"
	}
	if len(names) <= shownKeys {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s … %s (%d in all)", strings.Join(names[:shownKeys-1], ", "), names[len(names)-1], len(names))
}

// compareKeys puts numbers first, by their size, and then other names.
func compareKeys(a, b string) int {
	x, errX := strconv.ParseUint(a, 10, 64)
	y, errY := strconv.ParseUint(b, 10, 64)
	switch {
	case errX == nil && errY == nil:
		return cmp.Or(cmp.Compare(x, y), strings.Compare(a, b))
	case errX == nil:
		return -1
	case errY == nil:
		return 1
	}
	return strings.Compare(a, b)
}

// Keys lists the recordings, those whose keys are numbers first and by number.
func (a *Archive) Keys() []string { return slices.Clone(a.keys) }

// Part lists the recordings of a part, "train" or "test", in the order of Keys; known is
// false where the file does not tell.
func (a *Archive) Part(name string) (keys []string, known bool, err error) {
	root, list := a.file.Root(), name+"_keys"
	if has, err := root.Has("extra"); err != nil || !has {
		return nil, false, err
	}
	extra, err := root.Group("extra")
	if err != nil {
		return nil, false, err
	}
	if has, err := extra.Has(list); err != nil || !has {
		return nil, false, err
	}
	d, err := extra.Dataset(list)
	if err != nil {
		return nil, false, err
	}
	if keys, err = keyTexts(d); err != nil {
		return nil, false, err
	}
	slices.SortFunc(keys, compareKeys)
	for i, key := range keys {
		if _, ok := slices.BinarySearchFunc(a.keys, key, compareKeys); !ok {
			return nil, false, a.noKey(key).WithNote("the key is in extra/%s", list)
		}
		if i > 0 && keys[i-1] == key {
			return nil, false, a.errorf(codeHeader, "found the key %q twice in extra/%s, expected every recording once", key, list).WithFix(fixCopy)
		}
	}
	return keys, true, nil
}

// keyTexts reads keys that are numbers or texts.
func keyTexts(d *hdf5.Dataset) ([]string, error) {
	if d.Kind() == hdf5.String {
		return d.Strings(maxKeys)
	}
	numbers, err := d.Ints(maxKeys)
	keys := make([]string, len(numbers))
	for i, n := range numbers {
		keys[i] = strconv.FormatInt(n, 10)
	}
	return keys, err
}

func (a *Archive) noKey(key string) *diag.Diagnostic {
	d := a.errorf(codeKey, "found no recording %q, expected one of %s", key, someOf(a.keys))
	if near, ok := diag.Nearest(key, a.keys); ok && strings.Trim(key, "0123456789") != "" {
		return d.WithFix("did you mean %q?", near)
	}
	return d.WithFix("use a key of the file")
}

// Label is the class of a recording as the file has it, false where it has none.
func (a *Archive) Label(key string) (label int64, labelled bool, err error) {
	g, err := a.group(key)
	if err != nil {
		return 0, false, err
	}
	if has, err := g.Has("labels"); err != nil || !has {
		return 0, false, err
	}
	d, err := g.Dataset("labels")
	if err != nil {
		return 0, false, err
	}
	label, err = d.Int()
	return label, err == nil, err
}

func (a *Archive) group(key string) (*hdf5.Group, error) {
	if _, ok := slices.BinarySearchFunc(a.keys, key, compareKeys); !ok {
		return nil, a.noKey(key)
	}
	return a.data.Group(key)
}

// clip is the events of one recording.
type clip struct {
	key          string
	times, addrs *hdf5.Dataset
	events       int
}

// clip finds the arrays of a recording and holds their shapes against each other and against
// the size of the file.
func (a *Archive) clip(key string) (*clip, error) {
	g, err := a.group(key)
	if err != nil {
		return nil, err
	}
	c := &clip{key: key}
	for _, part := range []struct {
		name string
		to   **hdf5.Dataset
	}{{"times", &c.times}, {"addrs", &c.addrs}} {
		if *part.to, err = g.Dataset(part.name); err != nil {
			return nil, err
		}
		if kind := (*part.to).Kind(); kind != hdf5.Int && kind != hdf5.Uint {
			return nil, a.errorf(codeUnsupported, "found %s in %s, expected integers", (*part.to).Type(), (*part.to).Name()).WithFix("write times as uint32 and addrs as uint8")
		}
	}
	shape := c.times.Shape()
	if c.events = c.times.Rows(); len(shape) != 1 || !c.addressed() {
		return nil, a.errorf(codeHeader, "found times of shape %v and addrs of shape %v in %s, expected [N] and [N 3]", shape, c.addrs.Shape(), g.Name()).
			WithFix("write one time and one address (three values) for every event")
	}
	if c.least() > a.size {
		return nil, a.errorf(codeTooLarge, "found %d events in %s of a file of %d bytes, expected no more than it can hold", c.events, g.Name(), a.size).WithFix(fixCopy)
	}
	return c, nil
}

// clips gives the recordings in turn. It ends where they have more events together than the file
// can hold: the keys of a file may be many names of one array.
func (a *Archive) clips(take func(c *clip) error) error {
	left := a.size
	for _, key := range a.keys {
		c, err := a.clip(key)
		if err != nil {
			return err
		}
		if left -= c.least(); left < 0 {
			return a.errorf(codeTooLarge, "found more events up to recording %s than a file of %d bytes can hold, expected each array under one key", key, a.size).
				WithFix("%s, or read its recordings one by one, as %s#KEY", fixCopy, a.name)
		}
		if err := take(c); err != nil {
			return err
		}
	}
	return nil
}

// addressed tells that there is an address for each event.
func (c *clip) addressed() bool {
	return slices.Equal(c.addrs.Shape(), []int{c.events, addressValues}) || c.events == 0 && c.addrs.Len() == 0
}

// least is the fewest bytes of the file that the addresses take, packed as well as can be. An array
// that was never written takes nothing, and is held against the same bound.
func (c *clip) least() int64 {
	if c.addrs.Filtered() {
		return int64(c.events) * addressValues / hdf5.MaxInflation
	}
	return int64(c.events) * addressValues
}

// errAxes ends the search for the order of addresses.
var errAxes = errors.New("the order is known")

// Axes is the order of the values in all addresses: the one of AxesNames that the values
// leave, XYP for a file without events.
func (a *Archive) Axes() (Axes, error) {
	if a.axes != "" {
		return a.axes, nil
	}
	events := 0
	err := a.clips(func(c *clip) error {
		events += c.events
		return a.decide(c)
	})
	switch {
	case errors.Is(err, errAxes):
		return a.axes, nil
	case err != nil:
		return "", err
	case events == 0:
		a.axes = XYP
		return a.axes, nil
	}
	return "", a.errorf(codeAxes, "found no address whose first or last value is above 1, so nothing tells the order x, y, p from p, x, y").
		WithFix("name it: axes: xyp under stimulus in a model, --axes xyp in a command; or pxy")
}

// decide sets the order by the first event that tells it, which errAxes says.
func (a *Archive) decide(c *clip) error {
	for from := 0; from < c.events; from += archiveRows {
		values, err := c.addrs.IntsAt(from, min(archiveRows, c.events-from))
		if err != nil {
			return err
		}
		for i := 0; i < len(values); i += addressValues {
			first, last := values[i] > 1, values[i+addressValues-1] > 1
			switch {
			case first && last:
				return a.errorf(codeAxes, "found the address %d in %s, where neither the first nor the last value can be a polarity", values[i:i+addressValues], c.addrs.Name()).
					WithFix("write x, y, p or p, x, y with a polarity of 0 or 1")
			case first:
				a.axes = XYP
				return errAxes
			case last:
				a.axes = PXY
				return errAxes
			}
		}
	}
	return nil
}

// Open opens a recording. axes is the order of its addresses, "" for the one that the file
// tells (Axes).
func (a *Archive) Open(key string, axes Axes) (*Reader, error) {
	c, err := a.clip(key)
	if err != nil {
		return nil, err
	}
	return a.reader(c, axes)
}

// Each opens all recordings in the order of Keys, and ends with the first error. Together they
// have no more events than the file can hold.
func (a *Archive) Each(axes Axes, take func(key string, r *Reader) error) error {
	return a.clips(func(c *clip) error {
		r, err := a.reader(c, axes)
		if err != nil {
			return err
		}
		return take(c.key, r)
	})
}

func (a *Archive) reader(c *clip, axes Axes) (*Reader, error) {
	s := &source{file: a.name}
	s.info.Format = archiveFormat
	d, err := a.open(s, c, axes)
	if err != nil {
		return nil, err
	}
	return &Reader{source: s, decoder: d}, nil
}

const archiveFormat = "hdf5"

func (a *Archive) open(s *source, c *clip, axes Axes) (decoder, error) {
	var err error
	if axes == "" {
		if axes, err = a.Axes(); err != nil {
			return nil, err
		}
	}
	place, known := axesPlaces[axes]
	if !known {
		return nil, a.errorf(codeAxes, "the order %q is not known", axes).WithFix("use %s", strings.Join(AxesNames(), " or "))
	}
	if err := a.describe(s, c.key); err != nil {
		return nil, err
	}
	s.info.Notes = append(s.info.Notes, fmt.Sprintf("recording %s; addresses are %s", c.key, axes))
	return &archived{a: a, clip: c, axes: axes, place: place}, nil
}

// describe takes the text about a recording.
func (a *Archive) describe(s *source, key string) error {
	g, err := a.group(key)
	if err != nil {
		return err
	}
	all, err := g.Attributes()
	if err != nil {
		return err
	}
	for _, x := range all {
		if x.Name() != "meta_info" || x.Kind() != hdf5.String {
			continue
		}
		text, err := x.Text()
		if err != nil {
			return err
		}
		s.info.Header = append(s.info.Header, fmt.Sprintf("%.*s", maxLineBytes, strings.ToValidUTF8(text, "?")))
	}
	return nil
}

// archived decodes a recording of an archive.
type archived struct {
	a *Archive
	*clip
	axes  Axes
	place [3]int // of x, y and p
	at    int    // events so far
}

func (d *archived) decode(q []Event) ([]Event, error) {
	n := min(archiveRows, d.events-d.at)
	if n == 0 {
		return q, io.EOF
	}
	times, err := d.times.IntsAt(d.at, n)
	if err != nil {
		return q, err
	}
	addrs, err := d.addrs.IntsAt(d.at, n)
	if err != nil {
		return q, err
	}
	for i, t := range times {
		v := addrs[addressValues*i:]
		x, y, p := v[d.place[0]], v[d.place[1]], v[d.place[2]]
		if wrong := d.wrong(t, x, y, p); wrong != "" {
			return q, d.a.errorf(codeEvent, "event %d of recording %s: found %s", d.at+i, d.key, wrong).
				WithFix("%s; or name the other order of its addresses (axes), now %s", fixCopy, d.axes)
		}
		q = append(q, Event{T: t, X: int32(x), Y: int32(y), P: uint8(p)})
	}
	d.at += n
	return q, nil
}

// wrong tells what no event has.
func (d *archived) wrong(t, x, y, p int64) string {
	const most = 1<<31 - 1
	switch {
	case t < 0 || t > MaxTime:
		return fmt.Sprintf("the time %d, expected 0 to 2^53 us", t)
	case x < 0 || x > most || y < 0 || y > most:
		return fmt.Sprintf("x = %d, y = %d, expected 0 to %d", x, y, most)
	case p < 0 || p > 1:
		return fmt.Sprintf("polarity %d, expected 0 or 1", p)
	}
	return ""
}

// openHDF5 opens the recording that the caller names, or the only one.
func openHDF5(s *source) (decoder, error) {
	if s.whole == nil {
		return nil, s.errorf(codeUnsupported, "found a HDF5 file that is no plain file, expected one that can be read at any place").
			WithFix("unpack the file first, and give its name")
	}
	size, err := s.size()
	if err != nil {
		return nil, err
	}
	a, err := s.member.Index.open(s.whole, size, s.file)
	if err != nil {
		return nil, err
	}
	key := s.member.Key
	if key == "" {
		if len(a.keys) > 1 {
			return nil, a.errorf(codeKey, "found %d recordings, expected the key of one: %s", len(a.keys), someOf(a.keys)).
				WithFix("name one as %s#%s", s.file, a.keys[0])
		}
		key = a.keys[0]
	}
	c, err := a.clip(key)
	if err != nil {
		return nil, err
	}
	return a.open(s, c, s.member.Axes)
}
