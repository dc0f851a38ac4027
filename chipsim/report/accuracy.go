package report

import (
	"fmt"
	"image/color"
	"io"
	"math"
	"strconv"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"decc/ir/diag"
)

// Accuracy is what one width of weights achieved; accuracies are fractions 0..1.
type Accuracy struct {
	WeightBits int
	Float      float64 // the float reference
	Real       float64 // the chip's parameters without rounding
	Chip       float64 // bit-accurate
}

// maxGroups bounds the widths in a picture.
const maxGroups = 32

// runs are the three bars of a group, from left to right.
var runs = []struct {
	name          string
	colour, label color.Color // of the bar, and of the figure in it
	of            func(Accuracy) float64
}{
	{"float", floatBlue, white, func(a Accuracy) float64 { return a.Float }},
	{"chip without rounding", realSky, ink, func(a Accuracy) float64 { return a.Real }},
	{"chip", chipOrange, white, func(a Accuracy) float64 { return a.Chip }},
}

// Sizes of the picture, in points.
const (
	barWidth    = 30 * vg.Length(1)
	groupGap    = 26 * vg.Length(1)
	chartHeight = 300 * vg.Length(1)
	sideMargin  = 80 * vg.Length(1) // axis, its labels and the right edge
	pixelsInch  = 144
)

// AccuracyPicture writes a PNG with a group of bars (float, without rounding, chip) for
// each width, in the given order, and a line at the float accuracy. Where all are far
// from zero the axis begins higher, and says so. It fails with report/size for 0 or
// more than 32 widths, with report/accuracy, or with the error of w.
func AccuracyPicture(w io.Writer, title string, widths []Accuracy) error {
	if err := checkAccuracies(widths); err != nil {
		return err
	}
	p := newPlot(title)
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = nil, gridLine
	p.Add(grid)
	if err := addFloatLine(p, widths); err != nil {
		return err
	}
	axis := accuracyAxis(widths)
	for i := range runs {
		if err := addRun(p, i, widths, axis); err != nil {
			return err
		}
	}
	p.Add(runLegend{})
	nameGroups(p, widths)
	axis.apply(p) // after all that is drawn has widened the axis
	groups := vg.Length(len(widths))
	width := max(420, sideMargin+groups*(barWidth*vg.Length(len(runs))+groupGap))
	canvas := vgimg.NewWith(vgimg.UseWH(width, chartHeight), vgimg.UseDPI(pixelsInch))
	p.Draw(draw.Crop(draw.New(canvas), 8, -14, 8, -10))
	_, err := vgimg.PngCanvas{Canvas: canvas}.WriteTo(w)
	return err
}

func checkAccuracies(widths []Accuracy) error {
	if n := len(widths); n == 0 || n > maxGroups {
		return diag.Errorf(diag.Pos{}, codeSize, "found %d widths of weights, expected 1..%d", n, maxGroups).WithFix("draw fewer widths")
	}
	for _, a := range widths {
		for _, run := range runs {
			if x := run.of(a); !(x >= 0 && x <= 1) {
				return diag.Errorf(diag.Pos{}, codeAccuracy, "found accuracy %v (%s, %d bits), expected a fraction 0..1", x, run.name, a.WeightBits).
					WithFix("give accuracies as fractions")
			}
		}
	}
	return nil
}

// newPlot makes an empty plot in the style of all pictures.
func newPlot(title string) *plot.Plot {
	p := plot.New()
	p.Title.Text = title
	p.Title.Padding = 10
	p.Title.TextStyle.Font, p.Title.TextStyle.Color = sans(12, true), ink
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Label.TextStyle.Font, axis.Label.TextStyle.Color = sans(10, false), ink
		axis.Tick.Label.Font, axis.Tick.Label.Color = sans(9, false), fadedInk
		axis.LineStyle.Color, axis.Tick.LineStyle.Color = frameLine, frameLine
		axis.Padding = 0
	}
	return p
}

func sans(size vg.Length, bold bool) font.Font {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
	if bold {
		f.Weight = xfont.WeightBold
	}
	return f
}

// percentAxis is the range of the accuracy axis, in percent.
type percentAxis struct{ low, high, step float64 }

// accuracyAxis begins at 0, or below the lowest accuracy by as much as the accuracies
// span where that is well above 0. Its head leaves room for the legend.
func accuracyAxis(widths []Accuracy) percentAxis {
	least, most := 100.0, 0.0
	for _, a := range widths {
		for _, run := range runs {
			x := 100 * run.of(a)
			least, most = math.Min(least, x), math.Max(most, x)
		}
	}
	low := least - math.Max(most-least, 1)
	if low < 40 {
		low = 0
	}
	most = math.Max(most, low+1)
	step := niceStep(most-low, 6)
	low = math.Floor(low/step) * step
	return percentAxis{low: low, high: most + float64(0.14*(most-low)), step: step}
}

