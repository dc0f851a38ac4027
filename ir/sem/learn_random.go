package sem

// Drawn are the thresholds of a run whose random bits come from Draw, keyed by
// (seed, object and variable, row, site or synapse): so they do not depend on mapping,
// threads or engine. Decays have 12 bits, impulses 8, updates 16.
type Drawn struct {
	streams [variableEnd]stream
	updates [targetEnd]stream
}

// stream caches the part of Draw that all draws of a row share.
type stream struct {
	object, row uint64
	at          int
}

// NewDrawn keys the thresholds of the plastic synapses of that name.
func NewDrawn(seed uint64, object string) *Drawn {
	d := &Drawn{}
	for v := range d.streams {
		d.streams[v] = newStream(seed, object+"."+Variables[v].Name)
	}
	for t := range d.updates {
		d.updates[t] = newStream(seed, object+"."+Targets[t])
	}
	return d
}

func newStream(seed uint64, name string) stream {
	return stream{object: SplitMix64(seed, Key(name)), at: -1}
}

func (s *stream) draw(row, index int) uint64 {
	if s.at != row {
		s.row, s.at = SplitMix64(s.object, uint64(row)), row
	}
	return SplitMix64(s.row, uint64(index))
}

// Decay implements Thresholds.
func (d *Drawn) Decay(v Variable, row, site int) float64 {
	return float64(d.streams[v].draw(row, site)>>52) / (1 << 12)
}

// Impulse implements Thresholds. It uses other bits of the site's draw than Decay.
func (d *Drawn) Impulse(v Variable, row, site int, _ bool) int64 {
	return int64(d.streams[v].draw(row, site) & 0xff)
}

// Update implements Thresholds.
func (d *Drawn) Update(t Target, row, synapse int) float64 {
	return float64(d.UpdateBits(t, row, synapse)) / (1 << 16)
}

// RowBits are the thresholds of the updates of one target in one row.
type RowBits uint64

// UpdateRow gives the thresholds of a row's updates of a target.
func (d *Drawn) UpdateRow(t Target, row int) RowBits {
	return RowBits(SplitMix64(d.updates[t].object, uint64(row)))
}

// At is the threshold of a synapse in 2^-16: UpdateBits.
func (r RowBits) At(synapse int64) int32 { return int32(SplitMix64(uint64(r), uint64(synapse)) >> 48) }

// UpdateBits is the threshold of Update in 2^-16.
func (d *Drawn) UpdateBits(t Target, row, synapse int) int64 {
	return int64(d.updates[t].draw(row, synapse) >> 48)
}
