package stimulus

import (
	"testing"

	"decc/ir/diag"
)

func TestDataSets(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range DataSets {
		if d.Name == "" || d.Description == "" || d.Licence == "" || d.Get == "" || len(d.Splits) == 0 || seen[d.Name] {
			t.Errorf("row %q is incomplete or there twice", d.Name)
		}
		seen[d.Name] = true
		found, err := FindDataSet(diag.Pos{}, d.Name)
		if err != nil || found.Name != d.Name {
			t.Errorf("FindDataSet(%q) = %q, %v", d.Name, found.Name, err)
		}
		_, err = found.Open("", "validation")
		wantCode(t, err, codeSplit)
		_, err = found.Open(t.TempDir(), found.Splits[0])
		if got := wantCode(t, err, codeNotFound); len(got.Notes) != 1 {
			t.Errorf("%s: the error does not say how to get the set: %v", d.Name, got)
		}
	}
	at := diag.At("model.yaml", 3, 7)
	_, err := FindDataSet(at, "mnits")
	wantAt(t, err, codeDataSet, "model.yaml:3:7")
	if got := diag.All(err)[0].Fix; got != "write mnist" {
		t.Errorf("found fix %q", got)
	}
}

func TestDataSetOpen(t *testing.T) {
	set, err := FindDataSet(diag.Pos{}, "mnist-first1000")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range Excerpts {
		m, err := set.Open(excerptDir(t), e.Split)
		if err != nil || m.Name != "mnist-first1000/"+e.Split || m.Len() != e.Digits {
			t.Errorf("%s: found %v, %v", e.Split, m, err)
		}
	}
}

// TestDataSetDefaultFolder opens mnist without naming a folder.
func TestDataSetDefaultFolder(t *testing.T) {
	fullMNIST(t, "test") // skips where it has not been fetched
	set, err := FindDataSet(diag.Pos{}, "mnist")
	if err != nil {
		t.Fatal(err)
	}
	m, err := set.Open("", "test")
	if err != nil || m.Name != "mnist/test" || m.Len() != 10000 {
		t.Errorf("found %v, %v", m, err)
	}
}
