package validate

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// TestStoreCodes holds the codes that the sources write against their table.
func TestStoreCodes(t *testing.T) {
	var used, listed []string
	for _, file := range []string{"store.go", "store_read.go", "baseline.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		used = append(used, regexp.MustCompile(`"(store|baseline)/[a-z]+"`).FindAllString(string(text), -1)...)
	}
	for _, c := range storeCodes {
		listed = append(listed, `"`+c.Code+`"`)
		if c.Meaning == "" || c.Example == "" || c.Fix == "" {
			t.Errorf("%s is not explained", c.Code)
		}
	}
	slices.Sort(used)
	slices.Sort(listed)
	if used = slices.Compact(used); !slices.Equal(used, listed) {
		t.Errorf("codes in the sources %v, in the table %v", used, listed)
	}
}
