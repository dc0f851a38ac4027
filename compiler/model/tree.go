package model

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"decc/ir/diag"
)

// Bounds of a text, so that a hostile one cannot exhaust memory.
const (
	maxSource = 4 << 20 // bytes
	maxNodes  = 1 << 20 // values, after aliases are unfolded
	maxDepth  = 64      // nesting
)

// parseTree reads one YAML mapping and returns it without aliases, merge keys or
// unusual tags; what is wrong with it goes to list. It returns nil where there is
// nothing to go on with.
func parseTree(src *source, list *diag.List) *yaml.Node {
	if len(src.text) > maxSource {
		list.Add(diag.Pos{File: src.name}, codeTooLarge, "the file has %d bytes, the limit is %d", len(src.text), maxSource).
			WithFix("put long lists of numbers into a file and name it")
		return nil
	}
	document, err := decodeDocument(src.text)
	if err != nil {
		list.Add(syntaxPos(src.name, err), codeSyntax, "%s", syntaxText(err)).
			WithFix("correct the YAML; a text with : or # needs quotes")
		return nil
	}
	e := expander{src: src, list: list, active: map[*yaml.Node]bool{}}
	root := e.expand(document, 0)
	if e.stopped {
		return nil
	}
	return root
}

var errEmpty = errors.New("the file holds no value, expected a mapping of keys")

// decodeDocument returns the root value of the only document of a text.
func decodeDocument(text []byte) (*yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, errEmpty
	} else if err != nil {
		return nil, err
	}
	if len(doc.Content) != 1 {
		return nil, errEmpty
	}
	if err := dec.Decode(&more); err == nil {
		return nil, fmt.Errorf("line %d: a second document begins, expected one", more.Line)
	} else if !errors.Is(err, io.EOF) {
		return nil, err
	}
	return doc.Content[0], nil
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// fromZero are the messages of yaml.v3's parser, which, unlike its scanner, counts
// lines from 0.
var fromZero = regexp.MustCompile(`did not find expected (<|node content|',' or |'-' indicator|key)|found undefined tag handle|found duplicate %|found incompatible YAML`)

func syntaxPos(name string, err error) diag.Pos {
	pos := diag.Pos{File: name}
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		pos.Line, _ = strconv.Atoi(m[1])
		if fromZero.MatchString(err.Error()) {
			pos.Line++
		}
	}
	return pos
}

func syntaxText(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	return yamlLine.ReplaceAllString(text, "")
}

// expander copies a tree, unfolding aliases and merge keys.
type expander struct {
	src     *source
	list    *diag.List
	active  map[*yaml.Node]bool // anchors that the present value lies in
	nodes   int
	stopped bool // a bound was passed: the copy is not complete
}

func (e *expander) expand(n *yaml.Node, depth int) *yaml.Node {
	if e.nodes++; e.nodes > maxNodes {
		e.stop(n, "the text unfolds to more than %d values", maxNodes)
	}
	if depth > maxDepth {
		e.stop(n, "values are nested more than %d deep", maxDepth)
	}
	if e.stopped {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: n.Line, Column: n.Column}
	}
	return expanders[n.Kind](e, n, depth)
}

var expanders map[yaml.Kind]func(e *expander, n *yaml.Node, depth int) *yaml.Node

func init() {
	expanders = map[yaml.Kind]func(e *expander, n *yaml.Node, depth int) *yaml.Node{
		yaml.AliasNode:    (*expander).alias,
		yaml.ScalarNode:   (*expander).scalar,
		yaml.SequenceNode: (*expander).sequence,
		yaml.MappingNode:  (*expander).mapping,
	}
}

func (e *expander) stop(n *yaml.Node, format string, args ...any) {
	if !e.stopped {
		e.list.Add(e.src.pos(n), codeTooLarge, format, args...).WithFix("write less, or put numbers into a file")
	}
	e.stopped = true
}

func (e *expander) alias(n *yaml.Node, depth int) *yaml.Node {
	if e.active[n.Alias] {
		e.list.Add(e.src.pos(n), codeAlias, "*%s contains itself", n.Value).WithFix("write the value out")
		e.stopped = true
		return n.Alias
	}
	return e.expand(n.Alias, depth)
}

// scalarTags are the tags of the values that a model can hold. A date is a text.
var scalarTags = map[string]string{
	"!!str": "!!str", "!!int": "!!int", "!!float": "!!float", "!!bool": "!!bool", "!!null": "!!null", "!!timestamp": "!!str",
}

