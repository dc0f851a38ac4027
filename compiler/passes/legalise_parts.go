package passes

import (
	"fmt"
	"slices"
	"strings"

	"decc/ir"
	"decc/ir/sem"
)

// checkPrograms holds the programs of a chip that runs any against its sizes; those
// of fixed compartments are the chip's own.
func (l *legaliser) checkPrograms() {
	if !l.Chip.RunsAny() {
		return
	}
	for _, p := range l.m.Programs {
		if cost := p.Cost(); cost > l.Chip.ProgramOps {
			l.Errorf(p.Pos, p.At, codeOps, "program @%s takes %d operations a row, limit is %d", p.Name, cost, l.Chip.ProgramOps).
				WithNote("%s", limitText(l.Chip, "program_ops")).
				WithFix("shorten the program, or split it over groups with joins")
		}
		l.checkWidths(p)
	}
	for _, g := range l.m.Groups {
		if n := stateBytes(g); n > l.Chip.StateBytes {
			l.Errorf(g.Pos, g.At, codeState, "group @%s keeps %d bytes for each compartment, limit is %d", g.Name, n, l.Chip.StateBytes).
				WithNote("%s", limitText(l.Chip, "state_bytes")).
				WithFix("use fewer states, or one value of a param for the whole group")
		}
	}
}

// checkWidths looks at states and params. The wider states of the other semantics
// stand for emulators that have no width: no chip holds them and none is asked to.
func (l *legaliser) checkWidths(p *ir.Program) {
	if l.m.Profile != sem.Silicon {
		return
	}
	for _, f := range p.Fields {
		stored := f.Kind == sem.State || f.Kind == sem.Param
		if stored && int(f.Type.Bits) > l.Chip.StateBits {
			l.Errorf(p.Pos, p.At, codeWidth, "program @%s: %s %s is %s, a core stores at most %d bits", p.Name, f.Kind, f.Name, f.Type, l.Chip.StateBits).
				WithNote("%s", limitText(l.Chip, "state_bits")).
				WithFix("declare it as s%d", l.Chip.StateBits)
		}
	}
}

// stateBytes is what a compartment of the group keeps in the memory of its core:
// the states, and the params that have a value for each compartment.
func stateBytes(g *ir.Group) int {
	n := 0
	for _, f := range g.Program.Fields {
		if f.Kind == sem.State || f.Kind == sem.Param && len(paramValues(g, f.Name)) > 1 {
			n += storedBytes(f.Type.Bits)
		}
	}
	return n
}

// storedBytes rounds a width up to 1, 2, 4 or 8 bytes.
func storedBytes(bits uint8) int {
	n := 1
	for 8*n < int(bits) {
		n *= 2
	}
	return n
}

func (l *legaliser) checkSynapses() {
	for _, s := range l.m.Synapses {
		l.checkFormat(s)
		l.checkValues(s, s.Weights, codeMantissa, "weight", l.Chip.WeightMantissaMin, l.Chip.WeightMantissaMax, "weight_mantissa_min", "weight_mantissa_max")
		l.checkValues(s, s.Delay, codeDelay, "delay", 0, l.Chip.DelayMax, "", "delay_max")
		if ports := l.Chip.SynapsePorts; len(ports) > 0 && !slices.Contains(ports, s.Port) {
			l.Errorf(s.Pos, s.At, codePort, "synapse @%s ends at port %s of @%s; on chip %s synapses reach port %s only",
				s.Name, s.Port, s.Post, l.Chip.Name, strings.Join(ports, " or ")).WithFix("end it at %s.%s", s.Post, ports[0])
		}
	}
}

