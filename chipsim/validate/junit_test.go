package validate

import (
	"bytes"
	"encoding/xml"
	"errors"
	"testing"
)

func TestWriteJUnit(t *testing.T) {
	verdicts := VerdictSuite("replay", []Verdict{
		{File: "a.json", Status: Equal, Compared: 12},
		{File: "b.json", Status: Differs, Detail: "row 3, out.v[1]: recorded 5, simulated 6"},
		{File: "c.json", Status: Unsupported, Detail: "kind \"x\" <y> & z\x01"},
	})
	verdicts.Cases = append(verdicts.Cases, Case{Name: "d.json", Result: Broken, Detail: "no such file"})
	deviations := DeviationSuite("baseline", []Deviation{
		{"target", "loihi2", "loihi2", "must match", true},
		{"layer h1: accuracy chip", "96.8 %", "96.1 %", "±0.1 points", false},
	})
	want := `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="decc" tests="6" failures="2" errors="1" skipped="1">
  <testsuite name="replay" tests="4" failures="1" errors="1" skipped="1">
    <testcase classname="replay" name="a.json"></testcase>
    <testcase classname="replay" name="b.json">
      <failure message="row 3, out.v[1]: recorded 5, simulated 6"></failure>
    </testcase>
    <testcase classname="replay" name="c.json">
      <skipped message="kind &#34;x&#34; &lt;y&gt; &amp; z` + "\uFFFD" + `"></skipped>
    </testcase>
    <testcase classname="replay" name="d.json">
      <error message="no such file"></error>
    </testcase>
  </testsuite>
  <testsuite name="baseline" tests="2" failures="1" errors="0" skipped="0">
    <testcase classname="baseline" name="target"></testcase>
    <testcase classname="baseline" name="layer h1: accuracy chip">
      <failure message="baseline 96.8 %, got 96.1 %, allowed: ±0.1 points"></failure>
    </testcase>
  </testsuite>
</testsuites>
`
	var buf bytes.Buffer
	if err := WriteJUnit(&buf, []Suite{verdicts, deviations}); err != nil {
		t.Fatal(err)
	}
	if buf.String() != want {
		t.Errorf("found\n%s\nexpected\n%s", buf.String(), want)
	}
	if err := xml.Unmarshal(buf.Bytes(), new(struct{})); err != nil {
		t.Errorf("not XML: %v", err)
	}
}

// fullWriter takes n bytes.
type fullWriter struct{ n int }

var errFull = errors.New("no space left")

func (w *fullWriter) Write(p []byte) (int, error) {
	if w.n -= len(p); w.n < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// TestWriteJUnitFull fills the disk at every byte.
func TestWriteJUnitFull(t *testing.T) {
	suites := []Suite{{Name: "a", Cases: []Case{{Name: "b"}}}}
	var buf bytes.Buffer
	if err := WriteJUnit(&buf, suites); err != nil {
		t.Fatal(err)
	}
	for n := range buf.Len() {
		if err := WriteJUnit(&fullWriter{n}, suites); !errors.Is(err, errFull) {
			t.Fatalf("after %d bytes: found %v", n, err)
		}
	}
}
