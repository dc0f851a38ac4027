package stimulus

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// TestExcerptContent holds the excerpts against figures that are known from elsewhere:
// the first labels of both parts, and the counts of labels in them.
func TestExcerptContent(t *testing.T) {
	want := map[string]struct{ first, counts []int }{
		"test": {
			[]int{7, 2, 1, 0, 4, 1, 4, 9, 5, 9, 0, 6, 9, 0, 1, 5},
			[]int{85, 126, 116, 107, 110, 87, 87, 99, 89, 94},
		},
		"train": {
			[]int{5, 0, 4, 1, 9, 2, 1, 3, 1, 4, 3, 5, 3, 6, 1, 7},
			[]int{50, 66, 52, 50, 52, 39, 45, 52, 39, 55},
		},
	}
	for _, e := range Excerpts {
		m, err := e.Open(excerptDir(t))
		if err != nil {
			t.Fatal(err)
		}
		if m.Len() != e.Digits || m.Rows != 28 || m.Cols != 28 || m.Name != "mnist-first1000/"+e.Split {
			t.Fatalf("%s: found %d images of %dx%d, name %s", e.Split, m.Len(), m.Rows, m.Cols, m.Name)
		}
		if first := want[e.Split].first; !slices.Equal(m.Labels[:16], first) {
			t.Errorf("%s: found labels %v, expected %v", e.Split, m.Labels[:16], first)
		}
		for i, index := range m.Index {
			if i != index {
				t.Fatalf("%s: digit %d has position %d", e.Split, i, index)
			}
		}
		if got := labelCounts(m); !slices.Equal(got, want[e.Split].counts) {
			t.Errorf("%s: found label counts %v, expected %v", e.Split, got, want[e.Split].counts)
		}
	}
}

func labelCounts(m *Images) []int {
	counts := make([]int, 10)
	for _, label := range m.Labels {
		counts[label]++
	}
	return counts
}

// TestFullMNIST checks the label counts that reference data.md 1.1 gives, and that
// the excerpts are the heads of its parts.
func TestFullMNIST(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 55 MB")
	}
	want := map[string][]int{
		"train": {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949},
		"test":  {980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009},
	}
	for split, counts := range want {
		if got := labelCounts(fullMNIST(t, split)); !slices.Equal(got, counts) {
			t.Errorf("%s: found label counts %v, expected %v", split, got, counts)
		}
	}
	for _, e := range Excerpts {
		m, err := e.Open(excerptDir(t))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := fullMNIST(t, e.Split).Head(e.Digits).Digest(), m.Digest(); got != want {
			t.Errorf("%s: found digest %s of the head, expected %s of the excerpt", e.Split, got, want)
		}
	}
}

