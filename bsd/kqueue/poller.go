package kqueue

import (
	"sync"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// poller is a select or poll in progress: knotes that live as long as the call.
type poller struct {
	items []pollItem
	files []*sys.OpenFile // references to drop at the end

	mu    sync.Mutex
	fired bool
	wq    sched.WaitQueue
}

// pollItem is one filter of one descriptor.
type pollItem struct {
	sys.Knote
	obj      sys.Filter
	index    int // of the pollfd, or the descriptor
	attached bool
	fflags   uint32 // VNODE: what happened; under poller.mu
}

// file takes over the caller's reference to f until finish.
func (p *poller) file(f *sys.OpenFile) { p.files = append(p.files, f) }

// watch adds a filter. An obj of nil can't be watched: false.
func (p *poller) watch(obj sys.Filter, filter int16, index int, fd int32, flags uint16, fflags uint32) bool {
	if obj == nil {
		return false
	}
	p.items = append(p.items, pollItem{obj: obj, index: index, Knote: sys.Knote{
		Filter: filter, Ident: uint64(fd), Sfflags: fflags, Flags: flags | abi.EV_POLL}})
	return true
}

// wait calls report for each event that is there, in rounds, until report has
// said in a round that something concerned the caller, or the deadline passes.
// EINTR when a signal came.
func (p *poller) wait(ctx *sys.Context, deadline sched.Deadline, report func(it *pollItem, r sys.Readiness) bool) abi.Errno {
	if p.look(report) || deadline == Immediate {
		return 0
	}
	for i := range p.items {
		it := &p.items[i]
		it.Activate = func(hint uint32) { p.happened(it, hint) }
		it.obj.Attach(&it.Knote)
		it.attached = true
	}
	for {
		p.mu.Lock()
		p.fired = false
		p.mu.Unlock()
		if p.look(report) {
			return 0
		}
		p.mu.Lock()
		for !p.fired {
			switch sched.Sleep(ctx.Thread, &p.wq, &p.mu, sched.Interruptible, deadline) {
			case sched.TimedOut:
				p.mu.Unlock()
				p.look(report)
				return 0
			case sched.Interrupted:
				p.mu.Unlock()
				return abi.EINTR
			}
		}
		p.mu.Unlock()
	}
}

func (p *poller) look(report func(it *pollItem, r sys.Readiness) bool) bool {
	found := false
	for i := range p.items {
		it := &p.items[i]
		r := it.obj.Ready(&it.Knote)
		if it.Filter == sys.EVFILT_VNODE {
			p.mu.Lock()
			r.Fflags = it.fflags
			r.Ready = r.Fflags != 0
			p.mu.Unlock()
		}
		if r.Ready && report(it, r) {
			found = true
		}
	}
	return found
}

// happened is the knotes' Activate.
func (p *poller) happened(it *pollItem, hint uint32) {
	p.mu.Lock()
	it.fflags |= hint & it.Sfflags
	p.fired = true
	p.mu.Unlock()
	p.wq.WakeupAll(sched.Awakened)
}

// finish takes everything down.
func (p *poller) finish(ctx *sys.Context) {
	for i := range p.items {
		if it := &p.items[i]; it.attached {
			it.obj.Detach(&it.Knote)
		}
	}
	for _, f := range p.files {
		f.Unref(ctx)
	}
}
