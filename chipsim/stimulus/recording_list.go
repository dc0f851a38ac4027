package stimulus

import (
	"encoding/csv"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"decc/ir/diag"
)

// Recording is a file of events and its class; -1 for none.
type Recording struct {
	File  string // as the list has it
	Path  string
	Class int
}

// The words for the columns of a list of recordings.
var (
	fileWords  = []string{"file", "path"}
	labelWords = []string{"label", "class"}
)

// ReadRecordingList reads a CSV file whose first line names its columns, among them file
// (or path), relative to the folder of the list, and label (or class), from first on. Other
// columns are left out. A file that does not end in .csv is one recording without a class.
// Errors are diagnostics of codes data/*.
func ReadRecordingList(path string, first int) ([]Recording, error) {
	if !strings.EqualFold(filepath.Ext(path), ".csv") {
		return []Recording{{File: filepath.Base(path), Path: path, Class: -1}}, nil
	}
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parseRecordingList(f, path, first)
}

func parseRecordingList(r io.Reader, file string, first int) ([]Recording, error) {
	l := recordingLister{first: first, csvRows: csvRows{file: file, limits: defaultTextLimits, table: csv.NewReader(&boundedReader{r: r, left: defaultTextLimits.bytes})}}
	l.table.ReuseRecord, l.table.TrimLeadingSpace, l.table.Comment = true, true, '#'
	header, err := l.table.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, l.explain(err)
	}
	l.fileAt, l.labelAt = columnOf(header, fileWords), columnOf(header, labelWords)
	if l.fileAt < 0 || l.labelAt < 0 {
		return nil, badHeader(file, header, "file,label")
	}
	var list []Recording
	for {
		record, err := l.table.Read()
		switch {
		case errors.Is(err, io.EOF) && len(list) == 0:
			return nil, diag.Errorf(diag.At(file, 2, 1), codeHeader, "the list ends after its header, expected a recording").WithFix("list at least one")
		case errors.Is(err, io.EOF):
			return list, nil
		case err != nil:
			return nil, l.explain(err)
		case len(list) == maxRecordings:
			line, _ := l.table.FieldPos(0)
			return nil, diag.Errorf(diag.At(file, line, 1), codeTooLarge, "the list holds more than %d recordings", maxRecordings).WithFix("split the list")
		}
		x, err := l.recording(record)
		if err != nil {
			return nil, err
		}
		list = append(list, x)
	}
}

func columnOf(header, words []string) int {
	return slices.IndexFunc(header, func(h string) bool { return slices.Contains(words, strings.TrimSpace(h)) })
}

// recordingLister reads the lines of a list.
type recordingLister struct {
	csvRows
	fileAt, labelAt, first int
}

func (l *recordingLister) recording(record []string) (Recording, error) {
	name := record[l.fileAt]
	line, col := l.table.FieldPos(l.fileAt)
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return Recording{}, diag.Errorf(diag.At(l.file, line, col), codeField, "found the file %s, expected one in the folder of the list", strconv.Quote(shown(name))).
			WithFix("write a relative path without ..")
	}
	label, err := strconv.Atoi(record[l.labelAt])
	if err != nil || label < l.first || label-l.first > maxLabel {
		line, col := l.table.FieldPos(l.labelAt)
		return Recording{}, diag.Errorf(diag.At(l.file, line, col), codeField, "found the label %q, expected a whole number of %d..%d", shown(record[l.labelAt]), l.first, l.first+maxLabel).
			WithFix("number the classes, and say where they begin (first_class)")
	}
	return Recording{File: name, Path: filepath.Join(filepath.Dir(l.file), filepath.FromSlash(name)), Class: label - l.first}, nil
}
