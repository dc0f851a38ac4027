package chip

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"decc/ir/diag"
)

// MaxFileSize bounds a profile file in bytes: the embedded ones have about 8000.
const MaxFileSize = 1 << 20

var nowhere diag.Pos

// Parse reads a profile; file names it in diagnostics, and is the source of limits that name
// none. A profile may say `base: loihi2` and then give only the rows that differ. Nothing is guessed:
// unknown keys, rows given twice and missing rows are errors (a diag.List).
func Parse(src []byte, file string) (*Spec, error) {
	if len(src) > MaxFileSize {
		return nil, diag.Errorf(diag.AtOffset(file, MaxFileSize), codeSyntax, "the chip profile has %d bytes, at most %d are read", len(src), MaxFileSize)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(src, &doc); err != nil {
		return nil, syntaxError(file, err)
	}
	if len(doc.Content) == 0 {
		return nil, diag.Errorf(diag.At(file, 1, 1), codeSyntax, "the chip profile is empty").WithFix("give name and limits, or base and what differs")
	}
	r := &reader{file: file, spec: &Spec{}}
	r.profile(doc.Content[0])
	if err := r.found.Err(); err != nil {
		return nil, err
	}
	return r.spec, nil
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// syntaxError moves the line that yaml.v3 has in its text into the position.
func syntaxError(file string, err error) error {
	text, line := strings.TrimPrefix(err.Error(), "yaml: "), 1
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = strings.Replace(text, m[0], "", 1)
	}
	return diag.Errorf(diag.At(file, line, 1), codeSyntax, "not YAML: %s", text)
}

type reader struct {
	file  string
	spec  *Spec
	found diag.List
}

func (r *reader) at(n *yaml.Node) diag.Pos { return diag.At(r.file, n.Line, n.Column) }

type key struct {
	name string
	read func(*reader, *yaml.Node)
}

var profileKeys = []key{
	{"name", func(r *reader, n *yaml.Node) { r.text(n, &r.spec.Name) }},
	{"base", func(*reader, *yaml.Node) {}},
	{"doc", func(r *reader, n *yaml.Node) { r.text(n, &r.spec.Doc) }},
	{"programs", func(r *reader, n *yaml.Node) { r.texts(n, &r.spec.Programs) }},
	{"synapse_ports", func(r *reader, n *yaml.Node) { r.texts(n, &r.spec.SynapsePorts) }},
	{"join_ports", func(r *reader, n *yaml.Node) { r.texts(n, &r.spec.JoinPorts) }},
	{"weight_bits", (*reader).weightBits},
	{"params", (*reader).params},
	{"limits", (*reader).limits},
	{"costs", (*reader).costs},
}

func (r *reader) profile(n *yaml.Node) {
	if !r.inherit(n) {
		return // every limit would be missing
	}
	r.mapping(n, "a chip profile", profileKeys)
	if r.spec.Name == "" {
		r.found.Add(r.at(n), codeMissing, "the chip profile has no name").WithFix("add a line like `name: mychip`")
	}
	if len(r.spec.WeightBits) == 0 {
		r.found.Add(r.at(n), codeMissing, "the chip profile has no weight_bits").WithFix("add a line like `weight_bits: [8]`")
	}
	for _, row := range rows {
		if _, ok := r.spec.Limit(row.name); !ok {
			r.found.Add(r.at(n), codeMissing, "the chip profile has no limit %s", row.name).
				WithFix("add its row, or start from a profile with `base: loihi2`")
		}
	}
	r.sortLimits()
	if err := r.spec.checkMesh(r.at(n)); err != nil {
		r.found = append(r.found, diag.All(err)...)
	}
}

// inherit starts from the profile that the key base names, wherever the key stands; ok is
// false where there is no such profile.
func (r *reader) inherit(n *yaml.Node) (ok bool) {
	if n.Kind != yaml.MappingNode {
		return true
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != "base" {
			continue
		}
		base, err := Builtin(n.Content[i+1].Value)
		if err != nil {
			d := diag.All(err)[0]
			d.Pos, d.Width = r.at(n.Content[i+1]), len(n.Content[i+1].Value)
			r.found = append(r.found, d)
			return false
		}
		base.Name = ""
		r.spec = base
	}
	return true
}

func (r *reader) sortLimits() {
	order := rowNames()
	slices.SortStableFunc(r.spec.limits, func(a, b Limit) int {
		return slices.Index(order, a.Name) - slices.Index(order, b.Name)
	})
}

// checkMesh holds the usable cores against the tiles that have them.
func (s *Spec) checkMesh(pos diag.Pos) error {
	if have := s.TilesX * s.TilesY * s.CoresPerTile; have > 0 && s.Cores > have {
		return diag.Errorf(pos, codeValue, "limit cores = %d, but %d x %d tiles of %d cores have %d", s.Cores, s.TilesX, s.TilesY, s.CoresPerTile, have).
			WithFix("lower cores, or raise tiles_x, tiles_y or cores_per_tile")
	}
	return nil
}

// mapping walks the keys of n once each.
func (r *reader) mapping(n *yaml.Node, what string, keys []key) {
	if n.Kind != yaml.MappingNode {
		r.wrongKind(n, what+" is a mapping of keys to values")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		at := slices.IndexFunc(keys, func(x key) bool { return x.name == k.Value })
		switch {
		case at < 0:
			r.unknownKey(k, what, keys)
		case seen[k.Value]:
			r.found.Add(r.at(k), codeDuplicate, "key %q is given twice", k.Value).WithFix("remove one of them")
		default:
			seen[k.Value] = true
			keys[at].read(r, v)
		}
	}
}

func (r *reader) unknownKey(k *yaml.Node, what string, keys []key) {
	names := make([]string, len(keys))
	for i := range keys {
		names[i] = keys[i].name
	}
	d := r.found.Add(r.at(k), codeUnknownKey, "%s has no key %q", what, k.Value)
	d.Width = len(k.Value)
	d.WithFix("%s", nearest(k.Value, names))
}

func nearest(name string, names []string) string {
	if n, ok := diag.Nearest(name, names); ok {
		return "did you mean " + n + "?"
	}
	return "use one of " + strings.Join(names, ", ")
}

func (r *reader) wrongKind(n *yaml.Node, want string) {
	d := r.found.Add(r.at(n), codeValue, "%s; found %s", want, describe(n))
	d.Width = len(n.Value)
}

func describe(n *yaml.Node) string {
	names := map[yaml.Kind]string{yaml.MappingNode: "a mapping", yaml.SequenceNode: "a list", yaml.AliasNode: "an alias"}
	if s, ok := names[n.Kind]; ok {
		return s
	}
	return strconv.Quote(n.Value)
}

func (r *reader) text(n *yaml.Node, into *string) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		r.wrongKind(n, "a text is wanted")
		return
	}
	*into = n.Value
}

