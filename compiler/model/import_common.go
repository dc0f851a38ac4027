package model

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"decc/compiler/model/weights"
	"decc/ir/diag"
)

// What the importers have in common.

// Imported is a model made out of a file of another tool.
type Imported struct {
	// YAML is the text of the model.
	YAML []byte
	// Weights are the tensors that the model needs, by the names that it has for them.
	Weights *weights.File
	// Report says what became of each entry of the file and of the options.
	Report ImportReport
}

// check reads the model with the weights beside it. What the reader refuses is added as an
// importer's own error, with the fix that it makes of the reader's.
func (out *Imported) check(add func(format string, args ...any) *diag.Diagnostic, fix func(theirs string) string) {
	for _, d := range diag.All(out.read()) {
		add("the imported model is not sound: %s", d.Message).WithFix("%s", fix(d.Fix))
	}
}

func (out *Imported) read() error {
	m, err := Parse("the imported model", out.YAML)
	if err != nil {
		return err
	}
	return m.Resolve(Files{
		Variable: func(string) (string, bool) { return "", true },
		Tensors:  func(string) (*weights.File, error) { return out.Weights, nil },
	})
}

// findings are what is wrong with a file, or with what the options make of it.
type findings struct {
	file  string
	found diag.List
}

func (x *findings) fail(code, format string, args ...any) *diag.Diagnostic {
	return x.found.Add(diag.Pos{File: x.file}, code, format, args...)
}

// unmappable adds an error of what has no place in a model.
func (x *findings) unmappable(format string, args ...any) *diag.Diagnostic {
	return x.fail(codeUnmappable, format, args...)
}

// openSized opens a file that is read at any place.
func openSized(path string) (f *os.File, size int64, err error) {
	if f, err = os.Open(path); err != nil {
		return nil, 0, openError(diag.Pos{File: path}, path, err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, openError(diag.Pos{File: path}, path, err)
	}
	return f, info.Size(), nil
}

// importNames are the names of a model and of its weights file, those of the file where they are "".
func importNames(file, name, weightsFile string) (string, string) {
	if name == "" {
		name = ImportName(file)
	}
	if weightsFile == "" {
		weightsFile = name + ".npz"
	}
	return name, weightsFile
}

var notInName = regexp.MustCompile(`[^A-Za-z0-9_]+`)

// ImportName is the name that a model takes from the file that it is imported from.
func ImportName(file string) string {
	s := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	s = strings.Trim(notInName.ReplaceAllString(s, "-"), "-")
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		s = "net-" + s
	}
	return strings.Trim(s[:min(len(s), 64)], "-")
}
