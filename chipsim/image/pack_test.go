package image

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"decc/ir/diag"
	"decc/ir/sem"
)

var mixed8 = Kind{Weight: sem.WeightFormat{Bits: 8}}

// discrete is in-axons of one atom.
func discrete(axons ...[]Part) []Atoms {
	var list []Atoms
	for _, parts := range axons {
		list = append(list, Atoms{parts})
	}
	return list
}

// Unit vectors of the chip tools' encoder (hardware.md 0.4), in bits by entry. The packer makes
// the rules, and what it writes is counted. The core is as wide as the index bits of the vectors need.
func TestEntryBitsOfTheChipTools(t *testing.T) {
	all := func(*rule) {}
	for _, c := range []struct {
		name         string
		compartments int
		compression  Compression
		offset       int32
		force        func(*rule) // what ours decides by cost
		want         []int
	}{
		{"sparse", 64, Sparse, 0, all, []int{10 + 4*(8+6)}},
		{"run length", 128, RunLength, 100, all, []int{10 + 7 + 4*(8+3)}},
		{"dense with breaks", 256, Dense, 200, all, []int{18 + 8, 18 + 16, 18 + 8}},
		{"dense with zero fill", 256, Dense, 200, func(r *rule) { r.fill = MaxSynapses }, []int{18 + 96}},
		{"sparse, 2 an entry", 64, Sparse, 0, func(r *rule) { r.most = 2 }, []int{38, 38}},
	} {
		p := packer{compartments: c.compartments, byKind: map[Kind]*layout{}}
		if err := p.add(Atoms{{rowPart(c.offset)}}); err != nil {
			t.Fatal(err)
		}
		if err := p.chooseFormats(); err != nil {
			t.Fatal(err)
		}
		r := p.kinds[0].rules[slices.Index(compressions[:], c.compression)]
		c.force(&r)
		var got []int
		r.split(p.axons[0].atoms[0][0].codes, func(s []code) { got = append(got, writtenBits(&r, s)) })
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: entries of %v bits, want %v", c.name, got, c.want)
		}
	}
}

// rowPart is the row of the public encoder tests: non-zeros at 0, 5, 6, 11.
func rowPart(offset int32) Part {
	p := Part{Kind: mixed8}
	for _, t := range []int32{0, 5, 6, 11} {
		p.Synapses = append(p.Synapses, Synapse{Target: offset + t, Mantissa: -256})
	}
	return p
}

// writtenBits is the size of the entry as it is written.
func writtenBits(r *rule, s []code) int {
	var w bitWriter
	r.write(&w, 1, s)
	return len(w.words)*wordBits - int(w.free)
}

// The skips of the run-length vector: the first index is 0 after the offset in the prefix.
func TestSkipsOfTheChipTools(t *testing.T) {
	m, err := Pack(sem.Silicon, 128, discrete([]Part{rowPart(100)}))
	if err != nil {
		t.Fatal(err)
	}
	f := m.Formats[0]
	if f.Compression != RunLength || f.SkipBits != 3 || f.IndexBits != 7 {
		t.Fatalf("format %+v", f)
	}
	r := bitReader{words: m.Words}
	r.take(headBits)
	got := []uint64{r.take(7)}
	for range 4 {
		r.take(8)
		got = append(got, r.take(3))
	}
	if want := []uint64{100, 0, 5, 1, 5}; !slices.Equal(got, want) {
		t.Errorf("offset and skips %v, want %v", got, want)
	}
}

// The extra word of the chip tools: one more where the last word has 0 or 59..63
// bits (hardware.md 1.4).
func TestExtraWordForTheEndMark(t *testing.T) {
	for bits := 1; bits <= 200; bits++ {
		var w bitWriter
		for range bits {
			w.put(1, 1)
		}
		w.put(0, endBits)
		want, rest := (bits+63)/64, bits%64
		if rest == 0 || rest >= 59 {
			want++
		}
		if len(w.words) != want {
			t.Errorf("%d bits and the end mark fill %d words, want %d", bits, len(w.words), want)
		}
	}
}

func TestIndexBits(t *testing.T) {
	for compartments, want := range map[int]uint8{0: 6, 1: 6, 64: 6, 65: 7, 128: 7, 1024: 10, 8192: 13} {
		if got := indexBits(compartments); got != want {
			t.Errorf("%d compartments: %d index bits, want %d", compartments, got, want)
		}
	}
}

func genKind(t *rapid.T) Kind {
	k := Kind{
		Weight:     sem.WeightFormat{Bits: rapid.IntRange(0, 8).Draw(t, "bits"), Exp: rapid.IntRange(sem.MinWeightExp, sem.MaxWeightExp).Draw(t, "exp"), Sign: sem.SignMode(rapid.IntRange(0, 2).Draw(t, "sign"))},
		Port:       rapid.IntRange(0, 2).Draw(t, "port"),
		Graded:     rapid.Bool().Draw(t, "graded"),
		Connection: rapid.IntRange(0, 3).Draw(t, "connection"),
	}
	if k.Weight.Bits > 0 && rapid.Bool().Draw(t, "plastic") {
		k.Plastic, k.Tagged, k.LearnsDelay = rapid.IntRange(1, 3).Draw(t, "object"), rapid.Bool().Draw(t, "tagged"), rapid.Bool().Draw(t, "learns delay")
	}
	return k
}

