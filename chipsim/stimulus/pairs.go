package stimulus

import (
	"bufio"
	"io"
	"strings"
	"unicode"

	"decc/ir/diag"
	"decc/ir/spikes"
)

// pairOrders maps the name of a column order to the columns of row and index.
var pairOrders = []struct {
	name       string
	row, index int
}{{"t,index", 0, 1}, {"index,t", 1, 0}}

func findOrder(file, order string) (row, index int, err error) {
	var known []string
	for _, o := range pairOrders {
		if o.name == order {
			return o.row, o.index, nil
		}
		known = append(known, o.name)
	}
	either := strings.Join(known, " or ")
	return 0, 0, diag.Errorf(diag.Pos{File: file}, codeColumnOrder, "found the column order %q, expected %s", order, either).
		WithFix("use %s", either)
}

// ReadPairs reads spikes from lines of two whole numbers with white space between, in
// the order "t,index" (row first) or "index,t". Empty lines and lines that begin with
// # are skipped; lines may come in any order, equal lines stay. The train is sorted,
// its payloads are 1. file names the input in errors, which are diagnostics at
// line:column. The form is that of SLAYER's recordings from a chip
// (data/loihi-chip-reference).
func ReadPairs(r io.Reader, file, order string) (spikes.Train, error) {
	return readPairs(r, file, order, defaultTextLimits)
}

func readPairs(r io.Reader, file, order string, limits textLimits) (spikes.Train, error) {
	row, index, err := findOrder(file, order)
	if err != nil {
		return nil, err
	}
	var train spikes.Train
	err = eachLine(r, file, limits, func(line int, text string) error {
		found := fields(line, text)
		if len(found) == 0 || strings.HasPrefix(found[0].text, "#") {
			return nil
		}
		if len(found) != 2 {
			return wrongCount(file, found)
		}
		e, err := readEvent(file, found[row], found[index], plain)
		if err != nil {
			return err
		}
		train, err = addEvent(train, e, file, line, limits)
		return err
	})
	if err != nil {
		return nil, err
	}
	train.Sort()
	return train, nil
}

// wrongCount points at the first field too many, or at the only one.
func wrongCount(file string, found []field) error {
	at := found[min(2, len(found)-1)]
	return diag.Errorf(diag.At(file, at.line, at.col), codeLine, "found %d field(s) on the line, expected 2", len(found)).
		WithFix("write the step and the neuron of one spike on each line")
}

// eachLine calls visit with the number (from 1) and text of every line.
func eachLine(r io.Reader, file string, limits textLimits, visit func(line int, text string) error) error {
	scan := bufio.NewScanner(&boundedReader{r: r, left: limits.bytes})
	scan.Buffer(nil, limits.line)
	line := 0
	for scan.Scan() {
		line++
		if err := visit(line, scan.Text()); err != nil {
			return err
		}
	}
	return textError(scan.Err(), file, line+1, limits)
}

// fields cuts a line at white space.
func fields(line int, text string) []field {
	var found []field
	for at := 0; ; {
		skip := strings.IndexFunc(text[at:], func(r rune) bool { return !unicode.IsSpace(r) })
		if skip < 0 {
			return found
		}
		at += skip
		word := text[at:]
		if end := strings.IndexFunc(word, unicode.IsSpace); end >= 0 {
			word = word[:end]
		}
		found = append(found, field{text: word, line: line, col: at + 1})
		at += len(word)
	}
}
