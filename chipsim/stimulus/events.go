package stimulus

import (
	"io"
	"slices"

	"decc/chipsim/stimulus/events"
	"decc/ir/spikes"
)

// N-MNIST's recordings are events of events.BS2 without a header.
const (
	// EventBytes is the size of one event of a recording.
	EventBytes = 5
	polarities = 2
	// sensorSide is the number of rows and of columns of the sensor.
	sensorSide = 34
	// eventLines is the number of lines of the sensor: [polarity][row][column].
	eventLines = polarities * sensorSide * sensorSide
	// maxEvents bounds one recording; N-MNIST has about 4,100 events each.
	maxEvents = 1 << 20
)

// event is one event of a recording.
type event struct {
	x, y, polarity int
	micros         int64 // [0, 2^23)
}

// eventAt reads the event at the front of record, which has at least EventBytes.
func eventAt(record []byte) event {
	e := events.BS2(record)
	return event{x: int(e.X), y: int(e.Y), polarity: int(e.P), micros: e.T}
}

// line is the member of the input that the event is a spike of.
func (e event) line() int32 {
	return int32((e.polarity*sensorSide+e.y)*sensorSide + e.x)
}

// ReadEvents reads a recording of N-MNIST, plain or gzip, and returns its bytes: whole
// events, all on the sensor of 34x34, at most 2^20, in the order of the file, times in
// any order. file names the input in errors, which are diagnostics at a byte offset.
func ReadEvents(r io.Reader, file string) ([]byte, error) {
	s, err := newSource(r, file)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(s.r, maxEvents*EventBytes+1))
	s.at = int64(len(data))
	if err != nil {
		return nil, s.explain(err, "an event")
	}
	if len(data) > maxEvents*EventBytes {
		return nil, s.errorf(codeTooLarge, "the recording goes on after %d events", maxEvents).WithFix("cut it into shorter ones")
	}
	return data, checkEvents(s, data)
}

func checkEvents(s *source, data []byte) error {
	for at := 0; at < len(data); at += EventBytes {
		s.at = int64(at)
		if len(data)-at < EventBytes {
			return s.errorf(codeTruncated, "found %d bytes, expected the %d of an event", len(data)-at, EventBytes).
				WithFix("copy or download the file again")
		}
		if e := eventAt(data[at:]); !e.onSensor() {
			return s.errorf(codeEvent, "found an event at x = %d, y = %d, expected 0..%d", e.x, e.y, sensorSide-1).
				WithFix("give recordings of a %dx%d sensor without overflow records", sensorSide, sensorSide)
		}
	}
	return nil
}

// onSensor reports whether the sensor has the pixel of the event.
func (e event) onSensor() bool { return e.x < sensorSide && e.y < sensorSide }

// eventBins cuts a recording into rows of equal duration. Several events of a line in one
// row are one spike (OR); events after the last row are left out.
type eventBins struct {
	steps int
	bin   int64 // microseconds of one row
}

func newEvents(_ int, value map[string]int64) Encoder {
	return eventBins{steps: int(value["steps"]), bin: value["bin_us"]}
}

func (e eventBins) Steps() int { return e.steps }
func (e eventBins) Size() int  { return eventLines }

// Encode takes the bytes of a recording as ReadEvents returns them and ignores index;
// what is no event of the sensor gives no spike.
func (e eventBins) Encode(recording []byte, _ int) spikes.Train {
	train := make(spikes.Train, 0, len(recording)/EventBytes)
	for record := range slices.Chunk(recording, EventBytes) {
		if len(record) < EventBytes {
			break
		}
		x := eventAt(record)
		if row := x.micros / e.bin; x.onSensor() && row < int64(e.steps) {
			train = append(train, spikes.Event{Row: int32(row), Index: x.line(), Payload: 1})
		}
	}
	train.Sort()
	return slices.Compact(train)
}
