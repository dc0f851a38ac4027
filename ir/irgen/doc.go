// Package irgen makes modules for tests: random valid ones with random input
// (Random), a second reading of what a module means that shares nothing with the
// engines but the tables it must share (Naive, Exact), and the shrinker that cuts
// a failing case down to what matters (Shrink). Everything is a function of its
// arguments: the same seed gives the same module on every machine.
package irgen
