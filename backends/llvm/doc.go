// Package llvm writes a verified module as one of LLVM, compiles it with what is installed, and runs it as a program of its own.
//
// What is written is code for the network's shape over constant tables, never code for a single compartment. Where to look:
//
//	lower.go     the order of things; limits of size
//	ops.go       the table of operations as instructions, one row for each of ir/sem
//	ranges.go    what values can be, from which the widths of lanes follow
//	group.go     the update of a group: 16 compartments a turn, in lanes of 32 or 64 bits
//	fan.go       synapses: how each fan is delivered, one by one where nothing better fits
//	rows.go      dense rows of weights of 8 or 16 bits into lanes of 16, and runs of neighbouring targets
//	plastic.go   memory of learning; learn.go, synapses.go the epochs of silicon and Lava, learn_nengo.go and
//	             learn_brian2.go the other two; host.go host programs, replay.go recorded thresholds
//	request.go   reads a request with a check of every number; run.go the rows of a run; serve.go the entry points
//	protocol.go  the frames between decc and a program, both ways
//	toolchain.go llc, clang and the linker; target.go processors
//	engine.go    the client: one process an engine, which ends with it
//
// A native program equals the interpreter in every spike, value, learned number and count. What it cannot do it refuses with one of Codes.
package llvm
