package kpi

import (
	"sync/atomic"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

func init() {
	register("sys/vnode.h", "2006", "bsd", []Row{
		{Name: "vnode_create", Proto: "errno_t vnode_create(uint32_t flavor, uint32_t size, void *data, vnode_t *vpp)", Handler: vnodeCreate},
		{Name: "vnode_fsnode", Proto: "void *vnode_fsnode(vnode_t vp)", Handler: ofVnode(func(_ *Call, v *vfs.Vnode) uint64 {
			if n, ok := v.Ops.(*kextNode); ok {
				return n.fsnode.Load()
			}
			return 0
		}), Note: "NULL for the kernel's own file systems"},
		{Name: "vnode_clearfsnode", Proto: "void vnode_clearfsnode(vnode_t vp)", Handler: ofKextNode(func(_ *Call, n *kextNode) uint64 { n.fsnode.Store(0); return 0 })},
		{Name: "vnode_addfsref", Proto: "int vnode_addfsref(vnode_t vp)", Handler: ofKextNode(func(*Call, *kextNode) uint64 { return 0 }), Note: "nothing to count: who keeps a vnode uses vnode_getwithvid"},
		{Name: "vnode_removefsref", Proto: "int vnode_removefsref(vnode_t vp)", Handler: ofKextNode(func(*Call, *kextNode) uint64 { return 0 })},
		{Name: "vnode_recycle", Proto: "int vnode_recycle(vnode_t vp)", Handler: ofVnode(func(*Call, *vfs.Vnode) uint64 { return 0 }), Note: "0: a vnode is reclaimed as soon as nobody uses it, in any case"},
		{Name: "vnode_settag", Proto: "void vnode_settag(vnode_t vp, int tag)", Handler: ofKextNode(func(c *Call, n *kextNode) uint64 { n.tag.Store(c.I32(1)); return 0 })},
		{Name: "vnode_tag", Proto: "int vnode_tag(vnode_t vp)", Handler: ofVnode(func(_ *Call, v *vfs.Vnode) uint64 {
			if n, ok := v.Ops.(*kextNode); ok {
				return uint64(uint32(n.tag.Load()))
			}
			return 0
		})},
		{Name: "vnode_update_identity", Proto: "void vnode_update_identity(vnode_t vp, vnode_t dvp, const char *name, int name_len, uint32_t name_hashval, int flags)", Handler: ofKextNode(updateIdentity)},
		{Name: "ubc_setsize", Header: "sys/ubc.h", Proto: "int ubc_setsize(vnode_t vp, off_t size)", Handler: ofVnodeSleeping(func(c *Call, v *vfs.Vnode) uint64 {
			if v.Type != vfs.VREG || int64(c.Arg(1)) < 0 {
				return 0
			}
			v.SetSize(int64(c.Arg(1)))
			return 1
		})},
		{Name: "vn_default_error", Proto: "int vn_default_error(void)"},
		{Name: "cache_lookup", Proto: "int cache_lookup(vnode_t dvp, vnode_t *vpp, struct componentname *cnp)", Note: "0: there is no name cache"},
		{Name: "cache_enter", Proto: "void cache_enter(vnode_t dvp, vnode_t vp, struct componentname *cnp)", Note: "there is no name cache"},
		{Name: "cache_purge", Proto: "void cache_purge(vnode_t vp)", Note: "there is no name cache"},
		{Name: "cache_purge_negatives", Proto: "void cache_purge_negatives(vnode_t vp)", Note: "there is no name cache"},
	})
	register("sys/vnode_if.h", "2006", "bsd", vnopRows())
}

// kextNode is a vnode of an extension's file system. Its operations are in fs_vop*.go.
type kextNode struct {
	vfs.Unsupported
	fs     *kextFS
	v      *vfs.Vnode
	h      Addr // vnode_t, for as long as it lives
	vops   Addr // its vector
	fsnode atomic.Uint64
	tag    atomic.Int32
	rdev   int32

	markroot, system bool

	// Where it was found last; under fs.mu, as the next. A reference to the directory.
	parent *vfs.Vnode
	name   string
	// going: it is being reclaimed, or has been. Nobody gets it any more.
	going bool
	dead  atomic.Bool // it has been
}

// struct vnode_fsparam (<sys/vnode.h>).
const (
	vnfsMp         = 0
	vnfsVtype      = 8
	vnfsDvp        = 24
	vnfsFsnode     = 32
	vnfsVops       = 40
	vnfsMarkroot   = 48
	vnfsMarksystem = 52
	vnfsRdev       = 56
	vnfsFilesize   = 64
	vnfsCnp        = 72
	vnfsFlags      = 80
	vnfsSize       = 88
)

// isRoot is vnode_isvroot.
func isRoot(v *vfs.Vnode) bool {
	if n, ok := v.Ops.(*kextNode); ok && n.markroot {
		return true
	}
	return v.Mount != nil && v.Mount.Root == v
}

// vnodeCreate makes a vnode, of which the caller gets a reference. EINVAL for what XNU refuses
// and for a type that there is none of; ENFILE when there are too many.
func vnodeCreate(c *Call) uint64 {
	k := c.K
	if c.U32(0) != 0 || c.U32(1) != vnfsSize || c.Addr(2) == 0 {
		return uint64(abi.EINVAL)
	}
	var b [vnfsSize]byte
	if !k.Read(b[:], c.Addr(2)) {
		return c.Panic("vnode_create: the parameters can't be read")
	}
	m, ok := k.handle.get(Addr(le.Uint64(b[vnfsMp:]))).(*vfs.Mount)
	var fs *kextFS
	if ok {
		fs, ok = m.FS.(*kextFS)
	}
	if !ok {
		return c.Panic("vnode_create: " + hex(Addr(le.Uint64(b[vnfsMp:]))) + " is no mount of an extension's")
	}
	t := le.Uint32(b[vnfsVtype:])
	vops := Addr(le.Uint64(b[vnfsVops:]))
	if t < uint32(vfs.VREG) || t > uint32(vfs.VFIFO) || vops == 0 {
		return uint64(abi.EINVAL)
	}
	n := &kextNode{fs: fs, vops: vops, rdev: int32(le.Uint32(b[vnfsRdev:])),
		markroot: le.Uint32(b[vnfsMarkroot:]) != 0, system: le.Uint32(b[vnfsMarksystem:]) != 0}
	n.fsnode.Store(le.Uint64(b[vnfsFsnode:]))
	v := vfs.NewVnode(m, vfs.VType(t), n)
	n.v = v
	if n.h = k.handle.ref(v); n.h == 0 {
		return uint64(abi.ENFILE)
	}
	fs.mu.Lock()
	full := len(fs.nodes) >= maxKextVnodes || fs.state.Load() >= fsForced
	if !full {
		fs.nodes[n] = true
	}
	fs.mu.Unlock()
	if full {
		k.handle.unref(n.h)
		return uint64(abi.ENFILE)
	}
	if k.giveVnode(v.Ref()) == 0 {
		n.forget()
		return uint64(abi.ENFILE)
	}
	v.Unref()
	if dvp, ok := k.handle.get(Addr(le.Uint64(b[vnfsDvp:]))).(*vfs.Vnode); ok {
		n.place(dvp, c.cnName(Addr(le.Uint64(b[vnfsCnp:]))))
	}
	c.Put64(c.Addr(3), uint64(n.h))
	return 0
}

// cnName is the name in a componentname; "" if there is none.
func (c *Call) cnName(cnp Addr) string {
	if cnp == 0 {
		return ""
	}
	at, _ := c.K.U64(cnp + cnNameptr)
	n, _ := c.K.U32(cnp + cnNamelen)
	if n == 0 || n > abi.NAME_MAX {
		return ""
	}
	b := make([]byte, n)
	if !c.K.Read(b, Addr(at)) {
		return ""
	}
	return string(b)
}

func updateIdentity(c *Call, n *kextNode) uint64 {
	const parent, name = 1, 2
	flags := c.U32(5)
	n.fs.mu.Lock()
	dvp, str := n.parent, n.name
	n.fs.mu.Unlock()
	if flags&parent != 0 {
		dvp, _ = c.K.handle.get(c.Addr(1)).(*vfs.Vnode)
	}
	if size := c.I32(3); flags&name != 0 && c.Addr(2) != 0 {
		b := make([]byte, min(max(size, 0), abi.NAME_MAX))
		if size <= 0 {
			s, ok := c.String(2, abi.NAME_MAX+1)
			if !ok {
				return 0
			}
			b = []byte(s)
		} else if !c.K.Read(b, c.Addr(2)) {
			return c.Panic("vnode_update_identity: the name can't be read")
		}
		str = string(b)
	}
	n.place(dvp, str)
	return 0
}

// place notes where the vnode is: name in dvp, which is of the same mount; nil if nowhere.
func (n *kextNode) place(dvp *vfs.Vnode, name string) {
	if name == "." || name == ".." || dvp == n.v {
		return
	}
	if dvp != nil {
		if d, ok := dvp.Ops.(*kextNode); !ok || d.fs != n.fs || name == "" || !dvp.Retain() {
			return
		}
	}
	n.fs.mu.Lock()
	old := n.parent
	if n.going {
		old = dvp
	} else {
		n.parent, n.name = dvp, name
	}
	n.fs.mu.Unlock()
	old.Unref()
}

// maxKextDepth bounds a path: directories that were moved into each other have none.
const maxKextDepth = abi.MAXPATHLEN / 2

// Path goes up to the root. ENOENT for what has been removed.
func (n *kextNode) Path(*sys.Context) (string, abi.Errno) {
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	path := ""
	for i := 0; n.v != n.fs.root.Load() && !n.markroot; i++ {
		if n.parent == nil || i > maxKextDepth || len(path) > abi.MAXPATHLEN {
			return "", abi.ENOENT
		}
		path = "/" + n.name + path
		n = n.parent.Ops.(*kextNode)
	}
	if path == "" {
		return "", 0
	}
	return path[1:], 0
}

// retain takes a reference unless the vnode is being reclaimed.
func (n *kextNode) retain() bool {
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	return !n.going && n.v.Retain()
}

// Reclaim has the vnode reclaimed later, by a thread that holds no locks.
func (n *kextNode) Reclaim() {
	if n.dead.Load() {
		return
	}
	n.v.Ref()
	n.fs.unused(n)
}

// reclaim calls vnop_inactive and vnop_reclaim: by force, or if there is no reference but the
// caller's.
func (n *kextNode) reclaim(force bool) {
	fs := n.fs
	ctx := threaded(nil)
	fs.mu.Lock()
	if n.going || !force && (n.v.Refs() > 1 || fs.state.Load() == fsForced) {
		fs.mu.Unlock()
		return
	}
	n.going = true
	fs.inside[ctx.Thread]++
	fs.mu.Unlock()
	defer fs.exit(ctx.Thread)
	if fs.state.Load() != fsGone {
		n.v.Ref() // for code to find it while it is being reclaimed
		n.raw(ctx, "inactive", none, nil)
		if e := n.raw(ctx, "reclaim", none, nil); e != 0 && !fs.dead() {
			fs.k.diagnose(fs.typ.ft.Name + ": vnop_reclaim failed: " + e.Error() + "\n")
		}
		n.dead.Store(true)
		n.v.Unref()
	}
	n.forget()
}

// forget ends a vnode that is known to nobody, or dead.
func (n *kextNode) forget() {
	n.dead.Store(true)
	n.fs.mu.Lock()
	n.going = true
	delete(n.fs.nodes, n)
	dvp := n.parent
	n.parent = nil
	n.fs.mu.Unlock()
	n.fs.k.handle.unref(n.h)
	dvp.Unref()
}

func ofKextNode(f func(c *Call, n *kextNode) uint64) func(*Call) uint64 {
	return ofVnode(func(c *Call, v *vfs.Vnode) uint64 {
		n, ok := v.Ops.(*kextNode)
		if !ok {
			return c.Panic(table[rowOf(c)].Name + ": the vnode " + hex(c.Addr(0)) + " is no extension's")
		}
		return f(c, n)
	})
}
