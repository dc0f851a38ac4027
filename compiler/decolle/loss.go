package decolle

// loss is a local loss of a layer: value and slope of one masked error
// e = r_c - y_c. Both are divided by batch size times classes by the caller.
type loss struct {
	name  string
	value func(e float64) float64
	slope func(e float64) float64
}

var losses = []loss{
	{"smoothl1", huber, func(e float64) float64 { return min(max(e, -1), 1) }},
	{"mse", func(e float64) float64 { return float64(e * e) }, func(e float64) float64 { return 2 * e }},
}

// huber is e^2/2 within one, |e| - 1/2 outside.
func huber(e float64) float64 {
	if a := max(e, -e); a >= 1 {
		return a - 0.5
	}
	return float64(e*e) / 2
}

// Losses are the names of the local losses; the first is the default.
func Losses() []string { return lossNames() }

func lossNames() []string { return names(losses, func(l loss) string { return l.name }) }

func lossByName(name string) loss {
	l, _ := find(losses, name, func(l loss) string { return l.name })
	return l
}

// NoTarget marks an item that is not supervised in a row.
const NoTarget = -1

// lossErrors writes the loss slopes d_c of one item, already divided by norm =
// batch size times classes, and returns the sum of its loss values (undivided).
// An item without target has neither.
func lossErrors[F Float](l loss, d, r []F, target int, norm float64) float64 {
	clear(d)
	if target == NoTarget {
		return 0
	}
	sum := 0.0
	for c, x := range r {
		e := float64(x)
		if c == target {
			e--
		}
		sum += l.value(e)
		d[c] = F(l.slope(e) / norm)
	}
	return sum
}
