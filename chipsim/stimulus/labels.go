package stimulus

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"decc/chipsim/stimulus/events"
	"decc/ir/diag"
)

// The form of DvsGesture (data.md 3.1): trials NAME.aedat, each with NAME_labels.csv, and
// lists of trials.
const (
	trialExt    = ".aedat"
	labelSuffix = "_labels.csv"
	trialList   = "trials_to_test.txt"
	// maxLabels bounds the labels of one trial; real ones have 12.
	maxLabels = 1 << 12
)

// trialOf is the recording that a file of labels speaks of.
func trialOf(labels string) (string, bool) {
	name, ok := strings.CutSuffix(labels, labelSuffix)
	return name + trialExt, ok
}

// labelled is a part of a trial and the line that labels it.
type labelled struct {
	events.Window
	line int
}

// window reads the times of a line. Parts of one trial do not overlap.
func (l *recordingLister) window(record []string) (events.Window, error) {
	var times [2]int64
	for i, at := range l.timesAt {
		line, col := l.table.FieldPos(at)
		t, err := strconv.ParseInt(strings.TrimSpace(record[at]), 10, 63)
		switch {
		case err != nil || t < 0:
			return events.Window{}, diag.Errorf(diag.At(l.file, line, col), codeField, "found the time %q, expected microseconds: a whole number from 0", shown(record[at])).
				WithFix("write times in microseconds, as the recording has them")
		case i == 1 && t <= times[0]:
			return events.Window{}, diag.Errorf(diag.At(l.file, line, col), codeField, "found the end %d, expected a time after the start %d", t, times[0]).
				WithFix("correct the times of this line")
		}
		times[i] = t
	}
	w := events.Window{From: times[0], Until: times[1]}
	if l.trial == "" {
		return w, nil
	}
	line, col := l.table.FieldPos(l.timesAt[0])
	for _, before := range l.seen {
		if w.From < before.Until && before.From < w.Until {
			return w, diag.Errorf(diag.At(l.file, line, col), codeField, "found the part %d..%d, which overlaps %d..%d of line %d, expected parts that do not", w.From, w.Until, before.From, before.Until, before.line).
				WithFix("correct the times; a list with the columns file,label,start_us,end_us may overlap")
		}
	}
	if len(l.seen) == maxLabels {
		return w, diag.Errorf(diag.At(l.file, line, 1), codeTooLarge, "the file holds more than %d labels", maxLabels).WithFix("split the recording")
	}
	l.seen = append(l.seen, labelled{w, line})
	return w, nil
}

// readTrial reads a recording that is called name: its labelled parts where a file of labels
// is beside it, else all of it, without a class.
func readTrial(path, name string, first int) ([]Recording, error) {
	whole := []Recording{{File: name, Path: path, Class: -1}}
	stem, ok := strings.CutSuffix(path, trialExt)
	if !ok {
		return whole, nil
	}
	labels := stem + labelSuffix
	if _, err := os.Stat(labels); errors.Is(err, fs.ErrNotExist) {
		return whole, nil
	}
	return readLabels(labels, path, first)
}

func readLabels(labels, trial string, first int) ([]Recording, error) {
	f, err := openFile(labels)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parseRecordingList(f, labels, trial, first)
}

// readTrials reads a list of trials, one a line, all of which have labels.
func readTrials(path string, first int) ([]Recording, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parseTrials(f, path, first)
}

func parseTrials(r io.Reader, file string, first int) ([]Recording, error) {
	lines := bufio.NewScanner(&boundedReader{r: r, left: defaultTextLimits.bytes})
	lines.Buffer(nil, defaultTextLimits.line)
	var list []Recording
	line := 0
	for lines.Scan() {
		line++
		name := strings.TrimSpace(lines.Text())
		if name == "" {
			continue
		}
		if !filepath.IsLocal(filepath.FromSlash(name)) || !strings.HasSuffix(name, trialExt) {
			return nil, diag.Errorf(diag.At(file, line, 1), codeField, "found %s, expected a trial NAME%s in the folder of the list", strconv.Quote(shown(name)), trialExt).
				WithFix("write a relative path without .. on every line")
		}
		path := filepath.Join(filepath.Dir(file), filepath.FromSlash(name))
		parts, err := readLabels(strings.TrimSuffix(path, trialExt)+labelSuffix, path, first)
		if err != nil {
			for _, d := range diag.All(err) {
				d.WithNote("the trial is listed at %s", diag.At(file, line, 1))
			}
			return nil, err
		}
		if list = append(list, parts...); len(list) > maxRecordings {
			return nil, tooManyRecordings(file, line)
		}
	}
	if err := textError(lines.Err(), file, line+1, defaultTextLimits); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, diag.Errorf(diag.At(file, line+1, 1), codeHeader, "the list ends here, expected a trial").WithFix("list at least one")
	}
	return list, nil
}
