package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The limits of style that the tree keeps to, in lines between the braces of a
// function. Tests may hold a long table of cases.
const (
	maxFunctionLines = 90
	maxTestLines     = 150
	maxFileLines     = 700
	maxMedianLines   = 8
	maxP90Lines      = 35
)

// codeRooms are the folders that may hold Go code.
var codeRooms = []string{"ir", "compiler", "chipsim", "backends", "cmd"}

// sourceFile is one Go file of the tree.
type sourceFile struct {
	path string // from the root
	text string
	tree *ast.File
	fset *token.FileSet
}

func (f *sourceFile) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

func (f *sourceFile) line(pos token.Pos) int { return f.fset.Position(pos).Line }

// bodyLines is the number of lines between the braces, 1 for a body on one line.
func (f *sourceFile) bodyLines(fn *ast.FuncDecl) int {
	if fn.Body == nil {
		return 0
	}
	return max(1, f.line(fn.Body.Rbrace)-f.line(fn.Body.Lbrace)-1)
}

func sourceFiles(t *testing.T) []*sourceFile {
	t.Helper()
	root := repoRoot(t)
	var files []*sourceFile
	walkTree(t, func(path string) {
		if filepath.Ext(path) != ".go" {
			return
		}
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		f := &sourceFile{path: filepath.ToSlash(path), text: string(text), fset: token.NewFileSet()}
		f.tree, err = parser.ParseFile(f.fset, path, text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	})
	return files
}

// walkTree visits the files of the repository by their path from its root.
func walkTree(t *testing.T, visit func(path string)) {
	t.Helper()
	root := repoRoot(t)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != root && (name == ".git" || name == "out") {
				return filepath.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err == nil {
			visit(rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCodeLivesInItsRooms(t *testing.T) {
	for _, f := range sourceFiles(t) {
		if room, _, _ := strings.Cut(f.path, "/"); !slices.Contains(codeRooms, room) {
			t.Errorf("%s: Go code lives in %s", f.path, strings.Join(codeRooms, ", "))
		}
	}
}

func TestSizes(t *testing.T) {
	var lengths []int
	for _, f := range sourceFiles(t) {
		if n := strings.Count(f.text, "\n"); n > maxFileLines {
			t.Errorf("%s has %d lines, the limit is %d", f.path, n, maxFileLines)
		}
		for _, decl := range f.tree.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			n := f.bodyLines(fn)
			limit := maxFunctionLines
			if f.isTest() {
				limit = maxTestLines
			} else {
				lengths = append(lengths, n)
			}
			if n > limit {
				t.Errorf("%s:%d: %s has %d lines, the limit is %d", f.path, f.line(fn.Pos()), fn.Name.Name, n, limit)
			}
		}
	}
	slices.Sort(lengths)
	if median := lengths[len(lengths)/2]; median > maxMedianLines {
		t.Errorf("the median function has %d lines, the limit is %d", median, maxMedianLines)
	}
	if p90 := lengths[len(lengths)*9/10]; p90 > maxP90Lines {
		t.Errorf("one function in ten has more than %d lines, the limit is %d", p90, maxP90Lines)
	}
}

func TestExportsHaveDocs(t *testing.T) {
	documented := map[string]bool{} // package folder
	for _, f := range sourceFiles(t) {
		if f.isTest() {
			continue
		}
		folder := filepath.Dir(f.path)
		documented[folder] = documented[folder] || f.tree.Doc != nil
		for _, decl := range f.tree.Decls {
			for _, name := range undocumented(decl) {
				t.Errorf("%s:%d: %s has no doc comment", f.path, f.line(decl.Pos()), name)
			}
		}
	}
	for folder, ok := range documented {
		if !ok {
			t.Errorf("%s: the package has no comment", folder)
		}
	}
}

// undocumented lists the exported names of a declaration that have no comment. A
// method named like one of the standard library's interfaces needs none.
func undocumented(decl ast.Decl) []string {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && d.Name.IsExported() && receiverExported(d) && !slices.Contains(knownMethods, d.Name.Name) {
			return []string{d.Name.Name}
		}
	case *ast.GenDecl:
		if d.Doc == nil && d.Tok != token.IMPORT {
			return undocumentedSpecs(d)
		}
	}
	return nil
}

// knownMethods say all with their name.
var knownMethods = []string{"Error", "String", "Unwrap", "Len", "Less", "Swap"}

func receiverExported(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	name := ""
	ast.Inspect(d.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && name == "" {
			name = id.Name
		}
		return true
	})
	return ast.IsExported(name)
}

func undocumentedSpecs(d *ast.GenDecl) []string {
	var names []string
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if s.Doc == nil && s.Comment == nil && s.Name.IsExported() {
				names = append(names, s.Name.Name)
			}
		case *ast.ValueSpec:
			for _, id := range s.Names {
				if s.Doc == nil && s.Comment == nil && id.IsExported() {
					names = append(names, id.Name)
				}
			}
		}
	}
	return names
}

