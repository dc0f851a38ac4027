package main

import (
	"fmt"

	"decc/chipsim/image"
	"decc/ir/rule"
	"decc/ir/sem"
)

func describeImage(name string, data []byte) (*description, error) {
	img, err := image.Decode(name, data)
	if err != nil {
		return nil, err
	}
	d := &description{Kind: "chip image"}
	d.add("name", img.Name)
	d.add("format", image.Version)
	d.add("chip", orDash(img.Chip))
	d.add("semantics", img.Profile.String())
	d.add("digest", image.Digest(data))
	d.add("module digest", img.ModuleDigest)
	d.add("bytes", len(data))
	var groups, cores [][]any
	for _, g := range img.Groups {
		groups = append(groups, []any{g.Name, img.Programs[g.Program].Name, g.N})
	}
	for _, c := range img.Cores {
		place := fmt.Sprintf("%d: %d %d %d", c.ChipID, c.X, c.Y, c.Z)
		cores = append(cores, []any{c.ID, place, c.Compartments(), len(c.InAxons), len(c.Fan.Axons), len(c.Words), len(c.Formats)})
	}
	d.addTable("inputs", []string{"name", "members"}, tableOf(img.Inputs, func(in image.Input) []any { return []any{in.Name, in.N} }))
	d.addTable("groups", []string{"name", "program", "members"}, groups)
	d.addTable("cores", []string{"core", "chip: x y z", "compartments", "in-axons", "out-axons", "synaptic words", "formats"}, cores)
	for _, table := range []struct {
		name string
		head []string
		rows func(image.Plastic) [][]any
	}{
		{"learning", []string{"synapses", "from", "to", "rule", "target", "sum"}, plasticRows(img)},
		{"microcode", []string{"rule", "word", "bits"}, microcode},
	} {
		var rows [][]any
		for _, p := range img.Plastic {
			rows = append(rows, table.rows(p)...)
		}
		if len(rows) > 0 {
			d.addTable(table.name, table.head, rows)
		}
	}
	return d, nil
}

// plasticRows disassembles the sums of a plastic object.
func plasticRows(img *image.Image) func(image.Plastic) [][]any {
	return func(p image.Plastic) [][]any {
		var rows [][]any
		for t, sum := range p.Rule.Sums {
			if len(sum) > 0 {
				rows = append(rows, []any{p.Name, p.Source, img.Groups[p.Group].Name, p.Rule.Name, sem.Targets[t], rule.Text(sum, p.Rule.Decimate)})
			}
		}
		return rows
	}
}

// microcode lists the words of an object's rule, which an image holds (sem.Rule.Words).
func microcode(p image.Plastic) [][]any {
	words, err := p.Rule.Words()
	if err != nil {
		panic("BUG: the rule of an image that was read: " + err.Error())
	}
	var rows [][]any
	for i, w := range words {
		rows = append(rows, []any{p.Rule.Name, i, fmt.Sprintf("%016x", w)})
	}
	return rows
}
