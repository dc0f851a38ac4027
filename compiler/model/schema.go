package model

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

//go:embed schema/model.schema.json
var schemaText []byte

// schemaID is the $id of the schema.
const schemaID = "urn:decc:model"

// Schema returns the JSON schema (draft 2020-12) of a model file, for editors.
func Schema() []byte { return bytes.Clone(schemaText) }

// compiledSchema is the schema as the validator runs it, and its parts by location.
type compiledSchema struct {
	root *jsonschema.Schema
	at   map[string]*jsonschema.Schema
}

// schema compiles the embedded schema once. That it compiles is not a matter of
// input: a failure is a bug, and the first test that runs finds it.
var schema = sync.OnceValue(func() *compiledSchema {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaText))
	if err != nil {
		panic(fmt.Sprintf("BUG: model schema: %v", err))
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(schemaID, doc); err != nil {
		panic(fmt.Sprintf("BUG: model schema: %v", err))
	}
	s := &compiledSchema{root: c.MustCompile(schemaID), at: map[string]*jsonschema.Schema{}}
	s.index(s.root)
	return s
})

// index enters a schema and all that it is made of.
func (c *compiledSchema) index(s *jsonschema.Schema) {
	if s == nil || c.at[s.Location] != nil {
		return
	}
	c.at[s.Location] = s
	for _, part := range []*jsonschema.Schema{s.Ref, s.If, s.Then, s.Else, s.Items2020, additional(s)} {
		c.index(part)
	}
	for _, list := range [][]*jsonschema.Schema{s.AllOf, s.AnyOf, s.OneOf, s.PrefixItems} {
		for _, part := range list {
			c.index(part)
		}
	}
	for _, part := range s.Properties {
		c.index(part)
	}
}

// additional is the schema of the keys of a free mapping, or nil.
func additional(s *jsonschema.Schema) *jsonschema.Schema {
	a, _ := s.AdditionalProperties.(*jsonschema.Schema)
	return a
}

// resolved follows references to the schema that says what a value is.
func resolved(s *jsonschema.Schema) *jsonschema.Schema {
	for s.Ref != nil {
		s = s.Ref
	}
	return s
}

// flavour is the part of the schema that a value is held to.
func (c *compiledSchema) flavour(v any) *jsonschema.Schema {
	s := c.root
	for s.If != nil {
		if s.If.Validate(v) == nil {
			s = resolved(s.Then)
		} else {
			s = resolved(s.Else)
		}
	}
	return s
}

// flavours are the parts that flavour chooses from, the one without a mark first.
func (c *compiledSchema) flavours() []*jsonschema.Schema {
	var list []*jsonschema.Schema
	s := c.root
	for ; s.If != nil; s = resolved(s.Else) {
		list = append(list, resolved(s.Then))
	}
	list = append(list, s)
	slices.Reverse(list)
	return list
}

// flavourName is the last part of a flavour's place in the schema.
func flavourName(s *jsonschema.Schema) string {
	return s.Location[strings.LastIndex(s.Location, "/")+1:]
}

// keys lists the properties of a schema in alphabetical order.
func keys(s *jsonschema.Schema) []string { return slices.Sorted(maps.Keys(s.Properties)) }
