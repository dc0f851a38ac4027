package ir

// Each calls visit for every stored synapse: a Dense matrix by post, then pre,
// leaving out mantissa 0 where it is not plastic; a List in its order, mantissa 0 included.
func (s *Synapse) Each(visit func(pre, post int, mantissa int64, delay int)) {
	if s.IsList() {
		for i, m := range s.Weights.Data {
			visit(int(s.PrePost.Data[2*i]), int(s.PrePost.Data[2*i+1]), int64(m), s.delayAt(i))
		}
		return
	}
	n := s.Weights.Shape[1]
	for i, m := range s.Weights.Data {
		if m != 0 || s.Rule != "" {
			visit(i%n, i/n, int64(m), s.delayAt(i))
		}
	}
}

func (s *Synapse) delayAt(i int) int {
	if s.Delay == nil {
		return 0
	}
	return int(s.Delay.At(i))
}
