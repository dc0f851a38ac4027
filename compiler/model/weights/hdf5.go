package weights

import (
	"bytes"
	"fmt"
	"math"
	"strings"

	"decc/ir/diag"
	"decc/ir/hdf5"
)

// hdf5Names are the letters of the element types of HDF5 in the names of dtypes.
var hdf5Names = map[hdf5.Kind]string{hdf5.Int: "I", hdf5.Uint: "U", hdf5.Float: "F"}

// hdf5DType is the type of a dataset's elements, false where they are no numbers.
func hdf5DType(v *hdf5.Dataset) (DType, bool) {
	if v.Kind() == hdf5.Bool {
		return Bool, true
	}
	return dtypeWhere(byName, fmt.Sprintf("%s%d", hdf5Names[v.Kind()], 8*v.ElementBytes()))
}

// readHDF5 takes every dataset of numbers as a tensor, named by its path without the first
// slash.
func readHDF5(d *decoder) error {
	f, err := hdf5.Open(bytes.NewReader(d.data), int64(len(d.data)), d.name)
	if err != nil {
		return err
	}
	// An element takes at least a byte.
	d.left = min(d.limits.Bytes/8, hdf5.MaxInflation*int64(len(d.data)))
	return f.Walk(func(o hdf5.Object) error {
		v, ok := o.(*hdf5.Dataset)
		if !ok {
			return nil
		}
		if len(d.tensors)+len(d.ignored) == d.limits.Entries {
			return d.errorf(0, codeLimit, "the file has more than %d datasets", d.limits.Entries).WithFix("save only the tensors that are needed")
		}
		return d.addDataset(strings.TrimPrefix(v.Name(), "/"), v)
	})
}

func (d *decoder) addDataset(name string, v *hdf5.Dataset) error {
	pos := diag.Pos{File: d.name}
	dtype, ok := hdf5DType(v)
	if !ok {
		d.ignored = append(d.ignored, name)
		return nil
	}
	n, ok := elements(v.Shape())
	if !ok || n > d.left {
		return diag.Errorf(pos, codeLimit, "tensor %q of shape %v needs more than the %d elements that are left of what the file and the limit of %d bytes allow",
			name, v.Shape(), d.left, d.limits.Bytes).WithFix("save only the tensors that are needed")
	}
	d.left -= n
	if n == 0 {
		return d.add(pos, name, dtype, v.Shape(), []float64{})
	}
	data, err := v.Floats(int(n))
	if err != nil {
		return err
	}
	for i, x := range data {
		switch {
		case v.Kind() == hdf5.Bool && x != 0:
			data[i] = 1 // any byte but 0 is true, as in decodeBool
		case v.Kind() != hdf5.Float && math.Abs(x) > maxExact:
			return inexact(pos, name, fmt.Sprintf("element %s = %.0f", indexText(v.Shape(), i), x))
		}
	}
	return d.add(pos, name, dtype, v.Shape(), data)
}
