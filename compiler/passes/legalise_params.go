package passes

import (
	"fmt"
	"slices"

	"decc/ir"
	"decc/ir/chip"
	"decc/ir/fix"
	"decc/ir/sem"
)

// paramRule is what a chip of fixed compartments can store of a param.
type paramRule struct {
	params []string
	code   string
	limit  string // row of the profile that the message names
	// nearest is the value that the chip can hold that is closest to v; v itself
	// where it can be held.
	nearest func(s *chip.Spec, v int64) int64
	rule    func(s *chip.Spec) string // what can be held, in words
}

var paramRules = []paramRule{
	{
		params: []string{"du", "dv", "dr", "dx"}, code: codeDecay, limit: "decay_max",
		nearest: func(s *chip.Spec, v int64) int64 { return fix.Clamp(v, 0, int64(s.DecayMax)) },
		rule:    func(s *chip.Spec) string { return fmt.Sprintf("0..%d", s.DecayMax) },
	},
	{
		params: []string{"vth"}, code: codeThreshold, limit: "vth_bits", nearest: nearestThreshold,
		rule: func(s *chip.Spec) string {
			return fmt.Sprintf("a multiple of %d in 0..%d", s.VthUnit, s.MaxThreshold())
		},
	},
	{
		params: []string{"bias"}, code: codeBias, limit: "bias_bits", nearest: nearestBias,
		rule: func(s *chip.Spec) string {
			return fmt.Sprintf("a mantissa within ±%d times 2^0..2^%d", biasMantissa(s), s.BiasExpMax)
		},
	},
	{
		params: []string{"refrac"}, code: codeRefractory, limit: "refractory_max",
		nearest: func(s *chip.Spec, v int64) int64 { return min(v, int64(s.RefractoryMax)) },
		rule:    func(s *chip.Spec) string { return fmt.Sprintf("0..%d", s.RefractoryMax) },
	},
	{
		params: []string{"vmin"}, code: codeLimits, nearest: func(_ *chip.Spec, v int64) int64 { return -nearestBelowPower(-v, 0, 31, 1) },
		rule: func(*chip.Spec) string { return "1 - 2^e with e in 0..31" },
	},
	{
		params: []string{"vmax"}, code: codeLimits, nearest: func(_ *chip.Spec, v int64) int64 { return nearestBelowPower(v, 9, 23, 2) },
		rule: func(*chip.Spec) string { return "2^(9+2e) - 1 with e in 0..7" },
	},
}

func ruleOf(param string) *paramRule {
	at := slices.IndexFunc(paramRules, func(r paramRule) bool { return slices.Contains(r.params, param) })
	return &paramRules[at]
}

func nearestThreshold(s *chip.Spec, v int64) int64 {
	unit := int64(s.VthUnit)
	return (fix.Clamp(v, 0, s.MaxThreshold()) + unit/2) / unit * unit
}

func biasMantissa(s *chip.Spec) int64 { return int64(1)<<(s.BiasBits-1) - 1 }

// nearestBias takes the finest exponent whose mantissa fits.
func nearestBias(s *chip.Spec, v int64) int64 {
	limit := biasMantissa(s)
	for exp := range uint(s.BiasExpMax) {
		if r := fix.RoundEvenTo(v, exp); r>>exp <= limit && r>>exp >= -limit {
			return r
		}
	}
	exp := uint(s.BiasExpMax)
	return fix.Clamp(fix.RoundEvenTo(v, exp)>>exp, -limit, limit) << exp
}

// nearestBelowPower is the value 2^e - 1, e = lo, lo+step .. hi, that is nearest to v.
func nearestBelowPower(v int64, lo, hi, step uint) int64 {
	best := int64(1)<<lo - 1
	for e := lo; e <= hi; e += step {
		if x := int64(1)<<e - 1; distance(x, v) < distance(best, v) {
			best = x
		}
	}
	return best
}

func distance(a, b int64) int64 { return max(a-b, b-a) }

// checkParams holds the params of fixed compartments against what they can store.
// Elsewhere a param is a number in memory and means what the program makes of it.
func (l *legaliser) checkParams() {
	if l.Chip.RunsAny() {
		return
	}
	for _, g := range l.m.Groups {
		if !slices.Contains(l.Chip.Programs, l.builtinName(g.Program)) {
			continue
		}
		for i := range paramRules {
			for _, name := range paramRules[i].params {
				l.checkParam(g, &paramRules[i], name)
			}
		}
		l.noteOffsets(g)
	}
}

// checkParam reports the first compartment whose value cannot be held, and how many there are.
func (l *legaliser) checkParam(g *ir.Group, r *paramRule, name string) {
	f := g.Program.FieldIndex(name)
	if f < 0 || g.Program.Fields[f].Kind != sem.Param {
		return
	}
	first, count := -1, 0
	values := paramValues(g, name)
	for i, v := range values {
		if r.nearest(l.Chip, v) != v {
			count++
			if first < 0 {
				first = i
			}
		}
	}
	if first < 0 {
		return
	}
	v := values[first]
	d := l.Errorf(g.Pos, g.At, r.code, "group @%s: %s = %d%s; chip %s holds %s", g.Name, name, v, ofCompartment(first, count, len(values)), l.Chip.Name, r.rule(l.Chip))
	if r.limit != "" {
		d.WithNote("%s", limitText(l.Chip, r.limit))
	}
	d.WithFix("the nearest value is %d", r.nearest(l.Chip, v))
	if name == "vth" && v < 0 {
		d.Fix = fmt.Sprintf("add %d to the bias and to the threshold", -v)
	}
}

func ofCompartment(first, count, of int) string {
	if of == 1 {
		return ""
	}
	return fmt.Sprintf(" of compartment %d (%d of them cannot be held)", first, count)
}

// paramValues are the values of a param: one for all compartments or one each.
func paramValues(g *ir.Group, name string) []int64 {
	for _, p := range g.Params {
		if p.Name == name {
			return p.Values.Expand(len(p.Values.Data))
		}
	}
	return []int64{g.Param(name, 0)}
}

// noteOffsets tells of decays that need the offset bit: the decay registers have 12
// bits, 4096 is 4095 with the core's offset added.
func (l *legaliser) noteOffsets(g *ir.Group) {
	for _, o := range []struct{ param, register string }{{"du", "dsOffset"}, {"dv", "dmOffset"}} {
		f := g.Program.FieldIndex(o.param)
		if f < 0 || !slices.Contains(paramValues(g, o.param), int64(l.Chip.DecayMax)) {
			continue
		}
		l.Notef(g.Pos, g.At, codeOffset, "group @%s: %s = %d needs %s of its cores set", g.Name, o.param, l.Chip.DecayMax, o.register)
	}
}

// limitText is the note under a message about a limit.
func limitText(s *chip.Spec, name string) string {
	row, _ := s.Limit(name)
	return fmt.Sprintf("limit %s = %d of chip %s", name, row.Value, s.Name)
}
