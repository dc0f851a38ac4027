package image

import (
	"strings"
	"testing"

	"decc/ir/sem"
)

// Every invariant: a change that breaks it, and a word of the message.
var broken = []struct {
	name   string
	change func(img *Image)
	want   string
}{
	{"profile", func(img *Image) { img.Profile = 4 }, "semantics profile"},
	{"row duration", func(img *Image) { img.DtNanos = -1 }, "a row of -1 ns"},
	{"name", func(img *Image) { img.Name = strings.Repeat("x", maxName+1) }, "bytes in the name"},
	{"program", func(img *Image) { img.Programs[0].Code[0].Args[0] = 9 }, "not computed before"},
	{"program size", func(img *Image) { img.Programs[0].Code = make([]sem.Instr, maxCode+1) }, "instructions"},
	{"group without name", func(img *Image) { img.Groups[0].Name = "" }, "name of 0 bytes"},
	{"equal names", func(img *Image) { img.Groups[0].Name = "in" }, "two populations"},
	{"empty group", func(img *Image) { img.Groups[0].N = 0 }, "0 members"},
	{"group's program", func(img *Image) { img.Groups[0].Program = 1 }, "program 1 of 1"},
	{"reset", func(img *Image) { img.Groups[0].Reset.Offset = -1 }, "reset interval"},
	{"too many values", func(img *Image) { img.Groups[0].N = maxMembers; img.Groups[1].N = maxMembers; bigger(img) }, "need more than"},
	{"payload", func(img *Image) { img.Inputs[0].Payload.Bits = 33 }, "payloads of 33 bits"},
	{"layer's name", func(img *Image) { img.Layers[0].Name = "" }, "layer has a name"},
	{"layer's spikes", func(img *Image) { img.Layers[0].Spikes = "c" }, "which is no group"},
	{"layer's readout", func(img *Image) { img.Layers[0].Readout = "c" }, "which is no group"},
	{"layer's value", func(img *Image) { img.Layers[0].Value = "w" }, "no value of group"},
	{"join's group", func(img *Image) { img.Joins[0].To = 2 }, "of 2"},
	{"join's sizes", func(img *Image) { img.Groups[1].N = 5 }, "from 4 to 5"},
	{"join's out", func(img *Image) { img.Programs[0].Out = sem.NoRef }, "no out value"},
	{"join's port", func(img *Image) { img.Joins[0].Port = 0 }, "which is no port"},
	{"cycle", func(img *Image) { img.Joins = append(img.Joins, Join{From: 1, To: 0, Port: 1}) }, "cycle"},
	{"join across cores", func(img *Image) {
		for _, c := range img.Cores {
			c.Runs[1].First = 2 - c.Runs[1].First
		}
	}, "different cores"},
	{"core numbers", func(img *Image) { img.Cores[1].ID = 0 }, "two cores"},
	{"run's group", func(img *Image) { img.Cores[0].Runs[0].Group = -1 }, "group -1 of 2"},
	{"run's members", func(img *Image) { img.Cores[0].Runs[0].First = 3 }, "members 3..4"},
	{"run's size", func(img *Image) { img.Cores[0].Runs[0].N = 1 << 62 }, "which has 4"},
	{"params", func(img *Image) { img.Cores[0].Runs[0].Params = nil }, "0 params"},
	{"param's shape", func(img *Image) { img.Cores[0].Runs[0].Params[0] = make([]int64, 3) }, "3 values for 2"},
	{"param's type", func(img *Image) { img.Cores[0].Runs[0].Params[0][1] = 1 << 23 }, "outside s24"},
	{"formats", func(img *Image) { img.Cores[0].Formats = make([]SynapseFormat, 16) }, "16 synapse formats"},
	{"format's weight", func(img *Image) { img.Cores[0].Formats[0].Weight.Bits = 9 }, "weights of 9 bits"},
	{"compression", func(img *Image) { img.Cores[0].Formats[0].Compression = 2 }, "unknown compression"},
	{"coding", func(img *Image) { img.Cores[0].Formats[0].Coding = 3 }, "unknown weight coding"},
	{"weight field", func(img *Image) { img.Cores[0].Formats[0].WeightBits = 17 }, "weights of 17 bits"},
	{"delay field", func(img *Image) { img.Cores[0].Formats[0].DelayBits = 7 }, "delays of 7 bits"},
	{"index field", func(img *Image) { img.Cores[0].Formats[0].IndexBits = 5 }, "targets of 5 bits"},
	{"skip field", func(img *Image) { img.Cores[0].Formats[0].SkipBits = 6 }, "skips of 6 bits"},
	{"in-axon's words", func(img *Image) { img.Cores[0].InAxons[1].Words = 1 << 31 }, "in-axon 1 has words"},
	{"words", func(img *Image) {
		img.Cores[0].Words = make([]uint64, maxWords)
		img.Cores[0].InAxons = []InAxon{{Words: maxWords, Atoms: 1}, {Words: 1, Atoms: 1}}
	}, "more than 4194304 words"},
	{"no atoms", func(img *Image) { img.Cores[0].InAxons[0].Atoms = 0 }, "in-axon 0 has 0 atoms"},
	{"many atoms", func(img *Image) { img.Cores[0].InAxons[0].Atoms = MaxAtoms + 1 }, "in-axon 0 has 33 atoms"},
	{"offset", func(img *Image) { img.Cores[0].InAxons[1].Offset = MaxOffset + 1 }, "offset 256"},
	{"population's offset", func(img *Image) { img.Cores[0].InAxons[0] = InAxon{Atoms: 2, Offset: 6} }, "of populations multiples of 4"},
	{"atoms' words", func(img *Image) { img.Cores[0].InAxons[1].Atoms = 4 }, "in-axon 1 has words"},
	{"shifted target", func(img *Image) { img.Cores[0].InAxons[1].Offset = 2 }, "compartment 4 of 4"},
	{"unknown format", func(img *Image) { img.Cores[0].Words[0] |= 15 }, "format id 15"},
	{"no end mark", func(img *Image) { img.Cores[0].InAxons[0].Words = 0 }, "goes beyond"},
	{"cut entry", func(img *Image) { img.Cores[0].Words[0] |= 63 << idBits }, "goes beyond"},
	{"target", func(img *Image) { img.Cores[1].Runs = img.Cores[1].Runs[:1] }, "compartment 2 of 2"},
	{"port", func(img *Image) { img.Cores[0].Formats[0].Port = 1 }, "whose program has 1 ports"},
	{"fan's members", func(img *Image) { img.Cores[0].Fan.Start = nil }, "0 starts"},
	{"fan's order", func(img *Image) { img.Cores[0].Fan.Start[1] = 9 }, "out-axon table"},
	{"fan's axon", func(img *Image) { img.Cores[0].Fan.Axons[0].Axon = 2 }, "does not exist"},
	{"fan's atom", func(img *Image) { img.Cores[0].Fan.Axons[0].Atom = 1 }, "atom 1 of in-axon 1 of core 1, which does not exist"},
	{"input's fan", func(img *Image) { img.Inputs[0].Fan.Start = []uint32{0} }, "out-axon table"},
	{"input's axon", func(img *Image) { img.Inputs[0].Fan.Axons[0].Core = 2 }, "does not exist"},
	{"double member", func(img *Image) { img.Joins, img.Cores[1].Runs[0].First = nil, 1 }, "on two"},
	{"missing member", func(img *Image) { img.Joins, img.Groups[1].N = nil, 5 }, "member 4 is on no core"},
}

