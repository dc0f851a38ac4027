package hdf5_test

import (
	"bytes"
	"fmt"

	"decc/ir/hdf5"
)

// A file is written from a tree, and read by paths and by ranges of rows.
func Example() {
	tree := hdf5.NewTree()
	node := tree.Group("node")
	hdf5.Put(node, "type", nil, []string{"Affine"})
	weight := hdf5.Put(node, "weight", []int{3, 2}, []float32{1, 2, 3, 4, 5, 6}).Deflate()
	hdf5.PutAttribute(weight, "unit", nil, []string{"V"})
	raw, err := tree.Bytes()
	if err != nil {
		fmt.Println(err)
		return
	}

	f, err := hdf5.Open(bytes.NewReader(raw), int64(len(raw)), "net.nir")
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := f.Root().Dataset("node/weight")
	if err != nil {
		fmt.Println(err)
		return
	}
	rows, err := d.FloatsAt(1, 2)
	fmt.Println(d.Name(), d.Shape(), d.Kind(), rows, err)
	kind, err := f.Root().Dataset("node/type")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(kind.Text())
	// Output:
	// /node/weight [3 2] float [3 4 5 6] <nil>
	// Affine <nil>
}
