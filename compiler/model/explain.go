package model

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"decc/ir/diag"
)

// KeyDoc explains one key of a model.
type KeyDoc struct {
	// Path is the key with those it lies in; [] stands for the members of a list and
	// <name> for the keys of a free mapping.
	Path    string
	Flavour string // "decolle", "fixed" or "spiking"
	Meaning string
	Type    string // in words, with the choices or the range
	Default string // "" where there is none
}

// Explain finds the documentation of a key such as "neuron.alpha" or
// "layers[].dense", one entry for each flavour that has it. An index in brackets
// may be left out. It fails with model/unknown-key.
func Explain(path string) ([]KeyDoc, error) {
	want := plain(path)
	var found []KeyDoc
	var known []string
	for _, k := range Keys() {
		if plain(k.Path) == want {
			found = append(found, k)
		}
		known = append(known, k.Path)
	}
	if found != nil {
		return found, nil
	}
	d := diag.Errorf(diag.Pos{}, codeUnknownKey, "a model has no key %q", path)
	if near, ok := diag.Nearest(want, known); ok {
		d.WithFix("did you mean %q?", near)
	}
	return nil, d
}

var anyIndex = regexp.MustCompile(`\[[^\]]*\]`)

func plain(path string) string { return anyIndex.ReplaceAllString(path, "") }

// Keys lists the documentation of all keys, in the order of flavour and path.
func Keys() []KeyDoc {
	var out []KeyDoc
	for _, s := range schema().flavours() {
		out = append(out, keysBelow(s, "", flavourName(s))...)
	}
	return out
}

func keysBelow(s *jsonschema.Schema, prefix, flavour string) []KeyDoc {
	var out []KeyDoc
	s = resolved(s)
	if s.Items2020 != nil {
		out = append(out, keysBelow(s.Items2020, prefix+"[]", flavour)...)
	}
	if a := additional(s); a != nil {
		out = append(out, keysBelow(a, prefix+".<name>", flavour)...)
	}
	for _, name := range keys(s) {
		property := s.Properties[name]
		path := strings.TrimPrefix(prefix+"."+name, ".")
		out = append(out, keyDoc(property, path, flavour))
		out = append(out, keysBelow(property, path, flavour)...)
	}
	return out
}

func keyDoc(s *jsonschema.Schema, path, flavour string) KeyDoc {
	doc := KeyDoc{Path: path, Flavour: flavour, Meaning: s.Description, Type: typeText(s)}
	if s.Default != nil {
		doc.Default = valueText(*s.Default)
	}
	return doc
}

// typeNames say a JSON type in the words of the diagnostics.
var typeNames = map[string]string{
	"integer": "a whole number", "number": "a number", "string": "a text", "boolean": "true or false",
	"array": "a list", "object": "a mapping of keys", "null": "nothing",
}

// typeText says what values a schema takes.
func typeText(s *jsonschema.Schema) string {
	s = resolved(s)
	switch {
	case s.Enum != nil:
		return "one of " + listText(s.Enum.Values)
	case s.Const != nil:
		return valueText(*s.Const)
	case s.Types == nil:
		return ""
	}
	words := strings.Join(namesOf(s.Types.ToStrings()), " or ")
	if s.Title != "" {
		return words + ": " + s.Title
	}
	return words + rangeText(s)
}

func namesOf(types []string) []string {
	out := make([]string, len(types))
	for i, t := range types {
		out[i] = typeNames[t]
	}
	return out
}

func listText(values []any) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = valueText(v)
	}
	return strings.Join(words, ", ")
}

func valueText(v any) string {
	if m, ok := v.(map[string]any); ok && len(m) == 0 {
		return "{}"
	}
	if list, ok := v.([]any); ok {
		return "[" + listText(list) + "]"
	}
	return fmt.Sprint(v)
}

// rangeText is " from a to b", as far as there are bounds.
func rangeText(s *jsonschema.Schema) string {
	var b strings.Builder
	bound := func(word string, x *big.Rat) {
		if x != nil {
			b.WriteString(word + number(x))
		}
	}
	bound(" from ", s.Minimum)
	bound(" above ", s.ExclusiveMinimum)
	bound(" to ", s.Maximum)
	bound(" below ", s.ExclusiveMaximum)
	return b.String()
}

func number(x *big.Rat) string {
	if x.IsInt() {
		return x.Num().String()
	}
	f, _ := x.Float64()
	return fmt.Sprint(f)
}
