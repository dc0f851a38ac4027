package weights

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The members of an npz are byte for byte those that numpy wrote.
func TestNPZMembersAreNumpys(t *testing.T) {
	path := shared(t, "data", "checkpoints", "mnist_mlp_128_128.npz")
	f, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := EncodeNPZ(&out, f); err != nil {
		t.Fatal(err)
	}
	original, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, got := unzipped(t, original), unzipped(t, out.Bytes())
	if len(want) != len(f.Tensors) || len(got) != len(want) {
		t.Fatalf("%d members, expected %d", len(got), len(want))
	}
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s differs from numpy's", name)
		}
	}
}

func unzipped(t *testing.T, data []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(content)
	}
	return out
}

// All dtypes survive safetensors; npz widens those that numpy lacks.
func TestRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFile(t)
		var npz, safe bytes.Buffer
		if err := errors.Join(EncodeNPZ(&npz, f), EncodeSafetensors(&safe, f)); err != nil {
			t.Fatal(err)
		}
		fromSafe, errSafe := Decode("s", safe.Bytes(), DefaultLimits())
		fromNPZ, errNPZ := Decode("n", npz.Bytes(), DefaultLimits())
		if err := errors.Join(errSafe, errNPZ); err != nil {
			t.Fatal(err)
		}
		if !sameTensors(f, fromSafe) {
			t.Fatal("safetensors changed the tensors")
		}
		for i := range f.Tensors {
			if dtypes[f.Tensors[i].DType].numpy == "" {
				f.Tensors[i].DType = F32
			}
		}
		if !sameTensors(f, fromNPZ) {
			t.Fatal("npz changed the tensors")
		}
	})
}

