package model

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"gopkg.in/yaml.v3"

	"decc/ir/diag"
)

// validator turns what the schema finds wrong into diagnostics.
type validator struct {
	*source
	list *diag.List
}

// validate holds a tree against the schema.
func (v *validator) validate(value any) {
	var failure *jsonschema.ValidationError
	if errors.As(schema().root.Validate(value), &failure) {
		v.walk(failure)
	}
}

// walk visits the findings at the leaves. A choice between schemas is one finding,
// whatever its branches say.
func (v *validator) walk(e *jsonschema.ValidationError) {
	_, choice := e.ErrorKind.(*kind.OneOf)
	if choice || len(e.Causes) == 0 {
		v.leaf(e)
		return
	}
	for _, cause := range e.Causes {
		v.walk(cause)
	}
}

// finding is one failure of the schema: where it is and what the schema asks for.
type finding struct {
	*jsonschema.ValidationError
	schema *jsonschema.Schema
	parent *yaml.Node // the mapping or list that holds the value, nil for the root
	value  *yaml.Node
	path   string // "the model" for the root
}

func (v *validator) leaf(e *jsonschema.ValidationError) {
	f := finding{ValidationError: e, schema: schema().at[e.SchemaURL], value: v.root, path: joinPath(v.root, e.InstanceLocation)}
	for _, step := range e.InstanceLocation {
		f.parent, f.value = f.value, child(f.value, step)
	}
	if f.path == "" {
		f.path = "the model"
	}
	v.report(f)
}

// report chooses the words by the kind of failure.
func (v *validator) report(f finding) {
	switch k := f.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		v.unknownKeys(f, k.Properties)
	case *kind.Required:
		v.missing(f, k.Missing)
	case *kind.OneOf:
		v.exactlyOne(f)
	case *kind.Type:
		v.add(f, codeType, "%s is %s", f.path, found(f.value)).WithFix("write %s", typeText(f.schema))
	case *kind.Enum:
		v.choice(f)
	case *kind.Const:
		v.add(f, codeVersion, "%s is %s, this decc reads format %v", f.path, f.value.Value, k.Want).WithFix("write decc: %v", k.Want)
	case *kind.Pattern, *kind.MaxLength:
		v.add(f, codeFormat, "%s is %q", f.path, shortened(f.value.Value)).WithFix("write %s", typeText(f.schema))
	case *kind.MinLength:
		v.add(f, codeFormat, "%s is empty", f.path).WithFix("write %s", typeText(f.schema))
	case *kind.MinItems, *kind.MaxItems:
		v.add(f, codeRange, "%s has %d members", f.path, len(f.value.Content)).WithFix("write %s", itemsText(f.schema))
	case *kind.FalseSchema:
		v.misplaced(f)
	default:
		v.add(f, codeRange, "%s is %s", f.path, f.value.Value).WithFix("use %s", typeText(f.schema))
	}
}

func (v *validator) add(f finding, code, format string, args ...any) *diag.Diagnostic {
	d := v.list.Add(v.pos(f.value), code, format, args...)
	d.Width = width(f.value)
	return d
}

// found says what a value is.
func found(n *yaml.Node) string {
	if n.Tag == "!!str" {
		return fmt.Sprintf("%q", shortened(n.Value))
	}
	if n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
		return shortened(n.Value)
	}
	names := map[yaml.Kind]string{yaml.ScalarNode: "empty", yaml.SequenceNode: "a list", yaml.MappingNode: "a mapping of keys"}
	return names[n.Kind]
}

const maxShown = 60

func shortened(s string) string {
	if len(s) > maxShown {
		return strings.ToValidUTF8(s[:maxShown], "") + "…"
	}
	return s
}

// itemsText says how many members a list must have.
func itemsText(s *jsonschema.Schema) string {
	switch {
	case s.MinItems == nil:
		return fmt.Sprintf("at most %d", *s.MaxItems)
	case s.MaxItems == nil:
		return fmt.Sprintf("at least %d", *s.MinItems)
	case *s.MinItems == *s.MaxItems:
		return fmt.Sprint(*s.MinItems)
	}
	return fmt.Sprintf("%d to %d", *s.MinItems, *s.MaxItems)
}

