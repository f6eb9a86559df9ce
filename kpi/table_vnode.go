package kpi

import (
	"strings"
	"sync"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

func init() {
	is := func(t vfs.VType) func(*Call) uint64 {
		return ofVnode(func(_ *Call, v *vfs.Vnode) uint64 { return boolean(v.Type == t) })
	}
	register("sys/vnode.h", "2006", "bsd", []Row{
		{Name: "vnode_get", Proto: "int vnode_get(vnode_t vp)", Handler: ofVnode(vnodeGet)},
		{Name: "vnode_getwithvid", Proto: "int vnode_getwithvid(vnode_t vp, uint32_t vid)", Handler: vnodeGetwithvid, Note: "ENOENT once nobody has the vnode"},
		{Name: "vnode_getwithref", Proto: "int vnode_getwithref(vnode_t vp)", Handler: ofVnode(vnodeGet)},
		{Name: "vnode_put", Proto: "int vnode_put(vnode_t vp)", Handler: ofVnode(vnodePut)},
		{Name: "vnode_ref", Proto: "int vnode_ref(vnode_t vp)", Handler: ofVnode(vnodeGet)},
		{Name: "vnode_rele", Proto: "void vnode_rele(vnode_t vp)", Handler: ofVnode(vnodePut)},
		{Name: "vnode_vid", Proto: "uint32_t vnode_vid(vnode_t vp)", Handler: ofVnode(func(_ *Call, v *vfs.Vnode) uint64 { return uint64(uint32(v.ID())) })},
		{Name: "vnode_vtype", Proto: "enum vtype vnode_vtype(vnode_t vp)", Handler: ofVnode(func(_ *Call, v *vfs.Vnode) uint64 { return uint64(v.Type) })},
		{Name: "vnode_isreg", Proto: "int vnode_isreg(vnode_t vp)", Handler: is(vfs.VREG)},
		{Name: "vnode_isdir", Proto: "int vnode_isdir(vnode_t vp)", Handler: is(vfs.VDIR)},
		{Name: "vnode_islnk", Proto: "int vnode_islnk(vnode_t vp)", Handler: is(vfs.VLNK)},
		{Name: "vnode_ischr", Proto: "int vnode_ischr(vnode_t vp)", Handler: is(vfs.VCHR)},
		{Name: "vnode_isblk", Proto: "int vnode_isblk(vnode_t vp)", Handler: is(vfs.VBLK)},
		{Name: "vnode_isfifo", Proto: "int vnode_isfifo(vnode_t vp)", Handler: is(vfs.VFIFO)},
		{Name: "vnode_isvroot", Proto: "int vnode_isvroot(vnode_t vp)", Handler: ofVnode(func(_ *Call, v *vfs.Vnode) uint64 { return boolean(isRoot(v)) })},
		{Name: "vnode_issystem", Proto: "int vnode_issystem(vnode_t vp)", Handler: ofVnode(func(_ *Call, v *vfs.Vnode) uint64 { n, ok := v.Ops.(*kextNode); return boolean(ok && n.system) })},
		{Name: "vnode_isswap", Proto: "int vnode_isswap(vnode_t vp)", Handler: ofVnode(func(*Call, *vfs.Vnode) uint64 { return 0 })},
		{Name: "vnode_isrecycled", Proto: "int vnode_isrecycled(vnode_t vp)", Handler: ofVnode(func(*Call, *vfs.Vnode) uint64 { return 0 }), Note: "never: what is held is not recycled"},
		{Name: "vnode_isinuse", Proto: "int vnode_isinuse(vnode_t vp, int refcnt)", Handler: ofVnode(func(c *Call, v *vfs.Vnode) uint64 { return boolean(v.Refs()-1 > int64(c.I32(1))) }), Note: "every reference counts: opens, mappings, vnode_get's"},
		{Name: "vnode_lookup", Proto: "errno_t vnode_lookup(const char *path, int flags, vnode_t *vpp, vfs_context_t ctx)", Handler: vnodeLookup, Note: "VNODE_LOOKUP_NOCROSSMOUNT is ENOTSUP"},
		{Name: "vnode_open", Proto: "errno_t vnode_open(const char *path, int fmode, int cmode, int flags, vnode_t *vpp, vfs_context_t ctx)", Handler: vnodeOpen, Note: "VNODE_LOOKUP_NOCROSSMOUNT is ENOTSUP"},
		{Name: "vnode_close", Proto: "errno_t vnode_close(vnode_t vp, int flags, vfs_context_t ctx)", Handler: vnodeClose},
		{Name: "vn_rdwr", Proto: "int vn_rdwr(enum uio_rw rw, vnode_t vp, caddr_t base, int len, off_t offset, enum uio_seg segflg, int ioflg, kauth_cred_t cred, int *aresid, proc_t p)", Handler: vnRdwr, Note: "regular files, and what vnode_open opened"},
		{Name: "vn_getpath", Proto: "int vn_getpath(vnode_t vp, char *path, int *len)", Handler: ofVnodeSleeping(vnGetpath)},
		{Name: "vnode_getname", Proto: "const char *vnode_getname(vnode_t vp)", Handler: ofVnodeSleeping(vnodeGetname)},
		{Name: "vnode_putname", Proto: "void vnode_putname(const char *name)", Handler: vnodePutname},
		{Name: "vnode_getparent", Proto: "vnode_t vnode_getparent(vnode_t vp)", Handler: ofVnodeSleeping(vnodeGetparent)},
		{Name: "vnode_getattr", Proto: "int vnode_getattr(vnode_t vp, struct vnode_attr *vap, vfs_context_t ctx)", Handler: ofVnodeSleeping(vnodeGetattr)},
		{Name: "vnode_setattr", Proto: "int vnode_setattr(vnode_t vp, struct vnode_attr *vap, vfs_context_t ctx)", Handler: ofVnodeSleeping(vnodeSetattr)},
		{Name: "vnode_size", KPI: "bsd unsupported", Proto: "errno_t vnode_size(vnode_t vp, off_t *size, vfs_context_t ctx)", Handler: ofVnodeSleeping(vnodeSize)},
		{Name: "vnode_authorize", Proto: "int vnode_authorize(vnode_t vp, vnode_t dvp, kauth_action_t action, vfs_context_t ctx)", Handler: ofVnodeSleeping(vnodeAuthorize), Note: "files have no access lists"},
		{Name: "vnode_specrdev", KPI: "bsd unsupported", Proto: "dev_t vnode_specrdev(vnode_t vp)", Handler: ofVnodeSleeping(func(c *Call, v *vfs.Vnode) uint64 {
			var st abi.Stat
			if c.attributes(v, noArg, &st) != 0 {
				return 0
			}
			return uint64(uint32(st.Rdev))
		})},
	})
}

// noArg is no argument: a context of the caller's own.
const noArg = -1

// vnodes is what code holds of vnodes: its references, and its opens.
type vnodes struct {
	mu    sync.Mutex
	held  map[*vfs.Vnode]int
	open  map[*vfs.Vnode][]*sys.OpenFile
	opens int // in all of open
}

// maxVnodes bounds the vnodes that code holds, maxOpens how often it has them open.
const (
	maxVnodes = 1 << 16
	maxOpens  = 1 << 10
)

func ofVnode(f func(c *Call, v *vfs.Vnode) uint64) func(*Call) uint64 {
	return func(c *Call) uint64 {
		v, ok := c.vnode(0)
		if !ok {
			return 0
		}
		defer v.Unref()
		return f(c, v)
	}
}

// ofVnodeSleeping is ofVnode for calls that may sleep.
func ofVnodeSleeping(f func(c *Call, v *vfs.Vnode) uint64) func(*Call) uint64 {
	call := ofVnode(f)
	return func(c *Call) uint64 {
		if !c.maySleep() {
			return 0
		}
		return call(c)
	}
}

// vnode of argument i, with a reference for the time of the call; none is a panic.
func (c *Call) vnode(i int) (*vfs.Vnode, bool) {
	v, ok := c.K.handle.get(c.Addr(i)).(*vfs.Vnode)
	if ok = ok && v.Retain(); !ok {
		c.Panic(table[rowOf(c)].Name + ": " + hex(c.Addr(i)) + " is no vnode, or one that was put back")
	}
	return v, ok
}

// giveVnode hands code a reference to v, which it takes over; 0 if there are too many.
func (k *KernelTask) giveVnode(v *vfs.Vnode) Addr {
	n := &k.vnodes
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.held == nil {
		n.held = map[*vfs.Vnode]int{}
	}
	if len(n.held) >= maxVnodes {
		v.Unref()
		return 0
	}
	h := k.handle.ref(v)
	if h == 0 {
		v.Unref()
		return 0
	}
	n.held[v]++
	return h
}

func vnodeGet(c *Call, v *vfs.Vnode) uint64 {
	if !retain(v) || c.K.giveVnode(v) == 0 {
		return uint64(abi.ENOENT)
	}
	return 0
}

// retain takes a reference to a vnode that is not being reclaimed.
func retain(v *vfs.Vnode) bool {
	if n, ok := v.Ops.(*kextNode); ok {
		return n.retain()
	}
	return v.Retain()
}

// vnodeGetwithvid is for those who kept a vnode without a reference.
func vnodeGetwithvid(c *Call) uint64 {
	v, ok := c.K.handle.get(c.Addr(0)).(*vfs.Vnode)
	if !ok || uint32(v.ID()) != c.U32(1) || !retain(v) {
		return uint64(abi.ENOENT)
	}
	defer v.Unref()
	return vnodeGet(c, v)
}

// vnodePut gives a reference back: more than code has got is a panic.
func vnodePut(c *Call, v *vfs.Vnode) uint64 {
	n := &c.K.vnodes
	n.mu.Lock()
	if n.held[v] == 0 {
		n.mu.Unlock()
		return c.Panic(table[rowOf(c)].Name + ": the vnode " + hex(c.Addr(0)) + " is not held")
	}
	if n.held[v]--; n.held[v] == 0 {
		delete(n.held, v)
	}
	c.K.handle.unref(c.Addr(0))
	n.mu.Unlock()
	v.Unref()
	return 0
}

// path of a vnode in the whole tree.
func (c *Call) path(v *vfs.Vnode) (string, abi.Errno) {
	x, ok := c.vfs(noArg)
	if !ok || c.K.names == nil {
		return "", abi.ENOENT
	}
	return c.K.names.GetPath(x, v)
}

// vnGetpath gives the path with its NUL: *len is the room, and becomes what was used.
// ENOSPC when the room is too small.
func vnGetpath(c *Call, v *vfs.Vnode) uint64 {
	room, ok := c.K.U32(c.Addr(2))
	if !ok {
		return c.Panic("vn_getpath: the length can't be read")
	}
	path, e := c.path(v)
	if e != 0 {
		return uint64(e)
	}
	if int64(int32(room)) < int64(len(path)+1) {
		return uint64(abi.ENOSPC)
	}
	if !c.K.Write(c.Addr(1), append([]byte(path), 0)) {
		return c.Panic("vn_getpath: the buffer can't be written")
	}
	c.Put32(c.Addr(2), uint32(len(path)+1))
	return 0
}

func vnodeGetname(c *Call, v *vfs.Vnode) uint64 {
	path, e := c.path(v)
	if e != 0 {
		return 0
	}
	name := path[strings.LastIndexByte(path, '/')+1:]
	a, ok := c.K.alloc.get(uint64(len(name)+1), kindName, c.Owner())
	if !ok {
		return 0
	}
	c.K.Write(a, append([]byte(name), 0))
	return uint64(a)
}

func vnodePutname(c *Call) uint64 {
	if !c.K.alloc.putKind(c.Addr(0), kindName) {
		return c.Panic("vnode_putname: " + hex(c.Addr(0)) + " did not come from vnode_getname")
	}
	return 0
}

func vnodeGetparent(c *Call, v *vfs.Vnode) uint64 {
	path, e := c.path(v)
	x, ok := c.vfs(noArg)
	if e != 0 || !ok || path == "/" {
		return 0
	}
	dir := path[:strings.LastIndexByte(path, '/')]
	if dir == "" {
		dir = "/"
	}
	nd := vfs.Nameidata{Path: dir, Flags: vfs.Follow}
	if vfs.Namei(x, c.K.names, &nd) != 0 {
		return 0
	}
	return uint64(c.K.giveVnode(nd.Vp))
}
