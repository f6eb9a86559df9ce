package vfs

import (
	"sync"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// Advisory locks (kern_lockf.c): fcntl's record locks, owned by a process; the
// same owned by an open file (F_OFD_*); and flock's, owned by an open file, over
// the whole file. All three exclude each other, as they do on Darwin.

// lock is one held lock, over [start, end].
type lock struct {
	start, end int64 // end is inclusive; maxOff is the end of all files
	write      bool
	owner      any   // a process's key, or the *sys.OpenFile
	pid        int32 // of the process; -1 if an open file owns it
	whole      bool  // flock's
}

const maxOff = 1<<63 - 1

func (l *lock) overlaps(o *lock) bool { return l.start <= o.end && o.start <= l.end }

func (l *lock) conflicts(o *lock) bool {
	return l.owner != o.owner && (l.write || o.write) && l.overlaps(o)
}

// lockList is a vnode's locks.
type lockList struct {
	held []*lock
	wait sched.WaitQueue
}

// maxLocks is how many locks one file may have (ENOLCK): every change looks at all of
// them, with lockMu held. allLocksMax is how many all files may have together.
const (
	maxLocks    = 4096
	allLocksMax = 1 << 17
)

var allLocks int // under lockMu

// lockMu guards all lock lists, and waiting: locks are few, and to find a
// deadlock one has to look at all.
var lockMu sync.Mutex

// waiting says for each process that waits for record locks, whose locks its
// threads wait for.
var waiting = map[any][]any{}

// blocker is the first lock that is in the way of l.
func (ll *lockList) blocker(l *lock) *lock {
	for _, h := range ll.held {
		if h.conflicts(l) {
			return h
		}
	}
	return nil
}

// set puts l in, replacing what its owner held there; unlock only takes out. Both may
// split a lock and so make one more: ENOLCK.
func (ll *lockList) set(l *lock, unlock bool) abi.Errno {
	var next []*lock
	for _, h := range ll.held {
		if h.owner != l.owner || h.whole != l.whole || !h.overlaps(l) {
			next = append(next, h)
			continue
		}
		if h.start < l.start {
			part := *h
			part.end = l.start - 1
			next = append(next, &part)
		}
		if h.end > l.end {
			part := *h
			part.start = l.end + 1
			next = append(next, &part)
		}
	}
	if !unlock {
		next = append(next, l)
	}
	more := len(next) - len(ll.held)
	if more > 0 && (len(next) > maxLocks || allLocks+more > allLocksMax) {
		return abi.ENOLCK
	}
	allLocks += more
	ll.held = next
	ll.wait.WakeupAll(sched.Awakened)
	return 0
}

// deadlock says whether whom, directly or not, waits for owner.
func deadlock(owner, whom any, seen map[any]bool) bool {
	if whom == owner {
		return true
	}
	if seen[whom] {
		return false
	}
	seen[whom] = true
	for _, next := range waiting[whom] {
		if deadlock(owner, next, seen) {
			return true
		}
	}
	return false
}

// acquire gets l, and waits for it if asked to, until deadline. EAGAIN, EINTR,
// EDEADLK (record locks of processes only), ETIMEDOUT, ENOLCK.
func (v *Vnode) acquire(ctx *sys.Context, l *lock, wait bool, until sched.Deadline) abi.Errno {
	lockMu.Lock()
	defer lockMu.Unlock()
	for {
		b := v.locks.blocker(l)
		if b == nil {
			return v.locks.set(l, false)
		}
		if !wait {
			return abi.EAGAIN
		}
		detect := l.pid >= 0 && b.pid >= 0
		if detect {
			if deadlock(l.owner, b.owner, map[any]bool{}) {
				return abi.EDEADLK
			}
			waiting[l.owner] = append(waiting[l.owner], b.owner)
		}
		r := sched.Sleep(ctx.Thread, &v.locks.wait, &lockMu, sched.Interruptible, until)
		if detect {
			stopWaiting(l.owner, b.owner)
		}
		switch r {
		case sched.Interrupted:
			return abi.EINTR
		case sched.TimedOut:
			return abi.ETIMEDOUT
		}
	}
}

func stopWaiting(owner, whom any) {
	list := waiting[owner]
	for i, o := range list {
		if o == whom {
			list[i] = list[len(list)-1]
			list = list[:len(list)-1]
			break
		}
	}
	if len(list) == 0 {
		delete(waiting, owner)
	} else {
		waiting[owner] = list
	}
}

// drop removes all locks of owner.
func (v *Vnode) dropLocks(owner any) {
	lockMu.Lock()
	defer lockMu.Unlock()
	ll := &v.locks
	if len(ll.held) == 0 {
		return
	}
	var next []*lock
	for _, h := range ll.held {
		if h.owner != owner {
			next = append(next, h)
		}
	}
	if len(next) != len(ll.held) {
		allLocks -= len(ll.held) - len(next)
		ll.held = next
		ll.wait.WakeupAll(sched.Awakened)
	}
}

// LockClose drops the record locks that the process owner has on the file: to be
// called whenever a process closes any descriptor of it.
func LockClose(of *sys.OpenFile, owner any) {
	if v := VnodeOf(of); v != nil {
		v.dropLocks(owner)
	}
}

// Flock is flock: LOCK_SH, LOCK_EX or LOCK_UN, with LOCK_NB. EWOULDBLOCK, EINTR,
// EINVAL; ENOTSUP for what is no vnode.
func Flock(ctx *sys.Context, of *sys.OpenFile, op int) abi.Errno {
	v := VnodeOf(of)
	if v == nil {
		return abi.ENOTSUP
	}
	l := &lock{end: maxOff, owner: of, pid: -1, whole: true}
	switch op &^ abi.LOCK_NB {
	case abi.LOCK_UN:
		lockMu.Lock()
		v.locks.set(l, true)
		lockMu.Unlock()
		return 0
	case abi.LOCK_EX:
		l.write = true
	case abi.LOCK_SH:
	default:
		return abi.EINVAL
	}
	of.Locked.Store(true)
	e := v.acquire(ctx, l, false, sched.Forever)
	if e != abi.EAGAIN || op&abi.LOCK_NB != 0 {
		return e
	}
	// A change of kind may lose the lock meanwhile, as everywhere.
	lockMu.Lock()
	v.locks.set(&lock{end: maxOff, owner: of, pid: -1, whole: true}, true)
	lockMu.Unlock()
	return v.acquire(ctx, l, true, sched.Forever)
}

// RecordLock is fcntl's F_SETLK, F_SETLKW, F_SETLKWTIMEOUT, F_GETLK and their
// F_OFD_ forms. owner stands for the process and is ignored for F_OFD_. fl is changed
// by the F_GETLKs. timeout is for F_SETLKWTIMEOUT. Errors: EINVAL, EOVERFLOW,
// EBADF (a read lock needs FREAD, a write lock FWRITE), EAGAIN, EDEADLK, EINTR,
// ETIMEDOUT, ENOLCK.
func RecordLock(ctx *sys.Context, of *sys.OpenFile, owner any, cmd int, fl *abi.Flock, until sched.Deadline) abi.Errno {
	v := VnodeOf(of)
	if v == nil {
		return abi.EBADF
	}
	l, e := v.record(ctx, of, fl)
	if e != 0 {
		return e
	}
	l.owner, l.pid = owner, ctx.PID
	wait, get := false, false
	switch cmd {
	case abi.F_OFD_SETLK, abi.F_OFD_SETLKW, abi.F_OFD_GETLK:
		l.owner, l.pid = of, -1
	}
	switch cmd {
	case abi.F_SETLK, abi.F_OFD_SETLK:
	case abi.F_SETLKW, abi.F_OFD_SETLKW, abi.F_SETLKWTIMEOUT:
		wait = true
	case abi.F_GETLK, abi.F_OFD_GETLK, abi.F_GETLKPID:
		get = true
	default:
		return abi.EINVAL
	}
	if get {
		if fl.Type == abi.F_UNLCK {
			return abi.EINVAL
		}
		lockMu.Lock()
		defer lockMu.Unlock()
		b := v.locks.blocker(l)
		if b == nil {
			fl.Type = abi.F_UNLCK
			return 0
		}
		fl.Type, fl.Whence, fl.PID, fl.Start, fl.Len = abi.F_RDLCK, abi.SEEK_SET, b.pid, b.start, 0
		if b.write {
			fl.Type = abi.F_WRLCK
		}
		if b.end != maxOff {
			fl.Len = b.end - b.start + 1
		}
		return 0
	}
	flags := of.Flags()
	switch fl.Type {
	case abi.F_UNLCK:
		lockMu.Lock()
		defer lockMu.Unlock()
		return v.locks.set(l, true)
	case abi.F_RDLCK:
		if flags&abi.FREAD == 0 {
			return abi.EBADF
		}
	case abi.F_WRLCK:
		if flags&abi.FWRITE == 0 {
			return abi.EBADF
		}
	}
	return v.acquire(ctx, l, wait, until)
}

// record translates a struct flock.
func (v *Vnode) record(ctx *sys.Context, of *sys.OpenFile, fl *abi.Flock) (*lock, abi.Errno) {
	base := int64(0)
	switch fl.Whence {
	case abi.SEEK_SET:
	case abi.SEEK_CUR:
		of.OffMu.Lock()
		base = of.Offset
		of.OffMu.Unlock()
	case abi.SEEK_END:
		var st abi.Stat
		if e := v.Ops.GetAttr(ctx, &st); e != 0 {
			return nil, e
		}
		base = st.Size
	default:
		return nil, abi.EINVAL
	}
	if fl.Type != abi.F_RDLCK && fl.Type != abi.F_WRLCK && fl.Type != abi.F_UNLCK {
		return nil, abi.EINVAL
	}
	start := base + fl.Start
	if fl.Start > 0 && start < base {
		return nil, abi.EOVERFLOW
	}
	end := int64(maxOff)
	switch {
	case fl.Len > 0:
		if fl.Len-1 > maxOff-start && start >= 0 {
			return nil, abi.EOVERFLOW
		}
		end = start + fl.Len - 1
	case fl.Len < 0:
		end = start - 1
		if start += fl.Len; start > end {
			return nil, abi.EINVAL
		}
	}
	if start < 0 {
		return nil, abi.EINVAL
	}
	return &lock{start: start, end: end, write: fl.Type == abi.F_WRLCK}, 0
}
