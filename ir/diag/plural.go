package diag

import "fmt"

// Plural is a number with what it counts: "1 core", "2 cores".
func Plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
