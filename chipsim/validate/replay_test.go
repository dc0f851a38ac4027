package validate_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"decc/backends/llvm"
	"decc/chipsim/stimulus"
	"decc/chipsim/validate"
	"decc/compiler"
	"decc/compiler/model"
	"decc/ir/chip"
	"decc/ir/diag"
	"decc/ir/spikes"
)

// sharedFolder finds the reference data beside the repository, or skips.
func sharedFolder(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("DECC_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the reference recordings are not here (DECC_SHARED names their folder): %v", err)
	}
	return dir
}

// engines are those that run on this machine: native ones need a compiler of LLVM.
func engines(t testing.TB) []string {
	t.Helper()
	return slices.DeleteFunc(validate.EngineNames(), func(name string) bool {
		err := llvm.Available()
		if name != "native" || err == nil {
			return false
		}
		t.Logf("engine native is left out: %v", err)
		return true
	})
}

// load is what `decc replay` gives a manifest: an ordinary model, assembled.
func load(_ context.Context, path string) (validate.Network, error) {
	m, err := model.Load(path)
	if err != nil {
		return validate.Network{}, err
	}
	module, err := compiler.Assemble(m)
	if err != nil {
		return validate.Network{}, err
	}
	spec, err := chip.Load(m.Target)
	if err != nil {
		return validate.Network{}, err
	}
	module.Chip = spec.Name
	n := validate.Network{Module: module, Rows: m.Fixed.Rows}
	if s := m.Fixed.Stimulus; s != nil && s.Kind != "images" {
		train := s.Train
		if train == nil {
			f, err := os.Open(s.Path)
			if err != nil {
				return n, err
			}
			defer f.Close()
			if train, err = stimulus.ReadPairs(f, s.Path, s.Order); err != nil {
				return n, err
			}
		}
		n.Inputs = map[string]spikes.Train{"in": train}
	}
	return n, nil
}

func options(engine string) validate.Options {
	return validate.Options{Engine: engine, Load: load, Images: func(set string) (*stimulus.Images, error) {
		row, err := stimulus.FindDataSet(diag.Pos{}, set)
		if err != nil {
			return nil, err
		}
		return row.Open("", "test")
	}}
}

// replayAll demands that every file is equal on every engine.
func replayAll(t *testing.T, files ...string) {
	t.Helper()
	for _, engine := range engines(t) {
		for _, file := range files {
			v, err := validate.Replay(context.Background(), file, options(engine))
			if err != nil {
				t.Errorf("%s on %s: %v", file, engine, err)
				continue
			}
			if v.Status != validate.Equal || v.Compared == 0 {
				t.Errorf("%s on %s: %s, %d values: %s", file, engine, v.Status, v.Compared, v.Detail)
			}
		}
	}
}

// TestSiliconChipReference: 639 hidden and 2 output spikes, three voltage and two
// refractory traces of a Loihi chip, bit for bit, through the ordinary way of a model.
func TestSiliconChipReference(t *testing.T) {
	sharedFolder(t)
	replayAll(t, "../../testdata/replay/chip-reference.replay.yaml", "../../testdata/replay/refractory-probe.replay.yaml")
}

// TestSiliconLoihi2LIF: 1000 of 1000 rows of a Loihi 2 chip.
func TestSiliconLoihi2LIF(t *testing.T) {
	sharedFolder(t)
	replayAll(t, "../../testdata/replay/loihi2-lif.replay.yaml")
}

// TestSiliconSequentialMNIST: 100 of 100 published labels of a Loihi 1 board, and the
// two spike totals.
func TestSiliconSequentialMNIST(t *testing.T) {
	sharedFolder(t)
	if _, err := stimulus.LocateMNIST(); err != nil {
		t.Skipf("the MNIST test images are not in the module cache (decc data fetch mnist): %v", err)
	}
	replayAll(t, "../../testdata/replay/smnist-lsnn.replay.yaml")
}

// laterKinds are what the chip engine cannot run: plastic weights that memory cannot hold,
// and real numbers; everything else that an emulator recorded must be equal.
var laterKinds = []string{"bits are stored in steps of", "real numbers are on the interpreter only"}

