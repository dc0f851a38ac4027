package weights

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestCheckpointFormatsAgree(t *testing.T) {
	for _, c := range []struct{ name, prefix string }{
		{"mnist_mlp_128_128", ""},
		{"mnist_conv_8_16_d32", "model_state_dict."},
	} {
		load := func(extension string) *File {
			f, err := Load(shared(t, "data", "checkpoints", c.name+extension))
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		npz, safe, torch := load(".npz"), load(".safetensors"), load(".pth")
		if len(npz.Tensors) < 12 || !reflect.DeepEqual(npz.Tensors, safe.Tensors) {
			t.Errorf("%s: npz and safetensors differ", c.name)
		}
		for _, want := range npz.Tensors {
			got, err := torch.Lookup(c.prefix + want.Name)
			if err != nil {
				t.Fatal(err)
			}
			if got.DType != F32 || !reflect.DeepEqual(got.Shape, want.Shape) || !reflect.DeepEqual(got.Data, want.Data) {
				t.Errorf("%s: %s differs between npz and pth", c.name, want.Name)
			}
		}
	}
}

func TestCheckpointScalars(t *testing.T) {
	f, err := Load(shared(t, "data", "checkpoints", "mnist_conv_8_16_d32.pth"))
	if err != nil {
		t.Fatal(err)
	}
	wantTensor(t, f, "epoch", I64, []int{}, 1)
	wantTensor(t, f, "optimizer_state_dict.param_groups.0.lr", F64, []int{}, 0.0002)
	wantTensor(t, f, "optimizer_state_dict.param_groups.0.maximize", Bool, []int{}, 0)
	wantTensor(t, f, "optimizer_state_dict.state.4.step", F32, []int{}, 6860)
	if len(f.Ignored) != 1 || f.Ignored[0] != "optimizer_state_dict.param_groups.0.foreach" {
		t.Errorf("ignored %v", f.Ignored)
	}
}

func TestTextMatrices(t *testing.T) {
	f, err := Load(shared(t, "data", "loihi-chip-reference", "w1_loihi_int.txt"))
	if err != nil {
		t.Fatal(err)
	}
	w, err := f.Lookup("w1_loihi_int")
	if err != nil {
		t.Fatal(err)
	}
	if w.DType != I64 || !reflect.DeepEqual(w.Shape, []int{25, 250}) {
		t.Fatalf("found %v %v", w.DType, w.Shape)
	}
	if got := []float64{w.Data[0], w.Data[1], w.Data[2]}; !reflect.DeepEqual(got, []float64{10, -14, -2}) {
		t.Errorf("starts with %v", got)
	}
	for i, v := range w.Data {
		if math.Mod(v, 2) != 0 {
			t.Fatalf("element %d = %v, all weights of this network are even", i, v)
		}
	}
}

func TestLoadRefusesWhatIsNoFile(t *testing.T) {
	folder := t.TempDir()
	for _, path := range []string{folder, filepath.Join(folder, "absent.npz")} {
		_, err := Load(path)
		if codeOf(t, err) != codeOpen {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}
}

func TestLoadChoosesByContent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weights.pth")
	if err := os.WriteFile(path, []byte(npyOf("|i1", "False", "(2,)", "\x01\xff")), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	wantTensor(t, f, "weights", I8, []int{2}, 1, -1)
	if f.Name != path {
		t.Errorf("name %q", f.Name)
	}
}

func TestLimits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.txt")
	if err := os.WriteFile(path, []byte("1 2 3 4 5"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := LoadWithin(path, Limits{Bytes: 8, Entries: 10})
	if codeOf(t, err) != codeLimit {
		t.Errorf("size of the file: %v", err)
	}
	wide := []byte(npyOf("|i1", "False", "(100,)", strings.Repeat("\x01", 100)))
	for name, data := range map[string][]byte{
		"text":         []byte("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30"),
		"decoded":      wide,
		"zip members":  zipped(0, member{"a.npy", ""}, member{"b.npy", ""}, member{"c.npy", ""}),
		"zip unpacked": zipped(8, member{"a.npy", strings.Repeat("x", 1000)}),
	} {
		limits := Limits{Bytes: max(200, int64(len(data))), Entries: 2}
		if name == "text" {
			limits.Bytes = 100
		}
		_, err := Decode(name, data, limits)
		if codeOf(t, err) != codeLimit {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLookup(t *testing.T) {
	f, err := NewFile(
		Tensor{Name: "model.fc1.weight", Data: []float64{1}},
		Tensor{Name: "fc2.weight", Data: []float64{2}},
		Tensor{Name: "a", Data: []float64{3}},
	)
	if err != nil {
		t.Fatal(err)
	}
	f.Ignored = []string{"note"}
	if got := f.Names(); !reflect.DeepEqual(got, []string{"a", "fc2.weight", "model.fc1.weight"}) {
		t.Errorf("names %v", got)
	}
	for name, hint := range map[string]string{
		"fc1.weight": `did you mean "model.fc1.weight"?`,
		"fc2.wieght": `did you mean "fc2.weight"?`,
		"note":       "neither a tensor nor a number",
	} {
		_, err := f.Lookup(name)
		if codeOf(t, err) != codeNotFound || !strings.Contains(err.Error(), hint) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := f.Lookup("zzzzzzzzzzzz"); err == nil || strings.Contains(err.Error(), "did you mean") {
		t.Errorf("a hint for a name like none: %v", err)
	}
	if got, ok := f.Get("a"); !ok || got.Data[0] != 3 {
		t.Errorf("Get: %v %v", got, ok)
	}
}

func TestNewFileRefuses(t *testing.T) {
	one := []float64{1}
	for name, c := range map[string]struct {
		tensors []Tensor
		code    string
	}{
		"twice":    {[]Tensor{{Name: "a", Data: one}, {Name: "a", Data: one}}, codeDuplicate},
		"no name":  {[]Tensor{{Data: one}}, codeDuplicate},
		"short":    {[]Tensor{{Name: "a", Shape: []int{2}, Data: one}}, codeShape},
		"negative": {[]Tensor{{Name: "a", Shape: []int{-1, -1}, Data: one}}, codeShape},
		"huge":     {[]Tensor{{Name: "a", Shape: []int{math.MaxInt, math.MaxInt}, Data: nil}}, codeShape},
		"dtype":    {[]Tensor{{Name: "a", DType: 200, Data: one}}, codeShape},
	} {
		_, err := NewFile(c.tensors...)
		if codeOf(t, err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckFinite(t *testing.T) {
	nan := Tensor{Name: "w", Shape: []int{2, 3}, Data: []float64{0, 1, 2, 3, math.NaN(), math.Inf(1)}}
	inf := Tensor{Name: "v", Shape: []int{1}, Data: []float64{math.Inf(-1)}}
	f, err := NewFile(nan, inf, Tensor{Name: "u", Data: []float64{1}})
	if err != nil {
		t.Fatal(err)
	}
	err = f.CheckFinite()
	if codeOf(t, err) != codeNotFinite {
		t.Fatal(err)
	}
	for _, want := range []string{`tensor "w": element [1 1] is NaN`, `tensor "v": element [0] is -Inf`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	if err := f.Tensors[0].CheckFinite(); err != nil {
		t.Errorf("finite: %v", err)
	}
	if err := nan.CheckFinite(); codeOf(t, err) != codeNotFinite {
		t.Errorf("tensor: %v", err)
	}
}

func TestUnknownFormats(t *testing.T) {
	for name, data := range map[string]string{
		"empty":  "",
		"jpeg":   "\xff\xd8\xff\xe0\x00\x10JFIF",
		"binary": "\x00\x01\x02\x03",
		"lfs":    "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n",
		"zip":    string(zipped(0, member{"readme.md", "hello"})),
	} {
		_, err := Decode(name, []byte(data), DefaultLimits())
		if codeOf(t, err) != codeFormat {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTextErrors(t *testing.T) {
	for text, c := range map[string]struct{ code, place string }{
		"1 2\n3 4 5\n":             {codeText, "w.txt:2:1"},
		"1, 2\n":                   {codeText, "w.txt:1:1"},
		"# c\n1 2 x\n":             {codeText, "w.txt:2:5"},
		"# only\n\n":               {codeText, "w.txt:1:1"},
		"1e999":                    {codeText, "w.txt:1:1"},
		"1 2\n3 9007199254740993":  {codeInexact, "w.txt:2:3"},
		"-9223372036854775809":     {codeInexact, "w.txt:1:1"},
		"18446744073709551616 1.5": {codeInexact, "w.txt:1:1"},
	} {
		_, err := Decode("w.txt", []byte(text), DefaultLimits())
		if codeOf(t, err) != c.code || !strings.HasPrefix(err.Error(), c.place+": ") {
			t.Errorf("%q: %v", text, err)
		}
		if c.code == codeInexact && strings.Contains(text, "\n") && !strings.Contains(err.Error(), "element [1 1]") {
			t.Errorf("%q names another element: %v", text, err)
		}
	}
}

func TestTextForms(t *testing.T) {
	f := decode(t, "dir/m.txt", []byte("# weights\r\n 1\t-2 # row\r\n\r\n+3 9007199254740992"))
	wantTensor(t, f, "m", I64, []int{2, 2}, 1, -2, 3, 1<<53)
	f = decode(t, "m", []byte("1 2.5e-1\n"))
	wantTensor(t, f, "m", F64, []int{1, 2}, 1, 0.25)
}

// Every prefix of every kind of file is refused, or is a shorter text matrix.
func TestEveryPrefix(t *testing.T) {
	for name, data := range samples() {
		t.Run(name, func(t *testing.T) {
			decode(t, name, data)
			for n := range data {
				f, err := Decode(name, data[:n], DefaultLimits())
				if err == nil && name != "text" {
					t.Fatalf("%d of %d bytes were read as %v", n, len(data), f.Names())
				}
				codeOf(t, err)
			}
		})
	}
}

// Every single changed byte gives a file or a diagnostic, and the same one twice.
func TestEveryChangedByte(t *testing.T) {
	for name, data := range samples() {
		t.Run(name, func(t *testing.T) {
			for at := range data {
				for _, flip := range []byte{0x01, 0x80, 0xff} {
					changed := bytes.Clone(data)
					changed[at] ^= flip
					checkDecoded(t, func() (*File, error) { return Decode(name, changed, smallLimits) })
				}
			}
		})
	}
}

// smallLimits keep a hostile file from taking a test's time.
var smallLimits = Limits{Bytes: 1 << 20, Entries: 256}

// checkDecoded holds what is true of every result, whatever the bytes.
func checkDecoded(t *testing.T, read func() (*File, error)) {
	t.Helper()
	f, err := read()
	again, errAgain := read()
	if err != nil {
		codeOf(t, err)
		if f != nil || errAgain == nil || err.Error() != errAgain.Error() {
			t.Fatalf("a file with an error, or another error: %v, %v", err, errAgain)
		}
		return
	}
	if errAgain != nil || !sameTensors(f, again) {
		t.Fatalf("two results of the same bytes: %v", errAgain)
	}
	if err := f.check(); err != nil {
		t.Fatal(err)
	}
	var total int64
	for _, x := range f.Tensors {
		total += int64(len(x.Data))
	}
	if total > smallLimits.Bytes/8+int64(smallLimits.Entries) {
		t.Fatalf("%d elements", total)
	}
	roundTrip(t, f)
}

// roundTrip writes a file and reads it back.
func roundTrip(t *testing.T, f *File) {
	t.Helper()
	var out bytes.Buffer
	err := EncodeSafetensors(&out, f)
	if err != nil {
		if codeOf(t, err) != codeUnrepresented {
			t.Fatal(err)
		}
		return
	}
	again, err := Decode("again", out.Bytes(), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if !sameTensors(f, again) {
		t.Fatal("safetensors changed the tensors")
	}
}

// sameTensors compares the bits, so that a NaN equals itself.
func sameTensors(a, b *File) bool {
	if len(a.Tensors) != len(b.Tensors) {
		return false
	}
	for i, x := range a.Tensors {
		y := b.Tensors[i]
		if x.Name != y.Name || x.DType != y.DType || !slices.Equal(x.Shape, y.Shape) || len(x.Data) != len(y.Data) {
			return false
		}
		for j := range x.Data {
			if x.Data[j] != y.Data[j] && !(math.IsNaN(x.Data[j]) && math.IsNaN(y.Data[j])) {
				return false
			}
		}
	}
	return true
}

// samples is a small sound file of each kind.
func samples() map[string][]byte {
	store := le([]float32{1, 2, 3, 4, 5, 6})
	value := func(legacy bool) string {
		floats := pyStorage("FloatStorage", "0", 6, legacy)
		return pyDict(
			pyText("epoch"), pyInt(3),
			pyText("w"), pyTensor(floats, 0, pyInts(2, 3), pyInts(3, 1)),
			pyText("lr"), pyFloat(0.5))
	}
	array := npyOf("<i2", "False", "(2, 2)", le([]int16{1, -2, 3, -4}))
	return map[string][]byte{
		"npy":  []byte(array),
		"npz":  zipped(0, member{"a.npy", array}, member{"b.npy", npyOf("<f8", "False", "()", le(0.5))}),
		"npzc": zipped(8, member{"a.npy", array}),
		"safetensors": safetensors(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"I8","shape":[],"data_offsets":[8,9]}}`,
			le([]float32{1, 2}, int8(-3))),
		"torch":  torchZipOf(value(false), member{"0", store}),
		"legacy": torchLegacyOf(value(true), member{"0", le(uint64(6)) + store}),
		"hdf5":   hdf5Sample(),
		"text":   []byte("# two rows\n1 2\n3 -4\n"),
	}
}
