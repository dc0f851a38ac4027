package image

import (
	"errors"
	"fmt"
	"slices"

	"decc/ir/diag"
	"decc/ir/sem"
)

// Bounds of what an image may ask of a machine; far above any chip.
const (
	maxCores    = 1 << 16
	maxObjects  = 1 << 16 // groups, inputs, programs, joins, layers, connections
	maxMembers  = 1 << 24 // of a group or input
	maxFields   = 256     // of a program
	maxCode     = 4096    // instructions of a program
	maxName     = 256     // bytes
	maxElements = 1 << 26 // of one metadata list
	maxWords    = 1 << 22 // of a core, counted once for each in-axon that reads them
	// maxSlots bounds the values that all programs work on together: 2 GiB.
	maxSlots = 1 << 28
)

// Verify checks every invariant of an image; what it passes can be loaded and run
// without further checks. The error is a *diag.Diagnostic.
func Verify(img *Image) error {
	core, err := verify(img)
	switch {
	case err == nil:
		return nil
	case core < 0:
		return diag.Errorf(diag.Pos{}, "image/invalid", "%v", err)
	}
	return diag.Errorf(diag.Pos{}, "image/invalid", "core %d: %v", img.Cores[core].ID, err)
}

// verify returns the first violated invariant and the index of its core, -1 for
// what belongs to no core.
func verify(img *Image) (core int, err error) {
	checks := []func(*Image) error{checkHeader, checkPrograms, checkPopulations, checkLayers, checkJoins, checkPlastic}
	for _, check := range checks {
		if err := check(img); err != nil {
			return -1, err
		}
	}
	for i, c := range img.Cores {
		if err := checkCore(img, c); err != nil {
			return i, err
		}
	}
	whole := []func(*Image) error{checkCores, checkFanouts, checkCover, checkLocalJoins, checkPlasticAxons}
	for _, check := range whole {
		if err := check(img); err != nil {
			return -1, err
		}
	}
	return -1, nil
}

func checkHeader(img *Image) error {
	sizes := []struct {
		what  string
		n, hi int
	}{
		{"cores", len(img.Cores), maxCores},
		{"programs", len(img.Programs), maxObjects},
		{"inputs", len(img.Inputs), maxObjects},
		{"groups", len(img.Groups), maxObjects},
		{"layers", len(img.Layers), maxObjects},
		{"joins", len(img.Joins), maxObjects},
		{"bytes in the name", len(img.Name), maxName},
		{"bytes in the chip's name", len(img.Chip), maxName},
		{"bytes in the module's digest", len(img.ModuleDigest), maxName},
	}
	for _, s := range sizes {
		if s.n > s.hi {
			return fmt.Errorf("%d %s, at most %d", s.n, s.what, s.hi)
		}
	}
	if int(img.Profile) >= len(sem.Profiles) {
		return fmt.Errorf("semantics profile %d of %d", img.Profile, len(sem.Profiles))
	}
	if img.DtNanos < 0 {
		return fmt.Errorf("a row of %d ns", img.DtNanos)
	}
	return nil
}

func checkPrograms(img *Image) error {
	for i := range img.Programs {
		p := &img.Programs[i]
		if len(p.Fields) > maxFields || len(p.Code) > maxCode {
			return fmt.Errorf("program %d has %d fields and %d instructions, at most %d and %d", i, len(p.Fields), len(p.Code), maxFields, maxCode)
		}
		if err := p.Check(); err != nil {
			return err
		}
	}
	return nil
}

func checkPopulations(img *Image) error {
	seen, values := map[string]bool{}, 0
	for _, in := range img.Inputs {
		if err := checkPopulation(seen, in.Name, in.N); err != nil {
			return err
		}
		if in.Payload.Bits > 32 {
			return fmt.Errorf("input %q has payloads of %d bits, at most 32", in.Name, in.Payload.Bits)
		}
	}
	for _, g := range img.Groups {
		if err := checkPopulation(seen, g.Name, g.N); err != nil {
			return err
		}
		if err := checkGroup(img, g); err != nil {
			return fmt.Errorf("group %q has %w", g.Name, err)
		}
		if values += g.N * img.Programs[g.Program].Slots(); values > maxSlots {
			return fmt.Errorf("the programs of all groups need more than %d values", maxSlots)
		}
	}
	return nil
}