func (v *validator) unknownKeys(f finding, names []string) {
	for _, name := range names {
		key, _ := pair(f.value, name)
		d := v.list.Add(v.pos(key), codeUnknownKey, "%s has no key %q", f.path, shortened(name))
		d.Width = len(name)
		if near, ok := diag.Nearest(name, keys(f.schema)); ok {
			d.WithFix("did you mean %q?", near)
		} else {
			d.WithFix("use one of %s", strings.Join(keys(f.schema), ", "))
		}
		if f.parent == nil {
			otherFlavour(d, f, name)
		}
	}
}

// flavourText is what the flavours are called in messages.
var flavourText = map[string]string{
	"decolle": "a DECOLLE model", "fixed": "an integer network", "spiking": "a spiking network of real numbers",
}

// otherFlavour notes that an unknown key at the top belongs to another flavour.
func otherFlavour(d *diag.Diagnostic, f finding, name string) {
	own := flavourName(f.schema)
	for _, s := range schema().flavours() {
		other := flavourName(s)
		if other == own || own == "decolle" || s.Properties[name] == nil {
			continue
		}
		d.WithNote("%q is a key of %s; this one is read as %s because of its other keys", name, flavourText[other], flavourText[own]).
			WithFix("keep the keys of one flavour")
		return
	}
}

func (v *validator) missing(f finding, names []string) {
	for _, name := range names {
		d := v.add(f, codeMissing, "%s lacks the key %q", f.path, name)
		d.Width = 0
		if p := f.schema.Properties[name]; p != nil && p.Description != "" {
			d.WithNote("%s: %s", name, p.Description)
		}
		d.WithFix("add %s", name)
	}
}

// exactlyOne reports a choice between keys of which not one is there.
func (v *validator) exactlyOne(f finding) {
	var options, present []string
	for _, s := range f.schema.OneOf {
		options = append(options, s.Required...)
	}
	for _, name := range options {
		if _, value := pair(f.value, name); value != nil {
			present = append(present, name)
		}
	}
	has := "none"
	if len(present) > 0 {
		has = strings.Join(present, " and ")
	}
	v.add(f, codeExactlyOne, "%s has %s of the keys %s", f.path, has, strings.Join(options, ", ")).WithFix("give exactly one of them")
}

// choice reports a word that is not in the list.
func (v *validator) choice(f finding) {
	if f.value.Kind != yaml.ScalarNode {
		v.add(f, codeType, "%s is %s", f.path, found(f.value)).WithFix("use %s", typeText(f.schema))
		return
	}
	d := v.add(f, codeChoice, "%s is %q", f.path, shortened(f.value.Value))
	var words []string
	for _, w := range f.schema.Enum.Values {
		words = append(words, valueText(w))
	}
	if near, ok := diag.Nearest(f.value.Value, words); ok {
		d.WithFix("did you mean %q? known: %s", near, strings.Join(words, ", "))
		return
	}
	d.WithFix("use one of %s", strings.Join(words, ", "))
}

// misplaced reports a key that its mapping has, but not with this kind.
func (v *validator) misplaced(f finding) {
	name := f.InstanceLocation[len(f.InstanceLocation)-1]
	key, _ := pair(f.parent, name)
	_, of := pair(f.parent, "kind")
	if of == nil {
		return // that the kind is missing is a finding of its own
	}
	d := v.list.Add(v.pos(key), codeConflict, "%s means nothing with kind %s", f.path, of.Value).WithFix("remove it, or change the kind")
	d.Width = len(name)
}

// settle orders findings by place and text and drops repeats: the schema validator
// visits keys in random order.
func settle(list diag.List) diag.List {
	slices.SortStableFunc(list, func(a, b *diag.Diagnostic) int { return cmp.Compare(a.Error(), b.Error()) })
	list.Sort()
	return slices.CompactFunc(list, func(a, b *diag.Diagnostic) bool { return a.Error() == b.Error() })
}
