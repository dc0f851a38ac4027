package ir

import (
	"fmt"
	"slices"
	"strings"
)

// Difference is one object in which two modules differ. A and B are what each has
// there: a line of its text, an element of a tensor, or "" where it has no such object.
type Difference struct {
	Object string // as the text begins it: "synapse @w1"
	What   string // "only in one", "text" or "weights[3 17]"
	A, B   string
	// Count is the number of elements that differ where What is one of a tensor, else 0.
	Count int
}

func (d Difference) String() string {
	s := fmt.Sprintf("%s: %s: %s | %s", d.Object, d.What, orNone(d.A), orNone(d.B))
	if d.Count > 1 {
		s += fmt.Sprintf(" (first of %d)", d.Count)
	}
	return s
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

// Diff lists the differences of two modules, positions aside: the objects of a in
// order, then those that only b has. Equal modules give none.
func Diff(a, b *Module) []Difference {
	var all []Difference
	other := map[string][]object{}
	for _, o := range diffObjects(b) {
		other[o.key] = append(other[o.key], o)
	}
	for _, o := range diffObjects(a) {
		if match := other[o.key]; len(match) > 0 {
			other[o.key] = match[1:]
			all = append(all, diffObject(o, match[0])...)
		} else {
			all = append(all, Difference{Object: o.key, What: "only in one", A: firstLine(o)})
		}
	}
	for _, o := range diffObjects(b) {
		if match := other[o.key]; len(match) > 0 {
			other[o.key] = match[1:]
			all = append(all, Difference{Object: o.key, What: "only in one", B: firstLine(o)})
		}
	}
	return append(all, diffOrder(a, b, len(all))...)
}

// diffObjects gives the header one key whatever the module's name.
func diffObjects(m *Module) []object {
	list := slices.Collect(objects(m))
	list[0].key = "module"
	return list
}

// diffOrder tells what differs when all objects agree and only their order does not.
func diffOrder(a, b *Module, found int) []Difference {
	if found > 0 {
		return nil
	}
	x, y := diffObjects(a), diffObjects(b)
	for i := range x {
		if x[i].key != y[i].key {
			return []Difference{{Object: x[i].key, What: "order", A: firstLine(x[i]), B: firstLine(y[i])}}
		}
	}
	return nil
}

func plainPrinter() *printer {
	return &printer{o: PrintOptions{OmitPositions: true, OmitBlobs: true}, digestLength: shortDigest}
}

func firstLine(o object) string {
	line, _, _ := strings.Cut(strings.TrimSpace(o.text(plainPrinter())), "\n")
	return line
}

// diffObject gives the first differing line; where only a tensor's elements differ,
// the first of them, which tells more.
func diffObject(a, b object) []Difference {
	x, y := objectLines(a), objectLines(b)
	if slices.Equal(x, y) {
		return nil
	}
	if d, ok := diffTensors(a, b); ok {
		return []Difference{d}
	}
	i := 0
	for i < min(len(x), len(y)) && x[i] == y[i] {
		i++
	}
	return []Difference{{Object: a.key, What: "text", A: lineAt(x, i), B: lineAt(y, i)}}
}

func objectLines(o object) []string { return strings.Split(o.text(plainPrinter()), "\n") }

func lineAt(lines []string, i int) string {
	if i < len(lines) {
		return strings.TrimSpace(lines[i])
	}
	return ""
}

// diffTensors looks for a tensor of the same name, type and shape with other elements.
func diffTensors(a, b object) (Difference, bool) {
	if len(a.tensors) != len(b.tensors) {
		return Difference{}, false
	}
	for i, x := range a.tensors {
		y := b.tensors[i]
		if x.t == nil || y.t == nil || x.name != y.name || head(x.t) != head(y.t) || len(x.t.Data) != len(y.t.Data) {
			continue
		}
		if first, count := diffData(x.t.Data, y.t.Data); count > 0 {
			return Difference{
				Object: a.key, What: x.name + indexText(x.t, first), Count: count,
				A: fmt.Sprint(x.t.Data[first]), B: fmt.Sprint(y.t.Data[first]),
			}, true
		}
	}
	return Difference{}, false
}

func diffData(a, b []int32) (first, count int) {
	for i := range a {
		if a[i] != b[i] {
			if count == 0 {
				first = i
			}
			count++
		}
	}
	return first, count
}
