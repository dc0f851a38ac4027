package spikes

// Ballot decides a class by votes: every counted row gives one vote to its largest
// readout, the class with most votes wins; ties go to the lowest class, in the row
// and in the count (the test rule of the DECOLLE reference, decolle.md section 2).
type Ballot struct{ votes []int }

// NewBallot makes an empty ballot of n classes.
func NewBallot(n int) *Ballot { return &Ballot{votes: make([]int, n)} }

// Cast counts one row of readouts, one number a class.
func Cast[V int64 | float32 | float64](b *Ballot, readout []V) { b.votes[Argmax(readout)]++ }

// Votes are the counted rows by class; the slice belongs to the ballot.
func (b *Ballot) Votes() []int { return b.votes }

// Winner is the decided class (0 where no row was counted).
func (b *Ballot) Winner() int { return Argmax(b.votes) }

// Argmax is the place of the largest value, the first among equals.
func Argmax[V int | int64 | float32 | float64](x []V) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}
