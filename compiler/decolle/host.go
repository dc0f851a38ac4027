package decolle

// HostLearning describes how the last layer learns where a host writes the error of every
// class into a post trace (decolle.md 5.1, 5.2). Its neurons are the classes.
type HostLearning struct {
	Rule       string  // of rule.Library: soel or sign
	Eta        float64 // weight codes for an error of one spike and a pre trace of 1; a power of two is used
	Impulse    int     // of the pre traces
	WeightStep float64 // value of a weight code
	Epoch      int     // rows between two writes
	Target     int     // spikes of the right class in an epoch
	Offset     int     // post trace that stands for no error; soel
	ThetaStep  int     // of the threshold on the error; soel
	Dead       int     // spikes; smaller errors are none; sign
	Most       int     // largest error; sign
}
