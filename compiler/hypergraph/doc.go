// Package hypergraph divides the vertices of a hypergraph among parts of bounded load so
// that few nets are in several parts. It knows nothing of chips: a vertex is what must stay
// together, a net what talks at once to all its pins, and the price of a net is its weight
// times the parts beyond the first in which it has pins (connectivity minus one). That is
// what a multicast of one packet a part costs, where a graph with an edge for each pair of
// pins would count every pin.
//
// Method: vertices that share heavy nets merge until about a hundred a part are left, once for all
// divisions of a hypergraph; recursive bisection divides what is left, and single vertices move between the parts on the
// way back. So the time goes with the pins and not, as that of bisections of the whole, with the
// depth of the division too. Every bisection is multilevel itself: the small hypergraph is divided in several ways, and the
// best division is refined by moves after Fiduccia and Mattheyses ("A linear-time heuristic
// for improving network partitions", DAC 1982) on the way back. The scheme is that of hMETIS
// (Karypis et al., IEEE Trans. VLSI 7(1), 1999) and PaToH.
//
// Everything is integer and drawn from a fixed sequence, so the same hypergraph gives the
// same parts on any machine.
package hypergraph
