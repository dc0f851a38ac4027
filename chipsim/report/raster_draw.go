package report

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strconv"

	"golang.org/x/image/font"
)

// Sizes of a raster picture, in pixels.
const (
	leftMargin   = 76
	rightMargin  = 28
	headHeight   = 96 // title, legend, first difference
	stripGap     = 22
	stripHeight  = 64
	footHeight   = 58 // ticks and label of the step axis
	leastPlot    = 520
	wantedWidth  = 1000
	wantedHeight = 700
	largestBlock = 40
	leastNotice  = 3 // of a spike that differs
)

// partyLooks are colour and legend of the three kinds of spikes.
var partyLooks = [parties]struct {
	name   string
	colour color.Color
}{
	both:      {"float and chip", agreement},
	floatOnly: {"float only", floatBlue},
	chipOnly:  {"chip only", chipOrange},
}

// rasterLayout places steps and neurons in the picture.
type rasterLayout struct {
	picture     *image.RGBA
	plot, strip image.Rectangle
	wide, high  int // of one step and neuron, in pixels
}

func (r Raster) layout() rasterLayout {
	l := rasterLayout{wide: block(wantedWidth, r.Steps), high: block(wantedHeight, r.Neurons)}
	l.plot = image.Rect(0, 0, l.wide*r.Steps, l.high*r.Neurons).Add(image.Pt(leftMargin, headHeight))
	l.strip = image.Rect(l.plot.Min.X, l.plot.Max.Y+stripGap, l.plot.Max.X, l.plot.Max.Y+stripGap+stripHeight)
	title := min(font.MeasureString(titleFont(), r.Title).Ceil(), wantedWidth)
	right := leftMargin + max(l.plot.Dx(), leastPlot, title) + rightMargin
	l.picture = image.NewRGBA(image.Rect(0, 0, right, l.strip.Max.Y+footHeight))
	return l
}

// block is the size of one of n members that fill about the wanted length.
func block(wanted, n int) int { return min(max(wanted/n, 1), largestBlock) }

// cell is the block of a step and neuron; neuron 0 is at the bottom. Blocks that are
// large enough have a gap between them.
func (l rasterLayout) cell(step, neuron int) image.Rectangle {
	at := image.Pt(l.plot.Min.X+step*l.wide, l.plot.Max.Y-(neuron+1)*l.high)
	return image.Rectangle{at, at.Add(image.Pt(l.wide-gap(l.wide), l.high-gap(l.high)))}
}

func gap(size int) int {
	if size > 3 {
		return 1
	}
	return 0
}

func (l rasterLayout) fill(r image.Rectangle, c color.Color) {
	draw.Draw(l.picture, r, image.NewUniform(c), image.Point{}, draw.Src)
}

// draw makes the whole picture.
func (r Raster) draw() image.Image {
	l := r.layout()
	marks := r.marks()
	l.fill(l.picture.Bounds(), white)
	l.fill(l.plot, paper)
	l.fill(l.strip, paper)
	l.axes(r.Steps, r.Neurons)
	l.drawMarks(marks)
	l.frame(l.plot)
	l.drawStrip(r.differences(marks))
	l.frame(l.strip)
	if first, differ := firstDifference(marks); differ {
		l.notches(first)
	}
	l.head(r.Title, marks)
	return l.picture
}

// drawMarks draws the spikes that differ over the others, large enough to be seen.
func (l rasterLayout) drawMarks(marks []mark) {
	for _, m := range marks {
		if m.who == both {
			l.fill(l.cell(m.step, m.neuron), agreement)
		}
	}
	for _, m := range marks {
		if m.who != both {
			l.fill(notable(l.cell(m.step, m.neuron)).Intersect(l.plot), partyLooks[m.who].colour)
		}
	}
}

// notable grows a block to the size at which it is noticed.
func notable(r image.Rectangle) image.Rectangle {
	wide, high := max(leastNotice-r.Dx(), 0), max(leastNotice-r.Dy(), 0)
	r.Min = r.Min.Sub(image.Pt(wide/2, high/2))
	r.Max = r.Max.Add(image.Pt(wide-wide/2, high-high/2))
	return r
}

