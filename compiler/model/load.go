package model

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"

	"decc/ir/diag"
)

// Load reads a model and every file that it names; relative paths start from the
// model's folder. The error is a diag.List.
func Load(path string) (*Model, error) { return load(path, nil) }

// LoadForTraining is Load for a caller that is about to make the weights: a file of
// weights that does not exist yet is no error, the network is untrained then.
func LoadForTraining(path string) (*Model, error) { return load(path, absent) }

// absent reports that nothing is there; what cannot be looked at counts as there, so
// that reading it tells why.
func absent(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

func load(path string, unwritten func(path string) bool) (*Model, error) {
	text, err := readFile(path, maxSource+1)
	if err != nil {
		return nil, openError(diag.Pos{File: path}, path, err)
	}
	m, err := Parse(path, text)
	if err != nil {
		return nil, err
	}
	files := OSFiles(filepath.Dir(path))
	files.Unwritten = unwritten
	return m, m.Resolve(files)
}

// readFile reads a regular file, at most limit bytes of it.
func readFile(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("it is not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit))
}

// openError words a failure of the operating system without the path, which the
// position or the message has already.
func openError(pos diag.Pos, path string, err error) *diag.Diagnostic {
	if inner, ok := err.(*os.PathError); ok {
		err = inner.Err
	}
	return diag.Errorf(pos, codeOpen, "cannot read %q: %v", path, err).WithFix("check the path and its permissions")
}

// Parse reads a model from its text; name is used for positions. It opens no
// file: what a model names is there after Resolve. The error is a diag.List of all
// that is wrong, in order of place.
func Parse(name string, text []byte) (*Model, error) {
	m := &Model{src: &source{name: name, text: text}}
	c := &checker{Model: m}
	c.parse()
	findings := settle(c.list)
	if err := findings.Err(); err != nil {
		return nil, err
	}
	m.Warnings = findings
	return m, nil
}

// checker collects what is wrong with a model.
type checker struct {
	*Model
	list diag.List
	// filled and loaded count the weights of a network of populations, see claim.
	filled, loaded float64
}

func (c *checker) parse() {
	c.src.root = parseTree(c.src, &c.list)
	if c.src.root == nil || c.list.Err() != nil {
		return
	}
	value := toJSON(c.src.root)
	v := validator{source: c.src, list: &c.list}
	if v.validate(value); c.list.Err() != nil {
		return
	}
	flavour := schema().flavour(value)
	fillDefaults(c.src.root, flavour)
	c.decode(flavourName(flavour))
	if c.list.Err() == nil {
		c.check()
	}
}

// decode fills the Go types from a tree that the schema has accepted.
func (c *checker) decode(flavour string) {
	parts := map[string]func() any{
		"decolle": func() any { c.Decolle = &Decolle{}; return c.Decolle },
		"fixed":   func() any { c.Fixed = &Fixed{}; return c.Fixed },
		"spiking": func() any { c.Spiking = &Spiking{}; return c.Spiking },
	}
	for _, part := range []any{&c.Header, parts[flavour]()} {
		c.decodePart(c.src.root, part)
	}
}

// decodePart reports what the schema lets through and Go's types do not hold.
func (c *checker) decodePart(n *yaml.Node, part any) {
	if err := n.Decode(part); err != nil {
		c.list.Add(syntaxPos(c.src.name, err), codeType, "%s", syntaxText(err)).WithFix("write a value of the type that the key asks for")
	}
}

func (c *checker) check() {
	if c.Dt <= 0 {
		c.add("dt", codeRange, "dt is %s", c.Dt).WithFix("use at least 1ns")
	}
	switch {
	case c.Fixed != nil:
		c.checkFixed(c.Fixed)
	case c.Spiking != nil:
		c.checkSpiking(c.Spiking)
	default:
		c.checkDecolle(c.Decolle)
	}
}

// add reports a finding at the place of a value.
func (c *checker) add(path, code, format string, args ...any) *diag.Diagnostic {
	n, there := c.src.find(path)
	d := c.list.Add(c.src.pos(n), code, format, args...)
	if there {
		d.Width = width(n)
	}
	return d
}

// unique reports names that are given twice; path makes the place of the i-th.
func (c *checker) unique(what string, seen map[string]string, name, path string) {
	if first, twice := seen[name]; twice {
		c.add(path, codeDuplicate, "%s %q has the name of another", what, name).
			WithNote("first at %s", c.At(first)).WithFix("give it its own name")
		return
	}
	seen[name] = path
}
