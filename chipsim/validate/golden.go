package validate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"decc/ir"
	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// golden is a "golden/1" document: integer traces recorded from an emulator
// (shared golden/README.md). Only what the kinds below need is decoded.
type golden struct {
	Schema   string                 `json:"schema"`
	Peer     string                 `json:"peer"`
	Case     string                 `json:"case"`
	Kind     string                 `json:"kind"`
	Steps    int                    `json:"steps"`
	Groups   []goldenGroup          `json:"groups"`
	Inputs   []goldenInput          `json:"inputs"`
	Synapses []goldenSynapse        `json:"synapses"`
	Expected map[string]goldenTrace `json:"expected"`
	Table    []goldenWeights        `json:"table"`
	// of kind prod_neuron, [row][compartment]
	Left  [][]int64 `json:"a_in1"`
	Right [][]int64 `json:"a_in2"`

	fed feeder // what module has fed
}

type goldenGroup struct {
	Name          string `json:"name"`
	N             int    `json:"n"`
	ResetInterval int    `json:"reset_interval"`
	ResetOffset   int    `json:"reset_offset"`
	Model         string `json:"model"`
	Shape         []int  `json:"shape_xyc"`

	raw   map[string]json.RawMessage // all of it
	noise *goldenNoise               // nil for none
}

type goldenInput struct {
	Name    string    `json:"name"`
	N       int       `json:"n"`
	Events  [][]int32 `json:"events"`
	Payload []int32   `json:"payload"`
	Shape   []int     `json:"shape_xyc"`
}

type goldenSynapse struct {
	Name     string          `json:"name"`
	Pre      string          `json:"pre"`
	Post     string          `json:"post"`
	Format   string          `json:"format"`
	Sign     string          `json:"sign_mode"`
	Exp      int             `json:"weight_exp"`
	Bits     int             `json:"num_weight_bits"`
	Message  int             `json:"num_message_bits"`
	Delay    numbers         `json:"delay"`
	PreIdx   []int64         `json:"pre_idx"`
	PostIdx  []int64         `json:"post_idx"`
	Mant     numbers         `json:"w_mant"`
	Eff      numbers         `json:"w_eff"`
	AxonMap  []int           `json:"axon_map"`
	Learning json.RawMessage `json:"learning"`

	// of format conv
	Kernel   [][][][]int64 `json:"kernel_oxyi"`
	Stride   [2]int        `json:"stride"`
	Padding  [2]int        `json:"padding"`
	Dilation [2]int        `json:"dilation"`
	Groups   int           `json:"groups"`
	// of format population
	Atoms        []int       `json:"atoms"`
	AxonBase     []int64     `json:"axon_base"`
	AxonToWeight []int       `json:"axon_to_weight"`
	PopEff       [][][]int64 `json:"pop_w_eff"`
	PopIdx       [][][]int64 `json:"pop_idx"`
}

type goldenTrace struct {
	Spikes [][]int32 `json:"spikes"`
	Record []int32   `json:"record"`

	arrays map[string]json.RawMessage // all of it
}

// UnmarshalJSON keeps the arrays, which models name.
func (t *goldenTrace) UnmarshalJSON(b []byte) error {
	type plain goldenTrace
	if err := json.Unmarshal(b, (*plain)(t)); err != nil {
		return err
	}
	return json.Unmarshal(b, &t.arrays)
}

// array is a recorded array; there is none where the recording has none of that name.
func (t *goldenTrace) array(name string) (x numbers, err error) {
	if raw := t.arrays[name]; raw != nil {
		err = json.Unmarshal(raw, &x)
	}
	return x, err
}

type goldenWeights struct {
	Sign  string  `json:"sign_mode"`
	Bits  int     `json:"num_weight_bits"`
	Exp   int     `json:"weight_exp"`
	Start int64   `json:"mant_start"`
	Step  int64   `json:"mant_step"`
	Eff   []int64 `json:"w_eff"`
}

// numbers is one number, a list, or a list of equal lists, flattened row-major.
type numbers struct {
	Data   []int64
	Rows   int // 0 for a number or a flat list
	Scalar bool
}

// UnmarshalJSON accepts the three forms; anything but integers is an error.
func (x *numbers) UnmarshalJSON(b []byte) error {
	var one int64
	if json.Unmarshal(b, &one) == nil {
		*x = numbers{Data: []int64{one}, Scalar: true}
		return nil
	}
	if json.Unmarshal(b, &x.Data) == nil {
		return nil
	}
	var rows [][]int64
	if err := json.Unmarshal(b, &rows); err != nil {
		return fmt.Errorf("neither a number, nor a list, nor a matrix of integers")
	}
	*x = numbers{Rows: len(rows)}
	for i, r := range rows {
		if len(r) != len(rows[0]) {
			return fmt.Errorf("row %d of a matrix has %d numbers, row 0 has %d", i, len(r), len(rows[0]))
		}
		x.Data = append(x.Data, r...)
	}
	return nil
}

