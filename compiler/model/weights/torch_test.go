package weights

import (
	"archive/zip"
	"reflect"
	"strings"
	"testing"
)

// Tensors as training code leaves them: transposed, cut out of a larger storage,
// shared, parameters, nested in dictionaries and lists.
func torchValue(legacy bool) string {
	floats := pyStorage("FloatStorage", "0", 6, legacy)
	longs := pyStorage("LongStorage", "1", 2, legacy)
	return pyDict(
		pyText("epoch"), "K\x03",
		pyText("loss"), pyFloat(0.25),
		pyText("note"), pyText("best"),
		pyText("none"), "N",
		pyText("state"), pyOrdered(
			pyText("w"), pyTensor(floats, 0, pyInts(2, 3), pyInts(3, 1)),
			pyText("w.t"), pyTensor(floats, 0, pyInts(3, 2), pyInts(1, 3)),
			pyText("row"), pyTensor(floats, 3, pyInts(3), pyInts(1)),
			pyText("column"), pyTensor(floats, 1, pyInts(2), pyInts(3)),
			pyText("expanded"), pyTensor(floats, 5, pyInts(2, 2), pyInts(0, 0)),
			pyText("p"), pyParameter(pyTensor(longs, 1, pyTuple(), pyTuple())),
			pyText("empty"), pyTensor(longs, 2, pyInts(0), pyInts(1)),
		),
		pyText("groups"), pyList(pyDict(pyText("on"), "\x88", pyText("params"), pyInts(4, -5))),
	)
}

func wantTorchValue(t *testing.T, f *File) {
	t.Helper()
	wantTensor(t, f, "epoch", I64, []int{}, 3)
	wantTensor(t, f, "loss", F64, []int{}, 0.25)
	wantTensor(t, f, "state.w", F32, []int{2, 3}, 1, 2, 3, 4, 5, 6)
	wantTensor(t, f, "state.w.t", F32, []int{3, 2}, 1, 4, 2, 5, 3, 6)
	wantTensor(t, f, "state.row", F32, []int{3}, 4, 5, 6)
	wantTensor(t, f, "state.column", F32, []int{2}, 2, 5)
	wantTensor(t, f, "state.expanded", F32, []int{2, 2}, 6, 6, 6, 6)
	wantTensor(t, f, "state.p", I64, []int{}, -7)
	wantTensor(t, f, "state.empty", I64, []int{0})
	wantTensor(t, f, "groups.0.on", Bool, []int{}, 1)
	wantTensor(t, f, "groups.0.params.1", I64, []int{}, -5)
	if len(f.Tensors) != 12 || !reflect.DeepEqual(f.Ignored, []string{"note", "none"}) {
		t.Errorf("tensors %v, ignored %v", f.Names(), f.Ignored)
	}
}

func TestTorch(t *testing.T) {
	floats, longs := le([]float32{1, 2, 3, 4, 5, 6}), le(int64(9), int64(-7))
	wantTorchValue(t, decode(t, "m.pth", torchZipOf(torchValue(false), member{"0", floats}, member{"1", longs})))
	wantTorchValue(t, decode(t, "m.pth", torchLegacyOf(torchValue(true),
		member{"0", le(uint64(6)) + floats}, member{"1", le(uint64(2)) + longs})))
	// The order of the storages is that of the list of keys.
	wantTorchValue(t, decode(t, "m.pth", torchLegacyOf(torchValue(true),
		member{"1", le(uint64(2)) + longs}, member{"0", le(uint64(6)) + floats})))
}

func TestTorchBigEndian(t *testing.T) {
	value := pyTensor(pyStorage("ShortStorage", "0", 2, false), 0, pyInts(2), pyInts(1))
	f := decode(t, "m.pt", zipped(zip.Store, member{"archive/data.pkl", pickled(value)},
		member{"archive/byteorder", "big"}, member{"archive/data/0", "\x01\x00\xff\xfe"}))
	wantTensor(t, f, "m", I16, []int{2}, 256, -2)
}

