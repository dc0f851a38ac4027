package ir

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"decc/ir/diag"
	"decc/ir/sem"
)

// PrintOptions choose what a text leaves out. Parse reads only texts with blobs.
type PrintOptions struct {
	OmitPositions bool // no !file:line:col
	OmitBlobs     bool // no weights at the end: for reading
}

// Print writes the canonical text of m; Parse gives m back. The order of the
// module's slices is the order of the text. The only errors are those of w.
func Print(w io.Writer, m *Module, o PrintOptions) error {
	out := bufio.NewWriter(w)
	p := printer{o: o, digestLength: shortDigest, seen: map[string]bool{}}
	for object := range objects(m) {
		out.WriteString(object.text(&p))
		out.WriteByte('\n')
	}
	if !o.OmitBlobs {
		for _, t := range p.blobs {
			writeBlob(out, t)
		}
	}
	return out.Flush()
}

// Text is the whole canonical text of m.
func Text(m *Module) string {
	var b strings.Builder
	_ = Print(&b, m, PrintOptions{}) // a Builder takes everything
	return b.String()
}

// printer renders objects; it collects the tensors that were left to blobs.
type printer struct {
	o            PrintOptions
	digestLength int
	blobs        []*Tensor
	seen         map[string]bool
}

// object is one entry of a module's text: what compares and prints it.
type object struct {
	key     string
	text    func(p *printer) string
	tensors []namedTensor
}

type namedTensor struct {
	name string
	t    *Tensor
}

// objects visits the entries of a module in the order of its text, from the header
// to the closing brace.
func objects(m *Module) iter.Seq[object] {
	return func(yield func(object) bool) {
		_ = yield(object{key: "module @" + m.Name, text: func(p *printer) string { return p.header(m) }}) &&
			eachObject(slices.Values(m.Programs), programObject, yield) &&
			eachObject(slices.Values(m.Inputs), inputObject, yield) &&
			eachObject(slices.Values(m.Groups), groupObject, yield) &&
			eachObject(slices.Values(m.Rules), ruleObject, yield) &&
			eachObject(slices.Values(m.Synapses), synapseObject, yield) &&
			eachObject(slices.Values(m.Joins), joinObject, yield) &&
			eachObject(slices.Values(m.Layers), layerObject, yield) &&
			eachObject(slices.Values(m.Cores), func(c *Core) object { return coreObject(m.Stage, c) }, yield) &&
			eachObject(routeRuns(m.Routes), routeObject, yield) &&
			yield(object{key: "end", text: func(*printer) string { return "}" }})
	}
}

// eachObject is false where yield wants no more.
func eachObject[T any](from iter.Seq[T], make func(T) object, yield func(object) bool) bool {
	for x := range from {
		if !yield(make(x)) {
			return false
		}
	}
	return true
}

func (p *printer) origin(pos diag.Pos) string {
	if p.o.OmitPositions {
		return ""
	}
	return originText(pos)
}

func (p *printer) header(m *Module) string {
	s := fmt.Sprintf("module @%s stage(%s)", m.Name, m.Stage)
	if m.Chip != "" {
		s += fmt.Sprintf(" chip(%s)", m.Chip)
	}
	s += fmt.Sprintf(" semantics(%s)", profileText(m.Profile))
	if m.DtNanos != 0 {
		s += fmt.Sprintf(" dt(%s)", durationText(m.DtNanos))
	}
	if m.Seed != 0 {
		s += fmt.Sprintf(" seed(%d)", m.Seed)
	}
	return s + p.origin(m.Pos) + " {"
}

func profileText(p sem.ProfileID) string {
	if int(p) < len(sem.Profiles) {
		return p.String()
	}
	return "?"
}