func (r *reader) list(n *yaml.Node, each func(*yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		r.wrongKind(n, "a list is wanted")
		return
	}
	for _, x := range n.Content {
		each(x)
	}
}

func (r *reader) texts(n *yaml.Node, into *[]string) {
	*into = []string{}
	r.list(n, func(x *yaml.Node) {
		var s string
		r.text(x, &s)
		*into = append(*into, s)
	})
}

func (r *reader) integer(n *yaml.Node) (v int64, ok bool) {
	v, err := strconv.ParseInt(n.Value, 10, 64)
	if n.Kind != yaml.ScalarNode || err != nil {
		r.wrongKind(n, "an integer is wanted")
		return 0, false
	}
	return v, true
}

func (r *reader) weightBits(n *yaml.Node) {
	r.spec.WeightBits = []int{}
	r.list(n, func(x *yaml.Node) {
		v, ok := r.integer(x)
		if ok && (v < 0 || v > 8) {
			r.found.Add(r.at(x), codeValue, "a weight of %d bits; decc's weights have 0..8", v).WithFix("list widths from 0 to 8")
			return
		}
		r.spec.WeightBits = append(r.spec.WeightBits, int(v))
	})
}

func (r *reader) params(n *yaml.Node) {
	r.spec.Params = []ParamRow{}
	r.list(n, func(x *yaml.Node) {
		var row ParamRow
		r.mapping(x, "a param row", []key{
			{"param", func(r *reader, n *yaml.Node) { r.text(n, &row.Param) }},
			{"kept", func(r *reader, n *yaml.Node) { r.kept(n, &row.Kept) }},
		})
		if row.Param == "" || row.Kept == "" {
			r.found.Add(r.at(x), codeMissing, "a param row needs param and kept").WithFix("write {param: bias, kept: compartment}")
			return
		}
		r.spec.Params = append(r.spec.Params, row)
	})
}

