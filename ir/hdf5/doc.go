// Package hdf5 reads and writes the part of HDF5 that files of networks and of events
// need: NIR graphs, lava-dl .net files, recordings of torchneuromorphic.
//
// Open takes an io.ReaderAt and reads nothing but what is asked for; a dataset may be
// read by ranges of rows, so that a file of gigabytes costs the memory of one range:
//
//	f, err := hdf5.Open(r, size, "net.nir")
//	weight, err := f.Root().Dataset("node/nodes/fc1/weight")
//	values, err := weight.Floats(hdf5.DefaultLimit)
//
// Read are superblocks 0 to 3, object headers 1 and 2, groups in all their forms, storage
// that is compact, contiguous or in chunks under every kind of index, the filters deflate,
// shuffle and fletcher32, and numbers, booleans and strings. What is not read (compound
// types, other filters, virtual and external storage, the targets of soft and external
// links) is refused by name.
//
// A file is foreign bytes: no size in it is believed before it was held against the length
// of the file, and one operation reads no more bytes than a sound file of that length can
// hold for it, so that parts which refer to one another in a circle end in a diagnostic.
//
// Tree is the other direction: groups, datasets and attributes that Write turns into the
// same bytes every time.
//
// The format is that of "HDF5 File Format Specification Version 3.0" of the HDF Group.
package hdf5
