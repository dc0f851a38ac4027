package llvm

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"decc/ir"
	"decc/ir/diag"
	"decc/ir/sem"
	"decc/ir/spikes"
)

// Native is a compiled program, of which any number of engines can be started.
type Native struct {
	program    *Program
	executable []byte
}

// Build lowers a verified module for the processor that it runs on and compiles it. The error has one of Codes.
func Build(ctx context.Context, m *ir.Module) (*Native, error) { return build(ctx, m, false) }

func build(ctx context.Context, m *ir.Module, replay bool) (*Native, error) {
	t, err := TargetFor(NativeCPU)
	if err != nil {
		return nil, err
	}
	p, err := lower(m, t, replay)
	if err != nil {
		return nil, err
	}
	executable, err := p.Compile(ctx, Executable)
	if err != nil {
		return nil, err
	}
	return &Native{program: p, executable: executable}, nil
}

// Engine is a running native program, started when it is first needed. It is used by one goroutine at a time; the
// program ends with it.
type Engine struct {
	native *Native
	layout *layout
	child  *child
	failed error
	replay func(synapse string) sem.Thresholds // nil draws them
}

// Engine makes an engine.
func (n *Native) Engine() *Engine {
	return &Engine{native: n, layout: &n.program.layout}
}

// Run executes the rows of a request from the reset state, as every engine does. An interrupted engine is of no more use.
func (e *Engine) Run(ctx context.Context, req spikes.Request) (spikes.Record[int64], error) {
	m := e.native.program.module
	if err := e.layout.check(m, req); err != nil {
		return spikes.Record[int64]{}, err
	}
	if err := e.prepareReplay(ctx); err != nil {
		return spikes.Record[int64]{}, err
	}
	if req.Host != nil {
		req.Host.Begin()
	}
	request := e.layout.encode(req, sem.PresentationSeed(m.Seed, req.Presentation))
	for _, p := range e.layout.plastic {
		if p.replay != nil {
			p.replay.encode(&request, e.replay(p.name), req.Rows)
		}
	}
	answer, err := e.ask(ctx, request, req.Host)
	if err != nil {
		return spikes.Record[int64]{}, err
	}
	rec, err := e.layout.decode(answer, req)
	if err != nil {
		return rec, e.fail(diag.Errorf(diag.Pos{}, codeProgram, "%v", err))
	}
	return rec, nil
}

// ask sends a request and waits for the answer; the host program, which may be nil, hears of rows meanwhile.
func (e *Engine) ask(ctx context.Context, request []byte, host spikes.Host) ([]byte, error) {
	if e.failed != nil {
		return nil, diag.Errorf(diag.Pos{}, codeStopped, "the native engine stopped earlier: %v", e.failed).WithFix("make a new engine")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if e.child == nil {
		c, err := e.native.start()
		if err != nil {
			return nil, e.fail(err)
		}
		e.child = c
		runtime.AddCleanup(e, func(c *child) { c.stop() }, c)
	}
	c := e.child
	defer context.AfterFunc(ctx, c.stop)()
	answer, err := c.ask(request, host)
	switch {
	case ctx.Err() != nil:
		return nil, e.fail(ctx.Err())
	case err != nil:
		return nil, e.fail(err)
	}
	return answer, nil
}

// fail keeps why the engine is of no more use.
func (e *Engine) fail(err error) error {
	if e.child != nil {
		e.child.stop()
	}
	e.failed = err
	return err
}

// child is the process of a program.
type child struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out io.Reader
	end sync.Once
}

