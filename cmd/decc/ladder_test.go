package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// modulePath is the path of the module, the first part of every import path of ours.
const modulePath = "decc/"

// ladder lists the packages in rows: a package imports only rows above its own. It is
// DESIGN's table with the rows split where packages of one row build on one another.
var ladder = [][]string{
	{"ir/diag", "ir/fix", "ir/spikes"},
	{"ir/sem", "ir/chip", "ir/hdf5", "compiler/hypergraph", "chipsim/simd", "compiler/decolle/simd"},
	{"ir/rule", "compiler/model/weights"},
	{"ir"},
	{"ir/interp", "ir/irgen", "chipsim/image", "chipsim/host", "chipsim/stimulus/events", "chipsim/cost", "compiler/model/nir"},
	{"chipsim", "compiler/model", "compiler/decolle", "compiler/spiking", "chipsim/stimulus"},
	{"compiler/quantise", "compiler"},
	{"compiler/passes"},
	{"backends/*"},
	{"chipsim/validate", "chipsim/report"},
	{"chipsim/bench"},
	{"cmd/decc"},
}

// forbidden are arrows that the ladder alone would allow: the packages that begin with
// from may not import those that begin with to, unless except lists them.
var forbidden = []struct {
	from   []string
	to     []string
	except []string
	why    string
}{
	{
		from: []string{"chipsim", "chipsim/image"}, to: []string{"ir", "compiler", "backends"},
		except: []string{"ir/fix", "ir/sem", "ir/chip", "ir/spikes", "ir/diag"},
		why:    "the simulator sees nothing but the image",
	},
	{from: []string{"backends/*"}, to: []string{"compiler"}, why: "a backend sees the module, not how it was made"},
	{from: []string{"ir/sem"}, to: []string{"ir", "chipsim", "compiler"}, except: []string{"ir/fix"}, why: "the semantics stand on integers alone"},
}

// listedPackage is what `go list -json` says of a package.
type listedPackage struct {
	ImportPath string
	Imports    []string
}

func listPackages(t *testing.T) []listedPackage {
	t.Helper()
	goCommand, err := exec.LookPath("go")
	if err != nil {
		t.Skip("there is no go command to list the packages with")
	}
	cmd := exec.Command(goCommand, "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = repoRoot(t)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var all []listedPackage
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listedPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// rung finds the row of a package, or -1.
func rung(room string) int {
	for i, names := range ladder {
		for _, name := range names {
			if matches(name, room) {
				return i
			}
		}
	}
	return -1
}

// matches compares a package with a name of a table; "backends/*" is any below it.
func matches(name, room string) bool {
	if prefix, ok := strings.CutSuffix(name, "*"); ok {
		return strings.HasPrefix(room, prefix)
	}
	return name == room
}

// within reports whether a package is one of roots or lies below one.
func within(room string, roots []string) bool {
	for _, root := range roots {
		if room == root || strings.HasPrefix(room, root+"/") {
			return true
		}
	}
	return false
}

func TestImportLadder(t *testing.T) {
	packages := listPackages(t)
	if len(packages) < 10 {
		t.Fatalf("go list found only %d packages", len(packages))
	}
	for _, p := range packages {
		room := strings.TrimPrefix(p.ImportPath, modulePath)
		if rung(room) < 0 {
			t.Errorf("%s has no row in the ladder", room)
			continue
		}
		for _, path := range p.Imports {
			if target, ours := strings.CutPrefix(path, modulePath); ours {
				if why := wrongArrow(room, target); why != "" {
					t.Errorf("%s imports %s: %s", room, target, why)
				}
			}
		}
	}
}

// wrongArrow tells why a package may not import another, "" if it may.
func wrongArrow(from, to string) string {
	if rung(to) >= rung(from) {
		return "it does not stand above it"
	}
	for _, f := range forbidden {
		for _, name := range f.from {
			if matches(name, from) && within(to, f.to) && !within(to, f.except) {
				return f.why
			}
		}
	}
	return ""
}

// TestLadderRefusesWrongArrows makes sure that the check can fail.
func TestLadderRefusesWrongArrows(t *testing.T) {
	wrong := [][2]string{
		{"ir/diag", "ir"},
		{"chipsim", "ir"},
		{"chipsim/image", "ir/interp"},
		{"backends/llvm", "compiler/passes"},
		{"compiler/model", "compiler/decolle"},
		{"ir/sem", "ir/diag"},
	}
	for _, arrow := range wrong {
		if wrongArrow(arrow[0], arrow[1]) == "" {
			t.Errorf("%s may import %s", arrow[0], arrow[1])
		}
	}
}
