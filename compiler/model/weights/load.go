package weights

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"decc/ir/diag"
	"decc/ir/hdf5"
)

// Limits bound what a file may ask for.
type Limits struct {
	// Bytes bounds the size of the file, of what it unpacks to, and of the decoded
	// values (8 bytes an element), each on its own.
	Bytes int64
	// Entries bounds the members of a zip file and the values of a checkpoint.
	Entries int
}

// DefaultLimits are 4 GiB and 65536 entries.
func DefaultLimits() Limits { return Limits{Bytes: 4 << 30, Entries: 1 << 16} }

// Load reads a file of tensors under DefaultLimits. Errors are diagnostics with
// codes of this package, for HDF5 files those of ir/hdf5 as well.
func Load(path string) (*File, error) { return LoadWithin(path, DefaultLimits()) }

// LoadWithin is Load under other limits.
func LoadWithin(path string, limits Limits) (*File, error) {
	data, err := readRegular(path, limits)
	if err != nil {
		return nil, err
	}
	return Decode(path, data, limits)
}

func readRegular(path string, limits Limits) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, openError(path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, diag.Errorf(diag.Pos{File: path}, codeOpen, "found a %s, expected a regular file", kindOf(info.Mode())).
			WithFix("name the weight file itself")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, openError(path, err)
	}
	defer f.Close()
	if info.Size() > limits.Bytes {
		return nil, tooLarge(path, info.Size(), limits)
	}
	data, err := io.ReadAll(io.LimitReader(f, limits.Bytes+1))
	if err != nil {
		return nil, openError(path, err)
	}
	return data, nil
}

func kindOf(mode fs.FileMode) string {
	if mode.IsDir() {
		return "directory"
	}
	return "device, socket or pipe"
}

// openError leaves out the path of an os error, which the position gives.
func openError(path string, err error) error {
	var inner *fs.PathError
	if errors.As(err, &inner) {
		err = inner.Err
	}
	return diag.Errorf(diag.Pos{File: path}, codeOpen, "cannot read the weight file: %v", err).
		WithFix("check the path and the permissions")
}

func tooLarge(name string, size int64, limits Limits) error {
	return diag.Errorf(diag.Pos{File: name}, codeLimit, "the file has %d bytes, the limit is %d", size, limits.Bytes).
		WithFix("save only the tensors that are needed, or raise the limit")
}

// Decode reads a file that is already in memory. name is used for positions and,
// without folder and extension, as the name of the tensor of a file that holds
// one nameless array. data is not kept.
func Decode(name string, data []byte, limits Limits) (*File, error) {
	if int64(len(data)) > limits.Bytes {
		return nil, tooLarge(name, int64(len(data)), limits)
	}
	for _, f := range formats {
		if f.match(data) {
			return decodeAs(f.read, name, data, limits)
		}
	}
	return nil, unknownFormat(name, data)
}

// decodeAs runs the reader of one format.
func decodeAs(read func(*decoder) error, name string, data []byte, limits Limits) (*File, error) {
	d := &decoder{name: name, data: data, limits: limits}
	d.allow(int64(len(data)))
	if err := read(d); err != nil {
		return nil, err
	}
	f := &File{Name: name, Tensors: d.tensors, Meta: d.meta, Ignored: d.ignored}
	f.sort()
	if err := f.check(); err != nil {
		return nil, err
	}
	return f, nil
}

// formats are tried in this order; text is last as it has no signature.
var formats = []struct {
	match func([]byte) bool
	read  func(*decoder) error
}{
	{hasPrefix("PK\x03\x04"), readZip},
	{hasPrefix("PK\x05\x06"), readZip},
	{hasPrefix(npyMagic), readNPYFile},
	{isSafetensors, readSafetensors},
	{isPickle, readTorchLegacy},
	{hasPrefix(hdf5.Signature), readHDF5},
	{hasPrefix(lfsPrefix), refuseLFS},
	{isText, readText},
}

func hasPrefix(prefix string) func([]byte) bool {
	return func(data []byte) bool { return bytes.HasPrefix(data, []byte(prefix)) }
}

const lfsPrefix = "version https://git-lfs"

func refuseLFS(d *decoder) error {
	return d.errorf(0, codeFormat, "found a Git LFS pointer, expected the weights that it points to").
		WithFix("fetch the file itself: git lfs pull")
}

