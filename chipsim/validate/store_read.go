package validate

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"decc/ir/diag"
)

const (
	// maxStoreLine bounds a line of a store, in bytes: an outcome takes about 50 and
	// another 50 a layer.
	maxStoreLine = 1 << 16
	// maxStoreDigits bounds the outcomes of a store; MNIST has 70,000 digits.
	maxStoreDigits = 1 << 20
)

// storeReader reads the lines of a store and knows where it is.
type storeReader struct {
	path  string
	key   StoreKey
	lines *bufio.Reader
	line  int   // number of the line read last, from 1
	whole int64 // bytes of the lines read so far
	torn  []byte
}

// next returns the next whole line without its end, or nil after the last. What
// follows the last end of a line is kept in torn.
func (s *storeReader) next() ([]byte, error) {
	s.line++
	line, err := s.lines.ReadSlice('\n')
	switch {
	case err == nil:
		s.whole += int64(len(line))
		return line[:len(line)-1], nil
	case errors.Is(err, io.EOF):
		s.torn = line
		return nil, nil
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, s.errorf("store/size", "the line is longer than %d bytes", maxStoreLine)
	}
	return nil, storeOpenError(s.path, err)
}

func (s *storeReader) errorf(code, format string, args ...any) *diag.Diagnostic {
	return diag.Errorf(diag.At(s.path, s.line, 1), code, format, args...).
		WithFix("delete the file to start anew, or give another")
}

// header checks the first line. A file that is empty, or was torn within the header
// that it should have, is as good as none.
func (s *storeReader) header() error {
	line, err := s.next()
	if err != nil {
		return err
	}
	want, err := headerLine(s.key)
	if err != nil {
		return err
	}
	if line == nil {
		if bytes.HasPrefix(want, s.torn) {
			return nil
		}
		line = s.torn
	}
	var got storeHeader
	if err := strictJSON(line, &got); err != nil || !strings.HasPrefix(got.Format, "decc-outcomes/") {
		return s.errorf("store/line", "this is not a file of outcomes: its first line is no header of %q", storeFormat)
	}
	if got.Format != storeFormat {
		return s.errorf("store/key", "the file has format %q, this decc writes %q", got.Format, storeFormat)
	}
	return s.compareKeys(got.StoreKey)
}

// compareKeys names every field in which the keys differ.
func (s *storeReader) compareKeys(got StoreKey) error {
	var differ []string
	a, b := reflect.ValueOf(got), reflect.ValueOf(s.key)
	for i := range a.NumField() {
		if x, y := a.Field(i).Interface(), b.Field(i).Interface(); x != y {
			tag, _, _ := strings.Cut(a.Type().Field(i).Tag.Get("json"), ",")
			name := strings.ReplaceAll(tag, "_", " ")
			differ = append(differ, fmt.Sprintf("%s is %s, was %s", name, short(y), short(x)))
		}
	}
	if differ == nil {
		return nil
	}
	return s.errorf("store/key", "the outcomes in this file belong to another run: %s", strings.Join(differ, "; "))
}

// short cuts digests to what a reader compares.
func short(v any) string {
	text := fmt.Sprint(v)
	if len(text) == sha256.Size*2 {
		return text[:12]
	}
	return text
}

// readOutcome reads one line into done. A sample may be there twice, as two runs on one
// file leave it, if both say the same.
func readOutcome[O Kept](s *storeReader, line []byte, done map[int]O) error {
	var o O
	if err := strictJSON(line, &o); err != nil {
		return s.errorf("store/line", "the line is not an outcome: %s", jsonText(err))
	}
	if err := checkOutcome(o, s.key, line); err != nil {
		return s.errorf("store/line", "the outcome is damaged: %v", err)
	}
	if before, twice := done[o.Number()]; twice && !reflect.DeepEqual(before, o) {
		return s.errorf("store/line", "sample %d is there twice, with different outcomes", o.Number())
	}
	done[o.Number()] = o
	return nil
}

// checkOutcome holds an outcome to what a run relies on: a number in range, what Sound asks
// for, and every field there, as the line that Append writes.
func checkOutcome[O Kept](o O, key StoreKey, line []byte) error {
	if n := o.Number(); n < 0 || n >= maxStoreDigits {
		return fmt.Errorf("sample %d is outside 0..%d", n, maxStoreDigits-1)
	}
	if err := o.Sound(key); err != nil {
		return err
	}
	again, err := jsonLine(o)
	if err == nil && !bytes.Equal(again[:len(again)-1], line) {
		err = errors.New("fields are missing, out of order or written in another way")
	}
	return err
}

// Number implements Kept.
func (o Outcome) Number() int { return o.Digit }

// Sound implements Kept: lists of one entry a layer.
func (o Outcome) Sound(key StoreKey) error {
	lists := []struct {
		name     string
		got, due int
	}{
		{"float", len(o.Float), key.Layers},
		{"real", len(o.Real), key.Layers * hit(key.Real)},
		{"chip", len(o.Chip), key.Layers},
		{"spikes_float", len(o.SpikesFloat), key.Layers},
		{"spikes_chip", len(o.SpikesChip), key.Layers},
		{"parts", len(o.Parts), key.Layers},
		{"wrong", len(o.Wrong), key.Layers},
	}
	for _, l := range lists {
		if l.got != l.due {
			return fmt.Errorf("%s has %d entries, expected %d", l.name, l.got, l.due)
		}
	}
	return nil
}

// strictJSON decodes exactly one value without unknown fields.
func strictJSON(data []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more follows after the value")
	}
	return nil
}
