package stimulus

import (
	"io"
	"math"
	"os"

	"decc/chipsim/stimulus/events"
	"decc/ir/diag"
	"decc/ir/hdf5"
)

// IsArchive looks for the mark of HDF5; what cannot be read is left to those who open it.
func IsArchive(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false // what is read from a pipe is gone
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, len(hdf5.Signature))
	_, err = io.ReadFull(f, head)
	return err == nil && string(head) == hdf5.Signature
}

// OpenArchive opens a HDF5 file of recordings; the caller closes the file that it reads from.
// Errors are diagnostics of codes data/*, events/* and hdf5/*.
func OpenArchive(path string) (a *events.Archive, closer io.Closer, err error) {
	f, err := openFile(path)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil {
		a, err = events.OpenArchive(f, info.Size(), path)
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return a, f, nil
}

// readArchive lists the recordings of one part of a HDF5 file.
func (s RecordingSource) readArchive() ([]Recording, error) {
	a, f, err := OpenArchive(s.Path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	keys, err := s.part(a)
	if err != nil {
		return nil, err
	}
	if len(keys) > maxRecordings {
		return nil, diag.Errorf(diag.Pos{File: s.Path}, codeTooLarge, "the file holds more than %d recordings", maxRecordings).WithFix("choose a part of it (stimulus.split), or split the file")
	}
	axes := s.Axes
	if axes == "" { // decided once, not by each recording
		if axes, err = a.Axes(); err != nil {
			return nil, err
		}
	}
	list, index := make([]Recording, len(keys)), a.Index()
	for i, key := range keys {
		list[i] = Recording{File: key, Path: s.Path, Key: key, Axes: axes, Index: index}
		if list[i].Class, err = s.class(a, key); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// part lists the keys of the part that is asked for; without a word the test part of a file
// that has one, else all.
func (s RecordingSource) part(a *events.Archive) ([]string, error) {
	name := s.Split
	if name == "" {
		name = "test"
	}
	keys, known, err := a.Part(name)
	switch {
	case err != nil:
		return nil, err
	case !known && s.Split == "":
		return a.Keys(), nil
	case !known:
		return nil, diag.Errorf(diag.Pos{File: s.Path}, codeSplit, "found no list extra/%s_keys, expected one for the part %s", name, name).
			WithFix("leave out split to take all recordings")
	case len(keys) == 0:
		return nil, diag.Errorf(diag.Pos{File: s.Path}, codeSplit, "found an empty list extra/%s_keys, expected a recording", name).WithFix("take the other part")
	}
	return keys, nil
}

// class is that of a recording, -1 where it has no label.
func (s RecordingSource) class(a *events.Archive, key string) (int, error) {
	label, labelled, err := a.Label(key)
	if err != nil || !labelled {
		return -1, err
	}
	if label < int64(s.First) || label-int64(s.First) > maxLabel || label > math.MaxInt32 {
		return -1, diag.Errorf(diag.Pos{File: s.Path}, codeField, "found the label %d of recording %s, expected a whole number of %d..%d", label, key, s.First, s.First+maxLabel).
			WithFix("say where the classes begin (first_class)")
	}
	return int(label) - s.First, nil
}
