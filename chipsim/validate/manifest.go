package validate

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"

	"decc/chipsim/stimulus"
	"decc/compiler/model"
	"decc/ir/diag"
	"decc/ir/spikes"
)

// manifest is a replay manifest: a decc model and what a chip gave for it. It is how
// a lab holds a board's recording against the simulator; testdata/replay/README.md
// describes the format.
type manifest struct {
	Replay int             `yaml:"replay"` // version, 1
	Name   string          `yaml:"name"`
	Model  string          `yaml:"model"`
	Rows   int             `yaml:"rows"`
	Inputs []manifestInput `yaml:"inputs"`
	Images *manifestImages `yaml:"images"`
	Expect []expectation   `yaml:"expect"`
}

// manifestInput makes a train of a series: element k non-zero is a spike of Index in row k.
type manifestInput struct {
	Input  string `yaml:"input"`
	Index  int32  `yaml:"index"`
	series `yaml:",inline"`
}

// manifestImages runs the network once for every image, from the reset state.
type manifestImages struct {
	Set     string `yaml:"set"`
	Encoder string `yaml:"encoder"`
	Input   string `yaml:"input"`
	Indices []int  `yaml:"indices"`
}

// expectation is one recorded thing. Exactly one of Spikes, Value, Labels, Total is set.
type expectation struct {
	Spikes string `yaml:"spikes"` // group: pairs of step and member
	Order  string `yaml:"order"`
	Lag    int32  `yaml:"lag"` // recorded step minus row, for spikes and values

	Value string `yaml:"value"` // group.variable of one member: a series over the rows
	Index int32  `yaml:"index"`

	Labels string `yaml:"labels"` // group.variable: argmax over members in the last row of each image
	Want   []int  `yaml:"want"`

	Total []string `yaml:"total"` // groups: number of their spikes over the whole replay
	Count int64    `yaml:"count"`

	series `yaml:",inline"`
}

// series is a file of numbers separated by blanks, commas or line ends. Line (from 1)
// takes one line, Column (from 1) one number of every line; 0 takes all in order.
type series struct {
	File   string `yaml:"file"`
	Line   int    `yaml:"line"`
	Column int    `yaml:"column"`
	Rows   int    `yaml:"rows"` // only the first so many; 0 is all
}

func replayManifest(ctx context.Context, path string, data []byte, o Options) (Verdict, error) {
	m, err := parseManifest(path, data)
	if err != nil {
		return Verdict{}, err
	}
	r := &manifestRun{ctx: ctx, manifest: m, dir: filepath.Dir(path), file: path, o: o}
	if err := r.load(); err != nil {
		return Verdict{}, err
	}
	if m.Images != nil {
		err = r.images()
	} else {
		err = r.once()
	}
	if err != nil {
		return Verdict{}, err
	}
	return r.c.verdict(path), nil
}

func parseManifest(path string, data []byte) (*manifest, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	var m manifest
	if err := dec.Decode(&m); err != nil {
		return nil, manifestError(path, "%v", err)
	}
	if m.Replay != 1 {
		return nil, manifestError(path, "replay: %d is not a version of the format; this decc reads 1", m.Replay)
	}
	if m.Rows < 0 || m.Rows > maxGoldenRows {
		return nil, manifestError(path, "rows: %d is outside 0..%d", m.Rows, maxGoldenRows)
	}
	for i, e := range m.Expect {
		if n := e.kinds(); n != 1 {
			return nil, manifestError(path, "expect[%d] must have one of spikes, value, labels, total; it has %d", i, n)
		}
	}
	return &m, nil
}

func (e expectation) kinds() int {
	n := hit(len(e.Total) > 0)
	for _, s := range []string{e.Spikes, e.Value, e.Labels} {
		n += hit(s != "")
	}
	return n
}

func manifestError(path, format string, args ...any) error {
	return diag.Errorf(diag.Pos{File: path}, "replay/manifest", format, args...)
}

// manifestRun is one replay at work.
type manifestRun struct {
	*manifest
	ctx    context.Context
	dir    string
	file   string
	o      Options
	net    Network
	engine Engine
	c      comparison
	totals map[string]int64
}

