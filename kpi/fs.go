package kpi

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/mach/sched"
)

// fsTypes are the types of file systems that extensions have registered.
type fsTypes struct {
	mu   sync.Mutex
	all  map[*fsType]bool
	last int32 // number given to a type
}

// States of a kextFS.
const (
	fsMounting = iota
	fsMounted
	fsLeaving // vfs_unmount runs
	fsForced  // and by force
	fsGone
)

// kextFS is a mounted file system of an extension. What it answers is checked; when its
// extension is dead, everything fails with EIO, and it can still be unmounted.
//
// A vnode is reclaimed once nobody uses it, by a thread of the kernel's own: whoever drops the
// last reference may hold locks.
type kextFS struct {
	k    *KernelTask
	typ  *fsType
	ctx  *sys.Context // of mount(2), until it is over
	data uint64
	h    Addr // mount_t

	mount     *vfs.Mount
	root      *vfs.Vnode
	private   atomic.Uint64
	maxsymlen atomic.Uint32
	state     atomic.Int32
	inside    atomic.Int64  // calls of its vnodes in progress
	stat      atomic.Uint64 // its struct vfsstatfs, 0 when it is gone

	mu      sync.Mutex // a leaf
	nodes   map[*kextNode]bool
	idle    []*kextNode // to be reclaimed
	reaping bool
}

// maxKextVnodes bounds the vnodes of one mount.
const maxKextVnodes = 1 << 15

func newFSThread() *sched.Thread { return sched.NewThread("vfs") }

// op calls an operation on the file system; ok is false if it has none.
func (fs *kextFS) op(ctx *sys.Context, op int, args func(a *vnopCall) []uint64, after func(a *vnopCall)) (e abi.Errno, ok bool) {
	fn := fs.typ.ops[op]
	if fn == 0 {
		return 0, false
	}
	fs.inside.Add(1)
	defer fs.inside.Add(-1)
	if fs.state.Load() == fsGone {
		return abi.ENXIO, true
	}
	a, e := fs.k.newVnop(ctx)
	if e != 0 {
		return e, true
	}
	defer a.done()
	w := append([]uint64{uint64(fs.h)}, args(a)...)
	if e = a.call(fn, append(w, a.context())...); e == errJust {
		e = abi.EIO
	}
	if e == 0 && after != nil {
		after(a)
	}
	return e, true
}

// Root mounts it: vfs_mount, vfs_start, vfs_root.
func (fs *kextFS) Root(m *vfs.Mount) (*vfs.Vnode, abi.Errno) {
	k := fs.k
	ctx := fs.ctx
	fs.mount = m
	if fs.h = k.handle.ref(m); fs.h == 0 {
		fs.leave()
		return nil, abi.ENOMEM
	}
	at, ok := k.alloc.get(vsSize, kindKernel, nil)
	if !ok {
		fs.leave()
		return nil, abi.ENOMEM
	}
	fs.stat.Store(uint64(at))
	b := mountStat(m, &abi.Statfs{})
	k.Write(at, b)
	if e := fs.typ.entered(fs); e != 0 {
		fs.leave()
		return nil, e
	}
	e, ok := fs.op(ctx, vfsMount, func(*vnopCall) []uint64 { return []uint64{0, fs.data} }, nil)
	if !ok {
		e = abi.ENOTSUP
	}
	if e != 0 {
		fs.leave()
		return nil, e
	}
	if k.Read(b, at) {
		m.From = cString(b[vsFrom:vsSubtype])
	}
	if !fs.state.CompareAndSwap(fsMounting, fsMounted) {
		return nil, abi.ENXIO // taken out meanwhile, with its type
	}
	fs.ctx = nil
	fs.op(ctx, vfsStart, func(*vnopCall) []uint64 { return []uint64{0} }, nil)
	var vpp uint64
	e, ok = fs.op(ctx, vfsRoot, func(a *vnopCall) []uint64 { vpp = a.room(8); return []uint64{vpp} }, func(a *vnopCall) {
		vpp = a.get(vpp)
	})
	if !ok {
		e = abi.ENOTSUP
	}
	var v *vfs.Vnode
	if e == 0 {
		v, e = fs.taken(Addr(vpp))
	}
	if e == 0 && v.Type != vfs.VDIR {
		k.diagnose(fs.typ.ft.Name + ": vfs_root gave no directory\n")
		v.Unref()
		e = abi.EIO
	}
	if e != 0 {
		fs.Unmount(ctx, true)
		return nil, e
	}
	fs.root = v
	return v, 0
}

func cString(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}

