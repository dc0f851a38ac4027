package report

import ("testing";"os")

func TestDraft(t *testing.T) {
	f, _ := os.Create("/tmp/acc.png")
	defer f.Close()
	if err := AccuracyPicture(f, "mnist-mlp on loihi2: accuracy of layer h2, 1000 digits", []Accuracy{{8, .974, .974, .973}, {6, .974, .972, .971}, {5, .974, .970, .968}, {4, .974, .965, .962}, {3, .974, .941, .938}}); err != nil { t.Fatal(err) }
	g, _ := os.Create("/tmp/acc2.png")
	defer g.Close()
	if err := AccuracyPicture(g, "x", []Accuracy{{8, .974, .974, .973},{2, .974, .31, .12}}); err != nil { t.Fatal(err) }
}
