package stimulus

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"decc/ir/diag"
	"decc/ir/spikes"
)

func TestReadPairs(t *testing.T) {
	text := "# step neuron\r\n 3\t7 \r\n\n0 2\n  3 1\n0 2"
	want := spikes.Train{{Row: 0, Index: 2, Payload: 1}, {Row: 0, Index: 2, Payload: 1}, {Row: 3, Index: 1, Payload: 1}, {Row: 3, Index: 7, Payload: 1}}
	got, err := ReadPairs(strings.NewReader(text), "x", "t,index")
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("found %v, %v, expected %v", got, err, want)
	}
	got, err = ReadPairs(strings.NewReader("7 3\n2147483647 0"), "x", "index,t")
	want = spikes.Train{{Row: 0, Index: 1<<31 - 1, Payload: 1}, {Row: 3, Index: 7, Payload: 1}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("index first: found %v, %v, expected %v", got, err, want)
	}
	got, err = ReadPairs(strings.NewReader(""), "x", "t,index")
	if err != nil || len(got) != 0 {
		t.Errorf("empty file: found %v, %v", got, err)
	}
}

func TestReadPairsFaults(t *testing.T) {
	tests := []struct{ name, text, code, place string }{
		{"a time in other units", "0 1\n 0.1  48\n", codeField, "x:2:2"},
		{"a name", "0 1\n12 n3\n", codeField, "x:2:4"},
		{"a negative step", "-1 4", codeField, "x:1:1"},
		{"too large", "1 2147483648", codeField, "x:1:3"},
		{"one field", "1 2\n  3\n", codeLine, "x:2:3"},
		{"three fields", "1 2 3", codeLine, "x:1:5"},
		{"commas", "1,2", codeLine, "x:1:1"},
		{"a long line", "1 2\n1 " + strings.Repeat(" ", 5000) + "2\n", codeTooLarge, "x:2:1"},
		{"bytes", "\x00\xff\x80 1", codeField, "x:1:1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadPairs(strings.NewReader(test.text), "x", "t,index")
			wantAt(t, err, test.code, test.place)
		})
	}
	_, err := ReadPairs(strings.NewReader(""), "x", "neuron,time")
	wantAt(t, err, codeColumnOrder, "x")
	_, err = ReadPairs(iotest.ErrReader(errors.New("disk on fire")), "x", "t,index")
	wantAt(t, err, codeUnreadable, "x:1:1")
}

func TestReadCSV(t *testing.T) {
	text := "neuron,payload,step\r\n7,-2,3\r\n\n# note\n\"2\", 5,0\n"
	want := spikes.Train{{Row: 0, Index: 2, Payload: 5}, {Row: 3, Index: 7, Payload: -2}}
	got, err := ReadCSV(strings.NewReader(text), "x")
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("found %v, %v, expected %v", got, err, want)
	}
	got, err = ReadCSV(strings.NewReader("row,index\n4,5"), "x")
	want = spikes.Train{{Row: 4, Index: 5, Payload: 1}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("without payload: found %v, %v, expected %v", got, err, want)
	}
	got, err = ReadCSV(strings.NewReader("t,index\n"), "x")
	if err != nil || len(got) != 0 {
		t.Errorf("header only: found %v, %v", got, err)
	}
}

func TestReadCSVFaults(t *testing.T) {
	tests := []struct{ name, text, code, place string }{
		{"empty", "", codeHeader, "x:1:1"},
		{"no header", "0,1\n2,3\n", codeHeader, "x:1:1"},
		{"no index", "row,payload\n", codeHeader, "x:1:1"},
		{"unknown column", "row,index,weight\n", codeHeader, "x:1:1"},
		{"a column twice", "row,index,step\n", codeHeader, "x:1:1"},
		{"too few fields", "row,index\n1,2\n3\n", codeLine, "x:3:1"},
		{"too many fields", "row,index\n1,2,3\n", codeLine, "x:2:1"},
		{"a lone quote", "row,index\n1,2\n1,\"2\n", codeLine, "x:3:6"},
		{"a fraction", "row,index\n1,2\n1.5,2\n", codeField, "x:3:1"},
		{"a large payload", "row,index,payload\n1,2,2147483648\n", codeField, "x:2:5"},
		{"a negative index", "row,index\n1,-2\n", codeField, "x:2:3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadCSV(strings.NewReader(test.text), "x")
			wantAt(t, err, test.code, test.place)
		})
	}
	_, err := ReadCSV(iotest.ErrReader(errors.New("disk on fire")), "x")
	wantAt(t, err, codeUnreadable, "x")
}

