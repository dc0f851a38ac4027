// Package chipsim simulates a chip that an image was loaded into, bit for bit:
// cores with synaptic memory, dendritic accumulators and compartments, and the mesh
// between them. It reads nothing but the image (Load), so it is an independent
// witness of the compiler.
//
// What asks for nothing by core runs on as few cores as goroutines (merge.go), where groups are in one piece: the same
// spikes, states and counts, sooner.
//
// step.go is the order of the chip within a row. The cost of a row follows the
// compartments that are active and the synapses that spikes visit. Results depend
// on the network alone: not on the number of workers, not on the mapping to cores.
package chipsim
