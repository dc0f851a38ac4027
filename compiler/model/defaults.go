package model

import (
	"encoding/json"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// fillDefaults adds the defaults of the schema to a tree that the schema accepts.
// Added values have line 0: they have no place in the text.
func fillDefaults(n *yaml.Node, s *jsonschema.Schema) {
	s = resolved(s)
	if n.Kind == yaml.SequenceNode && s.Items2020 != nil {
		for _, item := range n.Content {
			fillDefaults(item, s.Items2020)
		}
	}
	if n.Kind == yaml.MappingNode {
		fillMapping(n, s)
	}
}

func fillMapping(n *yaml.Node, s *jsonschema.Schema) {
	for _, name := range keys(s) {
		property := s.Properties[name]
		if _, value := pair(n, name); value == nil && property.Default != nil {
			n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name}, node(*property.Default))
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if property := propertyOf(s, n.Content[i].Value); property != nil {
			fillDefaults(n.Content[i+1], property)
		}
	}
}

// propertyOf is the schema of a key of a mapping, or nil.
func propertyOf(s *jsonschema.Schema, name string) *jsonschema.Schema {
	if property := s.Properties[name]; property != nil {
		return property
	}
	return additional(s)
}

// node is a default of the schema as a YAML value: a scalar, a list or an empty mapping.
func node(v any) *yaml.Node {
	switch v := v.(type) {
	case string:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v}
	case json.Number, bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: fmt.Sprint(v)}
	case []any:
		list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, member := range v {
			list.Content = append(list.Content, node(member))
		}
		return list
	}
	return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
}
