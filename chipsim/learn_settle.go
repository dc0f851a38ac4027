package chipsim

import "decc/ir/sem"

// settler ends the updates of a target's synapses: from accumulators to values and
// effective weights, as sem.Updater's Split and Value do one by one.
type settler struct {
	p                *plasticState
	target           sem.Target
	accLo, accHi     int32
	lo, hi           int32
	bits, grid, to16 uint // to16 brings a rest to 16 bits
	row              sem.RowBits
	accs, places     []int32
}

func newSettler(p *plasticState, t sem.Target, way *sem.Updater) settler {
	s := settler{p: p, target: t, bits: way.Bits(), grid: way.Grid(), to16: 16 - way.Bits()}
	lo, hi := way.Bounds()
	s.accLo, s.accHi = int32(lo), int32(hi)
	lo, hi = way.Limits()
	s.lo, s.hi = int32(lo), int32(hi)
	return s
}

// open begins a row.
func (s *settler) open(k int) { s.row = s.p.random.UpdateRow(s.target, k) }

// begin begins a strip of n synapses and gives the memory for their accumulators and their
// places in the strip.
func (s *settler) begin(n int32) (accs, places []int32) {
	if len(s.accs) < int(n) {
		s.accs, s.places = make([]int32, n), make([]int32, n)
	}
	return s.accs[:n], s.places[:n]
}

// settle gives the first n synapses of that memory their values. A rest of 0 is never
// greater than a threshold, so that no case needs a branch.
func (s *settler) settle(sender int32, of *strip, n int) {
	if n == 0 {
		return
	}
	values := s.p.values[s.target][of.place:][:of.n]
	accs, places := s.accs[:n], s.places[:n]
	row, number, stride := s.row, s.p.number(sender, of.first), int64(s.p.Pre)
	accLo, accHi, lo, hi := s.accLo, s.accHi, s.lo, s.hi
	bits, grid, to16, mask := s.bits&31, s.grid&31, s.to16&31, int32(1)<<s.bits-1
	for j, i := range places {
		acc := min(max(accs[j], accLo), accHi)
		up := uint32(row.At(number+int64(i)*stride)-(acc&mask)<<to16) >> 31
		v := min(max((acc>>bits+int32(up))<<grid, lo), hi)
		values[i], accs[j] = int16(v), v
	}
	if s.target == sem.TargetW {
		weights, effective := s.p.weights[of.weight:][:of.n], s.p.effective
		for j, i := range places {
			weights[i] = effective[accs[j]-leastMantissa]
		}
	}
}
