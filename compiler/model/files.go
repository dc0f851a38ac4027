package model

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"decc/compiler/model/weights"
	"decc/ir/diag"
)

// Files is how Resolve gets at what a model names.
type Files struct {
	// Dir is the folder that relative paths start from.
	Dir string
	// Variable is the value of an environment variable.
	Variable func(name string) (string, bool)
	// Tensors reads a file of tensors; its errors are diagnostics.
	Tensors func(path string) (*weights.File, error)
	// Text reads a text file.
	Text func(path string) ([]byte, error)
	// Unwritten, where it is set, reports that a file of weights is not there yet and
	// need not be: the network stays untrained, with WeightFile.Path set.
	Unwritten func(path string) bool
}

// maxText bounds a program or raster that a model names.
const maxText = 64 << 20

// OSFiles reads from the file system, starting at dir. DECC_SHARED, where it is not
// set, is the folder shared beside the root of the module that dir lies in.
func OSFiles(dir string) Files {
	return Files{
		Dir:      dir,
		Variable: func(name string) (string, bool) { return variable(dir, name) },
		Tensors:  weights.Load,
		Text:     readText,
	}
}

func readText(path string) ([]byte, error) { return readFile(path, maxText) }

func variable(dir, name string) (string, bool) {
	if value, ok := os.LookupEnv(name); ok && value != "" {
		return value, true
	}
	if standard := standardFolders[name]; standard != nil {
		return standard(dir)
	}
	return "", false
}

// standardFolders are the variables that need not be set.
var standardFolders = map[string]func(dir string) (string, bool){"DECC_SHARED": sharedFolder}

// sharedFolder finds ../shared of the folder with go.mod that dir lies in.
func sharedFolder(dir string) (string, bool) {
	for range maxDepth {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			shared, err := filepath.Abs(filepath.Join(dir, "..", "shared"))
			if err != nil {
				return "", false
			}
			info, err := os.Stat(shared)
			return shared, err == nil && info.IsDir()
		}
		absolute, err := filepath.Abs(dir)
		if err != nil || absolute == filepath.Dir(absolute) {
			return "", false
		}
		dir = filepath.Join(dir, "..")
	}
	return "", false
}

// reference is ${NAME} in a path.
var reference = regexp.MustCompile(`\$\{([^}]*)\}`)

// resolver reads the files of a model, each once.
type resolver struct {
	*checker
	files   Files
	tensors map[string]*weights.File
	// synapses counts those that kernels stand for.
	synapses float64
}

// Resolve reads the files that the model names. The error is a diag.List; warnings
// are added to Warnings.
func (m *Model) Resolve(files Files) error {
	c := &checker{Model: m}
	r := &resolver{checker: c, files: files, tensors: map[string]*weights.File{}}
	switch {
	case m.Fixed != nil:
		r.fixed(m.Fixed)
	case m.Spiking != nil:
		r.spiking(m.Spiking)
	default:
		r.decolle(m.Decolle)
	}
	c.list = settle(c.list)
	for _, d := range c.list {
		if d.Severity != diag.Error {
			m.Warnings = append(m.Warnings, d)
		}
	}
	return c.list.Err()
}

// path puts variables into a path of the text and starts it from the folder of the
// model; at is the place of the value. ok is false where a variable is missing.
func (r *resolver) path(at, text string) (path string, ok bool) {
	path, missing := r.files.Path(text)
	for _, name := range missing {
		r.add(at, codeVariable, "the environment variable %q is not set", name).WithFix("set %s to the folder that it stands for", name)
	}
	return path, len(missing) == 0
}

// Path puts variables into a path as models write it and starts it from Dir;
// missing names the variables that are not set.
func (f Files) Path(text string) (path string, missing []string) {
	path = reference.ReplaceAllStringFunc(text, func(ref string) string {
		name := strings.TrimSuffix(strings.TrimPrefix(ref, "${"), "}")
		value, found := f.Variable(name)
		if !found {
			missing = append(missing, name)
		}
		return value
	})
	if filepath.IsAbs(path) {
		return filepath.Clean(path), missing
	}
	return filepath.Join(f.Dir, filepath.FromSlash(path)), missing
}

// load reads a file of tensors that the value at a place names.
func (r *resolver) load(at, text string) (file *weights.File, path string) {
	path, ok := r.path(at, text)
	if !ok {
		return nil, ""
	}
	if file, seen := r.tensors[path]; seen {
		return file, path
	}
	file, err := r.files.Tensors(path)
	if err != nil {
		r.readFailure(at, path, err)
	}
	r.tensors[path] = file
	return file, path
}

// readFailure reports why a file could not be read: what its reader found, with
// the place of the value that named it.
func (r *resolver) readFailure(at, path string, err error) {
	findings := diag.All(err)
	if len(findings) == 0 {
		d := openError(r.At(at), path, err)
		r.list = append(r.list, d)
		return
	}
	for _, d := range findings {
		if d.Pos.IsZero() {
			d.Pos.File = path
		}
		r.list = append(r.list, d.WithNote("named by %s at %s", at, r.At(at)))
	}
}

// text reads a text file that the value at a place names.
func (r *resolver) text(at, text string) (content []byte, path string) {
	path, ok := r.path(at, text)
	if !ok {
		return nil, ""
	}
	content, err := r.files.Text(path)
	if err != nil {
		r.readFailure(at, path, err)
	}
	return content, path
}