func unknownFormat(name string, data []byte) error {
	return diag.Errorf(diag.AtOffset(name, 0), codeFormat,
		"the file starts with %q, expected an npz, npy, safetensors, torch.save, HDF5 or text file", data[:min(len(data), 12)]).
		WithFix("convert the weights to one of these formats")
}

// isText looks for control characters, in the first bytes only: readText finds
// the place of whatever else does not belong.
func isText(data []byte) bool {
	head := data[:min(len(data), 512)]
	control := func(r rune) bool { return r < ' ' && r != '\n' && !isBlank(byte(r)) }
	return len(head) > 0 && !bytes.ContainsFunc(head, control)
}

// decoder is the state of reading one file.
type decoder struct {
	name    string
	data    []byte
	limits  Limits
	left    int64 // elements that may still be decoded
	tensors []Tensor
	ignored []string
	meta    map[string]string
}

// viewFactor is how many times the tensors of a checkpoint may use the same
// stored bytes (tied weights), so that a small file cannot ask for much memory.
const viewFactor = 16

// allow sets the number of elements that a store of so many bytes can back.
func (d *decoder) allow(stored int64) {
	d.left = d.limits.Bytes / 8
	if stored < d.left/viewFactor {
		d.left = viewFactor * stored
	}
}

func (d *decoder) errorf(offset int64, code, format string, args ...any) *diag.Diagnostic {
	return diag.Errorf(diag.AtOffset(d.name, offset), code, format, args...)
}

// stem names the array of a file that gives it no name.
func (d *decoder) stem() string {
	base := filepath.Base(d.name)
	if stem := strings.TrimSuffix(base, filepath.Ext(base)); stem != "" {
		return stem
	}
	return base
}

// maxName bounds the length of a name: those of nested dictionaries are joined.
const maxName = 4096

func (d *decoder) add(pos diag.Pos, name string, dtype DType, shape []int, data []float64) error {
	if len(name) > maxName {
		return diag.Errorf(pos, codeLimit, "a tensor's name has %d bytes, the limit is %d", len(name), maxName).
			WithFix("use shorter names")
	}
	d.tensors = append(d.tensors, Tensor{Name: name, DType: dtype, Shape: shape, Data: data})
	return nil
}

// addView decodes an array out of little-endian raw and adds it. Its shape and
// place are checked here, before any memory is taken.
func (d *decoder) addView(pos diag.Pos, name string, v view, raw []byte) error {
	stored := int64(len(raw) / v.dtype.Size())
	n, ok := elements(v.shape)
	if !ok || !v.within(stored) {
		return diag.Errorf(pos, codeShape, "tensor %q of shape %v, stride %v and offset %d does not lie in its %d stored elements",
			name, v.shape, v.stride, v.offset, stored).WithFix("write the file again")
	}
	if n > d.left {
		return diag.Errorf(pos, codeLimit, "tensor %q of shape %v needs %d elements, %d are left of what the file and the limit of %d bytes allow",
			name, v.shape, n, d.left, d.limits.Bytes).
			WithFix("save only the tensors that are needed, expanded ones with .contiguous()")
	}
	d.left -= n
	data, err := v.gather(raw)
	if err != nil {
		return inexact(pos, name, err.Error())
	}
	return d.add(pos, name, v.dtype, v.shape, data)
}

func inexact(pos diag.Pos, name, what string) error {
	return diag.Errorf(pos, codeInexact, "tensor %q: %s is beyond ±2^53, expected an integer that float64 holds exactly", name, what).
		WithFix("leave the tensor out, or store smaller values")
}

// dtypeNames lists the names of the element types that a format can hold.
func dtypeNames(field func(dtypeRow) string) string {
	var names []string
	for _, row := range dtypes {
		if field(row) != "" {
			names = append(names, field(row))
		}
	}
	return strings.Join(names, " ")
}

func dtypeError(pos diag.Pos, name, found string, field func(dtypeRow) string) error {
	return diag.Errorf(pos, codeDType, "tensor %q has elements of type %s, expected one of %s", name, found, dtypeNames(field)).
		WithFix("%s", "convert it to a float, integer or bool array before saving")
}

func quoted(text string) string {
	const shown = 40
	if len(text) > shown {
		return fmt.Sprintf("%q…", text[:shown])
	}
	return fmt.Sprintf("%q", text)
}
