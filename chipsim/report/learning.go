package report

import (
	"fmt"
	"image/color"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"decc/ir/diag"
)

// Learning is what a picture of learning shows: the curves of several learners, and the
// weights that they ended with.
type Learning struct {
	Title  string
	Curves []LearningCurve // 1..16
	Limit  float64         // of the histograms: they span -Limit..Limit; 0 for none
}

// LearningCurve is one learner: the fraction of right votes in the presentations up to
// Lessons[i], what it achieved in the test (0: none), and how many weights are in each of
// equally wide bins.
type LearningCurve struct {
	Name      string
	Lessons   []int
	Right     []float64
	Test      float64
	Histogram []int
}

// maxCurves bounds the learners in a picture.
const maxCurves = 16

// Sizes of the two panels, in points.
const (
	learningWidth   = 720 * vg.Length(1)
	learningHeight  = 300 * vg.Length(1)
	histogramHeight = 170 * vg.Length(1)
	legendWidth     = 190 * vg.Length(1)
)

// LearningPicture writes a PNG: learning curves above, weights (if any) below. It fails with
// report/size, report/accuracy, or with the error of w.
func LearningPicture(w io.Writer, l Learning) error {
	if err := l.check(); err != nil {
		return err
	}
	top, bottom := newPlot(l.Title), newPlot("weights at the end")
	for i, c := range l.Curves {
		if err := c.drawCurve(top, curveColour(i, len(l.Curves))); err != nil {
			return err
		}
		if err := c.drawWeights(bottom, curveColour(i, len(l.Curves)), l.Limit); err != nil {
			return err
		}
	}
	top.X.Label.Text, top.Y.Label.Text = "presentations", "right votes while learning"
	top.X.Min, top.Y.Max = 0, 1
	legend := top.Legend
	top.Legend = plot.NewLegend()
	legend.TextStyle.Font, legend.TextStyle.Color = sans(9, false), ink
	legend.Top, legend.Left, legend.Padding = true, true, 2
	bottom.X.Label.Text, bottom.Y.Label.Text = "weight", "fraction of the weights"
	lower := histogramHeight
	if l.Limit == 0 {
		lower = 0
	}
	canvas := vgimg.NewWith(vgimg.UseWH(learningWidth, learningHeight+lower), vgimg.UseDPI(pixelsInch))
	all := draw.New(canvas)
	top.Draw(draw.Crop(all, 8, -legendWidth, lower+8, -10))
	legend.Draw(draw.Crop(all, learningWidth-legendWidth+14, -8, 8, -44))
	if lower > 0 {
		bottom.Draw(draw.Crop(all, 8, -legendWidth, 8, -learningHeight-4))
	}
	_, err := vgimg.PngCanvas{Canvas: canvas}.WriteTo(w)
	return err
}

func (l Learning) check() error {
	if len(l.Curves) == 0 || len(l.Curves) > maxCurves || !(l.Limit >= 0) {
		return diag.Errorf(diag.Pos{}, "report/size", "%d learning curves and weights up to %g, allowed are 1..%d and a limit from 0", len(l.Curves), l.Limit, maxCurves).
			WithFix("compare fewer learners")
	}
	for _, c := range l.Curves {
		if len(c.Lessons) != len(c.Right) {
			return diag.Errorf(diag.Pos{}, "report/size", "curve %s has %d places and %d values", c.Name, len(c.Lessons), len(c.Right)).
				WithFix("give one value a place")
		}
		for _, x := range c.Right {
			if !(x >= 0 && x <= 1) {
				return diag.Errorf(diag.Pos{}, "report/accuracy", "curve %s has the accuracy %g, a fraction of 1 is 0..1", c.Name, x).
					WithFix("give a fraction")
			}
		}
	}
	return nil
}

// curveColour is the float's blue, the chip's orange, and others between.
func curveColour(i, n int) color.Color {
	switch i {
	case n - 1:
		return chipOrange
	case 0:
		return floatBlue
	}
	return between[(i-1)%len(between)]
}

func (c LearningCurve) drawCurve(p *plot.Plot, colour color.Color) error {
	points := make(plotter.XYs, len(c.Lessons))
	for i := range points {
		points[i] = plotter.XY{X: float64(c.Lessons[i]), Y: c.Right[i]}
	}
	line, err := plotter.NewLine(points)
	if err != nil {
		return err
	}
	line.Color, line.Width = colour, 1.4
	p.Add(line)
	name := c.Name
	if c.Test > 0 {
		name = fmt.Sprintf("%s: test %.2f %%", c.Name, 100*c.Test)
	}
	p.Legend.Add(name, line)
	return nil
}

func (c LearningCurve) drawWeights(p *plot.Plot, colour color.Color, limit float64) error {
	total := 0
	for _, n := range c.Histogram {
		total += n
	}
	if total == 0 {
		return nil
	}
	points := make(plotter.XYs, len(c.Histogram))
	for i, n := range c.Histogram {
		points[i] = plotter.XY{X: limit * (2*(float64(i)+0.5)/float64(len(c.Histogram)) - 1), Y: float64(n) / float64(total)}
	}
	line, err := plotter.NewLine(points)
	if err != nil {
		return err
	}
	line.Color, line.Width, line.StepStyle = colour, 1.2, plotter.MidStep
	p.Add(line)
	return nil
}
