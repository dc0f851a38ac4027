package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"decc/backends/chipimage"
	"decc/chipsim"
	"decc/chipsim/image"
	"decc/chipsim/validate"
	"decc/ir"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// Board is a network that fills cores of loihi1 to the last compartment: a group for each, with FanIn synapses of 3 bits a
// compartment from the group before, the first from the last. Biases, a different one each, make about one
// compartment in a hundred spike in a row.
type Board struct {
	Cores int // a chip has 128, a board of 32 chips 4096
	FanIn int // a divisor of 1024
}

// ofCore is how many compartments a core of loihi1 has.
const ofCore = 1024

// mantissas are those that 3 bits with a sign can hold. 64 stands for 0 too, which would be no synapse.
var mantissas = [8]int32{-256, -192, -128, -64, 64, 128, 192, 64}

// Module makes the network, the same for the same board.
func (b Board) Module() (*ir.Module, error) {
	draw := rand.New(rand.NewPCG(uint64(b.Cores), uint64(b.FanIn)))
	build := ir.NewBuilder("board", sem.Silicon).At(ir.Quantised, "loihi1")
	for i := range b.Cores {
		bias := make([]int64, ofCore)
		for k := range bias {
			bias[k] = draw.Int64N(900)
		}
		name := groupName(i)
		build.Group(name, "cuba", ofCore).Param(name, "du", 2048).Param(name, "dv", 409).Param(name, "vth", 100*64).Param(name, "bias", bias...)
	}
	m, err := build.Build()
	if err != nil {
		return nil, err
	}
	for i := range b.Cores {
		m.Synapses = append(m.Synapses, b.synapses(draw, groupName((i+b.Cores-1)%b.Cores), groupName(i)))
	}
	return m, ir.Verify(m)
}

func groupName(i int) string { return fmt.Sprintf("g%d", i) }

// synapses are a matrix in blocks: every FanIn compartments take from as many.
func (b Board) synapses(draw *rand.Rand, pre, post string) *ir.Synapse {
	weights := &ir.Tensor{Type: sem.Type{Bits: 16, Signed: true}, Shape: []int{ofCore, b.FanIn, 1, 1}, Data: make([]int32, ofCore*b.FanIn)}
	bits := uint64(0)
	for i := range weights.Data {
		if i%21 == 0 { // a draw has 21 times 3 bits
			bits = draw.Uint64()
		}
		weights.Data[i] = mantissas[bits&7]
		bits >>= 3
	}
	return &ir.Synapse{
		Name: "w_" + post, Pre: pre, Post: post, Port: "drive", Format: sem.WeightFormat{Bits: 3, Exp: -4}, Weights: weights,
		Conv: &ir.Conv{In: [3]int{ofCore, 1, 1}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: ofCore / b.FanIn},
	}
}

// Scale is what a board takes.
type Scale struct {
	Cores        int   `json:"cores"`
	Compartments int64 `json:"compartments"`
	Synapses     int64 `json:"synapses"`
	// Seconds of making the module, mapping it, making the image, writing it, reading it, loading it, and of a row.
	Module float64 `json:"module_seconds"`
	Map    float64 `json:"map_seconds"`
	Lower  float64 `json:"lower_seconds"`
	Store  float64 `json:"store_seconds"`
	Load   float64 `json:"load_seconds"`
	Row    float64 `json:"row_seconds"`
	// Bytes of the image, and of memory that the loaded network and a session take.
	ImageBytes  int64 `json:"image_bytes"`
	LoadedBytes int64 `json:"loaded_bytes"`
	// Events is the synaptic events of a row, in the mean.
	Events float64 `json:"synaptic_events_a_row"`
}

// Shares divides the loaded bytes of two boards of as many cores: how many a synapse takes, and how many a compartment
// with its out-axons beside that.
func Shares(a, b Scale) (synapse, compartment float64) {
	synapse = float64(a.LoadedBytes-b.LoadedBytes) / float64(a.Synapses-b.Synapses)
	return synapse, (float64(a.LoadedBytes) - synapse*float64(a.Synapses)) / float64(a.Compartments)
}

// rowsOf is how many rows of a board are timed, after as many that are not. The first dozen are without spikes.
const rowsOf = 50

// Measure builds a board, stores its image in the folder, reads and loads it and steps it.
func (b Board) Measure(ctx context.Context, folder string, threads int, note func(string)) (Scale, error) {
	s := Scale{Cores: b.Cores, Compartments: int64(b.Cores) * ofCore, Synapses: int64(b.Cores) * ofCore * int64(b.FanIn)}
	file := filepath.Join(folder, "board.dimg")
	if err := s.build(ctx, b, file, note); err != nil {
		return s, err
	}
	return s, s.step(ctx, file, threads, note)
}

// timed tells how long a step of the measurement takes.
func timed(seconds *float64, do func() error) error {
	start := time.Now()
	err := do()
	*seconds = time.Since(start).Seconds()
	return err
}

// build makes the image and forgets everything else.
func (s *Scale) build(ctx context.Context, b Board, file string, note func(string)) error {
	var m *ir.Module
	var img *image.Image
	for _, step := range []struct {
		name    string
		seconds *float64
		do      func() error
	}{
		{"module", &s.Module, func() (err error) { m, err = b.Module(); return err }},
		{"map", &s.Map, func() (err error) { m, err = validate.Compile(ctx, m); return err }},
		{"lower", &s.Lower, func() (err error) { img, err = chipimage.Lower(ctx, m); m = nil; return err }},
		{"store", &s.Store, func() error {
			data, err := image.Encode(img)
			if err == nil {
				s.ImageBytes = int64(len(data))
				err = os.WriteFile(file, data, 0o600)
			}
			return err
		}},
	} {
		note(step.name)
		if err := timed(step.seconds, step.do); err != nil {
			return err
		}
	}
	return nil
}

// step loads the image and runs it.
func (s *Scale) step(ctx context.Context, file string, threads int, note func(string)) error {
	before := heap()
	var session *chipsim.Session
	note("load")
	if err := timed(&s.Load, func() error {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		img, err := image.Decode(file, data)
		if err != nil {
			return err
		}
		loaded, err := chipsim.Load(img)
		if err == nil {
			session = loaded.NewSession(chipsim.Options{Workers: threads})
		}
		return err
	}); err != nil {
		return err
	}
	s.LoadedBytes = heap() - before
	note("run")
	var rec spikes.Record[int64]
	run := func() (err error) {
		rec, err = session.Run(ctx, spikes.Request{Rows: rowsOf, SpikesOf: []string{}})
		return err
	}
	if err := run(); err != nil {
		return err
	}
	if err := timed(&s.Row, run); err != nil {
		return err
	}
	s.Row /= rowsOf
	s.Events = float64(rec.Counts.SynapticEvents) / rowsOf
	return nil
}
