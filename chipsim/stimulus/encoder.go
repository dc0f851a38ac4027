package stimulus

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"decc/chipsim/stimulus/events"
	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// Encoder turns one grey image, or one recording of events, into the spikes of an input population. It holds no
// state: it may be used from many goroutines, and equal arguments give equal spikes.
type Encoder interface {
	// Encode returns the spikes of an image in rows [0, Steps) and members [0, Size),
	// sorted, each with payload 1. pixels are grey levels, row by row; index is the
	// position of the image in its original file (Images.Index), at least 0. An image
	// shorter than the encoder was made for counts as black beyond its end, a longer
	// one is cut. The encoder events takes the bytes of a recording instead (ReadEvents).
	Encode(pixels []byte, index int) spikes.Train
	// Steps is the number of rows of one image.
	Steps() int
	// Size is the number of members of the input population.
	Size() int
}

// Param is one parameter of an encoder: a whole number in [Min, Max].
type Param struct {
	Name              string
	Meaning           string // with the unit
	Default, Min, Max int64
	Words             []string // names of the values 0, 1, …; nil where it is a number
}

// EncoderKind is one row of Encoders.
type EncoderKind struct {
	Name      string
	Meaning   string // one line, for a list of encoders
	MaxPixels int    // of one image
	Events    bool   // takes recordings of exactly MaxPixels lines, not images
	Params    []Param
	build     func(pixels int, value map[string]int64) Encoder
}

const (
	// maxSteps bounds the rows of one image; it is also what the key of the Poisson
	// encoder has room for.
	maxSteps = 4096
	// maxPixels bounds an image for the encoders without a narrower limit.
	maxPixels = 1 << 20
	// whiteRate is the gain of the recorded checkpoints: 0.2 spikes a row for white.
	whiteRate = 13158
	// fullRate is the least gain at which white fires in every row: 2^24/255, rounded up.
	fullRate = 65794
)

var (
	stepsParam = Param{"steps", "rows of one image", 100, 1, maxSteps, nil}
	gainParam  = Param{"gain_q24", "spikes a row and grey level, in units of 2^-24", whiteRate, 1, fullRate, nil}
	floorParam = Param{"floor", "darkest grey level that gives a spike", 1, 1, 255, nil}
	seedParam  = Param{"seed", "seed of the counter-based generator", 20200512, 0, 1<<63 - 1, nil}
	phaseParam = Param{"phase", "where the accumulators start: 0 = zero, 1 = random", phaseRandom, 0, 1, []string{"zero", "random"}}
	binParam   = Param{"bin_us", "microseconds of a recording that make one row", 1000, 1, 1 << events.TimeBits, nil}
)

// Encoders lists the encoders that NewEncoder makes.
var Encoders = []EncoderKind{
	{
		Name:      "poisson",
		Meaning:   "independent random spikes, probability in proportion to the grey level",
		MaxPixels: poissonPixels,
		Params: []Param{
			stepsParam,
			seedParam,
			gainParam,
		},
		build: newPoisson,
	},
	{
		Name:      "constant",
		Meaning:   "evenly spaced spikes, rate in proportion to the grey level",
		MaxPixels: maxPixels,
		Params:    []Param{stepsParam, gainParam},
		build:     newConstant,
	},
	{
		Name:      "rate",
		Meaning:   "as constant, each pixel with a phase of its own",
		MaxPixels: maxPixels,
		Params:    []Param{stepsParam, seedParam, gainParam, phaseParam},
		build:     newRate,
	},
	{
		Name:      "latency",
		Meaning:   "one spike a pixel, the brighter the earlier",
		MaxPixels: maxPixels,
		Params:    []Param{stepsParam, floorParam},
		build:     newLatency,
	},
	{
		Name:      "threshold",
		Meaning:   "one pixel a row; spikes where the grey level crosses one of several thresholds",
		MaxPixels: maxPixels,
		Params: []Param{
			{"levels", "number of thresholds; two channels each", 40, 3, 256, nil},
			{"cue", "rows of the cue channel after the last pixel", 56, 0, maxSteps, nil},
		},
		build: newThreshold,
	},
	{
		Name:      "delta",
		Meaning:   "one pixel a row; a channel fires where the grey level rises, another where it falls",
		MaxPixels: maxPixels,
		Params: []Param{
			{"threshold", "least change of the grey level that gives a spike", 32, 1, 255, nil},
			{"reference", "what a pixel is compared with: 0 = the previous pixel, 1 = the one with the last spike (sent)", deltaPrevious, deltaPrevious, deltaSent, []string{"previous", "sent"}},
		},
		build: newDelta,
	},
	{
		Name:      "events",
		Meaning:   "the events of a recording, one spike a line and row however many fall into it",
		MaxPixels: eventLines,
		Events:    true,
		Params:    []Param{stepsParam, binParam},
		build:     newEvents,
	},
}