func (r *manifestRun) load() error {
	var err error
	if r.o.Load == nil {
		return manifestError(r.file, "manifests cannot be replayed here")
	}
	if r.net, err = r.o.Load(r.ctx, filepath.Join(r.dir, r.Model)); err != nil {
		return err
	}
	if r.Rows == 0 {
		r.Rows = r.net.Rows
	}
	if r.net.Inputs == nil {
		r.net.Inputs = map[string]spikes.Train{}
	}
	for _, in := range r.Inputs {
		values, err := r.read(in.series)
		if err != nil {
			return err
		}
		var t spikes.Train
		for k, v := range values {
			if v != 0 {
				t = append(t, spikes.Event{Row: int32(k), Index: in.Index, Payload: 1})
			}
		}
		r.net.Inputs[in.Input] = t
	}
	r.totals = map[string]int64{}
	prepared, err := Prepare(r.ctx, r.o.Engine, r.net.Module)
	if err == nil {
		r.engine = prepared()
	}
	return err
}

// probes are the observables that the expectations need.
func (r *manifestRun) probes() []spikes.Probe {
	var ps []spikes.Probe
	seen := map[string]bool{}
	for _, e := range r.Expect {
		name := e.Value + e.Labels
		group, variable, ok := cutLast(name)
		if ok && !seen[name] {
			seen[name] = true
			ps = append(ps, spikes.Probe{Group: group, Variable: variable})
		}
	}
	return ps
}

