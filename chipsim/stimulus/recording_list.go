package stimulus

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"decc/chipsim/stimulus/events"
	"decc/ir/diag"
)

// Recording is a file of events, or a part of one, and its class; -1 for none.
type Recording struct {
	File  string // as the list has it; the times of a part follow
	Path  string
	Class int
	// Window is the part of the file that counts; its time begins at From. The zero value
	// is all of the file.
	Window events.Window
	// Key names the recording in a file that holds many, Axes is the order of its addresses,
	// and Index where all of them are, as far as these are known (events.Member).
	Key   string
	Axes  events.Axes
	Index *events.Index
}

// RecordingSource is where recordings come from. All but Path may be left out.
type RecordingSource struct {
	Path string
	// Trial is the recording that a file of labels speaks of.
	Trial string
	// First is the label of class 0.
	First int
	// Split, "train" or "test", and Axes choose the recordings of a HDF5 file and the order
	// of their addresses.
	Split string
	Axes  events.Axes
}

// The words for the columns of a list of recordings.
var (
	fileWords  = []string{"file", "path"}
	labelWords = []string{"label", "class"}
	startWords = []string{"start_us", "startTime_usec"}
	endWords   = []string{"end_us", "endTime_usec"}
)

// ReadRecordingList reads the recordings that a path stands for, with classes from s.First
// on:
//
//   - a CSV file whose first line names its columns, among them file (or path), relative to
//     the folder of the list, and label (or class); start_us and end_us, where there are
//     both, give a part of the file. Other columns are left out.
//   - a CSV file of labels, class,startTime_usec,endTime_usec, as DvsGesture has them: parts
//     of the recording s.Trial, or of NAME.aedat beside NAME_labels.csv where it is "".
//   - a text file that ends in .txt, a trial a line, or a folder that holds the list
//     trials_to_test.txt: the parts of all trials.
//   - a HDF5 file, known by its content: the recordings of s.Split; without it those of the
//     test part where the file has one, else all. They are in the order of their keys.
//   - any other file: one recording without a class, or its parts, where it is a NAME.aedat
//     with NAME_labels.csv beside it.
//
// Errors are diagnostics of codes data/*, for HDF5 files events/* and hdf5/* as well.
func ReadRecordingList(s RecordingSource) ([]Recording, error) {
	path := s.Path
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, trialList)
	}
	if IsArchive(path) {
		return s.readArchive()
	}
	if s.Split != "" || s.Axes != "" {
		return nil, diag.Errorf(diag.Pos{File: path}, codeHeader, "found no HDF5 file, and split and axes are for one").WithFix("leave out split and axes")
	}
	switch ext := strings.ToLower(filepath.Ext(path)); {
	case ext == ".txt":
		return readTrials(path, s.First)
	case ext != ".csv":
		return readTrial(path, filepath.Base(path), s.First)
	}
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parseRecordingList(f, path, s.Trial, s.First)
}

func parseRecordingList(r io.Reader, file, trial string, first int) ([]Recording, error) {
	l := recordingLister{first: first, csvRows: csvRows{file: file, limits: defaultTextLimits, table: csv.NewReader(&boundedReader{r: r, left: defaultTextLimits.bytes})}}
	l.table.ReuseRecord, l.table.TrimLeadingSpace, l.table.Comment = true, true, '#'
	header, err := l.table.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, l.explain(err)
	}
	if err := l.header(header, trial); err != nil {
		return nil, err
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
			return nil, tooManyRecordings(file, line)
		}
		x, err := l.recording(record)
		if err != nil {
			return nil, err
		}
		list = append(list, x)
	}
}

func tooManyRecordings(file string, line int) error {
	return diag.Errorf(diag.At(file, line, 1), codeTooLarge, "the list holds more than %d recordings", maxRecordings).WithFix("split the list")
}

func columnOf(header, words []string) int {
	return slices.IndexFunc(header, func(h string) bool { return slices.Contains(words, strings.TrimSpace(h)) })
}

// recordingLister reads the lines of a list.
type recordingLister struct {
	csvRows
	fileAt, labelAt, first int
	timesAt                [2]int // -1 where whole files are listed
	// trial is the recording of a file of labels, trialName what its parts are called; a
	// list names its files itself.
	trial, trialName string
	seen             []labelled
}

// header finds the columns, and the recording of a file of labels.
func (l *recordingLister) header(header []string, trial string) error {
	l.fileAt, l.labelAt = columnOf(header, fileWords), columnOf(header, labelWords)
	l.timesAt = [2]int{columnOf(header, startWords), columnOf(header, endWords)}
	times := l.timesAt[0] >= 0 && l.timesAt[1] >= 0
	switch {
	case l.labelAt < 0 || l.fileAt < 0 && !times:
		return badHeader(l.file, header, "file,label or class,startTime_usec,endTime_usec")
	case !times && l.timesAt != [2]int{-1, -1}:
		return badHeader(l.file, header, "both start_us and end_us, or none")
	case l.fileAt >= 0:
		return nil
	}
	if l.trial = trial; trial == "" {
		name, ok := trialOf(l.file)
		if !ok {
			return diag.Errorf(diag.At(l.file, 1, 1), codeHeader, "found labels of a recording that is not named, expected it beside them").
				WithFix("name the labels of NAME.aedat NAME%s, or name the recording (stimulus.recording)", labelSuffix)
		}
		l.trial = name
	}
	if l.trialName == "" {
		l.trialName = filepath.Base(l.trial)
	}
	return nil
}

func (l *recordingLister) recording(record []string) (Recording, error) {
	x := Recording{File: l.trialName, Path: l.trial}
	if l.fileAt >= 0 {
		x.File = record[l.fileAt]
		line, col := l.table.FieldPos(l.fileAt)
		if !filepath.IsLocal(filepath.FromSlash(x.File)) {
			return Recording{}, diag.Errorf(diag.At(l.file, line, col), codeField, "found the file %s, expected one in the folder of the list", strconv.Quote(shown(x.File))).
				WithFix("write a relative path without ..")
		}
		x.Path = filepath.Join(filepath.Dir(l.file), filepath.FromSlash(x.File))
	}
	label, err := strconv.Atoi(record[l.labelAt])
	if err != nil || label < l.first || label-l.first > maxLabel {
		line, col := l.table.FieldPos(l.labelAt)
		return Recording{}, diag.Errorf(diag.At(l.file, line, col), codeField, "found the label %q, expected a whole number of %d..%d", shown(record[l.labelAt]), l.first, l.first+maxLabel).
			WithFix("number the classes, and say where they begin (first_class)")
	}
	x.Class = label - l.first
	if l.timesAt[0] >= 0 {
		if x.Window, err = l.window(record); err != nil {
			return Recording{}, err
		}
		x.File = fmt.Sprintf("%s %d..%d", x.File, x.Window.From, x.Window.Until)
	}
	return x, nil
}