// drawFile makes tensors out of random stored bytes.
func drawFile(t *rapid.T) *File {
	var tensors []Tensor
	names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-zé.]{1,6}`), 0, 4, rapid.ID[string]).Draw(t, "names")
	for _, name := range names {
		dtype := DType(rapid.IntRange(0, len(dtypes)-1).Draw(t, "dtype"))
		shape := rapid.SliceOfN(rapid.IntRange(0, 3), 0, 3).Draw(t, "shape")
		n, _ := elements(shape)
		data := make([]float64, n)
		for i := range data {
			word := rapid.SliceOfN(rapid.Byte(), dtype.Size(), dtype.Size()).Draw(t, "word")
			value, exact := dtypes[dtype].decode(word)
			if exact {
				data[i] = value
			} else {
				data[i] = maxExact
			}
		}
		tensors = append(tensors, Tensor{name, dtype, shape, data})
	}
	f, err := NewFile(tensors...)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestWritersAreDeterministic(t *testing.T) {
	make := func(order ...int) *File {
		all := []Tensor{{"b", I8, []int{1}, []float64{1}}, {"a", F64, []int{1}, []float64{2}}, {"c", I16, []int{}, []float64{3}}}
		f, err := NewFile(all[order[0]], all[order[1]], all[order[2]])
		if err != nil {
			t.Fatal(err)
		}
		f.Meta = map[string]string{"x": "1", "y": "2", "z": "3", "w": "4"}
		return f
	}
	for name, encode := range map[string]func(io.Writer, *File) error{"npz": EncodeNPZ, "safetensors": EncodeSafetensors} {
		var first, second bytes.Buffer
		if err := errors.Join(encode(&first, make(0, 1, 2)), encode(&second, make(2, 1, 0))); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%s: the order of making shows", name)
		}
	}
}

func TestSafetensorsLayout(t *testing.T) {
	f, err := NewFile(Tensor{"a", I8, []int{1}, []float64{1}}, Tensor{"b", F64, nil, []float64{2}}, Tensor{"c\"", I16, []int{1, 1}, []float64{3}})
	if err != nil {
		t.Fatal(err)
	}
	f.Meta = map[string]string{"k": "v"}
	var out bytes.Buffer
	if err := EncodeSafetensors(&out, f); err != nil {
		t.Fatal(err)
	}
	header := `{"__metadata__":{"k":"v"},"b":{"dtype":"F64","shape":[],"data_offsets":[0,8]},` +
		`"c\"":{"dtype":"I16","shape":[1,1],"data_offsets":[8,10]},"a":{"dtype":"I8","shape":[1],"data_offsets":[10,11]}}`
	header += strings.Repeat(" ", (8-len(header)%8)%8)
	if want := string(safetensors(header, le(2.0, int16(3), int8(1)))); out.String() != want {
		t.Errorf("found\n%q, expected\n%q", out.String(), want)
	}
	if again := decode(t, "again", out.Bytes()); again.Meta["k"] != "v" {
		t.Errorf("meta %v", again.Meta)
	}
}

func TestUnrepresentable(t *testing.T) {
	for name, c := range map[string]struct {
		dtype DType
		value float64
		ok    bool
	}{
		"I8 top":         {I8, 127, true},
		"I8 over":        {I8, 128, false},
		"I8 bottom":      {I8, -128, true},
		"I8 under":       {I8, -129, false},
		"I8 half":        {I8, 0.5, false},
		"I8 NaN":         {I8, math.NaN(), false},
		"U8 top":         {U8, 255, true},
		"U8 over":        {U8, 256, false},
		"U8 minus":       {U8, -1, false},
		"I64 top":        {I64, maxExact, true},
		"I64 over":       {I64, maxExact + 2, false},
		"I64 bottom":     {I64, -maxExact, true},
		"U64 infinite":   {U64, math.Inf(1), false},
		"bool one":       {Bool, 1, true},
		"bool two":       {Bool, 2, false},
		"bool NaN":       {Bool, math.NaN(), false},
		"F32 rounds":     {F32, 0.1, true},
		"F32 over":       {F32, 1e39, false},
		"F32 infinite":   {F32, math.Inf(-1), true},
		"F16 exact":      {F16, -65504, true},
		"F16 over":       {F16, 65520, false},
		"F16 rounds":     {F16, 0.1, false},
		"F16 infinite":   {F16, math.Inf(-1), true},
		"F16 least":      {F16, math.Ldexp(1, -24), true},
		"F16 below":      {F16, math.Ldexp(1, -25), false},
		"BF16 exact":     {BF16, -3.140625, true},
		"BF16 rounds":    {BF16, math.Pi, false},
		"E4M3 top":       {F8E4M3, 448, true},
		"E4M3 infinite":  {F8E4M3, math.Inf(1), false},
		"E4M3 NaN":       {F8E4M3, math.NaN(), true},
		"E8M0 half":      {F8E8M0, 0.5, true},
		"E8M0 three":     {F8E8M0, 3, false},
		"E8M0 zero":      {F8E8M0, 0, false},
		"E8M0 minus":     {F8E8M0, -1, false},
		"E8M0 too large": {F8E8M0, math.Ldexp(1, 128), false},
	} {
		f := &File{Tensors: []Tensor{{"w", c.dtype, []int{2}, []float64{1, c.value}}}}
		err := EncodeSafetensors(io.Discard, f)
		if c.ok != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && (codeOf(t, err) != codeUnrepresented || !strings.Contains(err.Error(), "element [1]")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	f := &File{Tensors: []Tensor{{safetensorsMeta, I8, nil, []float64{1}}}}
	if err := EncodeSafetensors(io.Discard, f); codeOf(t, err) != codeUnrepresented {
		t.Errorf("a tensor named as the metadata: %v", err)
	}
	f = &File{Tensors: []Tensor{{"b", I8, nil, []float64{1}}, {"a", I8, nil, []float64{1}}}}
	for _, encode := range []func(io.Writer, *File) error{EncodeNPZ, EncodeSafetensors} {
		if err := encode(io.Discard, f); codeOf(t, err) != codeDuplicate {
			t.Errorf("out of order: %v", err)
		}
	}
}

func TestWriteFiles(t *testing.T) {
	folder := t.TempDir()
	f, err := NewFile(Tensor{"w", I8, []int{1}, []float64{1}})
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(string, *File) error{"a.npz": WriteNPZ, "a.safetensors": WriteSafetensors} {
		path := filepath.Join(folder, name)
		if err := write(path, f); err != nil {
			t.Fatal(err)
		}
		again, err := Load(path)
		if err != nil || !sameTensors(f, again) {
			t.Errorf("%s: %v", name, err)
		}
		bad := &File{Tensors: []Tensor{{"w", I8, []int{1}, []float64{0.5}}}}
		if err := write(path, bad); codeOf(t, err) != codeUnrepresented {
			t.Errorf("%s: %v", name, err)
		}
		if again, err := Load(path); err != nil || !sameTensors(f, again) {
			t.Errorf("%s did not stay as it was: %v", name, err)
		}
	}
	wantFolder(t, folder, "a.npz", "a.safetensors")
}

func wantFolder(t *testing.T, folder string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, e := range entries {
		found = append(found, e.Name())
	}
	if !slices.Equal(found, names) {
		t.Errorf("the folder holds %v, expected %v", found, names)
	}
}

// A name beyond ASCII must be marked as UTF-8, or readers take it for code page 437.
func TestNPZNamesAreUTF8(t *testing.T) {
	f, err := NewFile(Tensor{"é", I8, nil, []float64{1}}, Tensor{"e", I8, nil, []float64{1}})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := EncodeNPZ(&out, f); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for i, marked := range []bool{false, true} {
		if got := z.File[i].Flags&0x800 != 0; got != marked {
			t.Errorf("%s: marked %v", z.File[i].Name, got)
		}
	}
}
