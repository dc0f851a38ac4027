// Package host is the embedded processor beside a chip that learns: small programs that
// read spike counters once an epoch and write post traces, which is how a chip without a
// third-factor port learns from an error (decolle.md 5.1, 5.2). A host program is made of
// the operations of neuron programs; it is simulated here, and backends/hostc writes it
// as C.
package host

import (
	"embed"
	"fmt"

	"decc/ir"
	"decc/ir/sem"
)

//go:embed *.dcir
var files embed.FS

// The fields of a host program that the processor fills or takes: two ports and a value.
const (
	Count = "count" // spikes of the member in the epoch
	Right = "right" // 1 where the member is of the taught class, else 0
	Post  = "post"  // goes into y1
)

// Source is the text of a built-in host program: soel or sign.
func Source(name string) (string, error) {
	text, err := files.ReadFile(name + ".dcir")
	if err != nil {
		return "", fmt.Errorf("there is no host program %q", name)
	}
	return string(text), nil
}

// Spec is a host program and what it is run with.
type Spec struct {
	Program *ir.Program
	// Group is whose spikes it counts and whose y1 it writes; N its members, one a class.
	Group string
	N     int
	Every int // rows of an epoch
	// Params are set where they differ from the program's defaults.
	Params []Param
}

// Param is a param of the program, for all members.
type Param struct {
	Name  string
	Value int64
}

// New reads the built-in program of that name.
func New(name, group string, n, every int, params ...Param) (Spec, error) {
	text, err := Source(name)
	if err != nil {
		return Spec{}, err
	}
	p, err := ir.ParseProgram(text, name+".dcir", sem.Silicon)
	if err != nil {
		return Spec{}, err
	}
	return Spec{Program: p, Group: group, N: n, Every: every, Params: params}, nil
}

// Limits are the least and greatest value that the program writes, by the range reader:
// a neuron spikes at most once a row.
func (s Spec) Limits() (lo, hi int64, err error) {
	p := &s.Program.Program
	bounds := sem.Bounds{Count: sem.Span(0, int64(s.Every)), Right: sem.Span(0, 1)}
	for _, f := range p.FieldsOf(sem.Param) {
		value := s.Param(p.Fields[f])
		bounds[p.Fields[f].Name] = sem.Span(value, value)
	}
	all, err := sem.Ranges(p, bounds)
	if err != nil {
		return 0, 0, err
	}
	post := all[p.Observable(Post)]
	return post.Lo.Int64(), post.Hi.Int64(), nil
}

// Param is the value of a param of the program.
func (s Spec) Param(f sem.Field) int64 {
	for _, v := range s.Params {
		if v.Name == f.Name {
			return v.Value
		}
	}
	return f.Default
}

// Runner is a simulated host program. It implements spikes.Host.
type Runner struct {
	spec         Spec
	exec         *sem.Exec[int64]
	count, right []int64 // ports
	counted      []int64 // of the epoch
	post         []int64
	written      []int64
	class        int
}

// NewRunner prepares a program.
func NewRunner(s Spec) *Runner {
	p := &s.Program.Program
	r := &Runner{spec: s, exec: sem.NewExec[int64](p, s.N), counted: make([]int64, s.N), written: make([]int64, s.N)}
	for _, v := range s.Params {
		slot := r.exec.Slot(sem.Ref(p.FieldIndex(v.Name)))
		for i := range slot {
			slot[i] = v.Value
		}
	}
	r.count, r.right = r.exec.Slot(sem.Ref(p.FieldIndex(Count))), r.exec.Slot(sem.Ref(p.FieldIndex(Right)))
	post := p.Observable(Post)
	r.exec.Observe(post)
	r.post = r.exec.Slot(post)
	return r
}

// Teach tells the class of the next run, 0..N-1.
func (r *Runner) Teach(class int) { r.class = class }

// Group implements spikes.Host.
func (r *Runner) Group() string { return r.spec.Group }

// Begin implements spikes.Host: a sample starts with fresh counters and states.
func (r *Runner) Begin() {
	r.exec.Reset()
	clear(r.counted)
	clear(r.written)
}

// Row implements spikes.Host.
func (r *Runner) Row(k int, fired []int32) [3][]int64 {
	for _, i := range fired {
		r.counted[i]++
	}
	if (k+1)%r.spec.Every == 0 {
		r.epoch()
	}
	return [3][]int64{r.written}
}

// epoch is one run of the program.
func (r *Runner) epoch() {
	copy(r.count, r.counted)
	clear(r.right)
	r.right[r.class] = 1
	r.exec.Step()
	copy(r.written, r.post)
	r.exec.Commit()
	clear(r.counted)
}
