package decolle

import (
	"fmt"

	"decc/ir/diag"
)

// Rate is the learning rate of all batches that begin after Digits digits have been
// seen, until the next Rate.
type Rate struct {
	Digits int
	LR     float64
}

// Kinds of update.
const (
	Online   = "online"   // after every row
	Sequence = "sequence" // once, after the last row, with the sum of the gradients
)

// Training describes a training run.
type Training struct {
	Optimiser Optimiser
	Schedule  []Rate // ascending from Digits 0; empty: Optimiser.LR throughout
	Batch     int    // items side by side; the last batch may be smaller
	Steps     int    // rows of a digit
	BurnIn    int    // first rows without loss and update, below Steps
	Update    string // Online or Sequence; empty means Online
	Digits    int    // length of the run; the data set is repeated as often as needed
	Shuffle   bool   // a new order in every epoch
	Seed      uint64 // of dropout and order
	Workers   int    // goroutines; 0 means 1; no influence on results
}

func (t Training) filled() Training {
	t.Update = orDefault(t.Update, Online)
	t.Workers = orDefault(t.Workers, 1)
	if len(t.Schedule) == 0 {
		t.Schedule = []Rate{{0, t.Optimiser.LR}}
	}
	return t
}

// Validate reports every field out of range as a diag.List of code decolle/spec.
func (t Training) Validate() error {
	c := checker{code: codeSpec}
	t = t.filled()
	c.optimiser(t.Optimiser)
	c.count("batch", t.Batch, 1, maxItems)
	c.count("steps", t.Steps, 1, maxRows)
	c.count("burnin", t.BurnIn, 0, t.Steps-1)
	c.count("digits", t.Digits, 0, maxDigits)
	c.count("workers", t.Workers, 1, maxWorkers)
	c.name("update", t.Update, []string{Online, Sequence})
	for i, r := range t.Schedule {
		c.number(fmt.Sprintf("lr_schedule[%d].lr", i), r.LR, 0, maxReal)
		if i == 0 && r.Digits != 0 || i > 0 && r.Digits <= t.Schedule[i-1].Digits {
			c.list.Add(diag.Pos{}, c.code, "lr_schedule[%d] begins at digit %d", i, r.Digits).
				WithFix("begin at digit 0 and list the changes in ascending order")
		}
	}
	return c.list.Err()
}

// maxDigits keeps digit numbers of the dropout streams below 2^44.
const maxDigits = 1 << 40

// rate is the learning rate after a number of digits.
func (t Training) rate(digits int) float64 {
	lr := 0.0
	for _, r := range t.Schedule {
		if r.Digits <= digits {
			lr = r.LR
		}
	}
	return lr
}
