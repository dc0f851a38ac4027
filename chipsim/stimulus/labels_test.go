package stimulus

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"decc/chipsim/stimulus/events"
	"decc/ir/diag"
)

const labelHead = "class,startTime_usec,endTime_usec\n"

// The forms in which the parts of a trial are listed give the same parts.
func TestLabelledParts(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	writeFile(t, dir, "a.aedat", nil)
	writeFile(t, dir, "a_labels.csv", []byte(labelHead+"3,10,20\r\n1,30,40\r\n2,20,30\r\n"))
	writeFile(t, dir, "b_labels.csv", []byte(labelHead+"2,0,5\n"))
	writeFile(t, dir, "list.csv", []byte("start_us,file,label,end_us\n10,a.aedat,3,20\n15,a.aedat,1,25\n"))
	writeFile(t, dir, trialList, []byte("a.aedat\r\n\r\nb.aedat\n"))
	part := func(name string, class int, from, until int64) Recording {
		return Recording{File: fmt.Sprintf("%s %d..%d", filepath.Base(name), from, until), Path: file(name), Class: class, Window: events.Window{From: from, Until: until}}
	}
	a := []Recording{part("a.aedat", 2, 10, 20), part("a.aedat", 0, 30, 40), part("a.aedat", 1, 20, 30)}
	b := part("b.aedat", 1, 0, 5)
	for _, c := range []struct {
		path, trial string
		want        []Recording
	}{
		{"a_labels.csv", "", a},
		{"a.aedat", "", a},
		{"b_labels.csv", file("x/c.bs3"), []Recording{part("x/c.bs3", 1, 0, 5)}},
		{trialList, "", append(a[:3:3], b)},
		{"", "", append(a[:3:3], b)},
		{"list.csv", "", []Recording{a[0], part("a.aedat", 0, 15, 25)}},
	} {
		got, err := ReadRecordingList(RecordingSource{Path: file(c.path), Trial: c.trial, First: 1})
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v; want %+v", c.path, got, err, c.want)
		}
	}
}

func TestLabelFaults(t *testing.T) {
	for _, c := range []struct{ text, place, message string }{
		{labelHead + "1,10,20\n2,15,30\n", "a_labels.csv:3:3", "found the part 15..30, which overlaps 10..20 of line 2"},
		{labelHead + "1,10,20\n2,5,40\n", "a_labels.csv:3:3", "overlaps 10..20"},
		{labelHead + "1,20,10\n", "a_labels.csv:2:6", "found the end 10, expected a time after the start 20"},
		{labelHead + "1,20,20\n", "a_labels.csv:2:6", "found the end 20"},
		{labelHead + "1,-1,20\n", "a_labels.csv:2:3", `found the time "-1"`},
		{labelHead + "1,0,9223372036854775807\n", "a_labels.csv:2:5", "found the time"},
		{labelHead + "0,0,5\n", "a_labels.csv:2:1", `found the label "0"`},
		{labelHead, "a_labels.csv:2:1", "ends after its header"},
		{"class,startTime_usec\n", "a_labels.csv:1:1", "found the header"},
		{"file,label,start_us\nx.bin,1,5\n", "a_labels.csv:1:1", "both start_us and end_us"},
		{labelHead + strings.Repeat("1,0,1\n", 2), "a_labels.csv:3:3", "overlaps"},
	} {
		_, err := parseRecordingList(strings.NewReader(c.text), "a_labels.csv", "", 1)
		if found := diag.All(err); len(found) != 1 || found[0].Pos.String() != c.place || !strings.Contains(found[0].Message, c.message) || found[0].Fix == "" {
			t.Errorf("%q: %v, want %s at %s", c.text, err, c.message, c.place)
		}
	}
	many := strings.Builder{}
	many.WriteString(labelHead)
	for i := range maxLabels + 1 {
		fmt.Fprintf(&many, "1,%d,%d\n", i, i+1)
	}
	_, err := parseRecordingList(strings.NewReader(many.String()), "a_labels.csv", "", 1)
	wantAt(t, err, codeTooLarge, fmt.Sprintf("a_labels.csv:%d:1", maxLabels+2))
	_, err = parseRecordingList(strings.NewReader(labelHead+"1,0,1\n"), "labels.csv", "", 1)
	wantAt(t, err, codeHeader, "labels.csv:1:1")
	for text, code := range map[string]string{"": codeHeader, "../a.aedat\n": codeField, "a.bs2\n": codeField, strings.Repeat("a", 1<<13): codeTooLarge, "none.aedat\n": codeNotFound} {
		_, err := parseTrials(strings.NewReader(text), "t.txt", 1)
		wantCode(t, err, code)
	}
}

