package chipimage_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"decc/chipsim"
	"decc/ir"
	"decc/ir/interp"
	"decc/ir/irgen"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// echo is a host that writes, every epoch rows, the spikes that it counted and an offset.
type echo struct {
	every, offset int64
	count, out    []int64
}

func (e *echo) Group() string { return "out" }
func (e *echo) Begin()        { clear(e.count); clear(e.out) }
func (e *echo) Row(k int, fired []int32) [3][]int64 {
	for _, i := range fired {
		e.count[i]++
	}
	if int64(k+1)%e.every == 0 {
		for i := range e.out {
			e.out[i] = e.offset - e.count[i]
		}
		clear(e.count)
	}
	return [3][]int64{e.out}
}

// hosted is 40 lines into 70 neurons by a rule whose y1 the host writes.
func hosted(t *testing.T, trace, sum string) *ir.Module {
	t.Helper()
	r := rand.New(rand.NewPCG(6, 6))
	weights := make([]string, 70*40)
	for i := range weights {
		weights[i] = fmt.Sprint(2 * (r.IntN(100) - 30))
	}
	program, err := ir.BuiltinText("cuba")
	if err != nil {
		t.Fatal(err)
	}
	m, err := ir.Parse(fmt.Sprintf(`module @hosted seed(4) {
  %s
  input @in x 40
  group @out : @cuba x 70 { du = 700, dv = 300, vth = 40000 }
  rule @r epoch(5) {
    x1 impulse(40) decay(1365)
    y1 %s
    dw "%s"
  }
  synapse @w : @in -> @out.drive dense s16[70x40]{%s} learn(@r)
}`, program, trace, sum, strings.Join(weights, ", ")), "hosted.dcir")
	if err == nil {
		err = ir.Verify(m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A module whose traces a host writes learns the same on chip and interpreter, in any
// mapping and with any number of workers; without the host it does not run.
func TestHostWrites(t *testing.T) {
	for name, texts := range map[string][2]string{
		"value":  {"host", "2^-4*u0*(y1-20)*x1"},
		"signed": {"host signed", "2^-3*u0*y1*x1"},
	} {
		t.Run(name, func(t *testing.T) {
			m := hosted(t, texts[0], texts[1])
			offset := map[string]int64{"value": 23, "signed": 3}[name]
			newHost := func() *echo { return &echo{5, offset, make([]int64, 70), make([]int64, 70)} }
			r := rand.New(rand.NewPCG(7, 7))
			req := spikes.Request{Rows: 60, Learn: true, SpikesOf: []string{"out"}, Inputs: map[string]spikes.Train{}}
			for k := range int32(60) {
				for i := range int32(40) {
					if r.IntN(6) == 0 {
						req.Inputs["in"] = append(req.Inputs["in"], spikes.Event{Row: k, Index: i, Payload: 1})
					}
				}
			}
			golden := interp.New[int64](m)
			before := golden.Learned("w", sem.TargetW)
			if _, err := golden.Run(t.Context(), req); err == nil || !strings.Contains(err.Error(), "run/no-host") {
				t.Errorf("the interpreter without a host: %v", err)
			}
			req.Host = newHost()
			want, err := golden.Run(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			learned := golden.Learned("w", sem.TargetW)
			if up, down := moved(before, learned); up == 0 || down == 0 {
				t.Fatalf("%d weights rose and %d fell", up, down)
			}
			for _, cores := range []int{1, 3} {
				chip, err := load(t, mapped(hosted(t, texts[0], texts[1]), cores, 1))
				if err != nil {
					t.Fatal(err)
				}
				session := chip.NewSession(chipsim.Options{Workers: cores, ShareAll: true})
				req.Host = nil
				if _, err := session.Run(t.Context(), req); err == nil || !strings.Contains(err.Error(), "run/no-host") {
					t.Errorf("the chip without a host: %v", err)
				}
				req.Host = newHost()
				got, err := session.Run(t.Context(), req)
				if err != nil {
					t.Fatal(err)
				}
				if d := irgen.Difference(want, got); d != "" {
					t.Errorf("%d cores: %s", cores, d)
				}
				if !slices.Equal(learned, session.Learned("w", sem.TargetW)) {
					t.Errorf("%d cores: other weights", cores)
				}
				if err := session.SetLearned("w", sem.TargetW, before); err != nil {
					t.Fatal(err)
				}
				inTwo(t, session, req)
				if !slices.Equal(learned, session.Learned("w", sem.TargetW)) {
					t.Errorf("%d cores: other weights in two requests", cores)
				}
			}
		})
	}
}

// inTwo runs a request as two, which part inside an epoch of the host.
func inTwo(t *testing.T, s *chipsim.Session, req spikes.Request) {
	t.Helper()
	const first = 23
	head, tail := req, req
	head.Rows, tail.Rows = first, req.Rows-first
	head.Inputs, tail.Inputs = map[string]spikes.Train{}, map[string]spikes.Train{}
	for _, e := range req.Inputs["in"] {
		if e.Row < first {
			head.Inputs["in"] = append(head.Inputs["in"], e)
			continue
		}
		e.Row -= first
		tail.Inputs["in"] = append(tail.Inputs["in"], e)
	}
	if _, err := s.Run(t.Context(), head); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Continue(t.Context(), tail); err != nil {
		t.Fatal(err)
	}
}

// moved counts the values that rose and fell.
func moved(before, after []int64) (up, down int) {
	for i := range before {
		switch {
		case after[i] > before[i]:
			up++
		case after[i] < before[i]:
			down++
		}
	}
	return up, down
}
