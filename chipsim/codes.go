package chipsim

import "decc/ir/diag"

// Codes explains the diagnostics that only this room reports. What is wrong with a
// request for any engine has codes run/... (package ir/interp).
var Codes = []diag.CodeDoc{
	{Code: "chipsim/accumulators", Meaning: "the delays of the image need more accumulators than a session may have", Example: "delays of 63 rows on thousands of full cores", Fix: "shorten the longest delays, or split the network"},
	{Code: "chipsim/event-order", Meaning: "the events of an input are not sorted by row, or a row is negative", Example: "an event of row 3 after one of row 5", Fix: "sort the events by row, then index"},
	{Code: "chipsim/probe-memory", Meaning: "the probes of a request would record more values than fit", Example: "probing all of 100000 compartments for 10000 rows", Fix: "probe fewer members, or run fewer rows at a time"},
	{Code: "chipsim/weigh", Meaning: "the work of cores is asked for in the middle of a run that was not on the chip's own cores", Example: "a program that continues a run and weighs only its end", Fix: "weigh the run from its reset on"},
}
