package weights

import (
	"fmt"
	"math/big"
	"strconv"

	"decc/ir/diag"

	"github.com/nlpodyssey/gopickle/types"
)

// maxNesting bounds the depth of a checkpoint, which may contain itself.
const maxNesting = 64

// flattener names the tensors and numbers of a checkpoint by the keys that lead
// to them, joined by dots: model_state_dict.fc1.weight, param_groups.0.lr.
type flattener struct {
	*decoder
	pos  diag.Pos
	load func(*storage) error
	seen int
}

func (d *decoder) flatten(file string, value any, load func(*storage) error) error {
	f := &flattener{decoder: d, pos: diag.Pos{File: file}, load: load}
	return f.visit("", value, 0)
}

// visit adds a value. A shared part is visited as often as it is reached, so
// visits are counted.
func (f *flattener) visit(name string, value any, depth int) error {
	if f.seen++; f.seen > f.limits.Entries || depth > maxNesting {
		return diag.Errorf(f.pos, codeLimit, "the checkpoint has more than %d values or is nested deeper than %d", f.limits.Entries, maxNesting).
			WithFix("save only the tensors that are needed, or raise the limit")
	}
	switch v := value.(type) {
	case *torchTensor:
		return f.tensor(f.orStem(name), v)
	case *types.Dict:
		return f.dict(name, v, depth)
	case *types.OrderedDict:
		return f.orderedDict(name, v, depth)
	case *types.List:
		return f.sequence(name, *v, depth)
	case *types.Tuple:
		return f.sequence(name, *v, depth)
	case *storage:
		return f.tensor(f.orStem(name), &torchTensor{v, rowMajor(v.dtype, []int{v.count})})
	}
	return f.scalar(f.orStem(name), value)
}

// orStem names a value that is the whole file.
func (f *flattener) orStem(name string) string {
	if name == "" {
		return f.stem()
	}
	return name
}

func (f *flattener) tensor(name string, t *torchTensor) error {
	if err := f.load(t.store); err != nil {
		return err
	}
	return f.addView(f.pos, name, t.view, t.store.raw)
}

func (f *flattener) dict(name string, d *types.Dict, depth int) error {
	for _, e := range *d {
		if err := f.entry(name, e.Key, e.Value, depth); err != nil {
			return err
		}
	}
	return nil
}

func (f *flattener) orderedDict(name string, d *types.OrderedDict, depth int) error {
	for at := d.List.Front(); at != nil; at = at.Next() {
		e := at.Value.(*types.OrderedDictEntry)
		if err := f.entry(name, e.Key, e.Value, depth); err != nil {
			return err
		}
	}
	return nil
}

func (f *flattener) sequence(name string, values []any, depth int) error {
	for i, v := range values {
		if err := f.entry(name, i, v, depth); err != nil {
			return err
		}
	}
	return nil
}

func (f *flattener) entry(name string, key, value any, depth int) error {
	var part string
	switch k := key.(type) {
	case string:
		part = k
	case int:
		part = strconv.Itoa(k)
	default:
		return diag.Errorf(f.pos, codeTorch, "a dictionary %s has a key that is neither text nor an integer", quoted(name)).
			WithFix("save dictionaries with names as keys")
	}
	if name != "" {
		part = name + "." + part
	}
	if len(part) > maxName {
		return diag.Errorf(f.pos, codeLimit, "a name has %d bytes, the limit is %d", len(part), maxName).WithFix("use shorter names")
	}
	return f.visit(part, value, depth+1)
}

// scalar adds a number as a tensor without dimensions. Texts, None and the like
// are only listed.
func (f *flattener) scalar(name string, value any) error {
	switch v := value.(type) {
	case float64:
		return f.number(name, F64, v)
	case bool:
		if v {
			return f.number(name, Bool, 1)
		}
		return f.number(name, Bool, 0)
	case int:
		if n := int64(v); n < -maxExact || n > maxExact {
			return inexact(f.pos, name, fmt.Sprintf("the number %d", v))
		}
		return f.number(name, I64, float64(v))
	case *big.Int:
		return inexact(f.pos, name, "the number "+quoted(v.String()))
	case nil, string, []byte, *types.Set, *types.FrozenSet:
		f.ignored = append(f.ignored, name)
		return nil
	}
	return pickleError(f.pos, codeUnsafe, fmt.Sprintf("%s is a class or an object of a class that tensors do not need (safe loading)", quoted(name)))
}

func (f *flattener) number(name string, dtype DType, v float64) error {
	return f.add(f.pos, name, dtype, []int{}, []float64{v})
}
