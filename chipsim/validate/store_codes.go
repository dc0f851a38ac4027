package validate

import "decc/ir/diag"

// storeCodes explains the diagnostics of stores and baselines.
var storeCodes = []diag.CodeDoc{
	{Code: "store/open", Meaning: "The file of outcomes cannot be opened or read.", Example: "--checkpoint /dev/null", Fix: "check the path and its permissions"},
	{Code: "store/key", Meaning: "The file of outcomes belongs to a run with another network, data set, encoder, engine or duration.", Example: "the same --checkpoint after a change of --weight-bits", Fix: "delete the file to start anew, or give another"},
	{Code: "store/line", Meaning: "A line of a file of outcomes is damaged, or the file is something else.", Example: "--checkpoint model.yaml", Fix: "delete the file to start anew, or give another"},
	{Code: "store/size", Meaning: "A line of a file of outcomes is longer than any that decc writes.", Example: "--checkpoint weights.npz", Fix: "give another file"},
	{Code: "store/write", Meaning: "An outcome could not be written to its file.", Example: "a full disk", Fix: "free space and start again: what was kept before is still of use"},
	{Code: "baseline/json", Meaning: "The file is not a baseline.", Example: "--baseline report.json with a file that --json wrote", Fix: "write the baseline anew with --update-baseline"},
	{Code: "baseline/format", Meaning: "The baseline was written by a version of decc with another format.", Example: `"format": "decc-baseline/2"`, Fix: "write the baseline anew with --update-baseline"},
	{Code: "baseline/content", Meaning: "The baseline holds a value that no run can give.", Example: `"accuracy_chip": 97.4, which is a fraction of 1`, Fix: "write the baseline anew with --update-baseline"},
}
