package decolle

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"decc/ir/diag"
)

func marshal(t testing.TB, f map[string]any) []byte {
	t.Helper()
	data, err := json.MarshalIndent(f, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// generic turns a record into the maps and lists that a JSON reader gives.
func generic(t testing.TB, f map[string]any) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal(marshal(t, f), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// goldenShapes are networks of shapes that the recorded traces do not have.
var goldenShapes = []string{"dense3", "conv5pool3", "conv+dense", "conv+conv"}

func TestReplayOfOwnRecords(t *testing.T) {
	for _, name := range goldenShapes {
		r, err := ReplayGolden(context.Background(), name, marshal(t, record(t, small()[name], 8)))
		if err != nil {
			t.Fatal(err)
		}
		if r.First != nil || r.Spikes == 0 || r.Updates != 6 || len(r.Deviations) != 20 {
			t.Errorf("%s: %+v, first %+v", name, r, r.First)
		}
	}
}

// at walks down a generic record.
func at(x any, steps ...any) any {
	for _, step := range steps {
		if i, ok := step.(int); ok {
			x = x.([]any)[i]
		} else {
			x = x.(map[string]any)[step.(string)]
		}
	}
	return x
}

// put replaces the value at a path of a generic record.
func put(f map[string]any, value any, steps ...any) {
	last := len(steps) - 1
	holder := at(f, steps[:last]...)
	if i, ok := steps[last].(int); ok {
		holder.([]any)[i] = value
		return
	}
	holder.(map[string]any)[steps[last].(string)] = value
}

// TestFirstDifference falsifies one recorded value at a time, by little more than
// its tolerance, and wants it found.
func TestFirstDifference(t *testing.T) {
	made := generic(t, record(t, small()["conv+dense"], 8))
	for _, c := range []struct {
		path path
		want Difference
	}{
		{path{"trace", 4, "layers", 1, "u", 1, 3}, Difference{Row: 4, Layer: 1, Item: 1, Object: "u", Index: 3}},
		{path{"trace", 0, "layers", 0, "r", 0, 2}, Difference{Row: 0, Layer: 0, Item: 0, Object: "r", Index: 2}},
		{path{"trace", 3, "layers", 1, "loss"}, Difference{Row: 3, Layer: 1, Item: -1, Object: "loss"}},
		{path{"trace", 5, "layers", 0, "P_chk", 1}, Difference{Row: 5, Layer: 0, Item: -1, Object: "P_chk", Index: 1}},
		{path{"trace", 5, "layers", 0, "Q_chk", 0}, Difference{Row: 5, Layer: 0, Item: -1, Object: "Q_chk"}},
		{path{"trace", 5, "layers", 1, "R_chk", 1}, Difference{Row: 5, Layer: 1, Item: -1, Object: "R_chk", Index: 1}},
		{path{"trace", 7, "layers", 0, "dW_chk", 1}, Difference{Row: 7, Layer: 0, Item: -1, Object: "dW_chk", Index: 1}},
		{path{"trace", 7, "layers", 1, "db_chk", 1}, Difference{Row: 7, Layer: 1, Item: -1, Object: "db_chk", Index: 1}},
		{path{"trace", 7, "layers", 1, "W_chk", 1}, Difference{Row: 7, Layer: 1, Item: -1, Object: "W_chk", Index: 1}},
		{path{"snapshots", 1, "layers", 0, "Q", 1, 5}, Difference{Row: 7, Layer: 0, Item: 1, Object: "Q", Index: 5}},
		{path{"snapshots", 0, "layers", 1, "R", 0, 0}, Difference{Row: 1, Layer: 1, Item: 0, Object: "R"}},
		{path{"snapshots", 1, "layers", 0, "W", 4, 1, 2, 2}, Difference{Row: 7, Layer: 0, Item: -1, Object: "W", Index: 89}},
		{path{"snapshots", 1, "layers", 1, "b", 2}, Difference{Row: 7, Layer: 1, Item: -1, Object: "b", Index: 2}},
		{path{"mean_rate"}, Difference{Row: 7, Layer: -1, Item: -1, Object: "mean_rate"}},
		{path{"min_abs_u"}, Difference{Row: 7, Layer: -1, Item: -1, Object: "min_abs_u"}},
	} {
		old := at(made, c.path...).(float64)
		put(made, old*(1+1e-8)+2e-8, c.path...)
		first := replayFirst(t, made)
		put(made, old, c.path...)
		if first == nil {
			t.Errorf("%v: nothing found", c.path)
			continue
		}
		if first.Got == first.Want || first.Tolerance <= 0 || first.Tolerance > 1e-6 {
			t.Errorf("%v: %+v", c.path, *first)
		}
		first.Got, first.Want, first.Tolerance = 0, 0, 0
		if *first != c.want {
			t.Errorf("%v: found %+v, want %+v", c.path, *first, c.want)
		}
	}
}

func replayFirst(t *testing.T, f map[string]any) *Difference {
	t.Helper()
	r, err := ReplayGolden(context.Background(), "made.json", marshal(t, f))
	if err != nil {
		t.Fatal(err)
	}
	return r.First
}

// TestFirstDifferenceOfSpikes flips recorded spikes: they have no tolerance.
func TestFirstDifferenceOfSpikes(t *testing.T) {
	made := generic(t, record(t, small()["conv+dense"], 8))
	for _, p := range []path{{"trace", 6, "layers", 1, "s", 1}, {"snapshots", 1, "layers", 0, "S", 1}} {
		old := at(made, p...).(string)
		put(made, string('0'+'1'-old[0])+old[1:], p...)
		first := replayFirst(t, made)
		put(made, old, p...)
		if first == nil || first.Item != 1 || first.Index != 0 || first.Object != p[4] || first.Got+first.Want != 1 || first.Tolerance != 0 {
			t.Errorf("%v: %+v", p, first)
		}
	}
}

// TestGoldenFindings: a file that contradicts itself is refused at the guilty line.
func TestGoldenFindings(t *testing.T) {
	for _, c := range []struct {
		path  path
		value any
		want  string
	}{
		{path{"schema"}, "decolle-golden/2", `schema is "decolle-golden/2"`},
		{path{"dtype"}, "f16", `dtype is "f16"`},
		{path{"dropout"}, 0.5, "dropout is 0.5"},
		{path{"input_shape"}, []int{18, 8}, "input_shape has 2 sides"},
		{path{"input_shape"}, []int{2, 1 << 11, 256}, "layers and batch 2 make more than"},
		{path{"batch"}, 3, "input_active has 2 entries, want 3"},
		{path{"steps"}, 9, "trace has 8 entries, want 9"},
		{path{"reg"}, []float64{1}, "reg has 1 entries for 2 layers"},
		{path{"trace", 3, "t"}, 4, "trace[3] is row 4"},
		{path{"trace", 3, "update"}, false, "trace[3].update is false"},
		{path{"trace", 2, "layers", 0, "u", 1}, []int{1}, "trace[2].layers[0].u is not a rectangular"},
		{path{"trace", 2, "layers", 0, "u"}, []int{1}, "trace[2].layers[0].u has shape [1], want [2 45]"},
		{path{"trace", 2, "layers", 0, "u", 1, 0}, "x", `trace[2].layers[0].u holds "\"x\""`},
		{path{"trace", 2, "layers", 0, "u"}, nil, `trace[2].layers[0].u holds "null"`},
		{path{"trace", 2, "layers", 0, "s", 1}, "01", "trace[2].layers[0].s[1] is not a string of 45"},
		{path{"trace", 2, "layers", 0, "s"}, 1, "trace[2].layers[0].s is not a list of 2 strings"},
		{path{"trace", 2, "layers", 0, "v"}, 1, "trace[2].layers[0] holds an object that"},
		{path{"trace", 2, "layers", 1}, map[string]any{}, `trace[2].layers[1] does not hold "Q_chk"`},
		{path{"trace", 0, "layers", 0, "dW_chk"}, []int{0, 0, 0}, "trace[0].layers[0].dW_chk is recorded in a row without update"},
		{path{"snapshots", 0, "layers", 0, "dW"}, 0, "snapshots[0].layers[0].dW is recorded in a row without update"},
		{path{"snapshots", 1, "t"}, 1, "snapshots[1] is row 1"},
		{path{"snapshots", 1, "layers", 0}, map[string]any{}, `snapshots[1].layers[0] does not hold "Q"`},
		{path{"input_active", 1, 2}, []int{5, 4}, "input_active[1][2] must be ascending lines from 0 to 143"},
		{path{"input_active", 1, 2}, []int{144}, "input_active[1][2] must be ascending lines from 0 to 143"},
		{path{"input_active", 1}, []any{}, "input_active[1] and target_class[1] have 0 and 8 rows"},
		{path{"target_class", 0, 7}, 3, "target_class[0][7] is 3 of 3 classes"},
		{path{"layers", 0, "weight_shape"}, []int{5, 3, 3, 3}, "layers[0].weight_shape is [5 3 3 3], but"},
		{path{"layers", 0, "W0", 4, 1, 2, 2}, []int{}, "layers[0].W0 is not a rectangular"},
		{path{"layers", 1, "gb"}, []int{1, 2}, "layers[1].gb has shape [2], want [3]"},
		{path{"layers", 0, "kernel"}, 0, "layers cannot be run"},
		{path{"optimizer", "kind"}, "adam", "optimizer cannot be run"},
		{path{"layer_model"}, "LIF", "layers cannot be run"},
	} {
		made := generic(t, record(t, small()["conv+dense"], 8))
		put(made, c.value, c.path...)
		_, err := ReplayGolden(context.Background(), "made.json", marshal(t, made))
		checkFinding(t, err, codeGolden, c.want)
		for _, d := range diag.All(err) {
			if d.Pos.File != "made.json" || d.Pos.Line < 1 || d.Pos.Col < 1 {
				t.Errorf("%q is at %v", c.want, d.Pos)
			}
		}
	}
}

func TestGoldenPosition(t *testing.T) {
	data := []byte("{\"schema\":\"decolle-golden/1\",\n \"dtype\": \"f16\"}")
	_, err := ReplayGolden(context.Background(), "x.json", data)
	if want := "x.json:2:11: error[decolle/golden]: dtype is"; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
	_, err = ReplayGolden(context.Background(), "x.json", []byte("{\n\"batch\": oops}"))
	if want := "x.json:2:10: error[decolle/golden]: not a"; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestTruncatedGolden cuts a file at many places.
func TestTruncatedGolden(t *testing.T) {
	data := bytes.TrimSpace(marshal(t, record(t, small()["dense3"], 3)))
	for n := 0; n < len(data); n += 1 + n/60 {
		_, err := ReplayGolden(context.Background(), "cut.json", data[:n])
		checkFinding(t, err, codeGolden, "not a decolle-golden/1 file")
	}
}

func TestReplayCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	data := marshal(t, record(t, small()["dense3"], 3))
	if _, err := ReplayGolden(ctx, "made.json", data); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func FuzzReplayGolden(f *testing.F) {
	for _, name := range goldenShapes {
		s := small()[name]
		s.Input, s.Classes = Shape{1, 4, 5}, 2
		data, err := json.Marshal(record(f, s, 3))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"schema":"decolle-golden/1","dtype":"f32","input_shape":[1,1,1]}`))
	f.Add([]byte(`[[1,2],[3]]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := ReplayGolden(context.Background(), "fuzz.json", data)
		if err != nil && len(diag.All(err)) == 0 {
			t.Errorf("not a diagnostic: %v", err)
		}
	})
}