func TestTorchStorageTypes(t *testing.T) {
	for class, c := range map[string]struct {
		bytes string
		dtype DType
		value float64
	}{
		"DoubleStorage":   {le(0.1), F64, 0.1},
		"FloatStorage":    {le(float32(0.5)), F32, 0.5},
		"HalfStorage":     {"\x00\x3c", F16, 1},
		"BFloat16Storage": {"\x80\x3f", BF16, 1},
		"LongStorage":     {le(int64(-9)), I64, -9},
		"IntStorage":      {le(int32(-9)), I32, -9},
		"ShortStorage":    {le(int16(-9)), I16, -9},
		"CharStorage":     {le(int8(-9)), I8, -9},
		"ByteStorage":     {"\xff", U8, 255},
		"BoolStorage":     {"\x01", Bool, 1},
	} {
		value := pyTensor(pyStorage(class, "0", 1, false), 0, pyInts(1), pyInts(1))
		wantTensor(t, decode(t, "m.pt", torchZipOf(value, member{"0", c.bytes})), "m", c.dtype, []int{1}, c.value)
	}
}

// Protocols 4 and 5 frame the stream and name globals by texts on the stack.
func TestTorchProtocol4(t *testing.T) {
	body := "}\x94(\x8c\x01n\x94K\x07\x8c\x01d\x94\x8c\x0bcollections\x94\x8c\x0bOrderedDict\x94\x93\x94)R\x94u."
	stream := "\x80\x04\x95" + le(uint64(len(body))) + body
	f := decode(t, "m.pt", zipped(zip.Store, member{"a/data.pkl", stream}))
	wantTensor(t, f, "n", I64, []int{}, 7)
}

func TestUnsafePickles(t *testing.T) {
	for name, c := range map[string]struct{ value, text string }{
		"os.system":       {pyGlobal("os", "system") + pyTuple(pyText("true")) + "R", `"os.system"`},
		"eval":            {pyGlobal("builtins", "eval") + pyTuple(pyText("1")) + "R", `"builtins.eval"`},
		"numpy":           {pyGlobal("numpy.core.multiarray", "_reconstruct"), `"numpy.core.multiarray._reconstruct"`},
		"namespace":       {pyGlobal("argparse", "Namespace") + ")\x81", `"argparse.Namespace"`},
		"qtensor":         {pyGlobal("torch._utils", "_rebuild_qtensor"), `"torch._utils._rebuild_qtensor"`},
		"complex":         {pyGlobal("torch", "ComplexFloatStorage"), `"torch.ComplexFloatStorage"`},
		"other module":    {pyGlobal("evil", "FloatStorage"), `"evil.FloatStorage"`},
		"reconstructor":   {pyGlobal("copy_reg", "_reconstructor"), `"copy_reg._reconstructor"`},
		"by stack":        {"\x8c\x02os\x8c\x06system\x93", `"os.system"`},
		"memoized":        {"\x8c\x06system\x94\x8c\x02os\x94h\x01h\x00\x93", `"os.system"`},
		"object by stack": {"\x8c\x0b__builtin__\x8c\x06object\x93", "is a class or an object"},
		"instance":        {"(ios\nsystem\n", "instruction 0x69"},
		"object":          {"(" + pyGlobal("collections", "OrderedDict") + "o", "instruction 0x6f"},
		"extension":       {"\x82\x01", "instruction 0x82"},
		"outside buffer":  {"\x97", "instruction 0x97"},
		"storage class":   {pyGlobal("torch", "FloatStorage"), "is a class or an object"},
	} {
		for kind, data := range map[string][]byte{"zip": torchZipOf(c.value), "legacy": torchLegacyOf(c.value)} {
			_, err := Decode("m.pth", data, DefaultLimits())
			if codeOf(t, err) != codeUnsafe || !strings.Contains(err.Error(), c.text) {
				t.Errorf("%s in %s: %v", name, kind, err)
			}
		}
	}
}

