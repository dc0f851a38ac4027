// Package nir reads and writes graphs of the Neuromorphic Intermediate Representation
// (Pedersen et al., Nature Communications 2024; github.com/neuromorphs/NIR): nodes that are
// one of 18 primitives, and the edges between them, in an HDF5 file.
//
// A graph is kept as the file has it, in SI units and with the file's number types, so that
// what was read is written back. Graphs within a graph are opened up: their nodes get the
// name of the graph and a dot in front.
package nir
