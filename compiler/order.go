package compiler

import (
	"fmt"
	"slices"
)

// Order says that one pass must run before another, and why.
type Order struct{ First, Then, Why string }

// CheckOrder tells the first way in which a list of passes breaks the table of
// constraints: a name used twice, a pass that does not take the stage that the one
// before leaves, a constraint on a pass that is not there or comes too early. It
// speaks of decc's own tables, so a test calls it, not a user.
func CheckOrder(passes []Pass, orders []Order) error {
	at := map[string]int{}
	for i, p := range passes {
		if _, twice := at[p.Name]; twice || p.Name == "" {
			return fmt.Errorf("pass name %q is empty or used twice", p.Name)
		}
		at[p.Name] = i
		if p.Gives < p.Needs || i > 0 && passes[i-1].Gives != p.Needs {
			return fmt.Errorf("pass %s takes stage %s and gives %s, which does not follow", p.Name, p.Needs, p.Gives)
		}
	}
	for _, o := range orders {
		first, ok1 := at[o.First]
		then, ok2 := at[o.Then]
		if !ok1 || !ok2 || first >= then {
			return fmt.Errorf("pass %s must run before %s: %s", o.First, o.Then, o.Why)
		}
	}
	return nil
}

func passNames(passes []Pass) []string {
	names := make([]string, len(passes))
	for i, p := range passes {
		names[i] = p.Name
	}
	return names
}

func hasPass(passes []Pass, name string) bool { return slices.Contains(passNames(passes), name) }