// niceStep is 1, 2 or 5 times a power of ten such that span has at most n steps.
func niceStep(span float64, n int) float64 {
	power := math.Pow(10, math.Floor(math.Log10(math.Max(span, 1e-9)/float64(n))))
	for _, f := range []float64{1, 2, 5} {
		if span <= f*power*float64(n) {
			return f * power
		}
	}
	return 10 * power
}

// apply sets range, label and ticks. No tick stands above 100 %.
func (a percentAxis) apply(p *plot.Plot) {
	p.Y.Min, p.Y.Max = a.low, a.high
	p.Y.Label.Text = "accuracy (%)"
	if a.low > 0 {
		p.Y.Label.Text += ", axis begins at " + percentText(a.low) + " %"
	}
	var ticks []plot.Tick
	for k := 0; ; k++ {
		at := a.low + float64(float64(k)*a.step)
		if at > math.Min(a.high, 100+1e-9) {
			break
		}
		ticks = append(ticks, plot.Tick{Value: at, Label: percentText(at)})
	}
	p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	p.Y.Tick.Length = 3
}

// percentText shows up to three decimals, as many as there are.
func percentText(x float64) string {
	return strconv.FormatFloat(math.Round(1000*x)/1000, 'f', -1, 64)
}

func nameGroups(p *plot.Plot, widths []Accuracy) {
	p.X.Min, p.X.Max = -0.5, float64(len(widths))-0.5
	p.X.Label.Text = "weight bits"
	p.X.Label.Padding = 4
	var ticks []plot.Tick
	for i, a := range widths {
		ticks = append(ticks, plot.Tick{Value: float64(i), Label: strconv.Itoa(a.WeightBits)})
	}
	p.X.Tick.Marker = plot.ConstantTicks(ticks)
	p.X.Tick.Length = 0
}

// addRun adds one bar of every group with its figure.
func addRun(p *plot.Plot, i int, widths []Accuracy, axis percentAxis) error {
	var heights plotter.Values
	for _, a := range widths {
		heights = append(heights, 100*runs[i].of(a))
	}
	bars, err := plotter.NewBarChart(heights, barWidth-2)
	if err != nil {
		return err
	}
	bars.Color, bars.LineStyle.Width = runs[i].colour, 0
	bars.Offset = (vg.Length(i) - vg.Length(len(runs)-1)/2) * barWidth
	p.Add(bars)
	for g, x := range heights {
		label, err := barLabel(g, x, bars.Offset, runs[i].label, axis)
		if err != nil {
			return err
		}
		p.Add(label)
	}
	return nil
}

// barLabel writes the figure of a bar into its head, where no line crosses it, or on
// top of a bar that is too short for that.
func barLabel(group int, x float64, offset vg.Length, colour color.Color, axis percentAxis) (*plotter.Labels, error) {
	label, err := plotter.NewLabels(plotter.XYLabels{
		XYs: plotter.XYs{{X: float64(group), Y: x}}, Labels: []string{fmt.Sprintf("%.2f", x)},
	})
	if err != nil {
		return nil, err
	}
	style := &label.TextStyle[0]
	style.Font, style.XAlign = sans(8, false), text.XCenter
	label.Offset = vg.Point{X: offset, Y: -4}
	style.Color, style.YAlign = colour, text.YTop
	if x-axis.low < float64(0.08*(axis.high-axis.low)) {
		label.Offset.Y = 2
		style.Color, style.YAlign = ink, text.YBottom
	}
	return label, nil
}

// addFloatLine draws each group's float accuracy across the group: one line where the
// widths have it in common.
func addFloatLine(p *plot.Plot, widths []Accuracy) error {
	for g, a := range widths {
		y := 100 * a.Float
		line, err := plotter.NewLine(plotter.XYs{{X: float64(g) - 0.5, Y: y}, {X: float64(g) + 0.5, Y: y}})
		if err != nil {
			return err
		}
		line.Color, line.Width = floatBlue, 0.8
		p.Add(line)
	}
	return nil
}

// runLegend names the runs in one row at the head of the plot.
type runLegend struct{}

// Plot draws the row from the left edge, over whatever grid line lies there.
func (runLegend) Plot(c draw.Canvas, p *plot.Plot) {
	style := p.X.Tick.Label
	style.Color, style.XAlign, style.YAlign = ink, text.XLeft, text.YCenter
	const side, gap = 8, 18
	x, y := c.Min.X+10, c.Max.Y-8
	c.FillPolygon(white, rectangle(c.Min.X+1, y-side, c.Max.X, y+side))
	for _, run := range runs {
		c.FillPolygon(run.colour, rectangle(x, y-side/2, x+side, y+side/2))
		x += side + 5
		c.FillText(style, vg.Point{X: x, Y: y}, run.name)
		x += style.Width(run.name) + gap
	}
}

func rectangle(left, bottom, right, top vg.Length) []vg.Point {
	return []vg.Point{{X: left, Y: bottom}, {X: left, Y: top}, {X: right, Y: top}, {X: right, Y: bottom}}
}
