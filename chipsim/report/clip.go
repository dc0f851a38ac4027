package report

import (
	"image"
	"image/png"
	"io"

	"decc/chipsim/stimulus/events"
	"decc/ir/diag"
)

// Clip is what a picture shows of a recording of events: it gathers events, and holds no
// more of them than the picture has room for.
type Clip struct {
	title      string
	info       events.Info
	start      int64       // us
	span       int64       // us, from 1 on
	neurons    bool        // one row of neurons, drawn over time; else slices of a sensor
	wide, high int         // of the sensor, or number of neurons in high
	shrink     int         // rows and columns of the sensor that are one cell
	columns    int         // slices beside one another
	block      image.Point // pixels of a cell
	plot       int         // pixels of the time axis
	grids      []clipGrid
	rate       [][clipPolarities]int64 // events of a bin of time
	count      [clipPolarities]int64
}

// Polarities of a picture: 0, and all others.
const clipPolarities = 2

// clipGrid is one slice of time, or the raster of a row of neurons.
type clipGrid struct {
	wide, high int
	cells      [][clipPolarities]uint8 // events, at most 255
	count      int64
}

// MaxFrames bounds the slices of a picture.
const MaxFrames = 64

const (
	maxClipSpan = 1 << 53 // us
	maxSensor   = 1 << 15 // pixels of a side
)

// NewClip makes an empty picture of the events of a recording: slices of equal time of a
// sensor, or the spikes of a row of neurons over time where all y are 0. extent spans the
// events; its times may be wider. It fails with report/size where there is nothing to draw
// or more than a picture shows.
func NewClip(title string, info events.Info, extent events.Extent, frames int) (*Clip, error) {
	span := uint64(extent.Last) - uint64(extent.First)
	size := func(format string, args ...any) error {
		return diag.Errorf(diag.Pos{File: title}, codeSize, format, args...).WithFix("draw a part of the recording: --from, --until, --frames")
	}
	switch {
	case extent.Events == 0:
		return nil, size("found no events, expected some to draw")
	case frames < 1 || frames > MaxFrames:
		return nil, size("found %d slices, expected 1..%d", frames, MaxFrames)
	case extent.Last < extent.First || span > maxClipSpan:
		return nil, size("found times from %d to %d us, expected a span of at most 2^53", extent.First, extent.Last)
	case extent.X >= maxSensor || extent.Y >= maxSensor:
		return nil, size("found an event at x = %d, y = %d, expected a sensor of at most %d x %d", extent.X, extent.Y, maxSensor, maxSensor)
	}
	c := &Clip{title: title, info: info, start: extent.First, span: int64(span) + 1}
	c.wide, c.high = max(info.Width, int(extent.X)+1), max(info.Height, int(extent.Y)+1)
	c.measure(frames)
	c.rate = make([][clipPolarities]int64, c.plot/rateBar)
	if c.neurons {
		c.grids = []clipGrid{newClipGrid(len(c.rate), c.cells(c.high))}
		return c, nil
	}
	for range frames {
		c.grids = append(c.grids, newClipGrid(c.cells(c.wide), c.cells(c.high)))
	}
	return c, nil
}

// measure chooses how large slices are drawn, such that the picture is about as wide as
// others.
func (c *Clip) measure(frames int) {
	if c.neurons = c.high == 1; c.neurons {
		c.high, c.wide, c.columns, c.plot = c.wide, 1, 1, clipPlot
		c.shrink = (c.high + wantedHeight - 1) / wantedHeight
		c.block = image.Pt(rateBar, block(wantedHeight/2, c.cells(c.high)))
		return
	}
	c.columns = clipColumns(frames)
	most := mostClip / c.columns
	c.shrink = max((c.wide+most-1)/most, (c.high+most-1)/most)
	wanted := min(clipPlot/c.columns, largestSlice)
	longer := c.cells(max(c.wide, c.high))
	side := max((wanted+longer/2)/longer, 1)
	c.block = image.Pt(side, side)
	c.plot = max(c.columns*(c.cells(c.wide)*side+clipGap)-clipGap, leastPlot)
	c.plot += c.plot % rateBar
}

func newClipGrid(wide, high int) clipGrid {
	return clipGrid{wide: wide, high: high, cells: make([][clipPolarities]uint8, wide*high)}
}

// cells is the number of cells that n rows or columns of the sensor take.
func (c *Clip) cells(n int) int { return (n + c.shrink - 1) / c.shrink }

// Add adds events; those outside the extent are left out.
func (c *Clip) Add(list []events.Event) {
	for _, e := range list {
		if e.T < c.start || e.T-c.start >= c.span || e.X < 0 || e.Y < 0 {
			continue
		}
		p := min(int(e.P), clipPolarities-1)
		c.count[p]++
		c.rate[c.slice(e.T, len(c.rate))][p]++
		g, x, y := &c.grids[c.slice(e.T, len(c.grids))], int(e.X)/c.shrink, int(e.Y)/c.shrink
		switch {
		case c.neurons:
			x, y = c.slice(e.T, g.wide), g.high-1-x
		case c.info.BottomUp:
			y = c.cells(c.high) - 1 - y
		}
		if x >= g.wide || y < 0 || y >= g.high {
			continue
		}
		g.count++
		if cell := &g.cells[y*g.wide+x][p]; *cell < 255 {
			*cell++
		}
	}
}

// slice is the one of n equal parts of the time that an event lies in.
func (c *Clip) slice(t int64, n int) int {
	return int((t - c.start) * int64(n) / c.span) // below 2^53 times 2^10
}

// WritePNG draws the events that were added.
func (c *Clip) WritePNG(w io.Writer) error { return png.Encode(w, c.draw()) }
