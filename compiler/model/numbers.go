package model

import (
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

// Number is what weights and parameters of a model are: mantissas, or values of a float network.
type Number interface{ int64 | float64 }

// Numbers are what the text gives as one number, a list or a matrix, or names as a tensor of a
// file. After Resolve, Data is row-major and Shape is [] for one number.
type Numbers[T Number] struct {
	Tensor *TensorRef // nil: written in the text
	Data   []T
	Shape  []int

	ragged bool // rows of different lengths
}

// Ints are the numbers of a fixed-point network.
type Ints = Numbers[int64]

// Reals are the numbers of a float network.
type Reals = Numbers[float64]

// UnmarshalYAML reads a number, a list, a matrix or a tensor of a file.
func (x *Numbers[T]) UnmarshalYAML(n *yaml.Node) error {
	switch n.Kind {
	case yaml.MappingNode:
		x.Tensor = &TensorRef{}
		return n.Decode(x.Tensor)
	case yaml.ScalarNode:
		x.Data = make([]T, 1)
		return n.Decode(&x.Data[0])
	}
	x.Shape = []int{len(n.Content)}
	isList := func(n *yaml.Node) bool { return n.Kind == yaml.SequenceNode }
	if !slices.ContainsFunc(n.Content, isList) {
		return n.Decode(&x.Data)
	}
	x.Shape = append(x.Shape, len(n.Content[0].Content))
	for _, row := range n.Content {
		if !isList(row) || len(row.Content) != x.Shape[1] {
			x.ragged = true
			return nil
		}
		var values []T
		if err := row.Decode(&values); err != nil {
			return err
		}
		x.Data = append(x.Data, values...)
	}
	return nil
}

// form says what numbers of the text look like.
func (x *Numbers[T]) form() string {
	switch {
	case x.ragged:
		return "a list of rows of different lengths"
	case len(x.Shape) == 2:
		return fmt.Sprintf("a matrix of %d x %d", x.Shape[0], x.Shape[1])
	case len(x.Shape) == 1:
		return fmt.Sprintf("a list of %d", x.Shape[0])
	}
	return "one number"
}

// repeated is n numbers: those given, or the only one n times.
func repeated[T Number](x []T, n int) []T {
	if len(x) == 1 && n != 1 {
		return slices.Repeat(x, n)
	}
	return x
}
