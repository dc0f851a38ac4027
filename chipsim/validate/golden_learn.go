package validate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"decc/ir"
	"decc/ir/diag"
	"decc/ir/rule"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// learnDoc is what a document of kind "learn" has beside a "net" (golden/README.md).
type learnDoc struct {
	golden
	Rng      learnRng                   `json:"rng"`
	Synapses []learnSynapse             `json:"synapses"`
	Expected map[string]json.RawMessage `json:"expected"`
	Parts    []learnDoc                 `json:"parts"`

	Table      []ruleRow  `json:"table"`
	Seed       uint64     `json:"seed"`
	N          int        `json:"n"`
	Imp        float64    `json:"imp"`
	Tau        float64    `json:"tau"`
	ImpulseRow int        `json:"impulse_row"`
	Stats      traceStats `json:"-"`
}

type learnRng struct {
	Mode    string  `json:"mode"`
	Value   float64 `json:"value"`
	Trace   float64 `json:"trace"`
	Impulse int64   `json:"impulse"`
	Weight  number  `json:"weight"` // one, or one an epoch

	XDecay      []float64   `json:"x_decay"`
	YDecay      []float64   `json:"y_decay"`
	XImpulse    []int64     `json:"x_impulse"`
	YImpulse    []int64     `json:"y_impulse"`
	YImpulseMid []int64     `json:"y_impulse_mid"`
	Order       []string    `json:"order"`
	Values      [][]float64 `json:"values"`
}

// number is one real number or a list.
type number []float64

func (x *number) UnmarshalJSON(b []byte) error {
	var one float64
	if json.Unmarshal(b, &one) == nil {
		*x = number{one}
		return nil
	}
	return json.Unmarshal(b, (*[]float64)(x))
}

type learnSynapse struct {
	goldenSynapse
	Learning *learnRule `json:"learning"`
	Tag1     numbers    `json:"tag1"`
	Tag2     numbers    `json:"tag2"`
}

type learnRule struct {
	Class  string               `json:"rule_class"`
	Rule   string               `json:"rule"`
	DW     string               `json:"dw"`
	DD     string               `json:"dd"`
	DT     string               `json:"dt"`
	Epoch  int                  `json:"t_epoch"`
	Graded int                  `json:"graded_cfg"`
	YIn    map[string][][]int64 `json:"y_in"`

	TraceTau  float64   `json:"trace_tau"`
	MagInt    int32     `json:"trace_mag_int"`
	MagFrac   int32     `json:"trace_mag_frac128"`
	Train     int       `json:"train_epoch"`
	Learn     int       `json:"learn_epoch"`
	RateMant  int8      `json:"lr_int"`
	RateExp   int8      `json:"lr_exp"`
	Errors    [][]int64 `json:"errors"`
	constants map[string]float64
}

