package model

import (
	"fmt"

	"gopkg.in/yaml.v3"
)

// UnmarshalYAML reads a number, a list, a matrix or a tensor of a file.
func (x *Ints) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.MappingNode {
		x.Tensor = &TensorRef{}
		return n.Decode(x.Tensor)
	}
	if n.Kind == yaml.ScalarNode {
		x.Data = make([]int64, 1)
		return n.Decode(&x.Data[0])
	}
	x.Shape = []int{len(n.Content)}
	if n.Content[0].Kind == yaml.SequenceNode {
		return x.matrix(n)
	}
	x.ragged = true
	for _, member := range n.Content {
		if member.Kind != yaml.ScalarNode {
			return nil
		}
	}
	x.ragged = false
	return n.Decode(&x.Data)
}

func (x *Ints) matrix(n *yaml.Node) error {
	x.Shape = append(x.Shape, len(n.Content[0].Content))
	for _, row := range n.Content {
		if row.Kind != yaml.SequenceNode || len(row.Content) != x.Shape[1] {
			x.ragged = true
			return nil
		}
		var values []int64
		if err := row.Decode(&values); err != nil {
			return err
		}
		x.Data = append(x.Data, values...)
	}
	return nil
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
