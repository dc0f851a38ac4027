package main

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
)

// fileKind is one kind of file that decc knows by its content.
type fileKind struct {
	name string
	// is looks at the first bytes; the name of the file counts only for YAML and gzip,
	// which have no mark of their own.
	is       func(name string, data []byte) bool
	describe func(name string, data []byte) (*description, error)
}

// fileKinds are tried in order; weights come last, for they have many marks and a
// good message about what has none.
var fileKinds = []fileKind{
	{"image", isImage, describeImage},
	{"module", isModule, describeModule},
	{"program", isProgram, describeProgram},
	{"model", isModel, describeModel},
	{"idx", isIDX, describeIDX},
	{"tensors", func(string, []byte) bool { return true }, describeTensors},
}

func kindOf(name string, data []byte) fileKind {
	i := slices.IndexFunc(fileKinds, func(k fileKind) bool { return k.is(name, data) })
	return fileKinds[i] // the last one takes everything
}

// imageMagic is what a chip image begins with.
const imageMagic = "DECCIMG\n"

func isImage(_ string, data []byte) bool { return bytes.HasPrefix(data, []byte(imageMagic)) }

func isModule(_ string, data []byte) bool  { return firstWord(string(head(data))) == "module" }
func isProgram(_ string, data []byte) bool { return firstWord(string(head(data))) == "neuron" }

func isModel(name string, _ []byte) bool {
	return slices.Contains([]string{".yaml", ".yml"}, strings.ToLower(filepath.Ext(name)))
}

func isIDX(name string, data []byte) bool {
	return bytes.HasPrefix(data, []byte{0, 0, 8}) || bytes.HasPrefix(data, []byte{0x1f, 0x8b}) && strings.Contains(filepath.Base(name), "ubyte")
}

// head is as much of a file as a mark can need.
func head(data []byte) []byte { return data[:min(len(data), 1<<16)] }

// firstWord is the first word of a .dcir text, comments left out.
func firstWord(src string) string {
	for line := range strings.Lines(src) {
		code, _, _ := strings.Cut(line, "//")
		if words := strings.Fields(code); len(words) > 0 {
			return words[0]
		}
	}
	return ""
}
