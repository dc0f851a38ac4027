package weights

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"decc/ir/diag"
)

// shared finds a file that lives beside the repository, or skips.
func shared(t *testing.T, elem ...string) string {
	t.Helper()
	folder := os.Getenv("DECC_SHARED")
	if folder == "" {
		folder = filepath.Join(repositoryRoot(t), "..", "shared")
	}
	path := filepath.Join(append([]string{folder}, elem...)...)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		t.Skipf("%s is not beside the repository and DECC_SHARED does not name its folder", filepath.Join(elem...))
	}
	return path
}

func repositoryRoot(t *testing.T) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		if folder == filepath.Dir(folder) {
			t.Fatal("no go.mod above the test")
		}
		folder = filepath.Dir(folder)
	}
}

// member is one file of a zip.
type member struct{ name, content string }

// zipped makes a zip of stored or deflated members.
func zipped(method uint16, members ...member) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, m := range members {
		w, err := z.CreateHeader(&zip.FileHeader{Name: m.name, Method: method})
		if err != nil {
			panic(err)
		}
		if _, err := w.Write([]byte(m.content)); err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// npy makes a version 1 array of a header's text and the bytes of its elements.
func npy(header, elements string) string {
	return "\x93NUMPY\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(header)))) + header + elements
}

func npyOf(descr, order, shape, elements string) string {
	return npy("{'descr': '"+descr+"', 'fortran_order': "+order+", 'shape': "+shape+", }\n", elements)
}

// le lays values out as little-endian bytes.
func le(values ...any) string {
	var out []byte
	for _, v := range values {
		var err error
		if out, err = binary.Append(out, binary.LittleEndian, v); err != nil {
			panic(err)
		}
	}
	return string(out)
}

// safetensors makes a file of a header's JSON and the bytes of its tensors.
func safetensors(header, data string) []byte {
	return []byte(le(uint64(len(header))) + header + data)
}

// The parts of pickles, as Python's pickle writes them in protocol 2.

func pickled(value string) string { return "\x80\x02" + value + "." }

func pyText(s string) string { return "X" + le(uint32(len(s))) + s }

func pyInt(i int32) string { return "J" + le(i) }

func pyLong(b ...byte) string { return "\x8a" + le(uint8(len(b))) + string(b) }

func pyFloat(f float64) string {
	bits, err := binary.Append(nil, binary.BigEndian, f)
	if err != nil {
		panic(err)
	}
	return "G" + string(bits)
}

func pyTuple(items ...string) string { return "(" + join(items) + "t" }

func pyList(items ...string) string { return "](" + join(items) + "e" }

// pyDict takes keys and values in turn, all pickled.
func pyDict(items ...string) string { return "}(" + join(items) + "u" }

func pyOrdered(items ...string) string {
	return pyGlobal("collections", "OrderedDict") + ")R(" + join(items) + "u"
}

func pyGlobal(module, name string) string { return "c" + module + "\n" + name + "\n" }

func join(items []string) string {
	var out string
	for _, s := range items {
		out += s
	}
	return out
}

func pyInts(values ...int32) string {
	items := make([]string, len(values))
	for i, v := range values {
		items[i] = pyInt(v)
	}
	return pyTuple(items...)
}

// pyStorage refers to a storage as zip files do, or with legacy as files before 1.6.
func pyStorage(class, key string, count int32, legacy bool) string {
	fields := []string{pyText("storage"), pyGlobal("torch", class), pyText(key), pyText("cpu"), pyInt(count)}
	if legacy {
		fields = append(fields, "N")
	}
	return pyTuple(fields...) + "Q"
}

// pyTensor rebuilds a tensor of a storage.
func pyTensor(storage string, offset int32, size, stride string) string {
	hooks := pyGlobal("collections", "OrderedDict") + ")R"
	return pyGlobal("torch._utils", "_rebuild_tensor_v2") + pyTuple(storage, pyInt(offset), size, stride, "\x89", hooks) + "R"
}

func pyParameter(tensor string) string {
	return pyGlobal("torch._utils", "_rebuild_parameter") + pyTuple(tensor, "\x88", "N") + "R"
}

// torchZipOf makes a torch.save file of a pickled value and storages by key.
func torchZipOf(value string, stores ...member) []byte {
	members := []member{{"m/data.pkl", pickled(value)}}
	for _, s := range stores {
		members = append(members, member{"m/data/" + s.name, s.content})
	}
	return zipped(zip.Store, append(members, member{"m/version", "3\n"})...)
}

const legacyMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"

// torchLegacyOf makes a torch.save file before 1.6. The content of a store starts
// with its count.
func torchLegacyOf(value string, stores ...member) []byte {
	system := pyDict(pyText("protocol_version"), pyInt(legacyProtocol), pyText("little_endian"), "\x88")
	out := pickled(pyLong([]byte(legacyMagic)...)) + pickled(pyInt(legacyProtocol)) + pickled(system) + pickled(value)
	var keys []string
	var data string
	for _, s := range stores {
		keys = append(keys, pyText(s.name))
		data += s.content
	}
	return []byte(out + pickled(pyList(keys...)) + data)
}

// decode reads under the default limits.
func decode(t *testing.T, name string, data []byte) *File {
	t.Helper()
	f, err := Decode(name, data, DefaultLimits())
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return f
}

// wantTensor compares all but the name.
func wantTensor(t *testing.T, f *File, name string, dtype DType, shape []int, data ...float64) {
	t.Helper()
	got, err := f.Lookup(name)
	if err != nil {
		t.Errorf("%v (have %v)", err, f.Names())
		return
	}
	if got.DType != dtype || !slices.Equal(got.Shape, shape) || !slices.Equal(got.Data, data) {
		t.Errorf("%s: found %v %v %v, expected %v %v %v", name, got.DType, got.Shape, got.Data, dtype, shape, data)
	}
}

// codeOf is the code of a diagnostic, "" for no error; any other error fails.
func codeOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	found := diag.All(err)
	if len(found) == 0 {
		t.Fatalf("not a diagnostic: %v", err)
	}
	if found[0].Fix == "" && len(found[0].Notes) == 0 && found[0].Code != codeNotFound {
		t.Errorf("no fix: %v", err)
	}
	return found[0].Code
}
