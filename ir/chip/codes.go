package chip

import "decc/ir/diag"

const (
	codeOpen         = "chip/open"
	codeSyntax       = "chip/syntax"
	codeUnknownKey   = "chip/unknown-key"
	codeUnknownLimit = "chip/unknown-limit"
	codeUnknownChip  = "chip/unknown-chip"
	codeDuplicate    = "chip/duplicate"
	codeMissing      = "chip/missing"
	codeValue        = "chip/value"
)

// Codes explains the diagnostics of this package.
var Codes = []diag.CodeDoc{
	{
		Code: codeOpen, Meaning: "A chip profile file cannot be opened or read.",
		Example: "--chip missing.yaml", Fix: "Check the path, or name an embedded profile.",
	},
	{
		Code: codeSyntax, Meaning: "A chip profile is not YAML, is empty, or is far longer than a profile can be.",
		Example: "limits: [", Fix: "Repair the line that is named; `decc targets` shows the embedded profiles.",
	},
	{
		Code: codeUnknownKey, Meaning: "A chip profile has a key that means nothing here; it would be ignored silently otherwise.",
		Example: "programms: [cuba]", Fix: "Use the key that the message suggests.",
	},
	{
		Code: codeUnknownLimit, Meaning: "A row names a limit that decc does not know.",
		Example: "limits: [{name: in_axon, value: 4096}]", Fix: "Use the name that the message suggests.",
	},
	{
		Code: codeUnknownChip, Meaning: "No embedded chip profile has this name.",
		Example: "base: loihi3", Fix: "Use loihi1 or loihi2, or give the path of a profile file.",
	},
	{
		Code: codeDuplicate, Meaning: "A key or a row is given twice; which of them counts would be a guess.",
		Example: "name: a\nname: b", Fix: "Remove one of them.",
	},
	{
		Code: codeMissing, Meaning: "A chip profile lacks something that the compiler needs.",
		Example: "name: mychip", Fix: "Add the row, or start from a complete profile with base.",
	},
	{
		Code: codeValue, Meaning: "A value has the wrong kind, lies outside what makes sense, or contradicts another row.",
		Example: "limits: [{name: cores, value: 0}]", Fix: "Give a value in the range that the message names.",
	},
}
