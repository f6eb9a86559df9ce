package kqueue

import (
	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// pollVnode maps Darwin's own poll events to those of a vnode.
var pollVnode = [...]struct {
	event int16
	note  uint32
}{
	{abi.POLLEXTEND, abi.NOTE_EXTEND},
	{abi.POLLATTRIB, abi.NOTE_ATTRIB},
	{abi.POLLNLINK, abi.NOTE_LINK},
	{abi.POLLWRITE, abi.NOTE_WRITE},
}

const (
	pollRead  = abi.POLLIN | abi.POLLRDNORM | abi.POLLPRI | abi.POLLRDBAND | abi.POLLHUP
	pollOOB   = abi.POLLPRI | abi.POLLRDBAND
	pollWrite = abi.POLLOUT | abi.POLLWRBAND
)

// Poll is poll(2): it fills Revents and returns how many are not zero. A bad
// descriptor, or one that can't be watched, has POLLNVAL and makes Poll return
// at once; entries with a negative descriptor are skipped. With no bit in
// Events an entry reports nothing, not even POLLHUP: that is Darwin's way.
// EINTR when a signal came first.
//
// The caller bounds len(fds) (EINVAL above OPEN_MAX).
func Poll(ctx *sys.Context, tbl FdLookup, fds []abi.Pollfd, deadline sched.Deadline) (int, abi.Errno) {
	p := poller{items: make([]pollItem, 0, len(fds))}
	defer p.finish(ctx)
	bad := 0
	for i := range fds {
		pfd := &fds[i]
		pfd.Revents = 0
		if pfd.Fd >= 0 && !p.watchPollfd(tbl, pfd, i) {
			pfd.Revents = abi.POLLNVAL
			bad++
		}
	}
	if bad > 0 {
		deadline = Immediate
	}
	n := bad
	err := p.wait(ctx, deadline, func(it *pollItem, r sys.Readiness) bool {
		pfd := &fds[it.index]
		before := pfd.Revents
		pfd.Revents |= revents(pfd.Events, before, it.Filter, r)
		if before == 0 && pfd.Revents != 0 {
			n++
		}
		return pfd.Revents != 0
	})
	return n, err
}

func (p *poller) watchPollfd(tbl FdLookup, pfd *abi.Pollfd, i int) bool {
	if pfd.Events&(pollRead|pollWrite|abi.POLLEXTEND|abi.POLLATTRIB|abi.POLLNLINK|abi.POLLWRITE) == 0 {
		return true
	}
	f, err := tbl.Lookup(pfd.Fd)
	if err != 0 {
		return false
	}
	p.file(f)
	mark := len(p.items)
	ok := true
	if pfd.Events&pollRead != 0 {
		var flags uint16
		if pfd.Events&pollOOB != 0 {
			flags = abi.EV_OOBAND
		}
		ok = p.watch(f.Ops.Filter(sys.EVFILT_READ), sys.EVFILT_READ, i, pfd.Fd, flags, 0)
		if ok && pfd.Events&pollOOB != 0 {
			// Sockets and terminals tell urgent data by EXCEPT; others have none.
			p.watch(f.Ops.Filter(sys.EVFILT_EXCEPT), sys.EVFILT_EXCEPT, i, pfd.Fd, 0, abi.NOTE_OOB)
		}
	}
	if ok && pfd.Events&pollWrite != 0 {
		ok = p.watch(f.Ops.Filter(sys.EVFILT_WRITE), sys.EVFILT_WRITE, i, pfd.Fd, 0, 0)
	}
	var notes uint32
	for _, v := range pollVnode {
		if pfd.Events&v.event != 0 {
			notes |= v.note
		}
	}
	if ok && notes != 0 {
		ok = p.watch(f.Ops.Filter(sys.EVFILT_VNODE), sys.EVFILT_VNODE, i, pfd.Fd, 0, notes)
	}
	if !ok {
		p.items = p.items[:mark]
	}
	return ok
}

// revents is what a filter's answer adds to an entry.
func revents(events, before, filter int16, r sys.Readiness) int16 {
	var out int16
	if r.EOF {
		out |= abi.POLLHUP
	}
	switch filter {
	case sys.EVFILT_READ:
		mask := abi.POLLIN | abi.POLLRDNORM
		if (before|out)&abi.POLLHUP != 0 {
			mask |= pollOOB
		}
		out |= events & mask
	case sys.EVFILT_EXCEPT:
		out |= events & pollOOB
	case sys.EVFILT_WRITE:
		if (before|out)&abi.POLLHUP == 0 {
			out |= events & pollWrite
		}
	case sys.EVFILT_VNODE:
		for _, v := range pollVnode {
			if r.Fflags&v.note != 0 {
				out |= events & v.event
			}
		}
	}
	return out
}
