// Package weights reads and writes files of named tensors: npz and npy (numpy),
// safetensors, PyTorch checkpoints (torch.save, zip and legacy), plain text matrices
// and, to read only, HDF5, whose tensors are named by their paths. Load tells them apart by their first bytes, never by the extension.
//
// All values become float64 in row-major order, exactly: an integer beyond ±2^53
// is an error that names the element. The element type of the file is kept, so
// that a tensor can be written back as it came.
//
// Files are foreign bytes. Nothing in them is executed: a checkpoint may name
// only the classes that tensors are made of (allowedGlobals), every size is
// checked against the bytes that back it before memory is taken, and whatever
// is wrong is a diagnostic with a place, never a panic.
package weights
