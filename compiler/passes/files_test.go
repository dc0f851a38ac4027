package passes

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"decc/compiler"
	"decc/ir"
	"decc/ir/chip"
	"decc/ir/diag"
	"decc/ir/interp"
	"decc/ir/irgen"
	"decc/ir/spikes"
)

var update = flag.Bool("update", false, "write the results of file tests into the files")

// TestFiles runs testdata/passes/*.txtar. The comment of a file says which pass to
// run up to, for which chip and with which limits changed:
//
//	# run: partition loihi1 compartments=6
//
// in.dcir must come out as out.dcir, with the findings of notes.txt and the
// statistics of stats.txt where the file has them. Files named bad*.dcir must fail with
// exactly the errors that their comments `// error[code]: text` announce on the guilty
// lines. `neuron @x BUILTIN-cuba` stands for a program equal to @cuba, `neuron @cuba
// BUILTIN` for itself. Where the pass preserves behaviour, the interpreter runs the
// module before and after; a routed module must pass Check.
func TestFiles(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(repoRoot(t), "testdata", "passes", "*.txtar"))
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

// repoRoot is the folder with go.mod.
func repoRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

func runFile(t *testing.T, archive *txtar.Archive) {
	p := requested(t, string(archive.Comment))
	var result compiler.Result
	for i := range archive.Files {
		f := &archive.Files[i]
		switch {
		case f.Name == "in.dcir":
			result = runGood(t, p, string(f.Data))
		case f.Name == "out.dcir":
			compareOrUpdate(t, f, contracted(result.Module))
		case f.Name == "notes.txt":
			compareOrUpdate(t, f, lines(result.Notes, func(d *diag.Diagnostic) string { return d.Error() }))
		case f.Name == "stats.txt":
			compareOrUpdate(t, f, lines(result.Stats, func(s compiler.Stat) string {
				return strings.TrimSpace(fmt.Sprintf("%s: %s %d %s", s.Pass, s.Name, s.Value, s.Unit))
			}))
		case strings.HasPrefix(f.Name, "bad"):
			t.Run(f.Name, func(t *testing.T) { compareOrUpdate(t, f, annotated(t, p, string(f.Data))) })
		default:
			t.Errorf("no test is named %s", f.Name)
		}
	}
}

