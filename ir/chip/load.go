package chip

import (
	_ "embed"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"decc/ir/diag"
)

//go:embed loihi1.yaml
var loihi1 []byte

//go:embed loihi2.yaml
var loihi2 []byte

//go:embed emulator.yaml
var emulator []byte

var embedded = []struct {
	name string
	src  []byte
}{{"loihi1", loihi1}, {"loihi2", loihi2}, {"emulator", emulator}}

// Names lists the embedded profiles.
func Names() []string {
	names := make([]string, len(embedded))
	for i, e := range embedded {
		names[i] = e.name
	}
	return names
}

// Builtin returns an embedded profile; each call gives a fresh copy. An unknown
// name is a diagnostic with the nearest one.
func Builtin(name string) (*Spec, error) {
	for _, e := range embedded {
		if e.name == name {
			return Parse(e.src, name+".yaml")
		}
	}
	return nil, diag.Errorf(nowhere, codeUnknownChip, "there is no chip %q", name).
		WithFix("%s, or give a profile file", nearest(name, Names()))
}

// Load returns the embedded profile of that name, or else reads the file of that
// name: anything with a dot or a slash is taken for a file.
func Load(nameOrFile string) (*Spec, error) {
	if !strings.ContainsAny(nameOrFile, "./\\") {
		return Builtin(nameOrFile)
	}
	src, err := readBounded(nameOrFile)
	if err != nil {
		return nil, diag.Errorf(diag.Pos{File: nameOrFile}, codeOpen, "cannot read the chip profile: %v", cause(err)).
			WithFix("check the path, or use one of %s", strings.Join(Names(), ", "))
	}
	return Parse(src, nameOrFile)
}

// readBounded reads one byte more than Parse accepts, so that it can refuse.
func readBounded(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, MaxFileSize+1))
}

// cause drops the path that the diagnostic shows already.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
