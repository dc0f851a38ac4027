package model

import (
	"fmt"
	"path/filepath"
	"strings"

	"decc/compiler/model/weights"
)

// result writes the model and reads it again.
func (im *netxImporter) result() (*Imported, error) {
	file, err := weights.NewFile(im.tensors...)
	if err != nil {
		return nil, err
	}
	out := &Imported{YAML: im.yaml(), Weights: file, Report: im.report}
	out.check(im.unmappable, orNone)
	return out, settle(im.found).Err()
}

func (im *netxImporter) yaml() []byte {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# Imported from %s (lava-dl) by decc.", comment(filepath.Base(im.File)))
	line("decc: 1")
	line("name: %s", im.Name)
	line("target: loihi1")
	if im.Steps > 0 {
		line("rows: %d          # the steps, and one row of travel into each layer", im.Steps+im.late)
	}
	shape := im.inputShape()
	line("inputs:")
	if len(shape) == 3 {
		line("  - {name: in, shape: %s}", flow(shape))
	} else {
		line("  - {name: in, size: %d}", members(shape))
	}
	for _, part := range []string{"groups", "synapses", "layers"} {
		line("%s:", part)
		for _, x := range im.lines[part] {
			line("  - %s", x)
		}
	}
	if im.Recordings != "" {
		line("stimulus: {kind: recordings, file: %s, bin: {micros: 1000, steps: %d}}", scalar(im.Recordings), im.Steps)
	}
	return []byte(b.String())
}

// inputShape is that of the options, else of the file.
func (im *netxImporter) inputShape() []int {
	if im.InputShape != nil {
		return im.InputShape
	}
	return im.first
}
