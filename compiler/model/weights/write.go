package weights

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"decc/ir/diag"
)

// WriteNPZ writes the file for numpy.load, atomically; see EncodeNPZ.
func WriteNPZ(path string, f *File) error {
	return AtomicWrite(path, func(w io.Writer) error { return EncodeNPZ(w, f) })
}

// EncodeNPZ writes one stored npy member a tensor, in order of names, with a
// fixed date: the same tensors give the same bytes, and each member is what numpy
// itself writes. BF16 and the 8-bit floats, which numpy lacks, become F32, which
// holds them exactly. Meta and Ignored are not written. It fails with
// weights/unrepresentable on a value that its type cannot hold (F32 alone rounds).
func EncodeNPZ(w io.Writer, f *File) error {
	if err := f.check(); err != nil {
		return err
	}
	z := zip.NewWriter(w)
	for i := range f.Tensors {
		if err := f.writeMember(z, &f.Tensors[i]); err != nil {
			return err
		}
	}
	return z.Close()
}

func (f *File) writeMember(z *zip.Writer, t *Tensor) error {
	dtype := t.DType
	if dtypes[dtype].numpy == "" {
		dtype = F32
	}
	content, err := f.encode(formatNPYHeader(dtype, t.Shape), t, dtype)
	if err != nil {
		return err
	}
	w, err := z.CreateRaw(memberHeader(t.Name+".npy", content))
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	return err
}

// memberHeader states sizes and sum before the content: some C++ readers of npz
// do not look for them behind it.
func memberHeader(name string, content []byte) *zip.FileHeader {
	const utf8Name = 0x800
	h := &zip.FileHeader{
		Name: name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(content),
		CompressedSize64: uint64(len(content)), UncompressedSize64: uint64(len(content)),
	}
	//lint:ignore SA1019 CreateRaw writes the fields of DOS and does not look at Modified.
	h.ModifiedDate = 1<<5 | 1 // 1 January 1980
	if strings.ContainsFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) {
		h.Flags |= utf8Name
	}
	return h
}

// encode appends the elements of t to head.
func (f *File) encode(head []byte, t *Tensor, dtype DType) ([]byte, error) {
	size := dtype.Size()
	out := append(head, make([]byte, size*len(t.Data))...)
	words := out[len(head):]
	for i, v := range t.Data {
		if !dtypes[dtype].encode(words[i*size:][:size], v) {
			return nil, diag.Errorf(f.pos(), codeUnrepresented, "tensor %q: element %s = %v cannot be written as %s",
				t.Name, indexText(t.Shape, i), v, dtype).WithFix("write it in a wider type")
		}
	}
	return out, nil
}

// WriteSafetensors writes the file for the safetensors library, atomically; see
// EncodeSafetensors.
func WriteSafetensors(path string, f *File) error {
	return AtomicWrite(path, func(w io.Writer) error { return EncodeSafetensors(w, f) })
}

// EncodeSafetensors writes all tensors and Meta; Ignored is not written. Wider
// types come first and then the order is that of names, so that every tensor is
// aligned to its elements. It fails as EncodeNPZ does.
func EncodeSafetensors(w io.Writer, f *File) error {
	if err := f.check(); err != nil {
		return err
	}
	order := slices.Clone(f.Tensors)
	sort.SliceStable(order, func(i, j int) bool { return order[i].DType.Size() > order[j].DType.Size() })
	header, err := safetensorsHeader(order, f.Meta)
	if err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	for i := range order {
		content, err := f.encode(nil, &order[i], order[i].DType)
		if err != nil {
			return err
		}
		if _, err := w.Write(content); err != nil {
			return err
		}
	}
	return nil
}

// safetensorsHeader lists the tensors in the order of their bytes.
func safetensorsHeader(order []Tensor, meta map[string]string) ([]byte, error) {
	var fields []string
	if len(meta) > 0 {
		fields = append(fields, fmt.Sprintf("%q:%s", safetensorsMeta, jsonText(meta)))
	}
	begin := 0
	for _, t := range order {
		if t.Name == safetensorsMeta || !utf8.ValidString(t.Name) {
			return nil, diag.Errorf(diag.Pos{}, codeUnrepresented, "a safetensors file cannot name a tensor %q", t.Name).WithFix("rename it")
		}
		end := begin + t.DType.Size()*len(t.Data)
		shape := append([]int{}, t.Shape...)
		fields = append(fields, fmt.Sprintf(`%s:{"dtype":%q,"shape":%s,"data_offsets":[%d,%d]}`,
			jsonText(t.Name), t.DType, jsonText(shape), begin, end))
		begin = end
	}
	return appendHeader(nil, "{"+strings.Join(fields, ",")+"}"), nil
}

// jsonText writes text, a list of integers or a map of texts, which cannot fail;
// keys of maps are sorted.
func jsonText(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}
