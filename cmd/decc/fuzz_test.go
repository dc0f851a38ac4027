package main

import (
	"bytes"
	"testing"

	"decc/compiler/model/weights"
	"decc/ir/diag"
)

// foreignSeeds are small files of the kinds that commands tell apart.
func foreignSeeds(f *testing.F) [][]byte {
	f.Helper()
	file, err := weights.NewFile(weights.Tensor{Name: "v", DType: weights.I8, Shape: []int{2, 2}, Data: []float64{1, 2, 3, 4}})
	if err != nil {
		f.Fatal(err)
	}
	var npz bytes.Buffer
	if err := weights.EncodeNPZ(&npz, file); err != nil {
		f.Fatal(err)
	}
	return [][]byte{
		npz.Bytes(),
		[]byte("row,index,v\n0,4,1\n1,4,\"7\n\"\n"),
		[]byte("# comment\nrow,index\n0,4\n"),
		[]byte("1 2\n3 4\n"),
		[]byte("module @m stage(quantised) { input @in x 2 }"),
		[]byte("// a program\nneuron @p { port drive:s40 x = add(drive, 1) out x }"),
		{0, 0, 8, 1, 0, 0, 0, 2, 7, 9},
		[]byte(imageMagic + "\x01\x00\x00\x00\x00\x00\x00\x00"),
		nil,
	}
}

// FuzzInspect describes any bytes: a description that prints, or diagnostics.
func FuzzInspect(f *testing.F) {
	for _, seed := range foreignSeeds(f) {
		f.Add(seed, "file")
		f.Add(seed, "file.yaml")
	}
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		d, err := kindOf(name, data).describe(name, data)
		if err != nil {
			if len(diag.All(err)) == 0 {
				t.Fatalf("%v is no diagnostic", err)
			}
			return
		}
		for _, asJSON := range []bool{false, true} {
			if err := d.write(&bytes.Buffer{}, asJSON); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzDiff compares any two files: differences or diagnostics, no difference with
// itself, and as many from either side.
func FuzzDiff(f *testing.F) {
	seeds := foreignSeeds(f)
	for i, seed := range seeds {
		f.Add(seed, seeds[(i+1)%len(seeds)])
		f.Add(seed, bytes.ReplaceAll(seed, []byte("4"), []byte("5")))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		x, y := inputFile{"a", a}, inputFile{"b", b}
		found, err := compareFiles(x, y)
		if err != nil {
			if len(diag.All(err)) == 0 {
				t.Fatalf("%v is no diagnostic", err)
			}
			return
		}
		if back, err := compareFiles(y, x); err != nil || len(back) != len(found) {
			t.Errorf("%d differences, %d the other way round (%v)", len(found), len(back), err)
		}
		// Up to the first difference with b all of a was well formed; what follows may not be.
		self, err := compareFiles(x, x)
		if len(self) != 0 || err != nil && len(diag.All(err)) == 0 {
			t.Errorf("a file differs from itself: %v, %v", self, err)
		}
	})
}
