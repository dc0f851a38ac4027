package report

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"strconv"
	"strings"
)

// Sizes of a clip, in pixels.
const (
	clipLeft     = 84
	clipRight    = 28
	clipPlot     = 1000 // about the width of the slices, and of the time axis
	mostClip     = 1400 // more only where a cell takes a pixel
	clipGap      = 16   // between slices
	clipHead     = 92
	clipLabel    = 22 // above a slice
	clipRate     = 130
	clipFoot     = 56
	rateBar      = 2
	rateTop      = 30 // between the slices and the rate
	largestSlice = 400
	wordsWidth   = 180 // of a slice that has room for its number of events
	countWidth   = 120
	fewColumns   = 4
)

// How strong the colour of a cell is.
const (
	faintest  = 0.35 // of one event on a sensor
	faintDot  = 0.65 // of one spike of a neuron
	strongest = 0.98 // of the cells have no more events than one with the full colour
)

// clipColumns is the number of slices in a row.
func clipColumns(frames int) int {
	if frames <= fewColumns {
		return frames
	}
	return max(fewColumns, int(math.Ceil(math.Sqrt(float64(frames)))))
}

// clipLayout places slices and rate.
type clipLayout struct {
	picture *image.RGBA
	columns int
	block   image.Point // pixels of a cell
	grid    image.Point // pixels of a slice
	rate    image.Rectangle
}

func (c *Clip) layout() clipLayout {
	l := clipLayout{columns: c.columns, block: c.block}
	g := c.grids[0]
	l.grid = image.Pt(g.wide*l.block.X, g.high*l.block.Y)
	rows := (len(c.grids) + l.columns - 1) / l.columns
	top := clipHead + rows*(l.grid.Y+clipLabel+clipGap) + rateTop
	l.rate = image.Rect(clipLeft, top, clipLeft+c.plot, top+clipRate)
	l.picture = image.NewRGBA(image.Rect(0, 0, l.rate.Max.X+clipRight, l.rate.Max.Y+clipFoot))
	draw.Draw(l.picture, l.picture.Rect, image.NewUniform(white), image.Point{}, draw.Src)
	return l
}

// at is the place of slice i.
func (l clipLayout) at(i int) image.Rectangle {
	at := image.Pt(clipLeft+i%l.columns*(l.grid.X+clipGap), clipHead+i/l.columns*(l.grid.Y+clipLabel+clipGap)+clipLabel)
	return image.Rectangle{at, at.Add(l.grid)}
}

func (c *Clip) draw() *image.RGBA {
	l := c.layout()
	c.head(l.picture)
	full := c.strength()
	for i, g := range c.grids {
		r := l.at(i)
		fill(l.picture, r.Inset(-1), frameLine)
		fill(l.picture, r, paper)
		c.drawGrid(l, g, r.Min, full)
		if !c.neurons {
			label{tickFont, fadedInk, left}.draw(l.picture, r.Min.X, r.Min.Y-6, c.sliceText(i, r.Dx()))
		}
	}
	if c.neurons {
		c.neuronAxis(l)
	}
	c.drawRate(l)
	return l.picture
}

// sliceText tells when a slice is, and how many events it has where there is room.
func (c *Clip) sliceText(i, wide int) string {
	unit := c.unit()
	from, to := c.span*int64(i)/int64(len(c.grids)), c.span*int64(i+1)/int64(len(c.grids))
	text := fmt.Sprintf("%s–%s %s", unit.text(from), unit.text(to), unit.name)
	if wide >= countWidth {
		text += ", " + grouped(c.grids[i].count)
	}
	if wide >= wordsWidth {
		text += " events"
	}
	return text
}

// timeUnit is how times are shown.
type timeUnit struct {
	name   string
	micros float64
}

var timeUnits = []timeUnit{{"s", 1e6}, {"ms", 1e3}, {"us", 1}}

// unit is the largest of which the span has ten.
func (c *Clip) unit() timeUnit {
	for _, u := range timeUnits {
		if float64(c.span) >= 10*u.micros {
			return u
		}
	}
	return timeUnits[len(timeUnits)-1]
}

func (u timeUnit) text(micros int64) string {
	x := float64(micros) / u.micros
	digits := 0
	if x != math.Trunc(x) && x < 100 {
		digits = 1
	}
	return strconv.FormatFloat(x, 'f', digits, 64)
}

// grouped writes a number with a comma between thousands.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// polarityName names polarity p: 1, and all above, or 0.
func (c *Clip) polarityName(p int) string {
	switch {
	case c.neurons:
		return fmt.Sprintf("spikes of polarity %d", p)
	case (p == 1) != c.info.ZeroIsOn:
		return fmt.Sprintf("ON (polarity %d)", p)
	}
	return fmt.Sprintf("OFF (polarity %d)", p)
}

// polarityColour is orange for ON and blue for OFF.
func (c *Clip) polarityColour(p int) color.RGBA {
	if (p == 1) != c.info.ZeroIsOn {
		return chipOrange
	}
	return floatBlue
}