func TestEmulatorTraces(t *testing.T) {
	shared := sharedFolder(t)
	for _, peer := range []string{"brian2_loihi", "nengo_loihi", "lava"} {
		files, err := filepath.Glob(filepath.Join(shared, "golden", peer, "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no recordings of %s: %v", peer, err)
		}
		for _, engine := range engines(t) {
			equal := 0
			for _, file := range files {
				equal += replayEmulator(t, file, engine)
			}
			if equal < 8 {
				t.Errorf("%s on %s: only %d recordings are equal", peer, engine, equal)
			}
		}
	}
}

func replayEmulator(t *testing.T, file, engine string) int {
	t.Helper()
	v, err := validate.Replay(context.Background(), file, options(engine))
	switch {
	case err != nil:
		t.Errorf("%s on %s: %v", filepath.Base(file), engine, err)
	case v.Status == validate.Equal && v.Compared > 0:
		return 1
	case v.Status == validate.Unsupported && isLater(v.Detail):
	default:
		t.Errorf("%s on %s: %s %s", filepath.Base(file), engine, v.Status, v.Detail)
	}
	return 0
}

func isLater(reason string) bool {
	for _, k := range laterKinds {
		if strings.Contains(reason, k) {
			return true
		}
	}
	return false
}

// TestReplayShipped needs no reference data: a selection of the traces is in testdata.
func TestReplayShipped(t *testing.T) {
	files, err := filepath.Glob("../../testdata/golden/*.json")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d shipped traces: %v", len(files), err)
	}
	for _, engine := range append(engines(t), "") {
		for _, file := range files {
			v, err := validate.Replay(context.Background(), file, options(engine))
			later := engine == "chip" && v.Status == validate.Unsupported && isLater(v.Detail)
			if err != nil || !later && (v.Status != validate.Equal || v.Compared == 0) {
				t.Errorf("%s on %q: %+v %v", filepath.Base(file), engine, v, err)
			}
		}
	}
}

