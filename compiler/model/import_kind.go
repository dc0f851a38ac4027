package model

import (
	"bytes"
	"io"

	"decc/ir/diag"
	"decc/ir/hdf5"
)

// The kinds of file that can be imported.
const (
	KindCheckpoint = "checkpoint" // of the public DECOLLE code: Import
	KindNIR        = "nir"        // a graph: ImportNIR
	KindNetx       = "netx"       // a network of lava-dl: ImportNetx
)

// hdf5Marks are the groups by which HDF5 files are told apart.
var hdf5Marks = []struct{ group, kind string }{{"node", KindNIR}, {"layer", KindNetx}}

// ImportKind tells which importer a file needs, by what is in it. One that cannot be opened
// is left to the readers of checkpoints, whose errors say why.
func ImportKind(path string) (string, error) {
	f, size, err := openSized(path)
	if err != nil {
		return KindCheckpoint, nil
	}
	defer f.Close()
	head := make([]byte, len(hdf5.Signature))
	if _, err := io.ReadFull(f, head); err != nil || !bytes.Equal(head, []byte(hdf5.Signature)) {
		return KindCheckpoint, nil // its readers know the other formats, and what is none
	}
	file, err := hdf5.Open(f, size, path)
	if err != nil {
		return "", err
	}
	for _, mark := range hdf5Marks {
		has, err := file.Root().Has(mark.group)
		if err != nil {
			return "", err
		}
		if has {
			return mark.kind, nil
		}
	}
	return "", diag.Errorf(diag.Pos{File: path}, codeCheckpoint, "found an HDF5 file that is neither a NIR graph (group node) nor a network of lava-dl (group layer)").
		WithFix("give a .nir file, a .net file, or a checkpoint")
}
