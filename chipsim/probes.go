package chipsim

import (
	"bufio"
	"cmp"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"decc/ir/spikes"
)

// The columns of the CSV forms of a record.
const (
	probesHead = "row,group,variable,index,value"
	spikesHead = "row,group,index,payload"
)

// WriteProbes writes the values that the probes of a request recorded as CSV with
// columns row, group, variable, index, value: probe by probe, sorted by group, then
// variable, each row by row in the order of its members.
func WriteProbes(w io.Writer, probes []spikes.Probe, rec spikes.Record[int64]) error {
	b := bufio.NewWriter(w)
	b.WriteString(probesHead + "\n")
	sorted := slices.SortedStableFunc(slices.Values(probes), func(x, y spikes.Probe) int {
		return cmp.Or(strings.Compare(x.Group, y.Group), strings.Compare(x.Variable, y.Variable))
	})
	var line []byte
	for _, p := range sorted {
		m := rec.Values[p.Key()]
		for i, v := range m.Data {
			index := int64(i % m.N)
			if p.Members != nil {
				index = int64(p.Members[index])
			}
			line = strconv.AppendInt(line[:0], int64(i/m.N), 10)
			line = append(append(append(append(line, ','), p.Group...), ','), p.Variable...)
			line = strconv.AppendInt(append(line, ','), index, 10)
			line = strconv.AppendInt(append(line, ','), v, 10)
			b.Write(append(line, '\n'))
		}
	}
	return b.Flush() // a bufio.Writer keeps its first error
}

// WriteSpikes writes the recorded spikes as CSV with columns row, group, index,
// payload: group by group, sorted by name, each in the order of its train.
func WriteSpikes(w io.Writer, rec spikes.Record[int64]) error {
	b := bufio.NewWriter(w)
	b.WriteString(spikesHead + "\n")
	var line []byte
	for _, name := range slices.Sorted(maps.Keys(rec.Spikes)) {
		for _, e := range rec.Spikes[name] {
			line = strconv.AppendInt(line[:0], int64(e.Row), 10)
			line = append(append(line, ','), name...)
			line = strconv.AppendInt(append(line, ','), int64(e.Index), 10)
			line = strconv.AppendInt(append(line, ','), int64(e.Payload), 10)
			b.Write(append(line, '\n'))
		}
	}
	return b.Flush()
}