// bigger gives the program more values.
func bigger(img *Image) {
	p := &img.Programs[0]
	for range 20 {
		p.Code = append(p.Code, sem.Instr{Op: sem.OpConst})
	}
}

func TestVerifyFindsEveryBreach(t *testing.T) {
	if err := Verify(sample(t)); err != nil {
		t.Fatal(err)
	}
	for _, b := range broken {
		img := sample(t)
		b.change(img)
		err := Verify(img)
		if err == nil || !strings.Contains(err.Error(), b.want) {
			t.Errorf("%s: got %v, want %q", b.name, err, b.want)
			continue
		}
		wantCode(t, err, "image/invalid")
		if _, err := Encode(img); err == nil {
			t.Errorf("%s: a broken image is written", b.name)
		}
	}
}

// Parents follow their children; otherwise groups keep their order.
func TestGroupOrder(t *testing.T) {
	img := &Image{Groups: make([]Group, 4), Joins: []Join{{From: 3, To: 0}, {From: 2, To: 3}}}
	order, err := img.GroupOrder()
	if err != nil {
		t.Fatal(err)
	}
	at := make([]int, 4)
	for i, g := range order {
		at[g] = i
	}
	if at[3] > at[0] || at[2] > at[3] || len(order) != 4 {
		t.Errorf("order %v", order)
	}
}