// UnmarshalJSON keeps the numbers of the traces by their names.
func (l *learnRule) UnmarshalJSON(b []byte) error {
	type plain learnRule
	if err := json.Unmarshal(b, (*plain)(l)); err != nil {
		return err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	l.constants = map[string]float64{}
	for name, raw := range all {
		var x float64
		if json.Unmarshal(raw, &x) == nil {
			l.constants[name] = x
		}
	}
	return nil
}

// text is a rule of the module: traces from <v>_impulse and <v>_tau (Lava) or imp_<v> and
// tau_<v> (brian2_loihi).
func (l *learnRule) rule(file string) (*ir.Rule, error) {
	r := &ir.Rule{Rule: sem.Rule{Name: "learned", Epoch: max(l.Epoch, 1), Graded: l.Graded}}
	for i, v := range sem.TraceVariables {
		impulse := l.constants[v.String()+"_impulse"] + l.constants["imp_"+v.String()]
		tau := l.constants[v.String()+"_tau"] + l.constants["tau_"+v.String()]
		r.Traces[i] = sem.Trace{Impulse: int32(math.RoundToEven(impulse * 256)), Tau: int32(math.RoundToEven(tau * 256))}
	}
	for t, text := range []string{sem.TargetW: l.DW, sem.TargetD: l.DD, sem.TargetT: l.DT} {
		if text == "" {
			continue
		}
		products, decimate, err := rule.Parse(text, diag.Pos{File: file})
		if err != nil {
			return nil, err
		}
		r.Sums[t], r.Decimate = products, max(r.Decimate, decimate)
	}
	return r, nil
}

// pes is the rule of nengo-loihi: the error is written into y1.
func (l *learnRule) pes() *ir.Rule {
	r := &ir.Rule{Rule: sem.Rule{Name: "learned", Epoch: l.Train}}
	for r.Epoch<<r.Decimate < l.Learn {
		r.Decimate++
	}
	r.Traces[sem.X1.TraceIndex()] = sem.Trace{Impulse: l.MagInt<<8 + 2*l.MagFrac, Tau: int32(l.TraceTau * 256)}
	r.Traces[sem.Y1.TraceIndex()].Value = "third1"
	r.Sums[sem.TargetW] = []sem.Product{{Gate: sem.GateU, Mant: l.RateMant, Exp: l.RateExp, Factors: []sem.Factor{{Var: sem.X1}, {Var: sem.Y1}}}}
	return r
}

// scripted is the target of open-loop files: it fires when it is told to, in the first
// row by params, and shows the third factors that it is sent.
const scripted = `neuron @scripted {
  state begun:u1
  port drive:s40 force:s40 error1:s40 error2:s40 error3:s40
  param first:u1 first1:s32 first2:s32 first3:s32
  third1 = select(begun, shrf(error1, 6), first1)
  third2 = select(begun, shrf(error2, 6), first2)
  third3 = select(begun, shrf(error3, 6), first3)
  arrived = add(drive, 0)
  spike select(begun, gt(force, 0), first)
  begun = 1
}`

// maxLearned bounds the weights that a replay records: 200 MB of each variable.
const maxLearned = 25 << 20

func replayLearn(ctx context.Context, d *learnDoc, engine string) (comparison, error) {
	var c comparison
	if d.Steps < 0 || d.Steps > maxGoldenRows {
		return c, fmt.Errorf("%d steps, at most %d can be replayed", d.Steps, maxGoldenRows)
	}
	b := &learnBuilder{d: d}
	if err := b.build(); err != nil {
		return c, err
	}
	e, err := b.engine(ctx, engine)
	if err != nil {
		return c, err
	}
	e.Replay(func(string) sem.Thresholds { return b.thresholds() })
	rec, err := e.Run(ctx, b.req)
	if err != nil {
		return c, err
	}
	return c, b.compare(&c, rec)
}

// replayer is an engine that learns with the thresholds of a recording.
type replayer interface {
	Engine
	Replay(of func(synapse string) sem.Thresholds)
}

// engine is the named one, or the first that can run the module.
func (b *learnBuilder) engine(ctx context.Context, name string) (replayer, error) {
	names := []string{name}
	if name == "" {
		names = EngineNames()
	}
	var refused error
	for _, name := range names {
		factory, err := Prepare(ctx, name, b.module)
		if err == nil {
			return factory().(replayer), nil
		}
		var d *diag.Diagnostic
		if !errors.As(err, &d) || d.Code != "chipimage/grid" {
			return nil, err
		}
		refused = unsupportedError(fmt.Sprintf("engine %s: %s", name, d.Message))
	}
	return nil, refused
}

// learnBuilder turns a document into a module and a request.
type learnBuilder struct {
	feeder
	d       *learnDoc
	base    golden // the document without what learns
	plastic *learnSynapse
	learned *ir.Synapse
	order   []int // places of the file's synapses by number
	req     spikes.Request
}

func (b *learnBuilder) build() error {
	b.base = b.d.golden
	base := &b.base
	base.Expected, base.Synapses = nil, nil
	for i := range b.d.Synapses {
		s := &b.d.Synapses[i]
		if s.Learning == nil {
			base.Synapses = append(base.Synapses, s.goldenSynapse)
		} else {
			b.plastic = s
		}
	}
	if b.plastic == nil {
		return fmt.Errorf("no synapse has a learning section")
	}
	var err error
	if b.module, err = base.module(); err != nil {
		return err
	}
	if b.req, err = base.request(); err != nil {
		return err
	}
	b.req.Learn = true
	b.trains = b.req.Inputs
	if err := b.target(); err != nil {
		return err
	}
	if err := b.synapse(); err != nil {
		return err
	}
	for name, raw := range b.d.Expected {
		if name == b.plastic.Name {
			b.probes()
			continue
		}
		var trace goldenTrace
		if err := json.Unmarshal(raw, &trace); err != nil {
			return err
		}
		_, model, err := base.modelOf(name)
		if err != nil {
			return err
		}
		for _, r := range model.recorded {
			b.req.Probes = append(b.req.Probes, spikes.Probe{Group: name, Variable: r[1], Members: trace.Record})
		}
	}
	return ir.Verify(b.module)
}

const third = "third"

// target gives an open-loop file its scripted group, and a PES file the errors.
func (b *learnBuilder) target() error {
	l := b.plastic.Learning
	if l.Rule == "pes" {
		if err := b.checkPES(); err != nil {
			return err
		}
		return b.errors()
	}
	if b.plastic.Post != "" {
		return nil
	}
	p, err := ir.ParseProgram(scripted, "scripted.dcir", b.module.Profile)
	if err != nil {
		return err
	}
	in := b.module.InputByName("post")
	if in == nil {
		return fmt.Errorf("synapse %q has no target and there is no input \"post\"", b.plastic.Name)
	}
	b.module.Programs = append(b.module.Programs, p)
	g := &ir.Group{Name: "scripted", N: in.N, Program: p}
	first := make([]int64, in.N)
	train := b.req.Inputs["post"]
	later := train[:0:0]
	for _, e := range train {
		if e.Index < 0 || int(e.Index) >= in.N {
			return fmt.Errorf("event of member %d of input %q, which has %d", e.Index, in.Name, in.N)
		}
		if e.Row == 0 {
			first[e.Index] = 1
		} else {
			later = append(later, spikes.Event{Row: e.Row - 1, Index: e.Index, Payload: 1})
		}
	}
	b.req.Inputs["post"] = later
	g.SetParam("first", ir.Vector(first))
	b.module.Groups = append(b.module.Groups, g)
	b.connect("force", "post", "scripted", "force", in.N, false)
	b.plastic.Post = "scripted"
	for i, y := range []string{"y1", "y2", "y3"} {
		rows := l.YIn[y]
		if l.Class != "3f" || len(rows) == 0 {
			continue
		}
		g.SetParam(fmt.Sprintf("first%d", i+1), ir.Vector(rows[0]))
		b.send(fmt.Sprintf("%s%d", third, i+1), "scripted", fmt.Sprintf("error%d", i+1), rows[1:])
	}
	return nil
}

// errors gives the compartments of a PES file a port for their error: minus the error for
// the first half, the error for the second.
func (b *learnBuilder) errors() error {
	g := b.module.GroupByName(b.plastic.Post)
	if g == nil {
		return fmt.Errorf("the target %q of synapse %q is no group", b.plastic.Post, b.plastic.Name)
	}
	p, err := ir.ParseProgram(withError(ir.ProgramText(&g.Program.Program)), "cuba.dcir", b.module.Profile)
	if err != nil {
		return err
	}
	b.module.Programs = append(b.module.Programs, p)
	g.Program = p
	rows := make([][]int64, 0, len(b.plastic.Learning.Errors))
	for k, e := range b.plastic.Learning.Errors {
		if 2*len(e) != g.N {
			return fmt.Errorf("row %d has %d errors for %d compartments", k, len(e), g.N)
		}
		row := make([]int64, 0, g.N)
		for _, x := range e {
			row = append(row, -x)
		}
		rows = append(rows, append(row, e...))
	}
	if len(rows) > 2 {
		b.send("errors", g.Name, "error1", rows[2:])
	}
	return nil
}

// checkPES bounds what the arithmetic of a PES file divides and shifts by.
func (b *learnBuilder) checkPES() error {
	l := b.plastic.Learning
	if l.Train < 1 || l.Train > sem.MaxEpoch || l.Learn < l.Train || l.Learn > l.Train<<sem.MaxDecimate {
		return fmt.Errorf("epochs of %d and %d rows", l.Train, l.Learn)
	}
	if b.plastic.Exp < -6 || b.plastic.Exp > sem.MaxWeightExp {
		return fmt.Errorf("weight exponent %d", b.plastic.Exp)
	}
	if l.MagInt < 0 || l.MagInt > 127 || l.MagFrac < 0 || l.MagFrac > 127 {
		return fmt.Errorf("a trace impulse of %d + %d/128", l.MagInt, l.MagFrac)
	}
	return nil
}

// withError gives a program a port for an error, seen as third1. The recording hears of
// spikes a row after they were sent, so its errors of row k meet our row k-1.
func withError(text string) string {
	head, body, _ := strings.Cut(text, "\n")
	head = strings.Replace(head, "@cuba", "@cuba_error", 1)
	return head + "\n  port error1:s40\n  third1 = shrf(error1, 6)\n" + body
}

// synapse adds the plastic synapse and its rule.
func (b *learnBuilder) synapse() error {
	s := b.plastic
	if s.Learning.Rule == "pes" {
		s.Mant = numbers{Rows: s.Eff.Rows}
		for _, w := range s.Eff.Data {
			s.Mant.Data = append(s.Mant.Data, w>>(6+s.Exp))
		}
	}
	to, err := s.goldenSynapse.lower(b.module)
	if err != nil {
		return err
	}
	if n := len(to.Weights.Data); n > 0 && b.d.Steps > maxLearned/n {
		return fmt.Errorf("%d rows of %d plastic synapses, at most %d values can be replayed", b.d.Steps, n, maxLearned)
	}
	to.Graded = b.payloads(s.Pre)
	r := s.Learning.pes()
	if s.Learning.Rule != "pes" {
		if r, err = s.Learning.rule(b.d.Case); err != nil {
			return err
		}
	}
	if s.Learning.Class == "3f" {
		for i, v := range []sem.Variable{sem.Y1, sem.Y2, sem.Y3} {
			r.Traces[v.TraceIndex()].Value = fmt.Sprintf("%s%d", third, i+1)
		}
	}
	b.module.Rules = append(b.module.Rules, r)
	to.Rule = r.Name
	if to.Tags, err = s.Tag1.tensor(to.Weights.Shape...); err != nil {
		return err
	}
	if len(s.Tag2.Data) > 0 {
		to.Delay, err = s.Tag2.tensor(to.Weights.Shape...)
	}
	b.module.Synapses = append(b.module.Synapses, to)
	b.learned, b.order = to, to.ByNumber()
	return err
}

// payloads reports whether the spikes of an input carry values.
func (b *learnBuilder) payloads(input string) bool {
	in := b.module.InputByName(input)
	return in != nil && in.Payload != (sem.Type{})
}

// probes asks for all learned variables.
func (b *learnBuilder) probes() {
	for _, v := range plasticVariables {
		b.req.Probes = append(b.req.Probes, spikes.Probe{Group: b.plastic.Name, Variable: v})
	}
	if b.plastic.Post == "scripted" {
		b.req.Probes = append(b.req.Probes, spikes.Probe{Group: "scripted", Variable: "arrived"})
	}
}

var plasticVariables = []string{"w", "t", "d", "x1", "x2", "y1", "y2", "y3"}

// compare holds the recorded arrays against the run.
func (b *learnBuilder) compare(c *comparison, rec spikes.Record[int64]) error {
	var names []string
	for name := range b.d.Expected {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if name == b.plastic.Name {
			if err := b.comparePlastic(c, rec); err != nil {
				return err
			}
			continue
		}
		var trace goldenTrace
		if err := json.Unmarshal(b.d.Expected[name], &trace); err != nil {
			return err
		}
		_, model, err := b.base.modelOf(name)
		if err != nil {
			return err
		}
		if err := c.trace(name, model, trace, rec); err != nil {
			return err
		}
	}
	return nil
}

// recordedAs says where a recorded array of a peer is found: the variable, and by how many
// rows the recording lags behind the end of our row.
var recordedAs = map[string]map[string]struct {
	variable string
	lag      int
}{
	"lava": {
		"w": {"w", 0}, "tag1": {"t", 0}, "tag2": {"d", 0}, "x1": {"x1", 0}, "x2": {"x2", 0}, "y1": {"y1", 0}, "y2": {"y2", 0}, "y3": {"y3", 0},
	},
	"brian2_loihi": {
		"w": {"w", 1}, "x1_end": {"x1", 1}, "x2_end": {"x2", 1}, "y1_end": {"y1", 1}, "y2_end": {"y2", 1}, "y3_end": {"y3", 1},
	},
	"nengo_loihi": {"trace": {"x1", 1}},
}

func (b *learnBuilder) comparePlastic(c *comparison, rec spikes.Record[int64]) error {
	var arrays map[string]nested
	if err := json.Unmarshal(b.d.Expected[b.plastic.Name], &arrays); err != nil {
		return err
	}
	compared := 0
	for name, as := range recordedAs[b.d.Peer] {
		want, ok := arrays[name]
		if !ok {
			continue
		}
		got := rec.Values[b.plastic.Name+"."+as.variable]
		if len(want) != b.d.Steps*got.N {
			return fmt.Errorf("%s has %d recorded values, the network gives %d", name, len(want), b.d.Steps*got.N)
		}
		for k := as.lag; k < b.d.Steps; k++ {
			recorded, simulated := want[k*got.N:], got.Row(k-as.lag)
			for i := range simulated {
				at := b.recordedPlace(as.variable, i)
				c.integer(k, b.plastic.Name+"."+name, at, recorded[at], simulated[i])
			}
		}
		compared++
	}
	if compared == 0 {
		return fmt.Errorf("nothing recorded of synapse %q is known", b.plastic.Name)
	}
	b.compareArrived(c, arrays["a_out"], rec)
	return b.compareEffective(c, arrays, rec)
}

// recordedPlace is where a file has value i of a probe: values of synapses are in its own
// order of them.
func (b *learnBuilder) recordedPlace(variable string, i int) int {
	v, _ := sem.ProbeOfPlastic(variable)
	if _, own := v.Target(); own || b.module.Profile.Learning().BySynapse {
		return b.order[i]
	}
	return i
}

// compareArrived compares what the open-loop target was sent.
func (b *learnBuilder) compareArrived(c *comparison, want nested, rec spikes.Record[int64]) {
	got := rec.Values["scripted.arrived"]
	for i := range min(len(want), len(got.Data)) {
		c.integer(i/got.N, b.plastic.Name+".a_out", i%got.N, want[i]<<6, got.Data[i])
	}
}

// compareEffective compares the effective weights of a PES file after its updates.
func (b *learnBuilder) compareEffective(c *comparison, arrays map[string]nested, rec spikes.Record[int64]) error {
	rows := arrays["w_eff_rows"]
	got := rec.Values[b.plastic.Name+".w"]
	if len(rows) == 0 {
		return nil
	}
	if len(arrays["w_eff"]) != len(rows)*got.N {
		return fmt.Errorf("w_eff has %d values for %d updates of %d synapses", len(arrays["w_eff"]), len(rows), got.N)
	}
	for u, k := range rows {
		for i := range got.N {
			if k < 1 || int(k) > got.Rows {
				return fmt.Errorf("update %d is in row %d of %d", u, k, got.Rows)
			}
			at := b.order[i]
			c.integer(int(k), b.plastic.Name+".w_eff", at, arrays["w_eff"][u*got.N+at], got.At(int(k)-1, i)<<(6+b.plastic.Exp))
		}
	}
	return nil
}

// nested are the integers of lists in lists, in order.
type nested []int64

func (x *nested) UnmarshalJSON(b []byte) error {
	var flat []int64
	if json.Unmarshal(b, &flat) == nil {
		*x = flat
		return nil
	}
	var rows []json.RawMessage
	if err := json.Unmarshal(b, &rows); err != nil {
		return fmt.Errorf("neither a number nor a list of integers")
	}
	*x = nil
	for _, r := range rows {
		var inner nested
		if err := inner.UnmarshalJSON(r); err != nil {
			return err
		}
		*x = append(*x, inner...)
	}
	return nil
}
