package kpi

import (
	"strings"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/mach/sched"
)

func init() {
	flag := func(f func(m *vfs.Mount, fs *kextFS) bool) func(*Call) uint64 {
		return ofMount(func(c *Call, m *vfs.Mount) uint64 {
			fs, _ := m.FS.(*kextFS)
			return boolean(f(m, fs))
		})
	}
	never := flag(func(*vfs.Mount, *kextFS) bool { return false })
	register("sys/mount.h", "2006", "bsd", []Row{
		{Name: "vfs_fsadd", Proto: "int vfs_fsadd(struct vfs_fsentry *vfe, vfstable_t *handle)", Handler: vfsFsadd, Note: "file systems on block devices get no device: VFS_TBLLOCALVOL is ENOTSUP without VFS_TBLGENERICMNTARGS; vfs_start is called, of the rest vfs_mount, vfs_root, vfs_getattr, vfs_sync, vfs_unmount and vfs_init"},
		{Name: "vfs_fsremove", Proto: "int vfs_fsremove(vfstable_t handle)", Handler: vfsFsremove},
		{Name: "vfs_fsprivate", Proto: "void *vfs_fsprivate(mount_t mp)", Handler: ofKextFS(func(_ *Call, fs *kextFS) uint64 { return fs.private.Load() })},
		{Name: "vfs_setfsprivate", Proto: "void vfs_setfsprivate(mount_t mp, void *mntdata)", Handler: ofKextFS(func(c *Call, fs *kextFS) uint64 { fs.private.Store(c.Arg(1)); return 0 })},
		{Name: "vfs_setflags", Proto: "void vfs_setflags(mount_t mp, uint64_t flags)", Handler: ofKextFS(func(c *Call, fs *kextFS) uint64 { return fs.setFlags(c, c.U32(1), 0) }), Note: "while vfs_mount runs"},
		{Name: "vfs_clearflags", Proto: "void vfs_clearflags(mount_t mp, uint64_t flags)", Handler: ofKextFS(func(c *Call, fs *kextFS) uint64 { return fs.setFlags(c, 0, c.U32(1)) }), Note: "while vfs_mount runs"},
		{Name: "vfs_isrdwr", Proto: "int vfs_isrdwr(mount_t mp)", Handler: flag(func(m *vfs.Mount, _ *kextFS) bool { return !m.ReadOnly() })},
		{Name: "vfs_issynchronous", Proto: "int vfs_issynchronous(mount_t mp)", Handler: flag(func(m *vfs.Mount, _ *kextFS) bool { return m.Flags&abi.MNT_SYNCHRONOUS != 0 })},
		{Name: "vfs_isupdate", Proto: "int vfs_isupdate(mount_t mp)", Handler: never, Note: "mounts are not updated"},
		{Name: "vfs_isreload", Proto: "int vfs_isreload(mount_t mp)", Handler: never, Note: "mounts are not reloaded"},
		{Name: "vfs_iswriteupgrade", Proto: "int vfs_iswriteupgrade(mount_t mp)", Handler: never, Note: "mounts are not updated"},
		{Name: "vfs_isforce", Proto: "int vfs_isforce(mount_t mp)", Handler: flag(func(_ *vfs.Mount, fs *kextFS) bool { return fs != nil && fs.state.Load() == fsForced })},
		{Name: "vfs_isunmount", Proto: "int vfs_isunmount(mount_t mp)", Handler: flag(func(_ *vfs.Mount, fs *kextFS) bool { return fs != nil && fs.state.Load() >= fsLeaving })},
		{Name: "vfs_typenum", Proto: "int vfs_typenum(mount_t mp)", Handler: ofKextFS(func(_ *Call, fs *kextFS) uint64 { return uint64(uint32(fs.typ.num)) })},
		{Name: "vfs_64bitready", Proto: "int vfs_64bitready(mount_t mp)", Handler: flag(func(*vfs.Mount, *kextFS) bool { return true })},
		{Name: "vfs_maxsymlen", Proto: "uint32_t vfs_maxsymlen(mount_t mp)", Handler: ofKextFS(func(_ *Call, fs *kextFS) uint64 { return uint64(fs.maxsymlen.Load()) })},
		{Name: "vfs_setmaxsymlen", Proto: "void vfs_setmaxsymlen(mount_t mp, uint32_t symlen)", Handler: ofKextFS(func(c *Call, fs *kextFS) uint64 { fs.maxsymlen.Store(c.U32(1)); return 0 }), Note: "kept for vfs_maxsymlen; links have up to MAXPATHLEN bytes"},
		{Name: "vfs_getnewfsid", Proto: "void vfs_getnewfsid(mount_t mp)", Handler: ofKextFS(func(*Call, *kextFS) uint64 { return 0 }), Note: "each mount has one of its own from the start"},
		{Name: "vfs_setlocklocal", Proto: "void vfs_setlocklocal(mount_t mp)", Handler: ofKextFS(func(*Call, *kextFS) uint64 { return 0 }), Note: "advisory locks are the kernel's in any case"},
		{Name: "vflush", Header: "sys/vnode.h", Proto: "int vflush(mount_t mp, vnode_t skipvp, int flags)", Handler: vfsVflush},
		{Name: "vnode_iterate", Header: "sys/vnode.h", Proto: "int vnode_iterate(mount_t mp, int flags, int (*callout)(vnode_t vp, void *arg), void *arg)", Handler: vnodeIterate, Note: "vnodes in use"},
	})
}