// TestLabelsOfNMNIST compares with the labels that the N-MNIST recordings carry for
// the same digits.
func TestLabelsOfNMNIST(t *testing.T) {
	f, err := os.Open(shared(t, "data", "nmnist-small", "test.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	m := fullMNIST(t, "test")
	for _, row := range rows[1:] {
		index, err := strconv.Atoi(row[2])
		if err != nil {
			t.Fatal(err)
		}
		if got := strconv.Itoa(m.Labels[index]); got != row[1] {
			t.Errorf("digit %d: found label %s, N-MNIST says %s", index, got, row[1])
		}
	}
}

func TestOpenFolderSpellings(t *testing.T) {
	labels := idxBytes([]byte{3, 9}, 2)
	spellings := []struct {
		split, images, labels string
		gz                    bool
	}{
		{"train", "train-images-idx3-ubyte", "train-labels-idx1-ubyte", false},
		{"test", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz", true},
		{"test", "t10k-images.idx3-ubyte", "t10k-labels-idx1-ubyte", false},
		{"train", "train-images.idx3-ubyte.gz", "train-labels.idx1-ubyte.gz", true},
	}
	var digests []string
	for _, s := range spellings {
		dir := t.TempDir()
		form := func(b []byte) []byte {
			if s.gz {
				return packed(t, b)
			}
			return b
		}
		writeFile(t, dir, s.images, form(smallImages))
		writeFile(t, dir, s.labels, form(labels))
		m, err := OpenFolder(dir, s.split)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(m.Labels, []int{3, 9}) || !slices.Equal(m.Image(1), smallPixels[6:]) || m.Name != filepath.Base(dir)+"/"+s.split {
			t.Errorf("%s: found %+v", s.images, m)
		}
		digests = append(digests, m.Digest())
	}
	if len(slices.Compact(digests)) != 1 {
		t.Errorf("the digest depends on the form on disk: %v", digests)
	}
}

func TestOpenFolderFaults(t *testing.T) {
	dir := t.TempDir()
	_, err := OpenFolder(dir, "validation")
	wantCode(t, err, codeSplit)
	_, err = OpenFolder(dir, "test")
	wantAt(t, err, codeNotFound, dir)

	writeFile(t, dir, "t10k-images-idx3-ubyte", smallImages)
	_, err = OpenFolder(dir, "test")
	wantAt(t, err, codeNotFound, dir)

	labels := filepath.Join(dir, "t10k-labels-idx1-ubyte")
	writeFile(t, dir, "t10k-labels-idx1-ubyte", idxBytes([]byte{1, 2, 3}, 3))
	_, err = OpenFolder(dir, "test")
	wantAt(t, err, codeMismatch, labels+"@4")

	if err := os.Remove(labels); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(labels, 0o755); err != nil {
		t.Fatal(err)
	}
	_, err = OpenFolder(dir, "test")
	wantAt(t, err, codeUnreadable, labels+"@0")
}

func TestExcerptFaults(t *testing.T) {
	dir := t.TempDir()
	_, err := openExcerpt(dir, "test")
	wantAt(t, err, codeNotFound, dir)
	writeFile(t, dir, Excerpts[0].prefix+"-images-idx3-ubyte", smallImages)
	writeFile(t, dir, Excerpts[0].prefix+"-labels-idx1-ubyte", idxBytes([]byte{1, 2}, 2))
	_, err = openExcerpt(dir, "test")
	wantAt(t, err, codeMismatch, dir)
	_, err = openExcerpt(dir, "validation")
	wantCode(t, err, codeSplit)
	_, err = openFile(filepath.Join(dir, "absent"))
	wantAt(t, err, codeNotFound, filepath.Join(dir, "absent"))
}

func TestHeadAndSelect(t *testing.T) {
	m := excerpt(t)
	part, err := m.Select([]int{898, 0, 898})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(part.Labels, []int{m.Labels[898], 7, m.Labels[898]}) || !slices.Equal(part.Index, []int{898, 0, 898}) {
		t.Errorf("found labels %v at %v", part.Labels, part.Index)
	}
	if !slices.Equal(part.Image(2), m.Image(898)) {
		t.Error("the pixels of sample 898 changed")
	}
	_, err = m.Head(10).Select([]int{9, 10})
	wantCode(t, err, codeNoSample)
	for n, want := range map[int]int{-1: 0, 0: 0, 7: 7, 5000: 1000} {
		if got := m.Head(n); got.Len() != want || len(got.Pixels) != want*784 || len(got.Index) != want {
			t.Errorf("Head(%d) holds %d samples, expected %d", n, got.Len(), want)
		}
	}
}

// TestDigestSeesAll changes one thing at a time.
func TestDigestSeesAll(t *testing.T) {
	base := func() *Images {
		return &Images{Name: "a", Rows: 1, Cols: 2, Pixels: []byte{1, 2, 3, 4}, Labels: []int{5, 6}, Index: []int{0, 1}}
	}
	changes := map[string]func(*Images){
		"pixel":    func(m *Images) { m.Pixels[3]++ },
		"label":    func(m *Images) { m.Labels[1]++ },
		"position": func(m *Images) { m.Index[0] = 9 },
		"shape":    func(m *Images) { m.Rows, m.Cols = 2, 1 },
	}
	for name, change := range changes {
		m := base()
		change(m)
		if m.Digest() == base().Digest() {
			t.Errorf("a changed %s leaves the digest as it was", name)
		}
	}
	named := base()
	named.Name = "b"
	if named.Digest() != base().Digest() {
		t.Error("the name enters the digest")
	}
}
