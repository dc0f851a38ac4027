package hdf5

// The limits of Walk.
const (
	maxObjects = 1 << 20
	maxDepth   = 200
)

// Walk visits every object that hard links lead to, groups before their members and those
// in bytewise order of their names. An object with several names is visited under the
// first, so that a circle of groups ends.
func (f *File) Walk(visit func(Object) error) error {
	objects, err := f.objects()
	if err != nil {
		return err
	}
	for _, o := range objects {
		if err := visit(o); err != nil {
			return err
		}
	}
	return nil
}

// objects lists what Walk visits.
func (f *File) objects() ([]Object, error) {
	defer f.operation()()
	w := walker{f: f, seen: map[address]bool{f.root: true}}
	err := w.group(f.Root(), 0)
	return w.objects, err
}

type walker struct {
	f       *File
	seen    map[address]bool
	objects []Object
}

func (w *walker) group(g *Group, depth int) error {
	w.objects = append(w.objects, g)
	if err := g.list(); err != nil {
		return err
	}
	if depth > maxDepth {
		return w.f.errorf(g.head.at, codeTooLarge, "groups lie within groups to a depth of more than %d", maxDepth).WithFix(fixCopy)
	}
	for _, l := range g.links {
		if l.Kind != Hard || w.seen[l.header] {
			continue
		}
		if len(w.objects) == maxObjects {
			return w.f.errorf(g.head.at, codeTooLarge, "the file has more than %d objects", maxObjects).WithFix(fixCopy)
		}
		w.seen[l.header] = true
		if err := w.member(g, l, depth); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) member(g *Group, l Link, depth int) error {
	o, err := g.open(l)
	if err != nil {
		return err
	}
	if in, ok := o.(*Group); ok {
		return w.group(in, depth+1)
	}
	w.objects = append(w.objects, o)
	return nil
}
