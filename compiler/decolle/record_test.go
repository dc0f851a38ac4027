package decolle

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
)

// record runs a network and writes what a decolle-golden/1 file would hold. It
// serves the tests of the reader and of the comparison; that the numbers are right
// is the business of the recorded traces and of refNet.
func record(t testing.TB, s Spec, rows int) map[string]any {
	t.Helper()
	const items, burnIn = 2, 2
	n := scatter[float64](t, s, 7)
	o := Optimiser{Kind: SGD, LR: 0.01}
	s = n.Spec()
	f := map[string]any{
		"schema": goldenSchema, "name": "made", "dtype": "f64", "layer_model": s.Variant, "surrogate": s.Surrogate,
		"alpha": s.Alpha, "beta": s.Beta, "alpharp": s.AlphaRP, "wrp": s.WRP, "gain": 1, "dropout": 0,
		"input_shape": []int{s.Input.C, s.Input.H, s.Input.W}, "batch": items, "steps": rows, "burnin": burnIn,
		"online_update": true, "classes": s.Classes, "loss": s.Loss, "reg": nil,
		"optimizer": map[string]any{"kind": o.Kind, "lr": o.LR},
	}
	for l := range s.Layers {
		s.Layers[l].Reg = 0
	}
	f["layers"] = recordLayers(n)
	var active, class [2][]any
	for i := range items {
		for _, row := range noise(uint64(i), s.Input.Size(), rows, 0.2).Rows(rows) {
			lines := []int32{}
			for _, e := range row {
				lines = append(lines, e.Index)
			}
			active[i], class[i] = append(active[i], lines), append(class[i], i)
		}
	}
	f["input_active"], f["target_class"] = active, class
	recordRows(t, f, n, rows)
	return f
}

func recordLayers[F Float](n *Network[F]) []any {
	var out []any
	for l, layer := range n.layers {
		p := n.Parameters(l)
		d := map[string]any{
			"kind": layer.spec.Kind, "weight_shape": p.Shape, "W0": nest(p.W, p.Shape), "b0": p.B,
			"G": nest(p.G, []int{len(p.GB), len(p.G) / len(p.GB)}), "gb": p.GB,
		}
		if layer.spec.Kind == Conv {
			d["kernel"], d["stride"] = layer.spec.Kernel, layer.spec.Stride
			d["padding"], d["maxpool"] = layer.spec.Padding, layer.spec.Pool
		}
		out = append(out, d)
	}
	return out
}

// nest folds a row-major block into lists.
func nest(x []float64, shape []int) any {
	if len(shape) == 1 {
		return x
	}
	var out []any
	part := len(x) / shape[0]
	for i := range shape[0] {
		out = append(out, nest(x[i*part:][:part], shape[1:]))
	}
	return out
}

// recordRows replays the unfinished file and writes down what it sees.
func recordRows(t testing.TB, f map[string]any, n *Network[float64], rows int) {
	t.Helper()
	data, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	g := &golden{}
	if err := json.Unmarshal(data, g); err != nil {
		t.Fatal(err)
	}
	g.Trace = make([]goldenRow, rows)
	p, err := newPlayer[float64](g)
	if err != nil {
		t.Fatal(err)
	}
	var trace, shots []any
	for row := range rows {
		mode := p.mode(row)
		losses := p.learner.Learn(g.rows(row), Target{Class: g.targets(row), Mode: mode, LR: g.Optimizer.LR})
		var layers, full []any
		for l := range n.layers {
			o := p.observe(l, losses[l], mode == Update)
			layers = append(layers, recordTrace(o, mode == Update))
			full = append(full, recordShot(o, n.Parameters(l).Shape, mode == Update))
		}
		trace = append(trace, map[string]any{"t": row, "update": mode == Update, "layers": layers})
		if row == 1 || row == rows-1 {
			shots = append(shots, map[string]any{"t": row, "layers": full})
		}
	}
	f["trace"], f["snapshots"] = trace, shots
	values := 0
	for _, layer := range p.net.layers {
		values += layer.geo.out.Size() * g.Batch * rows
	}
	f["mean_rate"], f["min_abs_u"] = float64(p.spikes)/float64(values), p.minAbsU
}

func bitString(x [][]float64) []string {
	var out []string
	for _, item := range x {
		s := ""
		for _, bit := range item {
			s += fmt.Sprint(bit)
		}
		out = append(out, s)
	}
	return out
}

func recordTrace(o observation, updated bool) map[string]any {
	d := map[string]any{"s": bitString(o["s"]), "u": o["u"], "r": o["r"], "loss": o["loss"][0][0]}
	for _, name := range []string{"P", "Q", "R", "W", "dW", "db"} {
		if updated || name[0] != 'd' {
			d[name+checksumSuffix], _ = checksum(slices.Concat(o[name]...))
		}
	}
	return d
}

func recordShot(o observation, shape []int, updated bool) map[string]any {
	d := map[string]any{"P": o["P"], "Q": o["Q"], "R": o["R"], "S": bitString(o["S"])}
	if updated {
		d["dW"], d["W"] = nest(o["dW"][0], shape), nest(o["W"][0], shape)
		d["db"], d["b"] = o["db"][0], o["b"][0]
	}
	return d
}
