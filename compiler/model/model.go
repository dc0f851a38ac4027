package model

import (
	"time"

	"decc/ir/diag"
)

// Model is one model file. Exactly one of Decolle, Fixed and Spiking is set.
type Model struct {
	Header `yaml:",inline"`
	// Decolle is a network of real numbers.
	Decolle *Decolle `yaml:"-"`
	// Fixed is a network of integers.
	Fixed *Fixed `yaml:"-"`
	// Spiking is a network of real numbers made of populations.
	Spiking *Spiking `yaml:"-"`
	// Warnings are findings that do not stop anything, in order of place.
	Warnings diag.List `yaml:"-"`

	src *source
}

// Header is what all flavours begin with.
type Header struct {
	Version     int           `yaml:"decc"`
	Name        string        `yaml:"name"`
	Description string        `yaml:"description"`
	Target      string        `yaml:"target"` // name of a chip profile, not looked up here
	Dt          time.Duration `yaml:"dt"`     // of one row, at least 1 ns
}

// At is the place of a value, such as At("layers[0].conv.kernel"); for a value
// that the text does not have it is the place of what it would lie in.
func (m *Model) At(path string) diag.Pos {
	n, _ := m.src.find(path)
	return m.src.pos(n)
}

// Has reports whether the text has a value, as opposed to a default.
func (m *Model) Has(path string) bool {
	_, ok := m.src.find(path)
	return ok
}

// File is the name that the model was read under.
func (m *Model) File() string { return m.src.name }

// Source gives the text of the model to diag's Render.
func (m *Model) Source(file string) []byte {
	if file == m.src.name {
		return m.src.text
	}
	return nil
}

// Flavour is "decolle", "fixed" or "spiking".
func (m *Model) Flavour() string {
	switch {
	case m.Fixed != nil:
		return "fixed"
	case m.Spiking != nil:
		return "spiking"
	}
	return "decolle"
}

// Presented is what a network of populations is given from outside, nil for a DECOLLE
// model.
func (m *Model) Presented() *Presented {
	switch {
	case m.Fixed != nil:
		return &m.Fixed.Presented
	case m.Spiking != nil:
		return &m.Spiking.Presented
	}
	return nil
}

// Encoder says how a sample becomes spikes. Params are the parameters that the
// text gives, by the names that chipsim/stimulus knows; the others have its defaults.
// Where the text gives a word, the number is its place among the words of the schema.
type Encoder struct {
	Kind   string           `yaml:"kind"`
	Params map[string]int64 `yaml:",inline"`
}
