package sync

import (
	gosync "sync"
	"sync/atomic"

	"puggle/mach/sched"
)

// holders are the threads that hold locks of lock sets, with how many of which: what
// a thread that ends leaves behind. mu comes after LockSet.mu.
var holders struct {
	n  atomic.Int32 // threads in the map
	mu gosync.Mutex
	by map[*sched.Thread]map[*LockSet]int
}

// hold makes th, or nobody, the holder of one of s's locks; s.mu is held.
func (s *LockSet) hold(u *ulock, th *sched.Thread) {
	h := &holders
	h.mu.Lock()
	defer h.mu.Unlock()
	if was := u.holder; was != nil {
		sets := h.by[was]
		if sets[s]--; sets[s] == 0 {
			delete(sets, s)
		}
		if len(sets) == 0 {
			delete(h.by, was)
		}
	}
	u.holder = th
	if th != nil {
		if h.by == nil {
			h.by = make(map[*sched.Thread]map[*LockSet]int)
		}
		if h.by[th] == nil {
			h.by[th] = make(map[*LockSet]int)
		}
		h.by[th][s]++
	}
	h.n.Store(int32(len(h.by)))
}

// ThreadGone makes the locks of all sets unstable that a thread which has ended holds. It
// costs one load while no thread holds any.
func ThreadGone(th *sched.Thread) {
	h := &holders
	if h.n.Load() == 0 {
		return
	}
	h.mu.Lock()
	var l []*LockSet
	for s := range h.by[th] {
		l = append(l, s)
	}
	h.mu.Unlock()
	for _, s := range l {
		s.Abandon(th)
	}
}
