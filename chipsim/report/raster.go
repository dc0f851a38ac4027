package report

import (
	"cmp"
	"fmt"
	"image/png"
	"io"
	"slices"

	"decc/ir/diag"
	"decc/ir/spikes"
)

// Raster is what one layer did for one sample: the same steps of the float reference
// and of the chip.
type Raster struct {
	Title   string
	Steps   int          // 1..4096
	Neurons int          // 1..4096
	Float   spikes.Train // rows [0, Steps), indices [0, Neurons)
	Chip    spikes.Train // likewise; rows are float steps, without the chip's lag
}

// maxRaster bounds steps and neurons: at least a pixel each.
const maxRaster = 4096

// RasterPicture writes a PNG of the spikes by step and neuron: those that float and chip
// share in grey, those of one of the two in its colour, and below, for each step, how
// many differ. Notches at the frame show the first that differs. It fails with
// report/size, report/spikes (a train that does not fit), or with the error of w.
func RasterPicture(w io.Writer, r Raster) error {
	if err := r.check(); err != nil {
		return err
	}
	return png.Encode(w, r.draw())
}

func (r Raster) check() error {
	if r.Steps < 1 || r.Steps > maxRaster || r.Neurons < 1 || r.Neurons > maxRaster {
		return diag.Errorf(diag.Pos{}, codeSize, "found a raster of %d steps and %d neurons, expected 1..%d of both", r.Steps, r.Neurons, maxRaster).
			WithFix("draw fewer steps or neurons")
	}
	for _, t := range []struct {
		name  string
		train spikes.Train
	}{{"float", r.Float}, {"chip", r.Chip}} {
		if err := t.train.Check(r.Steps, r.Neurons); err != nil {
			return diag.Errorf(diag.Pos{}, codeSpikes, "the %s train: %v", t.name, err).
				WithFix("give the steps and neurons that the train was recorded with")
		}
	}
	return nil
}

// party tells who fired at a step and neuron.
type party int

const (
	both party = iota
	floatOnly
	chipOnly
	parties
)

// mark is one spike of the picture.
type mark struct {
	step, neuron int
	who          party
}

// marks merges the two trains; several spikes of one neuron in one step count as one.
func (r Raster) marks() []mark {
	a, b := singles(r.Float), singles(r.Chip)
	var out []mark
	for len(a) > 0 || len(b) > 0 {
		switch order := compareHeads(a, b); {
		case order < 0:
			out = append(out, newMark(a[0], floatOnly))
			a = a[1:]
		case order > 0:
			out = append(out, newMark(b[0], chipOnly))
			b = b[1:]
		default:
			out = append(out, newMark(a[0], both))
			a, b = a[1:], b[1:]
		}
	}
	return out
}

func singles(t spikes.Train) spikes.Train {
	return slices.CompactFunc(slices.Clone(t), func(a, b spikes.Event) bool { return a.Row == b.Row && a.Index == b.Index })
}

// compareHeads orders the first events of two trains; an empty train comes last.
func compareHeads(a, b spikes.Train) int {
	if len(a) == 0 || len(b) == 0 {
		return len(b) - len(a)
	}
	return cmp.Or(cmp.Compare(a[0].Row, b[0].Row), cmp.Compare(a[0].Index, b[0].Index))
}

func newMark(e spikes.Event, who party) mark { return mark{int(e.Row), int(e.Index), who} }

// firstDifference is the first mark that only one of the two made, and whether there is one.
func firstDifference(marks []mark) (mark, bool) {
	i := slices.IndexFunc(marks, func(m mark) bool { return m.who != both })
	if i < 0 {
		return mark{}, false
	}
	return marks[i], true
}

// differences counts, for each step, the marks of one party only.
func (r Raster) differences(marks []mark) [][parties]int {
	out := make([][parties]int, r.Steps)
	for _, m := range marks {
		out[m.step][m.who]++
	}
	return out
}

// summary says in words where the two part.
func summary(marks []mark) string {
	first, differ := firstDifference(marks)
	if !differ {
		return "no spike differs"
	}
	return fmt.Sprintf("first difference: step %d, neuron %d", first.step, first.neuron)
}
