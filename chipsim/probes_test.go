package chipsim_test

import (
	"errors"
	"strings"
	"testing"

	"decc/chipsim"
	"decc/ir/spikes"
)

func TestCSV(t *testing.T) {
	probes := []spikes.Probe{{Group: "h", Variable: "v", Members: []int32{7, 3}}, {Group: "a", Variable: "u"}, {Group: "h", Variable: "m", Members: []int32{}}}
	rec := spikes.Record[int64]{
		Spikes: map[string]spikes.Train{"h": {{Row: 1, Index: 2, Payload: 1}, {Row: 4, Index: 0, Payload: -9}}, "a": nil},
		Values: map[string]spikes.Matrix[int64]{
			"h.v": {Rows: 2, N: 2, Data: []int64{1, -2, 3, 4}}, "a.u": {Rows: 1, N: 2, Data: []int64{5, 6}}, "h.m": {Rows: 2},
		},
	}
	var b strings.Builder
	if err := chipsim.WriteProbes(&b, probes, rec); err != nil {
		t.Fatal(err)
	}
	if want := "row,group,variable,index,value\n0,a,u,0,5\n0,a,u,1,6\n0,h,v,7,1\n0,h,v,3,-2\n1,h,v,7,3\n1,h,v,3,4\n"; b.String() != want {
		t.Errorf("got %q", b.String())
	}
	b.Reset()
	if err := chipsim.WriteSpikes(&b, rec); err != nil {
		t.Fatal(err)
	}
	if want := "row,group,index,payload\n1,h,2,1\n4,h,0,-9\n"; b.String() != want {
		t.Errorf("got %q", b.String())
	}
}

type full struct{}

var errFull = errors.New("disk full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestCSVReportsTheWriter(t *testing.T) {
	if err := chipsim.WriteProbes(full{}, nil, spikes.Record[int64]{}); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
	if err := chipsim.WriteSpikes(full{}, spikes.Record[int64]{}); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
}
