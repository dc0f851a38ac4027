package main

import (
	"regexp"
	"strings"
	"testing"

	"decc/compiler/passes"
)

// TestManyCoresAreToldTogether: as many as have a line each, and one more.
func TestManyCoresAreToldTogether(t *testing.T) {
	cores := make([]passes.CoreUse, mostLines+1)
	for i := range cores {
		cores[i] = passes.CoreUse{Core: i, Chip: i / 100, Uses: []passes.Use{{Resource: "in_axons", Used: (i * 7) % len(cores), Limit: 4096}}}
	}
	var each, together strings.Builder
	if err := writeCores(&each, cores[:mostLines]); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(each.String(), "\n"); n != mostLines+2 {
		t.Errorf("%d lines for %d cores", n, mostLines)
	}
	if err := writeCores(&together, cores); err != nil {
		t.Fatal(err)
	}
	// 7 and 129 have no common divisor: each use from 0 to 128 is there once, the greatest on core 92.
	for _, want := range []string{`in_axons +4096 +0 +64 +128 +0\.92\n`, `129 cores on 2 chips`} {
		if !regexp.MustCompile(want).MatchString(together.String()) {
			t.Errorf("found\n%s\nwithout %q", together.String(), want)
		}
	}
}
