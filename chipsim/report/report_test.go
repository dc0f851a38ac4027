package report

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"slices"
	"testing"

	"decc/ir/diag"
	"decc/ir/spikes"
)

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if all := diag.All(err); len(all) != 1 || all[0].Code != code || all[0].Fix == "" {
		t.Errorf("found %v, expected one %s with a fix", err, code)
	}
}

// picture draws twice, compares the bytes and decodes them.
func picture(t *testing.T, draw func(io.Writer) error) image.Image {
	t.Helper()
	var one, two bytes.Buffer
	if err := errors.Join(draw(&one), draw(&two)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("the same data give other bytes")
	}
	m, err := png.Decode(&one)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// extent is the smallest rectangle around the pixels of exactly that colour in an area,
// and their number.
func extent(m image.Image, area image.Rectangle, c color.Color) (box image.Rectangle, n int) {
	want := color.RGBAModel.Convert(c)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			if color.RGBAModel.Convert(m.At(x, y)) == want {
				box, n = box.Union(image.Rect(x, y, x+1, y+1)), n+1
			}
		}
	}
	return box, n
}

// TestRasterPlaces draws one spike at each place for each party: 4 steps of 3 neurons,
// in blocks of 40 pixels with one pixel of gap.
func TestRasterPlaces(t *testing.T) {
	plot := image.Rect(0, 0, 4*40, 3*40).Add(image.Pt(leftMargin, headHeight))
	strip := image.Rect(plot.Min.X, plot.Max.Y+stripGap, plot.Max.X, plot.Max.Y+stripGap+stripHeight)
	for who, colour := range [parties]color.Color{agreement, floatBlue, chipOrange} {
		for step := range 4 {
			for neuron := range 3 {
				train := spikes.Train{{Row: int32(step), Index: int32(neuron), Payload: 1}}
				r := Raster{Title: "one", Steps: 4, Neurons: 3}
				if party(who) != chipOnly {
					r.Float = train
				}
				if party(who) != floatOnly {
					r.Chip = train
				}
				m := picture(t, func(w io.Writer) error { return RasterPicture(w, r) })
				want := image.Rect(0, 0, 39, 39).Add(plot.Min).Add(image.Pt(40*step, 40*(2-neuron)))
				if box, n := extent(m, plot, colour); box != want || n != 39*39 {
					t.Errorf("party %d, step %d, neuron %d: found %d pixels in %v, expected %v", who, step, neuron, n, box, want)
				}
				wantStrip := image.Rect(want.Min.X, strip.Min.Y+4, want.Max.X, strip.Max.Y)
				if party(who) == both {
					wantStrip = image.Rectangle{}
				}
				if box, _ := extent(m, strip, colour); box != wantStrip {
					t.Errorf("party %d, step %d: found %v in the strip, expected %v", who, step, box, wantStrip)
				}
			}
		}
	}
}

// TestRasterMarks merges two trains with a graded spike, a doubled one and ends of their own.
func TestRasterMarks(t *testing.T) {
	r := Raster{
		Steps: 5, Neurons: 9,
		Float: spikes.Train{{Row: 0, Index: 3}, {Row: 1, Index: 2, Payload: 7}, {Row: 1, Index: 2}, {Row: 1, Index: 5}, {Row: 4, Index: 0}},
		Chip:  spikes.Train{{Row: 0, Index: 3}, {Row: 1, Index: 2}, {Row: 1, Index: 4}, {Row: 2, Index: 1}},
	}
	marks := r.marks()
	want := []mark{{0, 3, both}, {1, 2, both}, {1, 4, chipOnly}, {1, 5, floatOnly}, {2, 1, chipOnly}, {4, 0, floatOnly}}
	if !slices.Equal(marks, want) {
		t.Errorf("found %v, expected %v", marks, want)
	}
	if got := summary(marks); got != "first difference: step 1, neuron 4" {
		t.Errorf("found %q", got)
	}
	if got := summary(want[:2]); got != "no spike differs" {
		t.Errorf("found %q", got)
	}
	if got := r.differences(marks)[1]; got != [parties]int{both: 1, floatOnly: 1, chipOnly: 1} {
		t.Errorf("found %v at step 1", got)
	}
}

// TestRasterSmall: where a step or a neuron has one pixel, spikes that differ are larger
// and not hidden.
func TestRasterSmall(t *testing.T) {
	for _, r := range []Raster{{Steps: maxRaster, Neurons: 1}, {Steps: 1, Neurons: maxRaster}} {
		last := spikes.Event{Row: int32(r.Steps - 1), Index: int32(r.Neurons - 1), Payload: 1}
		r.Chip = spikes.Train{last}
		m := picture(t, func(w io.Writer) error { return RasterPicture(w, r) })
		plot := r.layout().plot
		if box, _ := extent(m, plot, chipOrange); box.Dx() < 2 || box.Dy() < 2 || !box.In(plot) {
			t.Errorf("%d x %d: found the last spike at %v", r.Steps, r.Neurons, box)
		}
	}
}

