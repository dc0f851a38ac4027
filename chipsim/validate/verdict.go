// Package validate holds runs against one another: recorded traces of emulators
// and chips against the engines (Replay), the float network against the integers
// (Compare), a result against a stored baseline (Baseline).
package validate

import "fmt"

// Status is what a replay found.
type Status string

// The outcomes of a replay. Unsupported is a file that decc understands as far as
// to say why it cannot be replayed.
const (
	Equal       Status = "equal"
	Differs     Status = "differs"
	Unsupported Status = "unsupported"
)

// Verdict is the outcome of one recorded file.
type Verdict struct {
	File     string `json:"file"`
	Status   Status `json:"status"`
	Compared int    `json:"compared"` // values compared
	// Detail is the first difference, or the reason of Unsupported.
	Detail string      `json:"detail,omitempty"`
	First  *Difference `json:"first,omitempty"`
}

// Difference is the first place where a recording and an engine part.
type Difference struct {
	Row    int    `json:"row"`
	Object string `json:"object"` // group.variable, or the group for spikes
	Index  int    `json:"index"`
	Want   string `json:"want"` // recorded
	Got    string `json:"got"`
}

func (d Difference) String() string {
	return fmt.Sprintf("row %d, %s[%d]: recorded %s, simulated %s", d.Row, d.Object, d.Index, d.Want, d.Got)
}

// comparison counts equal values and keeps the difference of the earliest row.
type comparison struct {
	compared int
	wrong    int
	first    *Difference
}

// integer compares one value.
func (c *comparison) integer(row int, object string, index int, want, got int64) {
	c.compared++
	if want != got {
		c.note(Difference{row, object, index, fmt.Sprint(want), fmt.Sprint(got)})
	}
}

func (c *comparison) note(d Difference) {
	c.wrong++
	if c.first == nil || d.Row < c.first.Row {
		c.first = &d
	}
}

func (c *comparison) verdict(file string) Verdict {
	v := Verdict{File: file, Status: Equal, Compared: c.compared}
	if c.first != nil {
		v.Status, v.First, v.Detail = Differs, c.first, c.first.String()
	}
	return v
}

func unsupported(file, format string, args ...any) Verdict {
	return Verdict{File: file, Status: Unsupported, Detail: fmt.Sprintf(format, args...)}
}