// tensor is the values as an ir tensor; empty is nil.
func (x numbers) tensor(shape ...int) (*ir.Tensor, error) {
	if len(x.Data) == 0 {
		return nil, nil
	}
	if x.Scalar {
		shape = []int{1}
	}
	n := 1
	for _, d := range shape {
		n *= d
	}
	if n != len(x.Data) {
		return nil, fmt.Errorf("%d numbers where shape %v is needed", len(x.Data), shape)
	}
	for _, v := range x.Data {
		if v != int64(int32(v)) {
			return nil, fmt.Errorf("number %d does not fit 32 bits", v)
		}
	}
	return ir.NewTensor(x.Data, shape...), nil
}

// peerProfiles maps the peer of a document to the semantics to replay it under.
var peerProfiles = map[string]sem.ProfileID{
	"brian2_loihi": sem.Brian2Loihi, "nengo_loihi": sem.NengoLoihi, "lava": sem.Lava,
}

// goldenKinds replays a document by its kind; the other kinds are unsupported.
var goldenKinds = map[string]func(ctx context.Context, g *golden, engine string) (comparison, error){
	"net":          replayNet,
	"graded":       replayNet,
	"sigma_delta":  replayNet,
	"atrlif":       replayNet,
	"prod_neuron":  replayNet,
	"weight_table": replayWeights,
}

// learnKinds replays the documents that need the learning engine.
var learnKinds = map[string]func(ctx context.Context, d *learnDoc, engine string) (comparison, error){
	"learn":       replayLearn,
	"learn_multi": replayLearnParts,
	"rule_parse":  replayRules,
	"trace_stats": replayTraces,
}

// unsupportedError is the reason why a well-formed file cannot be replayed.
type unsupportedError string

func (e unsupportedError) Error() string { return string(e) }

// maxGoldenRows bounds what a hostile file can ask for.
const maxGoldenRows = 1 << 20

func replayGolden(ctx context.Context, file string, data []byte, o Options) (Verdict, error) {
	var head struct{ Kind string }
	if err := json.Unmarshal(data, &head); err != nil {
		return Verdict{}, jsonError(file, data, err)
	}
	c, err := runGolden(ctx, file, head.Kind, data, o.Engine)
	switch reason := err.(type) {
	case nil:
		return c.verdict(file), nil
	case unsupportedError:
		return unsupported(file, "%s", reason), nil
	}
	if ctx.Err() != nil {
		return Verdict{}, ctx.Err()
	}
	if found := diag.All(err); found != nil && found[0].Code == "replay/json" {
		return Verdict{}, err
	}
	return Verdict{}, diag.Errorf(diag.Pos{File: file}, "replay/content", "%v", err)
}

// runGolden decodes a document as its kind needs it and replays it.
func runGolden(ctx context.Context, file, kind string, data []byte, engine string) (comparison, error) {
	if run := learnKinds[kind]; run != nil {
		var d learnDoc
		if err := json.Unmarshal(data, &d); err != nil {
			return comparison{}, jsonError(file, data, err)
		}
		return run(ctx, &d, engine)
	}
	if kind == "lif_float" {
		var d realDoc
		if err := json.Unmarshal(data, &d); err != nil {
			return comparison{}, jsonError(file, data, err)
		}
		return replayReal(ctx, &d, engine)
	}
	run := goldenKinds[kind]
	if run == nil {
		return comparison{}, unsupportedError(fmt.Sprintf("kind %q is not replayed yet", kind))
	}
	var g golden
	if err := json.Unmarshal(data, &g); err != nil {
		return comparison{}, jsonError(file, data, err)
	}
	return run(ctx, &g, engine)
}

// jsonError gives a decoding error its place.
func jsonError(file string, data []byte, err error) error {
	pos := diag.Pos{File: file}
	if s, ok := err.(*json.SyntaxError); ok {
		pos = diag.AtOffset(file, s.Offset)
	}
	if t, ok := err.(*json.UnmarshalTypeError); ok {
		pos = diag.AtOffset(file, t.Offset)
	}
	return diag.Errorf(pos, "replay/json", "%v", err).WithNote("the file has %d bytes", len(data))
}

