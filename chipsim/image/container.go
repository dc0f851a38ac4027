package image

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"

	"decc/ir/diag"
)

const (
	magic       = "DECCIMG\n"
	headBytes   = len(magic) + 8
	rowBytes    = 32
	crcBytes    = 4
	alignment   = 64
	maxSections = 1 + 2*maxCores
)

// sectionType says what a section holds.
type sectionType uint32

// An image has one header, then for every core its tables and its synaptic words.
const (
	headerSection sectionType = iota + 1
	coreSection
	wordsSection
)

var sectionNames = [...]string{headerSection: "header", coreSection: "core tables", wordsSection: "synaptic words"}

// noCore stands in the table where a section belongs to no core.
const noCore = 1<<32 - 1

type section struct {
	typ  sectionType
	core uint32
	at   int // byte offset in the file
	data []byte
}

func (s section) String() string {
	if s.core == noCore {
		return sectionNames[s.typ]
	}
	return fmt.Sprintf("%s of core %d", sectionNames[s.typ], s.core)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Digest is the name of an encoded image: the SHA-256 of its bytes, in hex.
func Digest(file []byte) string {
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:])
}

// writeContainer joins sections into a file.
func writeContainer(sections []section) []byte {
	end := align(headBytes + rowBytes*len(sections) + crcBytes)
	for i := range sections {
		sections[i].at = end
		end = align(end + len(sections[i].data))
	}
	b := make([]byte, 0, end)
	b = append(b, magic...)
	b = binary.LittleEndian.AppendUint32(b, Version)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(sections)))
	for _, s := range sections {
		b = s.appendRow(b)
	}
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	for _, s := range sections {
		b = append(b[:s.at], s.data...)
	}
	return b[:end]
}

func (s section) appendRow(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(s.typ))
	b = binary.LittleEndian.AppendUint32(b, s.core)
	b = binary.LittleEndian.AppendUint64(b, uint64(s.at))
	b = binary.LittleEndian.AppendUint64(b, uint64(len(s.data)))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(s.data, castagnoli))
	return binary.LittleEndian.AppendUint32(b, 0)
}

func align(n int) int { return (n + alignment - 1) / alignment * alignment }

// readContainer cuts a file into its sections and checks every byte of it: magic,
// version, the table, the checksums, and zeros between sections.
func readContainer(name string, b []byte) ([]section, error) {
	fail := func(at int, code, format string, args ...any) ([]section, error) {
		return nil, diag.Errorf(diag.AtOffset(name, int64(at)), code, format, args...)
	}
	if len(b) < headBytes || string(b[:len(magic)]) != magic {
		return fail(0, "image/magic", "this is no decc image: it begins with %q, an image with %q", b[:min(len(b), len(magic))], magic)
	}
	if v := binary.LittleEndian.Uint32(b[len(magic):]); v != Version {
		return fail(len(magic), "image/version", "the image has format version %d, this decc reads version %d", v, Version)
	}
	count := binary.LittleEndian.Uint32(b[len(magic)+4:])
	if count == 0 || count%2 != 1 || count > maxSections {
		return fail(len(magic)+4, "image/sections", "%d sections; an image has 1 and 2 for every core, at most %d", count, maxSections)
	}
	table := headBytes + rowBytes*int(count)
	if len(b) < table+crcBytes {
		return fail(len(b), "image/truncated", "the file ends inside the table of %d sections", count)
	}
	if crc32.Checksum(b[:table], castagnoli) != binary.LittleEndian.Uint32(b[table:]) {
		return fail(0, "image/checksum", "the checksum of the section table is wrong: the file is damaged")
	}
	return readSections(name, b, int(count), table+crcBytes)
}

func readSections(name string, b []byte, count, end int) ([]section, error) {
	sections := make([]section, count)
	for i := range sections {
		row := headBytes + rowBytes*i
		s, err := readRow(name, b, row, align(end), expected(i))
		if err != nil {
			return nil, err
		}
		if err := zeros(name, b, end, s.at); err != nil {
			return nil, err
		}
		sections[i], end = s, s.at+len(s.data)
	}
	if err := zeros(name, b, end, min(align(end), len(b))); err != nil {
		return nil, err
	}
	if len(b) != align(end) {
		return nil, diag.Errorf(diag.AtOffset(name, int64(len(b))), "image/truncated", "the file has %d bytes, its sections end at %d", len(b), align(end))
	}
	return sections, nil
}

// expected is what section i of any image is.
func expected(i int) section {
	if i == 0 {
		return section{typ: headerSection, core: noCore}
	}
	return section{typ: coreSection + sectionType((i-1)%2), core: uint32((i - 1) / 2)}
}

// readRow checks a row of the table and the section that it stands for.
func readRow(name string, b []byte, row, at int, want section) (section, error) {
	fail := func(pos int, code, format string, args ...any) (section, error) {
		return section{}, diag.Errorf(diag.AtOffset(name, int64(pos)), code, format, args...)
	}
	typ, core := binary.LittleEndian.Uint32(b[row:]), binary.LittleEndian.Uint32(b[row+4:])
	offset, length := binary.LittleEndian.Uint64(b[row+8:]), binary.LittleEndian.Uint64(b[row+16:])
	sum, rest := binary.LittleEndian.Uint32(b[row+24:]), binary.LittleEndian.Uint32(b[row+28:])
	switch {
	case typ != uint32(want.typ) || core != want.core || offset != uint64(at) || rest != 0:
		return fail(row, "image/sections", "the table has section type %d, core %d at offset %d; expected is %s (type %d) at offset %d", typ, core, offset, want, want.typ, at)
	case at > len(b) || length > uint64(len(b)-at):
		return fail(row, "image/truncated", "%s: %d bytes at offset %d, but the file has %d bytes", want, length, at, len(b))
	}
	want.at, want.data = at, b[at:at+int(length)]
	if crc32.Checksum(want.data, castagnoli) != sum {
		return fail(at, "image/checksum", "%s: the checksum is wrong: the file is damaged", want)
	}
	return want, nil
}

func zeros(name string, b []byte, from, to int) error {
	if i := bytes.IndexFunc(b[from:to], func(r rune) bool { return r != 0 }); i >= 0 {
		return diag.Errorf(diag.AtOffset(name, int64(from+i)), "image/checksum", "a byte between two sections is not 0: the file is damaged")
	}
	return nil
}
