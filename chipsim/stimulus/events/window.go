package events

// MaxTime is the largest time of an event in us, either side of 0, that formats without a width of
// their own may have: a float holds it.
const MaxTime = 1 << 53

// Window is the part [From, Until) of a recording's time, in microseconds. The zero value
// is all of it.
type Window struct{ From, Until int64 }

// Take keeps the events of the window, in place and in their order, and takes origin off
// their times.
func (w Window) Take(list []Event, origin int64) []Event {
	all := w == Window{}
	kept := list[:0]
	for _, e := range list {
		if all || w.From <= e.T && e.T < w.Until {
			e.T -= origin
			kept = append(kept, e)
		}
	}
	return kept
}

// Extent is what events span: their number, least and greatest time in microseconds, and
// greatest x, y and polarity. The zero value is that of no events.
type Extent struct {
	Events      int64
	First, Last int64
	X, Y        int32
	P           uint8
}

// Add widens the extent by events.
func (x *Extent) Add(list []Event) {
	for _, e := range list {
		if x.Events == 0 {
			x.First, x.Last = e.T, e.T
		}
		x.Events++
		x.First, x.Last = min(x.First, e.T), max(x.Last, e.T)
		x.X, x.Y, x.P = max(x.X, e.X), max(x.Y, e.Y), max(x.P, e.P)
	}
}

// Each gives all events of a recording to take, some at a time in a buffer that is used
// again. It ends with the first error of the reader or of take.
func (r *Reader) Each(take func(list []Event) error) error {
	buf := make([]Event, 4096)
	for {
		n, err := r.Next(buf)
		if err != nil {
			return ended(err)
		}
		if err := take(buf[:n]); err != nil {
			return err
		}
	}
}

// Upright turns events of a recording whose rows count from below, or whose polarity 0 is
// ON, into those of one whose row 0 is at the top and whose polarity 1 is ON. Polarities
// above 1 stay.
func (i Info) Upright(list []Event) {
	for k := range list {
		if i.BottomUp {
			list[k].Y = int32(i.Height) - 1 - list[k].Y
		}
		if i.ZeroIsOn && list[k].P <= 1 {
			list[k].P = 1 - list[k].P
		}
	}
}
