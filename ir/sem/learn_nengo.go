package sem

import (
	"decc/ir/fix"
)

// pes is the machine of nengo-loihi's learning: the error of a compartment is written into
// y1 with its sign, the trace of a source moves once an epoch, weights once every
// 2^Decimate epochs (peers.md 3; golden/README.md). Its row k is the emulator's row k+1,
// in which the spikes arrive; thresholds are asked for by the emulator's row.
type pes struct {
	*Unit
	spiked []bool // since the last epoch
}

func newPES(u *Unit) machine {
	u.sites(u.pre, u.post)
	return &pes{Unit: u, spiked: make([]bool, u.pre)}
}

// nengoMantBits: nengo-loihi counts 3 bits for the mantissa where Lava counts 4.
const nengoMantBits = 3

func (m *pes) row(k int, e RowEvents, th Thresholds) {
	for _, a := range e.Pre {
		m.spiked[a.Index] = true
	}
	row := k + 1
	if (row+1)%m.Rule.Epoch == 0 {
		m.train(row, th)
	}
	if (row+1)%(m.Rule.Epoch<<m.Rule.Decimate) == 0 {
		m.learn(row, e.Written[0], th)
	}
}

// train moves the traces of all sources.
func (m *pes) train(row int, th Thresholds) {
	spec := m.Rule.Traces[X1.TraceIndex()]
	keep := spec.LeftAfter(m.Rule.Epoch)
	for i, x := range m.Trace[X1.TraceIndex()] {
		z := float64(x) * keep
		if m.spiked[i] {
			z += float64(spec.Impulse) / (1 << impulseBits)
		}
		floor, fraction := split(z)
		if fraction > th.Decay(X1, row, i) {
			floor++
		}
		m.Trace[X1.TraceIndex()][i] = min(floor, maxTrace)
	}
	clear(m.spiked)
}

func (m *pes) learn(row int, errors []int64, th Thresholds) {
	if errors == nil {
		return
	}
	for i, c := range m.Contacts {
		e := fix.Clamp(errors[c.Post], -maxTrace, maxTrace)
		acc := m.Values[TargetW][i] << accShift
		if m.Trace[X1.TraceIndex()][c.Pre] != 0 && e != 0 {
			m.Updates++
		}
		for _, p := range m.Rule.Sums[TargetW] {
			prod := m.Trace[X1.TraceIndex()][c.Pre] * e * int64(p.Mant)
			acc += fix.Scale(prod, accShift+int(p.Exp)-(2*7+nengoMantBits-productBits))
		}
		m.Values[TargetW][i] = m.round(acc, func() float64 { return th.Update(TargetW, row, int(c.Index)) })
	}
}

// round keeps the sign and rounds the magnitude to the stored grid.
func (m *pes) round(acc int64, threshold func() float64) int64 {
	bits := accShift + m.Format.LSB()
	size := max(acc, -acc)
	up := size >> bits
	if rest := size - up<<bits; float64(rest)/float64(int64(1)<<bits) > threshold() {
		up++
	}
	_, hi := m.learning.Limits(TargetW, m.Format)
	return sign(acc) * min(up<<m.Format.LSB(), hi)
}
