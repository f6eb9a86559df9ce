package kpi

import (
	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

func init() {
	register("sys/vnode.h", "2006", "bsd", []Row{
		{Name: "vfs_context_create", Proto: "vfs_context_t vfs_context_create(vfs_context_t ctx)", Handler: vfsContextCreate},
		{Name: "vfs_context_current", KPI: "bsd unsupported", Proto: "vfs_context_t vfs_context_current(void)", Handler: vfsContextCurrent},
		{Name: "vfs_context_rele", Proto: "int vfs_context_rele(vfs_context_t ctx)", Handler: vfsContextRele},
		{Name: "vfs_context_proc", Proto: "proc_t vfs_context_proc(vfs_context_t ctx)", Handler: vfsContextProc},
		{Name: "vfs_context_ucred", Proto: "kauth_cred_t vfs_context_ucred(vfs_context_t ctx)", Handler: ofContext(func(c *Call, x *sys.Context) uint64 { return uint64(c.borrow(credOf(x))) })},
		{Name: "vfs_context_pid", Proto: "int vfs_context_pid(vfs_context_t ctx)", Handler: ofContext(func(_ *Call, x *sys.Context) uint64 { return uint64(uint32(x.PID)) })},
		{Name: "vfs_context_suser", Proto: "int vfs_context_suser(vfs_context_t ctx)", Handler: ofContext(func(_ *Call, x *sys.Context) uint64 { return suserError(credOf(x)) })},
		{Name: "vfs_context_is64bit", Proto: "int vfs_context_is64bit(vfs_context_t ctx)", Handler: ofContext(func(_ *Call, x *sys.Context) uint64 { return boolean(x.Proc != nil) })},
	})
	register("sys/vnode.h", "2002", "bsd unsupported", []Row{
		{Name: "console_user", Proto: "uid_t console_user", Data: true},
	})
	register("sys/mount.h", "2006", "bsd", []Row{
		{Name: "vnode_mount", Header: "sys/vnode.h", Proto: "mount_t vnode_mount(vnode_t vp)", Handler: ofVnode(func(c *Call, v *vfs.Vnode) uint64 {
			if v.Mount == nil {
				return 0
			}
			return uint64(c.borrow(v.Mount))
		})},
		{Name: "vfs_statfs", Proto: "struct vfsstatfs *vfs_statfs(mount_t mp)", Handler: ofMount(vfsStatfs), Note: "filled in anew by each call, but for an extension's own mount; NULL when the file system can't say"},
		{Name: "vfs_flags", Proto: "uint64_t vfs_flags(mount_t mp)", Handler: ofMount(func(_ *Call, m *vfs.Mount) uint64 { return uint64(m.Flags) })},
		{Name: "vfs_isrdonly", Proto: "int vfs_isrdonly(mount_t mp)", Handler: ofMount(func(_ *Call, m *vfs.Mount) uint64 { return boolean(m.ReadOnly()) })},
		{Name: "vfs_name", Proto: "void vfs_name(mount_t mp, char *buffer)", Handler: ofMount(func(c *Call, m *vfs.Mount) uint64 { return c.putName(c.Addr(1), mfsNameLen, m.Type) })},
		{Name: "vnode_vfsname", Header: "sys/vnode.h", Proto: "void vnode_vfsname(vnode_t vp, char *buffer)", Handler: ofVnode(func(c *Call, v *vfs.Vnode) uint64 {
			if v.Mount == nil {
				return c.putName(c.Addr(1), mfsNameLen, "")
			}
			return c.putName(c.Addr(1), mfsNameLen, v.Mount.Type)
		})},
		{Name: "vnode_vfsisrdonly", Header: "sys/vnode.h", Proto: "int vnode_vfsisrdonly(vnode_t vp)", Handler: ofVnode(func(_ *Call, v *vfs.Vnode) uint64 { return boolean(v.Mount != nil && v.Mount.ReadOnly()) })},
	})
}

// mfsNameLen is MFSNAMELEN (<sys/mount.h>).
const mfsNameLen = 15

// vfsContext is a vfs_context_t in the hands of code: lent for a call, or created by it.
type vfsContext struct {
	*sys.Context
	created bool
}

// maxContexts bounds those that code has created.
const maxContexts = 1 << 14

// credOf is a context's credential; the kernel's own has root's.
func credOf(x *sys.Context) *sys.Cred {
	if x.Cred == nil {
		return rootCred
	}
	return x.Cred
}

// vfs is the context of argument i for a call on this thread; null is the caller's own.
func (c *Call) vfs(i int) (*sys.Context, bool) {
	x := c.T.context()
	if a := c.argOr0(i); a != 0 {
		v, ok := c.K.handle.get(a).(*vfsContext)
		if !ok {
			c.Panic(table[rowOf(c)].Name + ": " + hex(a) + " is no context")
			return nil, false
		}
		x = v.Context
	}
	y := *x
	y.Thread, y.Cred = c.T.th, credOf(x)
	return &y, true
}

func (c *Call) argOr0(i int) Addr {
	if i == noArg {
		return 0
	}
	return c.Addr(i)
}

// names is where the paths of a context begin.
func (c *Call) names(x *sys.Context) *vfs.Namespace {
	if p, ok := x.Proc.(*kern.Proc); ok && p.NS != nil {
		return p.NS
	}
	return c.K.names
}

func ofContext(f func(c *Call, x *sys.Context) uint64) func(*Call) uint64 {
	return func(c *Call) uint64 {
		x, ok := c.vfs(0)
		if !ok {
			return 0
		}
		return f(c, x)
	}
}

// vfsContextCreate makes a context like the given one, or the caller's, which lives until
// it is released; 0 if there are too many.
func vfsContextCreate(c *Call) uint64 {
	x, ok := c.vfs(0)
	if !ok {
		return 0
	}
	k := c.K
	if k.contexts.Add(1) > maxContexts {
		k.contexts.Add(-1)
		return 0
	}
	h := k.handle.put(&vfsContext{Context: x, created: true})
	if h == 0 {
		k.contexts.Add(-1)
	}
	return uint64(h)
}

// vfsContextCurrent lends the caller's context, the same one each time.
func vfsContextCurrent(c *Call) uint64 {
	t := c.T
	if t.lent == nil || t.lentFor != t.ctx {
		t.lent, t.lentFor = &vfsContext{Context: t.context()}, t.ctx
	}
	return uint64(c.borrow(t.lent))
}

// vfsContextRele ends a context that was created. One that was lent is not the caller's to
// release.
func vfsContextRele(c *Call) uint64 {
	x, ok := c.K.handle.get(c.Addr(0)).(*vfsContext)
	if !ok {
		return c.Panic("vfs_context_rele: " + hex(c.Addr(0)) + " is no context")
	}
	if !x.created {
		return c.Panic("vfs_context_rele: the context " + hex(c.Addr(0)) + " was lent, not created")
	}
	if !c.K.handle.take(c.Addr(0), x) {
		return c.Panic("vfs_context_rele: the context " + hex(c.Addr(0)) + " was released twice")
	}
	c.K.contexts.Add(-1)
	return 0
}

func vfsContextProc(c *Call) uint64 {
	x, ok := c.vfs(0)
	if !ok {
		return 0
	}
	if p, is := x.Proc.(*kern.Proc); is {
		return uint64(c.borrow(p))
	}
	return uint64(c.K.kernproc(false))
}

func ofMount(f func(c *Call, m *vfs.Mount) uint64) func(*Call) uint64 {
	return func(c *Call) uint64 {
		m, ok := c.K.handle.get(c.Addr(0)).(*vfs.Mount)
		if !ok {
			return c.Panic(table[rowOf(c)].Name + ": " + hex(c.Addr(0)) + " is no mount")
		}
		return f(c, m)
	}
}

// struct vfsstatfs (<sys/mount.h>), packed to 4 bytes.
const (
	vsBsize   = 0
	vsIosize  = 4
	vsBlocks  = 12
	vsBfree   = 20
	vsBavail  = 28
	vsBused   = 36
	vsFiles   = 44
	vsFfree   = 52
	vsFsid    = 60
	vsOwner   = 68
	vsFlags   = 72
	vsType    = 80
	vsOn      = 96
	vsFrom    = vsOn + abi.MAXPATHLEN
	vsSubtype = vsFrom + abi.MAXPATHLEN
	vsSize    = vsSubtype + 4 + 16
)

// vfsStatfs fills in the mount's struct, which is there for as long as the mount is.
func vfsStatfs(c *Call, m *vfs.Mount) uint64 {
	if !c.maySleep() {
		return 0
	}
	if fs, ok := m.FS.(*kextFS); ok {
		return fs.stat.Load() // the file system's to fill in; NULL when it is gone
	}
	x, _ := c.vfs(noArg)
	if x == nil {
		return 0
	}
	var sf abi.Statfs
	if m.Statfs(x, &sf) != 0 {
		return 0
	}
	return uint64(c.K.putStatfs(m, mountStat(m, &sf)))
}

// mountStat is a mount's struct vfsstatfs.
func mountStat(m *vfs.Mount, sf *abi.Statfs) []byte {
	var b [vsSize]byte
	le.PutUint32(b[vsBsize:], uint32(sf.Bsize))
	le.PutUint64(b[vsIosize:], uint64(sf.Iosize))
	le.PutUint64(b[vsBlocks:], sf.Blocks)
	le.PutUint64(b[vsBfree:], sf.Bfree)
	le.PutUint64(b[vsBavail:], sf.Bavail)
	le.PutUint64(b[vsBused:], sf.Blocks-min(sf.Bfree, sf.Blocks))
	le.PutUint64(b[vsFiles:], sf.Files)
	le.PutUint64(b[vsFfree:], sf.Ffree)
	le.PutUint32(b[vsFsid:], uint32(m.Fsid[0]))
	le.PutUint32(b[vsFsid+4:], uint32(m.Fsid[1]))
	le.PutUint32(b[vsOwner:], sf.Owner)
	le.PutUint64(b[vsFlags:], uint64(m.Flags))
	copy(b[vsType:vsOn-1], m.Type)
	copy(b[vsOn:vsFrom-1], m.On)
	copy(b[vsFrom:vsSubtype-1], m.From)
	return b[:]
}

// putStatfs stores the struct of a mount; 0 if there is no memory. Those of mounts that are
// gone are freed when one comes that has none yet. It is written under statfsMu, so that
// none is written after that; not under KernelTask.mu, since code may hold its page.
func (k *KernelTask) putStatfs(m *vfs.Mount, b []byte) Addr {
	k.statfsMu.Lock()
	at := k.statfs[m]
	if at != 0 {
		k.Write(at, b)
	}
	k.statfsMu.Unlock()
	if at != 0 {
		return at
	}
	a, ok := k.alloc.get(uint64(len(b)), kindKernel, nil)
	if !ok {
		return 0
	}
	here := map[*vfs.Mount]bool{m: true}
	if k.cfg.Tree != nil {
		for _, o := range k.cfg.Tree.Mounts() {
			here[o] = true
		}
	}
	var free []Addr
	k.statfsMu.Lock()
	if k.statfs == nil {
		k.statfs = map[*vfs.Mount]Addr{}
	}
	for o, old := range k.statfs {
		if !here[o] {
			delete(k.statfs, o)
			free = append(free, old)
		}
	}
	if at = k.statfs[m]; at == 0 {
		k.statfs[m], at = a, a
	} else {
		free = append(free, a)
	}
	k.Write(at, b)
	k.statfsMu.Unlock()
	for _, a := range free {
		k.alloc.put(a)
	}
	return at
}
