package hypergraph

// queue is a binary heap of vertices by gain, the greatest first, then by number. Gains
// change in place: put restores the order of a vertex that is in already.
type queue struct {
	gain []int64 // of all vertices, shared with the owner
	heap []int32
	at   []int32 // by vertex: place in heap plus 1, or 0
}

func newQueue(gain []int64) queue { return queue{gain: gain, at: make([]int32, len(gain))} }

func (q *queue) clear() {
	for _, v := range q.heap {
		q.at[v] = 0
	}
	q.heap = q.heap[:0]
}

// peek is the first vertex, or -1.
func (q *queue) peek() int32 {
	if len(q.heap) == 0 {
		return -1
	}
	return q.heap[0]
}

// take removes and returns the first vertex, or -1.
func (q *queue) take() int32 {
	v := q.peek()
	if v >= 0 {
		q.drop(v)
	}
	return v
}

// put adds v, or moves it to where its gain belongs now.
func (q *queue) put(v int32) {
	if q.at[v] == 0 {
		q.heap = append(q.heap, v)
		q.at[v] = int32(len(q.heap))
	}
	q.settle(int(q.at[v]) - 1)
}

// drop removes v if it is there.
func (q *queue) drop(v int32) {
	i := int(q.at[v]) - 1
	if i < 0 {
		return
	}
	last := len(q.heap) - 1
	q.set(i, q.heap[last])
	q.heap = q.heap[:last]
	q.at[v] = 0
	if i < last {
		q.settle(i)
	}
}

func (q *queue) set(i int, v int32) {
	q.heap[i] = v
	q.at[v] = int32(i) + 1
}

func (q *queue) before(u, v int32) bool {
	if q.gain[u] != q.gain[v] {
		return q.gain[u] > q.gain[v]
	}
	return u < v
}

// settle moves the vertex at place i up or down to its place.
func (q *queue) settle(i int) {
	v := q.heap[i]
	for i > 0 && q.before(v, q.heap[(i-1)/2]) {
		q.set(i, q.heap[(i-1)/2])
		i = (i - 1) / 2
	}
	for {
		child := 2*i + 1
		if child+1 < len(q.heap) && q.before(q.heap[child+1], q.heap[child]) {
			child++
		}
		if child >= len(q.heap) || !q.before(q.heap[child], v) {
			break
		}
		q.set(i, q.heap[child])
		i = child
	}
	q.set(i, v)
}
