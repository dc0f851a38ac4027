package validate

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"decc/chipsim/stimulus"
	"decc/ir"
	"decc/ir/spikes"
)

// Classification lets a network vote on recordings, each from the reset state: the class
// is what its last layer decides.
type Classification struct {
	Module  *ir.Module // with layers
	Engine  Factory
	Input   string
	Binning stimulus.Binning
	Rows    int // of a run; late layers get as many more as the last of the binning's steps needs
	List    []stimulus.Recording
	Workers int // recordings at a time; results do not depend on it
	// Weigh is that of the requests; the zero value measures nothing.
	Weigh spikes.Weighing
	// Done are outcomes of a run before, by place in List.
	Done map[int]Answer
	// Report is told every new answer, from one goroutine at a time; nil is fine.
	Report func(Answer) error
}

// Answer is what became of a recording.
type Answer struct {
	Place  int           `json:"place"` // in the list
	File   string        `json:"file"`
	Class  int           `json:"class"` // by the list, -1 for none
	Vote   int           `json:"vote"`
	Events int           `json:"events"`
	Input  LayerSpikes   `json:"input"`
	Layers []LayerSpikes `json:"layers"`
	// Counts are the spikes of each neuron of the last layer, where it has no readout.
	Counts []int         `json:"counts"`
	Work   spikes.Counts `json:"work"`
	// Busiest is that of the record.
	Busiest []spikes.CoreWork `json:"busiest,omitempty"`
}

// Number implements Kept.
func (a Answer) Number() int { return a.Place }

// Sound implements Kept.
func (a Answer) Sound(key StoreKey) error {
	if len(a.Layers) != key.Layers || a.Class < -1 || a.Vote < 0 || a.Events < 0 {
		return fmt.Errorf("%d layers, class %d, vote %d", len(a.Layers), a.Class, a.Vote)
	}
	return nil
}

// Key is that of the answers in a Store; the recordings are told apart by name and size.
func (c *Classification) Key(engine string) StoreKey {
	return StoreKey{
		ModuleDigest: ir.Digest(c.Module), Engine: engine, Encoder: fmt.Sprintf("%s: %+v", c.Input, c.Binning),
		DataDigest: RecordingSamples{c.List, c.Binning}.Digest(), Steps: c.Rows, Layers: len(c.Module.Layers), Weigh: weighText(c.Weigh),
	}
}

// LayerSpikes is the spikes of a layer in its own time, lag taken off. SHA256 is that of
// the pairs (row, member), each 32 bits little-endian, by row, then member.
type LayerSpikes struct {
	Name   string `json:"name"`
	Spikes int    `json:"spikes"`
	SHA256 string `json:"sha256"`
}

// Run answers all recordings, in the order of the list. After an error of the context the
// answers that Report has seen can be given back as Done.
func (c *Classification) Run(ctx context.Context) ([]Answer, error) {
	answers := make([]Answer, len(c.List))
	var todo []int
	for i := range c.List {
		if done, ok := c.Done[i]; ok {
			answers[i] = done
		} else {
			todo = append(todo, i)
		}
	}
	told := make(chan struct{}, 1) // one report at a time
	err := shareOut(ctx, len(todo), c.Workers, func() (func(i int) error, error) {
		engine := c.Engine()
		return func(i int) error {
			a, err := c.answer(ctx, engine, todo[i])
			if err != nil {
				return err
			}
			answers[todo[i]] = a
			if c.Report == nil {
				return nil
			}
			told <- struct{}{}
			defer func() { <-told }()
			return c.Report(a)
		}, nil
	})
	return answers, err
}

// answer runs one recording.
func (c *Classification) answer(ctx context.Context, engine Engine, place int) (Answer, error) {
	r := c.List[place]
	a := Answer{Place: place, File: r.File, Class: r.Class}
	train, events, err := c.Binning.BinFile(r)
	if err != nil {
		return a, err
	}
	steps := min(c.Binning.Steps, c.Rows)
	req := spikes.Request{Rows: max(c.Rows, steps+latest(c.Module)), Inputs: map[string]spikes.Train{c.Input: train}, Weigh: c.Weigh}
	for _, l := range c.Module.Layers {
		req.SpikesOf = append(req.SpikesOf, l.Spikes)
		if l.Readout != "" {
			req.Probes = append(req.Probes, spikes.Probe{Group: l.Readout, Variable: l.Value})
		}
	}
	rec, err := engine.Run(ctx, req)
	if err != nil {
		return a, err
	}
	a.Events, a.Work, a.Busiest, a.Input = events, rec.Counts, rec.Busiest, layerSpikes(c.Input, train)
	var own spikes.Train // of the last layer in the end
	for _, l := range c.Module.Layers {
		own = rec.Spikes[l.Spikes].Shifted(l.SpikesLag, steps)
		a.Layers = append(a.Layers, layerSpikes(l.Name, own))
	}
	last := c.Module.Layers[len(c.Module.Layers)-1]
	a.Vote = decide(0, steps, c.Module.Layers, rec)[len(c.Module.Layers)-1]
	if last.Readout == "" {
		a.Counts = make([]int, c.Module.GroupByName(last.Spikes).N)
		for _, e := range own {
			a.Counts[e.Index]++
		}
	}
	return a, nil
}

func layerSpikes(name string, train spikes.Train) LayerSpikes {
	h := sha256.New()
	var pair [8]byte
	for _, e := range train {
		binary.LittleEndian.PutUint32(pair[:4], uint32(e.Row))
		binary.LittleEndian.PutUint32(pair[4:], uint32(e.Index))
		h.Write(pair[:])
	}
	return LayerSpikes{name, len(train), hex.EncodeToString(h.Sum(nil))}
}

// Confusion counts the answers of recordings that have a class: [class][vote], square.
func Confusion(answers []Answer) (matrix [][]int, right, of int) {
	n := 0
	for _, a := range answers {
		n = max(n, a.Class+1, a.Vote+1, len(a.Counts))
	}
	matrix = make([][]int, n)
	for i := range matrix {
		matrix[i] = make([]int, n)
	}
	for _, a := range answers {
		if a.Class < 0 {
			continue
		}
		matrix[a.Class][a.Vote]++
		of++
		if a.Class == a.Vote {
			right++
		}
	}
	return matrix, right, of
}