// head writes title, legend with counts, and where the two part.
func (l rasterLayout) head(title string, marks []mark) {
	label{titleFont, ink, left}.draw(l.picture, leftMargin, 26, title)
	var count [parties]int
	for _, m := range marks {
		count[m.who]++
	}
	x := leftMargin
	for who, look := range partyLooks {
		l.fill(image.Rect(x, 41, x+11, 52), look.colour)
		text := fmt.Sprintf("%s: %d", look.name, count[who])
		x += 17 + label{textFont, ink, left}.draw(l.picture, x+17, 51, text) + 24
	}
	label{textFont, fadedInk, left}.draw(l.picture, leftMargin, 74, summary(marks))
}

// axes draws grid, ticks and labels of both axes.
func (l rasterLayout) axes(steps, neurons int) {
	for _, step := range ticks(steps, l.plot.Dx()/60) {
		x := l.plot.Min.X + step*l.wide + l.wide/2
		l.fill(image.Rect(x, l.plot.Min.Y, x+1, l.plot.Max.Y), gridLine)
		l.fill(image.Rect(x, l.strip.Min.Y, x+1, l.strip.Max.Y+5), gridLine)
		label{tickFont, fadedInk, centred}.draw(l.picture, x, l.strip.Max.Y+19, strconv.Itoa(step))
	}
	for _, neuron := range ticks(neurons, l.plot.Dy()/40) {
		y := l.plot.Max.Y - neuron*l.high - l.high/2 - 1
		l.fill(image.Rect(l.plot.Min.X-5, y, l.plot.Max.X, y+1), gridLine)
		label{tickFont, fadedInk, right}.draw(l.picture, l.plot.Min.X-9, y+4, strconv.Itoa(neuron))
	}
	centre := l.plot.Min.Add(l.plot.Max).Div(2)
	label{textFont, ink, centred}.draw(l.picture, centre.X, l.strip.Max.Y+42, "step")
	label{textFont, ink, centred}.drawUpward(l.picture, 22, centre.Y, "neuron")
	label{textFont, ink, centred}.drawUpward(l.picture, 22, (l.strip.Min.Y+l.strip.Max.Y)/2, "differ")
}

// ticks are at most n+1 round numbers below end, from 0.
func ticks(end, n int) []int {
	step := max(1, int(niceStep(float64(end), max(n, 1))))
	var out []int
	for at := 0; at < end; at += step {
		out = append(out, at)
	}
	return out
}

// frame draws the border of an area just outside it.
func (l rasterLayout) frame(area image.Rectangle) {
	out := area.Inset(-1)
	l.fill(image.Rect(out.Min.X, out.Min.Y, out.Max.X, area.Min.Y), frameLine)
	l.fill(image.Rect(out.Min.X, area.Max.Y, out.Max.X, out.Max.Y), frameLine)
	l.fill(image.Rect(out.Min.X, out.Min.Y, area.Min.X, out.Max.Y), frameLine)
	l.fill(image.Rect(area.Max.X, out.Min.Y, out.Max.X, out.Max.Y), frameLine)
}

// drawStrip stacks, for each step, the differing spikes of chip and float; the strip's
// height is the largest sum, which stands beside it.
func (l rasterLayout) drawStrip(steps [][parties]int) {
	most := 0
	for _, n := range steps {
		most = max(most, n[floatOnly]+n[chipOnly])
	}
	label{tickFont, fadedInk, right}.draw(l.picture, l.strip.Min.X-9, l.strip.Max.Y, "0")
	if most == 0 {
		return
	}
	label{tickFont, fadedInk, right}.draw(l.picture, l.strip.Min.X-9, l.strip.Min.Y+9, strconv.Itoa(most))
	room := l.strip.Dy() - 4
	for step, n := range steps {
		cell := l.cell(step, 0)
		sum, foot := 0, l.strip.Max.Y
		for _, who := range []party{floatOnly, chipOnly} {
			sum += n[who]
			top := l.strip.Max.Y - (sum*room+most-1)/most
			l.fill(image.Rect(cell.Min.X, top, cell.Max.X, foot), partyLooks[who].colour)
			foot = top
		}
	}
}

// notches points at the step and the neuron of a mark from the frame of the raster.
func (l rasterLayout) notches(m mark) {
	const size = 7
	cell := l.cell(m.step, m.neuron)
	at := cell.Min.Add(cell.Max).Div(2)
	for d := range size {
		l.fill(image.Rect(at.X-d, l.plot.Min.Y-3-d, at.X+d+1, l.plot.Min.Y-2-d), ink)
		l.fill(image.Rect(l.plot.Max.X+2+d, at.Y-d, l.plot.Max.X+3+d, at.Y+d+1), ink)
	}
}