// machinePath finds the absolute paths of some machine: home folders, and the root
// of the checkout that the test runs in.
var machinePath = regexp.MustCompile(`(/home/|/Users/|[A-Z]:\\Users\\)[A-Za-z0-9_.-]+`)

// examplePaths are allowed: they show what is refused.
var examplePaths = []string{"/home/me"}

func TestNoMachinePaths(t *testing.T) {
	root := repoRoot(t)
	walkTree(t, func(path string) {
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range foundPaths(string(text), root) {
			t.Errorf("%s names the path %s of a machine", path, found)
		}
	})
}

func foundPaths(text, root string) []string {
	var found []string
	for _, m := range machinePath.FindAllString(text, -1) {
		if !slices.Contains(examplePaths, m) {
			found = append(found, m)
		}
	}
	// A root such as "/src" would be found in many a URL.
	if strings.Count(root, string(filepath.Separator)) > 1 && strings.Contains(text, root) {
		found = append(found, root)
	}
	return found
}

func TestMachinePathsAreFound(t *testing.T) {
	text := "see " + "/home" + "/anna/decc and " + filepath.FromSlash("/opt/x/y") + "/z"
	if n := len(foundPaths(text, filepath.FromSlash("/opt/x/y"))); n != 2 {
		t.Errorf("found %d paths in %q, want 2", n, text)
	}
}

// codeUse is what a scan of the tree says of diagnostic codes.
type codeUse struct {
	literals map[string]string // code to a place that is no row of a table
	prefixes []string          // "partition/": codes that are put together at run time
}

var codePattern = regexp.MustCompile(`^[a-z][a-z0-9]*/[a-z0-9][a-z0-9-]*$`)

// TestCodesAreDocumented holds the code literals of the tree against the joined
// tables: each code that is reported has a row, each row is reported somewhere.
func TestCodesAreDocumented(t *testing.T) {
	known, rooms := map[string]bool{}, map[string]bool{}
	for _, c := range allCodes() {
		if known[c.Code] {
			t.Errorf("%s has two rows", c.Code)
		}
		if c.Meaning == "" || c.Example == "" || c.Fix == "" {
			t.Errorf("%s: its row has an empty column", c.Code)
		}
		known[c.Code] = true
		room, _, _ := strings.Cut(c.Code, "/")
		rooms[room] = true
	}
	use := scanCodes(t, rooms)
	for code, place := range use.literals {
		if !known[code] {
			t.Errorf("%s: the code %s has no row in a Codes table that decc explain joins", place, code)
		}
	}
	for code := range known {
		if use.literals[code] == "" && !slices.ContainsFunc(use.prefixes, func(p string) bool { return strings.HasPrefix(code, p) }) {
			t.Errorf("%s has a row and is never reported", code)
		}
	}
}

