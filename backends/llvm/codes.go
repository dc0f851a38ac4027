package llvm

import "decc/ir/diag"

// The codes of this package.
const (
	codeSize     = "llvm/size"
	codeCPU      = "llvm/cpu"
	codeSystem   = "llvm/system"
	codeTools    = "llvm/tools"
	codeCompile  = "llvm/compile"
	codeProgram  = "llvm/program"
	codeStopped  = "llvm/stopped"
	codeLearning = "llvm/learning"
	codeParam    = "llvm/param"
	codePayload  = "llvm/payload"
	codeTwice    = "llvm/twice"
)

// Codes explains the diagnostics of this package.
var Codes = []diag.CodeDoc{
	{Code: codeSize, Meaning: "A network is too large to be written as one native program.", Example: "decc run big.dcir --engine native, of 100 million synapses", Fix: "Use --engine chip."},
	{Code: codeCPU, Meaning: "There is no processor of that name for this architecture.", Example: "decc build MODEL --emit llvm --cpu z80", Fix: "Use one of those that the message names."},
	{Code: codeSystem, Meaning: "Native programs are not made for this system.", Example: "--engine native on Windows", Fix: "Use --engine chip."},
	{Code: codeTools, Meaning: "No compiler of LLVM was found, or nothing that links.", Example: "--engine native where neither llc nor clang is installed", Fix: "apt-get install llvm gcc, or clang; or use --engine chip."},
	{Code: codeCompile, Meaning: "A compiler of LLVM or the linker refused what decc wrote: a bug, or a full disk.", Example: "no space left on device", Fix: "Look at the message; report it with the output of decc build --emit llvm."},
	{Code: codeProgram, Meaning: "A native program ended, or answered what is no answer.", Example: "the program was killed for want of memory", Fix: "Run it again; use --engine chip if it happens again, and report it."},
	{Code: codeStopped, Meaning: "A native engine was asked for more after it was stopped.", Example: "a run after one that was interrupted", Fix: "Make a new engine."},
	{Code: codeLearning, Meaning: "Synapses learn in a way that native programs do not have.", Example: "--engine native for a rule of semantics brian2-loihi", Fix: "Use --engine interp."},
	{Code: codeParam, Meaning: "A host writes a value into a param for which the widths of the native program are not proved.", Example: "gain = 2000000 of a group whose gain is 512", Fix: "Use --engine chip, or set the param to its greatest value in the module."},
	{Code: codePayload, Meaning: "An event carries a payload beyond the type that its input declares.", Example: "payload 300 at an input of payload(u8)", Fix: "Declare the type of the payload in the module."},
	{Code: codeTwice, Meaning: "Two events of an input agree in row and member.", Example: "events 5,0 and 5,0", Fix: "Use --engine chip, or leave one out."},
}
