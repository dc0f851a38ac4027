package validate

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"

	"decc/ir/diag"
)

// baselineFormat is the version of the baseline file.
const baselineFormat = "decc-baseline/1"

// maxBaselineBytes bounds a baseline file; a real one has a few kilobytes.
const maxBaselineBytes = 1 << 20

// Bands says how far a result may be from its baseline, in either direction: a
// baseline that a better result has left behind no longer guards it.
type Bands struct {
	Accuracy float64 `json:"accuracy"` // of accuracies and agreement, as a fraction: 0.001 is 0.1 points
	Counts   float64 `json:"counts"`   // of spikes, events and resources, relative: 0.005 is 0.5 %
	// Strict wants everything exactly equal, digests and engine too.
	Strict bool `json:"strict"`
}

// DefaultBands are 0.1 points of accuracy and 0.5 % of every count.
var DefaultBands = Bands{Accuracy: 0.001, Counts: 0.005}

// Baseline is a result that later ones are held against, and the bands for that.
type Baseline struct {
	Bands  Bands
	Report *Report // without Seconds
}

// baselineFile is the form of a Baseline on disk.
type baselineFile struct {
	Format string         `json:"format"`
	Bands  Bands          `json:"bands"`
	Report timelessReport `json:"report"`
}

// timelessReport hides Seconds: they differ from run to run.
type timelessReport struct {
	*Report
	Seconds *struct{} `json:"seconds,omitempty"`
}

// WriteBaseline writes a report as the baseline of later ones, as indented JSON; equal
// reports and bands give equal bytes.
func WriteBaseline(w io.Writer, r *Report, b Bands) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(baselineFile{baselineFormat, b, timelessReport{Report: r}})
}

// ParseBaseline reads what WriteBaseline wrote. file names the input in errors, which
// are diagnostics: baseline/json (not a baseline, with the byte offset where it is
// known), baseline/format (another version) or baseline/content (an impossible value).
func ParseBaseline(file string, data []byte) (*Baseline, error) {
	if len(data) > maxBaselineBytes {
		return nil, baselineError(diag.AtOffset(file, maxBaselineBytes), "baseline/json", "the file is longer than %d bytes", maxBaselineBytes)
	}
	if err := checkBaselineFormat(file, data); err != nil {
		return nil, err
	}
	var f baselineFile
	if err := strictJSON(data, &f); err != nil {
		return nil, baselineError(jsonPlace(file, err), "baseline/json", "%s", jsonText(err))
	}
	b := &Baseline{Bands: f.Bands, Report: f.Report.Report}
	if problem := b.problem(); problem != "" {
		return nil, baselineError(diag.Pos{File: file}, "baseline/content", "%s", problem)
	}
	return b, nil
}

// checkBaselineFormat looks at the version before it looks at the fields, which are
// those of this version.
func checkBaselineFormat(file string, data []byte) error {
	var head struct {
		Format string `json:"format"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return baselineError(jsonPlace(file, err), "baseline/json", "%s", jsonText(err))
	}
	switch {
	case head.Format == baselineFormat:
		return nil
	case strings.HasPrefix(head.Format, "decc-baseline/"):
		return baselineError(diag.Pos{File: file}, "baseline/format", "the file has format %q, this decc reads %q", head.Format, baselineFormat)
	}
	return baselineError(diag.Pos{File: file}, "baseline/json", "this is not a baseline: its format is %.40q, expected %q", head.Format, baselineFormat)
}

func baselineError(pos diag.Pos, code, format string, args ...any) error {
	return diag.Errorf(pos, code, format, args...).WithFix("write the baseline anew with --update-baseline")
}

// jsonPlace is where a JSON error is, as far as it tells.
func jsonPlace(file string, err error) diag.Pos {
	switch e := err.(type) {
	case *json.SyntaxError:
		return diag.AtOffset(file, e.Offset)
	case *json.UnmarshalTypeError:
		return diag.AtOffset(file, e.Offset)
	}
	return diag.Pos{File: file}
}

// jsonText is what a JSON error says, without the names of Go types.
func jsonText(err error) string {
	if e, ok := err.(*json.UnmarshalTypeError); ok {
		return fmt.Sprintf("found a %s where a value of type %v belongs", e.Value, e.Type.Kind())
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

// problem tells the first thing that no result of a run can be, or "".
func (b *Baseline) problem() string {
	r := b.Report
	if r == nil || r.Digits <= 0 || len(r.Layers) == 0 {
		return "the report names no digits or no layers"
	}
	for _, band := range []float64{b.Bands.Accuracy, b.Bands.Counts} {
		if band < 0 || band > 1 {
			return "a band is outside 0..1"
		}
	}
	seen := map[string]bool{}
	for _, m := range measures(r) {
		if seen[m.name] {
			return m.name + " is there twice"
		}
		seen[m.name] = true
		if !kinds[m.kind].possible(m.number) {
			return m.name + " is " + m.String() + ", which cannot be"
		}
	}
	return ""
}

// slack covers the rounding of differences of fractions k/n and of bands: n stays far
// below 1e9, so no true difference is that small.
const slack = 1e-9

func within(want, got, band float64) bool { return math.Abs(got-want) <= band+slack }