// genPart draws clustered and scattered targets with duplicates.
func genPart(t *rapid.T, kinds []Kind, compartments int) Part {
	part := Part{Kind: rapid.SampledFrom(kinds).Draw(t, "kind")}
	delay, step, at := rapid.IntRange(0, 63).Draw(t, "delay"), rapid.IntRange(1, 40).Draw(t, "step"), 0
	for range rapid.IntRange(0, 150).Draw(t, "n") {
		at = (at + rapid.IntRange(0, step).Draw(t, "gap")) % compartments
		s := Synapse{Target: int32(at), Mantissa: int32(rapid.IntRange(-256, 255).Draw(t, "mantissa")), Delay: int32(rapid.IntRange(0, delay).Draw(t, "d"))}
		if part.Kind.Tagged {
			s.Tag = int32(rapid.IntRange(-256, 255).Draw(t, "tag"))
		}
		part.Synapses = append(part.Synapses, s)
	}
	return part
}

// canonical is what Unpack gives for parts.
func canonical(p sem.ProfileID, parts []Part) []Part {
	var out []Part
	for _, part := range parts {
		if len(part.Synapses) == 0 {
			continue
		}
		at := slices.IndexFunc(out, func(x Part) bool { return x.Kind == part.Kind })
		if at < 0 {
			at, out = len(out), append(out, Part{Kind: part.Kind})
		}
		for _, s := range part.Synapses {
			s.Mantissa = int32(LoadWeight(part.Kind.Weight, part.Kind.storeMantissa(p, int64(s.Mantissa))))
			out[at].Synapses = append(out[at].Synapses, s)
		}
	}
	for _, part := range out {
		slices.SortStableFunc(part.Synapses, func(a, b Synapse) int { return cmp.Compare(a.Target, b.Target) })
	}
	return out
}

// TestBitsOfLearning: a tag takes 9 bits, a delay that is learned 6, whatever they are.
func TestBitsOfLearning(t *testing.T) {
	for _, c := range []struct {
		kind Kind
		want int // of an entry of one synapse
	}{
		{Kind{Weight: mixed8.Weight, Plastic: 1}, 16 + 8},
		{Kind{Weight: mixed8.Weight, Plastic: 1, Tagged: true}, 16 + 8 + 9},
		{Kind{Weight: mixed8.Weight, Plastic: 1, LearnsDelay: true}, 16 + 8 + 6},
		{Kind{Weight: mixed8.Weight, Plastic: 1, Tagged: true, LearnsDelay: true}, 16 + 8 + 6 + 9},
	} {
		m, err := Pack(sem.Silicon, 4, discrete([]Part{{Kind: c.kind, Synapses: []Synapse{{Target: 1}}}}))
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Formats[0].EntryBits(1); got != c.want {
			t.Errorf("%+v: %d bits, want %d", c.kind, got, c.want)
		}
	}
	_, err := Pack(sem.Silicon, 4, discrete([]Part{{Kind: mixed8, Synapses: []Synapse{{Tag: 1}}}}))
	if err == nil || !strings.Contains(err.Error(), "tag 1") {
		t.Errorf("a tag of a synapse that has none: %v", err)
	}
}

func TestUnpackIsPacksInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		profile := sem.ProfileID(rapid.IntRange(0, len(sem.Profiles)-1).Draw(t, "profile"))
		compartments := rapid.IntRange(1, 3000).Draw(t, "compartments")
		kinds := make([]Kind, rapid.IntRange(1, MaxFormats).Draw(t, "kinds"))
		for i := range kinds {
			kinds[i] = genKind(t)
		}
		axons := make([]Atoms, rapid.IntRange(0, 6).Draw(t, "axons"))
		for i := range axons {
			axons[i] = genAtoms(t, kinds, compartments)
		}
		if n := len(axons); n > 0 && rapid.Bool().Draw(t, "slides") {
			axons = append(axons, slid(axons[rapid.IntRange(0, n-1).Draw(t, "which")], rapid.IntRange(-300, 300).Draw(t, "by"), compartments))
		}
		m, err := Pack(profile, compartments, axons)
		if err != nil {
			t.Fatal(err)
		}
		got, err := m.Unpack()
		if err != nil {
			t.Fatal(err)
		}
		for i, atoms := range axons {
			for k := range atoms {
				if d := gocmp.Diff(canonical(profile, atoms[k]), got[i][k]); d != "" {
					t.Fatalf("axon %d, atom %d: %s", i, k, d)
				}
			}
		}
	})
}

