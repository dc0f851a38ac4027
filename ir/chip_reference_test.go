package ir

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"decc/ir/sem"
)

// These tests run the builtin @cuba against voltages read from a Loihi chip
// (data/loihi-chip-reference/README.md), one group at a time.

func readMatrix(t *testing.T, name string) [][]int64 {
	t.Helper()
	text, err := os.ReadFile(shared(t, "data", "loihi-chip-reference", name))
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]int64
	for _, line := range strings.Split(string(text), "\n") {
		var row []int64
		for _, word := range strings.FieldsFunc(line, func(c rune) bool { return strings.ContainsRune(" ,\t\r", c) }) {
			x, err := strconv.ParseFloat(word, 64)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			row = append(row, int64(x))
		}
		if len(row) > 0 {
			rows = append(rows, row)
		}
	}
	return rows
}

// compartments runs n compartments of @cuba; drive is filled by the caller.
type compartments struct {
	exec         *sem.Exec[int64]
	drive, spike sem.Ref
	vreg         sem.Ref
}

func newCompartments(t *testing.T, n int, params map[string]int64) *compartments {
	t.Helper()
	p, err := Builtin("cuba", sem.Silicon)
	if err != nil {
		t.Fatal(err)
	}
	c := &compartments{exec: sem.NewExec[int64](&p.Program, n), drive: sem.Ref(p.FieldIndex("drive")), spike: p.Spike, vreg: p.Observable("vreg")}
	c.exec.Observe(c.vreg)
	for name, x := range params {
		lanes := c.exec.Slot(sem.Ref(p.FieldIndex(name)))
		for i := range lanes {
			lanes[i] = x
		}
	}
	return c
}

// row integrates the spikes of the row before and returns what fired.
func (c *compartments) row(weights [][]int64, spikes []int64) []int64 {
	drive := c.exec.Slot(c.drive)
	for i := range drive {
		drive[i] = 0
		for _, s := range spikes {
			drive[i] += 64 * weights[i][s]
		}
	}
	c.exec.Step()
	var fired []int64
	for i, s := range c.exec.Slot(c.spike) {
		if s != 0 {
			fired = append(fired, int64(i))
		}
	}
	return fired
}

func TestCubaGivesTheVoltagesOfTheChip(t *testing.T) {
	w1, w2 := readMatrix(t, "w1_loihi_int.txt"), readMatrix(t, "w2_loihi_int.txt")
	input := map[int][]int64{}
	for _, e := range readMatrix(t, "input_t_neuron.txt") {
		input[int(e[0])] = append(input[int(e[0])], e[1])
	}
	traces := map[string][][]int64{}
	for _, name := range []string{"loihiHiddenVoltage23.txt", "loihiHiddenVoltage24.txt", "loihiOutputVoltage.txt"} {
		traces[name] = readMatrix(t, name)
	}
	params := map[string]int64{"vth": 80 * 64, "dv": 128, "du": 1024}
	hidden, output := newCompartments(t, 25, params), newCompartments(t, 1, params)
	counts := [2]int{}
	var arriving []int64
	for k := range 499 {
		fired := hidden.row(w1, input[k])
		counts[0] += len(fired)
		counts[1] += len(output.row(w2, arriving))
		for name, got := range map[string]int64{
			"loihiHiddenVoltage23.txt": hidden.exec.Slot(hidden.vreg)[23],
			"loihiHiddenVoltage24.txt": hidden.exec.Slot(hidden.vreg)[24],
			"loihiOutputVoltage.txt":   output.exec.Slot(output.vreg)[0],
		} {
			if want := flat(traces[name])[k]; got != want {
				t.Fatalf("%s: row %d is %d, want %d", name, k, got, want)
			}
		}
		hidden.exec.Commit()
		output.exec.Commit()
		arriving = fired
	}
	if counts[0] != 639 || counts[1] != 2 {
		t.Errorf("%d hidden and %d output spikes, want 639 and 2", counts[0], counts[1])
	}
}

func flat(rows [][]int64) []int64 {
	var all []int64
	for _, r := range rows {
		all = append(all, r...)
	}
	return all
}

// TestCubaGivesTheVoltagesOfARefractoryNeuron replays one input spike of weight 2
// with threshold mantissa 5 and refractory delay 5, and with a threshold out of reach.
func TestCubaGivesTheVoltagesOfARefractoryNeuron(t *testing.T) {
	for i, trace := range readMatrix(t, "LoihiVth05.txt") {
		params := map[string]int64{"vth": 5 * 64, "dv": 128, "du": 1024, "refrac": 5}
		if i == 1 {
			params["vth"] = 1 << 20
		}
		c := newCompartments(t, 1, params)
		for k, want := range trace {
			var spikes []int64
			if k == 1 {
				spikes = []int64{0}
			}
			c.row([][]int64{{2}}, spikes)
			if got := c.exec.Slot(c.vreg)[0]; got != want {
				t.Errorf("trace %d: row %d is %d, want %d", i, k, got, want)
			}
			c.exec.Commit()
		}
	}
}
