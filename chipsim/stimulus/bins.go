package stimulus

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"decc/chipsim/stimulus/events"
	"decc/ir/diag"
	"decc/ir/spikes"
)

// Polarity says which events of a recording count, and into which channel they go.
type Polarity string

// The ways to take polarities; the empty text is Both.
const (
	// Both puts polarity p into channel p; an input of one channel takes all events.
	Both Polarity = "both"
	// Merge puts all events into one channel.
	Merge Polarity = "merge"
	// On takes the events of pixels that got brighter, as the format of the file defines
	// them: those of polarity 1 and above, but for AEDAT 1 and 2 those of polarity 0.
	On Polarity = "on"
	// Off takes the others.
	Off Polarity = "off"
)

// polarityWays are the known ways, and whether they need an input of one channel.
var polarityWays = map[Polarity]bool{"": false, Both: false, Merge: true, On: true, Off: true}

// Binning says how the events of a recording become spikes of an input whose members
// stand in channels, rows and columns.
type Binning struct {
	Micros int64 // of a row
	// Nearest tells that an event belongs to the nearest row, one between two to the even
	// one; else it belongs to the row that it is in.
	Nearest bool
	Steps   int // rows; later events are left out
	// Shape is channels, rows and columns of the input.
	Shape [3]int
	// Polarity chooses events; all but Both need one channel.
	Polarity Polarity
	Crop     [2]int // rows and columns of the sensor, from the top left; 0 is all
	// Shrink is how many rows and columns of the sensor are one of the input.
	Shrink [2]int
	// Counts gives a spike the number of its events as payload; else it has payload 1,
	// however many they are.
	Counts bool
}

// Check tells what is wrong with a binning.
func (b *Binning) Check() error {
	switch {
	case b.Micros < 1 || b.Micros > 1<<40:
		return errors.New("a row of less than a microsecond or more than 12 days")
	case b.Steps < 1 || b.Steps > 1<<30:
		return errors.New("no steps, or more than 2^30")
	case slices.Min(b.Shape[:]) < 1 || slices.Max(b.Shape[:]) > 1<<14 || b.Shape[0]*b.Shape[1]*b.Shape[2] > 1<<24:
		return errors.New("an input without members, or with more than 2^24")
	case slices.Min(b.Shrink[:]) < 1 || slices.Min(b.Crop[:]) < 0:
		return errors.New("shrink is 1 or more, crop 0 or more")
	}
	single, known := polarityWays[b.Polarity]
	switch {
	case !known:
		return fmt.Errorf("polarity %q is none of both, merge, on, off", b.Polarity)
	case single && b.Shape[0] != 1:
		return fmt.Errorf("polarity %s fills one channel, and the input has %d", b.Polarity, b.Shape[0])
	}
	return nil
}

// row is the row of an event, -1 where it has none.
func (b *Binning) row(micros int64) int64 {
	if micros < 0 {
		return -1
	}
	row, rest := micros/b.Micros, micros%b.Micros
	if b.Nearest && (2*rest > b.Micros || 2*rest == b.Micros && row%2 == 1) {
		row++
	}
	if row >= int64(b.Steps) {
		return -1
	}
	return row
}

// channel is that of a polarity; taken is false for events that do not count.
func (b *Binning) channel(p uint8, zeroIsOn bool) (channel int, taken bool) {
	on := (p != 0) != zeroIsOn
	switch {
	case b.Polarity == On && !on, b.Polarity == Off && on:
		return 0, false
	case b.Shape[0] == 1:
		return 0, true
	}
	return int(p), true
}

// member is the input's member of an event; inside is false for what is cropped or does not
// count.
func (b *Binning) member(e events.Event, zeroIsOn bool) (index int64, inside bool, err error) {
	channel, taken := b.channel(e.P, zeroIsOn)
	if !taken || b.Crop[0] > 0 && int(e.Y) >= b.Crop[0] || b.Crop[1] > 0 && int(e.X) >= b.Crop[1] {
		return 0, false, nil
	}
	y, x := int(e.Y)/b.Shrink[0], int(e.X)/b.Shrink[1]
	if channel >= b.Shape[0] || y >= b.Shape[1] || x >= b.Shape[2] || e.X < 0 || e.Y < 0 {
		return 0, false, diag.Errorf(diag.Pos{}, codeEvent, "found an event at x = %d, y = %d, polarity %d; the input has %d channels of %d rows and %d columns", e.X, e.Y, e.P, b.Shape[0], b.Shape[1], b.Shape[2]).
			WithFix("crop or shrink, or give the input the shape of the sensor")
	}
	return int64((channel*b.Shape[1]+y)*b.Shape[2] + x), true, nil
}

// maxBinned bounds the events of one recording that are binned: 1 GiB.
const maxBinned = 1 << 26

// Bin reads a recording and gives the spikes of a part of it, sorted, and the number of its
// events. Row 0 begins with the part. Errors are diagnostics; those of the reader tell the
// byte.
func (b *Binning) Bin(r *events.Reader, part events.Window) (train spikes.Train, n int, err error) {
	var keys []int64 // row and member of the events that count
	zeroIsOn := r.Info().ZeroIsOn
	err = r.Each(func(list []events.Event) error {
		list = part.Take(list, part.From)
		n += len(list)
		for _, e := range list {
			row := b.row(e.T)
			if row < 0 {
				continue
			}
			member, inside, err := b.member(e, zeroIsOn)
			if err != nil {
				return err
			}
			if inside {
				keys = append(keys, row<<24|member)
			}
		}
		if len(keys) > maxBinned {
			return diag.Errorf(diag.Pos{}, codeTooLarge, "the recording has more than %d events", maxBinned).WithFix("cut it into shorter ones")
		}
		return nil
	})
	if err != nil {
		return nil, n, err
	}
	return b.train(keys), n, nil
}

// train makes spikes of the events.
func (b *Binning) train(keys []int64) spikes.Train {
	slices.Sort(keys)
	var train spikes.Train
	for i := 0; i < len(keys); {
		j := i + 1
		for j < len(keys) && keys[j] == keys[i] {
			j++
		}
		e := spikes.Event{Row: int32(keys[i] >> 24), Index: int32(keys[i] & (1<<24 - 1)), Payload: 1}
		if b.Counts {
			e.Payload = int32(j - i)
		}
		train = append(train, e)
		i = j
	}
	return train
}

// Open opens the events of a recording in its file.
func (x Recording) Open(f *os.File) (*events.Reader, error) {
	return events.OpenMember(f, x.Path, events.Member{Key: x.Key, Axes: x.Axes, Index: x.Index})
}

// BinFile is Bin for a recording of a list, in the name of whose file the errors are.
func (b *Binning) BinFile(x Recording) (train spikes.Train, n int, err error) {
	f, err := openFile(x.Path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	r, err := x.Open(f)
	if err != nil {
		return nil, 0, err
	}
	train, n, err = b.Bin(r, x.Window)
	for _, d := range diag.All(err) {
		if d.Pos.IsZero() {
			d.Pos = diag.Pos{File: x.Path}
			if x.Key != "" {
				d.WithNote("in recording %s", x.Key)
			}
		}
	}
	return train, n, err
}
