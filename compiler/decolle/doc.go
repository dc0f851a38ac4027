// Package decolle is the float reference of DECOLLE (Deep Continuous Local
// Learning; Kaiser, Mostafa, Neftci, Front. Neurosci. 14:424, 2020): networks of
// leaky integrate-and-fire layers, each with a frozen random readout and a local
// loss, trained online, one update a time step, without any error that crosses a
// layer. It runs and trains in float32 or float64 and replays the recorded traces
// of the authors' program (golden/decolle).
//
// The dynamics of layer l in row t, for input line j and compartment i:
//
//	Q_j(t) = beta  Q_j(t-1) + q S_in,j(t)
//	P_j(t) = alpha P_j(t-1) + p Q_j(t-1)
//	R_i(t) = alpharp R_i(t-1) - rho wrp S_i(t-1)
//	U_i(t) = sum_j W_ij P_j(t) + b_i + R_i(t),   S_i = step(U_i)
//	u = maxpool(U),  s = step(u),  r_c = sum_i G_ci s_i + gb_c
//
// The variant table gives q, p and rho, the surrogate table the step and its slope.
//
// Every sum has one fixed order, whatever the number of workers: over the input
// lines in ascending order (of a convolution: kernel row, kernel column, channel),
// over the batch in ascending order, over the neurons of a channel in row-major
// order. Lines that never fired, and slopes that are 0, are left out where that is
// cheaper, which adds the same bits as adding their zeros. A network therefore gives
// the same bits on any number of workers. Products are rounded before they are added
// (no fused multiply-add), and vectors (package simd) have a sum in each lane, so that
// the bits do not depend on the processor either; only the sigmoid goes through
// math.Exp, which may differ between processors.
//
// A Network holds parameters, a Batch the state of some items that run through
// it, a Learner the local gradients and the optimiser, a Trainer the passage
// through a data set. A Twin learns as a chip does, one sample at a time by the
// on-chip rule, with each of the chip's approximations as a switch. Inside, compartments of a convolution are ordered row,
// column, channel; everything exported is ordered channel, row, column.
package decolle
