// Package events reads and writes the recordings of event cameras and the spike files of
// SLAYER. Readers and writers stream: what they hold does not grow with the file, except
// that one packet of AEDAT is held whole, up to a limit.
//
// Events come in the order of the file, duplicates and falling times included, with
// the coordinates and the polarity of the file: nothing is sorted, flipped or rebased.
// Where the size of the sensor is known (Info), every event lies on it.
//
// Bad input is a diagnostic of the codes events/*, at a byte offset (of the unpacked bytes,
// where the file is gzip), in text at a line. A file that ends too early gives the events
// before the cut, then the error. An event that a written format cannot hold is an error,
// never another event.
package events
