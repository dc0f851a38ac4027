// Package spiking is the float reference of models that are made of populations and
// connections: leaky integrate-and-fire neurons of real numbers, with or without a
// synaptic current, joined by dense matrices, kernels or lists. It is what a network of
// the NIR exchange format means once time has steps.
//
// A step of a neuron, in this order:
//
//	i = (1 - du)*i + in*(sum of weights of arriving spikes + bias of the connections)
//	v = (1 - dv)*v + gain*i + drift
//	spike if v > threshold (strict); then v = reset, or v - threshold where it subtracts
//
// Populations of another Mode part from the last line:
//
//	Ternary:  spike of 1 if v > threshold, of -1 if v < lower; then v = 0
//	Adaptive: theta = (1 - dtheta)*(theta - threshold) + threshold, r = (1 - dr)*r;
//	          spike if v - r >= theta; then r = r + 2*theta, and then theta = theta + step
//	Graded:   spike of v if |v| > threshold; du and dv are 1
//	Rectified: spike of v if v > threshold; du and dv are 1
//
// A spike brings its payload times the weight.
//
// A connection from a population to a later one of the list passes spikes within the
// step, as deep-learning tools run a stack of layers; one to the same or an earlier
// population passes them to the next step. Extra delays are whole steps on top.
//
// A connection that pools by maximum joins the spikes of a window by OR: those that arrive at
// a member of the target in a step count once. It takes no step.
//
// Sums are made in the order of the connections and of the spikes that arrive, so equal
// inputs give equal bits on any machine.
package spiking
