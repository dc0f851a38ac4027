package weights

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

// recordsHead is a npy header of version 1.0 with that type and shape.
func recordsHead(descr, shape string) []byte {
	text := "{'descr': " + descr + ", 'fortran_order': True, 'shape': " + shape + ", }\n"
	return append([]byte{0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, byte(len(text)), byte(len(text) >> 8)}, text...)
}

func TestNPYRecords(t *testing.T) {
	head := recordsHead("[('t', '>u4'), ('', '|V3'), (\"x\", '<i2'), ('p', '|b1')]", "(7, 2L)")
	got, err := ParseNPYRecords(append(head, 1, 2, 3))
	want := NPYRecords{
		Fields: []NPYField{{"t", U32, true, 0}, {"x", I16, false, 7}, {"p", Bool, false, 9}},
		Size:   10, Shape: []int{7, 2}, Fortran: true, Start: len(head),
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v, %v; want %+v", got, err, want)
	}
	record := []byte{0, 0, 1, 2, 9, 9, 9, 0xfe, 0xff, 3}
	for i, value := range []float64{258, -2, 1} {
		if v, exact := got.Fields[i].Value(record); v != value || !exact {
			t.Errorf("%s is %v, want %v", got.Fields[i].Name, v, value)
		}
	}
	if !bytes.Equal(record, []byte{0, 0, 1, 2, 9, 9, 9, 0xfe, 0xff, 3}) {
		t.Error("reading changes the record")
	}
	plain, err := ParseNPYRecords(recordsHead("'<f8'", "()"))
	if err != nil || plain.Size != 8 || !reflect.DeepEqual(plain.Fields, []NPYField{{"", F64, false, 0}}) || len(plain.Shape) != 0 {
		t.Errorf("%+v, %v", plain, err)
	}
	for _, bad := range []struct{ descr, shape, says string }{
		{"'<U4'", "(1,)", "expected a float, integer or bool"},
		{"[]", "(1,)", "without fields"},
		{"'|V4'", "(1,)", "without fields"},
		{"[('a', '<f4'), ('raw', '|V4')]", "(1,)", `the field "raw" of the type "|V4"`},
		{"[('a', '<f4', (2,))]", "(1,)", "expected (name, type)"},
		{"[('a', [('b', '<f4')])]", "(1,)", "expected (name, type)"},
		{"[('', '|V4096')]", "(1,)", "padding"},
		{"[('', '|V4095'), ('a', '<f4')]", "(1,)", "a record of more than 4096 bytes"},
		{"'<f4'", "(-1,)", "expected descr, fortran_order and shape"},
		{"'<f4'", "(99999999999, 99999999999)", "fewer than 2^48"},
	} {
		if _, err := ParseNPYRecords(recordsHead(bad.descr, bad.shape)); err == nil || !strings.Contains(err.Error(), bad.says) {
			t.Errorf("%s %s: %v, want %s", bad.descr, bad.shape, err, bad.says)
		}
	}
}

// What is written is what is read, and begins at a multiple of 64 bytes.
func TestFormatNPYRecords(t *testing.T) {
	for size, fields := range map[int][]NPYField{
		13: {{"x", I32, false, 0}, {"p", U8, false, 4}, {"t", I64, false, 5}},
		8:  {{"", I64, false, 0}},
	} {
		head := FormatNPYRecords(fields, 12)
		got, err := ParseNPYRecords(head)
		if err != nil || !reflect.DeepEqual(got, NPYRecords{Fields: fields, Size: size, Shape: []int{12}, Start: len(head)}) || len(head)%64 != 0 {
			t.Errorf("%q: %+v, %v", head, got, err)
		}
	}
}
