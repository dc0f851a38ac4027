package main

import (
	"fmt"

	"decc/chipsim/image"
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
	return d, nil
}
