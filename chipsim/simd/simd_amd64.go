//go:build !purego

package simd

import "golang.org/x/sys/cpu"

func init() {
	if cpu.X86.HasAVX2 {
		implementation = avx2
	}
}

var avx2 = kernels{
	addRow:  func(into []int16, weights []int8) { addRow(&into[0], &weights[0], len(weights)) },
	drain:   func(into []int64, stage []int16, shift uint) { drain(&into[0], &stage[0], len(stage), uint64(shift)) },
	sum:     func(words []uint64) uint64 { return sum(&words[0], len(words)) },
	cuba:    either(cuba, cubaAlike),
	decolle: either(decolle, decolleAlike),

	narrowCuba: Narrow{narrowCuba, narrowCubaBanked}, narrowDecolle: Narrow{narrowDecolle, narrowDecolleBanked},
}

func either(byLane, alike func(fields *[16]*int64, n int, spikes *uint8)) Program {
	return func(fields *[16]*int64, n int, sameParams bool, spikes []uint8) {
		if sameParams {
			alike(fields, n, &spikes[0])
		} else {
			byLane(fields, n, &spikes[0])
		}
	}
}
