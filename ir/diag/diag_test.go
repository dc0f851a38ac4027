package diag

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	cases := []struct {
		name       string
		candidates []string
		want       string
	}{
		{"hidn", []string{"in", "hidden"}, "hidden"},
		{"alpah", []string{"alpha", "beta"}, "alpha"},
		{"surrogat", []string{"seed", "surrogate"}, "surrogate"},
		{"xyz", []string{"alpha", "beta"}, ""},
		{"ab", []string{"aa", "bb"}, "aa"},
		{"x", nil, ""},
	}
	for _, c := range cases {
		got, ok := Nearest(c.name, c.candidates)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("Nearest(%q, %v) = %q, %v, want %q", c.name, c.candidates, got, ok, c.want)
		}
	}
}

func TestRender(t *testing.T) {
	d := Errorf(At("m.yaml", 2, 4), "model/x", "bad").WithNote("n").WithFix("f")
	d.Width = 3
	var b strings.Builder
	if err := d.Render(&b, func(string) []byte { return []byte("first\n\tab: cde\n") }); err != nil {
		t.Fatal(err)
	}
	want := "m.yaml:2:4: error[model/x]: bad\n    2 | \tab: cde\n      | \t  ^^^\n   note: n\n   fix: f\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestListIsSortedAndFlattened(t *testing.T) {
	var l List
	l.Add(At("b", 1, 1), "x/y", "second")
	l.Add(At("a", 9, 1), "x/y", "first")
	l = append(l, &Diagnostic{Severity: Warning, Code: "x/z", Message: "w"})
	err := l.Err()
	all := All(err)
	if len(all) != 3 || all[1].Message != "first" || all[2].Message != "second" {
		t.Errorf("got %v", err)
	}
	if (List{{Severity: Warning}}).Err() != nil {
		t.Error("a warning alone is an error")
	}
}

func TestPosition(t *testing.T) {
	for want, p := range map[string]Pos{
		"f:1:2": At("f", 1, 2), "f:3": {File: "f", Line: 3}, "f@0": AtOffset("f", 0), "f": {File: "f"}, "-": {},
	} {
		if p.String() != want {
			t.Errorf("%#v is %q, want %q", p, p, want)
		}
	}
}