// NewEncoder makes the encoder of that name for images of the given number of pixels.
// Parameters left out take their default. Errors (data/unknown-encoder,
// data/bad-parameter) carry pos, the place that asked for the encoder.
func NewEncoder(pos diag.Pos, name string, pixels int, params map[string]int64) (Encoder, error) {
	kind, err := findEncoder(pos, name)
	if err != nil {
		return nil, err
	}
	value, err := kind.values(pos, pixels, params)
	if err != nil {
		return nil, err
	}
	return kind.build(pixels, value), nil
}

func findEncoder(pos diag.Pos, name string) (EncoderKind, error) {
	var names []string
	for _, kind := range Encoders {
		if kind.Name == name {
			return kind, nil
		}
		names = append(names, kind.Name)
	}
	d := diag.Errorf(pos, codeEncoder, "found encoder %q, expected one of %s", name, strings.Join(names, ", "))
	return EncoderKind{}, suggest(d, name, names)
}

// suggest adds the fix "write X" where one of the known names is close to name.
func suggest(d *diag.Diagnostic, name string, known []string) *diag.Diagnostic {
	if near, ok := diag.Nearest(name, known); ok {
		return d.WithFix("write %s", near)
	}
	return d.WithFix("write one of %s", strings.Join(known, ", "))
}

// values completes the given parameters with defaults and checks all of them.
func (k EncoderKind) values(pos diag.Pos, pixels int, given map[string]int64) (map[string]int64, error) {
	var faults diag.List
	if least := k.leastPixels(); pixels < least || pixels > k.MaxPixels {
		faults.Add(pos, codeParameter, "encoder %s cannot take images of %d pixels, expected %d..%d", k.Name, pixels, least, k.MaxPixels)
	}
	value := make(map[string]int64, len(k.Params))
	for _, p := range k.Params {
		v, ok := given[p.Name]
		if !ok {
			v = p.Default
		}
		if v < p.Min || v > p.Max {
			faults.Add(pos, codeParameter, "found %s = %d for encoder %s, expected %d..%d", p.Name, v, k.Name, p.Min, p.Max).
				WithNote("%s: %s", p.Name, p.Meaning)
		}
		value[p.Name] = v
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, ok := value[name]; !ok {
			d := faults.Add(pos, codeParameter, "encoder %s has no parameter %q, expected %s", k.Name, name, strings.Join(k.paramNames(), ", "))
			suggest(d, name, k.paramNames())
		}
	}
	return value, faults.Err()
}

// leastPixels is the least size of an image, or the only one of a recording.
func (k EncoderKind) leastPixels() int {
	if k.Events {
		return k.MaxPixels
	}
	return 1
}

func (k EncoderKind) paramNames() []string {
	var names []string
	for _, p := range k.Params {
		names = append(names, p.Name)
	}
	return names
}

// reseeded is an encoder with random numbers.
type reseeded interface{ withSeed(seed uint64) Encoder }

// WithSeed is the encoder with another seed; one without random numbers is returned as
// it is.
func WithSeed(e Encoder, seed uint64) Encoder {
	if r, ok := e.(reseeded); ok {
		return r.withSeed(seed)
	}
	return e
}

// Presentation is the encoder for pass 0, 1, … of a training: pass 0 has the seed itself,
// every later one new random numbers (sem.PresentationSeed).
func Presentation(e Encoder, seed, pass uint64) Encoder {
	return WithSeed(e, sem.PresentationSeed(seed, pass))
}

// ParseEncoder makes an encoder from text such as "poisson" or
// "poisson:steps=100,seed=7"; parameters with words take these too ("rate:phase=zero").
// pos is where the text stands; errors as of NewEncoder.
func ParseEncoder(pos diag.Pos, text string, pixels int) (Encoder, error) {
	name, list, hasParams := strings.Cut(text, ":")
	params := map[string]int64{}
	if !hasParams {
		return NewEncoder(pos, name, pixels, params)
	}
	for _, setting := range strings.Split(list, ",") {
		key, number, _ := strings.Cut(setting, "=")
		v, err := parseValue(name, key, number)
		if err != nil {
			return nil, diag.Errorf(pos, codeParameter, "found %q, expected parameter=whole number", setting).
				WithFix("write for example %s:%s=%d", name, stepsParam.Name, stepsParam.Default)
		}
		if _, twice := params[key]; twice {
			return nil, diag.Errorf(pos, codeParameter, "parameter %q is set twice", key).WithFix("leave one of them out")
		}
		params[key] = v
	}
	return NewEncoder(pos, name, pixels, params)
}

// parseValue reads a whole number, or a word of the parameter.
func parseValue(kind, param, text string) (int64, error) {
	for _, k := range Encoders {
		for _, p := range k.Params {
			if i := slices.Index(p.Words, text); k.Name == kind && p.Name == param && i >= 0 {
				return int64(i), nil
			}
		}
	}
	return strconv.ParseInt(text, 10, 64)
}
