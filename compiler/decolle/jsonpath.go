package decolle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"decc/ir/diag"
)

// path names a value of a JSON file: keys (string) and list positions (int).
type path []any

func (p path) String() string {
	var b strings.Builder
	for _, step := range p {
		if i, ok := step.(int); ok {
			fmt.Fprintf(&b, "[%d]", i)
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		fmt.Fprint(&b, step)
	}
	return b.String()
}

// below extends a path without touching it.
func (p path) below(steps ...any) path { return append(p[:len(p):len(p)], steps...) }

// locate finds the line and column of a value; the deepest part of the path that
// exists when the whole of it does not.
func locate(file string, data []byte, p path) diag.Pos {
	d := json.NewDecoder(bytes.NewReader(data))
	offset := int64(0)
	for _, step := range p {
		if descend(d, step) != nil {
			break
		}
		offset = d.InputOffset()
	}
	for offset < int64(len(data)) && bytes.IndexByte([]byte(" \t\r\n:,"), data[offset]) >= 0 {
		offset++
	}
	return position(file, data, offset+1)
}

var errNoSuchValue = errors.New("no such value")

// descend moves the decoder into the value of a key or list position.
func descend(d *json.Decoder, step any) error {
	if _, err := d.Token(); err != nil {
		return err
	}
	for i := 0; d.More(); i++ {
		here := any(i)
		if _, isKey := step.(string); isKey {
			key, err := d.Token()
			if err != nil {
				return err
			}
			here = key
		}
		if here == step {
			return nil
		}
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			return err
		}
	}
	return errNoSuchValue
}

// position turns an offset just behind a byte into that byte's line and column.
func position(file string, data []byte, offset int64) diag.Pos {
	end := min(max(int(offset)-1, 0), len(data))
	line := bytes.Count(data[:end], []byte("\n")) + 1
	return diag.At(file, line, end-bytes.LastIndexByte(data[:end], '\n'))
}

// block is a rectangular nest of lists of numbers, row-major.
type block struct {
	shape []int
	data  []float64
}

// readBlock flattens a JSON value of nested lists (or one number: no shape).
func readBlock(raw json.RawMessage) (block, error) {
	r := blockReader{}
	for i := 0; i < len(raw); {
		n, err := r.token(raw[i:])
		if err != nil {
			return block{}, err
		}
		i += n
	}
	if len(r.data) == 0 && len(r.shape) == 0 {
		return block{}, errors.New("holds no numbers")
	}
	return block{r.shape, r.data}, nil
}

// blockReader walks valid JSON text; count is the number of members so far at
// each open level.
type blockReader struct {
	block
	count  []int
	closed bool // shape is complete: a list has been closed
}

func (r *blockReader) token(raw []byte) (int, error) {
	switch raw[0] {
	case ' ', '\t', '\r', '\n', ',':
		return 1, nil
	case '[':
		return 1, r.open()
	case ']':
		return 1, r.close()
	}
	end := bytes.IndexAny(raw, ",] \t\r\n")
	if end < 0 {
		end = len(raw)
	}
	return end, r.number(string(raw[:end]))
}

func (r *blockReader) member() {
	if len(r.count) > 0 {
		r.count[len(r.count)-1]++
	}
}

var errRagged = errors.New("is not a rectangular block of numbers")

// maxBlockDepth is the depth of a convolution's weights.
const maxBlockDepth = 4

func (r *blockReader) open() error {
	r.member()
	r.count = append(r.count, 0)
	if r.closed && len(r.count) > len(r.shape) || len(r.count) > maxBlockDepth {
		return errRagged
	}
	if !r.closed {
		r.shape = append(r.shape, -1)
	}
	return nil
}

func (r *blockReader) close() error {
	level := len(r.count) - 1
	n := r.count[level]
	r.count = r.count[:level]
	r.closed = true
	if r.shape[level] >= 0 && r.shape[level] != n {
		return errRagged
	}
	r.shape[level] = n
	return nil
}

func (r *blockReader) number(text string) error {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return fmt.Errorf("holds %.20q, want a number", text)
	}
	if len(r.count) != len(r.shape) {
		return errRagged
	}
	r.member()
	r.data = append(r.data, x)
	return nil
}