// cutLast splits group.variable at the last dot.
func cutLast(s string) (group, variable string, ok bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func (r *manifestRun) once() error {
	rec, err := r.engine.Run(r.ctx, spikes.Request{Rows: r.Rows, Inputs: r.net.Inputs, Probes: r.probes()})
	if err != nil {
		return err
	}
	for _, e := range r.Expect {
		if err := r.expect(e, rec); err != nil {
			return err
		}
	}
	return nil
}

func (r *manifestRun) expect(e expectation, rec spikes.Record[int64]) error {
	switch {
	case e.Spikes != "":
		return r.expectSpikes(e, rec)
	case e.Value != "":
		return r.expectValues(e, rec)
	case len(e.Total) > 0:
		r.c.integer(r.Rows, e.totalName(), 0, e.Count, e.total(rec))
		return nil
	}
	return manifestError(r.file, "labels need images")
}

// total counts the spikes of the groups of an expectation.
func (e expectation) total(rec spikes.Record[int64]) int64 {
	var n int64
	for _, group := range e.Total {
		n += int64(len(rec.Spikes[group]))
	}
	return n
}

func (e expectation) totalName() string { return "spikes of " + strings.Join(e.Total, "+") }

func (r *manifestRun) expectSpikes(e expectation, rec spikes.Record[int64]) error {
	data, err := r.open(e.File)
	if err != nil {
		return err
	}
	want, err := stimulus.ReadPairs(bytes.NewReader(data), e.File, e.Order)
	if err != nil {
		return err
	}
	var got spikes.Train
	for _, s := range rec.Spikes[e.Spikes] {
		if s.Row += e.Lag; int(s.Row) < r.Rows {
			got = append(got, s)
		}
	}
	r.c.spikes(e.Spikes, want, got)
	return nil
}

func (r *manifestRun) expectValues(e expectation, rec spikes.Record[int64]) error {
	want, err := r.read(e.series)
	if err != nil {
		return err
	}
	got := rec.Values[e.Value]
	if e.Index < 0 || int(e.Index) >= got.N {
		return manifestError(r.file, "%s has %d members, index %d is expected", e.Value, got.N, e.Index)
	}
	if first, last := -int(e.Lag), len(want)-1-int(e.Lag); first < 0 || last >= got.Rows {
		return diag.Errorf(diag.Pos{File: e.File}, "replay/series", "the values are those of rows %d..%d, but the replay has rows 0..%d", first, last, got.Rows-1)
	}
	for k, w := range want {
		row := k - int(e.Lag)
		r.c.integer(row, e.Value, int(e.Index), w, got.At(row, int(e.Index)))
	}
	return nil
}

// images runs every image and compares labels and totals at the end.
func (r *manifestRun) images() error {
	set, err := r.o.Images(r.Images.Set)
	if err != nil {
		return err
	}
	enc, err := stimulus.ParseEncoder(diag.Pos{File: r.file}, r.Images.Encoder, set.Size())
	if err != nil {
		return err
	}
	if set, err = set.Select(r.Images.Indices); err != nil {
		return err
	}
	for i := range set.Len() {
		train := enc.Encode(set.Image(i), set.Index[i])
		rec, err := r.engine.Run(r.ctx, spikes.Request{
			Rows: r.Rows, Probes: r.probes(), Inputs: map[string]spikes.Train{r.Images.Input: train},
		})
		if err != nil {
			return err
		}
		if err := r.image(i, rec); err != nil {
			return err
		}
	}
	for _, e := range r.Expect {
		if len(e.Total) > 0 {
			r.c.integer(set.Len(), e.totalName(), 0, e.Count, r.totals[e.totalName()])
		}
	}
	return nil
}

func (r *manifestRun) image(i int, rec spikes.Record[int64]) error {
	for _, e := range r.Expect {
		switch {
		case len(e.Total) > 0:
			r.totals[e.totalName()] += e.total(rec)
		case e.Labels != "" && i < len(e.Want):
			m := rec.Values[e.Labels]
			last := m.Row(m.Rows - 1)
			r.c.integer(i, "label", 0, int64(e.Want[i]), int64(spikes.Argmax(last)))
		default:
			return manifestError(r.file, "with images only labels (one for each image) and totals can be expected")
		}
	}
	return nil
}

// open reads a file that the manifest names, as a model would name it.
func (r *manifestRun) open(file string) ([]byte, error) {
	path, missing := model.OSFiles(r.dir).Path(file)
	if len(missing) > 0 {
		return nil, manifestError(r.file, "the environment variable %q is not set", missing[0])
	}
	return readBounded(path, maxReplayBytes)
}

// read takes a series from its file.
func (r *manifestRun) read(s series) ([]int64, error) {
	data, err := r.open(s.File)
	if err != nil {
		return nil, err
	}
	var out []int64
	for n, line := range strings.Split(string(data), "\n") {
		if s.Line > 0 && n+1 != s.Line {
			continue
		}
		values, err := s.line(n+1, line)
		if err != nil {
			return nil, err
		}
		out = append(out, values...)
	}
	if s.Rows > len(out) {
		return nil, diag.Errorf(diag.Pos{File: s.File}, "replay/series", "%d values, %d are expected", len(out), s.Rows)
	}
	if s.Rows > 0 {
		out = out[:s.Rows]
	}
	return out, nil
}

// line takes the wanted numbers of one line. A number may be written as 12 or 12.0.
func (s series) line(n int, line string) ([]int64, error) {
	fields := strings.FieldsFunc(line, func(c rune) bool { return strings.ContainsRune(" \t\r,;", c) })
	if s.Column > 0 && len(fields) > 0 {
		if s.Column > len(fields) {
			return nil, diag.Errorf(diag.At(s.File, n, 1), "replay/series", "%d columns, column %d is wanted", len(fields), s.Column)
		}
		fields = fields[s.Column-1 : s.Column]
	}
	out := make([]int64, len(fields))
	for i, f := range fields {
		v, err := integer(f)
		if err != nil {
			return nil, diag.Errorf(diag.At(s.File, n, strings.Index(line, f)+1), "replay/series", "%v", err)
		}
		out[i] = v
	}
	return out, nil
}

func integer(s string) (int64, error) {
	var v int64
	whole, frac, _ := strings.Cut(s, ".")
	if _, err := fmt.Sscanf(whole, "%d", &v); err != nil || strings.Trim(frac, "0") != "" || fmt.Sprint(v) != whole {
		return 0, fmt.Errorf("%q is not a whole number", s)
	}
	return v, nil
}