func TestTorchErrors(t *testing.T) {
	store := pyStorage("FloatStorage", "0", 2, false)
	four := le([]float32{1, 2, 3, 4})
	tensor := func(offset int32, size, stride string) string { return pyTensor(store, offset, size, stride) }
	plainTensor := tensor(0, pyInts(2), pyInts(1))
	deep := strings.Repeat("]", 200) + strings.Repeat("a", 199)
	laughs := "]" + strings.Repeat("2\x86", 40)
	for name, c := range map[string]struct {
		value, content string
		code           string
	}{
		"no storage":       {pyTensor(pyStorage("FloatStorage", "9", 2, false), 0, pyInts(2), pyInts(1)), four[:8], codeTorch},
		"short storage":    {plainTensor, four[:7], codeTorch},
		"long storage":     {plainTensor, four, codeTorch},
		"past the storage": {tensor(1, pyInts(2), pyInts(1)), four[:8], codeShape},
		"stride":           {tensor(0, pyInts(2), pyInts(2)), four[:8], codeShape},
		"far stride":       {tensor(0, pyTuple(pyInt(3)), pyTuple("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f")), four[:8], codeShape},
		"negative stride":  {tensor(1, pyInts(2), pyInts(-1)), four[:8], codeTorch},
		"negative offset":  {tensor(-1, pyInts(1), pyInts(1)), four[:8], codeTorch},
		"ranks differ":     {tensor(0, pyInts(2), pyTuple()), four[:8], codeTorch},
		"expanded":         {tensor(0, pyInts(100000, 100000), pyInts(0, 0)), four[:8], codeLimit},
		"overflow":         {tensor(0, pyInts(1<<30, 1<<30, 1<<30), pyInts(0, 0, 0)), four[:8], codeShape},
		"count":            {pyTensor(pyTuple(pyText("storage"), pyGlobal("torch", "FloatStorage"), pyText("0"), pyText("cpu"), pyLong(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f))+"Q", 0, pyInts(2), pyInts(1)), four[:8], codeTorch},
		"negative count":   {pyStorage("FloatStorage", "0", -1, false), four[:8], codeTorch},
		"two counts":       {pyTuple(plainTensor, pyStorage("FloatStorage", "0", 1, false)), four[:8], codeTorch},
		"module":           {pyTuple(pyText("module"), pyText("Net")) + "Q", "", codeTorch},
		"five arguments":   {pyGlobal("torch._utils", "_rebuild_tensor_v2") + pyTuple(store, pyInt(0), pyInts(2), pyInts(1), "\x89") + "R", four[:8], codeTorch},
		"negated":          {pyGlobal("torch._utils", "_rebuild_tensor_v2") + pyTuple(store, pyInt(0), pyInts(2), pyInts(1), "\x89", "N", pyDict(pyText("neg"), "\x88")) + "R", four[:8], codeTorch},
		"parameter":        {pyGlobal("torch._utils", "_rebuild_parameter") + ")R", "", codeTorch},
		"big number":       {pyDict(pyText("n"), pyLong(1, 0, 0, 0, 0, 0, 0x20)), "", codeInexact},
		"huge number":      {pyDict(pyText("n"), pyLong(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)), "", codeInexact},
		"tuple as key":     {pyDict(pyInts(1), pyInt(1)), "", codeTorch},
		"same name":        {pyDict(pyText("a.b"), pyInt(1), pyText("a"), pyDict(pyText("b"), pyInt(2))), "", codeDuplicate},
		"deep":             {deep, "", codeLimit},
		"contains itself":  {"]q\x00h\x00a", "", codeLimit},
		"billion laughs":   {laughs, "", codeLimit},
		"long name":        {pyDict(pyText(strings.Repeat("k", maxName+1)), pyInt(1)), "", codeLimit},
		"long dull name":   {pyDict(pyText(strings.Repeat("k", maxName+1)), "N"), "", codeLimit},
		"empty stack":      {"0", "", codeTorch},
		"odd items":        {"}(Nu", "", codeTorch},
		"call of text":     {pyText("f") + ")R", "", codeTorch},
		"empty integer":    {"\x8a\x00", "", codeTorch},
		"long integer":     {"\x8b" + le(uint32(65)) + strings.Repeat("\x01", 65), "", codeTorch},
		"claims 4 GiB":     {"B\xff\xff\xff\xff", "", codeTorch},
		"claims 8 EiB":     {"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f", "", codeTorch},
		"frame":            {"\x95" + le(uint64(1<<40)), "", codeTorch},
		"endless line":     {"I" + strings.Repeat("1", pickleLineMax), "", codeTorch},
	} {
		_, err := Decode("m.pth", torchZipOf(c.value, member{"0", c.content}), DefaultLimits())
		if codeOf(t, err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "0xc0") {
			t.Errorf("%s: an address in the message: %v", name, err)
		}
	}
}

