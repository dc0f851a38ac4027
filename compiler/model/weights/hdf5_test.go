package weights

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"decc/ir/diag"
	"decc/ir/hdf5"
)

func hdf5Bytes(put func(root *hdf5.Tree)) []byte {
	root := hdf5.NewTree()
	put(root)
	b, err := root.Bytes()
	if err != nil {
		panic(err)
	}
	return b
}

func hdf5Sample() []byte {
	return hdf5Bytes(func(root *hdf5.Tree) {
		layer := root.Group("layer").Group("0")
		hdf5.Put(layer, "weight", []int{2, 3}, []float32{1, -2, 3, 4.5, 5, 6}).Deflate()
		hdf5.Put(layer, "type", nil, []string{"dense"})
		hdf5.Put(root, "delay", []int{2}, []int16{-3, 63})
		hdf5.Put(root, "graded", nil, []bool{true})
	})
}

// TestHDF5 reads each kind of element; what is no number is listed and left out.
func TestHDF5(t *testing.T) {
	f := decode(t, "a.net", hdf5Sample())
	wantTensor(t, f, "layer/0/weight", F32, []int{2, 3}, 1, -2, 3, 4.5, 5, 6)
	wantTensor(t, f, "delay", I16, []int{2}, -3, 63)
	wantTensor(t, f, "graded", Bool, nil, 1)
	if len(f.Tensors) != 3 || !slices.Equal(f.Ignored, []string{"layer/0/type"}) {
		t.Errorf("%q, without %q", f.Names(), f.Ignored)
	}
	f = decode(t, "a.h5", hdf5Bytes(func(root *hdf5.Tree) {
		hdf5.Put(root, "i8", []int{1}, []int8{-128})
		hdf5.Put(root, "i32", []int{1}, []int32{-1 << 31})
		hdf5.Put(root, "i64", []int{1}, []int64{-1 << 53})
		hdf5.Put(root, "u8", []int{1}, []uint8{255})
		hdf5.Put(root, "u16", []int{1}, []uint16{65535})
		hdf5.Put(root, "u32", []int{1}, []uint32{1<<32 - 1})
		hdf5.Put(root, "u64", []int{1}, []uint64{1 << 53})
		hdf5.Put(root, "f64", []int{1}, []float64{0.1})
		hdf5.Put(root, "none", []int{0, 3}, []float64{})
	}))
	for name, want := range map[string]struct {
		dtype DType
		value float64
	}{
		"i8": {I8, -128}, "i32": {I32, -1 << 31}, "i64": {I64, -1 << 53}, "u8": {U8, 255},
		"u16": {U16, 65535}, "u32": {U32, 1<<32 - 1}, "u64": {U64, 1 << 53}, "f64": {F64, 0.1},
	} {
		wantTensor(t, f, name, want.dtype, []int{1}, want.value)
	}
	wantTensor(t, f, "none", F64, []int{0, 3})
}

func TestHDF5Refused(t *testing.T) {
	many := func(root *hdf5.Tree) {
		for i := range smallLimits.Entries + 1 {
			hdf5.Put(root, strings.Repeat("x", i+1), nil, []int8{0})
		}
	}
	for name, c := range map[string]struct {
		code string
		put  func(root *hdf5.Tree)
	}{
		"beyond 2^53":   {codeInexact, func(root *hdf5.Tree) { hdf5.Put(root, "x", []int{2}, []int64{0, 1 << 54}) }},
		"no float64":    {"hdf5/loss", func(root *hdf5.Tree) { hdf5.Put(root, "x", nil, []int64{1<<53 + 1}) }},
		"many datasets": {codeLimit, many},
		"many elements": {codeLimit, func(root *hdf5.Tree) {
			for _, name := range []string{"a", "b"} {
				n := int(smallLimits.Bytes/16) + 1
				hdf5.Put(root, name, []int{n}, make([]int8, n)).Deflate()
			}
		}},
	} {
		_, err := Decode("a.h5", hdf5Bytes(c.put), smallLimits)
		if found := diag.All(err); len(found) != 1 || found[0].Code != c.code || found[0].Pos.File != "a.h5" || found[0].Fix == "" {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

// TestNetOfLava holds the weights in a real network of lava-dl against the arrays that were
// taken out of it.
func TestNetOfLava(t *testing.T) {
	dir := shared(t, "data", "loihi-nmnist-net")
	f, err := Load(filepath.Join(dir, "network_nmnist_small.net"))
	if err != nil {
		t.Fatal(err)
	}
	for _, layer := range []string{"0", "1", "2"} {
		array, err := Load(filepath.Join(dir, "layer"+layer+"_weight.npy"))
		if err != nil {
			t.Fatal(err)
		}
		want := array.Tensors[0]
		got, err := f.Lookup("layer/" + layer + "/weight")
		if err != nil {
			t.Errorf("%v (have %v)", err, f.Names())
			continue
		}
		if len(want.Data) == 0 || !slices.Equal(got.Data, want.Data) || !slices.Equal(got.Shape, want.Shape) {
			t.Errorf("layer %s: shape %v, want %v, or other values", layer, got.Shape, want.Shape)
		}
	}
}
