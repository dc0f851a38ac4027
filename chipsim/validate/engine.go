package validate

import (
	"context"

	"decc/backends/chipimage"
	"decc/backends/llvm"
	"decc/chipsim"
	"decc/chipsim/image"
	"decc/compiler/passes"
	"decc/ir"
	"decc/ir/chip"
	"decc/ir/diag"
	"decc/ir/interp"
	"decc/ir/spikes"
)

// Engine executes one network with the chip's integers. An Engine is used by one
// goroutine at a time; all engines give the same spikes, values and counts (the
// counts of axons and hops exist only where there are cores).
type Engine interface {
	Run(ctx context.Context, req spikes.Request) (spikes.Record[int64], error)
}

// Factory makes engines of one network that share what does not change.
type Factory func() Engine

// engines is the table of engines by name; the first is the default.
var engines = []struct {
	name    string
	doc     string
	prepare func(ctx context.Context, m *ir.Module, threads int) (Factory, error)
}{
	{"chip", "the chip simulator on the compiled image", prepareChip},
	{"interp", "the golden interpreter of the module", prepareInterp},
	{"native", "the module as a program of its own, compiled by LLVM", prepareNative},
}

// EngineNames lists the engines, the default first.
func EngineNames() []string {
	names := make([]string, len(engines))
	for i, e := range engines {
		names[i] = e.name
	}
	return names
}

// Prepare makes the named engine ready for a verified module; "" is the default.
func Prepare(ctx context.Context, name string, m *ir.Module) (Factory, error) {
	return PrepareFor(ctx, name, m, 1)
}

// PrepareFor lets every engine have several goroutines, where it can use them: for one long run, where Prepare is for many
// at once.
func PrepareFor(ctx context.Context, name string, m *ir.Module, threads int) (Factory, error) {
	for _, e := range engines {
		if e.name == name || name == "" {
			return e.prepare(ctx, m, threads)
		}
	}
	d := diag.Errorf(diag.Pos{}, "run/unknown-engine", "there is no engine %q", name)
	if near, ok := diag.Nearest(name, EngineNames()); ok {
		d.WithFix("did you mean %q?", near)
	}
	return nil, d
}

func prepareInterp(_ context.Context, m *ir.Module, _ int) (Factory, error) {
	return func() Engine { return interp.New[int64](m) }, nil
}

func prepareNative(ctx context.Context, m *ir.Module, _ int) (Factory, error) {
	n, err := llvm.Build(ctx, m)
	if err != nil {
		return nil, err
	}
	return func() Engine { return n.Engine() }, nil
}

// fallbackChip runs modules that name no chip.
const fallbackChip = "loihi2"

// prepareChip compiles what is not routed yet and takes the image through its own
// bytes: the simulator sees nothing else.
func prepareChip(ctx context.Context, m *ir.Module, threads int) (Factory, error) {
	routed, err := Compile(ctx, m)
	if err != nil {
		return nil, err
	}
	return fromModule(ctx, routed, threads)
}

// Compile takes a module to the stage routed for its chip (loihi2 if it names none).
func Compile(ctx context.Context, m *ir.Module) (*ir.Module, error) {
	if m.Stage == ir.Routed {
		return m, nil
	}
	name := m.Chip
	if name == "" {
		name = fallbackChip
	}
	spec, err := chip.Load(name)
	if err != nil {
		return nil, err
	}
	pipeline := passes.Default(spec)
	res, err := pipeline.Run(ctx, m)
	return res.Module, err
}

// fromModule makes a chip engine of a routed module.
func fromModule(ctx context.Context, m *ir.Module, threads int) (Factory, error) {
	img, err := chipimage.Lower(ctx, m)
	if err != nil {
		return nil, err
	}
	data, err := image.Encode(img)
	if err != nil {
		return nil, err
	}
	return fromImage(m.Name, data, threads)
}

// FromImage makes a chip engine of the bytes of an image file.
func FromImage(name string, data []byte) (Factory, error) { return fromImage(name, data, 1) }

func fromImage(name string, data []byte, threads int) (Factory, error) {
	img, err := image.Decode(name, data)
	if err != nil {
		return nil, err
	}
	c, err := chipsim.Load(img)
	if err != nil {
		return nil, err
	}
	return func() Engine { return c.NewSession(chipsim.Options{Workers: threads}) }, nil
}
