package model

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"decc/ir/diag"
)

// source is the text of a model and the tree of its values.
type source struct {
	name  string
	text  []byte
	lines []int // offset of each line, made when first needed
	root  *yaml.Node
}

// pos is where a value begins. YAML counts columns in characters, diagnostics in bytes.
func (s *source) pos(n *yaml.Node) diag.Pos {
	line := s.line(n.Line)
	col := 0
	for i := 1; i < n.Column && col < len(line); i++ {
		_, size := utf8.DecodeRune(line[col:])
		col += size
	}
	return diag.At(s.name, n.Line, col+1)
}

func (s *source) line(k int) []byte {
	if s.lines == nil {
		s.lines = lineStarts(s.text)
	}
	if k < 1 || k > len(s.lines) {
		return nil
	}
	line, _, _ := bytes.Cut(s.text[s.lines[k-1]:], []byte("\n"))
	return line
}

func lineStarts(text []byte) []int {
	starts := []int{0}
	for i, c := range text {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// width is the length of a value's text on its first line.
func width(n *yaml.Node) int {
	if n.Kind != yaml.ScalarNode || strings.Contains(n.Value, "\n") {
		return 0
	}
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		return len(n.Value) + 2
	}
	return len(n.Value)
}

// find walks down a path such as layers[0].conv.kernel as far as the text goes.
// It returns the last value that the text has, and whether that is the one asked for.
func (s *source) find(path string) (*yaml.Node, bool) {
	n := s.root
	for path != "" && n != nil {
		var step string
		step, path = cutStep(path)
		next := child(n, step)
		if next == nil || next.Line == 0 {
			return n, false
		}
		n = next
	}
	return n, n != nil
}

// cutStep splits the first key or [index] off a path.
func cutStep(path string) (step, rest string) {
	path = strings.TrimPrefix(path, ".")
	if strings.HasPrefix(path, "[") {
		step, rest, _ = strings.Cut(path[1:], "]")
		return step, rest
	}
	if end := strings.IndexAny(path, ".["); end >= 0 {
		return path[:end], path[end:]
	}
	return path, ""
}

// child is the value of a key of a mapping, or of an index of a sequence; nil if
// there is none.
func child(n *yaml.Node, step string) *yaml.Node {
	if n.Kind == yaml.SequenceNode {
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i]
		}
		return nil
	}
	_, value := pair(n, step)
	return value
}

// pair finds a key of a mapping and its value.
func pair(n *yaml.Node, key string) (k, v *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

// joinPath writes a path out of the steps of a JSON pointer.
func joinPath(n *yaml.Node, steps []string) string {
	var b strings.Builder
	for _, step := range steps {
		if n != nil && n.Kind == yaml.SequenceNode {
			b.WriteString("[" + step + "]")
		} else {
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(step)
		}
		if n != nil {
			n = child(n, step)
		}
	}
	return b.String()
}
