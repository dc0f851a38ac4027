package rule

import (
	"fmt"
	"strings"

	"decc/ir/sem"
)

// Text is the canonical form of a sum: Parse gives the products back.
func Text(products []sem.Product, decimate int) string {
	var b strings.Builder
	for i, p := range products {
		sign, mant := "+", int(p.Mant)
		if mant < 0 {
			sign, mant = "-", -mant
		}
		switch {
		case i > 0:
			b.WriteString(" " + sign + " ")
		case sign == "-":
			b.WriteString("-")
		}
		b.WriteString(strings.Join(parts(p, mant, decimate), "*"))
	}
	return b.String()
}

// parts are the factors of a product as written.
func parts(p sem.Product, mant, decimate int) []string {
	var all []string
	if mant != 1 || p.Exp == 0 && mant == 0 {
		all = append(all, fmt.Sprint(mant))
	}
	if p.Exp != 0 {
		all = append(all, fmt.Sprintf("2^%d", p.Exp))
	}
	gate := p.Gate.String()
	if p.Gate == sem.GateU {
		gate += fmt.Sprint(decimate)
	}
	all = append(all, gate)
	for _, f := range p.Factors {
		all = append(all, factorText(f))
	}
	return all
}

func factorText(f sem.Factor) string {
	s := f.Var.String()
	if f.Add != 0 {
		s = fmt.Sprintf("(%s%+d)", s, f.Add)
	}
	if f.Sgn {
		return "sgn(" + strings.Trim(s, "()") + ")"
	}
	return s
}
