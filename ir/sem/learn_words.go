package sem

import (
	"encoding/binary"
	"fmt"
)

// The microcode of a rule, in a layout of our own (the chips' is not public): one word
// for the rule, one for each trace, then for each product of dw, dd and dt one or more.
//
//	rule     epoch 6, decimate 4, graded 2, products of dw 8, of dd 8, of dt 8, version 4
//	trace    impulse 15, decay 13, tau 31, written 1, host 2
//	product  gate 2, mantissa 4, exponent+7 4, factors 4, up to 3 factors
//	more     up to 4 factors
//	factor   variable 4, constant 9, sgn 1
//
// Fields begin at the lowest bit. The names of the values that programs write into traces
// are not in the words.
const (
	wordsVersion   = 1
	factorBits     = 14
	firstFactors   = 3
	moreFactors    = 4
	maxFactors     = 15
	maxSumProducts = 255
)

// field is a part of a word.
type field struct {
	value uint64
	bits  uint
}

// pack puts fields into a word from the lowest bit on.
func pack(fields ...field) uint64 {
	word, at := uint64(0), uint(0)
	for _, f := range fields {
		word |= f.value & (1<<f.bits - 1) << at
		at += f.bits
	}
	return word
}

// unpacker takes fields out of a word from the lowest bit on.
type unpacker struct{ word uint64 }

func (u *unpacker) take(bits uint) uint64 {
	x := u.word & (1<<bits - 1)
	u.word >>= bits
	return x
}

func (u *unpacker) signed(bits uint) int64 {
	return int64(u.take(bits)<<(64-bits)) >> (64 - bits)
}

// Words assembles a rule that Check passed. The error tells of a sum or product that has
// too many members.
func (r *Rule) Words() ([]uint64, error) {
	for _, sum := range r.Sums {
		if len(sum) > maxSumProducts {
			return nil, fmt.Errorf("rule @%s: a sum of %d products, at most %d", r.Name, len(sum), maxSumProducts)
		}
	}
	words := []uint64{pack(
		field{uint64(r.Epoch), 6}, field{uint64(r.Decimate), 4}, field{uint64(r.Graded), 2}, field{uint64(len(r.Sums[TargetW])), 8},
		field{uint64(len(r.Sums[TargetD])), 8}, field{uint64(len(r.Sums[TargetT])), 8}, field{wordsVersion, 4},
	)}
	for _, t := range r.Traces {
		written := uint64(0)
		if t.Value != "" {
			written = 1
		}
		words = append(words, pack(field{uint64(t.Impulse), 15}, field{uint64(t.Decay), 13}, field{uint64(t.Tau), 31}, field{written, 1}, field{uint64(t.Host), 2}))
	}
	for _, sum := range r.Sums {
		for i := range sum {
			if len(sum[i].Factors) > maxFactors {
				return nil, fmt.Errorf("rule @%s: a product of %d factors, at most %d", r.Name, len(sum[i].Factors), maxFactors)
			}
			words = append(words, sum[i].words()...)
		}
	}
	return words, nil
}

func (p *Product) words() []uint64 {
	fields := []field{{uint64(p.Gate), 2}, {uint64(p.Mant), 4}, {uint64(p.Exp - MinProdExp), 4}, {uint64(len(p.Factors)), 4}}
	var words []uint64
	room := firstFactors
	for _, f := range p.Factors {
		if room == 0 {
			words, fields, room = append(words, pack(fields...)), nil, moreFactors
		}
		fields = append(fields, f.field())
		room--
	}
	return append(words, pack(fields...))
}

func (f Factor) field() field {
	sgn := uint64(0)
	if f.Sgn {
		sgn = 1
	}
	return field{pack(field{uint64(f.Var), 4}, field{uint64(f.Add), 9}, field{sgn, 1}), factorBits}
}

