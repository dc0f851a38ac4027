package weights

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

func TestNPY(t *testing.T) {
	for name, c := range map[string]struct {
		data  string
		dtype DType
		shape []int
		want  []float64
	}{
		"f2":         {npyOf("<f2", "False", "(2,)", "\x00\x3c\x00\xc1"), F16, []int{2}, []float64{1, -2.5}},
		"f4":         {npyOf("<f4", "False", "(2, 1)", le([]float32{0.5, -3})), F32, []int{2, 1}, []float64{0.5, -3}},
		"f8":         {npyOf("<f8", "False", "(1,)", le(0.1)), F64, []int{1}, []float64{0.1}},
		"i1":         {npyOf("|i1", "False", "(2,)", "\x80\x7f"), I8, []int{2}, []float64{-128, 127}},
		"i2":         {npyOf("<i2", "False", "(1,)", le(int16(-300))), I16, []int{1}, []float64{-300}},
		"i4":         {npyOf("<i4", "False", "(1,)", le(int32(-70000))), I32, []int{1}, []float64{-70000}},
		"i8":         {npyOf("<i8", "False", "(1,)", le(int64(-1<<53))), I64, []int{1}, []float64{-1 << 53}},
		"u1":         {npyOf("|u1", "False", "(1,)", "\xff"), U8, []int{1}, []float64{255}},
		"u2":         {npyOf("<u2", "False", "(1,)", le(uint16(65535))), U16, []int{1}, []float64{65535}},
		"u4":         {npyOf("<u4", "False", "(1,)", le(uint32(1<<32-1))), U32, []int{1}, []float64{1<<32 - 1}},
		"u8":         {npyOf("<u8", "False", "(1,)", le(uint64(1<<53))), U64, []int{1}, []float64{1 << 53}},
		"b1":         {npyOf("|b1", "False", "(3,)", "\x00\x01\x02"), Bool, []int{3}, []float64{0, 1, 1}},
		"big endian": {npyOf(">i4", "False", "(2,)", "\x00\x00\x01\x00\xff\xff\xff\xfe"), I32, []int{2}, []float64{256, -2}},
		"scalar":     {npyOf("<f4", "False", "()", le(float32(7))), F32, []int{}, []float64{7}},
		"empty":      {npyOf("<f4", "False", "(0, 3)", ""), F32, []int{0, 3}, []float64{}},
		"fortran":    {npyOf("|i1", "True", "(2, 3)", "\x01\x04\x02\x05\x03\x06"), I8, []int{2, 3}, []float64{1, 2, 3, 4, 5, 6}},
		"fortran 3":  {npyOf("|i1", "True", "(2, 1, 2)", "\x01\x03\x02\x04"), I8, []int{2, 1, 2}, []float64{1, 2, 3, 4}},
		"python 2":   {npyOf("<i2", "False", "(1L,)", le(int16(5))), I16, []int{1}, []float64{5}},
		"order":      {npy(`{"shape":(1,),"descr":"=i2","fortran_order":False}`, le(int16(5))), I16, []int{1}, []float64{5}},
		"version 2":  {"\x93NUMPY\x02\x00" + le(uint32(53)) + "{'descr':'|i1','fortran_order':False,'shape':(1,)}  \n" + "\x09", I8, []int{1}, []float64{9}},
		"version 3":  {"\x93NUMPY\x03\x00" + le(uint32(53)) + "{'descr':'|i1','fortran_order':False,'shape':(1,)}  \n" + "\x09", I8, []int{1}, []float64{9}},
	} {
		t.Run(name, func(t *testing.T) {
			wantTensor(t, decode(t, "a.npy", []byte(c.data)), "a", c.dtype, c.shape, c.want...)
			for _, method := range []uint16{0, 8} {
				f := decode(t, "a.npz", zipped(method, member{"x.y.npy", c.data}, member{"note.txt", "n"}))
				wantTensor(t, f, "x.y", c.dtype, c.shape, c.want...)
				if len(f.Ignored) != 1 || f.Ignored[0] != "note.txt" {
					t.Errorf("ignored %v", f.Ignored)
				}
			}
		})
	}
}

