// Package passes holds the passes that take a module from integers to cores:
// lower, legalise, partition, place, route; one file a pass. Check follows every
// synapse through the finished tables without their help, and Resources tells how
// full each core is.
package passes
