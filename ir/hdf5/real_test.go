package hdf5

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// countValues reads every dataset and attribute of a file, and gives the number of
// datasets and of elements.
func countValues(t *testing.T, f *File) (datasets, elements int) {
	t.Helper()
	count := func(v *Values) error {
		all, err := printed(v, 0, v.Rows())
		elements += len(all)
		return err
	}
	err := f.Walk(func(o Object) error {
		attributes, err := o.Attributes()
		for _, a := range attributes {
			if err := count(a.Values); err != nil {
				return err
			}
		}
		if d, ok := o.(*Dataset); ok && err == nil {
			datasets++
			return count(d.Values)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return datasets, elements
}

// TestRealGraphs reads published NIR files whole; the numbers are those of h5py.
func TestRealGraphs(t *testing.T) {
	folder := reference(t, "nir")
	for name, want := range map[string][2]int{
		"braille_noDelay_bias_zero.nir": {30, 2544},
		"cnn_sinabs.nir":                {64, 57923},
		"lif_norse.nir":                 {15, 20},
	} {
		f := opened(t, filepath.Join(folder, name))
		datasets, elements := countValues(t, f)
		if [2]int{datasets, elements} != want {
			t.Errorf("%s: %d datasets of %d elements, expected %d", name, datasets, elements, want)
		}
		kind, err := f.Root().Dataset("node/type")
		if err != nil {
			t.Fatal(err)
		}
		if text, err := kind.Text(); text != "NIRGraph" {
			t.Errorf("%s: node/type is %q, %v", name, text, err)
		}
	}
}

// TestRealNetwork compares the weights of a published network with the arrays that were
// taken out of it by other means.
func TestRealNetwork(t *testing.T) {
	folder := reference(t, "loihi-nmnist-net")
	f := opened(t, filepath.Join(folder, "network_nmnist_small.net"))
	for layer := range 3 {
		d, err := f.Root().Dataset(fmt.Sprintf("layer/%d/weight", layer))
		if err != nil {
			t.Fatal(err)
		}
		got, err := d.Ints(0)
		if err != nil {
			t.Fatal(err)
		}
		if want := int16Array(t, filepath.Join(folder, fmt.Sprintf("layer%d_weight.npy", layer))); !slices.Equal(got, want) {
			t.Errorf("layer %d: %d weights differ from the %d of the array", layer, len(got), len(want))
		}
	}
	decay, err := f.Root().Dataset("layer/1/neuron/vDecay")
	if err != nil {
		t.Fatal(err)
	}
	if v, err := decay.Int(); v != 123 || err != nil {
		t.Errorf("vDecay is %d, %v", v, err)
	}
}

// int16Array reads an npy array of version 1 with elements of two bytes.
func int16Array(t *testing.T, path string) []int64 {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw = raw[10+int(binary.LittleEndian.Uint16(raw[8:])):]
	all := make([]int64, len(raw)/2)
	for i := range all {
		all[i] = int64(int16(binary.LittleEndian.Uint16(raw[2*i:])))
	}
	return all
}
