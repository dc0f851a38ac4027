// Command decc compiles DECOLLE networks for Loihi-style neuromorphic chips,
// runs them on a bit-accurate simulator and holds the runs against the float
// reference. One file holds one command; this is the only package that joins the
// rooms of the tree, prints, reads flags or exits.
package main

import "os"

func main() { os.Exit(Main(os.Args[1:], NewEnv())) }