func replayNet(ctx context.Context, g *golden, engine string) (comparison, error) {
	var c comparison
	if g.Steps < 0 || g.Steps > maxGoldenRows {
		return c, fmt.Errorf("%d steps, at most %d can be replayed", g.Steps, maxGoldenRows)
	}
	m, err := g.module()
	if err != nil {
		return c, err
	}
	prepared, err := Prepare(ctx, engine, m)
	if err != nil {
		return c, err
	}
	req, err := g.request()
	if err != nil {
		return c, err
	}
	rec, err := prepared().Run(ctx, req)
	if err != nil {
		return c, err
	}
	for _, name := range g.recorded() {
		if err := g.compare(&c, name, rec); err != nil {
			return c, err
		}
	}
	return c, g.effectiveWeights(&c)
}

// recorded are the groups with recorded data, in a fixed order.
func (g *golden) recorded() []string {
	var names []string
	for name := range g.Expected {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// emulatorChip has room for everything that the emulators accept.
const emulatorChip = "emulator"

// module builds the network as an ordinary module under the peer's profile.
func (g *golden) module() (*ir.Module, error) {
	profile, ok := peerProfiles[g.Peer]
	if !ok {
		return nil, unsupportedError(fmt.Sprintf("peer %q has no semantics profile", g.Peer))
	}
	m := &ir.Module{Name: "golden", Chip: emulatorChip, Profile: profile}
	for _, in := range g.Inputs {
		input := &ir.Input{Name: in.Name, N: in.N}
		if len(in.Payload) > 0 {
			input.Payload = payloadType(in.Payload)
		}
		m.Inputs = append(m.Inputs, input)
	}
	for i := range g.Groups {
		if err := g.Groups[i].lower(m, g.neuronKind()); err != nil {
			return nil, wrapReason(fmt.Sprintf("group %q", g.Groups[i].Name), err)
		}
	}
	for i := range g.Synapses {
		if err := g.Synapses[i].add(g, m); err != nil {
			return nil, wrapReason(fmt.Sprintf("synapse %q", g.Synapses[i].Name), err)
		}
	}
	if err := g.feed(m); err != nil {
		return nil, err
	}
	return m, ir.Verify(m)
}

// neuronKind is the model of groups that name none.
func (g *golden) neuronKind() string {
	if _, ok := neuronModels[g.Kind]; ok {
		return g.Kind
	}
	return "net"
}

// feed brings noise and the factors of product neurons to their groups.
func (g *golden) feed(m *ir.Module) error {
	g.fed = feeder{m, map[string]spikes.Train{}}
	for i, gg := range g.Groups {
		group := m.Groups[i]
		if gg.noise != nil {
			rows, err := gg.noise.rows(gg.N)
			if err != nil {
				return err
			}
			if err := g.fed.feed(group, "noise", rows); err != nil {
				return err
			}
		}
		if g.Kind != "prod_neuron" {
			continue
		}
		for port, rows := range map[string][][]int64{"a": g.Left, "b": g.Right} {
			if err := g.fed.feed(group, port, rows); err != nil {
				return err
			}
		}
	}
	return nil
}

func wrapReason(where string, err error) error {
	if reason, ok := err.(unsupportedError); ok {
		return unsupportedError(where + ": " + string(reason))
	}
	return fmt.Errorf("%s: %w", where, err)
}

// synapseFormats lowers the formats that are networks of plain synapses.
var synapseFormats = map[string]func(s goldenSynapse, pre, post int, to *ir.Synapse) error{
	"dense":      goldenSynapse.dense,
	"list":       goldenSynapse.list,
	"population": func(s goldenSynapse, pre, post int, to *ir.Synapse) error { return s.population(pre, post, to) },
}

// add lowers a connection; a convolution becomes two.
func (s *goldenSynapse) add(g *golden, m *ir.Module) error {
	if s.Format == "conv" {
		return s.conv(g, m)
	}
	synapse, err := s.lower(m)
	if err == nil {
		m.Synapses = append(m.Synapses, synapse)
	}
	return err
}

func (s goldenSynapse) lower(m *ir.Module) (*ir.Synapse, error) {
	if len(s.Learning) > 0 && string(s.Learning) != "null" {
		return nil, unsupportedError("learning")
	}
	lower := synapseFormats[s.Format]
	if lower == nil {
		return nil, unsupportedError(fmt.Sprintf("format %q", s.Format))
	}
	format, err := weightFormat(s.Sign, s.Bits, s.Exp)
	if err != nil {
		return nil, err
	}
	pre, okPre := m.SourceSize(s.Pre)
	post, okPost := m.SourceSize(s.Post)
	if !okPre || !okPost {
		return nil, fmt.Errorf("connects %q to %q, which the file does not declare", s.Pre, s.Post)
	}
	to := &ir.Synapse{Name: s.Name, Pre: s.Pre, Post: s.Post, Port: "drive", Format: format, Graded: s.Message > 0}
	if err := lower(s, pre, post, to); err != nil {
		return nil, err
	}
	to.Delay, err = s.Delay.tensor(to.Weights.Shape...)
	return to, err
}

func weightFormat(sign string, bits, exp int) (sem.WeightFormat, error) {
	i := slices.Index(sem.SignNames[:], sign)
	if i < 0 {
		return sem.WeightFormat{}, fmt.Errorf("sign mode %q", sign)
	}
	return sem.WeightFormat{Bits: bits, Exp: exp, Sign: sem.SignMode(i)}, nil
}

// dense takes the columns of the sources: axon_map[pre] where there is one.
func (s goldenSynapse) dense(pre, post int, to *ir.Synapse) error {
	if s.Mant.Rows != post || post == 0 {
		return fmt.Errorf("w_mant has %d rows for %d compartments", s.Mant.Rows, post)
	}
	columns := len(s.Mant.Data) / post
	axon := s.AxonMap
	if axon == nil {
		axon = make([]int, pre)
		for i := range axon {
			axon[i] = i
		}
	}
	if len(axon) != pre {
		return fmt.Errorf("axon_map has %d entries for %d sources", len(axon), pre)
	}
	w := make([]int64, pre*post)
	for j, a := range axon {
		if a >= columns {
			return fmt.Errorf("source %d uses axon %d of %d", j, a, columns)
		}
		for i := 0; a >= 0 && i < post; i++ {
			w[i*pre+j] = s.Mant.Data[i*columns+a]
		}
	}
	t, err := numbers{Data: w}.tensor(post, pre)
	to.Weights = t
	return err
}

func (s goldenSynapse) list(_, _ int, to *ir.Synapse) error {
	n := len(s.Mant.Data)
	if len(s.PreIdx) != n || len(s.PostIdx) != n || n == 0 {
		return fmt.Errorf("%d mantissas for %d sources and %d targets", n, len(s.PreIdx), len(s.PostIdx))
	}
	ends := make([]int64, 0, 2*n)
	for i := range n {
		ends = append(ends, s.PreIdx[i], s.PostIdx[i])
	}
	var err error
	if to.PrePost, err = (numbers{Data: ends}).tensor(n, 2); err != nil {
		return err
	}
	to.Weights, err = numbers{Data: s.Mant.Data}.tensor(n)
	return err
}

// request asks for what the file recorded.
func (g *golden) request() (spikes.Request, error) {
	req := spikes.Request{Rows: g.Steps, Inputs: map[string]spikes.Train{}}
	for _, in := range g.Inputs {
		train := make(spikes.Train, len(in.Events))
		for i, e := range in.Events {
			if len(e) != 2 {
				return req, fmt.Errorf("event %d of input %q has %d numbers, not 2", i, in.Name, len(e))
			}
			train[i] = spikes.Event{Row: e[0], Index: e[1], Payload: 1}
			if i < len(in.Payload) {
				train[i].Payload = in.Payload[i]
			}
		}
		train.Sort()
		req.Inputs[in.Name] = train
	}
	for name, train := range g.fed.trains {
		req.Inputs[name] = train
	}
	for _, name := range g.recorded() {
		_, model, err := g.modelOf(name)
		if err != nil {
			return req, err
		}
		for _, r := range model.recorded {
			req.Probes = append(req.Probes, spikes.Probe{Group: name, Variable: r[1], Members: g.Expected[name].Record})
		}
	}
	return req, nil
}

// modelOf is the model of a group.
func (g *golden) modelOf(group string) (string, neuronModel, error) {
	for i := range g.Groups {
		if g.Groups[i].Name == group {
			return g.Groups[i].model(g.neuronKind())
		}
	}
	return "", neuronModel{}, fmt.Errorf("there are recorded values of %q, which is no group", group)
}

// compare holds what was recorded of a group against the run.
func (g *golden) compare(c *comparison, name string, rec spikes.Record[int64]) error {
	_, model, err := g.modelOf(name)
	if err != nil {
		return err
	}
	return c.trace(name, model, g.Expected[name], rec)
}

// trace compares one group.
func (c *comparison) trace(name string, model neuronModel, want goldenTrace, rec spikes.Record[int64]) error {
	for _, r := range model.recorded {
		values, err := want.array(r[0])
		if err != nil {
			return fmt.Errorf("%s.%s: %w", name, r[0], err)
		}
		got := rec.Values[name+"."+r[1]]
		if len(values.Data) != len(got.Data) {
			return fmt.Errorf("%s.%s has %d recorded values, the network gives %d", name, r[0], len(values.Data), len(got.Data))
		}
		c.values(name+"."+r[0], values.Data, got, want.Record)
	}
	if _, ok := want.arrays["spikes"]; !ok {
		return nil
	}
	recorded := make(spikes.Train, 0, len(want.Spikes))
	for i, e := range want.Spikes {
		if len(e) != 2 {
			return fmt.Errorf("spike %d of %q has %d numbers, not 2", i, name, len(e))
		}
		recorded = append(recorded, spikes.Event{Row: e[0], Index: e[1]})
	}
	if model.signs {
		if err := c.signs(name, recorded, want, rec.Spikes[name]); err != nil {
			return err
		}
	}
	recorded.Sort()
	c.spikes(name, recorded, rec.Spikes[name])
	return nil
}

// signs compares the payloads that are listed with the spikes.
func (c *comparison) signs(name string, recorded spikes.Train, want goldenTrace, got spikes.Train) error {
	payloads, err := want.array("payload")
	if err != nil || len(payloads.Data) != len(recorded) {
		return fmt.Errorf("%s has %d payloads for %d spikes", name, len(payloads.Data), len(recorded))
	}
	sent := map[[2]int32]int64{}
	for _, e := range got {
		sent[[2]int32{e.Row, e.Index}] = int64(e.Payload)
	}
	for i, e := range recorded {
		if x, ok := sent[[2]int32{e.Row, e.Index}]; ok {
			c.integer(int(e.Row), name+".payload", int(e.Index), payloads.Data[i], x)
		}
	}
	return nil
}

func (c *comparison) values(object string, want []int64, got spikes.Matrix[int64], members []int32) {
	for i, w := range want {
		row, index := i/got.N, i%got.N
		if members != nil {
			index = int(members[index])
		}
		c.integer(row, object, index, w, got.Data[i])
	}
}

// spikes compares two sorted trains by row and index.
func (c *comparison) spikes(object string, want, got spikes.Train) {
	i, j := 0, 0
	for i < len(want) || j < len(got) {
		c.compared++
		switch {
		case j == len(got) || i < len(want) && earlier(want[i], got[j]):
			c.note(Difference{int(want[i].Row), object, int(want[i].Index), "spike", "none"})
			i++
		case i == len(want) || earlier(got[j], want[i]):
			c.note(Difference{int(got[j].Row), object, int(got[j].Index), "none", "spike"})
			j++
		default:
			i, j = i+1, j+1
		}
	}
}

func earlier(a, b spikes.Event) bool {
	return a.Row < b.Row || a.Row == b.Row && a.Index < b.Index
}

// effectiveWeights compares the recorded effective weights with the profile's
// (they are in the file where the exponent does not wait for the sum).
func (g *golden) effectiveWeights(c *comparison) error {
	for _, s := range g.Synapses {
		if len(s.Eff.Data) == 0 {
			continue
		}
		if len(s.Eff.Data) != len(s.Mant.Data) {
			return fmt.Errorf("synapse %q has %d mantissas and %d effective weights", s.Name, len(s.Mant.Data), len(s.Eff.Data))
		}
		f, err := weightFormat(s.Sign, s.Bits, s.Exp)
		if err != nil {
			return err
		}
		for i, m := range s.Mant.Data {
			c.integer(0, s.Name+".w_eff", i, s.Eff.Data[i], sem.Profiles[peerProfiles[g.Peer]].Weight(f, m))
		}
	}
	return nil
}

func replayWeights(_ context.Context, g *golden, _ string) (comparison, error) {
	var c comparison
	profile, ok := peerProfiles[g.Peer]
	if !ok {
		return c, unsupportedError(fmt.Sprintf("peer %q has no semantics profile", g.Peer))
	}
	for k, row := range g.Table {
		f, err := weightFormat(row.Sign, row.Bits, row.Exp)
		if err != nil {
			return c, fmt.Errorf("table row %d: %w", k, err)
		}
		for i, want := range row.Eff {
			c.integer(k, "weight table", i, want, sem.Profiles[profile].Weight(f, row.Start+int64(i)*row.Step))
		}
	}
	return c, nil
}
