package ir

import (
	"fmt"
	"slices"
	"strings"

	"decc/ir/rule"
	"decc/ir/sem"
)

// rule reads `rule @name epoch(1) { x1 impulse(16) decay(328) … dw "2^-4*x1*y0" }`.
func (p *parser) rule(m *moduleText) {
	p.word("rule")
	name := p.object("the rule's name")
	r := &Rule{Rule: sem.Rule{Name: name.text, Epoch: 1}, At: name.pos}
	p.clauses(map[string]func(){
		"epoch":  p.paren(func() { r.Epoch = int(p.number("the rows of an epoch", 1, sem.MaxEpoch)) }),
		"graded": p.paren(func() { r.Graded = int(p.number("the graded mode", 0, sem.GradedOverflow)) }),
	})
	r.Pos = p.origin()
	p.punct("{")
	decimate := -1
	for !p.failed && !p.tok.is("}") {
		p.ruleItem(r, &decimate)
	}
	p.punct("}")
	r.Decimate = max(decimate, 0)
	m.Rules = append(m.Rules, r)
}

// ruleItem reads a trace or a sum.
func (p *parser) ruleItem(r *Rule, decimate *int) {
	word := p.take(tokIdent, "a trace (x1, x2, y1, y2, y3) or a sum (dw, dd, dt)")
	if t := slices.Index(sem.Targets[:], word.text); t >= 0 {
		p.sum(r, t, decimate)
		return
	}
	i := slices.IndexFunc(sem.TraceVariables[:], func(v sem.Variable) bool { return v.String() == word.text })
	if i < 0 {
		if !p.failed {
			p.errorAt(word, "ir/unknown-name", "%s is neither a trace nor a sum of a rule", word.show())
			p.failed = true
		}
		return
	}
	t := &r.Traces[i]
	whole, part := int32(0), int32(0)
	p.traceClauses(map[string]func(){
		"impulse":  p.paren(func() { whole = int32(p.number("the impulse", 0, 127)) }),
		"fraction": p.paren(func() { part = int32(p.number("1/256 of the impulse", 0, 255)) }),
		"decay":    p.paren(func() { t.Decay = int32(p.number("the decay", 0, 4096)) }),
		"tau":      p.paren(func() { t.Tau = int32(p.number("the time constant in 1/256 rows", 0, maxRows)) }),
		"host": func() {
			t.Host = sem.HostValue
			if p.tok.kind == tokIdent && p.tok.text == "signed" {
				t.Host = sem.HostSigned
				p.advance()
			}
		},
		"value": p.paren(func() { t.Value = p.take(tokIdent, "a value of the target's program").text }),
	})
	t.Impulse = whole<<8 + part
}

// traceClauses reads clauses until a word that is none of them.
func (p *parser) traceClauses(table map[string]func()) {
	for !p.failed && p.tok.kind == tokIdent && table[p.tok.text] != nil {
		p.advanceInto(table)
	}
}

func (p *parser) advanceInto(table map[string]func()) {
	read := table[p.tok.text]
	p.advance()
	read()
}

// sum reads the quoted products of a target; the rule sets of a rule share one u_k.
func (p *parser) sum(r *Rule, target int, decimate *int) {
	t := p.take(tokString, "the products in quotes")
	if p.failed {
		return
	}
	pos := t.pos
	pos.Col++
	products, k, err := rule.Parse(strings.Trim(t.text, `"`), pos)
	if err != nil {
		p.adopt(err)
		return
	}
	r.Sums[target] = products
	if !slices.ContainsFunc(products, func(x sem.Product) bool { return x.Gate == sem.GateU }) {
		return
	}
	if *decimate >= 0 && *decimate != k {
		p.errorAt(t, "ir/rule", "u%d and u%d in one rule; a rule has one", *decimate, k)
	}
	*decimate = k
}

func ruleObject(r *Rule) object {
	return object{key: "rule @" + r.Name, text: func(p *printer) string {
		return ruleText(&r.Rule, p.origin(r.Pos), "  ")
	}}
}

// RuleText is a rule as a module has it.
func RuleText(r *sem.Rule) string { return ruleText(r, "", "") }

func ruleText(r *sem.Rule, origin, indent string) string {
	s := fmt.Sprintf("%srule @%s epoch(%d)", indent, r.Name, r.Epoch)
	if r.Graded != 0 {
		s += fmt.Sprintf(" graded(%d)", r.Graded)
	}
	s += origin + " {\n"
	for i, t := range r.Traces {
		if t != (sem.Trace{}) {
			s += indent + "  " + sem.TraceVariables[i].String() + traceText(t) + "\n"
		}
	}
	for i, sum := range r.Sums {
		if len(sum) > 0 {
			s += fmt.Sprintf("%s  %s \"%s\"\n", indent, sem.Targets[i], rule.Text(sum, r.Decimate))
		}
	}
	return s + indent + "}"
}

func traceText(t sem.Trace) string {
	s := ""
	for _, c := range []struct {
		word  string
		value int32
	}{{"impulse", t.Impulse >> 8}, {"fraction", t.Impulse & 255}, {"decay", t.Decay}, {"tau", t.Tau}} {
		if c.value != 0 {
			s += fmt.Sprintf(" %s(%d)", c.word, c.value)
		}
	}
	if t.Value != "" {
		s += " value(" + t.Value + ")"
	}
	return s + hostWords[t.Host]
}

// hostWords are how the host writes a trace.
var hostWords = map[sem.HostWrite]string{sem.HostValue: " host", sem.HostSigned: " host signed"}
