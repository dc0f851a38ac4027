package hdf5

import "slices"

// The types of messages in object headers that the reader looks at.
const (
	messageDataspace     = 0x01
	messageLinkInfo      = 0x02
	messageDatatype      = 0x03
	messageOldFill       = 0x04
	messageFill          = 0x05
	messageLink          = 0x06
	messageExternal      = 0x07
	messageLayout        = 0x08
	messageFilters       = 0x0b
	messageAttribute     = 0x0c
	messageContinuation  = 0x10
	messageSymbolTable   = 0x11
	messageAttributeInfo = 0x15
)

// The flags of a message.
const (
	flagShared        = 1 << 1
	flagMustBeDecoded = 1 << 7
)

// message is one message of an object header.
type message struct {
	kind  int
	flags int
	at    int64 // of its data
	data  []byte
}

// header is the object header of a group, a dataset or a named datatype.
type header struct {
	f        *File
	at       int64
	messages []message
}

// decode gives the reader of a message's fields.
func (h *header) decode(m *message, what string) *decoder {
	return &decoder{f: h.f, what: what, at: m.at, b: m.data}
}

// find is the first message of a type, or nil.
func (h *header) find(kind int) *message {
	i := slices.IndexFunc(h.messages, func(m message) bool { return m.kind == kind })
	if i < 0 {
		return nil
	}
	return &h.messages[i]
}

// span is a block of messages that is still to be read.
type span struct {
	a address
	n uint64
}

// readHeader reads the object header at an address with its continuations.
func (f *File) readHeader(a address) (*header, error) {
	d, err := f.block(a, f.extent(a, 4), "an object header")
	if err != nil {
		return nil, err
	}
	h := &header{f: f, at: d.at}
	if string(d.b) == "OHDR" {
		return h, h.readNew(a)
	}
	return h, h.readOld(a)
}

// lastMessage is the largest type of a message that exists; one of another type is passed
// over unless it forbids that.
const lastMessage = 0x18

func (h *header) add(d *decoder, m message) {
	if d.err == nil && m.kind > lastMessage && m.flags&flagMustBeDecoded != 0 {
		d.refuse("an object header has a message of type %d, which readers must know", m.kind)
	}
	if m.kind != 0 {
		h.messages = append(h.messages, m)
	}
}

// continuation decodes where a header goes on.
func (h *header) continuation(m message) (span, error) {
	d := h.decode(&m, "a continuation message")
	s := span{a: d.address(), n: d.length()}
	return s, d.err
}

// spanBlock reads one block of messages.
func (h *header) spanBlock(s span) (*decoder, error) {
	if s.n > maxHeaderBytes {
		return nil, h.f.errorf(h.at, codeTooLarge, "an object header has a block of %d bytes, and %d are accepted", s.n, maxHeaderBytes).WithFix(fixCopy)
	}
	return h.f.block(s.a, int64(s.n), "a block of an object header")
}

// readOld reads a header of version 1: the number of messages is told, and each stands on
// a multiple of 8 bytes.
func (h *header) readOld(a address) error {
	d, err := h.f.block(a, 16, "an object header")
	if err != nil {
		return err
	}
	d.version(1, 1)
	d.skip(1)
	count := d.u16()
	d.skip(4) // references
	queue := []span{{a: a + 16, n: d.uint(4)}}
	if d.err != nil {
		return d.err
	}
	for seen := 0; len(queue) > 0 && seen < count; queue = queue[1:] {
		d, err := h.spanBlock(queue[0])
		if err != nil {
			return err
		}
		for d.left() >= 8 && seen < count {
			seen++
			more, err := h.readOldMessage(d)
			if err != nil {
				return err
			}
			queue = append(queue, more...)
		}
	}
	return nil
}

func (h *header) readOldMessage(d *decoder) ([]span, error) {
	m := message{kind: d.u16()}
	n := d.u16()
	m.flags = d.u8()
	d.skip(3)
	return h.finish(d, m, n)
}

// finish takes the data of a message and tells where the header goes on, if it says that.
func (h *header) finish(d *decoder, m message, n int) ([]span, error) {
	m.at = d.pos()
	m.data = d.bytes(n)
	h.add(d, m)
	if d.err != nil || m.kind != messageContinuation {
		return nil, d.err
	}
	s, err := h.continuation(m)
	return []span{s}, err
}

// readNew reads a header of version 2, whose blocks have signatures and checksums.
func (h *header) readNew(a address) error {
	f := h.f
	d, err := f.block(a, f.extent(a, 34), "an object header")
	if err != nil {
		return err
	}
	d.signature("OHDR")
	d.version(2, 2)
	flags := d.u8()
	if flags&(1<<5) != 0 {
		d.skip(16) // times
	}
	if flags&(1<<4) != 0 {
		d.skip(4) // when attributes become dense
	}
	n := d.uint(1 << (flags & 3))
	prefix := d.p
	if d.err != nil {
		return d.err
	}
	queue := []span{{a: a, n: min(n, maxHeaderBytes) + uint64(prefix) + 4}}
	for ; len(queue) > 0; queue = queue[1:] {
		d, err := h.spanBlock(queue[0])
		if err != nil {
			return err
		}
		more, err := h.readNewBlock(d, prefix, flags)
		if err != nil {
			return err
		}
		queue = append(queue, more...)
		prefix = 0
	}
	return nil
}

// readNewBlock reads the messages of one block; prefix is the length of what stands before
// those of the first block, 0 for a continuation.
func (h *header) readNewBlock(d *decoder, prefix, flags int) ([]span, error) {
	end := len(d.b) - 4
	if prefix == 0 {
		d.signature("OCHK")
	} else {
		d.skip(prefix)
	}
	if end < d.p {
		d.fail("a block of an object header has %d bytes", len(d.b))
		return nil, d.err
	}
	sum := decoder{f: h.f, what: "a block of an object header", at: d.at, b: d.b, p: end}
	if sum.checksum(); sum.err != nil {
		return nil, sum.err
	}
	d.b = d.b[:end]
	head := 4
	if flags&(1<<2) != 0 {
		head = 6
	}
	var queue []span
	for d.left() >= head { // what is less than a message is a gap
		m := message{kind: d.u8()}
		n := d.u16()
		m.flags = d.u8()
		d.skip(head - 4) // the order of creation
		more, err := h.finish(d, m, n)
		if err != nil {
			return nil, err
		}
		queue = append(queue, more...)
	}
	return queue, nil
}

// resolve replaces a message that is shared by the message that it stands for, which is
// in the header of a named datatype.
func (h *header) resolve(m *message) (*header, *message, error) {
	if m.flags&flagShared == 0 {
		return h, m, nil
	}
	a, err := h.decodeShared(h.decode(m, "a shared message"))
	if err != nil {
		return nil, nil, err
	}
	other, err := h.f.readHeader(a)
	if err != nil {
		return nil, nil, err
	}
	found := other.find(m.kind)
	if found == nil || found.flags&flagShared != 0 {
		return nil, nil, h.f.errorf(other.at, codeDamaged, "a shared message of type %d is not in the header that it refers to", m.kind)
	}
	return other, found, nil
}

// decodeShared reads the reference to a message in another header.
func (h *header) decodeShared(d *decoder) (address, error) {
	version := d.version(1, 3)
	kind := d.u8()
	if version == 1 {
		d.skip(6)
	}
	if version == 3 && kind != 2 {
		d.refuse("a message lies in the heap of shared messages")
	}
	a := d.address()
	return a, d.err
}
