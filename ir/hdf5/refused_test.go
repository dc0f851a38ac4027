package hdf5

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestRefused asks for what is not read or not there.
func TestRefused(t *testing.T) {
	root := opened(t, filepath.Join("testdata", "refused.h5")).Root()
	values := func(path string, read func(*Values) error) func() error {
		return func() error {
			d, err := root.Dataset(path)
			if err != nil {
				return err
			}
			return read(d.Values)
		}
	}
	ints := func(v *Values) error { _, err := v.Ints(0); return err }
	floats := func(v *Values) error { _, err := v.Floats(0); return err }
	words := func(v *Values) error { _, err := v.Strings(0); return err }
	for _, c := range []struct {
		read func() error
		code string
		tell string
	}{
		{values("lzf", ints), codeUnsupported, "lzf"},
		{values("scaleoffset", ints), codeUnsupported, "scaleoffset"},
		{values("compound", ints), codeType, "compound of 12 bytes"},
		{values("sequence", ints), codeType, "sequence of variable length"},
		{values("reference", words), codeType, "reference"},
		{values("external", ints), codeUnsupported, "external files"},
		{values("virtual", ints), codeUnsupported, "virtual"},
		{values("odd", floats), codeType, "not IEEE 754"},
		{values("half", ints), codeLoss, "element 0 of /half is 0.5"},
		{values("big", ints), codeLoss, "9223372036854775808"},
		{values("precise", floats), codeLoss, "element 1 of /precise is 9007199254740993"},
		{values("nan", ints), codeLoss, "NaN"},
		{values("half", words), codeType, "float64 little-endian"},
		{values("words", floats), codeType, "string"},
		{values("precise", func(v *Values) error { _, err := v.Ints(1); return err }), codeTooLarge, "2 elements"},
		{values("precise", func(v *Values) error { _, err := v.IntsAt(1, 2); return err }), codeRange, "rows 1 to 2"},
		{values("precise", func(v *Values) error { _, err := v.IntsAt(-1, 1); return err }), codeRange, "rows -1"},
		{values("precise", func(v *Values) error { _, err := v.Int(); return err }), codeType, "2 elements, expected one"},
		{values("soft", ints), codeLink, "/soft is a soft link to /half"},
		{values("away", ints), codeLink, "external link to other.h5:/x"},
		{values("halv", ints), codeNotFound, `"half"`},
		{values("nothing at all", ints), codeNotFound, "it has 16"},
		{values("group", ints), codeNotFound, "is a group"},
		{values("half/x", ints), codeNotFound, "is a dataset"},
		{func() error { _, err := root.Group("group/member"); return err }, codeNotFound, "is a dataset"},
		{func() error { _, err := root.Attribute("kepd"); return err }, codeNotFound, `"kepd"`},
	} {
		err := c.read()
		if err == nil || code(err) != c.code || !strings.Contains(err.Error(), c.tell) {
			t.Errorf("%v, expected %s that tells %q", err, c.code, c.tell)
		}
	}
	if v, err := root.Dataset("precise"); err != nil || floats(v.Values) == nil {
		t.Error(err)
	}
	links, err := root.Links()
	if err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(links, func(l Link) bool { return l.Name == "soft" }); links[i].Kind != Soft || links[i].Target != "/half" {
		t.Errorf("the soft link is %v", links[i])
	}
	for name, want := range map[string]bool{"soft": true, "sof": false} {
		if has, err := root.Has(name); has != want || err != nil {
			t.Errorf("Has(%q) = %v, %v", name, has, err)
		}
	}
}

func TestNoHDF5(t *testing.T) {
	for _, text := range []string{"", "<html>", Signature[:7], strings.Repeat("x", 5000)} {
		_, err := Open(strings.NewReader(text), int64(len(text)), "page.nir")
		if err == nil || code(err) != codeFormat {
			t.Errorf("%.10q: %v", text, err)
		}
	}
}

// brokenReader fails as a disk does.
type brokenReader struct{}

func (brokenReader) ReadAt([]byte, int64) (int, error) { return 0, errors.New("input/output error") }

func TestUnreadable(t *testing.T) {
	if _, err := Open(brokenReader{}, 1000, "disk.nir"); err == nil || code(err) != codeUnreadable {
		t.Errorf("%v", err)
	}
}

// TestLoop makes an object header continue in itself.
func TestLoop(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "earliest_strings.h5"))
	if err != nil {
		t.Fatal(err)
	}
	f := opened(t, filepath.Join("testdata", "earliest_strings.h5"))
	at := int(f.root)
	binary.LittleEndian.PutUint16(raw[at+2:], 60000) // messages
	first := at + 16
	binary.LittleEndian.PutUint16(raw[first:], messageContinuation)
	binary.LittleEndian.PutUint64(raw[first+8:], uint64(first))
	binary.LittleEndian.PutUint64(raw[first+16:], 24)
	f, err = Open(bytes.NewReader(raw), int64(len(raw)), "loop.h5")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Root().Names(); err == nil || code(err) != codeLoop {
		t.Errorf("%v", err)
	}
}

// TestOldLayout rewrites the layout of a dataset in the form that files before HDF5 1.6
// have, which no library of today writes.
func TestOldLayout(t *testing.T) {
	path := filepath.Join("testdata", "earliest_numbers.h5")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d, err := opened(t, path).Root().Dataset("numbers/b_i4")
	if err != nil {
		t.Fatal(err)
	}
	want, err := d.Ints(0)
	if err != nil {
		t.Fatal(err)
	}
	m := d.head.find(messageLayout)
	where := binary.LittleEndian.Uint64(m.data[2:])
	old := binary.LittleEndian.AppendUint64([]byte{1, 1, layoutContiguous, 0, 0, 0, 0, 0}, where)
	old = binary.LittleEndian.AppendUint32(old, uint32(len(want)))
	if len(old) > len(m.data) {
		t.Fatalf("the message has only %d bytes", len(m.data))
	}
	copy(raw[m.at:], old)
	f, err := Open(bytes.NewReader(raw), int64(len(raw)), "old.h5")
	if err != nil {
		t.Fatal(err)
	}
	if d, err = f.Root().Dataset("numbers/b_i4"); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Ints(0); err != nil || !slices.Equal(got, want) {
		t.Errorf("%d, %v, expected %d", got, err, want)
	}
}
