package ir

import (
	"embed"
	"path"
	"slices"
	"strings"

	"decc/ir/diag"
	"decc/ir/sem"
)

//go:embed programs/*.dcir
var builtinFiles embed.FS

const builtinDir = "programs"

// BuiltinNames lists the programs that come with decc, sorted. Each is a file of
// programs/ that a user can read, copy and change.
func BuiltinNames() []string {
	entries, err := builtinFiles.ReadDir(builtinDir)
	if err != nil {
		return nil // not reachable: the folder is part of the binary
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), path.Ext(e.Name())))
	}
	slices.Sort(names)
	return names
}

// BuiltinText is the commented source of a builtin program.
func BuiltinText(name string) (string, error) {
	if !slices.Contains(BuiltinNames(), name) {
		d := diag.Errorf(diag.Pos{}, "ir/unknown-name", "no builtin program is named %q; there are %s", shorten(name), strings.Join(BuiltinNames(), ", "))
		hint(d, name, BuiltinNames())
		return "", diag.List{d}
	}
	src, err := builtinFiles.ReadFile(path.Join(builtinDir, name+".dcir"))
	return string(src), err
}

// Builtin returns a new copy of a builtin program with the disputed points
// decided as the profile does.
func Builtin(name string, profile sem.ProfileID) (*Program, error) {
	src, err := BuiltinText(name)
	if err != nil {
		return nil, err
	}
	p, err := ParseProgram(src, name+".dcir", profile)
	if err != nil {
		return nil, err
	}
	p.At = diag.Pos{} // a message about it belongs to the group that uses it
	return p, nil
}
