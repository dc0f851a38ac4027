//go:build !purego

package simd

import "golang.org/x/sys/cpu"

func init() {
	if cpu.X86.HasAVX2 {
		vectors["avx2 single"], vectors["avx2 double"] = avx2Single.kernels(), avx2Double.kernels()
	}
	if hasAVX512 {
		vectors["avx512 single"], vectors["avx512 double"] = avx512Single.kernels(), avx512Double.kernels()
	}
}