func TestRasterFaults(t *testing.T) {
	at := func(row, index int32) spikes.Train { return spikes.Train{{Row: row, Index: index, Payload: 1}} }
	tests := []struct {
		raster Raster
		code   string
	}{
		{Raster{Steps: 0, Neurons: 1}, codeSize},
		{Raster{Steps: 1, Neurons: -1}, codeSize},
		{Raster{Steps: maxRaster + 1, Neurons: 1}, codeSize},
		{Raster{Steps: 1, Neurons: math.MaxInt}, codeSize},
		{Raster{Steps: 2, Neurons: 2, Float: at(2, 0)}, codeSpikes},
		{Raster{Steps: 2, Neurons: 2, Chip: at(0, 2)}, codeSpikes},
		{Raster{Steps: 2, Neurons: 2, Chip: at(-1, 0)}, codeSpikes},
		{Raster{Steps: 2, Neurons: 2, Float: append(at(1, 0), at(0, 0)...)}, codeSpikes},
	}
	for _, test := range tests {
		var out bytes.Buffer
		wantCode(t, RasterPicture(&out, test.raster), test.code)
		if out.Len() > 0 {
			t.Error("something was written")
		}
	}
}

var testWidths = []Accuracy{
	{8, 0.974, 0.974, 0.975},
	{4, 0.974, 0.965, 0.962},
	{3, 0.974, 0.941, 0.938},
}

// TestAccuracyBars: every run has its bars, the chip's fall from group to group, and
// the line of the float accuracy spans the plot.
func TestAccuracyBars(t *testing.T) {
	m := picture(t, func(w io.Writer) error { return AccuracyPicture(w, "test", testWidths) })
	all := m.Bounds()
	belowLegend := image.Rect(0, all.Max.Y/6, all.Max.X, all.Max.Y)
	for _, run := range runs {
		if _, n := extent(m, belowLegend, run.colour); n < 1000 {
			t.Errorf("%s: found %d pixels", run.name, n)
		}
	}
	tops := barTops(m, belowLegend, chipOrange)
	if len(tops) != 3 || !(tops[0] < tops[1] && tops[1] < tops[2]) {
		t.Errorf("the bars of the chip begin at %v from above", tops)
	}
	if line, _ := extent(m, all, floatBlue); line.Dx() < all.Dx()*8/10 {
		t.Errorf("the float accuracy spans %v of %v", line, all)
	}
}

// barTops is the upper edge of each bar of that colour, from left to right. The edge of
// a bar may be blended; a bar begins where the colour does.
func barTops(m image.Image, area image.Rectangle, c color.Color) []int {
	var tops []int
	inside := false
	for x := area.Min.X; x < area.Max.X; x++ {
		column, n := extent(m, image.Rect(x, area.Min.Y, x+1, area.Max.Y), c)
		if n > 0 && !inside {
			tops = append(tops, column.Min.Y)
		}
		inside = n > 0
	}
	return tops
}

func TestAccuracyAxis(t *testing.T) {
	tests := []struct {
		name   string
		widths []Accuracy
		want   percentAxis
	}{
		{"alike", []Accuracy{{8, 0.97, 0.97, 0.97}}, percentAxis{96, 97.14, 0.2}},
		{"apart", testWidths, percentAxis{90, 98.55, 2}},
		{"far apart", []Accuracy{{8, 0.97, 0.97, 0.1}}, percentAxis{0, 110.58, 20}},
		{"none right", []Accuracy{{8, 0, 0, 0}}, percentAxis{0, 1.14, 0.2}},
		{"all right", []Accuracy{{8, 1, 1, 1}}, percentAxis{99, 100.14, 0.2}},
	}
	for _, test := range tests {
		got := accuracyAxis(test.widths)
		if d := math.Abs(got.low-test.want.low) + math.Abs(got.high-test.want.high) + math.Abs(got.step-test.want.step); d > 1e-9 {
			t.Errorf("%s: found %+v, expected %+v", test.name, got, test.want)
		}
		picture(t, func(w io.Writer) error { return AccuracyPicture(w, test.name, test.widths) })
	}
}

func TestTicks(t *testing.T) {
	tests := []struct {
		end, n int
		want   []int
	}{
		{100, 10, []int{0, 10, 20, 30, 40, 50, 60, 70, 80, 90}},
		{128, 4, []int{0, 50, 100}},
		{3, 10, []int{0, 1, 2}},
		{1, 0, []int{0}},
	}
	for _, test := range tests {
		if got := ticks(test.end, test.n); !slices.Equal(got, test.want) {
			t.Errorf("ticks(%d, %d) = %v, expected %v", test.end, test.n, got, test.want)
		}
	}
}

