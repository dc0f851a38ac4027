package ir

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"decc/ir/diag"
)

var update = flag.Bool("update", false, "write the results of file tests into the files")

// TestFiles runs testdata/ir/*.txtar. A file in.dcir must parse and verify and
// print as out.dcir, which must print as itself. A file named bad*.dcir must fail,
// with exactly the errors that its comments `// error[code]: text` announce on the
// guilty lines (several on one line are joined by " && ").
func TestFiles(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(repoRoot(t), "testdata", "ir", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			runFile(t, archive)
			if *update {
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func runFile(t *testing.T, archive *txtar.Archive) {
	out := ""
	for i := range archive.Files {
		f := &archive.Files[i]
		switch {
		case f.Name == "in.dcir":
			out = canonicalText(t, string(f.Data))
		case f.Name == "out.dcir":
			compareOrUpdate(t, f, out)
			if again := canonicalText(t, out); again != out {
				t.Errorf("the canonical text does not print as itself:\n%s", cmp.Diff(out, again))
			}
		case strings.HasPrefix(f.Name, "bad"):
			t.Run(f.Name, func(t *testing.T) { compareOrUpdate(t, f, annotated(t, string(f.Data))) })
		default:
			t.Errorf("no test is named %s", f.Name)
		}
	}
}

func compareOrUpdate(t *testing.T, f *txtar.File, got string) {
	t.Helper()
	if *update {
		f.Data = []byte(got)
		return
	}
	if d := cmp.Diff(string(f.Data), got); d != "" {
		t.Errorf("%s (-file +got; -update rewrites the file):\n%s", f.Name, d)
	}
}

func parseAndVerify(src string) (*Module, error) {
	m, err := Parse(src, "in.dcir")
	if err == nil {
		err = Verify(m)
	}
	return m, err
}

func canonicalText(t *testing.T, src string) string {
	t.Helper()
	m, err := parseAndVerify(src)
	if err != nil {
		t.Fatal(err)
	}
	return Text(m)
}

var announced = regexp.MustCompile(` *// error\[.*`)

// annotated is src with the errors that it gives, in place of those it announces.
func annotated(t *testing.T, src string) string {
	t.Helper()
	lines := strings.Split(strings.TrimRight(src, "\n"), "\n")
	for i, line := range lines {
		lines[i] = announced.ReplaceAllString(line, "")
	}
	_, err := parseAndVerify(strings.Join(lines, "\n"))
	if err == nil {
		t.Error("no error")
	}
	var list diag.List
	if err != nil && !errors.As(err, &list) {
		t.Fatalf("not a list of diagnostics: %v", err)
	}
	for _, d := range list {
		line := &lines[d.Pos.Line-1]
		text := strings.ReplaceAll(d.Error(), "\n   ", " ")
		text = strings.TrimPrefix(text, d.Pos.String()+": ")
		if announced.MatchString(*line) {
			*line += " && " + text
		} else {
			*line += fmt.Sprintf(" // %s", text)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}