func lines[T any](list []T, text func(T) string) string {
	var b strings.Builder
	for _, x := range list {
		b.WriteString(text(x) + "\n")
	}
	return b.String()
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

// requested reads the line `# run:` of a file's comment.
func requested(t *testing.T, comment string) *compiler.Pipeline {
	t.Helper()
	_, line, ok := strings.Cut(comment, "# run: ")
	words := strings.Fields(line)
	if !ok || len(words) < 2 {
		t.Fatalf("no line `# run: pass chip` in %q", comment)
	}
	p := Default(profile(t, words[1], words[2:]...))
	p.Options.Mapper = Sequential // the example files show what can be followed by hand
	at := slices.IndexFunc(p.Passes, func(p compiler.Pass) bool { return p.Name == words[0] })
	if at < 0 {
		t.Fatalf("no pass %q", words[0])
	}
	p.Passes = p.Passes[:at+1]
	return &p
}

// profile is a chip with limits changed, each written name=value.
func profile(t testing.TB, name string, changes ...string) *chip.Spec {
	t.Helper()
	s, err := chip.Builtin(name)
	for _, c := range changes {
		limit, value, _ := strings.Cut(c, "=")
		n, bad := strconv.ParseInt(value, 10, 64)
		if err != nil || bad != nil {
			t.Fatal(err, bad)
		}
		s, err = s.With(limit, n)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var builtinMark = regexp.MustCompile(`neuron @(\S+) BUILTIN(-\S+)?`)

// expanded writes the builtin programs of a test file out, each on its line.
func expanded(t *testing.T, src string) string {
	t.Helper()
	return builtinMark.ReplaceAllStringFunc(src, func(mark string) string {
		words := builtinMark.FindStringSubmatch(mark)
		name := words[1]
		if words[2] != "" {
			name = words[2][1:]
		}
		text, err := ir.BuiltinText(name)
		if err != nil {
			t.Fatal(err)
		}
		var code []string
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "//") {
				code = append(code, strings.TrimSpace(line))
			}
		}
		return strings.Replace(strings.Join(code, " "), "@"+name, "@"+words[1], 1)
	})
}

// contracted is the text of a module with its builtin programs as a test file has them.
func contracted(m *ir.Module) string {
	text := ir.Text(m)
	for _, p := range m.Programs {
		for _, name := range ir.BuiltinNames() {
			b, err := ir.Builtin(name, m.Profile)
			if err != nil || bodyText(&b.Program) != bodyText(&p.Program) {
				continue
			}
			mark := "neuron @" + p.Name + " BUILTIN"
			if name != p.Name {
				mark += "-" + name
			}
			text = strings.Replace(text, strings.ReplaceAll(ir.ProgramText(&p.Program), "\n", "\n  "), mark, 1)
		}
	}
	return text
}

func parsed(t testing.TB, src string) *ir.Module {
	t.Helper()
	m, err := ir.Parse(src, "in.dcir")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func runGood(t *testing.T, p *compiler.Pipeline, src string) compiler.Result {
	t.Helper()
	m := parsed(t, expanded(t, src))
	before := ir.Text(m)
	result := runPipeline(t, p, m)
	if ir.Text(m) != before {
		t.Error("the pipeline changed the module that it was given")
	}
	for _, pass := range p.Passes {
		if !pass.Preserves {
			return result
		}
	}
	for seed := range uint64(3) {
		comparePreserved(t, m, result.Module, irgen.Trains(seed, m, 60), 60)
	}
	if result.Module.Stage == ir.Routed {
		if err := Check(result.Module, p.Chip); err != nil {
			t.Error(err)
		}
	}
	return result
}

func runPipeline(t testing.TB, p *compiler.Pipeline, m *ir.Module) compiler.Result {
	t.Helper()
	result, err := p.Run(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// comparePreserved runs both modules and compares the spikes of every group of the
// first and the values of its readouts.
func comparePreserved(t *testing.T, before, after *ir.Module, inputs map[string]spikes.Train, rows int) {
	t.Helper()
	a, b := interpret(t, before, inputs, rows), interpret(t, after, inputs, rows)
	for _, g := range before.Groups {
		if d := cmp.Diff(a.Spikes[g.Name], b.Spikes[g.Name]); d != "" {
			t.Errorf("module %s, group @%s spikes otherwise (-before +after):\n%s", before.Name, g.Name, d)
		}
	}
	for i, l := range before.Layers {
		if l.Readout == "" {
			continue
		}
		was, is := a.Values[l.Readout+"."+l.Value], b.Values[after.Layers[i].Readout+"."+after.Layers[i].Value]
		if d := cmp.Diff(was.Data, is.Data); d != "" {
			t.Errorf("module %s, readout of layer @%s (-before +after):\n%s", before.Name, l.Name, d)
		}
	}
}

func interpret(t *testing.T, m *ir.Module, inputs map[string]spikes.Train, rows int) spikes.Record[int64] {
	t.Helper()
	req := spikes.Request{Rows: rows, Inputs: inputs}
	for _, l := range m.Layers {
		if l.Readout != "" {
			req.Probes = append(req.Probes, spikes.Probe{Group: l.Readout, Variable: l.Value})
		}
	}
	rec, err := interp.New[int64](m).Run(context.Background(), req)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

var announced = regexp.MustCompile(` *// error\[.*`)

// annotated is src with the errors that it gives, in place of those it announces.
func annotated(t *testing.T, p *compiler.Pipeline, src string) string {
	t.Helper()
	text := strings.Split(strings.TrimRight(src, "\n"), "\n")
	for i, line := range text {
		text[i] = announced.ReplaceAllString(line, "")
	}
	_, err := p.Run(context.Background(), parsed(t, expanded(t, strings.Join(text, "\n"))))
	found := diag.All(err)
	if len(found) == 0 {
		t.Fatalf("no diagnostics: %v", err)
	}
	for _, d := range found {
		if d.Severity != diag.Error {
			continue
		}
		line := &text[d.Pos.Line-1]
		message := strings.TrimPrefix(strings.ReplaceAll(d.Error(), "\n   ", " "), d.Pos.String()+": ")
		if announced.MatchString(*line) {
			*line += " && " + message
		} else {
			*line += " // " + message
		}
	}
	return strings.Join(text, "\n") + "\n"
}