func TestTorchArchiveErrors(t *testing.T) {
	for name, c := range map[string]struct {
		members []member
		code    string
	}{
		"torchscript":    {[]member{{"m/data.pkl", pickled("N")}, {"m/constants.pkl", pickled(")")}}, codeTorch},
		"byte order":     {[]member{{"m/data.pkl", pickled("N")}, {"m/byteorder", "middle"}}, codeTorch},
		"after the end":  {[]member{{"m/data.pkl", pickled("N") + "x"}}, codeTorch},
		"long pickle":    {[]member{{"m/data.pkl", strings.Repeat("0", int(smallLimits.Bytes/pickleBytesPerByte)) + "."}}, codeLimit},
		"unending":       {[]member{{"m/data.pkl", "N"}}, codeTorch},
		"a second value": {[]member{{"m/data.pkl", pickled("NN")}}, ""},
	} {
		_, err := Decode("m.pth", zipped(zip.Store, c.members...), smallLimits)
		if codeOf(t, err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTorchLegacyErrors(t *testing.T) {
	value := pyTensor(pyStorage("FloatStorage", "0", 2, true), 0, pyInts(2), pyInts(1))
	two := le(uint64(2), float32(1), float32(2))
	sound := string(torchLegacyOf(value, member{"0", two}))
	view := pyTuple(pyText("storage"), pyGlobal("torch", "FloatStorage"), pyText("0"), pyText("cpu"), pyInt(2), pyInts(1)) + "Q"
	for name, c := range map[string]struct {
		data string
		code string
	}{
		"sound":         {sound, ""},
		"plain pickle":  {pickled(pyDict(pyText("a"), pyInt(1))), codeTorch},
		"version":       {strings.Replace(sound, pickled(pyInt(legacyProtocol)), pickled(pyInt(1002)), 1), codeTorch},
		"big endian":    {strings.Replace(sound, "little_endian\x88", "little_endian\x89", 1), codeTorch},
		"count differs": {string(torchLegacyOf(value, member{"0", le(uint64(3), float32(1), float32(2))})), codeTorch},
		"huge count":    {string(torchLegacyOf(value, member{"0", le(uint64(1) << 63)})), codeTorch},
		"other key":     {string(torchLegacyOf(value, member{"1", two})), codeTorch},
		"key twice":     {string(torchLegacyOf(pyTuple(value, pyStorage("FloatStorage", "1", 2, true)), member{"0", two}, member{"0", two})), codeTorch},
		"no keys":       {string(torchLegacyOf(value)), codeTorch},
		"tail":          {sound + "x", codeTorch},
		"view":          {string(torchLegacyOf(view, member{"0", two})), codeTorch},
	} {
		_, err := Decode("m.pth", []byte(c.data), DefaultLimits())
		if codeOf(t, err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Tied weights are fine; many views of one storage are a small file's way to ask
// for much memory.
func TestTorchSharedStorage(t *testing.T) {
	const size = 100_000
	store := pyStorage("ByteStorage", "0", size, false)
	shared := func(times int) []byte {
		views := make([]string, times)
		for i := range views {
			views[i] = pyTensor(store, 0, pyInts(size), pyInts(1))
		}
		return torchZipOf(pyList(views...), member{"0", strings.Repeat("\x05", size)})
	}
	if f := decode(t, "m.pth", shared(3)); len(f.Tensors) != 3 {
		t.Errorf("tied: %v", f.Names())
	}
	_, err := Decode("m.pth", shared(60), DefaultLimits())
	if codeOf(t, err) != codeLimit || !strings.Contains(err.Error(), "elements") {
		t.Errorf("60 times: %v", err)
	}
}
