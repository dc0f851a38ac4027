package main

import (
	"fmt"
	"io"
	"slices"

	"decc/compiler/passes"
)

// mostLines is how many cores are told one by one; what more have in common is told together.
const mostLines = 128

// writeCores prints how full the cores are: one line a core, or where they are many one line a resource.
func writeCores(w io.Writer, cores []passes.CoreUse) error {
	if len(cores) > mostLines {
		return writeFullness(w, cores)
	}
	if len(cores) == 0 {
		return nil
	}
	head := []any{"core"}
	for _, u := range cores[0].Uses {
		head = append(head, fmt.Sprintf("%s /%d", u.Resource, u.Limit))
	}
	t := newTable(head...)
	for _, c := range cores {
		line := []any{fmt.Sprintf("%d.%d", c.Chip, c.Core)}
		for _, u := range c.Uses {
			line = append(line, u.Used)
		}
		t.AppendRow(line)
	}
	return writeTable(w, t)
}

// writeFullness prints what the least, the middle and the fullest core use of each resource.
func writeFullness(w io.Writer, cores []passes.CoreUse) error {
	t := newTable("resource", "limit", "least", "median", "most", "fullest core")
	chips := map[int]bool{}
	for _, c := range cores {
		chips[c.Chip] = true
	}
	for i, u := range cores[0].Uses {
		byUse := slices.SortedStableFunc(slices.Values(cores), func(a, b passes.CoreUse) int { return a.Uses[i].Used - b.Uses[i].Used })
		fullest := slices.MaxFunc(cores, func(a, b passes.CoreUse) int { return a.Uses[i].Used - b.Uses[i].Used })
		t.AppendRow(row(u.Resource, u.Limit, byUse[0].Uses[i].Used, byUse[len(byUse)/2].Uses[i].Used, fullest.Uses[i].Used, fmt.Sprintf("%d.%d", fullest.Chip, fullest.Core)))
	}
	if err := writeTable(w, t); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%d cores on %d chips; --json lists them one by one\n", len(cores), len(chips))
	return err
}