func (r *reader) kept(n *yaml.Node, into *Kept) {
	if !slices.Contains(keptNames, n.Value) {
		r.wrongKind(n, "kept is one of "+strings.Join(keptNames, ", "))
		return
	}
	*into = Kept(n.Value)
}

func (r *reader) limits(n *yaml.Node) {
	seen := map[string]bool{}
	r.list(n, func(x *yaml.Node) {
		var l Limit
		valued := false
		r.mapping(x, "a limit", append(notes(&l.Unit, &l.Source, &l.Note),
			key{"name", func(r *reader, n *yaml.Node) { r.text(n, &l.Name) }},
			key{"value", func(r *reader, n *yaml.Node) { l.Value, valued = r.integer(n) }}))
		if valued && r.fresh(x, seen, l.Name) {
			r.limit(x, l)
		}
	})
}

func notes(unit, source, note *string) []key {
	return []key{
		{"unit", func(r *reader, n *yaml.Node) { r.text(n, unit) }},
		{"source", func(r *reader, n *yaml.Node) { r.text(n, source) }},
		{"note", func(r *reader, n *yaml.Node) { r.text(n, note) }},
	}
}

// fresh refuses a second row of one name and a row without one.
func (r *reader) fresh(n *yaml.Node, seen map[string]bool, name string) bool {
	switch {
	case name == "":
		r.found.Add(r.at(n), codeMissing, "a row needs a name and a value").WithFix("write {name: cores, value: 128}")
	case seen[name]:
		r.found.Add(r.at(n), codeDuplicate, "%s is given twice", name).WithFix("remove one of the rows")
	default:
		seen[name] = true
		return true
	}
	return false
}

func (r *reader) limit(n *yaml.Node, l Limit) {
	row := rowByName(l.Name)
	if row == nil {
		r.found = append(r.found, unknownLimit(r.at(n), l.Name))
		return
	}
	if err := row.accepts(r.at(n), l.Value); err != nil {
		r.found = append(r.found, err)
		return
	}
	if l.Unit == "" {
		l.Unit = unitOf(r.spec, l.Name)
	}
	if l.Source == "" {
		l.Source = r.file
	}
	r.spec.set(row, l)
}

func unknownLimit(pos diag.Pos, name string) *diag.Diagnostic {
	return diag.Errorf(pos, codeUnknownLimit, "there is no limit %q", name).WithFix("%s", nearest(name, rowNames()))
}

func (r *row) accepts(pos diag.Pos, v int64) *diag.Diagnostic {
	if v < r.lo || v > r.hi {
		return diag.Errorf(pos, codeValue, "limit %s = %d, allowed is %d..%d", r.name, v, r.lo, r.hi).WithFix("give a value in that range")
	}
	return nil
}

// defaultSet is the set of costs that name none: the table of Davies et al. 2018.
const defaultSet = "davies2018"

func (r *reader) costs(n *yaml.Node) {
	seen := map[string]bool{}
	r.spec.costs = nil
	r.list(n, func(x *yaml.Node) {
		c := Cost{Set: defaultSet}
		r.mapping(x, "a cost", append(notes(&c.Unit, &c.Source, &c.Note),
			key{"set", func(r *reader, n *yaml.Node) { r.text(n, &c.Set) }},
			key{"name", func(r *reader, n *yaml.Node) { r.text(n, &c.Name) }},
			key{"chips", func(r *reader, n *yaml.Node) { r.chips(n, &c.Chips) }},
			key{"value", func(r *reader, n *yaml.Node) { r.cost(n, &c.Value) }}))
		name := c.Name
		if name != "" && c.Set != defaultSet {
			name = c.Set + " " + name
		}
		if name != "" && c.Chips > 0 {
			name = fmt.Sprintf("%s of %d chips", name, c.Chips)
		}
		if r.fresh(x, seen, name) {
			r.spec.costs = append(r.spec.costs, c)
		}
	})
}

// chips reads the size of a system.
func (r *reader) chips(n *yaml.Node, into *int) {
	v, ok := r.integer(n)
	if ok && (v < 1 || v > 1<<20) {
		r.wrongKind(n, "a system has 1 to 1048576 chips")
		return
	}
	*into = int(v)
}

func (r *reader) cost(n *yaml.Node, into *float64) {
	v, err := strconv.ParseFloat(n.Value, 64)
	if n.Kind != yaml.ScalarNode || err != nil || v < 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		r.wrongKind(n, "a cost is a number from 0")
		return
	}
	*into = v
}
