package report

import (
	"bytes"
	"image/color"
	"image/png"
	"math"
	"testing"

	"decc/chipsim/stimulus/events"
	"decc/ir/diag"
)

func clipOf(t *testing.T, info events.Info, frames int, list ...events.Event) *Clip {
	t.Helper()
	var x events.Extent
	x.Add(list)
	c, err := NewClip("clip", info, x, frames)
	if err != nil {
		t.Fatal(err)
	}
	c.Add(list)
	return c
}

// Events are in the slice, the place and the colour that they have.
func TestClipSlices(t *testing.T) {
	list := []events.Event{{T: 100, X: 1, Y: 0, P: 1}, {T: 149, X: 2, Y: 1}, {T: 150, X: 0, Y: 1, P: 7}, {T: 199, X: 0, Y: 1}, {T: 199, X: 0, Y: 1}}
	c := clipOf(t, events.Info{Width: 4, Height: 2}, 2, list...)
	c.Add([]events.Event{{T: 99}, {T: 200}, {T: 120, X: -1}}) // outside
	if len(c.grids) != 2 || c.count != [2]int64{3, 2} || c.grids[0].count != 2 || c.grids[1].count != 3 {
		t.Fatalf("%+v", c)
	}
	var b bytes.Buffer
	if err := c.WritePNG(&b); err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	l := c.layout()
	at := func(slice, x, y int) color.RGBA {
		r := l.at(slice)
		red, green, blue, _ := picture.At(r.Min.X+x*l.block.X+l.block.X/2, r.Min.Y+y*l.block.Y+l.block.Y/2).RGBA()
		return color.RGBA{uint8(red >> 8), uint8(green >> 8), uint8(blue >> 8), 0xff}
	}
	mixed := blend(floatBlue, chipOrange, 1.0/3)
	faint := func(c color.RGBA) color.RGBA { return blend(paper, c, faintest) }
	for _, want := range []struct {
		slice, x, y int
		colour      color.RGBA
	}{{0, 1, 0, faint(chipOrange)}, {0, 2, 1, faint(floatBlue)}, {1, 0, 1, mixed}, {0, 0, 1, paper}, {1, 1, 0, paper}, {0, 3, 0, paper}} {
		if got := at(want.slice, want.x, want.y); got != want.colour {
			t.Errorf("slice %d, x %d, y %d: %v, want %v", want.slice, want.x, want.y, got, want.colour)
		}
	}
	up := clipOf(t, events.Info{Width: 4, Height: 2, BottomUp: true, ZeroIsOn: true}, 2, list...)
	if up.grids[0].cells[0*4+2] != [2]uint8{1, 0} || up.polarityColour(0) != chipOrange || up.polarityName(1) != "OFF (polarity 1)" {
		t.Errorf("row 0 of a picture from below is %v", up.grids[0].cells)
	}
	var again bytes.Buffer
	if err := clipOf(t, events.Info{Width: 4, Height: 2}, 2, list...).WritePNG(&again); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Errorf("the same events give another picture (%v)", err)
	}
}

// A row of neurons is drawn by time and neuron; one large sensor in fewer cells.
func TestClipShapes(t *testing.T) {
	row := clipOf(t, events.Info{}, 8, events.Event{T: 0, X: 2, P: 1}, events.Event{T: 9, X: 0, P: 1})
	g := row.grids[0]
	if !row.neurons || len(row.grids) != 1 || g.high != 3 || g.cells[0] != [2]uint8{0, 1} || g.cells[2*g.wide+g.wide*9/10] != [2]uint8{0, 1} {
		t.Errorf("%d x %d cells, %d slices", g.wide, g.high, len(row.grids))
	}
	for _, c := range []*Clip{row, clipOf(t, events.Info{}, MaxFrames, events.Event{X: maxSensor - 1, Y: maxSensor - 1}), clipOf(t, events.Info{}, 5, events.Event{T: 3, X: maxSensor - 1, Y: 1, P: 1})} {
		if size := c.draw().Rect; size.Dx() > 1700 || size.Dy() > 2100 || c.count[0]+c.count[1] != c.counted() {
			t.Errorf("%d x %d cells give a picture of %v, %d of %d events in it", c.wide, c.high, size, c.counted(), c.count)
		}
	}
	var b bytes.Buffer
	many := make([]events.Event, 1000)
	for i := range many {
		many[i] = events.Event{T: math.MaxInt64, Y: 1}
	}
	if err := clipOf(t, events.Info{}, 1, many...).WritePNG(&b); err != nil {
		t.Error(err)
	}
	for name, x := range map[string]events.Extent{
		"nothing": {}, "an eternity": {Events: 1, First: math.MinInt64, Last: math.MaxInt64},
		"a wide sensor": {Events: 1, X: maxSensor}, "no time": {Events: 1, First: 5, Last: 4},
	} {
		if _, err := NewClip("clip", events.Info{}, x, 8); !isSize(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewClip("clip", events.Info{}, events.Extent{Events: 1}, MaxFrames+1); !isSize(err) {
		t.Errorf("too many slices: %v", err)
	}
}

func isSize(err error) bool {
	found := diag.All(err)
	return len(found) == 1 && found[0].Code == codeSize && found[0].Fix != ""
}

// counted is the number of events in all slices.
func (c *Clip) counted() int64 {
	n := int64(0)
	for _, g := range c.grids {
		n += g.count
	}
	return n
}
