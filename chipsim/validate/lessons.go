package validate

import (
	"slices"

	"decc/chipsim/stimulus"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// Lessons are the presentations of a training, in the order in which all learners get
// them: float twin and chip learn from the same spikes of the same samples.
type Lessons struct {
	Images  *stimulus.Images
	Encoder stimulus.Encoder
	// Seed keys the noise of every pass and the order of shuffled passes.
	Seed uint64
	// Shuffled tells that the first pass is in random order too; later ones always are.
	Shuffled bool
	order    []int32
	pass     int
}

// Shots are the first n samples of every class, in turn: class 0 to the last, then again.
// A class that has fewer is left out of the later turns.
func Shots(images *stimulus.Images, n int) (*stimulus.Images, error) {
	var turns [][]int // samples by turn and then class
	seen := map[int]int{}
	for i, class := range images.Labels {
		turn := seen[class]
		if turn == n {
			continue
		}
		seen[class]++
		if turn == len(turns) {
			turns = append(turns, nil)
		}
		turns[turn] = append(turns[turn], i)
	}
	var order []int
	for _, turn := range turns {
		slices.SortStableFunc(turn, func(a, b int) int { return images.Labels[a] - images.Labels[b] })
		for _, i := range turn {
			order = append(order, images.Index[i])
		}
	}
	return images.Select(order)
}

// lessonOrder names the stream of random numbers of the order.
var lessonOrder = sem.Key("lessons.order")

// NewLessons begins with presentation 0.
func NewLessons(images *stimulus.Images, enc stimulus.Encoder, seed uint64, shuffled bool) *Lessons {
	l := &Lessons{Images: images, Encoder: enc, Seed: seed, Shuffled: shuffled, pass: -1}
	l.order = make([]int32, images.Len())
	return l
}

// At is the spikes and the class of presentation k, 0, 1, …, whatever was asked before.
func (l *Lessons) At(k int) (spikes.Train, int) {
	n := l.Images.Len()
	l.begin(k / n)
	i := int(l.order[k%n])
	enc := stimulus.Presentation(l.Encoder, l.Seed, uint64(l.pass))
	return enc.Encode(l.Images.Image(i), l.Images.Index[i]), l.Images.Labels[i]
}

// begin orders the samples of a pass.
func (l *Lessons) begin(pass int) {
	if pass == l.pass {
		return
	}
	l.pass = pass
	for i := range l.order {
		l.order[i] = int32(i)
	}
	if pass == 0 && !l.Shuffled {
		return
	}
	for i := len(l.order) - 1; i > 0; i-- {
		j := sem.Draw(l.Seed, lessonOrder, uint64(pass), uint64(i)) % uint64(i+1)
		l.order[i], l.order[j] = l.order[j], l.order[i]
	}
}
