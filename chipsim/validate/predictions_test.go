package validate_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"decc/chipsim/stimulus"
	"decc/compiler"
	"decc/compiler/decolle"
	"decc/compiler/model"
	"decc/ir/diag"
	"decc/ir/spikes"
)

// digits are encoded images as the float reference takes them.
type digits struct {
	images *stimulus.Images
	enc    stimulus.Encoder
}

func (d digits) Len() int { return d.images.Len() }

func (d digits) Sample(i int) (spikes.Train, int) {
	return d.enc.Encode(d.images.Image(i), d.images.Index[i]), d.images.Labels[i]
}

// TestFloatAgreesWithRecordedPredictions holds the shipped network on the shipped 1000
// digits against the predictions that the public reference recorded.
func TestFloatAgreesWithRecordedPredictions(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(sharedFolder(t), "data", "checkpoints", "mnist_mlp_128_128.json"))
	if err != nil {
		t.Skipf("the recorded predictions are not here: %v", err)
	}
	var recorded struct {
		Test struct {
			Vote [][]int `json:"vote_prediction"`
		} `json:"test_first_1000"`
	}
	if err := json.Unmarshal(data, &recorded); err != nil {
		t.Fatal(err)
	}
	m, err := model.Load("../../testdata/models/mnist-mlp.yaml")
	if err != nil {
		t.Fatal(err)
	}
	set, err := stimulus.FindDataSet(diag.Pos{}, m.Decolle.Data.Set)
	if err != nil {
		t.Fatal(err)
	}
	images, err := set.Open("", "test")
	if err != nil {
		t.Fatal(err)
	}
	enc, err := stimulus.NewEncoder(diag.Pos{}, m.Decolle.Data.Encoder.Kind, images.Size(), m.Decolle.Data.Encoder.Params)
	if err != nil {
		t.Fatal(err)
	}
	agree[float32](t, m, digits{images, enc}, recorded.Test.Vote)
	agree[float64](t, m, digits{images, enc}, recorded.Test.Vote)
}

func agree[F decolle.Float](t *testing.T, m *model.Model, data digits, want [][]int) {
	t.Helper()
	net, err := compiler.FloatNetwork[F](m)
	if err != nil {
		t.Fatal(err)
	}
	p := decolle.Protocol{Steps: m.Decolle.Data.Steps, BurnIn: m.Decolle.Data.BurnIn, Workers: 2}
	e, err := decolle.Evaluate(context.Background(), net, data, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	for l := range want {
		same := 0
		for i, class := range want[l] {
			if e.Vote[l][i] == class {
				same++
			}
		}
		t.Logf("%T: layer %d decides like the record on %d of %d digits", F(0), l, same, len(want[l]))
		if same < 999 {
			t.Errorf("%T: layer %d decides like the record on %d of %d digits", F(0), l, same, len(want[l]))
		}
	}
}
