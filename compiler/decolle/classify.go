package decolle

import "decc/ir/spikes"

// Protocol is how a digit is presented for classification: Steps rows from rest,
// dropout off, of which the first BurnIn are not counted.
type Protocol struct {
	Steps, BurnIn int
	Workers       int // goroutines of Evaluate; 0 means 1; no influence on results
}

// Validate reports fields out of range as a diag.List of code decolle/spec.
func (p Protocol) Validate() error {
	c := checker{code: codeSpec}
	c.count("steps", p.Steps, 1, maxRows)
	c.count("burnin", p.BurnIn, 0, p.Steps-1)
	c.count("workers", p.Workers, 0, maxWorkers)
	return c.list.Err()
}

// LayerVerdict is what one layer makes of a digit.
type LayerVerdict struct {
	Votes   []int        // by class: counted rows in which its readout was the largest
	Sums    []float64    // by class: sum of the readout over the counted rows
	Vote    int          // class with most votes
	Summed  int          // class with the largest sum
	Spikes  int          // spikes of its neurons in all rows
	Counted int          // spikes of its neurons in the counted rows
	Train   spikes.Train // those of all rows; only a Reader gives it
}

// Observer sees every row of a presentation. The views belong to the run and are
// valid until the observer returns.
type Observer[F Float] func(row int, layers []View[F])

// Classify presents one digit and returns the verdict of every layer; the last
// layer's is the classifier's. A tie, in a row or between votes or sums, goes to the
// lowest class (data/checkpoints/README.md). observe may be nil. A train that does
// not fit the network is an error of code decolle/data.
func (n *Network[F]) Classify(train spikes.Train, p Protocol, observe Observer[F]) ([]LayerVerdict, error) {
	c, err := n.NewClassifier(p)
	if err != nil {
		return nil, err
	}
	return c.Classify(train, observe)
}

// Classifier presents one digit after the other on memory of its own: it is for one goroutine.
type Classifier[F Float] struct {
	batch    *Batch[F]
	protocol Protocol
}

// NewClassifier makes a classifier of the network as it is now and will be. The error is a diag.List of code decolle/spec.
func (n *Network[F]) NewClassifier(p Protocol) (*Classifier[F], error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return &Classifier[F]{n.NewBatch(1), p}, nil
}

// Classify is Network.Classify with the classifier's protocol.
func (c *Classifier[F]) Classify(train spikes.Train, observe Observer[F]) ([]LayerVerdict, error) {
	if err := c.batch.net.checkTrain(0, train); err != nil {
		return nil, err
	}
	return c.batch.classify(train, c.protocol, observe), nil
}

// classify presents a checked train to item 0.
func (b *Batch[F]) classify(train spikes.Train, p Protocol, observe Observer[F]) []LayerVerdict {
	b.Reset()
	out := newVerdicts(len(b.cells), b.net.spec.Classes)
	views := b.Views(0)
	row := make([]spikes.Train, 1)
	for t, in := range train.Rows(p.Steps) {
		row[0] = in
		b.Step(row)
		for l := range out {
			views[l] = b.View(l, 0)
			count(&out[l], views[l], t >= p.BurnIn)
		}
		if observe != nil {
			observe(t, views)
		}
	}
	decide(out)
	return out
}

func newVerdicts(layers, classes int) []LayerVerdict {
	out := make([]LayerVerdict, layers)
	for l := range out {
		out[l].Votes, out[l].Sums = make([]int, classes), make([]float64, classes)
	}
	return out
}

// decide takes the classes from the counts.
func decide(out []LayerVerdict) {
	for l := range out {
		out[l].Vote, out[l].Summed = spikes.Argmax(out[l].Votes), spikes.Argmax(out[l].Sums)
	}
}

// count takes one row into a verdict.
func count[F Float](v *LayerVerdict, view View[F], counted bool) {
	v.Spikes += len(view.Spikes)
	if !counted {
		return
	}
	v.Counted += len(view.Spikes)
	v.Votes[spikes.Argmax(view.Readout)]++
	for c, r := range view.Readout {
		v.Sums[c] += float64(r)
	}
}
