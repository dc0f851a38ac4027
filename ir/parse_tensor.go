package ir

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"

	"decc/ir/diag"
	"decc/ir/sem"
)

// Bounds of a tensor in a text.
const (
	maxDims     = 8
	maxElements = 1 << 28
	// inlineElements is the greatest number of elements that stand in the text where
	// the tensor is used; larger ones are blobs.
	inlineElements = 64
)

// blobs pairs the digests that a text uses with the payloads at its end. Uses of
// one digest share one tensor.
type blobs struct {
	used    map[string]*Tensor
	order   []token
	payload map[string]string
	at      map[string]token
}

func newBlobs() *blobs {
	return &blobs{used: map[string]*Tensor{}, payload: map[string]string{}, at: map[string]token{}}
}

// tensor reads 328, s8[3]{1, 2, 3} or s8[128x784] #digest.
func (p *parser) tensor(b *blobs) *Tensor {
	if p.tok.kind == tokNumber {
		return Scalar(p.number("the value", math.MinInt32, math.MaxInt32))
	}
	t := &Tensor{Type: p.tensorType()}
	p.punct("[")
	t.Shape = p.shape()
	p.punct("]")
	switch {
	case p.failed:
		return nil
	case p.tok.kind == tokHash:
		return p.blobUse(b, t)
	}
	p.inline(t)
	return t
}

func (p *parser) tensorType() sem.Type {
	t := p.take(tokIdent, "a value (a number, or a type as in s8[3]{1, 2, 3})")
	if p.failed {
		return sem.Type{}
	}
	typ, ok := parseType(t.text, 32)
	if !ok || !tensorTypeOK(typ) {
		p.errorAt(t, "ir/type", "%s is not a type of tensors; they are s1..s32 and u1..u31", t.show())
		return sem.Type{Bits: 32, Signed: true}
	}
	return typ
}

// tensorTypeOK reports whether the elements of a type fit an int32.
func tensorTypeOK(t sem.Type) bool { return t.Bits >= 1 && t.Bits <= 32 && (t.Signed || t.Bits <= 31) }

// shape reads 10 or 128x784.
func (p *parser) shape() []int {
	if p.tok.kind != tokDims && p.tok.kind != tokNumber {
		p.fail("a shape, as 128 or 128x784")
		return nil
	}
	t := p.advance()
	var shape []int
	n := 1
	for _, d := range strings.Split(t.text, "x") {
		x, err := strconv.Atoi(d)
		if err != nil || x < 0 || x > maxElements || len(shape) == maxDims || n*max(x, 1) > maxElements {
			p.errorAt(t, "ir/size", "a shape has at most %d dimensions and %d elements in all", maxDims, maxElements)
			p.failed = true
			return nil
		}
		shape, n = append(shape, x), n*max(x, 1)
	}
	return shape
}

// inline reads {1, 2, 3}.
func (p *parser) inline(t *Tensor) {
	open := p.tok
	p.punct("{")
	for !p.failed && !p.tok.is("}") {
		if len(t.Data) > 0 {
			p.punct(",")
		}
		t.Data = append(t.Data, int32(p.number("the element", math.MinInt32, math.MaxInt32)))
	}
	p.punct("}")
	if !p.failed && len(t.Data) != t.Len() {
		p.errorAt(open, "ir/tensor", "%s for a shape of %d", diag.Plural(len(t.Data), "element"), t.Len())
	}
}

func (p *parser) blobUse(b *blobs, t *Tensor) *Tensor {
	tok := p.advance()
	first, ok := b.used[tok.text]
	if !ok {
		b.used[tok.text] = t
		b.order = append(b.order, tok)
		return t
	}
	if head(first) != head(t) {
		p.errorAt(tok, "ir/blob", "%s is the digest of %s elsewhere, and of %s here", tok.show(), head(first), head(t))
	}
	return first
}

// blob reads `blob #digest { base64 }`. The payload is taken as it stands, since
// base64 may hold what looks like a comment.
func (p *parser) blob(b *blobs) {
	p.word("blob")
	tok := p.take(tokHash, "a digest (#9f31…)")
	if p.failed || !p.tok.is("{") {
		p.fail(`"{"`)
		return
	}
	body := p.lex.raw()
	p.advance()
	p.punct("}")
	if _, twice := b.payload[tok.text]; twice {
		p.errorAt(tok, "ir/duplicate", "a second blob %s", tok.show())
	}
	b.payload[tok.text], b.at[tok.text] = body, tok
}

// resolve fills the tensors from the payloads.
func (p *parser) resolve(b *blobs) {
	for _, tok := range b.order {
		body, ok := b.payload[tok.text]
		if !ok {
			p.errorAt(tok, "ir/blob", "no blob %s at the end of the file", tok.show()).
				WithFix("print the module with its blobs")
			continue
		}
		p.fill(b.used[tok.text], b.at[tok.text], body)
		delete(b.at, tok.text)
	}
	for _, name := range sortedKeys(b.at) {
		p.errorAt(b.at[name], "ir/blob", "no tensor uses the blob %s", b.at[name].show())
	}
}

func (p *parser) fill(t *Tensor, tok token, body string) {
	raw, err := base64.StdEncoding.Strict().DecodeString(strings.Join(strings.Fields(body), ""))
	if err != nil {
		p.errorAt(tok, "ir/blob", "the payload is not base64: %v", err)
		return
	}
	if err := t.SetBytes(raw); err != nil {
		p.errorAt(tok, "ir/blob", "the payload has %v", err)
		return
	}
	if got := t.digest()[:shortDigest]; got != tok.text {
		p.errorAt(tok, "ir/blob", "the payload has the digest #%s", got).
			WithNote("the digest covers type, shape and bytes")
	}
}
