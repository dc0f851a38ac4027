package image

// bitWriter appends fields to words, lowest bit first.
type bitWriter struct {
	words []uint64
	free  uint // bits left in the last word
}

// put appends the low n bits of x, n in 0..63.
func (w *bitWriter) put(x uint64, n uint) {
	if n == 0 {
		return
	}
	if w.free == 0 {
		w.words, w.free = append(w.words, 0), wordBits
	}
	last := &w.words[len(w.words)-1]
	*last |= x << (wordBits - w.free)
	if n <= w.free {
		w.free -= n
		return
	}
	w.words = append(w.words, x>>w.free)
	w.free = wordBits - (n - w.free)
}

// bitReader reads what bitWriter wrote; beyond the end it reads zeros and says so.
type bitReader struct {
	words []uint64
	at    int // in bits
	over  bool
}

func (r *bitReader) take(n uint) uint64 {
	if n == 0 {
		return 0
	}
	if r.at+int(n) > len(r.words)*wordBits {
		r.over = true
		return 0
	}
	word, bit := r.at/wordBits, uint(r.at%wordBits)
	x := r.words[word] >> bit
	if bit+n > wordBits {
		x |= r.words[word+1] << (wordBits - bit)
	}
	r.at += int(n)
	return x & (1<<n - 1)
}