// struct vfs_fsentry and struct vfsops (<sys/mount.h>).
const (
	vfeVfsops   = 0
	vfeVopcnt   = 8
	vfeOpvdescs = 16
	vfeTypenum  = 24
	vfeName     = 28
	vfeFlags    = 44
	vfeSize     = 64

	vfsMount   = 0
	vfsStart   = 1
	vfsUnmount = 2
	vfsRoot    = 3
	vfsGetattr = 5
	vfsSync    = 6
	vfsInit    = 10
	vfsopsLen  = 15

	tblThreadsafe  = 0x1
	tblFSNodelock  = 0x2
	tblNoTypenum   = 0x8
	tblLocalvol    = 0x10
	tblGenericArgs = 0x200
	tblReaddirExt  = 0x400
)

// Limits on what an extension may register.
const (
	maxOpvs     = 8  // vfe_vopcnt, as XNU has it
	maxFSTypes  = 64 // of all extensions
	maxOpvDescs = 1024
)

// fsType is a type of file system that an extension has registered: a vfstable_t.
type fsType struct {
	k       *KernelTask
	ft      *vfs.FSType
	num     int32
	flags   uint32
	ops     [vfsopsLen]Addr
	vectors []Addr // made by vfs_fsadd
	h       Addr
	mounts  map[*kextFS]bool // under fsTypes.mu
	ready   bool             // under fsTypes.mu, as the next: it can be mounted
	gone    bool
}

// firstTypenum is where numbers of types begin for those who bring none.
const firstTypenum = 64

// vfsFsadd registers a type. EINVAL for an entry that XNU refuses, EEXIST for a name that is
// taken, ENOTSUP without files or for a type on a device. An operation that isn't the kernel's, or a
// vector without a default, is a panic.
func vfsFsadd(c *Call) uint64 {
	k := c.K
	if !c.maySleep() {
		return 0
	}
	if k.cfg.Tree == nil {
		return uint64(abi.ENOTSUP)
	}
	if c.Addr(0) == 0 {
		return uint64(abi.EINVAL)
	}
	var b [vfeSize]byte
	if !k.Read(b[:], c.Addr(0)) {
		return c.Panic("vfs_fsadd: the entry can't be read")
	}
	t := &fsType{k: k, num: int32(le.Uint32(b[vfeTypenum:])), flags: le.Uint32(b[vfeFlags:]), mounts: map[*kextFS]bool{}}
	name, _, _ := strings.Cut(string(b[vfeName:vfeName+mfsNameLen]), "\x00")
	ops, n, descs := Addr(le.Uint64(b[vfeVfsops:])), int32(le.Uint32(b[vfeVopcnt:])), Addr(le.Uint64(b[vfeOpvdescs:]))
	if n <= 0 || n > maxOpvs || ops == 0 || descs == 0 || name == "" || t.flags&(tblThreadsafe|tblFSNodelock) == 0 {
		return uint64(abi.EINVAL)
	}
	if t.flags&tblLocalvol != 0 && t.flags&tblGenericArgs == 0 {
		return uint64(abi.ENOTSUP)
	}
	var tab [8 * vfsopsLen]byte
	if !k.Read(tab[:], ops) {
		return c.Panic("vfs_fsadd: the vfsops can't be read")
	}
	for i := range t.ops {
		t.ops[i] = Addr(le.Uint64(tab[8*i:]))
	}
	t.ft = &vfs.FSType{Name: name, New: t.newFS}
	l := &k.fsTypes
	l.mu.Lock()
	if len(l.all) >= maxFSTypes {
		l.mu.Unlock()
		return uint64(abi.ENOSPC)
	}
	if e := k.cfg.Tree.AddType(t.ft); e != 0 {
		l.mu.Unlock()
		return uint64(e)
	}
	if t.flags&tblNoTypenum != 0 {
		l.last = max(l.last, firstTypenum-1) + 1
		t.num = l.last
	}
	if l.all == nil {
		l.all = map[*fsType]bool{}
	}
	l.all[t] = true
	l.mu.Unlock()
	at := append([]Addr{c.Addr(0), ops}, t.ops[:]...)
	for i := range int(n) {
		v, fns := c.vector(descs + Addr(8*i))
		if v == 0 {
			t.remove()
			return uint64(abi.ENOMEM)
		}
		t.vectors, at = append(t.vectors, v), append(at, fns...)
	}
	t.h = k.handle.put(t)
	k.AddReference("file system", t, name, func(th *sched.Thread) { t.force(th) }, at...)
	l.mu.Lock()
	t.ready = true
	l.mu.Unlock()
	if t.h == 0 || c.Addr(1) != 0 && !c.Put64(c.Addr(1), uint64(t.h)) {
		t.remove()
		return uint64(abi.ENOMEM)
	}
	if fn := t.ops[vfsInit]; fn != 0 {
		// What vfs_init answers doesn't count: XNU ignores it, too. Its struct vfsconf is in
		// the memory of the call.
		a, e := k.newVnop(c.T.context())
		if e == 0 {
			conf := make([]byte, 40)
			copy(conf[4:4+mfsNameLen], name)
			le.PutUint32(conf[20:], uint32(t.num))
			a.call(fn, a.bytes(conf))
			a.done()
		}
	}
	return 0
}

