package report

import "decc/ir/diag"

// The codes of this package; Codes explains each.
const (
	codeSize     = "report/size"
	codeSpikes   = "report/spikes"
	codeAccuracy = "report/accuracy"
)

// Codes explains the diagnostics of this package.
var Codes = []diag.CodeDoc{
	{
		Code:    codeSize,
		Meaning: "There is nothing to draw, or more than a picture can show.",
		Example: "the raster of a layer of 100000 neurons",
		Fix:     "choose fewer steps, neurons or widths",
	},
	{
		Code:    codeSpikes,
		Meaning: "A spike train is out of order or has spikes outside the raster.",
		Example: "a spike in step 100 of a raster of 100 steps, which are 0..99",
		Fix:     "give the steps and neurons that the train was recorded with",
	},
	{
		Code:    codeAccuracy,
		Meaning: "An accuracy is not a fraction.",
		Example: "97.4 for 97.4 %",
		Fix:     "give accuracies as fractions 0..1",
	},
}