// taken is the vnode that code has returned, with the reference that goes with it. EIO for what
// is no vnode of this file system, or one that the code does not hold.
func (fs *kextFS) taken(h Addr) (*vfs.Vnode, abi.Errno) {
	k := fs.k
	v, _ := k.handle.get(h).(*vfs.Vnode)
	var n *kextNode
	if v != nil {
		n, _ = v.Ops.(*kextNode)
	}
	if n == nil || n.fs != fs {
		k.diagnose(fs.typ.ft.Name + ": " + hex(h) + " was returned, which is no vnode of this mount\n")
		return nil, abi.EIO
	}
	k.vnodes.mu.Lock()
	held := k.vnodes.held[v] > 0
	if held {
		if k.vnodes.held[v]--; k.vnodes.held[v] == 0 {
			delete(k.vnodes.held, v)
		}
		k.handle.unref(h)
	}
	k.vnodes.mu.Unlock()
	if !held {
		k.diagnose(fs.typ.ft.Name + ": the vnode " + hex(h) + " was returned without a reference\n")
		return nil, abi.EIO
	}
	return v, 0
}

// struct vfs_attr (<sys/mount.h>).
const (
	vfaSupported = 0
	vfaActive    = 8
	vfaBsize     = 48
	vfaIosize    = 52
	vfaBlocks    = 60
	vfaBfree     = 68
	vfaBavail    = 76
	vfaFiles     = 92
	vfaFfree     = 100
	vfaRoom      = 1024
	vfaWanted    = 0xff0 // f_bsize to f_ffree
)

// Statfs asks vfs_getattr. What the file system doesn't know is 0, and a block has 512 bytes.
func (fs *kextFS) Statfs(ctx *sys.Context, sf *abi.Statfs) abi.Errno {
	sf.Bsize, sf.Iosize = 512, 4096
	sf.Type = uint32(fs.typ.num)
	var at uint64
	e, ok := fs.op(ctx, vfsGetattr, func(a *vnopCall) []uint64 {
		b := make([]byte, vfaRoom)
		le.PutUint64(b[vfaActive:], vfaWanted)
		at = a.bytes(b)
		return []uint64{at}
	}, func(a *vnopCall) {
		var b [vfaFfree + 8]byte
		if !a.k.Read(b[:], Addr(at)) {
			return
		}
		has := le.Uint64(b[vfaSupported:])
		if n := le.Uint32(b[vfaBsize:]); has&(1<<4) != 0 && n != 0 {
			sf.Bsize = int64(n)
		}
		if n := le.Uint64(b[vfaIosize:]); has&(1<<5) != 0 && n != 0 {
			sf.Iosize = int32(min(n, 1<<30))
		}
		for _, f := range []struct {
			bit, off int
			to       *uint64
		}{{6, vfaBlocks, &sf.Blocks}, {7, vfaBfree, &sf.Bfree}, {8, vfaBavail, &sf.Bavail}, {10, vfaFiles, &sf.Files}, {11, vfaFfree, &sf.Ffree}} {
			if has>>f.bit&1 != 0 {
				*f.to = le.Uint64(b[f.off:])
			}
		}
	})
	if !ok {
		return 0
	}
	return e
}

// Sync is vfs_sync, without waiting for what it begins.
func (fs *kextFS) Sync(ctx *sys.Context) abi.Errno { return fs.sync(ctx, abi.MNT_NOWAIT) }

func (fs *kextFS) sync(ctx *sys.Context, wait uint64) abi.Errno {
	e, _ := fs.op(ctx, vfsSync, func(*vnopCall) []uint64 { return []uint64{wait} }, nil)
	return e
}

// Unmount is EBUSY while a vnode other than the root is in use, unless by force: then what is in
// use is dead, once the calls in progress are over (EBUSY if they are not, for settleLimit).
func (fs *kextFS) Unmount(ctx *sys.Context, force bool) abi.Errno {
	flags := uint64(0)
	state := int32(fsLeaving)
	if force {
		flags, state = abi.MNT_FORCE, fsForced
	}
	before := fs.state.Load()
	var th *sched.Thread
	if ctx != nil {
		th = ctx.Thread
	}
	settled(th, 2*settleLimit, func() bool {
		fs.mu.Lock()
		defer fs.mu.Unlock()
		return !fs.reaping // what nobody uses is reclaimed
	})
	if !force && fs.busy(nil) {
		return abi.EBUSY
	}
	if fs.state.Store(state); force {
		if !settled(th, settleLimit, func() bool { return fs.inside.Load() <= 0 }) {
			if fs.adrift() {
				fs.leave() // nobody would ask again
				return 0
			}
			fs.state.Store(before)
			return abi.EBUSY
		}
		fs.kill(fs.root)
	} else if e := fs.sync(ctx, abi.MNT_WAIT); e != 0 && !fs.dead() {
		fs.state.Store(before)
		return e
	}
	e, _ := fs.op(ctx, vfsUnmount, func(*vnopCall) []uint64 { return []uint64{flags} }, nil)
	if e != 0 && !fs.dead() && !force {
		fs.state.Store(before)
		return e
	}
	if e != 0 && !fs.dead() {
		fs.k.diagnose(fs.typ.ft.Name + ": vfs_unmount refuses (" + e.Error() + "); it is forced\n")
	}
	if fs.leave(); fs.root != nil {
		fs.root.Unref()
	}
	return 0
}

