package weights

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"decc/ir/diag"

	"github.com/nlpodyssey/gopickle/pickle"
	"github.com/nlpodyssey/gopickle/types"
)

// allowedGlobals are the functions that a checkpoint may call, besides the
// storage classes of package torch (column torch of dtypes). This is the whole
// of safe loading: no other name in a pickle stands for anything.
var allowedGlobals = map[string]any{
	"collections.OrderedDict":         &types.OrderedDictClass{},
	"torch._utils._rebuild_tensor_v2": callable(rebuildTensor),
	"torch._utils._rebuild_parameter": callable(rebuildParameter),
}

func findGlobal(module, name string) (any, bool) {
	if v, ok := allowedGlobals[module+"."+name]; ok {
		return v, true
	}
	dtype, ok := dtypeWhere(byTorch, name)
	return storageClass(dtype), ok && module == "torch"
}

func allowed(module, name string) bool {
	_, ok := findGlobal(module, name)
	return ok
}

func refusal(module, name string) string {
	return fmt.Sprintf("found the class or function %s, expected tensors, storages and OrderedDict only (safe loading)", quoted(module+"."+name))
}

// errUnsafe marks a refusal on its way through the unpickler.
type errUnsafe string

func (e errUnsafe) Error() string { return string(e) }

func findClass(module, name string) (any, error) {
	if v, ok := findGlobal(module, name); ok {
		return v, nil
	}
	return nil, errUnsafe(refusal(module, name))
}

// callable is a Go function in the place of a Python one.
type callable func(args []any) (any, error)

// Call implements types.Callable.
func (c callable) Call(args ...any) (any, error) { return c(args) }

// storageClass stands for torch.FloatStorage and its like.
type storageClass DType

// storage is a run of elements that the file keeps outside the pickle.
type storage struct {
	key   string
	dtype DType
	count int
	raw   []byte // little-endian elements, nil until read
}

// torchTensor is a view of a storage that has not been read yet.
type torchTensor struct {
	store *storage
	view  view
}

var errRebuild = errors.New("_rebuild_tensor_v2 with other arguments than storage, offset, size, stride, bool, hooks[, {}]")

// rebuildTensor takes (storage, offset, size, stride, requires_grad, hooks) and,
// of newer writers, a dictionary of flags (conjugated, negated) that must be empty.
func rebuildTensor(args []any) (any, error) {
	if len(args) < 6 || len(args) > 7 {
		return nil, errRebuild
	}
	store, isStore := args[0].(*storage)
	offset, isInt := args[1].(int)
	size, isShape := integers(args[2])
	stride, isStride := integers(args[3])
	if !isStore || !isInt || !isShape || !isStride || len(size) != len(stride) || offset < 0 {
		return nil, errRebuild
	}
	if len(args) == 7 && !emptyOrNone(args[6]) {
		return nil, errRebuild
	}
	return &torchTensor{store, view{store.dtype, size, stride, offset}}, nil
}

// integers reads a tuple of integers that are not negative.
func integers(v any) ([]int, bool) {
	t, ok := v.(*types.Tuple)
	if !ok || t.Len() > maxRank {
		return nil, false
	}
	out := make([]int, t.Len())
	for i := range out {
		n, isInt := t.Get(i).(int)
		if !isInt || n < 0 {
			return nil, false
		}
		out[i] = n
	}
	return out, true
}

func emptyOrNone(v any) bool {
	d, ok := v.(*types.Dict)
	return v == nil || ok && d.Len() == 0
}

// rebuildParameter takes (tensor, requires_grad, hooks): a parameter is its tensor.
func rebuildParameter(args []any) (any, error) {
	if len(args) != 3 {
		return nil, errors.New("_rebuild_parameter with other than three arguments")
	}
	return args[0], nil
}

// pickleBytesPerByte is how much memory the unpickler may take for a byte of
// pickle: a MARK, one byte, makes a stack of sixteen two-word slots.
const pickleBytesPerByte = 256

// unpickle runs the stream at the start of data and gives its value and length.
// base is where data stands in the file; persistent resolves storages.
func (d *decoder) unpickle(file string, base int, data []byte, persistent func(any) (any, error)) (any, int, error) {
	size, bad := scanPickle(data, int(d.limits.Bytes/pickleBytesPerByte))
	if bad != nil {
		return nil, 0, pickleError(diag.AtOffset(file, int64(base+bad.at)), bad.code, bad.what)
	}
	value, err := run(data[:size], persistent)
	if err == nil {
		return value, size, nil
	}
	code := codeTorch
	if refused := errUnsafe(""); errors.As(err, &refused) {
		code = codeUnsafe
	}
	return nil, 0, pickleError(diag.AtOffset(file, int64(base)), code, err.Error())
}

// run turns the unpickler's panics on senseless streams into errors.
func run(stream []byte, persistent func(any) (any, error)) (value any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("senseless pickle: %v", p)
		}
	}()
	u := pickle.NewUnpickler(bytes.NewReader(stream))
	u.FindClass = findClass
	u.PersistentLoad = persistent
	value, err = u.Load()
	return value, plain(err)
}

// plain drops the Go values, with their addresses, that the unpickler prints
// after a colon: the same file must give the same message.
func plain(err error) error {
	var refused errUnsafe
	if err == nil || errors.As(err, &refused) {
		return err
	}
	text, _, _ := strings.Cut(err.Error(), ": ")
	return errors.New(text)
}

// pickleFixes are what puts a pickle right, by the code of what is wrong.
var pickleFixes = map[string]string{
	codeUnsafe: "save only tensors, numbers and dictionaries: torch.save(model.state_dict(), path)",
	codeTorch:  "save the checkpoint again",
	codeLimit:  "save only the tensors that are needed, or raise the limit",
}

func pickleError(pos diag.Pos, code, what string) error {
	return diag.Errorf(pos, code, "the pickle cannot be loaded: %s", what).WithFix("%s", pickleFixes[code])
}

// isPickle knows the first byte of protocols 2 to 5, and the magic number of
// torch as protocol 1 writes it.
func isPickle(data []byte) bool {
	const proto = 0x80
	return len(data) > 0 && data[0] == proto || bytes.HasPrefix(data, []byte("L"+torchMagic.String()+"L\n"))
}

// torchMagic opens a legacy torch.save file (torch/serialization.py, MAGIC_NUMBER).
var torchMagic, _ = new(big.Int).SetString("1950a86a20f9469cfc6c", 16)
