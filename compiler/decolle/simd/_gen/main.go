// Command gen writes the kernels of package simd for amd64. Run it in its folder:
//
//	go run . -out ../kernels_amd64.s -stubs ../kernels_amd64.go -pkg simd
package main

import (
	. "github.com/mmcloughlin/avo/build"
)

func main() {
	ConstraintExpr("!purego")
	tail := masks()
	for _, p := range precisions {
		p.tail = tail
		p.sums()
		p.wide().sums()
		p.states()
	}
	Generate()
}

// sums are the kernels that take most of the time.
func (p *precision) sums() {
	p.combine()
	p.slide("slideTwo", 2)
	p.slide("slideOne", 1)
	p.slidePart("slideTwoPart", 2)
	p.slidePart("slideOnePart", 1)
}

// states are the kernels that go over lists side by side.
func (p *precision) states() {
	p.addScaled()
	p.decay()
	p.fire()
	p.larger()
	p.multiply()
	p.fastSigmoid()
	p.adaMax()
	p.adaMaxRest()
}