// vector makes the vector of the vnodeopv_desc that *p points to, and stores where it is; it
// gives the functions, too. 0 if there is no memory, or the extension is dead.
func (c *Call) vector(p Addr) (Addr, []Addr) {
	k := c.K
	desc, ok := k.U64(p)
	place, ok2 := k.U64(Addr(desc))
	ops, ok3 := k.U64(Addr(desc) + 8)
	if !ok || !ok2 || !ok3 {
		c.Panic("vfs_fsadd: a vnodeopv_desc can't be read")
		return 0, nil
	}
	var tab [len(vnopNames)]Addr
	var fns []Addr
	for i := 0; ; i++ {
		op, ok := k.U64(Addr(ops) + Addr(16*i))
		fn, ok2 := k.U64(Addr(ops) + Addr(16*i) + 8)
		if ok && op == 0 {
			break
		}
		n, known := k.descAt(Addr(op))
		if !ok || !ok2 || !known || i >= maxOpvDescs {
			c.Panic("vfs_fsadd: entry " + hex(Addr(i)) + " of a vector is no operation of the kernel's")
			return 0, nil
		}
		tab[n] = Addr(fn)
		fns = append(fns, Addr(fn))
	}
	if tab[0] == 0 {
		c.Panic("vfs_fsadd: a vector without vnop_default_desc")
		return 0, nil
	}
	var b [8 * len(vnopNames)]byte
	for i, fn := range tab {
		if fn == 0 {
			fn = tab[0]
		}
		le.PutUint64(b[8*i:], uint64(fn))
	}
	v, ok := k.alloc.get(uint64(len(b)), kindKernel, nil)
	if !ok {
		return 0, nil
	}
	k.Write(v, b[:])
	if !c.Put64(Addr(place), uint64(v)) {
		k.alloc.put(v)
		return 0, nil
	}
	return v, fns
}

// newFS is vfs.FSType's New.
func (t *fsType) newFS(ctx *sys.Context, data uint64, flags uint32) (vfs.FS, abi.Errno) {
	l := &t.k.fsTypes
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.gone || !t.ready {
		return nil, abi.ENODEV
	}
	return &kextFS{k: t.k, typ: t, ctx: ctx, data: data, nodes: map[*kextNode]bool{}, inside: map[*sched.Thread]int{}}, 0
}

// entered enters a file system that is going to be mounted, until its leave. Before that nothing is
// kept of it: what mount(2) finds wrong with the place ends it without a word.
func (t *fsType) entered(fs *kextFS) abi.Errno {
	l := &t.k.fsTypes
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.gone || !t.ready {
		return abi.ENODEV
	}
	t.mounts[fs] = true
	return 0
}

// remove takes the type out; false while something of it is mounted.
func (t *fsType) remove() bool {
	k := t.k
	l := &k.fsTypes
	l.mu.Lock()
	if len(t.mounts) > 0 || t.gone {
		l.mu.Unlock()
		return false
	}
	t.gone = true
	delete(l.all, t)
	l.mu.Unlock()
	k.cfg.Tree.RemoveType(t.ft)
	k.handle.drop(t.h)
	for _, v := range t.vectors {
		k.alloc.put(v)
	}
	k.DropReference("file system", t)
	return true
}

// force unmounts what is mounted and takes the type out: its extension is dead.
func (t *fsType) force(th *sched.Thread) {
	l := &t.k.fsTypes
	l.mu.Lock()
	var all []*kextFS
	for fs := range t.mounts {
		all = append(all, fs)
	}
	l.mu.Unlock()
	for _, fs := range all {
		ctx := &sys.Context{Thread: th, Cred: rootCred}
		if fs.adrift() {
			fs.Unmount(ctx, true)
		} else {
			t.k.cfg.Tree.Unmount(ctx, fs.mount.Root, true)
		}
	}
	t.remove()
}

// vfsFsremove is EBUSY while something is mounted.
func vfsFsremove(c *Call) uint64 {
	t, ok := c.K.handle.get(c.Addr(0)).(*fsType)
	if !ok {
		return c.Panic("vfs_fsremove: " + hex(c.Addr(0)) + " is no file system's handle")
	}
	if !t.remove() {
		return uint64(abi.EBUSY)
	}
	return 0
}

func ofKextFS(f func(c *Call, fs *kextFS) uint64) func(*Call) uint64 {
	return ofMount(func(c *Call, m *vfs.Mount) uint64 {
		fs, ok := m.FS.(*kextFS)
		if !ok {
			return c.Panic(table[rowOf(c)].Name + ": the mount " + hex(c.Addr(0)) + " is no extension's")
		}
		return f(c, fs)
	})
}