// FromWords disassembles a rule: name is its own, values are those of the traces that
// programs write, in the order of TraceVariables. Whatever the words, the rule that it
// returns passes Check.
func FromWords(name string, words []uint64, values [traceCount]string) (*Rule, error) {
	d := disassembler{words: words}
	r := &Rule{Name: name}
	head := unpacker{d.next()}
	r.Epoch, r.Decimate, r.Graded = int(head.take(6)), int(head.take(4)), int(head.take(2))
	counts := [targetEnd]uint64{TargetW: head.take(8), TargetD: head.take(8), TargetT: head.take(8)}
	if version := head.take(64 - 36); version != wordsVersion {
		return nil, fmt.Errorf("microcode of version %d, this decc reads version %d", version, wordsVersion)
	}
	for i := range r.Traces {
		t := unpacker{d.next()}
		r.Traces[i] = Trace{Impulse: int32(t.take(15)), Decay: int32(t.take(13)), Tau: int32(t.take(31))}
		if written := t.take(1) != 0; written != (values[i] != "") {
			return nil, fmt.Errorf("trace %s is written: %v, by the value %q", TraceVariables[i], written, values[i])
		}
		r.Traces[i].Value = values[i]
		r.Traces[i].Host = HostWrite(t.take(64 - 60))
	}
	for t, n := range counts {
		for range n {
			r.Sums[t] = append(r.Sums[t], d.product())
		}
	}
	switch {
	case d.over:
		return nil, fmt.Errorf("%d words of microcode end inside the rule", len(words))
	case d.at < len(words):
		return nil, fmt.Errorf("%d words of microcode after the end of the rule", len(words)-d.at)
	}
	if err := r.Check(); err != nil {
		return nil, err
	}
	again, err := r.Words()
	if err != nil {
		return nil, err
	}
	for i, w := range again {
		if w != words[i] {
			return nil, fmt.Errorf("word %d of microcode is %#016x, the rule that it means has %#016x", i, words[i], w)
		}
	}
	return r, nil
}

// disassembler reads words one by one; over tells that there were too few.
type disassembler struct {
	words []uint64
	at    int
	over  bool
}

func (d *disassembler) next() uint64 {
	if d.at == len(d.words) {
		d.over = true
		return 0
	}
	d.at++
	return d.words[d.at-1]
}

func (d *disassembler) product() Product {
	u := unpacker{d.next()}
	p := Product{Gate: Gate(u.take(2)), Mant: int8(u.signed(4)), Exp: int8(u.take(4)) + MinProdExp}
	room := firstFactors
	for range u.take(4) {
		if room == 0 {
			u, room = unpacker{d.next()}, moreFactors
		}
		f := unpacker{u.take(factorBits)}
		p.Factors = append(p.Factors, Factor{Var: Variable(f.take(4)), Add: int16(f.signed(9)), Sgn: f.take(1) == 1})
		room--
	}
	return p
}

// MarshalBinary writes name, names of written values and words: the form in images.
func (r Rule) MarshalBinary() ([]byte, error) {
	words, err := r.Words()
	if err != nil {
		return nil, err
	}
	b := appendName(nil, r.Name)
	for _, t := range r.Traces {
		b = appendName(b, t.Value)
	}
	for _, w := range words {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return b, nil
}

func appendName(b []byte, name string) []byte {
	return append(binary.LittleEndian.AppendUint16(b, uint16(len(name))), name...)
}

// UnmarshalBinary reads what MarshalBinary wrote; whatever the bytes, the rule passes
// Check.
func (r *Rule) UnmarshalBinary(b []byte) error {
	var names [1 + traceCount]string
	for i := range names {
		if len(b) < 2 || len(b)-2 < int(binary.LittleEndian.Uint16(b)) {
			return fmt.Errorf("the rule ends in its name %d", i)
		}
		n := int(binary.LittleEndian.Uint16(b))
		names[i], b = string(b[2:2+n]), b[2+n:]
	}
	if len(b)%8 != 0 {
		return fmt.Errorf("%d bytes of microcode are no words", len(b))
	}
	words := make([]uint64, 0, len(b)/8)
	for ; len(b) > 0; b = b[8:] {
		words = append(words, binary.LittleEndian.Uint64(b))
	}
	read, err := FromWords(names[0], words, [traceCount]string(names[1:]))
	if err == nil {
		*r = *read
	}
	return err
}
