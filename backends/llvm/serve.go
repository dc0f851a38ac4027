package llvm

import (
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// writeCall writes the entry point of the shared object: decc_call(request, bytes, &answer) reads a
// request, executes it and returns the status; bytes of the answer are written to the third.
// The answer belongs to the program and stands until the next call.
func (u *unit) writeCall(r *reader) *llir.Func {
	x := u.newRunner(r)
	read, run := x.writeRead(), x.writeRun()
	bytes := types.NewPointer(i8)
	request, size := arg("request", bytes), arg("bytes", i64)
	answer, length := arg("answer", types.NewPointer(bytes)), arg("length", types.NewPointer(i64))
	c := u.function(EntryPoint, i64, request, size, answer, length)
	c.fn.Linkage = enum.LinkageNone
	c.store(n64(0), u.outSize)
	c.store(n64(0), length)
	if len(u.plastic) > 0 {
		born := u.variable(":born", i1)
		c.when(c.cmp(enum.IPredEQ, c.load(born), num(i1, 0)), func() {
			c.call(u.writeBirth())
			c.store(num(i1, 1), born)
		})
	}
	words := c.cast(request, i64)
	c.store(words, r.cursor)
	c.store(c.place(words, c.lshr(size, 3)), r.end)
	c.leave(c.cmp(enum.IPredNE, c.and(size, n64(7)), n64(0)), num(i64, statusCut))
	kind := r.number(c, n64(kindEnd))
	done := u.variable(":status", i64)
	c.store(n64(statusKind), done)
	c.when(c.cmp(enum.IPredEQ, kind, n64(kindRun)), func() {
		status := c.call(read)
		c.leave(c.cmp(enum.IPredNE, status, n64(statusDone)), status)
		c.store(c.call(run), done)
	})
	learned := u.learnable()
	c.when(c.cmp(enum.IPredEQ, kind, n64(kindLearned)), func() { learned.answer(u, c, r, done) })
	c.when(c.cmp(enum.IPredEQ, kind, n64(kindTeach)), func() { learned.take(u, c, r, done) })
	c.store(c.load(u.out), answer)
	c.store(c.load(u.outSize), length)
	c.at.NewRet(c.load(done))
	return c.fn
}

// writeMain writes the program: it greets with its magic number, version and digest, and answers requests
// until the input ends.
func (u *unit) writeMain(call *llir.Func, greeting []byte) {
	bytes := types.NewPointer(i8)
	in, out := u.readAll, u.writeAll
	c := u.function("main", i32)
	c.fn.Linkage = enum.LinkageNone
	hello := u.global(":greeting", constant.NewCharArray(greeting), i8, true)
	u.must(c, c.call(out, num(i32, 1), hello, n64(len(greeting))), exitPipe)
	head := c.at.NewAlloca(types.NewArray(frameWords, i64))
	frame := c.at.NewBitCast(head, types.NewPointer(i64))
	answer, length := c.at.NewAlloca(bytes), c.at.NewAlloca(i64)
	c.store(constant.NewNull(bytes), answer)
	c.store(c.call(u.getppid), u.parent)
	c.while(nil, func([]value.Value) value.Value {
		return c.call(in, num(i32, 0), c.cast(frame, i8), n64(8*frameWords))
	}, func([]value.Value) []value.Value {
		u.must(c, c.cmp(enum.IPredEQ, c.load(frame), num(i64, frameMagic)), exitFrame)
		size := c.fetch(frame, n64(1))
		u.must(c, c.cmp(enum.IPredULE, size, num(i64, maxRequest)), exitFrame)
		request := c.call(u.malloc, c.add(size, n64(8)))
		u.must(c, c.cmp(enum.IPredNE, request, constant.NewNull(bytes)), exitMemory)
		u.must(c, c.call(in, num(i32, 0), request, size), exitPipe)
		status := c.call(call, request, size, answer, length)
		c.call(u.free, request)
		c.put(num(i64, frameMagic), frame, n64(0))
		c.put(c.load(length), frame, n64(1))
		c.put(status, frame, n64(2))
		u.must(c, c.call(out, num(i32, 1), c.cast(frame, i8), n64(8*frameWords)), exitPipe)
		u.must(c, c.call(out, num(i32, 1), c.load(answer), c.load(length)), exitPipe)
		return nil
	})
	c.at.NewRet(num(i32, 0))
}

// transfer writes a function that reads or writes all of so many bytes, and tells whether it could.
func (u *unit) transfer(name string) *llir.Func {
	bytes := types.NewPointer(i8)
	once := u.external(name, i64, i32, bytes, i64)
	file, at, n := arg("file", i32), arg("at", bytes), arg("n", i64)
	c := u.function(":"+name+" all", i1, file, at, n)
	c.while([]value.Value{at, n}, func(v []value.Value) value.Value {
		return c.cmp(enum.IPredSGT, v[1], n64(0))
	}, func(v []value.Value) []value.Value {
		did := c.call(once, file, v[0], v[1])
		c.leave(c.cmp(enum.IPredSLE, did, n64(0)), num(i1, 0))
		return []value.Value{c.place(v[0], did), c.sub(v[1], did)}
	})
	c.at.NewRet(num(i1, 1))
	return c.fn
}
