package llvm

import (
	"encoding/binary"
	"fmt"
	"slices"

	"decc/ir/spikes"
)

// The protocol between decc and a native program, version 1. All numbers are little-endian words of 64 bits
// unless said otherwise.
//
// The program greets with 8 bytes of magic, the version and the digest of its module, 32 bytes. A request is a frame of
// three words, magic number, bytes that follow, 0, and the bytes: its kind and
//
//	run      rows, 1 if the run learns, the number of the host program's group from 1 or 0 for none, seed; for each group 1 if its spikes are recorded; number of params, each number and value;
//	         number of probes, each variable, number of members and the members; for each input the number of
//	         events, each member and in the upper 32 bits row, and, where payloads matter, payloads of 32 bits
//	learned  3 times the number of the plastic synapses plus the target
//	teach    the same, and a value for every place
//
// The answer is a frame whose third word is a status, and of a run the counts, the matrix of every probe, and spikes in
// words of 32 bits: row, group, number, the members, and payloads where the group has them.
const (
	protocolVersion = 1
	frameMagic      = 0x7b1d43434544 // "DECC" and two bytes that no text has
	frameWords      = 3
	maxRequest      = 1 << 34

	kindRun = iota - 4
	kindLearned
	kindTeach
	kindEnd
)

// EntryPoint is the function of the shared object: long long decc_call(void *request, long long bytes, void **answer,
// long long *length). It returns the status of a request without its frame, whose memory it may change.
const EntryPoint = "decc_call"

// The exit codes of a native program whose input is not a protocol, or whose system has no memory.
const (
	exitPipe = iota + 3
	exitFrame
	exitMemory
)

var greetingMagic = [8]byte{'d', 'e', 'c', 'c', 'n', 'a', 't', 0x1a}

func greeting(digest []byte) []byte {
	b := append([]byte{}, greetingMagic[:]...)
	return append(binary.LittleEndian.AppendUint64(b, protocolVersion), digest...)
}

// words builds a request.
type words []byte

func (w *words) add(list ...int64) {
	for _, x := range list {
		*w = binary.LittleEndian.AppendUint64(*w, uint64(x))
	}
}

// encode makes the request of a run, which check has passed.
func (l *layout) encode(req spikes.Request, seed uint64) words {
	var w words
	learn, host := int64(0), int64(0)
	if req.Learn {
		learn = 1
	}
	for i, g := range l.groups {
		if req.Learn && req.Host != nil && g.name == req.Host.Group() {
			host = int64(i + 1)
		}
	}
	w.add(kindRun, int64(req.Rows), learn, host, int64(seed))
	for _, g := range l.groups {
		w.add(l.recorded(req, g.name))
	}
	w.add(int64(len(req.Params)))
	for _, p := range req.Params {
		w.add(int64(l.param(p)), p.Value)
	}
	w.add(int64(len(req.Probes)))
	for _, p := range req.Probes {
		number, places := l.probe(p)
		places = slices.DeleteFunc(slices.Clone(places), func(at int32) bool { return at == nowhere })
		w.add(int64(number), int64(len(places)))
		for _, at := range places {
			w.add(int64(at))
		}
	}
	for i := range l.inputs {
		l.inputs[i].encode(&w, req.Inputs[l.inputs[i].name], req.Rows)
	}
	return w
}

func (l *layout) recorded(req spikes.Request, group string) int64 {
	if req.SpikesOf == nil {
		return 1
	}
	for _, name := range req.SpikesOf {
		if name == group {
			return 1
		}
	}
	return 0
}

// encode writes the events of an input in rows that the run reaches, in order.
func (in *inputLayout) encode(w *words, train spikes.Train, rows int) {
	sorted := in.sorted(train, rows)
	w.add(int64(len(sorted)))
	*w = slices.Grow(*w, 8*len(sorted))
	for _, e := range sorted {
		*w = binary.LittleEndian.AppendUint64(*w, uint64(place(e)))
	}
	if !in.graded {
		return
	}
	for i, e := range sorted {
		*w = binary.LittleEndian.AppendUint32(*w, uint32(e.Payload))
		if i == len(sorted)-1 && i%2 == 0 {
			*w = binary.LittleEndian.AppendUint32(*w, 0)
		}
	}
}

// decode reads the answer to a run. The error tells of an answer that is not one to this request.
func (l *layout) decode(b []byte, req spikes.Request) (spikes.Record[int64], error) {
	rec := spikes.Record[int64]{Spikes: map[string]spikes.Train{}, Values: map[string]spikes.Matrix[int64]{}}
	d := decoder{bytes: b}
	counts := make([]int64, countWords)
	for i := range counts {
		counts[i] = d.word()
	}
	rec.Counts = spikes.Counts{
		SynapticEvents: counts[countSynapticEvents], CompartmentUpdates: counts[countUpdates], Spikes: counts[countSpikes],
		InputSpikes: counts[countInputSpikes], LearningUpdates: counts[countLearned],
	}
	for _, p := range req.Probes {
		rec.Values[p.Key()] = l.matrix(&d, p, req.Rows)
	}
	for len(d.bytes) > 0 && !d.cut {
		l.spikes(&d, rec.Spikes)
	}
	if d.cut {
		return rec, fmt.Errorf("an answer of %d bytes ends too early", len(b))
	}
	return rec, nil
}

// matrix reads the values of a probe; members of traces without synapses stay 0.
func (l *layout) matrix(d *decoder, p spikes.Probe, rows int) spikes.Matrix[int64] {
	_, columns := l.probe(p)
	m := spikes.Matrix[int64]{Rows: rows, N: len(columns), Data: make([]int64, rows*len(columns))}
	if !slices.Contains(columns, nowhere) {
		d.fill(m.Data)
		return m
	}
	for k := range rows {
		for i, at := range columns {
			if at != nowhere {
				m.Data[k*m.N+i] = d.word()
			}
		}
	}
	return m
}

func (l *layout) spikes(d *decoder, into map[string]spikes.Train) {
	row, group, n := d.half(), int(d.half()), int(d.half())
	if d.cut || group >= len(l.groups) || n < 0 || len(d.bytes) < 4*n {
		d.cut = true
		return
	}
	g := &l.groups[group]
	train := into[g.name]
	at := len(train)
	for range n {
		train = append(train, spikes.Event{Row: row, Index: d.half(), Payload: 1})
	}
	for i := range train[at:] {
		if g.graded {
			train[at+i].Payload = d.half()
		}
	}
	into[g.name] = train
}

// decoder takes numbers from the front of an answer; cut tells that there were too few.
type decoder struct {
	bytes []byte
	cut   bool
}

func (d *decoder) word() int64 {
	if len(d.bytes) < 8 {
		d.bytes, d.cut = nil, true
		return 0
	}
	x := binary.LittleEndian.Uint64(d.bytes)
	d.bytes = d.bytes[8:]
	return int64(x)
}

// fill takes a number for every place of a list.
func (d *decoder) fill(list []int64) {
	if d.cut = d.cut || len(d.bytes) < 8*len(list); d.cut {
		d.bytes = nil
		return
	}
	for i := range list {
		list[i] = int64(binary.LittleEndian.Uint64(d.bytes[8*i:]))
	}
	d.bytes = d.bytes[8*len(list):]
}

func (d *decoder) half() int32 {
	if len(d.bytes) < 4 {
		d.bytes, d.cut = nil, true
		return 0
	}
	x := binary.LittleEndian.Uint32(d.bytes)
	d.bytes = d.bytes[4:]
	return int32(x)
}
