package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"decc/chipsim/stimulus"
	"decc/compiler/model/weights"
	"decc/ir/diag"
)

// describeIDX takes images first; a file of labels has one dimension.
func describeIDX(name string, data []byte) (*description, error) {
	const images, labels = 3, 1
	x, err := stimulus.ReadIDX(bytes.NewReader(data), name, images)
	if err != nil {
		var errLabels error
		if x, errLabels = stimulus.ReadIDX(bytes.NewReader(data), name, labels); errLabels != nil {
			return nil, err
		}
	}
	d := &description{Kind: "IDX file"}
	d.add("shape", shapeText(x.Shape))
	d.add("smallest", slices.Min(x.Data))
	d.add("largest", slices.Max(x.Data))
	if len(x.Shape) == labels {
		d.addTable("labels", []string{"label", "count"}, histogram(x.Data))
	}
	return d, nil
}

func histogram(values []byte) [][]any {
	var counts [256]int
	for _, v := range values {
		counts[v]++
	}
	var rows [][]any
	for v, n := range counts {
		if n > 0 {
			rows = append(rows, []any{v, n})
		}
	}
	return rows
}

func shapeText(shape []int) string {
	if len(shape) == 0 {
		return "scalar"
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", "x"), "[]")
}

func describeTensors(name string, data []byte) (*description, error) {
	f, err := weights.Decode(name, data, weights.DefaultLimits())
	if err != nil {
		for _, d := range diag.All(err) {
			if d.Code == "weights/format" {
				d.Fix = "decc inspect reads modules, programs, images, models (.yaml), IDX and tensor files"
			}
		}
		return nil, err
	}
	d := &description{Kind: "tensors"}
	d.add("tensor count", len(f.Tensors))
	var rows [][]any
	for _, t := range f.Tensors {
		low, high := extremes(t.Data)
		rows = append(rows, []any{t.Name, t.DType.String(), shapeText(t.Shape), low, high})
	}
	d.addTable("tensors", []string{"name", "type", "shape", "smallest", "largest"}, rows)
	var meta [][]any
	for _, key := range slices.Sorted(maps.Keys(f.Meta)) {
		meta = append(meta, []any{key, f.Meta[key]})
	}
	d.addTable("metadata", []string{"key", "value"}, meta)
	if len(f.Ignored) > 0 {
		d.add("not tensors", strings.Join(f.Ignored, " "))
	}
	return d, nil
}

// extremes gives the bounds as text, for a NaN has no JSON.
func extremes(x []float64) (low, high string) {
	if len(x) == 0 {
		return "-", "-"
	}
	return fmt.Sprint(slices.Min(x)), fmt.Sprint(slices.Max(x))
}