// timeUnits in nanoseconds, greatest first.
var timeUnits = []struct {
	name  string
	nanos int64
}{{"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1}}

// durationText uses the greatest unit that gives an integer.
func durationText(nanos int64) string {
	for _, u := range timeUnits {
		if nanos%u.nanos == 0 {
			return fmt.Sprintf("%d%s", nanos/u.nanos, u.name)
		}
	}
	return ""
}

func programObject(g *Program) object {
	return object{key: "neuron @" + g.Name, text: func(p *printer) string {
		var b strings.Builder
		printProgram(&b, &g.Program, p.origin(g.Pos), "  ")
		return b.String()
	}}
}

func inputObject(in *Input) object {
	return object{key: "input @" + in.Name, text: func(p *printer) string {
		s := fmt.Sprintf("  input @%s x %d", in.Name, in.N)
		if in.Payload != (sem.Type{}) {
			s += fmt.Sprintf(" payload(%s)", in.Payload)
		}
		return s + p.origin(in.Pos)
	}}
}

func groupObject(g *Group) object {
	o := object{key: "group @" + g.Name}
	for _, v := range g.Params {
		o.tensors = append(o.tensors, namedTensor{v.Name, v.Values})
	}
	o.text = func(p *printer) string {
		program := "?"
		if g.Program != nil {
			program = g.Program.Name
		}
		s := fmt.Sprintf("  group @%s : @%s x %d", g.Name, program, g.N)
		for i, v := range g.Params {
			s += [2]string{", ", " { "}[truth(i == 0)] + v.Name + " = " + p.tensor(v.Values)
		}
		if len(g.Params) > 0 {
			s += " }"
		}
		if g.Reset != (Reset{}) {
			s += fmt.Sprintf(" reset(%d, %d)", g.Reset.Interval, g.Reset.Offset)
		}
		return s + p.origin(g.Pos)
	}
	return o
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

func synapseObject(s *Synapse) object {
	return object{
		key:     "synapse @" + s.Name,
		tensors: []namedTensor{{"weights", s.Weights}, {"ends", s.PrePost}, {"delay", s.Delay}, {"tag", s.Tags}},
		text: func(p *printer) string {
			t := fmt.Sprintf("  synapse @%s : @%s -> @%s.%s ", s.Name, s.Pre, s.Post, s.Port)
			switch {
			case s.IsList():
				t += "list " + p.tensor(s.Weights) + " ends " + p.tensor(s.PrePost)
			case s.IsConv():
				t += "conv " + p.tensor(s.Weights) + s.Conv.text()
			default:
				t += "dense " + p.tensor(s.Weights)
			}
			t += fmt.Sprintf(" bits(%d) exp(%d) sign(%s)", s.Format.Bits, s.Format.Exp, signText(s.Format.Sign))
			if s.Delay != nil {
				t += " delay(" + p.tensor(s.Delay) + ")"
			}
			if s.Graded {
				t += " graded"
			}
			if s.Rule != "" {
				t += " learn(@" + s.Rule + ")"
			}
			if s.Tags != nil {
				t += " tag(" + p.tensor(s.Tags) + ")"
			}
			return t + p.origin(s.Pos)
		},
	}
}

// text leaves out what is as it is without saying.
func (c *Conv) text() string {
	t := fmt.Sprintf(" in(%d, %d, %d)", c.In[0], c.In[1], c.In[2])
	for _, x := range []struct {
		name string
		pair [2]int
		none int
	}{{"stride", c.Stride, 1}, {"padding", c.Padding, 0}, {"dilation", c.Dilation, 1}} {
		if x.pair != [2]int{x.none, x.none} {
			t += fmt.Sprintf(" %s(%d, %d)", x.name, x.pair[0], x.pair[1])
		}
	}
	if c.Groups != 1 {
		t += fmt.Sprintf(" groups(%d)", c.Groups)
	}
	return t
}

func signText(s sem.SignMode) string {
	if int(s) < len(sem.SignNames) {
		return sem.SignNames[s]
	}
	return "?"
}

func joinObject(j *Join) object {
	text := fmt.Sprintf("join @%s -> @%s.%s", j.From, j.To, j.Port)
	return object{key: text, text: func(p *printer) string { return "  " + text + p.origin(j.Pos) }}
}

func layerObject(l *Layer) object {
	return object{key: "layer @" + l.Name, text: func(p *printer) string {
		s := fmt.Sprintf("  layer @%s spikes(@%s, lag %d)", l.Name, l.Spikes, l.SpikesLag)
		if l.Readout != "" {
			s += fmt.Sprintf(" readout(@%s.%s, lag %d)", l.Readout, l.Value, l.ReadoutLag)
		}
		return s + p.origin(l.Pos)
	}}
}

// coreObject leaves the coordinates out where they have no meaning yet.
func coreObject(stage Stage, c *Core) object {
	return object{key: "core " + strconv.Itoa(c.ID), text: func(*printer) string {
		s := fmt.Sprintf("  core %d", c.ID)
		if stage >= Placed || c.hasPlace() {
			s += fmt.Sprintf(" at(%d, %d, %d, %d)", c.ChipID, c.X, c.Y, c.Z)
		}
		s += " {"
		for _, r := range c.Runs {
			s += fmt.Sprintf(" @%s[%d:%d]", r.Group, r.First, r.First+r.N)
		}
		return s + " }"
	}}
}

func (c *Core) hasPlace() bool { return c.ChipID != 0 || c.X != 0 || c.Y != 0 || c.Z != 0 }

// tensor prints a value: a plain number where Scalar would make the same tensor,
// the elements where they are few, else a digest whose payload goes to a blob.
func (p *printer) tensor(t *Tensor) string {
	switch {
	case t == nil:
		return "?"
	case isScalar(t):
		return strconv.Itoa(int(t.Data[0]))
	case len(t.Data) <= inlineElements:
		return head(t) + "{" + joinInts(t.Data) + "}"
	}
	digest := t.digest()[:p.digestLength]
	if !p.o.OmitBlobs && !p.seen[digest] {
		p.seen[digest] = true
		p.blobs = append(p.blobs, t)
	}
	return head(t) + " #" + digest
}

func isScalar(t *Tensor) bool {
	return len(t.Data) == 1 && len(t.Shape) == 1 && t.Shape[0] == 1 && t.Type == Scalar(int64(t.Data[0])).Type
}

func joinInts(x []int32) string {
	parts := make([]string, len(x))
	for i, v := range x {
		parts[i] = strconv.Itoa(int(v))
	}
	return strings.Join(parts, ", ")
}

// blobLine is the number of payload bytes on a line of a blob.
const blobLine = 57

// writeBlob leaves errors to the Flush at the end.
func writeBlob(w *bufio.Writer, t *Tensor) {
	fmt.Fprintf(w, "blob #%s {\n", t.digest()[:shortDigest])
	raw := t.Bytes()
	for len(raw) > 0 {
		n := min(blobLine, len(raw))
		w.WriteString(base64.StdEncoding.EncodeToString(raw[:n]))
		w.WriteByte('\n')
		raw = raw[n:]
	}
	w.WriteString("}\n")
}
