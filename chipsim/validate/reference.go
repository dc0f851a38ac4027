package validate

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math"

	"decc/compiler/decolle"
	"decc/compiler/spiking"
	"decc/ir"
	"decc/ir/spikes"
)

// Reference is a float network that a module is held against.
type Reference interface {
	// Digest is the SHA-256, in hexadecimal, of the network's description and of the bits
	// of its parameters. The module's digest does not replace it: weights that differ by
	// less than a rounding step give the same module.
	Digest() string
	// Pupil makes a copy for one goroutine.
	Pupil() Answering
}

// Answering runs samples on a float network.
type Answering interface {
	// Answer runs a sample from the reset state. Votes and trains are by layer, noVote
	// where a layer has nothing to vote with; rows are the float steps.
	Answer(ctx context.Context, train spikes.Train, steps, burnIn int) (votes []int, trains []spikes.Train, err error)
}

// DecolleReference is a DECOLLE network, each layer of which votes by its readout.
func DecolleReference(n *decolle.Network[float64]) Reference { return decolleReference{n} }

type decolleReference struct{ net *decolle.Network[float64] }

func (r decolleReference) Pupil() Answering { return &decollePupil{net: r.net} }

// decollePupil keeps the memory of its last sample for the next one.
type decollePupil struct {
	net        *decolle.Network[float64]
	protocol   decolle.Protocol
	classifier *decolle.Classifier[float64] // of the protocol
}

func (p *decollePupil) Answer(_ context.Context, train spikes.Train, steps, burnIn int) ([]int, []spikes.Train, error) {
	if err := p.prepare(decolle.Protocol{Steps: steps, BurnIn: burnIn}); err != nil {
		return nil, nil, err
	}
	trains := make([]spikes.Train, p.net.Layers())
	verdicts, err := p.classifier.Classify(train, func(_ int, layers []decolle.View[float64]) {
		for l, v := range layers {
			trains[l] = append(trains[l], v.Spikes...)
		}
	})
	var votes []int
	for _, v := range verdicts {
		votes = append(votes, v.Vote)
	}
	return votes, trains, err
}

func (p *decollePupil) prepare(protocol decolle.Protocol) (err error) {
	if p.classifier == nil || p.protocol != protocol {
		p.protocol = protocol
		p.classifier, err = p.net.NewClassifier(protocol)
	}
	return err
}

func (r decolleReference) Digest() string {
	h := sha256.New()
	fmt.Fprintf(h, "%+v\n", r.net.Spec())
	for l := range r.net.Layers() {
		p := r.net.Parameters(l)
		writeFloats(h, p.W, p.B, p.G, p.GB)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// writeFloats writes the lengths and bits of lists of numbers.
func writeFloats(w io.Writer, lists ...[]float64) {
	for _, values := range lists {
		packed := make([]byte, 0, 8*(1+len(values)))
		packed = binary.LittleEndian.AppendUint64(packed, uint64(len(values)))
		for _, x := range values {
			packed = binary.LittleEndian.AppendUint64(packed, math.Float64bits(x))
		}
		_, _ = w.Write(packed) // a hash never fails
	}
}

// SpikingReference is a network of populations, whose layers are those of its module and
// whose samples are for the input of that name, "" for the first. Its pupils share what the
// network was made of, which must not change.
func SpikingReference(net *spiking.Network, m *ir.Module, input string) Reference {
	r := spikingReference{net: net, input: cmp.Or(input, m.Inputs[0].Name)}
	for _, l := range m.Layers {
		own := *l
		own.SpikesLag, own.ReadoutLag = 0, 0
		r.layers = append(r.layers, &own)
		if l.Readout != "" {
			r.probes = append(r.probes, spikes.Probe{Group: l.Readout, Variable: l.Value})
		}
	}
	return r
}

type spikingReference struct {
	net    *spiking.Network
	input  string
	layers []*ir.Layer
	probes []spikes.Probe
}

func (r spikingReference) Digest() string {
	h, spec := sha256.New(), r.net.Spec()
	fmt.Fprintf(h, "%q %v\n", r.input, spec.Inputs)
	for _, p := range spec.Populations {
		fmt.Fprintf(h, "%q %d %v %d\n", p.Name, p.N, p.Subtract, p.Mode)
		writeFloats(h, p.DU, p.DV, p.In, p.Gain, p.Drift, p.Threshold, p.Reset, p.Lower, p.DTheta, p.DR, p.Step)
	}
	for _, c := range spec.Connections {
		fmt.Fprintf(h, "%q %d %d %+v %v %v %v\n", c.Name, c.From, c.To, c.Conv, c.Kernel, c.Delay, c.Max)
		writeFloats(h, c.Weights, c.Bias)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (r spikingReference) Pupil() Answering {
	r.net = r.net.Clone()
	return &spikingPupil{r}
}

type spikingPupil struct{ spikingReference }

func (p *spikingPupil) Answer(ctx context.Context, train spikes.Train, steps, burnIn int) ([]int, []spikes.Train, error) {
	rec, err := p.net.Run(ctx, spikes.Request{Rows: steps, Probes: p.probes, Inputs: map[string]spikes.Train{p.input: train}})
	if err != nil {
		return nil, nil, err
	}
	var trains []spikes.Train
	for _, l := range p.layers {
		trains = append(trains, rec.Spikes[l.Spikes])
	}
	return decide(burnIn, steps, p.layers, rec), trains, nil
}
