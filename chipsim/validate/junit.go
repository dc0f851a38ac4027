package validate

import (
	"encoding/xml"
	"fmt"
	"io"
)

// CaseResult is how a test case of a JUnit report ended.
type CaseResult int

// The results of a case. Broken is a case that could not be tried for a fault of its
// input; Skipped one that decc does not support.
const (
	Passed CaseResult = iota
	Failed
	Skipped
	Broken
)

// Case is one test case of a Suite.
type Case struct {
	Name   string
	Result CaseResult
	Detail string // of every result but Passed
}

// Suite is a named list of test cases.
type Suite struct {
	Name  string
	Cases []Case
}

// DeviationSuite makes a case of every measure of a comparison with a baseline.
func DeviationSuite(name string, deviations []Deviation) Suite {
	s := Suite{Name: name}
	for _, d := range deviations {
		c := Case{Name: d.Name}
		if !d.OK {
			c.Result = Failed
			c.Detail = fmt.Sprintf("baseline %s, got %s, allowed: %s", d.Baseline, d.Got, d.Band)
		}
		s.Cases = append(s.Cases, c)
	}
	return s
}

// caseResults maps the status of a verdict to the result of its case.
var caseResults = map[Status]CaseResult{Equal: Passed, Differs: Failed, Unsupported: Skipped}

// VerdictSuite makes a case of every replayed file.
func VerdictSuite(name string, verdicts []Verdict) Suite {
	s := Suite{Name: name}
	for _, v := range verdicts {
		s.Cases = append(s.Cases, Case{Name: v.File, Result: caseResults[v.Status], Detail: v.Detail})
	}
	return s
}

// The elements of a JUnit file, as continuous integration systems read it.
type (
	junitFile struct {
		XMLName xml.Name `xml:"testsuites"`
		Name    string   `xml:"name,attr"`
		junitTotals
		Suites []junitSuite `xml:"testsuite"`
	}
	junitTotals struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
	}
	junitSuite struct {
		Name string `xml:"name,attr"`
		junitTotals
		Cases []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string     `xml:"classname,attr"`
		Name    string     `xml:"name,attr"`
		Failure *junitNote `xml:"failure"`
		Error   *junitNote `xml:"error"`
		Skipped *junitNote `xml:"skipped"`
	}
	junitNote struct {
		Message string `xml:"message,attr"`
	}
)

// WriteJUnit writes suites as JUnit XML without times: equal suites give equal bytes.
func WriteJUnit(w io.Writer, suites []Suite) error {
	f := junitFile{Name: "decc"}
	for _, s := range suites {
		suite := junitSuite{Name: s.Name}
		for _, c := range s.Cases {
			suite.Cases = append(suite.Cases, suite.add(s.Name, c))
		}
		f.Suites = append(f.Suites, suite)
		f.sum(suite.junitTotals)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(f); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (t *junitTotals) sum(o junitTotals) {
	t.Tests += o.Tests
	t.Failures += o.Failures
	t.Errors += o.Errors
	t.Skipped += o.Skipped
}

// add counts a case and returns its element.
func (t *junitTotals) add(class string, c Case) junitCase {
	out := junitCase{Class: class, Name: c.Name}
	t.Tests++
	places := map[CaseResult]struct {
		count *int
		note  **junitNote
	}{
		Failed:  {&t.Failures, &out.Failure},
		Skipped: {&t.Skipped, &out.Skipped},
		Broken:  {&t.Errors, &out.Error},
	}
	if p, ok := places[c.Result]; ok {
		*p.count++
		*p.note = &junitNote{c.Detail}
	}
	return out
}