func (e *expander) scalar(n *yaml.Node, _ int) *yaml.Node {
	out := &yaml.Node{Kind: yaml.ScalarNode, Value: n.Value, Style: n.Style, Line: n.Line, Column: n.Column}
	out.Tag = scalarTags[n.ShortTag()]
	var value any
	if out.Tag == "" {
		e.badTag(n)
	} else if err := out.Decode(&value); err != nil {
		e.list.Add(e.src.pos(n), codeTag, "%q is not of type %s", n.Value, out.Tag).WithFix("remove the tag")
		out.Tag = ""
	} else if x, ok := value.(float64); ok && (math.IsNaN(x) || math.IsInf(x, 0)) {
		e.list.Add(e.src.pos(n), codeRange, "found %s, expected a finite number", n.Value).WithFix("write a finite number")
		out.Tag = ""
	}
	if out.Tag == "" {
		e.stopped = true
		out.Tag = "!!null"
	}
	return out
}

func (e *expander) badTag(n *yaml.Node) {
	e.list.Add(e.src.pos(n), codeTag, "found the tag %q, which models do not use", n.ShortTag()).WithFix("remove the tag")
}

func (e *expander) collection(n *yaml.Node, tag string) *yaml.Node {
	if n.ShortTag() != tag {
		e.badTag(n)
		e.stopped = true
	}
	return &yaml.Node{Kind: n.Kind, Tag: tag, Style: n.Style, Line: n.Line, Column: n.Column}
}

func (e *expander) sequence(n *yaml.Node, depth int) *yaml.Node {
	e.active[n] = true
	defer delete(e.active, n)
	out := e.collection(n, "!!seq")
	for _, child := range n.Content {
		out.Content = append(out.Content, e.expand(child, depth+1))
		if e.stopped {
			break
		}
	}
	return out
}

func (e *expander) mapping(n *yaml.Node, depth int) *yaml.Node {
	e.active[n] = true
	defer delete(e.active, n)
	out := e.collection(n, "!!map")
	seen := map[string]*yaml.Node{}
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content) && !e.stopped; i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.ShortTag() == "!!merge" {
			merges = append(merges, e.merged(key, value, depth)...)
			continue
		}
		if key = e.key(key, seen); key != nil {
			out.Content = append(out.Content, key, e.expand(value, depth+1))
		}
	}
	for i := 0; i+1 < len(merges); i += 2 {
		if key := merges[i]; seen[key.Value] == nil {
			seen[key.Value] = key
			out.Content = append(out.Content, key, merges[i+1])
		}
	}
	return out
}

// key checks a key of a mapping; nil leaves the pair out.
func (e *expander) key(n *yaml.Node, seen map[string]*yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.ScalarNode {
		e.list.Add(e.src.pos(n), codeType, "found a collection, expected the name of a key").WithFix("write a word before the colon")
		return nil
	}
	if first := seen[n.Value]; first != nil {
		d := e.list.Add(e.src.pos(n), codeDuplicateKey, "the key %q is here for the second time", n.Value)
		d.WithNote("first at %s", e.src.pos(first)).WithFix("keep one of the two").Width = len(n.Value)
		return nil
	}
	out := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: n.Value, Style: n.Style, Line: n.Line, Column: n.Column}
	seen[n.Value] = out
	return out
}

// merged returns the pairs that a merge key brings, the first source first.
func (e *expander) merged(key, value *yaml.Node, depth int) []*yaml.Node {
	from := e.expand(value, depth+1)
	sources := []*yaml.Node{from}
	if from.Kind == yaml.SequenceNode {
		sources = from.Content
	}
	var pairs []*yaml.Node
	for _, s := range sources {
		if s.Kind != yaml.MappingNode {
			e.list.Add(e.src.pos(key), codeAlias, "<< merges something that is not a mapping").WithFix("write << before an alias of a mapping")
			return nil
		}
		pairs = append(pairs, s.Content...)
	}
	return slices.Clip(pairs)
}

// toJSON is the value of a tree as the schema validator takes it.
func toJSON(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = toJSON(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, child := range n.Content {
			list[i] = toJSON(child)
		}
		return list
	}
	var v any
	if n.Decode(&v) != nil {
		return nil // expander.scalar has refused such a value
	}
	return v
}