// textReaders are the readers with their bounds free.
var textReaders = map[string]func(text string, limits textLimits) (spikes.Train, error){
	"pairs": func(text string, limits textLimits) (spikes.Train, error) {
		return readPairs(strings.NewReader(text), "x", "t,index", limits)
	},
	"csv": func(text string, limits textLimits) (spikes.Train, error) {
		return readCSV(strings.NewReader(text), "x", limits)
	},
}

// TestTextBounds goes up to each bound and one step over it.
func TestTextBounds(t *testing.T) {
	texts := map[string]string{"pairs": "1 2\n3 4\n", "csv": "t,index\n1,2\n3,4\n"}
	for name, read := range textReaders {
		text := texts[name]
		fits := textLimits{bytes: int64(len(text)), line: 100, events: 2}
		if train, err := read(text, fits); err != nil || len(train) != 2 {
			t.Errorf("%s at its bounds: found %v, %v", name, train, err)
		}
		small := fits
		small.bytes--
		_, err := read(text, small)
		wantCode(t, err, codeTooLarge)
		few := fits
		few.events--
		_, err = read(text, few)
		wantCode(t, err, codeTooLarge)
	}
}

// TestChipReference reads the recorded lists of a chip: the counts are those of their
// README, 639 hidden spikes and outputs at rows 57 and 60.
func TestChipReference(t *testing.T) {
	dir := shared(t, "data", "loihi-chip-reference")
	read := func(name, order string) spikes.Train {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		train, err := ReadPairs(f, name, order)
		if err != nil {
			t.Fatal(err)
		}
		return train
	}
	hidden := read("loihiHiddenSpikes.txt", "index,t")
	if err := hidden.Check(501, 25); err != nil || len(hidden) != 639 {
		t.Errorf("found %d hidden spikes, %v", len(hidden), err)
	}
	want := spikes.Train{{Row: 57, Payload: 1}, {Row: 60, Payload: 1}}
	if got := read("loihiOutputSpikes.txt", "index,t"); !slices.Equal(got, want) {
		t.Errorf("found output spikes %v, expected %v", got, want)
	}
	input := read("input_t_neuron.txt", "t,index")
	if err := input.Check(500, 250); err != nil || input[0] != (spikes.Event{Row: 49, Index: 86, Payload: 1}) {
		t.Errorf("found first input %v, %v", input[0], err)
	}
	f, err := os.Open(filepath.Join(dir, "spikeIn.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, err = ReadPairs(f, "spikeIn.txt", "t,index")
	wantAt(t, err, codeField, "spikeIn.txt:3:8")
}

// fuzzText checks that a reader gives a sorted train that reads back the same, or one
// diagnostic.
func fuzzText(t *testing.T, text string, read func(string) (spikes.Train, error), write func(spikes.Train) string) {
	train, err := read(text)
	if err != nil {
		if len(diag.All(err)) != 1 {
			t.Fatalf("not a diagnostic: %v", err)
		}
		return
	}
	if err := train.Check(1<<31, 1<<31); err != nil {
		t.Fatal(err)
	}
	again, err := read(write(train))
	if err != nil || !slices.Equal(again, train) {
		t.Fatalf("reading and writing changed %v to %v, %v", train, again, err)
	}
}

func FuzzReadPairs(f *testing.F) {
	for _, text := range []string{"1 2\n", "# c\n\t3 4\r\n", "1", "1 2 3", "-1 0", "0.5 1", "\xff 1", "1\u00a02"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fuzzText(t, text, func(s string) (spikes.Train, error) { return ReadPairs(strings.NewReader(s), "x", "t,index") },
			func(train spikes.Train) string {
				var b strings.Builder
				for _, e := range train {
					fmt.Fprintln(&b, e.Row, e.Index)
				}
				return b.String()
			})
	})
}

func FuzzReadCSV(f *testing.F) {
	for _, text := range []string{"row,index\n1,2\n", "neuron,t,payload\r\n3,4,-5\r\n", "", "row\n", "row,index\n\"1\n\",2", "row,index\n1\n", "#\nrow,index"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fuzzText(t, text, func(s string) (spikes.Train, error) { return ReadCSV(strings.NewReader(s), "x") },
			func(train spikes.Train) string {
				b := "row,index,payload\n"
				for _, e := range train {
					b += fmt.Sprintf("%d,%d,%d\n", e.Row, e.Index, e.Payload)
				}
				return b
			})
	})
}