// FuzzLabels: whatever the text, a list or an error with a place in it.
func FuzzLabels(f *testing.F) {
	f.Add([]byte(labelHead+"1,10,20\n"), true)
	f.Add([]byte("file,label,start_us,end_us\na.bin,1,2,3\n"), false)
	f.Fuzz(func(t *testing.T, text []byte, trials bool) {
		read := func() error {
			_, err := parseRecordingList(strings.NewReader(string(text)), "a_labels.csv", "", 1)
			return err
		}
		if trials {
			read = func() error {
				_, err := parseTrials(strings.NewReader(string(text)), t.TempDir()+"/t.txt", 1)
				return err
			}
		}
		if err := read(); err != nil && (len(diag.All(err)) != 1 || diag.All(err)[0].Pos.IsZero()) {
			t.Errorf("%v", err)
		}
	})
}

// TestRealTrial cuts the trial in the form of DvsGesture into its clips: each has the number
// of events that comes with it, and the events of the recording that it was made of.
func TestRealTrial(t *testing.T) {
	dir := shared(t, "data", "dvsgesture-10")
	text, err := os.ReadFile(filepath.Join(dir, "trial_shared_expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var expected struct {
		Labels []struct{ Label, Start, End, Events int } `json:"per_label"`
	}
	if err := json.Unmarshal(text, &expected); err != nil {
		t.Fatal(err)
	}
	list, err := ReadRecordingList(RecordingSource{Path: filepath.Join(dir, "trial_shared_labels.csv"), First: 1})
	if err != nil || len(list) != len(expected.Labels) || len(list) != 7 {
		t.Fatalf("%v, %d clips", err, len(list))
	}
	b := Binning{Micros: 1000, Steps: 500, Shape: [3]int{2, 32, 32}, Shrink: [2]int{4, 4}, Counts: true}
	for i, want := range expected.Labels {
		x := list[i]
		if x.Class+1 != want.Label || x.Window != (events.Window{From: int64(want.Start), Until: int64(want.End)}) {
			t.Errorf("%+v, want %+v", x, want)
		}
		clip := partOf(t, x)
		origin := partOf(t, Recording{Path: filepath.Join(dir, fmt.Sprintf("%d.bs2", want.Label)), Window: events.Window{Until: 500_000}})
		if len(clip) != want.Events || !reflect.DeepEqual(clip, origin) {
			t.Errorf("%s: %d events, want the %d of class %d", x.File, len(clip), want.Events, want.Label)
		}
		train, n, err := b.BinFile(x)
		sum := 0
		for _, e := range train {
			sum += int(e.Payload)
		}
		if err != nil || n != want.Events || sum != n || train[0].Row != 0 {
			t.Errorf("%s: %d events, %d in rows, %v", x.File, n, sum, err)
		}
	}
}

// partOf is the events of a recording, from time 0 on.
func partOf(t *testing.T, x Recording) []events.Event {
	t.Helper()
	f, err := os.Open(x.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := events.Open(f, x.Path)
	if err != nil {
		t.Fatal(err)
	}
	var all []events.Event
	if err := r.Each(func(list []events.Event) error {
		all = append(all, x.Window.Take(list, x.Window.From)...)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}
