package kpi

import (
	"math"
	"slices"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/mach/sched"
	"puggle/mach/task"
)

// States of a kextFS.
const (
	fsMounting = iota
	fsMounted
	fsLeaving // vfs_unmount runs
	fsForced  // and by force
	fsGone
)

// enter begins a call of the file system on th, which exit ends. While it is being unmounted, others
// than Unmount and the calls in progress wait for the outcome, or get ENXIO if it goes by force. A thread
// that is inside already is never kept waiting: Unmount waits for it. ENXIO when it is gone; EIO when
// its extension has died meanwhile; EBUSY when there is no outcome for longer than
// Unmount waits for who is inside: who may wait for th; EINTR when th has to end meanwhile.
func (fs *kextFS) enter(th *sched.Thread) abi.Errno {
	return fs.enterFor(th, 2*settleLimit, ending(th))
}

// enterLast is enter for what nobody would do again: it waits for the outcome however long that takes,
// and is not interrupted.
func (fs *kextFS) enterLast(th *sched.Thread) abi.Errno {
	return fs.enterFor(th, math.MaxInt64, func() bool { return false })
}

func (fs *kextFS) enterFor(th *sched.Thread, limit time.Duration, ending func() bool) abi.Errno {
	for {
		fs.mu.Lock()
		state := fs.state.Load()
		if state < fsLeaving || state < fsGone && fs.inside[th] > 0 {
			fs.inside[th]++
			fs.mu.Unlock()
			return 0
		}
		fs.mu.Unlock()
		settling := func() bool { return fs.state.Load() == fsLeaving && !fs.dead() }
		switch {
		case state != fsLeaving:
			return abi.ENXIO
		case !settled(th, limit, func() bool { return !settling() || ending() }):
			return abi.EBUSY
		case fs.dead():
			return abi.EIO
		case settling():
			return abi.EINTR
		}
	}
}

// ending asks whether a thread has to end.
func ending(th *sched.Thread) func() bool {
	if t, ok := th.Owner.(*task.Thread); ok {
		return t.Ending
	}
	return func() bool { return false }
}

func (fs *kextFS) exit(th *sched.Thread) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.inside[th]--; fs.inside[th] == 0 {
		delete(fs.inside, th)
	}
}

// quiet says whether nobody but th is inside, and nothing is being reclaimed.
func (fs *kextFS) quiet(th *sched.Thread) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	n := len(fs.inside)
	if fs.inside[th] > 0 {
		n--
	}
	return n == 0 && !fs.reaping
}

// reaped says whether what nobody uses is reclaimed.
func (fs *kextFS) reaped() bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return !fs.reaping
}

// Unmount is EBUSY while a vnode other than the root is in use, unless by force: then what is in
// use is dead. Either way EBUSY if the calls in progress are not over in settleLimit, and while
// another Unmount is at it; 0 if it is gone already.
func (fs *kextFS) Unmount(ctx *sys.Context, force bool) abi.Errno {
	flags := uint64(0)
	state := int32(fsLeaving)
	if force {
		flags, state = abi.MNT_FORCE, fsForced
	}
	ctx = threaded(ctx)
	th := ctx.Thread
	settled(th, 2*settleLimit, fs.reaped)
	before := fs.state.Load()
	switch {
	case before == fsGone:
		return 0
	case before >= fsLeaving || !force && fs.busy(nil) || !fs.state.CompareAndSwap(before, state):
		return abi.EBUSY
	}
	fs.mu.Lock()
	fs.inside[th]++ // the gate is open for what it calls
	fs.mu.Unlock()
	defer fs.exit(th)
	undo := func(e abi.Errno) abi.Errno {
		fs.state.CompareAndSwap(state, before)
		fs.unused(nil)
		return e
	}
	if !settled(th, settleLimit, func() bool { return fs.quiet(th) }) {
		if force && fs.adrift() {
			fs.leave() // nobody would ask again
			return 0
		}
		return undo(abi.EBUSY)
	}
	if force {
		if !fs.dead() && fs.busy(nil) {
			fs.k.diagnose(fs.typ.ft.Name + ": unmounted by force while it is in use\n")
		}
		fs.kill(fs.root.Load())
	} else if fs.busy(nil) { // by a call that has come before the gate was closed
		return undo(abi.EBUSY)
	} else if e := fs.sync(ctx, abi.MNT_WAIT); e != 0 && !fs.dead() {
		return undo(e)
	}
	e, _ := fs.op(ctx, vfsUnmount, func(*vnopCall) []uint64 { return []uint64{flags} }, nil)
	if e != 0 && !fs.dead() && !force {
		return undo(e)
	}
	if e != 0 && !fs.dead() {
		fs.k.diagnose(fs.typ.ft.Name + ": vfs_unmount refuses (" + e.Error() + "); it is forced\n")
	}
	settled(th, settleLimit, func() bool { return fs.quiet(th) }) // what vfs_unmount has let go of
	if root := fs.root.Load(); fs.leave() && root != nil {
		root.Unref()
	}
	return 0
}

