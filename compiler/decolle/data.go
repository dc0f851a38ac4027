package decolle

import (
	"decc/ir/diag"
	"decc/ir/spikes"
)

// Dataset is a set of coded samples. Sample must give the same train for the same
// number every time and be safe to call from several goroutines.
type Dataset interface {
	// Len is the number of samples.
	Len() int
	// Sample is the input train of sample i (0..Len()-1), sorted by row and index, and
	// its class (0..classes-1, or NoTarget).
	Sample(i int) (train spikes.Train, class int)
}

// maxRows bounds the time steps of a sample.
const maxRows = 1 << 20

// checkTrain reports the first event of sample i that the network has no line for.
func (n *Network[F]) checkTrain(i int, train spikes.Train) error {
	if err := train.Check(maxRows, n.spec.Input.Size()); err != nil {
		return diag.Errorf(diag.Pos{}, codeData, "sample %d: %v", i, err).
			WithFix("use the encoder that the network was described for (%v lines)", n.spec.Input)
	}
	return nil
}

// sample reads and checks sample i.
func (n *Network[F]) sample(d Dataset, i int) (spikes.Train, int, error) {
	train, class := d.Sample(i)
	if err := n.checkClass(i, class); err != nil {
		return nil, 0, err
	}
	return train, class, n.checkTrain(i, train)
}

// checkClass reports a class of sample i that the network has no readout for.
func (n *Network[F]) checkClass(i, class int) error {
	if class < NoTarget || class >= n.spec.Classes {
		return diag.Errorf(diag.Pos{}, codeData, "sample %d has class %d", i, class).
			WithFix("the network has classes 0 to %d", n.spec.Classes-1)
	}
	return nil
}

// maxSamples bounds a data set, whose order is kept in memory.
const maxSamples = 1 << 30

// checkSize reports a data set that cannot be used.
func checkSize(d Dataset) error {
	if d.Len() < 1 || d.Len() > maxSamples {
		return diag.Errorf(diag.Pos{}, codeData, "the data set has %d samples", d.Len()).
			WithFix("use a data set of 1 to %d samples", maxSamples)
	}
	return nil
}
