package vm

import (
	"sync"
	"time"

	"puggle/machine"
)

// heldPatience is how long a page is waited for that a universal page list holds: who has
// the list is not trusted to give it back. Pagers have limits of their own.
var heldPatience = 10 * time.Second

// hostWaits are those who are told of waits here, by memory.
var hostWaits sync.Map // machine.Memory: func(waits bool)

// OnWait has f called when a thread that uses mem begins, and when it ends, to wait for a
// page that is on its way or held: it may hold a processor meanwhile that whoever brings
// the page needs. f is called with locks of this package held, and must not wait. nil
// ends it.
func OnWait(mem machine.Memory, f func(waits bool)) {
	if f == nil {
		hostWaits.Delete(mem)
	} else {
		hostWaits.Store(mem, f)
	}
}

// HostWait tells those of OnWait that a thread begins or ends to wait on o's behalf: for
// pagers that wait for another task. No lock is held.
func (o *Object) HostWait(waits bool) {
	o.fam.mu.Lock()
	mem := o.mem
	o.fam.mu.Unlock()
	if f, ok := hostWaits.Load(mem); ok {
		f.(func(bool))(waits)
	}
}

// waitIdle sleeps until no page of [page, page+n) is busy; false: one is held by a UPL
// for too long. The family is locked, and is unlocked while sleeping.
func (o *Object) waitIdle(page, n uint64) bool {
	p, busy := o.firstBusy(page, n)
	if !busy {
		return true
	}
	if f, ok := hostWaits.Load(o.mem); ok {
		f.(func(bool))(true)
		defer f.(func(bool))(false)
	}
	var until time.Time
	for ; busy; p, busy = o.firstBusy(page, n) {
		if o.inUPL.has(p) {
			if until.IsZero() {
				until = time.Now().Add(heldPatience)
				f := o.fam
				defer time.AfterFunc(heldPatience, func() {
					f.mu.Lock()
					f.idle.Broadcast()
					f.mu.Unlock()
				}).Stop()
			} else if !time.Now().Before(until) {
				return false
			}
		}
		o.fam.idle.Wait()
	}
	return true
}

func (o *Object) firstBusy(page, n uint64) (uint64, bool) {
	for p := page; p < page+n && o.busy.n != 0; {
		in, k := o.busy.run(p, page+n-p)
		if in {
			return p, true
		}
		p += k
	}
	return 0, false
}