func TestAccuracyFaults(t *testing.T) {
	tests := []struct {
		widths []Accuracy
		code   string
	}{
		{nil, codeSize},
		{make([]Accuracy, maxGroups+1), codeSize},
		{[]Accuracy{{8, 97.4, 0, 0}}, codeAccuracy},
		{[]Accuracy{{8, 0, -0.1, 0}}, codeAccuracy},
		{[]Accuracy{{8, 0, 0, math.NaN()}}, codeAccuracy},
	}
	for _, test := range tests {
		var out bytes.Buffer
		wantCode(t, AccuracyPicture(&out, "", test.widths), test.code)
		if out.Len() > 0 {
			t.Error("something was written")
		}
	}
	picture(t, func(w io.Writer) error { return AccuracyPicture(w, "", make([]Accuracy, maxGroups)) })
}

var errFull = errors.New("no space left")

type fullWriter struct{ left int }

func (w *fullWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// TestFullDisk: the error of the writer comes back, wherever it is.
func TestFullDisk(t *testing.T) {
	r := Raster{Title: "x", Steps: 9, Neurons: 9}
	for _, n := range []int{0, 20, 1000} {
		if err := RasterPicture(&fullWriter{n}, r); !errors.Is(err, errFull) {
			t.Errorf("raster, %d bytes: found %v", n, err)
		}
		if err := AccuracyPicture(&fullWriter{n}, "x", testWidths); !errors.Is(err, errFull) {
			t.Errorf("accuracy, %d bytes: found %v", n, err)
		}
	}
}

// TestCodes: the table explains every code of this package.
func TestCodes(t *testing.T) {
	var listed []string
	for _, c := range Codes {
		listed = append(listed, c.Code)
		if c.Meaning == "" || c.Example == "" || c.Fix == "" {
			t.Errorf("%s is not explained", c.Code)
		}
	}
	if want := []string{codeSize, codeSpikes, codeAccuracy}; !slices.Equal(listed, want) {
		t.Errorf("found %v, expected %v", listed, want)
	}
}

func learningCurves() Learning {
	return Learning{
		Title: "toy", Limit: 2,
		Curves: []LearningCurve{
			{Name: "float", Lessons: []int{500, 1000}, Right: []float64{0.5, 0.9}, Test: 0.85, Histogram: []int{1, 2, 3, 4}},
			{Name: "twin", Lessons: []int{500, 1000}, Right: []float64{0.4, 0.8}, Histogram: []int{1, 1, 1, 1}},
			{Name: "chip", Lessons: []int{500, 1000}, Right: []float64{0.3, 0.7}, Histogram: []int{4, 3, 2, 1}},
		},
	}
}

// TestLearningCurves: each learner's line is there in its colour, better ones above.
func TestLearningCurves(t *testing.T) {
	m := picture(t, func(w io.Writer) error { return LearningPicture(w, learningCurves()) })
	upper := m.Bounds()
	upper.Max.X, upper.Max.Y = upper.Dx()*3/5, upper.Dy()/2
	last := -1
	for _, c := range []color.Color{floatBlue, between[0], chipOrange} {
		box, n := extent(m, upper, c)
		if n == 0 || box.Min.Y <= last {
			t.Errorf("%v: %d pixels from row %d, the better learner's from %d", c, n, box.Min.Y, last)
		}
		last = box.Min.Y
	}
}

func TestGrowth(t *testing.T) {
	g := Growth{Title: "growth", SizeLabel: "synapses", Label: "seconds", Sizes: []float64{1e5, 1e6, 3e7}, Curves: []GrowthCurve{
		{"map", []float64{0.1, 1, 40}}, {"load", []float64{0.01, 0.1, 3}},
	}}
	m := picture(t, func(w io.Writer) error { return GrowthPicture(w, g) })
	if b := m.Bounds(); b.Dx() != 1080 || b.Dy() != 750 {
		t.Errorf("the picture is %v", b)
	}
	g.Curves[1].Values = []float64{0.01, 0, 3}
	wantCode(t, GrowthPicture(io.Discard, g), codeSize)
	wantCode(t, GrowthPicture(io.Discard, Growth{}), codeSize)
}

func TestLearningFaults(t *testing.T) {
	for code, spoil := range map[string]func(*Learning){
		"report/size":     func(l *Learning) { l.Curves = nil },
		"report/accuracy": func(l *Learning) { l.Curves[1].Right[0] = math.NaN() },
	} {
		l := learningCurves()
		spoil(&l)
		wantCode(t, LearningPicture(io.Discard, l), code)
	}
	for name, spoil := range map[string]func(*Learning){
		"limit":   func(l *Learning) { l.Limit = -1 },
		"lengths": func(l *Learning) { l.Curves[0].Lessons = nil },
	} {
		l := learningCurves()
		spoil(&l)
		if LearningPicture(io.Discard, l) == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