func (c *Clip) head(dst *image.RGBA) {
	label{titleFont, ink, left}.draw(dst, clipLeft, 30, c.title)
	size := fmt.Sprintf("%d x %d pixels", c.wide, c.high)
	if c.neurons {
		size = fmt.Sprintf("%d neurons", c.high)
	}
	facts := []string{
		c.info.Format, grouped(c.count[0]+c.count[1]) + " events", size,
		fmt.Sprintf("begins at %.6f s, %s s long", float64(c.start)/1e6, strconv.FormatFloat(float64(c.span)/1e6, 'g', 4, 64)),
	}
	label{textFont, fadedInk, left}.draw(dst, clipLeft, 52, strings.Join(facts, "   "))
	x := clipLeft
	for _, p := range []int{1, 0} {
		if c.count[p] == 0 {
			continue
		}
		fill(dst, image.Rect(x, 64, x+11, 75), c.polarityColour(p))
		text := fmt.Sprintf("%s: %s", c.polarityName(p), grouped(c.count[p]))
		x += 17 + label{textFont, ink, left}.draw(dst, x+17, 74, text) + 24
	}
	if c.count[0] > 0 && c.count[1] > 0 {
		fill(dst, image.Rect(x, 64, x+11, 75), blend(c.polarityColour(0), c.polarityColour(1), 0.5))
		label{textFont, ink, left}.draw(dst, x+17, 74, "both in one place; the stronger, the more")
	}
}

// strength is the number of events from which on a cell has the full colour.
func (c *Clip) strength() int {
	var histogram [2*255 + 1]int
	filled := 0
	for _, g := range c.grids {
		for _, cell := range g.cells {
			if n := int(cell[0]) + int(cell[1]); n > 0 {
				histogram[n]++
				filled++
			}
		}
	}
	sum := 0
	for n, cells := range histogram {
		if sum += cells; float64(sum) >= strongest*float64(filled) && sum > 0 {
			return n
		}
	}
	return 1
}

// drawGrid gives each cell the mixed colour of its polarities, the stronger the more events.
func (c *Clip) drawGrid(l clipLayout, g clipGrid, at image.Point, full int) {
	faint := faintest
	if c.neurons {
		faint = faintDot
	}
	for i, cell := range g.cells {
		n := int(cell[0]) + int(cell[1])
		if n == 0 {
			continue
		}
		part := 1.0
		if full > 1 {
			part = faint + (1-faint)*float64(min(n, full)-1)/float64(full-1)
		}
		hue := blend(c.polarityColour(0), c.polarityColour(1), float64(cell[1])/float64(n))
		place := at.Add(image.Pt(i%g.wide*l.block.X, i/g.wide*l.block.Y))
		fill(l.picture, image.Rectangle{place, place.Add(l.block)}, blend(paper, hue, part))
	}
}

// blend is the colour at a part 0..1 of the way between two.
func blend(from, to color.RGBA, part float64) color.RGBA {
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + (float64(b)-float64(a))*part)) }
	return color.RGBA{mix(from.R, to.R), mix(from.G, to.G), mix(from.B, to.B), 0xff}
}

func (c *Clip) neuronAxis(l clipLayout) {
	r := l.at(0)
	for _, n := range ticks(c.high, r.Dy()/40) {
		y := r.Max.Y - n/c.shrink*l.block.Y - l.block.Y/2
		fill(l.picture, image.Rect(r.Min.X-5, y, r.Min.X-1, y+1), frameLine)
		label{tickFont, fadedInk, right}.draw(l.picture, r.Min.X-9, y+4, strconv.Itoa(n))
	}
	label{textFont, ink, centred}.drawUpward(l.picture, 22, (r.Min.Y+r.Max.Y)/2, "neuron")
}

// drawRate stacks the events of each bin of time, those of polarity 0 below.
func (c *Clip) drawRate(l clipLayout) {
	fill(l.picture, l.rate.Inset(-1), frameLine)
	fill(l.picture, l.rate, paper)
	most := int64(1)
	for _, n := range c.rate {
		most = max(most, n[0]+n[1])
	}
	millis := float64(c.span) / float64(len(c.rate)) / 1000 // of a bin
	c.rateAxes(l, float64(most)/millis)
	room := float64(l.rate.Dy() - 6)
	for i, n := range c.rate {
		foot, sum := l.rate.Max.Y, int64(0)
		for p, add := range n {
			sum += add
			top := l.rate.Max.Y - int(math.Ceil(float64(sum)*room/float64(most)))
			fill(l.picture, image.Rect(l.rate.Min.X+i*rateBar, top, l.rate.Min.X+(i+1)*rateBar, foot), c.polarityColour(p))
			foot = top
		}
	}
}

// rateAxes draws ticks of time and of events a millisecond; most is at the top.
func (c *Clip) rateAxes(l clipLayout, most float64) {
	unit := c.unit()
	whole := float64(c.span) / unit.micros
	small := label{tickFont, fadedInk, centred}
	step := niceStep(whole, 10)
	for k := 0; float64(k)*step <= whole*(1+1e-9); k++ {
		x := l.rate.Min.X + int(float64(k)*step/whole*float64(l.rate.Dx()))
		fill(l.picture, image.Rect(x, l.rate.Min.Y, x+1, l.rate.Max.Y+5), gridLine)
		small.draw(l.picture, x, l.rate.Max.Y+19, strconv.FormatFloat(float64(k)*step, 'g', 6, 64))
	}
	label{textFont, ink, centred}.draw(l.picture, (l.rate.Min.X+l.rate.Max.X)/2, l.rate.Max.Y+42, "time since the beginning ("+unit.name+")")
	small.align = right
	step = niceStep(most, 4)
	for k := 0; float64(k)*step <= most; k++ {
		y := l.rate.Max.Y - int(float64(k)*step/most*float64(l.rate.Dy()-6))
		fill(l.picture, image.Rect(l.rate.Min.X-5, y, l.rate.Max.X, y+1), gridLine)
		small.draw(l.picture, l.rate.Min.X-9, y+4, strconv.FormatFloat(float64(k)*step, 'g', 6, 64))
	}
	label{textFont, ink, centred}.drawUpward(l.picture, 22, (l.rate.Min.Y+l.rate.Max.Y)/2, "events per ms")
}
