package chip

import (
	"slices"
	"strings"
	"testing"

	"decc/ir/diag"
)

func builtin(t *testing.T, name string) *Spec {
	t.Helper()
	s, err := Builtin(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEveryLimitOfTheEmbeddedProfilesHasUnitAndSource(t *testing.T) {
	for _, name := range Names() {
		s := builtin(t, name)
		if s.Name != name || s.Doc == "" {
			t.Errorf("%s calls itself %q (%q)", name, s.Name, s.Doc)
		}
		limits := s.Limits()
		if len(limits) != len(rows) {
			t.Fatalf("%s has %d limits, want %d", name, len(limits), len(rows))
		}
		for i, l := range limits {
			if l.Name != rows[i].name || l.Unit == "" || strings.HasSuffix(l.Source, ".yaml") {
				t.Errorf("%s: row %d is %+v, want %s with unit and source", name, i, l, rows[i].name)
			}
			if got := *rows[i].field(s); int64(got) != l.Value {
				t.Errorf("%s: field of %s is %d, row says %d", name, l.Name, got, l.Value)
			}
		}
	}
}

// The published numbers that the mapping depends on most (hardware.md 1.2, 2).
func TestPublishedLimits(t *testing.T) {
	one, two := builtin(t, "loihi1"), builtin(t, "loihi2")
	for _, c := range []struct {
		what      string
		got, want int
	}{
		{"loihi1 compartments", one.Compartments, 1024},
		{"loihi1 synaptic words", one.SynapticWords, 16384},
		{"loihi1 in-axons", one.InAxons, 4096},
		{"loihi1 accumulators at 64 slots", one.Accumulators / DelaySlots(62), 128},
		{"loihi1 accumulators at 8 slots", one.Accumulators / DelaySlots(6), 1024},
		{"loihi1 largest threshold", int(one.MaxThreshold()), 131071 * 64},
		{"loihi1 neuro cores", one.TilesX * one.TilesY * one.CoresPerTile, 128},
		{"loihi2 compartments", two.Compartments, 8192},
		{"loihi2 state bytes", two.StateBytes, 4096},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", c.what, c.got, c.want)
		}
	}
	if one.RunsAny() || !two.RunsAny() || one.HasWeightBits(7) || !one.HasWeightBits(8) {
		t.Error("programs or weight widths are not those of the chips")
	}
}

func TestCostsHaveUnitsAndSources(t *testing.T) {
	for _, name := range []string{"loihi1", "loihi2"} {
		costs := builtin(t, name).Costs()
		for _, c := range costs {
			if c.Value <= 0 || !slices.Contains([]string{"pJ", "ns", "mW"}, c.Unit) || c.Source == "" {
				t.Errorf("%s: row %+v", name, c)
			}
			if assumed := strings.HasPrefix(c.Source, "assumed"); assumed != (name == "loihi2" && c.Set != "boards") {
				t.Errorf("%s: row %+v; nothing of an operation of Loihi 2 is published, all of Loihi 1 is", name, c)
			}
		}
		if len(costs) == 0 {
			t.Errorf("%s has no costs", name)
		}
	}
	if len(builtin(t, "emulator").Costs()) != 0 {
		t.Error("the emulators are no chip")
	}
}

func TestKeptFallsBackToOther(t *testing.T) {
	one, two := builtin(t, "loihi1"), builtin(t, "loihi2")
	for param, want := range map[string]Kept{"bias": KeptCompartment, "vth": KeptVthProfile, "du": KeptCxProfile, "vmin": KeptCore} {
		if got := one.Kept(param); got != want {
			t.Errorf("loihi1 keeps %s in %s, want %s", param, got, want)
		}
		if got := two.Kept(param); got != KeptCompartment {
			t.Errorf("loihi2 keeps %s in %s", param, got)
		}
	}
}

func TestDelaySlotsHoldEveryRowInFlight(t *testing.T) {
	for delay := range 63 {
		n := DelaySlots(delay)
		if n&(n-1) != 0 || n < delay+2 || n/2 >= delay+2 {
			t.Errorf("delay %d: %d slots", delay, n)
		}
	}
}

func TestCoordinatesAreUniqueAndOnTheMesh(t *testing.T) {
	for _, name := range Names() {
		s := builtin(t, name)
		seen := map[Coordinate]bool{}
		for id := range 2*s.Cores + 1 {
			c := s.Coordinate(id)
			if seen[c] || c.X >= s.TilesX || c.Y >= s.TilesY || c.Z >= s.CoresPerTile || c.Chip != id/s.Cores {
				t.Fatalf("%s: core %d at %+v", name, id, c)
			}
			seen[c] = true
		}
	}
}

func TestWithChangesOneCopy(t *testing.T) {
	s := builtin(t, "loihi2")
	was := s.Cores
	c, err := s.With("cores", 16)
	if err != nil {
		t.Fatal(err)
	}
	l, _ := c.Limit("cores")
	if c.Cores != 16 || l.Value != 16 || l.Unit == "" || s.Cores != was {
		t.Errorf("copy %d %+v, original %d (was %d)", c.Cores, l, s.Cores, was)
	}
	if l, _ := s.Limit("cores"); l.Value != int64(was) {
		t.Errorf("the row of the original changed to %+v", l)
	}
	for _, bad := range []struct {
		name  string
		value int64
		code  string
	}{{"core", 1, codeUnknownLimit}, {"cores", 0, codeValue}, {"cores", 129, codeValue}} {
		if _, err := s.With(bad.name, bad.value); !hasCode(err, bad.code) {
			t.Errorf("With(%s, %d): %v, want %s", bad.name, bad.value, err, bad.code)
		}
	}
}

func hasCode(err error, code string) bool {
	for _, d := range diag.All(err) {
		if d.Code == code {
			return true
		}
	}
	return false
}

func TestUserProfileOnABase(t *testing.T) {
	s, err := Parse([]byte("limits:\n  - {name: cores, value: 2}\nname: tiny\nbase: loihi1\n"), "tiny.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != "tiny" || s.Cores != 2 || s.InAxons != 4096 || len(s.Limits()) != len(rows) {
		t.Errorf("%+v", s)
	}
	if l, _ := s.Limit("cores"); l.Unit != "a chip" || l.Source != "tiny.yaml" {
		t.Errorf("the row is %+v", l)
	}
}

var badProfiles = []struct{ name, src, code, at string }{
	{"not yaml", "limits: [", codeSyntax, "x.yaml:1:1"},
	{"empty", "", codeSyntax, "x.yaml:1:1"},
	{"a list", "- 1\n", codeValue, "x.yaml:1:1"},
	{"unknown key", "name: a\nbase: loihi1\nprogramms: [cuba]\n", codeUnknownKey, "x.yaml:3:1"},
	{"unknown limit", "name: a\nbase: loihi1\nlimits:\n  - {name: in_axon, value: 1}\n", codeUnknownLimit, "x.yaml:4:5"},
	{"unknown base", "name: a\nbase: loihi9\n", codeUnknownChip, "x.yaml:2:7"},
	{"key twice", "name: a\nname: b\nbase: loihi1\n", codeDuplicate, "x.yaml:2:1"},
	{"row twice", "name: a\nbase: loihi1\nlimits:\n  - {name: cores, value: 1}\n  - {name: cores, value: 1}\n", codeDuplicate, "x.yaml:5:5"},
	{"no name", "base: loihi1\n", codeMissing, "x.yaml:1:1"},
	{"no limits", "name: a\n", codeMissing, "x.yaml:1:1"},
	{"row without name", "name: a\nbase: loihi1\nlimits:\n  - {value: 3}\n", codeMissing, "x.yaml:4:5"},
	{"not a number", "name: a\nbase: loihi1\nlimits:\n  - {name: cores, value: many}\n", codeValue, "x.yaml:4:26"},
	{"out of range", "name: a\nbase: loihi1\nlimits:\n  - {name: delay_max, value: 64}\n", codeValue, "x.yaml:4:5"},
	{"huge", "name: a\nbase: loihi1\nlimits:\n  - {name: cores, value: 99999999999999999999}\n", codeValue, "x.yaml:4:26"},
	{"more cores than tiles", "name: a\nbase: loihi1\nlimits:\n  - {name: tiles_x, value: 1}\n", codeValue, "x.yaml:1:1"},
	{"weight bits", "name: a\nbase: loihi1\nweight_bits: [9]\n", codeValue, "x.yaml:3:15"},
	{"kept", "name: a\nbase: loihi1\nparams: [{param: vth, kept: core2}]\n", codeValue, "x.yaml:3:29"},
	{"alias", "name: &n a\nbase: loihi1\ndoc: *n\n", codeValue, "x.yaml:3:6"},
	{"chips of a cost", "name: a\nbase: loihi1\ncosts: [{name: barrier_time, value: 1, chips: 0}]\n", codeValue, "x.yaml:3:47"},
	{"cost twice", "name: a\nbase: loihi1\ncosts: [{name: b, value: 1, chips: 2}, {name: b, value: 1, chips: 3}, {name: b, value: 1, chips: 2}]\n", codeDuplicate, "x.yaml:3:71"},
	{"cost", "name: a\nbase: loihi1\ncosts: [{name: hop_x, value: -1}]\n", codeValue, "x.yaml:3:30"},
}

func TestBadProfilesAreRefusedWithTheirPlace(t *testing.T) {
	for _, c := range badProfiles {
		_, err := Parse([]byte(c.src), "x.yaml")
		found := false
		for _, d := range diag.All(err) {
			found = found || d.Code == c.code && d.Pos.String() == c.at
		}
		if !found {
			t.Errorf("%s: %v, want %s at %s", c.name, err, c.code, c.at)
		}
	}
}

func TestUnknownNamesGetTheNearest(t *testing.T) {
	_, err := Parse([]byte("name: a\nbase: loihi1\nlimits:\n  - {name: in_axon, value: 1}\n"), "x.yaml")
	if err == nil || !strings.Contains(err.Error(), "did you mean in_axons?") {
		t.Errorf("%v", err)
	}
}

func TestLoad(t *testing.T) {
	if s, err := Load("loihi1"); err != nil || s.Name != "loihi1" {
		t.Errorf("%v, %v", s, err)
	}
	if s, err := Load("loihi2.yaml"); err != nil || s.Name != "loihi2" {
		t.Errorf("%v, %v", s, err)
	}
	if _, err := Load("./missing.yaml"); !hasCode(err, codeOpen) {
		t.Errorf("%v", err)
	}
	if _, err := Load("loihi3"); !hasCode(err, codeUnknownChip) {
		t.Errorf("%v", err)
	}
}

func TestCodesAreDocumentedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Codes {
		if seen[c.Code] || !strings.HasPrefix(c.Code, "chip/") || c.Meaning == "" || c.Example == "" || c.Fix == "" {
			t.Errorf("row %+v", c)
		}
		seen[c.Code] = true
	}
	for _, b := range badProfiles {
		if !seen[b.code] {
			t.Errorf("code %s has no row", b.code)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(loihi1)
	f.Add(loihi2)
	for _, b := range badProfiles {
		f.Add([]byte(b.src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		s, err := Parse(src, "f.yaml")
		if (s == nil) == (err == nil) {
			t.Fatalf("spec %v with error %v", s, err)
		}
		if err != nil && len(diag.All(err)) == 0 {
			t.Fatalf("not a diagnostic: %v", err)
		}
		if s != nil && len(s.Limits()) != len(rows) {
			t.Fatalf("accepted with %d limits", len(s.Limits()))
		}
	})
}
