package main

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"decc/ir/diag"
)

// maxInput bounds a file that a command reads whole. The largest real one is the
// text of a module with its weights: four bytes of text for three of weights.
const maxInput = 2 << 30

// fromStdin is the file name that means stdin, and stdinName its name in messages.
const (
	fromStdin = "-"
	stdinName = "stdin"
)

// inputFile is a file in memory, under the name that messages call it.
type inputFile struct {
	name string
	data []byte
}

func (env *Env) loadInput(name string) (inputFile, error) {
	data, err := env.ReadInput(name)
	if name == fromStdin {
		name = stdinName
	}
	return inputFile{name, data}, err
}

// ReadInput reads a file whole, or stdin where name is "-".
func (env *Env) ReadInput(name string) ([]byte, error) {
	if name == fromStdin {
		return readBounded(env.In, stdinName)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, openError(name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, openError(name, err)
	}
	if info.Size() > maxInput {
		return nil, tooLong(name)
	}
	return readBounded(f, name)
}

func readBounded(r io.Reader, name string) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	switch {
	case err != nil:
		return nil, openError(name, err)
	case len(text) > maxInput:
		return nil, tooLong(name)
	}
	return text, nil
}

func openError(name string, err error) error {
	var inner *fs.PathError
	if errors.As(err, &inner) {
		err = inner.Err
	}
	return diag.Errorf(diag.Pos{File: name}, codeOpen, "cannot read the file: %v", err).
		WithFix("check the path and its permissions")
}

func tooLong(name string) error {
	return diag.Errorf(diag.Pos{File: name}, codeSize, "the file has more than %d bytes", maxInput).
		WithFix("split the file")
}