// adrift says whether it is in no tree: its mount has failed, or is not complete.
func (fs *kextFS) adrift() bool {
	return !slices.Contains(fs.k.cfg.Tree.Mounts(), fs.mount)
}

// leave gives back what the mount has in the kernel, once.
func (fs *kextFS) leave() {
	if fs.state.Swap(fsGone) == fsGone {
		return
	}
	for _, n := range fs.live() {
		if !fs.dead() {
			fs.k.diagnose(fs.typ.ft.Name + ": the vnode " + hex(n.h) + " is left over, and is not reclaimed: vfs_unmount calls vflush\n")
		}
		n.reclaim(true)
	}
	if fs.h != 0 {
		fs.k.handle.unref(fs.h)
	}
	if at := fs.stat.Swap(0); at != 0 {
		fs.k.alloc.put(Addr(at))
	}
	l := &fs.k.fsTypes
	l.mu.Lock()
	delete(fs.typ.mounts, fs)
	l.mu.Unlock()
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
		if v == fs.root || n.markroot {
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
// reclaimer's.
func (fs *kextFS) unused(n *kextNode) {
	fs.mu.Lock()
	fs.idle = append(fs.idle, n)
	start := !fs.reaping
	fs.reaping = true
	fs.mu.Unlock()
	if start {
		go fs.reap()
	}
}

func (fs *kextFS) reap() {
	for {
		fs.mu.Lock()
		if len(fs.idle) == 0 {
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

// setFlags changes a mount's flags while it is being mounted; nobody else knows it yet.
func (fs *kextFS) setFlags(c *Call, set, clear uint32) uint64 {
	if fs.state.Load() != fsMounting {
		return c.Panic(table[rowOf(c)].Name + ": only vfs_mount may change a mount's flags")
	}
	fs.mount.Flags = fs.mount.Flags&^clear | set
	return 0
}

// vfsVflush is EBUSY while vnodes are in use, or makes them dead.
func vfsVflush(c *Call) uint64 {
	m, ok := c.K.handle.get(c.Addr(0)).(*vfs.Mount)
	if !ok || !c.maySleep() {
		return c.Panic("vflush: " + hex(c.Addr(0)) + " is no mount")
	}
	fs, ok := m.FS.(*kextFS)
	if !ok {
		return c.Panic("vflush: the mount " + hex(c.Addr(0)) + " is no extension's")
	}
	skip, _ := c.K.handle.get(c.Addr(1)).(*vfs.Vnode)
	const forceClose, writeClose = 2, 4
	switch flags := c.U32(2); {
	case flags&writeClose != 0:
		return uint64(abi.ENOTSUP)
	case flags&forceClose != 0:
		if fs.root != nil && skip == nil && fs.state.Load() < fsLeaving {
			return uint64(abi.EBUSY)
		}
		fs.kill(skip)
		return 0
	}
	if fs.busy(skip) {
		return uint64(abi.EBUSY)
	}
	if fs.state.Load() == fsLeaving {
		fs.kill(skip) // the root: the mount lets go of it
	}
	return 0
}

// vnodeIterate calls a function for each vnode of a mount, with a reference.
func vnodeIterate(c *Call) uint64 {
	if !c.maySleep() {
		return 0
	}
	m, ok := c.K.handle.get(c.Addr(0)).(*vfs.Mount)
	if !ok {
		return c.Panic("vnode_iterate: " + hex(c.Addr(0)) + " is no mount")
	}
	fs, ok := m.FS.(*kextFS)
	if !ok {
		return uint64(abi.ENOTSUP)
	}
	fn, arg := c.Addr(2), c.Arg(3)
	for _, n := range fs.live() {
		if !n.retain() {
			continue
		}
		h := c.K.giveVnode(n.v)
		if h == 0 {
			return uint64(abi.ENFILE)
		}
		v, err := c.Up(fn, uint64(h), arg)
		if err != nil {
			return uint64(abi.EIO)
		}
		if v&2 == 0 { // VNODE_RETURNED, VNODE_RETURNED_DONE
			if taken, e := fs.taken(h); e == 0 {
				taken.Unref()
			}
		}
		if v&1 != 0 {
			break
		}
	}
	return 0
}