// start writes the program to a file, which is removed as soon as it runs, and hears its greeting.
func (n *Native) start() (*child, error) {
	dir, err := os.MkdirTemp("", "decc-native-")
	if err != nil {
		return nil, diag.Errorf(diag.Pos{}, codeProgram, "%v", err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "program")
	if err := os.WriteFile(file, n.executable, 0o700); err != nil {
		return nil, diag.Errorf(diag.Pos{}, codeProgram, "%v", err)
	}
	c, err := startFile(file)
	if err != nil {
		return nil, diag.Errorf(diag.Pos{}, codeProgram, "the native program does not start: %v", errors.Unwrap(err))
	}
	want := greeting(n.program.layout.digest)
	hello := make([]byte, len(want))
	if _, err := io.ReadFull(c.out, hello); err != nil || string(hello) != string(want) {
		c.stop()
		return nil, diag.Errorf(diag.Pos{}, codeProgram, "the native program does not greet as it should: %v", err)
	}
	return c, nil
}

// busyTries is how often a file is tried that another process, forked meanwhile, still has open.
const busyTries = 20

func startFile(file string) (*child, error) {
	var err error
	for try := range busyTries {
		c := &child{cmd: exec.Command(file)}
		if c.in, err = c.cmd.StdinPipe(); err != nil {
			return nil, err
		}
		if c.out, err = c.cmd.StdoutPipe(); err != nil {
			return nil, err
		}
		if err = c.cmd.Start(); err == nil {
			return c, nil
		}
		if !errors.Is(err, syscall.ETXTBSY) {
			break
		}
		time.Sleep(time.Duration(try+1) * time.Millisecond)
	}
	return nil, err
}

// stop ends the process. It may be called at any time, more than once, and returns when it has ended.
func (c *child) stop() {
	c.end.Do(func() {
		_ = c.cmd.Process.Kill()
		_ = c.in.Close()
		_ = c.cmd.Wait()
	})
}

// statuses say what a program found wrong with a request.
var statuses = map[int64]string{
	statusCut: "the request ends too early", statusRange: "a number of the request is out of range",
	statusMemory: "there is no memory for the answer", statusKind: "the kind of the request is unknown",
}

// ask sends a frame and reads that of the answer, after those to the host program.
func (c *child) ask(request []byte, host spikes.Host) ([]byte, error) {
	if err := c.send(request); err != nil {
		return nil, err
	}
	for {
		answer, status, err := c.receive()
		switch {
		case err != nil:
			return nil, err
		case status == statusDone:
			return answer, nil
		case status == statusHost && host != nil:
			if err := c.send(hear(host, answer)); err != nil {
				return nil, err
			}
		default:
			return nil, diag.Errorf(diag.Pos{}, codeProgram, "the native program refuses the request: %s", statuses[status])
		}
	}
}

// hear lets a host program hear of a row and tells what it writes.
func hear(host spikes.Host, row []byte) words {
	d := decoder{bytes: row}
	k := int(d.word())
	fired := make([]int32, len(d.bytes)/4)
	for i := range fired {
		fired[i] = d.half()
	}
	mask, values := int64(0), words{}
	for i, list := range host.Row(k, fired) {
		if list != nil {
			mask |= 1 << i
			values.add(list...)
		}
	}
	var w words
	w.add(mask)
	return append(w, values...)
}

func (c *child) send(request []byte) error {
	var frame words
	frame.add(frameMagic, int64(len(request)), 0)
	_, err := c.in.Write(append(frame, request...))
	if err != nil {
		err = c.ended(err)
	}
	return err
}

func (c *child) receive() (answer []byte, status int64, err error) {
	head := make([]byte, 8*frameWords)
	if _, err := io.ReadFull(c.out, head); err != nil {
		return nil, 0, c.ended(err)
	}
	size := binary.LittleEndian.Uint64(head[8:])
	if binary.LittleEndian.Uint64(head) != frameMagic || size > maxAnswer {
		return nil, 0, diag.Errorf(diag.Pos{}, codeProgram, "the native program answers with no frame")
	}
	answer = make([]byte, size)
	if _, err := io.ReadFull(c.out, answer); err != nil {
		return nil, 0, c.ended(err)
	}
	return answer, int64(binary.LittleEndian.Uint64(head[16:])), nil
}

// maxAnswer bounds what is read into memory.
const maxAnswer = 1 << 34

// ended tells how the program ended.
func (c *child) ended(err error) error {
	c.stop()
	return diag.Errorf(diag.Pos{}, codeProgram, "the native program ended (%s): %v", c.cmd.ProcessState, err)
}
