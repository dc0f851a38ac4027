package model

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"decc/compiler/model/weights"
	"decc/ir/diag"
)

// TestErrors holds the diagnostics of the models in testdata/model_errors against
// the expected text beside each. An archive has model.yaml, any files that it names
// (text matrices, or checkpoints in the form of tensorsOf) and the file want.
func TestErrors(t *testing.T) {
	files, err := filepath.Glob(shipped("model_errors", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatal("no fixtures:", err)
	}
	reported := map[string]bool{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			for _, d := range errorFixture(t, file) {
				reported[d.Code] = true
			}
		})
	}
	for _, c := range Codes {
		if strings.HasPrefix(c.Code, "model/") && !reported[c.Code] {
			t.Errorf("no fixture shows %s", c.Code)
		}
	}
}

func errorFixture(t *testing.T, file string) diag.List {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	content := map[string]string{}
	for _, f := range archive.Files {
		content[f.Name] = string(f.Data)
	}
	findings, got := diagnose(t, content)
	if *update {
		content["want"] = got
		writeFixture(t, file, archive, got)
	}
	if got != content["want"] {
		t.Errorf("got\n%swant\n%s", got, content["want"])
	}
	return findings
}

// diagnose parses and resolves a model and renders all that is found, warnings too.
func diagnose(t *testing.T, content map[string]string) (diag.List, string) {
	t.Helper()
	m, err := Parse("model.yaml", []byte(content["model.yaml"]))
	if err == nil {
		tensors := map[string]*weights.File{}
		for name, text := range content {
			tensors[name] = tensorsOf(t, name, text)
		}
		err = m.Resolve(memory(tensors, content))
	}
	findings := diag.All(err)
	if m != nil {
		for _, w := range m.Warnings {
			if !slices.Contains(findings, w) {
				findings = append(findings, w)
			}
		}
	}
	knownCodes(t, findings)
	return findings, rendered(t, findings, content)
}

// tensorsOf reads a text matrix, or a list of tensors: NAME SHAPE VALUE, the shape
// as 2x3 or - for a scalar, all elements of that value.
func tensorsOf(t *testing.T, name, text string) *weights.File {
	t.Helper()
	if !strings.HasSuffix(name, ".tensors") {
		f, err := weights.Decode(name, []byte(text), weights.DefaultLimits())
		if err != nil {
			return nil
		}
		return f
	}
	var list []weights.Tensor
	for line := range strings.Lines(text) {
		list = append(list, tensorLine(t, line))
	}
	f, err := weights.NewFile(list...)
	if err != nil {
		t.Fatal(err)
	}
	f.Name = name
	return f
}

func writeFixture(t *testing.T, file string, archive *txtar.Archive, want string) {
	t.Helper()
	archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
	archive.Files = append(archive.Files, txtar.File{Name: "want", Data: []byte(want)})
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestSettleOrdersAndDropsRepeats(t *testing.T) {
	var l diag.List
	l.Add(diag.At("m", 2, 1), codeRange, "b")
	l.Add(diag.At("m", 2, 1), codeRange, "a")
	l.Add(diag.At("m", 1, 1), codeRange, "c")
	l.Add(diag.At("m", 2, 1), codeRange, "a")
	var got []string
	for _, d := range settle(l) {
		got = append(got, d.Message)
	}
	if !slices.Equal(got, []string{"c", "a", "b"}) {
		t.Errorf("got %v", got)
	}
}

// TestFindingsAreStable parses a model with many errors often: the schema validator
// visits keys in random order, and none of that may show.
func TestFindingsAreStable(t *testing.T) {
	text := "decc: 1\nname: 9\nx: 1\ny: 2\nz: 3\ninput: {shape: [0], q: 1, r: 2}\nlayers: [{}, {name: a}]\nreadout: {classes: 0}\nneuron: {alpha: 2, beta: 3}\n"
	texts := map[string]bool{}
	for range 20 {
		_, err := Parse("m.yaml", []byte(text))
		texts[err.Error()] = true
	}
	if len(texts) != 1 {
		t.Errorf("%d different texts: %v", len(texts), slices.Collect(maps.Keys(texts))[:2])
	}
}
