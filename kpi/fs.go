package kpi

import (
	"sync"
	"sync/atomic"

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
	h    atomic.Uint64 // mount_t

	mount     *vfs.Mount
	root      atomic.Pointer[vfs.Vnode]
	private   atomic.Uint64
	maxsymlen atomic.Uint32
	state     atomic.Int32
	stat      atomic.Uint64 // its struct vfsstatfs, 0 when it is gone

	mu      sync.Mutex            // a leaf
	inside  map[*sched.Thread]int // calls of it in progress: see enter
	nodes   map[*kextNode]bool
	idle    []*kextNode // to be reclaimed
	reaping bool
}

// maxKextVnodes bounds the vnodes of one mount.
const maxKextVnodes = 1 << 15

// op calls an operation on the file system; ok is false if it has none.
func (fs *kextFS) op(ctx *sys.Context, op int, args func(a *vnopCall) []uint64, after func(a *vnopCall)) (e abi.Errno, ok bool) {
	fn := fs.typ.ops[op]
	if fn == 0 {
		return 0, false
	}
	ctx = threaded(ctx)
	if e := fs.enter(ctx.Thread); e != 0 {
		return e, true
	}
	defer fs.exit(ctx.Thread)
	a, e := fs.k.newVnop(ctx)
	if e != 0 {
		return e, true
	}
	defer a.done()
	w := append([]uint64{fs.h.Load()}, args(a)...)
	if e = a.call(fn, append(w, a.context())...); e == errJust {
		e = abi.EIO
	}
	if e == 0 && after != nil {
		after(a)
	}
	return e, true
}

// Alive says whether it can be entered among the mounts: its type has not been taken out.
func (fs *kextFS) Alive() bool { return fs.state.Load() == fsMounted }

// Root mounts it: vfs_mount, vfs_start, vfs_root.
func (fs *kextFS) Root(m *vfs.Mount) (*vfs.Vnode, abi.Errno) {
	ctx := threaded(fs.ctx)
	fs.mount = m
	fs.mu.Lock()
	fs.inside[ctx.Thread]++ // who takes it out with its type waits
	fs.mu.Unlock()
	defer fs.exit(ctx.Thread)
	v, e, begun := fs.begin(ctx)
	switch {
	case e == 0:
	case begun:
		fs.Unmount(ctx, true)
	default:
		fs.leave()
	}
	return v, e
}

// begin is Root; begun when it takes vfs_unmount to end it.
func (fs *kextFS) begin(ctx *sys.Context) (v *vfs.Vnode, e abi.Errno, begun bool) {
	k := fs.k
	h := k.handle.ref(fs.mount)
	if h == 0 {
		return nil, abi.ENOMEM, false
	}
	fs.h.Store(uint64(h))
	at, ok := k.alloc.get(vsSize, kindKernel, nil)
	if !ok {
		return nil, abi.ENOMEM, false
	}
	fs.stat.Store(uint64(at))
	b := mountStat(fs.mount, &abi.Statfs{})
	k.Write(at, b)
	if e := fs.typ.entered(fs); e != 0 {
		return nil, e, false
	}
	e, ok = fs.op(ctx, vfsMount, func(*vnopCall) []uint64 { return []uint64{0, fs.data} }, nil)
	if !ok {
		e = abi.ENOTSUP
	}
	if e != 0 {
		return nil, e, false
	}
	if k.Read(b, at) {
		fs.mount.From = cString(b[vsFrom:vsSubtype])
	}
	if !fs.state.CompareAndSwap(fsMounting, fsMounted) {
		return nil, abi.ENXIO, true // taken out meanwhile, with its type
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
	if e == 0 {
		v, e = fs.taken(Addr(vpp))
	}
	if e == 0 && v.Type != vfs.VDIR {
		k.diagnose(fs.typ.ft.Name + ": vfs_root gave no directory\n")
		v.Unref()
		e = abi.EIO
	}
	if e != 0 {
		return nil, e, true
	}
	fs.root.Store(v)
	return v, 0, true
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
	if fs.state.Load() >= fsLeaving {
		settled(c.T.th, settleLimit, fs.reaped) // what vfs_unmount has let go of before
	}
	const forceClose, writeClose = 2, 4
	switch flags := c.U32(2); {
	case flags&writeClose != 0:
		return uint64(abi.ENOTSUP)
	case flags&forceClose != 0:
		if fs.root.Load() != nil && skip == nil && fs.state.Load() < fsLeaving {
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
