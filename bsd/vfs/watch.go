package vfs

import (
	"sync"
	"sync/atomic"
	"time"
)

// Outside is a VOP whose files others change, too, without a call of this machine.
type Outside interface {
	// Watch has tell called for such changes, with NOTE_* bits, until stop is called, and
	// for those that happened before that a little later, too.
	// tell may be called for changes by the machine, too; stop is not called by tell.
	Watch(tell func(note uint32)) (stop func())
}

// Changes of our own are told by Notify at once, and a little later once more by whoever
// watches the files from outside: what comes so soon after is not told again.
const echo = 100 * time.Millisecond

// outside is the watch for changes from outside, while there are VNODE filters.
type outside struct {
	mu   sync.Mutex
	n    int // filters
	stop func()
	own  atomic.Int64 // when Notify was last called, in nanoseconds
}

var began = time.Now()

func (v *Vnode) watchOutside() {
	w, ok := v.Ops.(Outside)
	if !ok {
		return
	}
	o := &v.outside
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.n++; o.n == 1 {
		o.stop = w.Watch(func(note uint32) {
			if own := o.own.Load(); own == 0 || time.Since(began)-time.Duration(own) > echo {
				v.Klist.Notify(note)
			}
		})
	}
}

func (v *Vnode) unwatchOutside() {
	if _, ok := v.Ops.(Outside); !ok {
		return
	}
	o := &v.outside
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.n--; o.n == 0 {
		o.stop()
		o.stop = nil
	}
}