// TestReplaySeesEveryModel changes one recorded number of every kind of neuron and connection,
// and expects it to be found.
func TestReplaySeesEveryModel(t *testing.T) {
	shared := sharedFolder(t)
	for file, array := range map[string]string{
		"lava/a_adaptive_threshold": "theta", "lava/a_conv": "v", "lava/a_conv_graded": "u", "lava/a_graded_dense": "payload", "lava/a_prod_neuron": "payload",
		"lava/a_refractory_float": "v", "lava/a_sigma_delta": "residue", "lava/a_ternary_lif": "payload", "nengo_loihi/a_conv_population": "u", "nengo_loihi/a_noise_recorded": "v",
	} {
		data, err := os.ReadFile(filepath.Join(shared, "golden", file+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := json.Unmarshal(data, &doc); err != nil {
			t.Fatal(err)
		}
		for _, group := range doc["expected"].(map[string]any) {
			values := group.(map[string]any)[array].([]any)
			last := len(values) - 1
			if row, ok := values[last].([]any); ok {
				row[0] = row[0].(float64) + 1
			} else {
				values[last] = values[last].(float64) + 1
			}
		}
		if data, err = json.Marshal(doc); err != nil {
			t.Fatal(err)
		}
		changed := filepath.Join(t.TempDir(), filepath.Base(file)+".json")
		if err := os.WriteFile(changed, data, 0o600); err != nil {
			t.Fatal(err)
		}
		v, err := validate.Replay(context.Background(), changed, options("interp"))
		if err != nil || v.Status != validate.Differs {
			t.Errorf("%s: %+v, %v: want a difference", file, v, err)
		}
	}
}

// TestReplaySeesLearning changes one learned weight of each peer and expects it to be found.
func TestReplaySeesLearning(t *testing.T) {
	for name, old := range map[string]string{
		"lava_stdp_pair_const.json": `"w":[[[`, "brian2_loihi_weight_clip_exc.json": `"w":[[`, "nengo_loihi_pes_const.json": `"trace":[[`,
	} {
		data, err := os.ReadFile("../../testdata/golden/" + name)
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		array := strings.Index(text, old)
		if array < 0 {
			t.Fatalf("%s has no %s", name, old)
		}
		at := array + strings.Index(text[array:], "]],") - 1 // a digit near the end of the first row or of the array
		digit := "1"
		if text[at] == '1' {
			digit = "2"
		}
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(text[:at]+digit+text[at+1:]), 0o600); err != nil {
			t.Fatal(err)
		}
		v, err := validate.Replay(context.Background(), file, options(""))
		if err != nil || v.Status != validate.Differs {
			t.Errorf("%s: %+v, %v: want a difference", name, v, err)
		}
	}
}

// FuzzReplayLearning: a document of learning is an error, unsupported or compared, never a
// panic.
func FuzzReplayLearning(f *testing.F) {
	for _, text := range []string{
		`{"schema":"golden/1","peer":"lava","kind":"learn","steps":3,"rng":{"mode":"const","weight":0.5},"inputs":[{"name":"pre","n":1,"events":[[0,0]]},{"name":"post","n":1,"events":[[0,0],[2,0]]}],` +
			`"synapses":[{"name":"p","pre":"pre","post":null,"format":"dense","sign_mode":"mixed","num_weight_bits":8,"w_mant":[[4]],"delay":0,"learning":{"dw":"x0*y1","t_epoch":1,"x1_tau":3,"y1_impulse":20}}],"expected":{"p":{"w":[[[4]],[[4]],[[4]]]}}}`,
		`{"schema":"golden/1","peer":"nengo_loihi","kind":"learn","steps":4,"rng":{"mode":"const","value":0.5},"groups":[{"name":"g","n":2,"vth":64}],"inputs":[{"name":"in","n":1,"events":[[0,0]]}],` +
			`"synapses":[{"name":"p","pre":"in","post":"g","format":"dense","sign_mode":"mixed","num_weight_bits":8,"weight_exp":0,"w_eff":[[128],[64]],"delay":0,"learning":{"rule":"pes","train_epoch":2,"learn_epoch":4,"trace_tau":9,"trace_mag_int":3,"lr_int":1,"lr_exp":-7,"errors":[[1],[2],[3],[4]]}}],"expected":{"p":{"trace":[[0],[3],[3],[2]],"w_eff_rows":[3],"w_eff":[[[128],[64]]]}}}`,
		`{"schema":"golden/1","peer":"lava","kind":"rule_parse","table":[{"rule":"x0*y1","error":"ValueError"}]}`,
		`{"schema":"golden/1","peer":"lava","kind":"trace_stats","steps":2,"n":3,"imp":90,"tau":3,"expected":{"mean":[90,60],"std":[0,1]}}`,
		`{"schema":"golden/1","peer":"lava","kind":"learn_multi","parts":[{"steps":1}]}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<14 {
			return
		}
		file := filepath.Join(t.TempDir(), "fuzz.json")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		_, _ = validate.Replay(ctx, file, options(""))
	})
}

// TestReplaySeesChanges changes one recorded number and expects it to be found.
func TestReplaySeesChanges(t *testing.T) {
	data, err := os.ReadFile("../../testdata/golden/lava_threshold_edge.json")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	at := strings.Index(text, `"spikes":[[`)
	if at < 0 {
		t.Fatal("the trace has no spikes to change")
	}
	end := strings.Index(text[at:], "]") + at
	changed := text[:at] + `"spikes":[[1,0]` + text[end+1:]
	file := filepath.Join(t.TempDir(), "changed.json")
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	v, err := validate.Replay(context.Background(), file, options("interp"))
	if err != nil || v.Status != validate.Differs || v.First == nil {
		t.Fatalf("%+v, %v: want a difference", v, err)
	}
}

// TestReplayRefusesBadFiles cuts a trace and a manifest at many places.
func TestReplayRefusesBadFiles(t *testing.T) {
	for _, name := range []string{"../../testdata/golden/lava_threshold_edge.json", "../../testdata/replay/loihi2-lif.replay.yaml"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), filepath.Base(name))
		for cut := 0; cut < len(data); cut += max(1, len(data)/97) {
			if err := os.WriteFile(file, data[:cut], 0o600); err != nil {
				t.Fatal(err)
			}
			v, err := validate.Replay(context.Background(), file, options("interp"))
			if err == nil && v.Status == validate.Equal && v.Compared > 0 {
				t.Errorf("%s cut at %d is equal", name, cut)
			}
		}
	}
	_, err := validate.Replay(context.Background(), filepath.Join(t.TempDir(), "missing.json"), options("interp"))
	if err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("a missing file: %v", err)
	}
}
