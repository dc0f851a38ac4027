package ir

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"

	"decc/ir/sem"
)

// FuzzParse holds the reader of modules to three things: it never panics, what it
// accepts prints and parses back to the same text, and Verify copes with it.
func FuzzParse(f *testing.F) {
	names, err := filepath.Glob(filepath.Join("..", "testdata", "ir", "*.txtar"))
	if err != nil || len(names) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			f.Add(string(file.Data))
		}
	}
	for _, name := range BuiltinNames() {
		p, err := Builtin(name, sem.Lava)
		if err != nil {
			f.Fatal(err)
		}
		f.Add("module @m semantics(lava) {\n" + ProgramText(&p.Program) + "\ngroup @g : @" + name + " x 3\n}\n")
	}
	f.Fuzz(func(t *testing.T, src string) {
		m, err := Parse(src, "fuzz.dcir")
		if err != nil {
			return
		}
		text := Text(m)
		again, err := Parse(text, "again.dcir")
		if err != nil {
			t.Fatalf("the printed text does not parse: %v\n%s", err, text)
		}
		if second := Text(again); second != text {
			t.Fatalf("printed again:\n%s\nfirst:\n%s", second, text)
		}
		if Digest(again) != Digest(m) {
			t.Fatal("the digest changed")
		}
		_ = Verify(m)
	})
}

// FuzzParseProgram does the same for single programs, and compares what they compute.
func FuzzParseProgram(f *testing.F) {
	for _, name := range BuiltinNames() {
		text, err := os.ReadFile(filepath.Join(builtinDir, name+".dcir"))
		if err != nil {
			f.Fatal(err)
		}
		for i := range sem.Profiles {
			f.Add(string(text), uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, src string, profile uint8) {
		id := sem.ProfileID(profile % uint8(len(sem.Profiles)))
		p, err := ParseProgram(src, "fuzz.dcir", id)
		if err != nil {
			return
		}
		text := ProgramText(&p.Program)
		again, err := ParseProgram(text, "again.dcir", id)
		if err != nil {
			t.Fatalf("the printed text does not parse: %v\n%s", err, text)
		}
		if second := ProgramText(&again.Program); second != text {
			t.Fatalf("printed again:\n%s\nfirst:\n%s", second, text)
		}
	})
}
