package decolle

import (
	"context"
	"encoding/json"
	"math"
)

// Difference is the first place where a replay leaves its record, in the order in
// which the values arise: rows; in a row the layers from below; in a layer Q, P,
// R, u, s, S, r, loss, dW, db, W, b.
type Difference struct {
	Row, Layer int
	Item       int    // batch item; -1 for values of the whole batch
	Object     string // as the file calls it, for example "u" or "dW_chk"
	Index      int    // position in the object of the item
	Got, Want  float64
	Tolerance  float64 // the greatest |Got - Want| allowed; 0 for spikes
}

// Deviation is the greatest deviation of one object over a replay, in units of its
// tolerance: 1 is the limit.
type Deviation struct {
	Object string
	Worst  float64
	Values int // numbers compared
}

// Result is the outcome of a replay.
type Result struct {
	Name       string
	DType      string // f32 or f64
	Rows       int
	Updates    int
	Spikes     int         // spikes fired by all layers, after pooling
	Deviations []Deviation // by object, in the order of Difference
	First      *Difference // nil: the replay agrees with the record
}

// ReplayGolden runs the network of a decolle-golden/1 file (golden/decolle/README.md)
// from its recorded start and compares everything that is recorded: spikes must be
// equal; other values of an f64 file must agree within 1e-9, of an f32 file within
// 2e-3 (dW, db and their checksums) or 1e-4, relative to the mean magnitude of the
// object or the value itself, whichever is greater. The run goes on after a difference
// as the network does, so that Deviations cover the whole trace. A malformed file is
// an error of code decolle/golden; a cancelled context gives its cause.
func ReplayGolden(ctx context.Context, name string, data []byte) (Result, error) {
	g, err := readGolden(name, data)
	if err != nil {
		return Result{}, err
	}
	if g.DType == "f32" {
		return replay[float32](ctx, g)
	}
	return replay[float64](ctx, g)
}

func replay[F Float](ctx context.Context, g *golden) (Result, error) {
	p, err := newPlayer[F](g)
	if err != nil {
		return Result{}, err
	}
	for t := range g.Trace {
		if ctx.Err() != nil {
			return Result{}, context.Cause(ctx)
		}
		if err := p.row(t); err != nil {
			return Result{}, err
		}
	}
	p.summary()
	return p.result(), nil
}

// player runs a recorded trace.
type player[F Float] struct {
	g       *golden
	net     *Network[F]
	learner *Learner[F]
	cmp     comparison
	shot    int // next snapshot
	updates int
	spikes  int
	minAbsU float64
	sumAbsU float64
}

func newPlayer[F Float](g *golden) (*player[F], error) {
	p := &player[F]{g: g, cmp: comparison{g: g, tolerance: tolerances[g.DType]}, minAbsU: math.Inf(1)}
	if err := p.cmp.checkParameters(); err != nil {
		return nil, err
	}
	net, err := New[F](g.spec())
	if err != nil {
		return nil, g.fail(path{"layers"}, "cannot be run: %v", err)
	}
	for l := range g.Layers {
		if err := net.SetParameters(l, p.cmp.start[l]); err != nil {
			return nil, g.fail(path{"layers", l}, "cannot be run: %v", err)
		}
	}
	o := g.Optimizer
	p.net = net
	p.learner, err = NewLearner(net, g.Batch, Optimiser(o), 0, 1)
	if err != nil {
		return nil, g.fail(path{"optimizer"}, "cannot be run: %v", err)
	}
	return p, nil
}

// row runs and compares one row.
func (p *player[F]) row(t int) error {
	recorded := p.g.Trace[t]
	mode := p.mode(t)
	if update := mode == Update; update != recorded.Update {
		return p.g.fail(path{"trace", t, "update"}, "is %v, but burnin and online_update make it %v", recorded.Update, update)
	}
	if mode == Update {
		p.updates++
	}
	losses := p.learner.Learn(p.g.rows(t), Target{Class: p.g.targets(t), Mode: mode, LR: p.g.Optimizer.LR})
	shot := p.snapshot(t)
	for l := range p.g.Layers {
		o := p.observe(l, losses[l], mode == Update)
		if err := p.compare(path{"trace", t, "layers", l}, recorded.Layers[l], requiredTrace, o); err != nil {
			return err
		}
		if shot < 0 {
			continue
		}
		if err := p.compare(path{"snapshots", shot, "layers", l}, p.g.Snapshots[shot].Layers[l], requiredSnapshot, o); err != nil {
			return err
		}
	}
	return nil
}

// compare holds an observed layer against its record.
func (p *player[F]) compare(at path, recorded map[string]json.RawMessage, must required, o observation) error {
	if err := must.check(&p.cmp, at, recorded, o["dW"] != nil); err != nil {
		return err
	}
	return p.cmp.layer(at, recorded, o)
}

func (p *player[F]) mode(t int) Mode {
	switch {
	case t < p.g.BurnIn:
		return Measure
	case p.g.OnlineUpdate || t == p.g.Steps-1:
		return Update
	}
	return Accumulate
}

// snapshot is the number of the snapshot of row t, or -1.
func (p *player[F]) snapshot(t int) int {
	if p.shot < len(p.g.Snapshots) && p.g.Snapshots[p.shot].T == t {
		p.shot++
		return p.shot - 1
	}
	return -1
}

// summary compares the two numbers that the file gives for the whole run.
func (p *player[F]) summary() {
	neurons := 0
	for _, layer := range p.net.layers {
		neurons += layer.geo.out.Size()
	}
	values := float64(neurons * p.g.Batch * p.g.Steps)
	p.cmp.number("mean_rate", 0, float64(p.spikes)/values, p.g.MeanRate)
	p.cmp.number("min_abs_u", p.sumAbsU/values, p.minAbsU, p.g.MinAbsU)
}

func (p *player[F]) result() Result {
	return Result{
		Name: p.g.Name, DType: p.g.DType, Rows: p.g.Steps, Updates: p.updates, Spikes: p.spikes,
		Deviations: p.cmp.deviations(), First: p.cmp.first,
	}
}
