package ir

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// shortDigest is the number of hex digits of a tensor's digest in a text.
const shortDigest = 16

// head is the type and shape of a tensor as texts write them: s8[128x784].
func head(t *Tensor) string {
	dims := make([]string, len(t.Shape))
	for i, d := range t.Shape {
		dims[i] = fmt.Sprint(d)
	}
	return fmt.Sprintf("%s[%s]", t.Type, strings.Join(dims, "x"))
}

// digest is the SHA-256, in hex, of type, shape and canonical bytes.
func (t *Tensor) digest() string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n", head(t))
	h.Write(t.Bytes())
	return hex.EncodeToString(h.Sum(nil))
}

// Digest is the SHA-256, in 64 hex digits, of what the module means: its canonical
// text without positions and with the whole digest of every large tensor.
func Digest(m *Module) string {
	h := sha256.New()
	p := printer{o: PrintOptions{OmitPositions: true, OmitBlobs: true}, digestLength: sha256.Size * 2}
	for o := range objects(m) {
		// A hash never fails to be written to.
		_, _ = io.WriteString(h, o.text(&p)+"\n")
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Equal reports whether two modules have the same text but for positions.
func Equal(a, b *Module) bool { return Digest(a) == Digest(b) }
