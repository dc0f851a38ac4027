package model

import (
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

// UnmarshalYAML reads one number for both, or two.
func (p *Pair) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		err := n.Decode(&p[0])
		p[1] = p[0]
		return err
	}
	return n.Decode((*[2]int)(p))
}

// UnmarshalYAML reads a mapping of names to values, keeping its order.
func (p *Params) UnmarshalYAML(n *yaml.Node) error {
	for i := 0; i+1 < len(n.Content); i += 2 {
		param := Param{Name: n.Content[i].Value}
		if err := n.Content[i+1].Decode(&param.Values); err != nil {
			return err
		}
		*p = append(*p, param)
	}
	return nil
}

// UnmarshalYAML reads a mapping of names to files, keeping its order.
func (p *Programs) UnmarshalYAML(n *yaml.Node) error {
	for i := 0; i+1 < len(n.Content); i += 2 {
		*p = append(*p, Program{Name: n.Content[i].Value, File: n.Content[i+1].Value})
	}
	return nil
}

// UnmarshalYAML reads [from, rate].
func (r *LearningRate) UnmarshalYAML(n *yaml.Node) error {
	if len(n.Content) != 2 {
		return fmt.Errorf("line %d: expected [from, rate]", n.Line)
	}
	if err := n.Content[0].Decode(&r.From); err != nil {
		return err
	}
	return n.Content[1].Decode(&r.Rate)
}

// UnmarshalYAML reads [from, factor].
func (f *RateFactor) UnmarshalYAML(n *yaml.Node) error {
	if len(n.Content) != 2 {
		return fmt.Errorf("line %d: expected [from, factor]", n.Line)
	}
	if err := n.Content[0].Decode(&f.From); err != nil {
		return err
	}
	return n.Content[1].Decode(&f.Factor)
}

// UnmarshalYAML reads true, false or a mapping.
func (p *Plastic) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		var on bool
		err := n.Decode(&on)
		p.off = !on
		return err
	}
	type keys Plastic // without this method
	return n.Decode((*keys)(p))
}

// UnmarshalYAML reads the parameters that the text gives. A word stands for its place
// among the words that the schema allows.
func (e *Encoder) UnmarshalYAML(n *yaml.Node) error {
	e.Params = map[string]int64{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i].Value, n.Content[i+1]
		if name == "kind" {
			e.Kind = value.Value
			continue
		}
		number := slices.Index(encoderWords(name), value.Value)
		if number >= 0 {
			e.Params[name] = int64(number)
			continue
		}
		var x int64
		if err := value.Decode(&x); err != nil {
			return err
		}
		e.Params[name] = x
	}
	return nil
}

// encoderWords are the words that the schema allows for a parameter of an encoder.
func encoderWords(name string) []string {
	s := schema().at[schemaID+"#/$defs/encoder"].Properties[name]
	if s == nil || s.Enum == nil {
		return nil
	}
	words := make([]string, len(s.Enum.Values))
	for i, w := range s.Enum.Values {
		words[i] = valueText(w)
	}
	return words
}