func scanCodes(t *testing.T, rooms map[string]bool) codeUse {
	t.Helper()
	use := codeUse{literals: map[string]string{}}
	for _, files := range byFolder(sourceFiles(t)) {
		constants := codeConstants(files, rooms)
		for _, f := range files {
			ast.Inspect(f.tree, func(n ast.Node) bool { return use.visit(f, n, constants, rooms) })
		}
	}
	return use
}

func byFolder(files []*sourceFile) map[string][]*sourceFile {
	folders := map[string][]*sourceFile{}
	for _, f := range files {
		if !f.isTest() {
			folder := filepath.Dir(f.path)
			folders[folder] = append(folders[folder], f)
		}
	}
	return folders
}

// codeConstants maps the constants of a package that hold codes to the codes.
func codeConstants(files []*sourceFile, rooms map[string]bool) map[string]string {
	constants := map[string]string{}
	for _, f := range files {
		ast.Inspect(f.tree, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			for i := 0; ok && i < len(spec.Values); i++ {
				if code, isCode := codeLiteral(spec.Values[i], rooms); isCode {
					constants[spec.Names[i].Name] = code
				}
			}
			return true
		})
	}
	return constants
}

// visit notes codes outside tables; it does not look into imports, rows of tables
// and the declarations of constants.
func (u *codeUse) visit(f *sourceFile, n ast.Node, constants map[string]string, rooms map[string]bool) bool {
	switch n := n.(type) {
	case *ast.ImportSpec:
		return false
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Code" && isTableFile(f) {
			return false
		}
	case *ast.ValueSpec:
		return !allCodeLiterals(n.Values, rooms)
	case *ast.Ident:
		if code, ok := constants[n.Name]; ok {
			u.literals[code] = fmt.Sprintf("%s:%d", f.path, f.line(n.Pos()))
		}
	case *ast.BasicLit:
		u.literal(f, n, rooms)
	}
	return true
}

func (u *codeUse) literal(f *sourceFile, n *ast.BasicLit, rooms map[string]bool) {
	if code, ok := codeLiteral(n, rooms); ok {
		u.literals[code] = fmt.Sprintf("%s:%d", f.path, f.line(n.Pos()))
	}
	if text, err := strconv.Unquote(n.Value); err == nil {
		if room, ok := strings.CutSuffix(text, "/"); ok && rooms[room] {
			u.prefixes = append(u.prefixes, text)
		}
	}
}

// isTableFile reports whether a file declares rows of a table of codes.
func isTableFile(f *sourceFile) bool { return strings.Contains(f.text, "CodeDoc{") }

func allCodeLiterals(values []ast.Expr, rooms map[string]bool) bool {
	for _, v := range values {
		if _, ok := codeLiteral(v, rooms); !ok {
			return false
		}
	}
	return len(values) > 0
}

// codeLiteral recognises a string that looks like a code of one of the rooms.
func codeLiteral(n ast.Node, rooms map[string]bool) (string, bool) {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	room, _, _ := strings.Cut(text, "/")
	return text, err == nil && codePattern.MatchString(text) && rooms[room]
}

// TestEveryTableIsJoined finds the packages that export a table of codes and expects
// codes.go to join each.
func TestEveryTableIsJoined(t *testing.T) {
	root := repoRoot(t)
	joined, err := os.ReadFile(filepath.Join(root, "cmd", "decc", "codes.go"))
	if err != nil {
		t.Fatal(err)
	}
	tables := 0
	for _, f := range sourceFiles(t) {
		if f.isTest() || f.tree.Name.Name == "main" || f.tree.Scope.Lookup("Codes") == nil { //nolint:staticcheck // the old scopes are enough to find a name
			continue
		}
		tables++
		if !strings.Contains(string(joined), "\t"+f.tree.Name.Name+".Codes,") {
			t.Errorf("%s: the table of package %s is not joined in cmd/decc/codes.go", f.path, f.tree.Name.Name)
		}
	}
	if tables+1 != len(codeTables) {
		t.Errorf("the tree has %d tables besides that of cmd/decc, codes.go joins %d in all", tables, len(codeTables))
	}
}