func TestNPYErrors(t *testing.T) {
	long := strings.Repeat("1, ", 65)
	for name, c := range map[string]struct{ data, code, text string }{
		"inexact":     {npyOf("<i8", "False", "(2, 1)", le(int64(1), int64(1<<53+1))), codeInexact, "element [1 0] = 9007199254740993"},
		"inexact u8":  {npyOf("<u8", "False", "()", le(uint64(math.MaxUint64))), codeInexact, "element [] = 18446744073709551615"},
		"inexact >":   {npyOf(">i8", "True", "(1,)", "\x80\x00\x00\x00\x00\x00\x00\x00"), codeInexact, "-9223372036854775808"},
		"text":        {npyOf("<U2", "False", "(1,)", "\x00\x00\x00\x00\x00\x00\x00\x00"), codeDType, "<U2"},
		"object":      {npyOf("|O", "False", "(1,)", ""), codeDType, "|O"},
		"complex":     {npyOf("<c8", "False", "(1,)", ""), codeDType, "<c8"},
		"long double": {npyOf("<f16", "False", "(1,)", ""), codeDType, "<f16"},
		"no order":    {npyOf("f4", "False", "(1,)", ""), codeDType, "f4"},
		"no type":     {npyOf("", "False", "(1,)", ""), codeDType, `""`},
		"structured":  {npy("{'descr': [('x', '<i2'), ('p', '|b1')], 'fortran_order': False, 'shape': (1,), }\n", ""), codeDType, "('x', '<i2')"},
		"short":       {npyOf("<i2", "False", "(2,)", "\x01\x00\x02"), codeNPY, "3 bytes"},
		"long":        {npyOf("<i2", "False", "(1,)", "\x01\x00\x02"), codeNPY, "3 bytes"},
		"huge":        {npyOf("<i2", "False", "(1099511627776, 1099511627776)", ""), codeNPY, "0 bytes"},
		"wraps":       {npyOf("|i1", "False", "(4294967296, 4294967296)", ""), codeNPY, "0 bytes"},
		"negative":    {npyOf("<i2", "False", "(-1,)", ""), codeNPY, "descr, fortran_order and shape"},
		"big number":  {npyOf("<i2", "False", "(99999999999999999999,)", ""), codeNPY, "99999999999999999999"},
		"rank":        {npyOf("|i1", "False", "("+long+")", "\x01"), codeNPY, "1 bytes"},
		"key twice":   {npy("{'shape': (1,), 'shape': (2,), 'descr': '|i1', 'fortran_order': False}", ""), codeNPY, "once each"},
		"other key":   {npy("{'size': (1,), 'descr': '|i1', 'fortran_order': False}", ""), codeNPY, `"size"`},
		"key missing": {npy("{'shape': (1,), 'descr': '|i1'}", ""), codeNPY, "found 2 keys"},
		"no dict":     {npy("[]", ""), codeNPY, "dictionary"},
		"code":        {npy("{'descr': __import__('os'), 'fortran_order': False, 'shape': ()}", ""), codeNPY, "__import__"},
		"version":     {"\x93NUMPY\x04\x00\x00\x00\x00\x00", codeNPY, "version 4"},
		"header size": {"\x93NUMPY\x02\x00\xff\xff\xff\xff{}", codeNPY, "4294967295"},
	} {
		_, err := Decode("a.npy", []byte(c.data), DefaultLimits())
		if codeOf(t, err) != c.code || !strings.Contains(err.Error(), c.text) || !strings.HasPrefix(err.Error(), "a.npy@") {
			t.Errorf("%s: %v", name, err)
		}
		_, err = Decode("a.npz", zipped(8, member{"w.npy", c.data}), DefaultLimits())
		if codeOf(t, err) != c.code || !strings.HasPrefix(err.Error(), "a.npz:w.npy@") {
			t.Errorf("%s in a zip: %v", name, err)
		}
	}
}

