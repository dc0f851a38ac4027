// Package report draws what a validation found: the accuracy by width of the weights
// (AccuracyPicture) and the spikes of a layer on float and chip beside one another
// (RasterPicture); and recordings of events (Clip). Pictures are PNG; equal data give equal
// bytes on one machine.
//
// The three runs have the same colours in all pictures, chosen to be told apart by
// colour-blind readers too (Okabe and Ito's palette).
package report
