package hdf5

import (
	"slices"
	"strings"

	"decc/ir/diag"
)

// Object is what a name of a file leads to: a *Group, a *Dataset or a *NamedType.
type Object interface {
	// Name is the path from the root, "/" for the root itself.
	Name() string
	// Attributes lists the attributes in the order of their names.
	Attributes() ([]*Attribute, error)
	// Attribute finds an attribute by name.
	Attribute(name string) (*Attribute, error)
}

// Group is a folder of the file.
type Group struct {
	f      *File
	name   string
	header address
	head   *header
	links  []Link
	listed bool
}

// NamedType is a datatype that has a name of its own; only its attributes can be read.
type NamedType struct {
	name string
	head *header
}

// LinkKind is how a member of a group is bound to its name.
type LinkKind uint8

// Only Hard links are followed.
const (
	Hard LinkKind = iota
	Soft
	External
)

// Link is one name in a group.
type Link struct {
	Name   string
	Kind   LinkKind
	Target string // of a soft link the path, of an external link "file:path"
	header address
	at     int64
}

// Name is the path from the root.
func (g *Group) Name() string { return g.name }

// Name is the path from the root.
func (t *NamedType) Name() string { return t.name }

// Attributes lists the attributes in the order of their names.
func (t *NamedType) Attributes() ([]*Attribute, error) { return t.head.attributes(t.name) }

// Attribute finds an attribute by name.
func (t *NamedType) Attribute(name string) (*Attribute, error) {
	return t.head.attribute(t.name, name)
}

// Attributes lists the attributes in the order of their names.
func (g *Group) Attributes() ([]*Attribute, error) {
	if err := g.read(); err != nil {
		return nil, err
	}
	return g.head.attributes(g.name)
}

// Attribute finds an attribute by name.
func (g *Group) Attribute(name string) (*Attribute, error) {
	if err := g.read(); err != nil {
		return nil, err
	}
	return g.head.attribute(g.name, name)
}

// Names lists the members in bytewise order, links that are not followed among them.
func (g *Group) Names() ([]string, error) {
	links, err := g.Links()
	names := make([]string, len(links))
	for i, l := range links {
		names[i] = l.Name
	}
	return names, err
}

// Links lists the members in bytewise order of their names.
func (g *Group) Links() ([]Link, error) {
	if err := g.list(); err != nil {
		return nil, err
	}
	return slices.Clone(g.links), nil
}

// Has reports whether the group itself has a member of the name.
func (g *Group) Has(name string) (bool, error) {
	if err := g.list(); err != nil {
		return false, err
	}
	_, ok := g.link(name)
	return ok, nil
}

