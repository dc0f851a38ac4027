package ir

import (
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"decc/ir/sem"
)

// TestReadme holds the reference page to the code: its modules are valid
// and canonical, and it lists every operation, point, program and stage.
func TestReadme(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```dcir\n(.*?)```").FindAllSubmatch(page, -1)
	if len(blocks) < 2 {
		t.Fatal("the worked modules are gone")
	}
	for _, block := range blocks {
		m, err := parseAndVerify(string(block[1]))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(block[1]), Text(m)); d != "" {
			t.Errorf("a worked module is not canonical (-page +printed):\n%s", d)
		}
	}
	var words []string
	for _, name := range append(opNames(), pointNames()...) {
		words = append(words, "`"+name+"(")
	}
	for _, name := range BuiltinNames() {
		words = append(words, "`@"+name+"`")
	}
	for _, name := range StageNames {
		words = append(words, `"`+name+`"`)
	}
	for _, name := range sem.SignNames {
		words = append(words, `"`+name+`"`)
	}
	for _, word := range words {
		if !contains(string(page), word) {
			t.Errorf("the page does not mention %s", word)
		}
	}
}
