package events

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"

	"decc/ir/diag"
)

// npyFile is a file of version 1.0 with that type and shape.
func npyFile(descr, shape string, elements []byte) []byte {
	head := fmt.Sprintf("{'descr': %s, 'fortran_order': False, 'shape': %s, }\n", descr, shape)
	return join("\x93NUMPY\x01\x00", words16(uint16(len(head))), head, elements)
}

func floats(list ...float32) []byte {
	var b []byte
	for _, v := range list {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

// fortranFile has the rows 3, 4, 1, 1.5 and 5, 6, 0, 2.
func fortranFile() []byte {
	return bytes.Replace(npyFile("'<f4'", "(2, 4)", floats(3, 5, 4, 6, 1, 0, 1.5, 2)), []byte("False"), []byte("True "), 1)
}

// npzFile has two events in four columns of different types.
func npzFile(deflated bool) []byte {
	return zipFile(deflated, "t", npyFile("'<i8'", "(2,)", append(words32(7, 1), words32(9, 0)...)), "x", npyFile("'|u1'", "(2,)", []byte{1, 2}),
		"y", npyFile("'>u2'", "(2,)", []byte{1, 0, 0, 3}), "p", npyFile("'|b1'", "(2,)", []byte{1, 0}))
}

// zipFile packs arrays under their names.
func zipFile(deflated bool, parts ...any) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		head := &zip.FileHeader{Name: parts[i].(string) + ".npy"}
		if deflated {
			head.Method = zip.Deflate
		}
		w, err := z.CreateHeader(head)
		if err == nil {
			_, err = w.Write(parts[i+1].([]byte))
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func TestColumns(t *testing.T) {
	want := []Event{{T: 1<<32 + 7, X: 1, Y: 256, P: 1}, {T: 9, X: 2, Y: 3}}
	for _, deflated := range []bool{false, true} {
		if got, r, err := read(bytes.NewReader(npzFile(deflated)), "a.npz"); err != nil || !reflect.DeepEqual(got, want) || r.Info().Format != "npz" {
			t.Errorf("%v, %v; want %v", got, err, want)
		}
	}
	rows := []Event{{T: 1500, X: 3, Y: 4, P: 1}, {T: 2000, X: 5, Y: 6}}
	if got, r, err := read(bytes.NewReader(fortranFile()), "a.npy"); err != nil || !reflect.DeepEqual(got, rows) || len(r.Info().Notes) != 1 {
		t.Errorf("%v, %v; want %v", got, err, rows)
	}
	// More events than a decode takes.
	n := blockRecords*2 + 5
	column := make([]byte, n)
	for i := range column {
		column[i] = byte(i)
	}
	part := npyFile("'|u1'", fmt.Sprintf("(%d,)", n), column)
	got, _, err := read(bytes.NewReader(zipFile(true, "y", part, "t", part, "p", part, "x", part, "more", []byte("text"))), "a.npz")
	if err != nil || len(got) != n {
		t.Fatalf("%d events, %v", len(got), err)
	}
	for i, e := range got {
		if v := int32(byte(i)); e != (Event{T: int64(v), X: v, Y: v, P: byte(i)}) {
			t.Fatalf("event %d is %+v", i, e)
		}
	}
}

func TestArrayFaults(t *testing.T) {
	one := npyFile("'|u1'", "(1,)", []byte{1})
	cut := npyFile("'|u1'", "(1,)", nil)
	huge := npyFile("'|u1'", "(281474976710656,)", []byte{1})
	for _, c := range []struct {
		name, code, message string
		data                []byte
	}{
		{"a.npy", codeHeader, "cannot be read", []byte("\x93NUMPY\x01\x00\x04\x00{}\n")},
		{"a.npy", codeHeader, "found the type \"<U3\"", npyFile("'<U3'", "(1, 4)", nil)},
		{"a.npy", codeUnsupported, "shape [3 5]", npyFile("'<f4'", "(3, 5)", make([]byte, 60))},
		{"a.npy", codeUnsupported, "the fields t, x, y and p", npyFile("[('t', '<i8'), ('x', '<i8')]", "(0,)", nil)},
		{"a.npy", codeUnsupported, "one row of records", npyFile("[('t', '<i8'), ('x', '<i8')]", "(1, 1)", make([]byte, 16))},
		{"a.npy", codeEvent, "p = -1", npyFile("'<f4'", "(1, 4)", floats(0, 0, -1, 0))},
		{"a.npy", codeEvent, "x = 0.5", npyFile("'<f4'", "(1, 4)", floats(0.5, 0, 0, 0))},
		{"a.npy", codeEvent, "t = NaN", npyFile("'<f4'", "(1, 4)", floats(0, 0, 0, float32(math.NaN())))},
		{"a.npy", codeEvent, "t beyond 2^53", npyFile("[('t', '<i8'), ('x', '|u1'), ('y', '|u1'), ('p', '|u1')]", "(1,)", []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0})},
		{"a.npy", codeHeader, "goes on after the last event", npyFile("'<f4'", "(0, 4)", []byte{1})},
		{"a.npy", codeTruncated, "1099511627775 more", npyFile("'|u1'", "(1099511627776, 4)", []byte{1, 2, 1, 0})},
		{"a.npy", codeHeader, "goes on after the last event", append(fortranFile(), 1)},
		{"a.npy", codeTruncated, "an element", fortranFile()[:len(fortranFile())-1]},
		{"a.npz", codePacket, "damaged ZIP", []byte("PK\x03\x04what")},
		{"a.npz", codeUnsupported, "no array p", zipFile(false, "t", one, "x", one, "y", one)},
		{"a.npz", codeUnsupported, "one row of numbers", zipFile(false, "t", npyFile("'|u1'", "(1, 1)", []byte{1}), "x", one, "y", one, "p", one)},
		{"a.npz", codeHeader, "found 2 elements, expected 1", zipFile(false, "t", one, "x", one, "y", npyFile("'|u1'", "(2,)", []byte{1, 1}), "p", one)},
		{"a.npz", codeTruncated, "an element", zipFile(true, "t", one, "x", one, "y", cut, "p", one)},
		{"a.npz", codeTruncated, "an element", zipFile(true, "t", huge, "x", huge, "y", huge, "p", huge)},
		{"a.npz", codeHeader, "goes on", zipFile(true, "t", one, "x", append(one[:len(one):len(one)], 1), "y", one, "p", one)},
		{"a.npz", codeEvent, "x = -1", zipFile(true, "t", one, "x", npyFile("'|i1'", "(1,)", []byte{0xff}), "y", one, "p", one)},
	} {
		_, _, err := read(bytes.NewReader(c.data), c.name)
		found := diag.All(err)
		if len(found) != 1 || found[0].Code != c.code || !strings.HasPrefix(found[0].Pos.File, c.name) || found[0].Fix == "" || !strings.Contains(found[0].Message, c.message) {
			t.Errorf("%v, want %s, %s", err, c.code, c.message)
		}
	}
	// What cannot be read at any place.
	_, _, err := read(io.MultiReader(bytes.NewReader(npzFile(true))), "a.npz")
	if found := diag.All(err); len(found) != 1 || found[0].Code != codeUnsupported {
		t.Errorf("a npz from a pipe: %v", err)
	}
}

func TestCSV(t *testing.T) {
	want := []Event{{T: -5, X: 2, Y: 3, P: 1}, {T: 9, X: 4, Y: 5}}
	for _, text := range []string{"t,x,y,p\n-5,2,3,1\n9,4,5,0\n", "x, Y ,pol,timestamp\r\n2, 3,1,-5\r\n\r\n4,5,0,9"} {
		if got, r, err := read(strings.NewReader(text), "any.txt"); err != nil || !reflect.DeepEqual(got, want) || r.Info().Format != "csv" {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
	for text, place := range map[string]string{
		"t,x,y,p\n1,2,3\n":                      "a.csv:2:1",
		"t,x,y,p\n1,2,3,4\n1,2,3,-1\n":          "a.csv:3:7",
		"t,x,y,p\n1,2,3,256\n":                  "a.csv:2:7",
		"t,x,y,p\n1.5,2,3,1\n":                  "a.csv:2:1",
		"t,x,y,p\n1,2147483648,3,1\n":           "a.csv:2:3",
		"t,x,y,p\n" + strings.Repeat("1", 5000): "a.csv:2:1",
	} {
		_, _, err := read(strings.NewReader(text), "a.csv")
		if found := diag.All(err); len(found) != 1 || found[0].Pos.String() != place || found[0].Fix == "" {
			t.Errorf("%.40q: %v, want it at %s", text, err, place)
		}
	}
	for _, text := range []string{"t,x,y\n", "t,x,y,x\n", "file,label\n", ""} {
		if _, _, err := read(strings.NewReader(text), "a.csv"); len(diag.All(err)) != 1 || diag.All(err)[0].Code != codeFormat {
			t.Errorf("%q: %v", text, err)
		}
	}
}