// genAtoms draws a discrete in-axon, or a population without synapses that learn.
func genAtoms(t *rapid.T, kinds []Kind, compartments int) Atoms {
	atoms := make(Atoms, rapid.SampledFrom([]int{1, 1, 2, 5, MaxAtoms}).Draw(t, "atoms"))
	for i := range atoms {
		for range rapid.IntRange(0, 3).Draw(t, "parts") {
			if p := genPart(t, kinds, compartments); len(atoms) == 1 || p.Kind.Plastic == 0 {
				atoms[i] = append(atoms[i], p)
			}
		}
	}
	return atoms
}

// slid is the same synapses on targets shifted, but for those that leave the core.
func slid(atoms Atoms, by, compartments int) Atoms {
	moved := make(Atoms, len(atoms))
	for i, parts := range atoms {
		for _, p := range parts {
			q := Part{Kind: p.Kind}
			for _, s := range p.Synapses {
				if s.Target += int32(by); s.Target >= 0 && int(s.Target) < compartments {
					q.Synapses = append(q.Synapses, s)
				}
			}
			moved[i] = append(moved[i], q)
		}
	}
	return moved
}

// Cheapest compression by the shape of an axon.
func TestPackChoosesTheCheapestCompression(t *testing.T) {
	part := func(step, n int32) []Part {
		p := Part{Kind: mixed8}
		for i := range n {
			p.Synapses = append(p.Synapses, Synapse{Target: i * step, Mantissa: 2})
		}
		return []Part{p}
	}
	cases := []struct {
		name    string
		step, n int32
		want    Compression
	}{{"every compartment", 1, 100, Dense}, {"every ninth", 9, 100, RunLength}, {"every hundredth", 100, 10, Sparse}}
	for _, c := range cases {
		m, err := Pack(sem.Silicon, 1024, discrete(part(c.step, c.n)))
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Formats) != 1 || m.Formats[0].Compression != c.want {
			t.Errorf("%s: formats %+v, want compression %d", c.name, m.Formats, c.want)
		}
	}
}

// A synapse of weight 0 is stored as one, unlike the filler of a dense entry.
func TestZeroWeightsAreSynapses(t *testing.T) {
	part := Part{Kind: mixed8}
	for i := range int32(20) {
		part.Synapses = append(part.Synapses, Synapse{Target: i, Mantissa: i % 2 * 4})
	}
	m, err := Pack(sem.Silicon, 64, discrete([]Part{part}))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	if err := m.Walk(0, 0, func(int, Synapse) { n++ }); err != nil || n != 20 {
		t.Errorf("%d synapses come back, want 20 (%v)", n, err)
	}
}

// With many kinds a core keeps to 15 formats by one compression a kind; with more
// kinds than formats it is refused.
func TestPackKeepsToTheFormatTable(t *testing.T) {
	axons := func(kinds int) []Atoms {
		var all []Atoms
		for k := range kinds {
			kind := Kind{Weight: sem.WeightFormat{Bits: 8, Exp: k%16 - 8}, Port: k / 16}
			scattered, block := Part{Kind: kind}, Part{Kind: kind}
			for i := range int32(30) {
				scattered.Synapses = append(scattered.Synapses, Synapse{Target: i * 33, Mantissa: 2})
				block.Synapses = append(block.Synapses, Synapse{Target: i, Mantissa: 2})
			}
			all = append(all, Atoms{{scattered}}, Atoms{{block}})
		}
		return all
	}
	for kinds, want := range map[int]int{7: 14, 15: 15} {
		m, err := Pack(sem.Silicon, 1000, axons(kinds))
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Formats) != want {
			t.Errorf("%d kinds take %d formats, want %d", kinds, len(m.Formats), want)
		}
	}
	_, err := Pack(sem.Silicon, 1000, axons(16))
	wantCode(t, err, "image/formats")
}

func TestPackRefusesBadSynapses(t *testing.T) {
	for _, s := range []Synapse{{Target: 64}, {Target: -1}, {Delay: 64}, {Delay: -1}, {Mantissa: 256}, {Mantissa: -257}} {
		_, err := Pack(sem.Silicon, 64, discrete([]Part{{Kind: mixed8, Synapses: []Synapse{s}}}))
		wantCode(t, err, "image/synapse")
	}
	for _, k := range []Kind{{Weight: sem.WeightFormat{Bits: 9}}, {Weight: sem.WeightFormat{Exp: sem.MaxWeightExp + 1}}, {Weight: sem.WeightFormat{Exp: sem.MinWeightExp - 1}}, {Weight: sem.WeightFormat{Sign: 3}}, {Port: -1}, {Connection: -1}} {
		_, err := Pack(sem.Silicon, 64, discrete([]Part{{Kind: k, Synapses: []Synapse{{}}}}))
		wantCode(t, err, "image/synapse")
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	all := diag.All(err)
	if len(all) != 1 || all[0].Code != code {
		t.Errorf("got %v, want an error of code %s", err, code)
	}
	if !slices.ContainsFunc(Codes, func(c diag.CodeDoc) bool { return c.Code == code }) {
		t.Errorf("code %s is not in Codes", code)
	}
}
