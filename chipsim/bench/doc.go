// Package bench measures how fast networks run: workloads whose spikes are known, the same for every
// engine and for other simulators, and what a run costs beside a plain read of the weights that it visits.
package bench

import "decc/ir/diag"

// Codes explains the diagnostics of this package.
var Codes = []diag.CodeDoc{
	{Code: "bench/workload", Meaning: "There is no workload of that name.", Example: "decc bench W9", Fix: "Use one of those that the message names."},
	{Code: "bench/events", Meaning: "The events of a workload are not pairs of a row and a source that it has.", Example: "a truncated file", Fix: "Take the folder anew from where it came."},
	{Code: "bench/weights", Meaning: "A file of weights has not as many bytes as the network has weights.", Example: "a truncated file", Fix: "Take the folder anew from where it came."},
	{Code: "bench/spikes", Meaning: "An engine does not send the spikes that the workload is known to send: a bug of the engine, or other files.", Example: "a file of another workload under this name", Fix: "Compare the files with those of the folder; report it if they are the same."},
}
