package stimulus

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sbinet/npyio"

	"decc/ir/spikes"
)

// TestThresholdByHand: five levels give the bounds 0 63 127 191 255, of which 1..3 are
// watched.
func TestThresholdByHand(t *testing.T) {
	e := mustEncoder(t, "threshold", 5, map[string]int64{"levels": 5, "cue": 2})
	if e.Steps() != 7 || e.Size() != 10 {
		t.Fatalf("found %d rows and %d channels", e.Steps(), e.Size())
	}
	got := e.Encode([]byte{0, 127, 126, 255, 62}, 0)
	want := spikes.Train{
		{Row: 0, Index: 2, Payload: 1}, {Row: 0, Index: 4, Payload: 1}, // up over 63 and to 127
		{Row: 1, Index: 5, Payload: 1},                                 // below 127
		{Row: 2, Index: 4, Payload: 1}, {Row: 2, Index: 6, Payload: 1}, // up over 127 and 191
		{Row: 3, Index: 3, Payload: 1}, {Row: 3, Index: 5, Payload: 1}, {Row: 3, Index: 7, Payload: 1}, // below all
		{Row: 3, Index: 8, Payload: 1},                                 // 255
		{Row: 5, Index: 9, Payload: 1}, {Row: 6, Index: 9, Payload: 1}, // cue
	}
	if !slices.Equal(got, want) {
		t.Errorf("found %v, expected %v", got, want)
	}
}

// smnist is the network of golden/loihi1-smnist, executed as its README says.
type smnist struct{ in, rec, out [][]int32 }

const (
	smnistRegular  = 140
	smnistHidden   = 240
	smnistRecSpike = 1057836
	smnistOutSpike = 2
)

func loadSMNIST(t *testing.T, dir string) smnist {
	t.Helper()
	return smnist{readNpy(t, dir, "w_in.npy", 240), readNpy(t, dir, "w_rec.npy", 240), readNpy(t, dir, "w_out.npy", 10)}
}

func readNpy(t *testing.T, dir, name string, columns int) [][]int32 {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var flat []float32
	if err := npyio.Read(f, &flat); err != nil {
		t.Fatal(err)
	}
	var matrix [][]int32
	for row := range slices.Chunk(flat, columns) {
		var whole []int32
		for _, w := range row {
			whole = append(whole, int32(w))
		}
		matrix = append(matrix, whole)
	}
	return matrix
}

func decay(x, d int32) int32 {
	wide := int64(x) * int64(4096-d) / 4096 // division rounds toward zero
	return int32(wide)
}

// run presents one image and returns the class and the spikes of both populations.
func (n smnist) run(train spikes.Train, steps int) (class, hidden, output int) {
	var v, x [smnistHidden]int32
	var fired [smnistHidden]bool
	var vOut [10]int32
	var arriving []int32 // channels of the previous row
	for _, row := range train.Rows(steps) {
		var q [smnistHidden]int32
		var qOut [10]int32
		for _, c := range arriving {
			add(q[:], n.in[c])
		}
		for i, f := range fired {
			if f {
				add(q[:], n.rec[i])
				add(qOut[:], n.out[i])
			}
		}
		for i := range v {
			shift, bound := 6, int32(127*64)
			if i >= smnistRegular {
				shift, bound = 8, 508*64
				x[i] = decay(x[i], 5)
				if fired[i] {
					x[i] -= 384
				}
			}
			v[i] = decay(v[i], 204) + q[i]<<shift + x[i]
			v[i] = min(max(v[i], -(1<<23-1)), 1<<23-1)
			if fired[i] = v[i] > bound; fired[i] {
				v[i] = 0
				hidden++
			}
		}
		for i := range vOut {
			if vOut[i] = decay(vOut[i], 204) + qOut[i]<<6; vOut[i] > 131071*64 {
				vOut[i] = 0
				output++
			}
		}
		arriving = arriving[:0]
		for _, s := range row {
			arriving = append(arriving, s.Index)
		}
	}
	return slices.Index(vOut[:], slices.Max(vOut[:])), hidden, output
}

func add(sum, weights []int32) {
	for i, w := range weights {
		sum[i] += w
	}
}

// numbersAfter reads the line of numbers below the first line that begins with head.
func numbersAfter(t *testing.T, path, head string) []int {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	scan := bufio.NewScanner(f)
	for scan.Scan() && !strings.HasPrefix(scan.Text(), head) {
	}
	scan.Scan()
	var numbers []int
	for _, word := range strings.Fields(scan.Text()) {
		n, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// TestThresholdOnLoihi feeds the encoder's spikes to the network that ran on a Loihi
// board and compares its classes, and the counts of spikes, with the published ones.
// The network is chaotic: one wrong input spike shows. Without the full MNIST set only
// the images of the excerpt are run.
func TestThresholdOnLoihi(t *testing.T) {
	dir := shared(t, "golden", "loihi1-smnist")
	readme := filepath.Join(dir, "README.md")
	index, labels := numbersAfter(t, readme, "Test-set indices"), numbersAfter(t, readme, "Published labels")
	if len(index) != 100 || len(labels) != 100 {
		t.Fatalf("found %d indices and %d labels in the README", len(index), len(labels))
	}
	digits, full := excerpt(t), false
	if data, err := LocateMNIST(); err == nil {
		if digits, err = OpenFolder(data, "test"); err != nil {
			t.Fatal(err)
		}
		full = true
	}
	net := loadSMNIST(t, dir)
	e := mustEncoder(t, "threshold", digits.Size(), nil)
	run, hidden, output := 0, 0, 0
	for i, original := range index {
		if original >= digits.Len() {
			continue
		}
		class, h, o := net.run(e.Encode(digits.Image(original), original), e.Steps())
		if class != labels[i] {
			t.Errorf("digit %d: found class %d, published %d", original, class, labels[i])
		}
		run, hidden, output = run+1, hidden+h, output+o
	}
	t.Logf("%d images, %d recurrent and %d output spikes", run, hidden, output)
	if full && (hidden != smnistRecSpike || output != smnistOutSpike) {
		t.Errorf("found %d recurrent and %d output spikes, expected %d and %d", hidden, output, smnistRecSpike, smnistOutSpike)
	}
	if run == 0 {
		t.Error("no image was run")
	}
}
