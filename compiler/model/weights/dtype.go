package weights

import (
	"encoding/binary"
	"math"
)

// DType is the type that the elements of a tensor have in its file. The zero
// value is F64.
type DType uint8

// The element types. Floats are IEEE 754 binary formats, except BF16 (the upper
// half of an F32) and the 8-bit formats of the Open Compute Project: F8E4M3 has
// no infinities, F8E8M0 is a bare power of two without sign or zero.
const (
	F64 DType = iota
	F32
	F16
	BF16
	F8E5M2
	F8E4M3
	F8E8M0
	I64
	I32
	I16
	I8
	U64
	U32
	U16
	U8
	Bool
)

// dtypeRow says all that differs between element types. decode reads one
// little-endian element and reports whether float64 holds it exactly; encode
// writes one and reports whether the type can hold the value.
type dtypeRow struct {
	name   string // as safetensors spells it
	size   int    // bytes per element
	numpy  string // kind and size in a npy descr, "" where numpy has no such type
	torch  string // storage class in package torch, "" where there is none
	decode func([]byte) (float64, bool)
	encode func([]byte, float64) bool
}

var dtypes = [...]dtypeRow{
	F64:    {"F64", 8, "f8", "DoubleStorage", decodeF64, encodeF64},
	F32:    {"F32", 4, "f4", "FloatStorage", decodeF32, encodeF32},
	F16:    {"F16", 2, "f2", "HalfStorage", binary16.decode, binary16.encode},
	BF16:   {"BF16", 2, "", "BFloat16Storage", bfloat16.decode, bfloat16.encode},
	F8E5M2: {"F8_E5M2", 1, "", "", float8e5m2.decode, float8e5m2.encode},
	F8E4M3: {"F8_E4M3", 1, "", "", float8e4m3.decode, float8e4m3.encode},
	F8E8M0: {"F8_E8M0", 1, "", "", decodeE8M0, encodeE8M0},
	I64:    {"I64", 8, "i8", "LongStorage", decodeInt, encodeInt},
	I32:    {"I32", 4, "i4", "IntStorage", decodeInt, encodeInt},
	I16:    {"I16", 2, "i2", "ShortStorage", decodeInt, encodeInt},
	I8:     {"I8", 1, "i1", "CharStorage", decodeInt, encodeInt},
	U64:    {"U64", 8, "u8", "", decodeUint, encodeUint},
	U32:    {"U32", 4, "u4", "", decodeUint, encodeUint},
	U16:    {"U16", 2, "u2", "", decodeUint, encodeUint},
	U8:     {"U8", 1, "u1", "ByteStorage", decodeUint, encodeUint},
	Bool:   {"BOOL", 1, "b1", "BoolStorage", decodeBool, encodeBool},
}

// maxExact is the largest magnitude up to which every integer is a float64.
const maxExact = 1 << 53

// String is the name that safetensors gives the type, such as "F32" or "BOOL".
func (d DType) String() string {
	if !d.valid() {
		return "invalid"
	}
	return dtypes[d].name
}

// Size is the number of bytes of one element.
func (d DType) Size() int { return dtypes[d].size }

func (d DType) valid() bool { return int(d) < len(dtypes) }

// dtypeWhere finds the row whose key, as read by field, is name.
func dtypeWhere(field func(dtypeRow) string, name string) (DType, bool) {
	for d, row := range dtypes {
		if name != "" && field(row) == name {
			return DType(d), true
		}
	}
	return 0, false
}

func byName(r dtypeRow) string  { return r.name }
func byNumpy(r dtypeRow) string { return r.numpy }
func byTorch(r dtypeRow) string { return r.torch }

func decodeF64(b []byte) (float64, bool) {
	return math.Float64frombits(binary.LittleEndian.Uint64(b)), true
}

func encodeF64(b []byte, v float64) bool {
	binary.LittleEndian.PutUint64(b, math.Float64bits(v))
	return true
}

func decodeF32(b []byte) (float64, bool) {
	return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))), true
}

// encodeF32 is the one encoder that rounds: networks trained in float64 are
// stored as F32 by habit. A finite value that would become infinite is refused.
func encodeF32(b []byte, v float64) bool {
	f := float32(v)
	binary.LittleEndian.PutUint32(b, math.Float32bits(f))
	return math.IsInf(v, 0) || !math.IsInf(float64(f), 0)
}

func loadWord(b []byte) uint64 {
	var x uint64
	for i, c := range b {
		x |= uint64(c) << (8 * i)
	}
	return x
}

func storeWord(b []byte, x uint64) {
	for i := range b {
		b[i] = byte(x >> (8 * i))
	}
}

// loadSigned extends the sign of a word of len(b) bytes.
func loadSigned(b []byte) int64 {
	unused := 64 - 8*len(b)
	return int64(loadWord(b)<<unused) >> unused
}

func decodeInt(b []byte) (float64, bool) {
	x := loadSigned(b)
	return float64(x), -maxExact <= x && x <= maxExact
}

func encodeInt(b []byte, v float64) bool {
	limit := math.Ldexp(1, 8*len(b)-1)
	if !exactInteger(v) || v < -limit || v >= limit {
		return false
	}
	storeWord(b, uint64(int64(v)))
	return true
}

func decodeUint(b []byte) (float64, bool) {
	x := loadWord(b)
	return float64(x), x <= maxExact
}

func encodeUint(b []byte, v float64) bool {
	if !exactInteger(v) || v < 0 || v >= math.Ldexp(1, 8*len(b)) {
		return false
	}
	storeWord(b, uint64(v))
	return true
}

func exactInteger(v float64) bool { return v == math.Trunc(v) && math.Abs(v) <= maxExact }

// decodeBool follows numpy and torch: any byte but 0 is true.
func decodeBool(b []byte) (float64, bool) {
	if b[0] != 0 {
		return 1, true
	}
	return 0, true
}

func encodeBool(b []byte, v float64) bool {
	b[0] = byte(int(min(max(v, 0), 1)))
	return v == 0 || v == 1
}
