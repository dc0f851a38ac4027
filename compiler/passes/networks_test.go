package passes

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"decc/ir"
	"decc/ir/sem"
)

// links collects synapses between the compartments of one group, each pair once.
type links struct {
	seen map[[2]int]bool
	list []ir.End
}

func (l *links) add(pre, post int) {
	if key := [2]int{pre, post}; pre != post && !l.seen[key] {
		l.seen[key] = true
		l.list = append(l.list, ir.End{Pre: pre, Post: post, Mantissa: 1 + (pre+post)%100})
	}
}

func (l *links) module(t testing.TB, name string, n int) *ir.Module {
	t.Helper()
	m, err := ir.NewBuilder(name, sem.Silicon).Input("in", 1).Group("h", "cuba", n).Param("h", "vth", 6400).Param("h", "du", 4096).Param("h", "dv", 128).
		List("w", "h", "h", "drive", sem.WeightFormat{Bits: 8, Sign: sem.Excitatory}, l.list).Build()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// sheet is n x n compartments, each linked to the 24 around it and to 4 anywhere: the
// small world of cortical models. With mixed the numbers say nothing of the place.
func sheet(t testing.TB, n int, mixed bool) *ir.Module {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	name := make([]int, n*n)
	for i := range name {
		name[i] = i
	}
	if mixed {
		r.Shuffle(len(name), func(i, j int) { name[i], name[j] = name[j], name[i] })
	}
	l := links{seen: map[[2]int]bool{}}
	for y := range n {
		for x := range n {
			for d := range 25 {
				if u, v := x+d%5-2, y+d/5-2; u >= 0 && v >= 0 && u < n && v < n {
					l.add(name[y*n+x], name[v*n+u])
				}
			}
			for range 4 {
				l.add(name[y*n+x], r.IntN(n*n))
			}
		}
	}
	return l.module(t, fmt.Sprintf("sheet-%d", n*n), n*n)
}

// communities is compartments in communities of 150, each linked to 40 of its own and 10 of others.
func communities(t testing.TB, count int) *ir.Module {
	const size = 150
	r := rand.New(rand.NewPCG(2, uint64(count)))
	name := r.Perm(count * size)
	l := links{seen: map[[2]int]bool{}}
	for i := range name {
		for range 40 {
			l.add(name[i], name[i/size*size+r.IntN(size)])
		}
		for range 10 {
			l.add(name[i], r.IntN(count*size))
		}
	}
	return l.module(t, fmt.Sprintf("communities-%d", count*size), count*size)
}
