package ir

// maxName is the greatest length of a name, in bytes.
const maxName = 128

// ValidName reports whether s can name an object (module, program, input, group,
// synapse, layer): letters, digits, _ and inner - of ASCII, 1..128 bytes.
func ValidName(s string) bool {
	return s != "" && len(s) <= maxName && s[0] != '-' && nameLength(s) == len(s)
}

// validIdent reports whether s can name a field or a value of a program.
func validIdent(s string) bool {
	return s != "" && len(s) <= maxName && isLetter(s[0]) && span(s, isWord) == len(s) && !programWords[s]
}

// validWord reports whether s can stand as a bare word: the name of a chip.
func validWord(s string) bool { return ValidName(s) && isLetter(s[0]) }

// programWords start a line of a neuron program, so nothing in it has such a name.
var programWords = map[string]bool{
	"state": true, "port": true, "param": true, "random": true, "spike": true, "payload": true, "out": true,
}
