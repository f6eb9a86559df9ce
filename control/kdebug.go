//go:build !no_kdebug

package control

import (
	"sync"
	"sync/atomic"

	"puggle/debug/ktrace"
)

// traceQueue is how many lines wait for a slow caller before some are lost: a
// guest must not wait for a tool.
const traceQueue = 8192

// trace runs until the caller sends {"stop":true} or closes, or the processes
// have gone. Its result are the counts.
func trace(r *request) (any, error) {
	var a TraceArgs
	if err := r.decode(&a); err != nil {
		return nil, err
	}
	cfg := ktrace.Config{PIDs: a.PIDs, All: len(a.PIDs) == 0, Follow: a.Follow, Except: a.Except,
		Strings: min(max(a.Strings, 0), 4096), Quiet: a.Quiet}
	if len(a.Names) > 0 {
		cfg.Names = map[string]bool{}
		for _, n := range a.Names {
			cfg.Names[n] = true
		}
	}
	var ends []<-chan struct{}
	for _, pid := range a.PIDs {
		p, err := r.process(pid)
		if err != nil {
			return nil, err
		}
		ends = append(ends, r.watch(p))
	}
	ch := make(chan ktrace.Line, traceQueue)
	var lost atomic.Uint64
	cfg.Sink = func(l ktrace.Line) {
		select {
		case ch <- l:
		default:
			lost.Add(1)
		}
	}
	t := ktrace.New(cfg)
	stop := make(chan struct{})
	var once sync.Once
	end := func() { once.Do(func() { close(stop) }) }
	go func() {
		r.conn.line() // a word, or the end
		end()
	}()
	if len(ends) > 0 && !a.Follow {
		go func() {
			for _, e := range ends {
				select {
				case <-e:
				case <-stop:
				}
			}
			end()
		}()
	}
	r.tracers.Add(r.Sys.Calls, t)
	defer r.tracers.Remove(r.Sys.Calls, t)
	for {
		select {
		case l := <-ch:
			if err := r.lines(l, ch, &lost); err != nil {
				return nil, err
			}
			continue
		case <-stop:
		}
		break
	}
	t.Stop()
	for len(ch) > 0 {
		if err := r.lines(<-ch, ch, &lost); err != nil {
			return nil, err
		}
	}
	return t.Counts(), nil
}

// lines sends l and what else is there.
func (r *request) lines(l ktrace.Line, ch <-chan ktrace.Line, lost *atomic.Uint64) error {
	ev := TraceEvent{Lines: []ktrace.Line{l}}
	for len(ev.Lines) < 256 && len(ch) > 0 {
		ev.Lines = append(ev.Lines, <-ch)
	}
	ev.Lost = lost.Swap(0)
	return r.event(ev)
}
