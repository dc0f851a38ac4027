package diag

// Nearest returns the candidate closest to name by edit distance, among those that
// are close enough to be what was meant: at most a third of the longer word, at
// least one edit. Ties go to the earlier candidate.
func Nearest(name string, candidates []string) (string, bool) {
	best, bestDistance := "", -1
	for _, c := range candidates {
		d := distance(name, c)
		limit := max(1, max(len(name), len(c))/3)
		if d <= limit && (bestDistance < 0 || d < bestDistance) {
			best, bestDistance = c, d
		}
	}
	return best, bestDistance >= 0
}

// distance is the optimal string alignment distance (insert, delete, replace,
// swap of neighbours), over bytes.
func distance(a, b string) int {
	two, one := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range one {
		one[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			row[j] = editStep(a, b, i, j, row, one, two)
		}
		two, one = one, row
	}
	return one[len(b)]
}

func editStep(a, b string, i, j int, row, one, two []int) int {
	cost := 1
	if a[i-1] == b[j-1] {
		cost = 0
	}
	d := min(one[j]+1, row[j-1]+1, one[j-1]+cost)
	if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
		d = min(d, two[j-2]+1)
	}
	return d
}
