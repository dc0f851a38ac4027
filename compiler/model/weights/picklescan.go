package weights

import (
	"bytes"
	"fmt"
)

// operand is what follows an opcode in the stream.
type operand struct {
	fixed   int  // bytes
	counted int  // bytes of a little-endian count, which that many bytes follow
	lines   int  // newline-terminated texts
	number  bool // the counted bytes are an integer: few
	frame   bool // the fixed bytes are the length of the frame that follows
	global  bool // the lines are a module and a name
}

// opcodes are the instructions of pickle protocols 1 to 5 that a stream of
// tensors, numbers, texts and containers uses (Python's pickletools). All
// others are refused: extension codes, instances by name, out-of-band buffers.
var opcodes = map[byte]operand{
	'(': {}, ')': {}, ']': {}, '}': {}, '.': {}, '0': {}, '1': {}, '2': {}, 'N': {}, // marks, empties, STOP, POP, DUP, NONE
	'a': {}, 'e': {}, 's': {}, 'u': {}, 'd': {}, 'l': {}, 't': {}, // fill and build containers
	'b': {}, 'R': {}, 'Q': {}, // BUILD, REDUCE, BINPERSID
	'K': {fixed: 1}, 'M': {fixed: 2}, 'J': {fixed: 4}, 'G': {fixed: 8}, // small integers, BINFLOAT
	'I': {lines: 1}, 'L': {lines: 1}, 'F': {lines: 1}, 'S': {lines: 1}, 'V': {lines: 1},
	'T': {counted: 4}, 'U': {counted: 1}, 'X': {counted: 4}, 'B': {counted: 4}, 'C': {counted: 1}, // texts and bytes
	'g': {lines: 1}, 'h': {fixed: 1}, 'j': {fixed: 4}, 'p': {lines: 1}, 'q': {fixed: 1}, 'r': {fixed: 4}, // memo
	'c':  {lines: 2, global: true},
	0x80: {fixed: 1},                 // PROTO
	0x81: {},                         // NEWOBJ
	0x85: {},                         // TUPLE1
	0x86: {},                         // TUPLE2
	0x87: {},                         // TUPLE3
	0x88: {},                         // NEWTRUE
	0x89: {},                         // NEWFALSE
	0x8a: {counted: 1, number: true}, // LONG1
	0x8b: {counted: 4, number: true}, // LONG4
	0x8c: {counted: 1},               // SHORT_BINUNICODE
	0x8d: {counted: 8},               // BINUNICODE8
	0x8e: {counted: 8},               // BINBYTES8
	0x8f: {},                         // EMPTY_SET
	0x90: {},                         // ADDITEMS
	0x91: {},                         // FROZENSET
	0x93: {},                         // STACK_GLOBAL
	0x94: {},                         // MEMOIZE
	0x95: {fixed: 8, frame: true},    // FRAME
}

// Longest integer and line that a stream may hold: the unpickler's time grows
// with the square of the first.
const (
	pickleNumberMax = 64
	pickleLineMax   = 4096
)

// scanError is what scanPickle found wrong, and where.
type scanError struct {
	at   int
	code string
	what string
}

// scanPickle walks the stream that starts data without running it and gives its
// length, limit at most. Afterwards every count in the stream is backed by bytes,
// so that the unpickler, which allocates what a count says, cannot be made to
// exhaust memory.
func scanPickle(data []byte, limit int) (int, *scanError) {
	at := 0
	for at < len(data) && at < limit {
		op, known := opcodes[data[at]]
		if !known {
			return 0, &scanError{at, codeUnsafe, fmt.Sprintf("found the pickle instruction %#02x, expected one that tensors need", data[at])}
		}
		size, err := op.size(data[at+1:])
		if err != nil {
			err.at = at
			return 0, err
		}
		if data[at] == '.' {
			return at + 1, nil
		}
		at += 1 + size
	}
	if at >= limit {
		return 0, &scanError{0, codeLimit, fmt.Sprintf("the pickle does not end within %d bytes, the limit", limit)}
	}
	return 0, &scanError{at, codeTorch, "the pickle ends before its STOP instruction"}
}

// size is the number of bytes of the operand at the start of rest.
func (o operand) size(rest []byte) (int, *scanError) {
	if o.lines > 0 {
		return o.lineSize(rest)
	}
	width := o.fixed + o.counted
	if width > len(rest) {
		return 0, &scanError{code: codeTorch, what: "the pickle ends inside an operand"}
	}
	if o.counted == 0 && !o.frame {
		return width, nil
	}
	count := loadWord(rest[:width])
	if count > uint64(len(rest)-width) {
		return 0, &scanError{code: codeTorch, what: fmt.Sprintf("an operand claims %d bytes, %d are left", count, len(rest)-width)}
	}
	if o.frame {
		return width, nil
	}
	if o.number && (count == 0 || count > pickleNumberMax) {
		return 0, &scanError{code: codeTorch, what: fmt.Sprintf("an integer of %d bytes, expected 1 to %d", count, pickleNumberMax)}
	}
	return width + int(count), nil
}

func (o operand) lineSize(rest []byte) (int, *scanError) {
	size := 0
	var lines [2]string
	for i := range o.lines {
		tail := rest[size:]
		end := bytes.IndexByte(tail[:min(len(tail), pickleLineMax)], '\n')
		if end < 0 {
			return 0, &scanError{code: codeTorch, what: fmt.Sprintf("a line that does not end within %d bytes", pickleLineMax)}
		}
		lines[i] = string(tail[:end])
		size += end + 1
	}
	if o.global && !allowed(lines[0], lines[1]) {
		return 0, &scanError{code: codeUnsafe, what: refusal(lines[0], lines[1])}
	}
	return size, nil
}
