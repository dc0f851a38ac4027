package rule

import "decc/ir/diag"

// The codes of this package.
const (
	codeSyntax   = "rule/syntax"
	codeVariable = "rule/variable"
	codeGate     = "rule/gate"
	codeConstant = "rule/constant"
	codeMantissa = "rule/mantissa"
	codeUnknown  = "rule/unknown"

	codeSaturation = "rule/saturation"
	codeTruncation = "rule/truncation"
	codeIdle       = "rule/idle"
)

// Codes explains the diagnostics of this package.
var Codes = []diag.CodeDoc{
	{Code: codeSyntax, Meaning: "a learning rule is a sum of products", Example: "2^-4*x1*y0*", Fix: "write numbers, variables and brackets with * between and + or - between products"},
	{Code: codeVariable, Meaning: "a name is no variable of the learning engine", Example: "u0*r1*w", Fix: "use x0 x1 x2 y0 y1 y2 y3 w t d and u0..u9"},
	{Code: codeGate, Meaning: "every product waits for a spike or for the end of an epoch, and a rule has one decimation", Example: "x1*y1", Fix: "multiply by x0, y0 or u0"},
	{Code: codeConstant, Meaning: "the constant of a bracket does not fit", Example: "x0*(y1-300)", Fix: "constants are -255..255"},
	{Code: codeUnknown, Meaning: "no rule of that name comes with decc", Example: "decc inspect --rules sdtp", Fix: "`decc inspect --rules` lists them"},
	{Code: codeSaturation, Meaning: "a product can leave the accumulator's 16 bits", Example: "2^8*u0*x1*y1", Fix: "use a smaller exponent, or smaller impulses"},
	{Code: codeTruncation, Meaning: "a product of several variables loses its lowest bits, and small ones all of them", Example: "2^-7*u0*x1*y1 with traces of 1", Fix: "use larger impulses, or factors that are multiples of 8"},
	{Code: codeIdle, Meaning: "a trace is read and never moves, or moves and is never read", Example: "x1 without impulse in x1*y0", Fix: "give it an impulse, or leave it out"},
	{Code: codeMantissa, Meaning: "the number of a product does not fit a 4-bit mantissa and a power of two from 2^-7 to 2^8", Example: "9*x0*y1", Fix: "use a mantissa of -8..7"},
}