func (l *legaliser) checkFormat(s *ir.Synapse) {
	if !l.Chip.HasWeightBits(s.Format.Bits) {
		l.Errorf(s.Pos, s.At, codeBits, "synapse @%s has weights of %d bits; chip %s stores %s bits",
			s.Name, s.Format.Bits, l.Chip.Name, oneOf(l.Chip.WeightBits)).WithFix("use the next greater width; mantissas on the coarser grid keep their values")
	}
	if lo, hi := l.Chip.WeightExpMin, l.Chip.WeightExpMax; s.Format.Exp < lo || s.Format.Exp > hi {
		l.Errorf(s.Pos, s.At, codeExp, "synapse @%s has weight exponent %d; chip %s has %d..%d", s.Name, s.Format.Exp, l.Chip.Name, lo, hi).
			WithNote("%s", limitText(l.Chip, sideOf(s.Format.Exp, lo, "weight_exp_min", "weight_exp_max"))).
			WithFix("scale the weights of all synapses into the group, and its threshold")
	}
}

func oneOf(values []int) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprint(v)
	}
	return strings.Join(words, ", ")
}

// sideOf names the limit that a value outside lo.. breaks.
func sideOf(v, lo int, below, above string) string {
	if v < lo {
		return below
	}
	return above
}

// checkValues reports the first element outside lo..hi; below and above are the limits' names.
func (l *legaliser) checkValues(s *ir.Synapse, t *ir.Tensor, code, what string, lo, hi int, below, above string) {
	if t == nil {
		return
	}
	at := slices.IndexFunc(t.Data, func(x int32) bool { return int(x) < lo || int(x) > hi })
	if at < 0 {
		return
	}
	l.Errorf(s.Pos, s.At, code, "synapse @%s: %s %d is %d; chip %s has %d..%d", s.Name, what, at, t.Data[at], l.Chip.Name, lo, hi).
		WithNote("%s", limitText(l.Chip, sideOf(int(t.Data[at]), lo, below, above))).
		WithFix("keep every %s within %d..%d", what, lo, hi)
}

// checkPayloads refuses graded values that are wider than a spike packet carries.
func (l *legaliser) checkPayloads() {
	for _, in := range l.m.Inputs {
		if int(in.Payload.Bits) > l.Chip.PayloadBits {
			l.Errorf(in.Pos, in.At, codeGraded, "input @%s has graded spikes of %d bits; a spike of chip %s carries %d", in.Name, in.Payload.Bits, l.Chip.Name, l.Chip.PayloadBits).
				WithNote("%s", limitText(l.Chip, "payload_bits")).WithFix("code the value in rates or times, or use a chip with graded spikes, such as loihi2")
		}
	}
	for _, s := range l.m.Synapses {
		if s.Graded && l.Chip.PayloadBits == 0 {
			l.Errorf(s.Pos, s.At, codeGraded, "synapse @%s multiplies by the payload of the spike; the spikes of chip %s have none", s.Name, l.Chip.Name).
				WithNote("%s", limitText(l.Chip, "payload_bits")).WithFix("make the synapse plain, or use a chip with graded spikes, such as loihi2")
		}
	}
}

func (l *legaliser) checkJoins() {
	into, from := map[string]int{}, map[string]int{}
	for _, j := range l.m.Joins {
		into[j.To]++
		from[j.From]++
		if ports := l.Chip.JoinPorts; len(ports) > 0 && !slices.Contains(ports, j.Port) {
			l.Errorf(j.Pos, j.At, codePort, "the join @%s -> @%s ends at port %s; on chip %s joins reach port %s only",
				j.From, j.To, j.Port, l.Chip.Name, strings.Join(ports, " or ")).WithFix("end it at %s.%s", j.To, ports[0])
		}
		if into[j.To] == l.Chip.JoinsIn+1 {
			l.Errorf(j.Pos, j.At, codeJoin, "more than %d joins into @%s", l.Chip.JoinsIn, j.To).
				WithNote("%s", limitText(l.Chip, "joins_in")).WithFix("chain the joins over an intermediate group")
		}
		if !l.Chip.RunsAny() && from[j.From] == 2 {
			l.Errorf(j.Pos, j.At, codeJoin, "@%s is joined to two groups; a compartment of chip %s passes its value to one parent", j.From, l.Chip.Name).
				WithFix("double the group, one for each parent")
		}
	}
}
