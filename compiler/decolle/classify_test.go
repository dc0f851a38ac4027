package decolle

import (
	"context"
	"errors"
	"slices"
	"testing"

	"decc/ir/spikes"
)

// TestClassifyCounts recounts votes, sums and spikes from the observed rows.
func TestClassifyCounts(t *testing.T) {
	s := trainSpec()
	n := scatter[float32](t, s, 4)
	train, _ := trainData.Sample(3)
	p := Protocol{Steps: 20, BurnIn: 6}
	votes, sums := make([]int, 3), make([]float64, 3)
	fired, counted, rows := 0, 0, 0
	got, err := n.Classify(train, p, func(row int, layers []View[float32]) {
		v := layers[1]
		fired += len(v.Spikes)
		if rows++; row < p.BurnIn {
			return
		}
		counted += len(v.Spikes)
		votes[slices.Index(v.Readout, slices.Max(v.Readout))]++
		for c, r := range v.Readout {
			sums[c] += float64(r)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	last := got[1]
	if rows != 20 || fired == 0 || last.Spikes != fired || last.Counted != counted {
		t.Errorf("%d rows, %d and %d spikes; got %+v", rows, fired, counted, last)
	}
	if !slices.Equal(last.Votes, votes) || !slices.Equal(last.Sums, sums) {
		t.Errorf("votes %v sums %v, got %+v", votes, sums, last)
	}
	if last.Vote != slices.Index(votes, slices.Max(votes)) || last.Summed != slices.Index(sums, slices.Max(sums)) {
		t.Errorf("votes %v sums %v, got %+v", votes, sums, last)
	}
}

func TestTiesGoToTheLowestClass(t *testing.T) {
	if got := spikes.Argmax([]int{1, 4, 4, 2}); got != 1 {
		t.Errorf("argmax = %d, want 1", got)
	}
	n, err := New[float32](trainSpec()) // all readouts are 0 in every row
	if err != nil {
		t.Fatal(err)
	}
	got, err := n.Classify(nil, Protocol{Steps: 4, BurnIn: 1}, nil)
	if err != nil || got[1].Vote != 0 || !slices.Equal(got[1].Votes, []int{3, 0, 0}) {
		t.Errorf("%+v, %v", got[1], err)
	}
}

// TestEvaluate: the same outcome on any number of workers, equal to Classify.
func TestEvaluate(t *testing.T) {
	n := scatter[float32](t, trainSpec(), 4)
	var calls []int
	one, err := Evaluate(context.Background(), n, trainData, Protocol{Steps: 20, BurnIn: 6}, func(k int) { calls = append(calls, k) })
	if err != nil {
		t.Fatal(err)
	}
	three, err := Evaluate(context.Background(), n, trainData, Protocol{Steps: 20, BurnIn: 6, Workers: 3}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var counted, input int64
	for i := range trainData.n {
		train, class := trainData.Sample(i)
		v, err := n.Classify(train, one.Protocol, nil)
		if err != nil {
			t.Fatal(err)
		}
		counted += int64(v[1].Counted)
		input += int64(len(train))
		if one.Vote[1][i] != v[1].Vote || one.Summed[1][i] != v[1].Summed || one.Class[i] != class {
			t.Errorf("digit %d: %d %d, want %+v", i, one.Vote[1][i], one.Summed[1][i], v[1])
		}
		if three.Vote[0][i] != one.Vote[0][i] || three.Vote[1][i] != one.Vote[1][i] {
			t.Errorf("digit %d differs with 3 workers", i)
		}
	}
	if one.Counted[1] != counted || one.InputSpikes != input || !slices.Equal(calls, []int{14}) {
		t.Errorf("%d counted spikes, %d input spikes, progress %v", one.Counted[1], one.InputSpikes, calls)
	}
	if want := float64(counted) / float64(6*14*14); one.Rate(1) != want {
		t.Errorf("rate %v, want %v", one.Rate(1), want)
	}
}

func TestEvaluateCancelled(t *testing.T) {
	n := scatter[float32](t, trainSpec(), 4)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Evaluate(ctx, n, trainData, Protocol{Steps: 5}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestProtocolFindings(t *testing.T) {
	n := scatter[float32](t, trainSpec(), 4)
	_, err := n.Classify(nil, Protocol{}, nil)
	checkFinding(t, err, codeSpec, "steps is 0")
	_, err = n.Classify(nil, Protocol{Steps: 5, BurnIn: 5}, nil)
	checkFinding(t, err, codeSpec, "burnin is 5")
	_, err = n.Classify(spikes.Train{{Index: -1}}, Protocol{Steps: 5}, nil)
	checkFinding(t, err, codeData, "sample 0: event 0")
}