func TestZipErrors(t *testing.T) {
	sound := zipped(0, member{"w.npy", npyOf("|i1", "False", "(1,)", "\x01")})
	flipped := []byte(strings.Replace(string(sound), "\n\x01", "\n\x02", 1))
	directory := strings.Index(string(sound), "PK\x01\x02")
	patched := func(at int, value string) []byte {
		out := bytes.Clone(sound)
		copy(out[directory+at:], value)
		return out
	}
	for name, c := range map[string]struct {
		data []byte
		code string
		text string
	}{
		"sum":       {flipped, codeZip, "checksum"},
		"claims":    {patched(24, le(uint32(1<<30))), codeZip, "claims 1073741824 bytes"},
		"overlap":   {patched(20, le(uint32(1<<30), uint32(1<<30))), codeLimit, "claim"},
		"method":    {patched(10, le(uint16(14))), codeZip, "method 14"},
		"encrypted": {patched(8, le(uint16(1))), codeZip, "flags 0x1"},
		"twice":     {zipped(0, member{"w.npy", "1"}, member{"w.npy", "2"}), codeDuplicate, "two members"},
		"cut":       {sound[:len(sound)-1], codeZip, "not a valid zip file"},
	} {
		_, err := Decode("a.npz", c.data, DefaultLimits())
		if codeOf(t, err) != c.code || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// 20 bytes of deflate cannot be a gigabyte.
	bomb := zipped(8, member{"w.npy", "x"})
	directory = strings.Index(string(bomb), "PK\x01\x02")
	copy(bomb[directory+24:], le(uint32(1<<30)))
	if _, err := Decode("a.npz", bomb, DefaultLimits()); codeOf(t, err) != codeZip {
		t.Errorf("bomb: %v", err)
	}
}

func TestSafetensors(t *testing.T) {
	f := decode(t, "a.safetensors", safetensors(
		`{"__metadata__":{"alpha":"0.97"},"b16":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},`+
			`"h":{"dtype":"F16","shape":[],"data_offsets":[4,6]},"e5":{"dtype":"F8_E5M2","shape":[1],"data_offsets":[6,7]},`+
			`"e4":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[7,8]},"e8":{"dtype":"F8_E8M0","shape":[1],"data_offsets":[8,9]},`+
			`"t":{"dtype":"BOOL","shape":[1,1],"data_offsets":[9,10]},"none":{"dtype":"I64","shape":[0],"data_offsets":[10,10]},`+
			`"d":{"dtype":"F64","shape":[1],"data_offsets":[10,18]}}   `,
		"\x80\x3f\x20\xc0\x00\x38\x3c\x38\x80\x01"+le(0.1)))
	wantTensor(t, f, "b16", BF16, []int{2}, 1, -2.5)
	wantTensor(t, f, "h", F16, []int{}, 0.5)
	wantTensor(t, f, "e5", F8E5M2, []int{1}, 1)
	wantTensor(t, f, "e4", F8E4M3, []int{1}, 1)
	wantTensor(t, f, "e8", F8E8M0, []int{1}, 2)
	wantTensor(t, f, "t", Bool, []int{1, 1}, 1)
	wantTensor(t, f, "none", I64, []int{0})
	wantTensor(t, f, "d", F64, []int{1}, 0.1)
	if len(f.Meta) != 1 || f.Meta["alpha"] != "0.97" {
		t.Errorf("meta %v", f.Meta)
	}
}

func TestSafetensorsErrors(t *testing.T) {
	one := func(dtype, shape, offsets string) string {
		return `{"a":{"dtype":"` + dtype + `","shape":` + shape + `,"data_offsets":` + offsets + `}}`
	}
	for name, c := range map[string]struct{ header, data, code string }{
		"hole before":  {one("I8", "[1]", "[1,2]"), "xx", codeSafetensors},
		"hole between": {`{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"I8","shape":[2],"data_offsets":[2,3]}}`, "xxx", codeSafetensors},
		"hole after":   {one("I8", "[1]", "[0,1]"), "xx", codeSafetensors},
		"past the end": {one("I8", "[4]", "[0,4]"), "xx", codeSafetensors},
		"backward":     {one("I8", "[0]", "[0,-1]"), "", codeSafetensors},
		"one offset":   {one("I8", "[1]", "[0]"), "x", codeSafetensors},
		"wrong shape":  {one("I8", "[3]", "[0,2]"), "xx", codeSafetensors},
		"no shape":     {`{"a":{"dtype":"I8","data_offsets":[0,1]}}`, "x", codeSafetensors},
		"null":         {`{"a":null}`, "", codeSafetensors},
		"overflow":     {one("I8", "[4294967296,4294967296]", "[0,0]"), "", codeSafetensors},
		"float size":   {one("I8", "[1.5]", "[0,1]"), "x", codeSafetensors},
		"other field":  {`{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1],"x":1}}`, "x", codeSafetensors},
		"overlap":      {`{"a":{"dtype":"I8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"I8","shape":[1],"data_offsets":[1,2]}}`, "xx", codeSafetensors},
		"twice":        {`{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"I8","shape":[1],"data_offsets":[1,2]}}`, "xx", codeDuplicate},
		"empty name":   {`{"":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}`, "x", codeDuplicate},
		"meta twice":   {`{"__metadata__":{"a":"b"},"__metadata__":{}}`, "", codeSafetensors},
		"meta number":  {`{"__metadata__":{"a":1}}`, "", codeSafetensors},
		"tail":         {`{} x`, "", codeSafetensors},
		"unclosed":     {`{"a":`, "", codeSafetensors},
		"complex":      {one("C64", "[1]", "[0,8]"), "xxxxxxxx", codeDType},
		"four bits":    {one("F4", "[2]", "[0,1]"), "x", codeDType},
		"inexact":      {one("U64", "[1]", "[0,8]"), "xxxxxxxx", codeInexact},
		"long name":    {`{"` + strings.Repeat("n", maxName+1) + `":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}`, "x", codeLimit},
	} {
		_, err := Decode("a.safetensors", safetensors(c.header, c.data), DefaultLimits())
		if codeOf(t, err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := Decode("a.safetensors", []byte(le(uint64(1000))+"{}"), DefaultLimits())
	if codeOf(t, err) != codeSafetensors {
		t.Errorf("long header: %v", err)
	}
}
