package weights

import (
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/x448/float16"
)

// Every code of every type of at most 16 bits comes back from its value, but for
// the payload of NaN, other true bytes and the sign of E8M0.
func TestEveryCode(t *testing.T) {
	for d, row := range dtypes {
		if row.size > 2 {
			continue
		}
		codes := 0
		for code := range 1 << (8 * row.size) {
			word, back := make([]byte, row.size), make([]byte, row.size)
			storeWord(word, uint64(code))
			v, exact := row.decode(word)
			if !exact || !row.encode(back, v) {
				t.Fatalf("%s %#x = %v cannot be written", row.name, code, v)
			}
			if again, _ := row.decode(back); math.Float64bits(again) != math.Float64bits(v) && !(math.IsNaN(v) && math.IsNaN(again)) {
				t.Fatalf("%s %#x = %v came back as %v", row.name, code, v, again)
			}
			if !math.IsNaN(v) && DType(d) != Bool && loadWord(back) != uint64(code) {
				t.Fatalf("%s %#x = %v became %#x", row.name, code, v, loadWord(back))
			}
			codes++
		}
		if codes < 256 {
			t.Fatalf("%s: %d codes", row.name, codes)
		}
	}
}

// An independent library agrees on all of binary16, and float32 on all of bfloat16.
func TestHalfPrecision(t *testing.T) {
	for code := range 1 << 16 {
		word := []byte{byte(code), byte(code >> 8)}
		half, _ := binary16.decode(word)
		sameNumber(t, "F16", code, half, float64(float16.Frombits(uint16(code)).Float32()))
		brain, _ := bfloat16.decode(word)
		sameNumber(t, "BF16", code, brain, float64(math.Float32frombits(uint32(code)<<16)))
	}
}

func sameNumber(t *testing.T, name string, code int, got, want float64) {
	t.Helper()
	if math.Float64bits(got) != math.Float64bits(want) && !(math.IsNaN(got) && math.IsNaN(want)) {
		t.Fatalf("%s %#x: found %v, expected %v", name, code, got, want)
	}
}

// Marks of the 8-bit formats (OCP 8-bit Floating Point Specification, table 1).
func TestFloat8(t *testing.T) {
	for _, c := range []struct {
		dtype DType
		code  byte
		want  float64
	}{
		{F8E4M3, 0x7e, 448},
		{F8E4M3, 0x7f, math.NaN()},
		{F8E4M3, 0x08, math.Ldexp(1, -6)},
		{F8E4M3, 0x01, math.Ldexp(1, -9)},
		{F8E4M3, 0x80, math.Copysign(0, -1)},
		{F8E5M2, 0x7b, 57344},
		{F8E5M2, 0x7c, math.Inf(1)},
		{F8E5M2, 0xfc, math.Inf(-1)},
		{F8E5M2, 0x7d, math.NaN()},
		{F8E5M2, 0x01, math.Ldexp(1, -16)},
		{F8E8M0, 0x00, math.Ldexp(1, -127)},
		{F8E8M0, 0xfe, math.Ldexp(1, 127)},
		{F8E8M0, 0xff, math.NaN()},
	} {
		got, _ := dtypes[c.dtype].decode([]byte{c.code})
		sameNumber(t, c.dtype.String(), int(c.code), got, c.want)
	}
}

func TestCodesAreDocumented(t *testing.T) {
	shape := regexp.MustCompile(`^weights/[a-z-]+$`)
	seen := map[string]bool{}
	for _, c := range Codes {
		if !shape.MatchString(c.Code) || seen[c.Code] {
			t.Errorf("code %q", c.Code)
		}
		seen[c.Code] = true
		for _, text := range []string{c.Meaning, c.Example, c.Fix} {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s has an empty text", c.Code)
			}
		}
	}
	for _, code := range []string{
		codeOpen, codeFormat, codeLimit, codeNPY, codeZip, codeSafetensors, codeTorch, codeUnsafe, codeText, codeDType,
		codeShape, codeInexact, codeDuplicate, codeNotFound, codeNotFinite, codeUnrepresented, codeWrite,
	} {
		if !seen[code] {
			t.Errorf("%s is not in Codes", code)
		}
	}
}
