package stimulus

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestCodesComplete holds the codes that the sources write against the table.
func TestCodesComplete(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var used []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		used = append(used, regexp.MustCompile(`"data/[a-z-]+"`).FindAllString(string(text), -1)...)
	}
	slices.Sort(used)
	used = slices.Compact(used)
	var listed []string
	for _, c := range Codes {
		listed = append(listed, `"`+c.Code+`"`)
		if c.Meaning == "" || c.Example == "" || c.Fix == "" {
			t.Errorf("%s is not explained", c.Code)
		}
	}
	slices.Sort(listed)
	if !slices.Equal(used, listed) {
		t.Errorf("codes in the sources %v, in the table %v", used, listed)
	}
}