func checkPopulation(seen map[string]bool, name string, n int) error {
	switch {
	case name == "" || len(name) > maxName:
		return fmt.Errorf("a population has a name of %d bytes", len(name))
	case seen[name]:
		return fmt.Errorf("two populations have the name %q", name)
	case n < 1 || n > maxMembers:
		return fmt.Errorf("%q has %d members, allowed is 1..%d", name, n, maxMembers)
	}
	seen[name] = true
	return nil
}

func checkGroup(img *Image, g Group) error {
	switch {
	case g.Program < 0 || g.Program >= len(img.Programs):
		return fmt.Errorf("program %d of %d", g.Program, len(img.Programs))
	case g.Reset.Interval < 0 || g.Reset.Offset < 0:
		return fmt.Errorf("reset interval %d, offset %d", g.Reset.Interval, g.Reset.Offset)
	}
	return nil
}

// group finds a group by name, or returns -1.
func (img *Image) group(name string) int {
	return slices.IndexFunc(img.Groups, func(g Group) bool { return g.Name == name })
}

func checkLayers(img *Image) error {
	for _, l := range img.Layers {
		readout := img.group(l.Readout)
		switch {
		case l.Name == "" || len(l.Name) > maxName:
			return fmt.Errorf("a layer has a name of %d bytes", len(l.Name))
		case l.Spikes != "" && img.group(l.Spikes) < 0:
			return fmt.Errorf("layer %q has its spikes in %q, which is no group", l.Name, l.Spikes)
		case l.Readout != "" && readout < 0:
			return fmt.Errorf("layer %q has its readout in %q, which is no group", l.Name, l.Readout)
		case readout >= 0 && img.Programs[img.Groups[readout].Program].Observable(l.Value) == sem.NoRef:
			return fmt.Errorf("layer %q reads %q, which is no value of group %q", l.Name, l.Value, l.Readout)
		}
	}
	return nil
}

func checkJoins(img *Image) error {
	for i, j := range img.Joins {
		n := len(img.Groups)
		if j.From < 0 || j.From >= n || j.To < 0 || j.To >= n {
			return fmt.Errorf("join %d is from group %d to group %d of %d", i, j.From, j.To, n)
		}
		from, to := img.Groups[j.From], img.Groups[j.To]
		fields := img.Programs[to.Program].Fields
		switch {
		case from.N != to.N:
			return fmt.Errorf("join %d is from %d to %d compartments", i, from.N, to.N)
		case img.Programs[from.Program].Out == sem.NoRef:
			return fmt.Errorf("join %d is from group %q, whose program has no out value", i, from.Name)
		case j.Port < 0 || j.Port >= len(fields) || fields[j.Port].Kind != sem.Port:
			return fmt.Errorf("join %d is to field %d of group %q, which is no port", i, j.Port, to.Name)
		}
	}
	_, err := img.GroupOrder()
	return err
}

var errCycle = errors.New("the joins form a cycle")

// GroupOrder lists the groups so that every join's From comes before its To, and
// otherwise in their own order.
func (img *Image) GroupOrder() ([]int, error) {
	feeds := make([][]int, len(img.Groups))
	waits := make([]int, len(img.Groups))
	for _, j := range img.Joins {
		feeds[j.From] = append(feeds[j.From], j.To)
		waits[j.To]++
	}
	var order, ready []int
	for g := range img.Groups {
		if waits[g] == 0 {
			ready = append(ready, g)
		}
	}
	for len(ready) > 0 {
		g := ready[0]
		ready = ready[1:]
		order = append(order, g)
		for _, to := range feeds[g] {
			if waits[to]--; waits[to] == 0 {
				ready = append(ready, to)
			}
		}
	}
	if len(order) < len(img.Groups) {
		return nil, errCycle
	}
	return order, nil
}
