// Package stimulus is where inputs come from: data sets on disk (IDX images, spike
// lists as text) and the encoders that turn an image into the spikes of an input
// population.
//
// Every reader treats its input as foreign bytes: sizes are bounded before memory
// is taken, and whatever is wrong comes back as a diagnostic of package diag with
// one of the codes in Codes and the place (byte offset, or line and column) in the
// file. Nothing is embedded: the caller names the folder.
//
// Encoders are functions of their parameters, the pixels and the position of the
// image in its original file, and of nothing else: the same digit gives the same
// spikes on every machine, in any order and from any number of goroutines.
package stimulus
