package events

// clock follows a counter of few bits through its overflows.
type clock struct {
	bits    uint
	last    int64
	loops   int64
	running bool
}

// at gives the whole value of the counter. A fall of more than half the range is an
// overflow; a smaller one is a time out of order and stays as it is. After such a step
// back over an overflow the rise is undone in the same way.
func (c *clock) at(value int64) int64 {
	half := int64(1) << (c.bits - 1)
	switch step := value - c.last; {
	case !c.running:
		c.running = true
	case step < -half:
		c.loops++
	case step > half && c.loops > 0:
		c.loops--
	}
	c.last = value
	return c.now()
}

// now is the whole value that the counter had last, 0 before there was one.
func (c *clock) now() int64 { return c.loops<<c.bits + c.last }
