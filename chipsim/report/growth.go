package report

import (
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"decc/ir/diag"
)

// Growth is how figures grow with a size, on logarithmic axes.
type Growth struct {
	Title, SizeLabel, Label string
	Sizes                   []float64 // above 0, ascending
	Curves                  []GrowthCurve
}

// GrowthCurve has a value above 0 for each size.
type GrowthCurve struct {
	Name   string
	Values []float64
}

// GrowthPicture writes a PNG. It fails with report/size where a curve has not a positive value for each size, or with the
// error of w.
func GrowthPicture(w io.Writer, g Growth) error {
	if len(g.Sizes) == 0 || len(g.Curves) == 0 {
		return diag.Errorf(diag.Pos{}, codeSize, "%d curves over %d sizes", len(g.Curves), len(g.Sizes)).WithFix("draw at least one of each")
	}
	p := newPlot(g.Title)
	p.X.Label.Text, p.Y.Label.Text = g.SizeLabel, g.Label
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.LogTicks{Prec: -1}, plot.LogTicks{Prec: -1}
	p.Legend.TextStyle.Font, p.Legend.TextStyle.Color = sans(9, false), ink
	p.Legend.Padding, p.Legend.XOffs, p.Legend.YOffs = 2, -20, 6
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = gridLine, gridLine
	p.Add(grid)
	for i, c := range g.Curves {
		if err := g.draw(p, i, c); err != nil {
			return err
		}
	}
	widen(&p.X)
	widen(&p.Y)
	canvas := vgimg.NewWith(vgimg.UseWH(learningWidth*3/4, learningHeight*5/4), vgimg.UseDPI(pixelsInch))
	p.Draw(draw.Crop(draw.New(canvas), 8, -14, 8, -10))
	_, err := vgimg.PngCanvas{Canvas: canvas}.WriteTo(w)
	return err
}

// widen makes an axis begin and end at powers of ten.
func widen(a *plot.Axis) {
	a.Min, a.Max = math.Pow(10, math.Floor(math.Log10(a.Min))), math.Pow(10, math.Ceil(math.Log10(a.Max)))
}

func (g *Growth) draw(p *plot.Plot, i int, c GrowthCurve) error {
	points := make(plotter.XYs, len(g.Sizes))
	for k, size := range g.Sizes {
		if k >= len(c.Values) || !(size > 0) || !(c.Values[k] > 0) {
			return diag.Errorf(diag.Pos{}, codeSize, "curve %s has no value above 0 for size %g", c.Name, size).WithFix("draw what was measured at every size")
		}
		points[k] = plotter.XY{X: size, Y: c.Values[k]}
	}
	line, dots, err := plotter.NewLinePoints(points)
	if err != nil {
		return err
	}
	line.Color, line.Width = curveColour(i, len(g.Curves)), 1.6*vg.Length(1)
	dots.Color, dots.Shape, dots.Radius = line.Color, draw.CircleGlyph{}, 2.4*vg.Length(1)
	p.Add(line, dots)
	p.Legend.Add(c.Name, line, dots)
	return nil
}
