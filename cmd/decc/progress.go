package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progressMode is one way to show how far a long command has come.
type progressMode struct {
	name  string
	start func(env *Env, title string, total int) *Bar
}

// progressModes are the values of --progress, the default first.
func progressModes() []progressMode {
	return []progressMode{
		{"auto", startAuto},
		{"bar", startBar},
		{"plain", startPlain},
		{"none", startSilent},
	}
}

func progressNames() []string {
	var names []string
	for _, mode := range progressModes() {
		names = append(names, mode.name)
	}
	return names
}

// Bar shows how far a command has come, on stderr and never among the results. Its
// methods may be called from many goroutines.
type Bar struct {
	add   func(n int)
	note  func(text string)
	done  func()
	print func(text []byte)
}

// Progress starts a bar of total pieces of work. The caller ends it with Done
// before it prints anything else on env.Err.
func (env *Env) Progress(title string, total int) *Bar {
	for _, mode := range progressModes() {
		if mode.name == env.progress {
			return mode.start(env, title, total)
		}
	}
	return startAuto(env, title, total)
}

// Add counts n more pieces as done.
func (b *Bar) Add(n int) { b.add(n) }

// Note shows a few words beside the bar: the step at hand, or a figure.
func (b *Bar) Note(text string) { b.note(text) }

// Print writes what cannot wait for the end of the bar above it.
func (b *Bar) Print(write func(io.Writer)) {
	var text bytes.Buffer
	write(&text)
	b.print(text.Bytes())
}

// Done ends the bar, complete or not. More calls have no effect.
func (b *Bar) Done() { b.done() }

func startAuto(env *Env, title string, total int) *Bar {
	if env.ErrTerminal {
		return startBar(env, title, total)
	}
	return startSilent(env, title, total)
}

func startSilent(env *Env, _ string, _ int) *Bar {
	return &Bar{add: func(int) {}, note: func(string) {}, done: func() {}, print: env.printErr}
}

func (env *Env) printErr(text []byte) { _, _ = env.Err.Write(text) }

func startBar(env *Env, title string, total int) *Bar {
	var note atomic.Value
	note.Store("")
	pool := mpb.New(mpb.WithOutput(env.Err), mpb.WithAutoRefresh())
	bar := pool.AddBar(
		int64(total),
		mpb.PrependDecorators(decor.Name(title+" "), decor.CountersNoUnit("%d/%d ")),
		mpb.AppendDecorators(
			decor.Percentage(),
			decor.Name(" "),
			decor.AverageETA(decor.ET_STYLE_GO),
			decor.Any(func(decor.Statistics) string { return " " + note.Load().(string) }),
		),
	)
	end := sync.OnceFunc(func() {
		bar.Abort(false)
		pool.Wait()
	})
	return &Bar{add: bar.IncrBy, note: func(text string) { note.Store(text) }, done: end, print: func(text []byte) { _, _ = pool.Write(text) }}
}

// plainLines is how many lines a whole run prints in the plain mode: it goes by
// work done and not by the clock.
const plainLines = 10

func startPlain(env *Env, title string, total int) *Bar {
	p := &plainBar{env: env, title: title, total: max(total, 1)}
	return &Bar{add: p.add, note: p.setNote, done: func() {}, print: env.printErr}
}

type plainBar struct {
	mu          sync.Mutex
	env         *Env
	title, note string
	count       int
	total       int
}

func (p *plainBar) add(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.count * plainLines / p.total
	p.count += n
	if p.count*plainLines/p.total > before {
		line := fmt.Sprintf("%s %d/%d %s", p.title, p.count, p.total, p.note)
		fmt.Fprintln(p.env.Err, strings.TrimRight(line, " "))
	}
}

func (p *plainBar) setNote(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.note = text
}
