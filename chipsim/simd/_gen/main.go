// Command gen writes the kernels of package simd for amd64. Run it in its folder:
//
//	go run . -out ../kernels_amd64.s -stubs ../kernels_amd64.go -pkg simd
package main

import (
	. "github.com/mmcloughlin/avo/build"
)

func main() {
	ConstraintExpr("!purego")
	addRow()
	drain()
	sum()
	cuba()
	decolle()
	narrowCuba()
	narrowDecolle()
	Generate()
}
