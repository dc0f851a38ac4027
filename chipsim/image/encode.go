package image

import (
	"encoding/binary"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"decc/ir/diag"
)

var (
	encodeMode = must(cbor.CoreDetEncOptions().EncMode())
	decodeMode = must(cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		MaxNestedLevels:   16,
		MaxArrayElements:  maxElements,
		MaxMapPairs:       64,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
	}.DecMode())
)

// must is for modes made of constants only.
func must[T any](x T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("BUG: %v", err))
	}
	return x
}

// Encode writes an image as a file. The image must satisfy Verify.
func Encode(img *Image) ([]byte, error) {
	if err := Verify(img); err != nil {
		return nil, err
	}
	header, err := encodeMode.Marshal(img)
	if err != nil {
		return nil, err
	}
	sections := []section{{typ: headerSection, core: noCore, data: header}}
	for i, c := range img.Cores {
		tables, err := encodeMode.Marshal(c)
		if err != nil {
			return nil, err
		}
		sections = append(sections,
			section{typ: coreSection, core: uint32(i), data: tables},
			section{typ: wordsSection, core: uint32(i), data: wordBytes(c.Words)})
	}
	return writeContainer(sections), nil
}

func wordBytes(words []uint64) []byte {
	b := make([]byte, 0, 8*len(words))
	for _, w := range words {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return b
}

// Decode reads what Encode wrote; name is the file's name for messages. Whatever
// the bytes, it takes memory in proportion to them only, and the image that it
// returns satisfies Verify. The error is a *diag.Diagnostic that names the offset
// and the section.
func Decode(name string, b []byte) (*Image, error) {
	sections, err := readContainer(name, b)
	if err != nil {
		return nil, err
	}
	img := &Image{}
	if err := unmarshal(name, sections[0], img); err != nil {
		return nil, err
	}
	for i := 1; i < len(sections); i += 2 {
		c := &Core{}
		if err := unmarshal(name, sections[i], c); err != nil {
			return nil, err
		}
		words := sections[i+1]
		if len(words.data)%8 != 0 {
			return nil, words.invalid(name, fmt.Errorf("%d bytes are not 64-bit words", len(words.data)))
		}
		for at := 0; at < len(words.data); at += 8 {
			c.Words = append(c.Words, binary.LittleEndian.Uint64(words.data[at:]))
		}
		img.Cores = append(img.Cores, c)
	}
	if core, err := verify(img); err != nil {
		return nil, sections[max(0, 1+2*core)].invalid(name, err)
	}
	return img, nil
}

func unmarshal(name string, s section, into any) error {
	if err := decodeMode.Unmarshal(s.data, into); err != nil {
		return diag.Errorf(diag.AtOffset(name, int64(s.at)), "image/metadata", "%s: %v", s, err)
	}
	return nil
}

func (s section) invalid(name string, err error) error {
	return diag.Errorf(diag.AtOffset(name, int64(s.at)), "image/invalid", "%s: %v", s, err)
}
