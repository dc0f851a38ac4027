package validate

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"decc/ir/diag"
	"decc/ir/rule"
	"decc/ir/sem"
)

// ruleRow is one row of a rule_parse table: the products of a text, or that it is refused.
type ruleRow struct {
	Rule     string            `json:"rule"`
	Products []recordedProduct `json:"products"`
	Error    string            `json:"error"`
}

type recordedProduct struct {
	Dep      string `json:"dep"`
	Decimate int    `json:"decimate"`
	Mant     int8   `json:"mant"`
	Exp      int8   `json:"exp"`
	Factors  []struct {
		Var   string `json:"var"`
		Const int16  `json:"const"`
		Sgn   bool   `json:"sgn"`
	} `json:"factors"`
}

// text is a product as words that can be compared.
func (r recordedProduct) text() string {
	s := fmt.Sprintf("%s u%d %d*2^%d", r.Dep, r.Decimate, r.Mant, r.Exp)
	for _, f := range r.Factors {
		s += fmt.Sprintf(" %s%+d %v", f.Var, f.Const, f.Sgn)
	}
	return s
}

func productText(p sem.Product, decimate int) string {
	if p.Gate != sem.GateU {
		decimate = 0
	}
	s := fmt.Sprintf("%s u%d %d*2^%d", p.Gate, decimate, p.Mant, p.Exp)
	for _, f := range p.Factors {
		s += fmt.Sprintf(" %s%+d %v", f.Var, f.Add, f.Sgn)
	}
	return s
}

// replayRules parses every text of the table.
func replayRules(_ context.Context, d *learnDoc, _ string) (comparison, error) {
	var c comparison
	for k, row := range d.Table {
		want := []string{"refused"}
		if row.Error == "" {
			want = nil
			for _, p := range row.Products {
				want = append(want, p.text())
			}
		}
		got := []string{"refused"}
		if products, decimate, err := rule.Parse(row.Rule, diag.Pos{}); err == nil {
			got = nil
			for _, p := range products {
				got = append(got, productText(p, decimate))
			}
		}
		c.compared++
		if !slices.Equal(want, got) {
			c.note(Difference{k, row.Rule, 0, fmt.Sprint(want), fmt.Sprint(got)})
		}
	}
	return c, nil
}

// traceStats is the recorded distribution of a decaying trace.
type traceStats struct {
	Mean []float64 `json:"mean"`
	Std  []float64 `json:"std"`
}

// maxTraceDraws bounds the traces of a trace_stats document.
const maxTraceDraws = 1 << 20

// replayTraces lets traces decay with drawn thresholds. Means must agree within four
// standard errors of either side and 0.05, as the document says.
func replayTraces(_ context.Context, d *learnDoc, _ string) (comparison, error) {
	var c comparison
	profile, ok := peerProfiles[d.Peer]
	d.Stats = traceStats{}
	for name, into := range map[string]*[]float64{"mean": &d.Stats.Mean, "std": &d.Stats.Std} {
		if err := json.Unmarshal(d.Expected[name], into); err != nil {
			return c, err
		}
	}
	if !ok || d.N < 1 || d.N > maxTraceDraws || len(d.Stats.Mean) != d.Steps || len(d.Stats.Std) != d.Steps {
		return c, fmt.Errorf("%d means and %d deviations of %d traces for %d steps", len(d.Stats.Mean), len(d.Stats.Std), d.N, d.Steps)
	}
	spec := sem.Trace{Impulse: int32(d.Imp * 256), Tau: int32(d.Tau * 256)}
	drawn := sem.NewDrawn(d.Seed, d.Case)
	x := make([]int64, d.N)
	for k := range d.Steps {
		sum := 0.0
		for i := range x {
			x[i] = d.trace(profile, spec, drawn, k, i, x[i])
			sum += float64(x[i])
		}
		limit := 4*math.Sqrt2*d.Stats.Std[k]/math.Sqrt(float64(d.N)) + 0.05
		c.compared++
		if mean := sum / float64(d.N); math.Abs(mean-d.Stats.Mean[k]) > limit {
			c.note(Difference{k, "mean of the trace", 0, fmt.Sprint(d.Stats.Mean[k]), fmt.Sprint(mean)})
		}
	}
	return c, nil
}

// trace is one trace in row k. brian2_loihi's first decay is in the row of the impulse and
// rounds down: its flag was drawn before.
func (d *learnDoc) trace(profile sem.ProfileID, spec sem.Trace, drawn *sem.Drawn, k, i int, x int64) int64 {
	if k < d.ImpulseRow {
		return 0
	}
	late := profile == sem.Brian2Loihi
	if k == d.ImpulseRow {
		x = int64(d.Imp)
		if !late {
			return x
		}
	}
	floor, fraction := profile.Learning().Decay(spec, x)
	if fraction > drawn.Decay(sem.X1, k, i) && !(late && k == d.ImpulseRow) {
		floor++
	}
	return floor
}

// replayLearnParts replays every part of a document as one of its own.
func replayLearnParts(ctx context.Context, d *learnDoc, engine string) (comparison, error) {
	var all comparison
	for i := range d.Parts {
		part := &d.Parts[i]
		part.Peer, part.Case = d.Peer, d.Case
		c, err := replayLearn(ctx, part, engine)
		if err != nil {
			return all, err
		}
		all.compared += c.compared
		all.wrong += c.wrong
		if all.first == nil && c.first != nil {
			all.first = c.first
			all.first.Object = fmt.Sprintf("part %d, %s", i, c.first.Object)
		}
	}
	if len(d.Parts) == 0 {
		return all, fmt.Errorf("no parts")
	}
	return all, nil
}
