package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"decc/chipsim/cost"
)

// A hand-made network of two detectors and two recordings: decc run --all reads the list,
// the events and the labels, and tells who was right.
func TestRunAll(t *testing.T) {
	dir := t.TempDir()
	put := func(name, content string) { write(t, filepath.Join(dir, name), content) }
	event := func(x, y, ms byte) string { return string([]byte{x, y, 0, ms * 4, 0}) } // times in 1024 us
	put("left.bs2", event(0, 0, 1)+event(0, 1, 2)+event(0, 0, 3))
	put("right.bs2", event(1, 0, 1)+event(1, 1, 2)+event(1, 1, 2))
	put("list.csv", "file,label\nleft.bs2,1\nright.bs2,2\nleft.bs2,2\n")
	put("net.yaml", `decc: 1
name: sides
target: loihi1
rows: 12
inputs:
  - {name: in, shape: [2, 2, 2]}
groups:
  - {name: out, shape: [2, 1, 1], neuron: cuba, params: {du: 4096, dv: 4096, vth: 640}}
synapses:
  - {name: w, from: in, to: out, conv: {size: 2, kernel: [20, 0, 20, 0, 0, 0, 0, 0, 0, 20, 0, 20, 0, 0, 0, 0]}}
layers:
  - {name: out, spikes: out, spikes_lag: 1}
stimulus:
  kind: recordings
  file: list.csv
  first_class: 1
  bin: {micros: 1000, steps: 11}
`)
	code, out, errOut := runLine(t, "run", filepath.Join(dir, "net.yaml"), "--all", "--json")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errOut)
	}
	var got classifyResult
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Right != 2 || got.Of != 3 || len(got.Confusion) != 2 || got.Confusion[1][0] != 1 {
		t.Errorf("%d of %d right, votes %v", got.Right, got.Of, got.Confusion)
	}
	if a := got.Answers[0]; a.Vote != 0 || a.Events != 3 || a.Input.Spikes != 3 || a.Counts[0] != 3 || a.Layers[0].Spikes != 3 {
		t.Errorf("%+v", a)
	}
	if a := got.Answers[1]; a.Vote != 1 || a.Input.Spikes != 2 || a.Counts[1] != 2 {
		t.Errorf("%+v", a)
	}
	code, out, errOut = runLine(t, "run", filepath.Join(dir, "net.yaml"), "--all")
	if code != 0 || !strings.Contains(out, "2 of 3 right (66.67 %)") {
		t.Errorf("exit %d:\n%s%s", code, out, errOut)
	}
	code, out, errOut = runLine(t, "run", filepath.Join(dir, "net.yaml"), "--sample", "1")
	if code != 0 || !strings.Contains(out, "2 input spikes") {
		t.Errorf("exit %d:\n%s%s", code, out, errOut)
	}
	kept := filepath.Join(dir, "kept.jsonl")
	first := []string{"run", filepath.Join(dir, "net.yaml"), "--all", "--json", "--checkpoint", kept}
	_, whole, _ := runLine(t, first...)
	lines, err := os.ReadFile(kept)
	if err != nil || strings.Count(string(lines), "\n") != 4 {
		t.Fatalf("%v: %s", err, lines)
	}
	head, _, _ := strings.Cut(string(lines), "\n{\"place\":2")
	write(t, kept, head+"\n")
	if code, again, errOut := runLine(t, first...); code != 0 || again != whole || out == "" {
		t.Errorf("going on: exit %d, %s%s", code, again, errOut)
	}
	checkRecordingCosts(t, filepath.Join(dir, "net.yaml"))
	put("right.bs2", "cut")
	if code, _, errOut := runLine(t, first...); code == 0 || !strings.Contains(errOut, "error[store/key]") {
		t.Errorf("other recordings: exit %d, %s", code, errOut)
	}
	for text, args := range map[string][]string{
		"right.bs2@0: error[events/truncated]": {"run", filepath.Join(dir, "net.yaml"), "--all"},
		"--sample 7":                           {"run", filepath.Join(dir, "net.yaml"), "--sample", "7"},
		"error[cli/no-recordings]":             {"run", filepath.Join("..", "..", "testdata", "models", "mnist-mlp.yaml"), "--all"},
	} {
		if code, _, errOut := runLine(t, args...); code == 0 || !strings.Contains(errOut, text) {
			t.Errorf("%v: exit %d, %s; want %s", args, code, errOut, text)
		}
	}
}

// checkRecordingCosts works out by hand what the recordings of TestRunAll take: 12 rows of 2
// compartments, and a synaptic event for each of 3, 2 and 3 input spikes.
func checkRecordingCosts(t *testing.T, model string) {
	t.Helper()
	code, out, errOut := runLine(t, "run", model, "--all", "--json", "--cost")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errOut)
	}
	var got classifyResult
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	c := got.Costs[0]
	if c.Set != "davies2018" || c.Inferences != 3 || c.Rows != 12 || len(got.Bands) == 0 {
		t.Errorf("%+v", c)
	}
	synapses := func(i int) float64 { return float64(got.Answers[i].Work.SynapticEvents) * 23.6 / 1e6 }
	least, most := min(synapses(0), synapses(1)), max(synapses(0), synapses(1))
	want := cost.Spread{
		Part: "cores", Unit: "uJ", Min: [2]float64{least + 24*52e-6, least + 24*81e-6}, Max: [2]float64{most + 24*52e-6, most + 24*81e-6},
	}
	for i, updates := range []float64{24 * 52e-6, 24 * 81e-6} {
		want.Mean[i] = (2*synapses(0)+synapses(1))/3 + updates
	}
	for i, x := range [][2]float64{c.Parts[0].Mean, c.Parts[0].Min, c.Parts[0].Max} {
		for j, y := range [][2]float64{want.Mean, want.Min, want.Max}[i] {
			if math.Abs(x[j]-y) > 1e-12 {
				t.Errorf("%+v, want %+v", c.Parts[0], want)
			}
		}
	}
	code, out, errOut = runLine(t, "run", model, "--all", "--cost")
	if code != 0 || !strings.Contains(out, "estimate by sanafe of 3 recordings, 12.0 rows each") || !strings.Contains(out, "sequential MNIST LSNN") {
		t.Errorf("exit %d:\n%s%s", code, out, errOut)
	}
	for line := range strings.Lines(out) {
		if utf8.RuneCountInString(strings.TrimSuffix(line, "\n")) > 120 {
			t.Errorf("more than 120 columns: %s", line)
		}
	}
}

// decc data info tells what a recording holds.
func TestDataInfoOfEvents(t *testing.T) {
	path := filepath.Join(t.TempDir(), "two.bs2")
	write(t, path, string([]byte{0x31, 0x52, 0x00, 0x00, 0x1c, 3, 4, 0x80, 0, 7}))
	code, out, errOut := runLine(t, "data", "info", path, "--json")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errOut)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{"format": "bs2", "events": 2.0, "from": "0.000007 s", "to": "0.000028 s", "greatest_x": 49.0, "earlier_than_the_event_before": 1.0} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v in %s", name, got[name], want, out)
		}
	}
	write(t, path, "cut")
	if code, _, errOut := runLine(t, "data", "info", path); code == 0 || !strings.Contains(errOut, "two.bs2@0: error[events/truncated]") {
		t.Errorf("exit %d, %s", code, errOut)
	}
}
