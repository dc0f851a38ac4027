// Package bench measures how fast networks run: workloads whose spikes are known, the same for every
// engine and for other simulators, and what a run costs beside a plain read of the weights that it visits.
package bench