// Lookup follows a path such as "a/b" from the group.
func (g *Group) Lookup(path string) (Object, error) {
	defer g.f.operation()()
	var o Object = g
	for part := range strings.SplitSeq(path, "/") {
		if part == "" {
			continue
		}
		in, ok := o.(*Group)
		if !ok {
			return nil, g.f.errorf(0, codeNotFound, "%s is a %s, so it has no member %q", o.Name(), noun(o), part).WithFix("end the path at %s", o.Name())
		}
		var err error
		if o, err = in.member(part); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// Dataset follows a path to a dataset.
func (g *Group) Dataset(path string) (*Dataset, error) {
	o, err := g.Lookup(path)
	if err != nil {
		return nil, err
	}
	d, ok := o.(*Dataset)
	if !ok {
		return nil, g.f.errorf(0, codeNotFound, "%s is a %s, expected a dataset", o.Name(), noun(o)).WithFix("name a dataset in it")
	}
	return d, nil
}

// Group follows a path to a group.
func (g *Group) Group(path string) (*Group, error) {
	o, err := g.Lookup(path)
	if err != nil {
		return nil, err
	}
	in, ok := o.(*Group)
	if !ok {
		return nil, g.f.errorf(0, codeNotFound, "%s is a %s, expected a group", o.Name(), noun(o)).WithFix("name the group that it is in")
	}
	return in, nil
}

// On is the group in another File that reads the same bytes. The members that were listed need
// not be listed again; they are shared, and the group of g may be used at the same time.
func (g *Group) On(f *File) *Group {
	return &Group{f: f, name: g.name, header: g.header, links: g.links, listed: g.listed}
}

func noun(o Object) string {
	switch o.(type) {
	case *Group:
		return "group"
	case *Dataset:
		return "dataset"
	}
	return "named datatype"
}

func (g *Group) link(name string) (Link, bool) {
	i, ok := slices.BinarySearchFunc(g.links, name, func(l Link, name string) int { return strings.Compare(l.Name, name) })
	if !ok {
		return Link{}, false
	}
	return g.links[i], true
}

// member opens a member of the group.
func (g *Group) member(name string) (Object, error) {
	if err := g.list(); err != nil {
		return nil, err
	}
	l, ok := g.link(name)
	if !ok {
		return nil, g.missing(name)
	}
	return g.open(l)
}

// missing says what is there instead of a name.
func (g *Group) missing(name string) error {
	names := make([]string, len(g.links))
	for i, l := range g.links {
		names[i] = l.Name
	}
	const shown = 12
	d := g.f.errorf(g.f.base+int64(g.header), codeNotFound, "group %s has no member %q", g.name, name)
	if near, ok := diag.Nearest(name, names); ok {
		return d.WithFix("write %q", near)
	}
	list := strings.Join(names[:min(shown, len(names))], ", ")
	if len(names) > shown {
		list += " ..."
	}
	return d.WithNote("it has %d: %s", len(names), list).WithFix("use one of these names")
}

func (g *Group) open(l Link) (Object, error) {
	f := g.f
	name := strings.TrimSuffix(g.name, "/") + "/" + l.Name
	if l.Kind != Hard {
		kind := map[LinkKind]string{Soft: "soft", External: "external"}[l.Kind]
		return nil, f.errorf(l.at, codeLink, "%s is a %s link to %s, which is not followed", name, kind, l.Target).
			WithFix("use the name that it points to, or copy the target into the file")
	}
	h, err := f.readHeader(l.header)
	if err != nil {
		return nil, err
	}
	switch {
	case h.isGroup():
		return &Group{f: f, name: name, header: l.header, head: h}, nil
	case h.find(messageDataspace) != nil:
		return openDataset(h, name)
	case h.find(messageDatatype) != nil:
		return &NamedType{name: name, head: h}, nil
	}
	return nil, f.errorf(h.at, codeDamaged, "%s is neither a group nor a dataset nor a datatype", name)
}

const messageGroupInfo = 0x0a

func (h *header) isGroup() bool {
	return slices.ContainsFunc(h.messages, func(m message) bool {
		return m.kind == messageSymbolTable || m.kind == messageLinkInfo || m.kind == messageGroupInfo || m.kind == messageLink
	})
}

// read makes sure that the header was read.
func (g *Group) read() error {
	if g.head != nil {
		return nil
	}
	defer g.f.operation()()
	h, err := g.f.readHeader(g.header)
	if err != nil {
		return err
	}
	if !h.isGroup() {
		return g.f.errorf(h.at, codeDamaged, "%s is no group", g.name)
	}
	g.head = h
	return nil
}

// list makes sure that the members are known.
func (g *Group) list() error {
	if g.listed {
		return nil
	}
	defer g.f.operation()()
	if err := g.read(); err != nil {
		return err
	}
	links, err := g.head.links()
	if err != nil {
		return err
	}
	slices.SortFunc(links, func(a, b Link) int { return strings.Compare(a.Name, b.Name) })
	for i := range links {
		if name := links[i].Name; name == "" || strings.Contains(name, "/") || i > 0 && links[i-1].Name == name {
			return g.f.errorf(links[i].at, codeDamaged, "group %s has a member %q, which is no name or has two meanings", g.name, name)
		}
	}
	g.links, g.listed = links, true
	return nil
}

// links gathers the links of a group from each form that they may have.
func (h *header) links() ([]Link, error) {
	var all []Link
	for i := range h.messages {
		read := map[int]func(*message) ([]Link, error){
			messageSymbolTable: h.symbolTable, messageLink: h.compactLink, messageLinkInfo: h.denseLinks,
		}[h.messages[i].kind]
		if read == nil {
			continue
		}
		links, err := read(&h.messages[i])
		if err != nil {
			return nil, err
		}
		all = append(all, links...)
	}
	return all, nil
}

func (h *header) compactLink(m *message) ([]Link, error) {
	l, err := parseLink(h.decode(m, "a link"))
	return []Link{l}, err
}

// The types of links in link messages.
const (
	linkHard     = 0
	linkSoft     = 1
	linkExternal = 64
)

// parseLink reads a link message.
func parseLink(d *decoder) (Link, error) {
	l := Link{at: d.pos()}
	d.version(1, 1)
	flags, kind := d.u8(), linkHard
	if flags&(1<<3) != 0 {
		kind = d.u8()
	}
	if flags&(1<<2) != 0 {
		d.skip(8) // the order of creation
	}
	if flags&(1<<4) != 0 {
		d.skip(1) // the set of characters
	}
	l.Name = d.text(d.uint(1 << (flags & 3)))
	switch kind {
	case linkHard:
		l.header = d.address()
	case linkSoft:
		l.Kind, l.Target = Soft, d.text(d.uint(2))
	case linkExternal:
		l.Kind = External
		parts := strings.Split(strings.TrimSuffix(d.text(d.uint(2)), "\x00"), "\x00")
		parts[0] = strings.TrimPrefix(parts[0], "\x00") // version and flags, both 0
		l.Target = strings.TrimPrefix(strings.Join(parts, ":"), ":")
	default:
		d.refuse("a link has type %d", kind)
	}
	return l, d.err
}

// text takes n bytes as a string.
func (d *decoder) text(n uint64) string {
	if n > maxNameBytes {
		d.fail("%s holds a text of %d bytes", d.what, n)
		return ""
	}
	return string(d.bytes(int(n)))
}
