package sem_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"decc/ir/sem"
)

// tableRows are the cells of the README's table of disputed points, by column name.
func tableRows(t *testing.T) []map[string]string {
	t.Helper()
	data, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var head []string
	var rows []map[string]string
	for _, line := range strings.Split(string(data), "\n") {
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|-") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if head == nil {
			head = cells
			continue
		}
		if len(cells) != len(head) {
			t.Fatalf("%d cells under %d columns: %s", len(cells), len(head), line)
		}
		row := map[string]string{}
		for i, name := range head {
			row[name] = cells[i]
		}
		rows = append(rows, row)
	}
	for _, name := range append(sem.ProfileNames(), "rule", "source", "test") {
		if !slices.Contains(head, name) {
			t.Fatalf("the table has no column %q", name)
		}
	}
	return rows
}

// testFunctions are the names of the tests of this folder.
func testFunctions(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
				names[fn.Name.Name] = true
			}
		}
	}
	return names
}

var testName = regexp.MustCompile("^`(TestPoint[A-Za-z0-9]+)`$")

// Every row names a test that exists, every TestPoint has a row, no cell is empty.
func TestReadmeRowsHaveTests(t *testing.T) {
	functions, used := testFunctions(t), map[string]bool{}
	for _, row := range tableRows(t) {
		for column, cell := range row {
			if cell == "" {
				t.Errorf("%q: column %s is empty", row["rule"], column)
			}
		}
		m := testName.FindStringSubmatch(row["test"])
		if m == nil || !functions[m[1]] {
			t.Errorf("%q: there is no test %s", row["rule"], row["test"])
			continue
		}
		used[m[1]] = true
	}
	for name := range functions {
		if strings.HasPrefix(name, "TestPoint") && !used[name] {
			t.Errorf("%s has no row in README.md", name)
		}
	}
}

// Every disputed point has a row, and the cell of each profile begins with its rule.
func TestReadmeHasEveryPoint(t *testing.T) {
	rows := tableRows(t)
	for _, p := range sem.Points {
		i := slices.IndexFunc(rows, func(r map[string]string) bool { return strings.HasPrefix(r["rule"], "`"+p.Name+"`: ") })
		if i < 0 {
			t.Errorf("%s has no row in README.md", p.Name)
			continue
		}
		for id, rule := range p.Rules {
			name := sem.ProfileID(id).String()
			if !strings.HasPrefix(rows[i][name], "`"+rule+"`") {
				t.Errorf("%s under %s is %s, README.md says %s", p.Name, name, rule, rows[i][name])
			}
		}
	}
}

// Every column of the table of profiles that changes numbers has a row.
func TestReadmeHasEveryProfileField(t *testing.T) {
	rows := tableRows(t)
	fields := reflect.TypeFor[sem.Profile]()
	for i := range fields.NumField() {
		name := fields.Field(i).Name
		if name == "Name" || name == "Doc" {
			continue
		}
		if !slices.ContainsFunc(rows, func(r map[string]string) bool { return strings.HasPrefix(r["rule"], "`Profile."+name+"`: ") }) {
			t.Errorf("Profile.%s has no row in README.md", name)
		}
	}
}

// The table of profiles itself is complete and found by name.
func TestProfilesAreComplete(t *testing.T) {
	for id, p := range sem.Profiles {
		if p.Name == "" || p.Doc == "" || p.Weight == nil {
			t.Errorf("profile %d has an empty column", id)
		}
		if back, ok := sem.ProfileByName(p.Name); !ok || back != sem.ProfileID(id) {
			t.Errorf("ProfileByName(%q) = %d, %t", p.Name, back, ok)
		}
	}
	if _, ok := sem.ProfileByName("loihi3"); ok {
		t.Error("ProfileByName knows a profile that is not there")
	}
	for _, point := range sem.Points {
		if point.Doc == "" || point.Source == "" || point.Arg == "" {
			t.Errorf("point %s has an empty column", point.Name)
		}
		for id := range sem.Profiles {
			if point.Rules[id] == "" || point.Types[id].Bits == 0 {
				t.Errorf("point %s has no rule or type for %s", point.Name, sem.ProfileID(id))
			}
		}
		if found, ok := sem.PointByName(point.Name); !ok || found.Name != point.Name {
			t.Errorf("PointByName(%q) finds %v", point.Name, found)
		}
	}
	if _, ok := sem.PointByName("limit.w"); ok {
		t.Error("PointByName knows a point that is not there")
	}
}
