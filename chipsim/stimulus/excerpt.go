package stimulus

import (
	"os"
	"path/filepath"
	"slices"

	"decc/ir/diag"
)

// Excerpt is the head of one part of MNIST as the repository carries it, so that a
// first validation needs no download.
type Excerpt struct {
	Split  string // "train" or "test"
	Digits int    // positions 0..Digits-1 of that part, in order
	prefix string // begins the names of the two files
	source string // begins the names of the files that they were cut from
}

// excerptSet is the name of the excerpts' row in DataSets.
const excerptSet = "mnist-first1000"

// Excerpts lists what testdata/mnist of the repository holds: the test digits that
// the recorded predictions of the DECOLLE checkpoints are for, and training digits
// for calibration.
var Excerpts = []Excerpt{
	{Split: "test", Digits: 1000, prefix: "t10k-first1000", source: "t10k"},
	{Split: "train", Digits: 500, prefix: "train-first500", source: "train"},
}

// Open reads the excerpt from the folder that holds it. The set is named after
// excerptSet and the split. Errors are diagnostics of codes data/*.
func (e Excerpt) Open(dir string) (*Images, error) {
	m, err := openPair(dir, e.prefix, excerptSet+"/"+e.Split)
	if err != nil {
		return nil, err
	}
	if m.Len() != e.Digits {
		return nil, diag.Errorf(diag.Pos{File: dir}, codeMismatch, "found %d digits in the excerpt %s, expected %d", m.Len(), e.prefix, e.Digits).
			WithFix("take testdata/mnist of the repository again")
	}
	return m, nil
}

// openExcerpt reads the excerpt of a split.
func openExcerpt(dir, split string) (*Images, error) {
	i := slices.IndexFunc(Excerpts, func(e Excerpt) bool { return e.Split == split })
	if i < 0 {
		return nil, unknownSplit(excerptSet, split, excerptSplits())
	}
	return Excerpts[i].Open(dir)
}

func excerptSplits() []string {
	var splits []string
	for _, e := range Excerpts {
		splits = append(splits, e.Split)
	}
	return splits
}

// locateExcerpt finds testdata/mnist in the working folder's repository: the nearest
// folder above it that holds go.mod and the excerpts.
func locateExcerpt() (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", diag.Errorf(diag.Pos{}, codeUnreadable, "no working folder: %v", err)
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		if found := filepath.Join(dir, "testdata", "mnist"); exists(filepath.Join(dir, "go.mod")) && exists(found) {
			return found, nil
		}
		if dir == filepath.Dir(dir) {
			return "", diag.Errorf(diag.Pos{}, codeNotFound, "%s is in testdata/mnist of decc's repository, and the working folder is not in it", excerptSet).
				WithFix("run decc inside its repository, or fetch the full set once with `decc data fetch mnist` and use --data mnist")
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