// adrift says whether it is in no tree: its mount has failed, or is not complete.
func (fs *kextFS) adrift() bool {
	return !slices.Contains(fs.k.cfg.Tree.Mounts(), fs.mount)
}

// leave gives back what the mount has in the kernel; false if that has been done.
func (fs *kextFS) leave() bool {
	if fs.state.Swap(fsGone) == fsGone {
		return false
	}
	for _, n := range fs.live() {
		if !fs.dead() {
			fs.k.diagnose(fs.typ.ft.Name + ": the vnode " + hex(n.h) + " is left over, and is not reclaimed: vfs_unmount calls vflush\n")
		}
		n.reclaim(true)
	}
	fs.unused(nil)
	if h := fs.h.Swap(0); h != 0 {
		fs.k.handle.unref(Addr(h))
	}
	if at := fs.stat.Swap(0); at != 0 {
		fs.k.alloc.put(Addr(at))
	}
	l := &fs.k.fsTypes
	l.mu.Lock()
	delete(fs.typ.mounts, fs)
	l.mu.Unlock()
	return true
}

// dead says whether the extension that has the operations has panicked.
func (fs *kextFS) dead() bool {
	e := fs.k.extensionAt(fs.typ.ops[vfsMount])
	return e == nil || e.Dead()
}

// busy says whether vnodes are in use, other than skip and the file system's own. The root may be
// used by the mount itself and by the file system.
func (fs *kextFS) busy(skip *vfs.Vnode) bool {
	for _, n := range fs.live() {
		v := n.v
		if v == skip || n.system {
			continue
		}
		own := int64(0)
		if v == fs.root.Load() || n.markroot {
			own = 1
			fs.k.vnodes.mu.Lock()
			own += int64(fs.k.vnodes.held[v])
			fs.k.vnodes.mu.Unlock()
		}
		if v.Refs() > own {
			return true
		}
	}
	return false
}

// live lists the vnodes.
func (fs *kextFS) live() []*kextNode {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	l := make([]*kextNode, 0, len(fs.nodes))
	for n := range fs.nodes {
		l = append(l, n)
	}
	return l
}

// kill makes all vnodes but one dead, whoever uses them: vnop_reclaim, unless the file system is
// gone, and no call after that.
func (fs *kextFS) kill(skip *vfs.Vnode) {
	for _, n := range fs.live() {
		if n.v != skip {
			n.reclaim(true)
		}
	}
}

// settled waits until done says so, and for limit at the most. th, the caller's own thread or nil
// for none, gives up its processor meanwhile: what is waited for may want it.
func settled(th *sched.Thread, limit time.Duration, done func() bool) bool {
	if done() {
		return true
	}
	if th != nil {
		th.Detach()
		defer th.Attach()
	}
	for start := time.Now(); time.Since(start) < limit; time.Sleep(settlePause) {
		if done() {
			return true
		}
	}
	return done()
}

// unused has a vnode reclaimed that nobody refers to any more; its one reference is the
// reclaimer's. nil is none, for those that were left while it was being unmounted.
func (fs *kextFS) unused(n *kextNode) {
	fs.mu.Lock()
	if n != nil {
		fs.idle = append(fs.idle, n)
	}
	start := !fs.reaping && len(fs.idle) > 0 && fs.state.Load() != fsForced
	fs.reaping = fs.reaping || start
	fs.mu.Unlock()
	if start {
		go fs.reap()
	}
}

// reap leaves off while it is being unmounted by force: that kills all.
func (fs *kextFS) reap() {
	for {
		fs.mu.Lock()
		if len(fs.idle) == 0 || fs.state.Load() == fsForced {
			fs.reaping = false
			fs.mu.Unlock()
			return
		}
		n := fs.idle[0]
		fs.idle = fs.idle[1:]
		fs.mu.Unlock()
		n.reclaim(false)
		n.v.Unref()
	}
}
