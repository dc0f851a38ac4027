package weights

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"decc/ir/diag"
)

// readText reads a matrix: a row a line, numbers separated by blanks, comments
// from # to the end of the line, empty lines skipped. Its type is I64 where all
// numbers are written as integers, else F64; its shape is [rows, columns].
func readText(d *decoder) error {
	m := matrix{decoder: d, dtype: I64}
	rest := d.data
	for len(rest) > 0 {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		m.line++
		line, _, _ = bytes.Cut(line, []byte("#"))
		if err := m.row(line); err != nil {
			return err
		}
	}
	if m.rows == 0 {
		return diag.Errorf(diag.At(d.name, 1, 1), codeText, "the file holds no numbers, expected a matrix").WithFix("write one row a line")
	}
	return d.add(diag.At(d.name, 1, 1), d.stem(), m.dtype, []int{m.rows, m.columns}, m.data)
}

// matrix is a text file as far as it has been read.
type matrix struct {
	*decoder
	dtype         DType
	line          int
	rows, columns int
	data          []float64
}

func (m *matrix) at(col int) diag.Pos { return diag.At(m.name, m.line, col+1) }

func (m *matrix) row(line []byte) error {
	before := len(m.data)
	for col := skip(line, 0, true); col < len(line); {
		end := skip(line, col, false)
		if err := m.number(string(line[col:end]), col); err != nil {
			return err
		}
		col = skip(line, end, true)
	}
	count := len(m.data) - before
	if count == 0 {
		return nil
	}
	if m.rows > 0 && count != m.columns {
		return diag.Errorf(m.at(0), codeText, "found a row of %d numbers, expected %d as in the first row", count, m.columns).
			WithFix("write all rows with the same number of columns")
	}
	m.rows, m.columns = m.rows+1, count
	return nil
}

// skip gives the end of a run of blanks, or of anything else, from col on.
func skip(line []byte, col int, blanks bool) int {
	for col < len(line) && isBlank(line[col]) == blanks {
		col++
	}
	return col
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f' }

func (m *matrix) number(token string, col int) error {
	if len(m.data) >= int(m.limits.Bytes/8) {
		return diag.Errorf(m.at(col), codeLimit, "more than %d numbers, the limit is %d bytes", len(m.data), m.limits.Bytes).
			WithFix("split the matrix, or raise the limit")
	}
	integer, err := strconv.ParseInt(token, 10, 64)
	value := float64(integer)
	switch {
	case errors.Is(err, strconv.ErrRange), integer < -maxExact, integer > maxExact:
		column := len(m.data) - m.rows*m.columns
		return inexact(m.at(col), m.stem(), fmt.Sprintf("element [%d %d] = %s", m.rows, column, quoted(token)))
	case err != nil:
		m.dtype = F64
		if value, err = strconv.ParseFloat(token, 64); err != nil {
			return diag.Errorf(m.at(col), codeText, "found %s, expected a number", quoted(token)).
				WithFix("separate numbers by blanks and start comments with #")
		}
	}
	m.data = append(m.data, value)
	return nil
}
