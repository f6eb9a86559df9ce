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
		{Name: "vnode_isvroot", Proto: "int vnode_isvroot(vnode_t vp)", Handler: ofVnode(func(_ *Call, v *vfs.Vnode) uint64 { return boolean(v.Mount != nil && v.Mount.Root == v) })},
		{Name: "vnode_issystem", Proto: "int vnode_issystem(vnode_t vp)", Handler: ofVnode(func(*Call, *vfs.Vnode) uint64 { return 0 })},
		{Name: "vnode_isswap", Proto: "int vnode_isswap(vnode_t vp)", Handler: ofVnode(func(*Call, *vfs.Vnode) uint64 { return 0 })},
		{Name: "vnode_isrecycled", Proto: "int vnode_isrecycled(vnode_t vp)", Handler: ofVnode(func(*Call, *vfs.Vnode) uint64 { return 0 }), Note: "never: what is held is not recycled"},
		{Name: "vnode_isinuse", Proto: "int vnode_isinuse(vnode_t vp, int refcnt)", Handler: ofVnode(func(c *Call, v *vfs.Vnode) uint64 { return boolean(v.Refs() > int64(c.I32(1))) })},
		{Name: "vnode_lookup", Proto: "errno_t vnode_lookup(const char *path, int flags, vnode_t *vpp, vfs_context_t ctx)", Handler: vnodeLookup, Note: "VNODE_LOOKUP_NOCROSSMOUNT is ENOTSUP"},
		{Name: "vnode_open", Proto: "errno_t vnode_open(const char *path, int fmode, int cmode, int flags, vnode_t *vpp, vfs_context_t ctx)", Handler: vnodeOpen},
		{Name: "vnode_close", Proto: "errno_t vnode_close(vnode_t vp, int flags, vfs_context_t ctx)", Handler: vnodeClose},
		{Name: "vn_rdwr", Proto: "int vn_rdwr(enum uio_rw rw, vnode_t vp, caddr_t base, int len, off_t offset, enum uio_seg segflg, int ioflg, kauth_cred_t cred, int *aresid, proc_t p)", Handler: vnRdwr, Note: "regular files, and what vnode_open opened"},
		{Name: "vn_getpath", Proto: "int vn_getpath(vnode_t vp, char *path, int *len)", Handler: ofVnode(vnGetpath)},
		{Name: "vnode_getname", Proto: "const char *vnode_getname(vnode_t vp)", Handler: ofVnode(vnodeGetname)},
		{Name: "vnode_putname", Proto: "void vnode_putname(const char *name)", Handler: vnodePutname},
		{Name: "vnode_getparent", Proto: "vnode_t vnode_getparent(vnode_t vp)", Handler: ofVnode(vnodeGetparent)},
		{Name: "vnode_getattr", Proto: "int vnode_getattr(vnode_t vp, struct vnode_attr *vap, vfs_context_t ctx)", Handler: ofVnode(vnodeGetattr)},
		{Name: "vnode_setattr", Proto: "int vnode_setattr(vnode_t vp, struct vnode_attr *vap, vfs_context_t ctx)", Handler: ofVnode(vnodeSetattr)},
		{Name: "vnode_size", KPI: "bsd unsupported", Proto: "errno_t vnode_size(vnode_t vp, off_t *size, vfs_context_t ctx)", Handler: ofVnode(vnodeSize)},
		{Name: "vnode_authorize", Proto: "int vnode_authorize(vnode_t vp, vnode_t dvp, kauth_action_t action, vfs_context_t ctx)", Handler: ofVnode(vnodeAuthorize)},
		{Name: "vnode_specrdev", KPI: "bsd unsupported", Proto: "dev_t vnode_specrdev(vnode_t vp)", Handler: ofVnode(func(c *Call, v *vfs.Vnode) uint64 {
			var st abi.Stat
			if x, ok := c.vfs(noArg); ok && v.Ops.GetAttr(x, &st) == 0 {
				return uint64(uint32(st.Rdev))
			}
			return 0
		})},
	})
}

// noArg is no argument: a context of the caller's own.
const noArg = -1

// vnodes is what code holds of vnodes: its references, and its opens.
type vnodes struct {
	mu   sync.Mutex
	held map[*vfs.Vnode]int
	open map[*vfs.Vnode][]*sys.OpenFile
}

// maxVnodes bounds the vnodes that code holds.
const maxVnodes = 1 << 16

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
	if !v.Retain() || c.K.giveVnode(v) == 0 {
		return uint64(abi.ENOENT)
	}
	return 0
}

// vnodeGetwithvid is for those who kept a vnode without a reference.
func vnodeGetwithvid(c *Call) uint64 {
	v, ok := c.K.handle.get(c.Addr(0)).(*vfs.Vnode)
	if !ok || uint32(v.ID()) != c.U32(1) || !v.Retain() {
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

// Flags of vnode_lookup.
const (
	lookupNofollow     = 1
	lookupNocrossmount = 2
	lookupNofollowAny  = 8
)

func vnodeLookup(c *Call) uint64 {
	path, ok := c.String(0, abi.MAXPATHLEN)
	x, ok2 := c.vfs(3)
	if !ok || !ok2 || !c.maySleep() {
		return 0
	}
	flags := c.U32(1)
	ns := c.names(x)
	if flags&lookupNocrossmount != 0 || ns == nil {
		return uint64(abi.ENOTSUP)
	}
	nd := vfs.Nameidata{Path: path, Flags: vfs.Follow}
	if flags&(lookupNofollow|lookupNofollowAny) != 0 {
		nd.Flags = 0
	}
	if flags&lookupNofollowAny != 0 {
		nd.Flags |= vfs.NoLinks
	}
	if e := vfs.Namei(x, ns, &nd); e != 0 {
		return uint64(e)
	}
	h := c.K.giveVnode(nd.Vp)
	if h == 0 {
		return uint64(abi.ENFILE)
	}
	c.Put64(c.Addr(2), uint64(h))
	return 0
}

// vnodeOpen is open(2) for the kernel: fmode has FREAD, FWRITE and O_CREAT's kin.
func vnodeOpen(c *Call) uint64 {
	path, ok := c.String(0, abi.MAXPATHLEN)
	x, ok2 := c.vfs(5)
	if !ok || !ok2 || !c.maySleep() {
		return 0
	}
	ns, fmode := c.names(x), int(c.I32(1))
	if ns == nil {
		return uint64(abi.ENOTSUP)
	}
	if fmode&(abi.FREAD|abi.FWRITE) == 0 {
		return uint64(abi.EINVAL)
	}
	oflags := fmode&^(abi.FREAD|abi.FWRITE) | (fmode & (abi.FREAD | abi.FWRITE)) - 1
	if c.U32(3)&lookupNofollow != 0 {
		oflags |= abi.O_NOFOLLOW
	}
	of, e := vfs.Open(x, ns, nil, path, oflags, uint16(c.U32(2)&0o7777))
	if e != 0 {
		return uint64(e)
	}
	v := vfs.VnodeOf(of)
	if v == nil {
		of.Unref(x)
		return uint64(abi.ENOTSUP)
	}
	h := c.K.giveVnode(v.Ref())
	if h == 0 {
		of.Unref(x)
		return uint64(abi.ENFILE)
	}
	n := &c.K.vnodes
	n.mu.Lock()
	if n.open == nil {
		n.open = map[*vfs.Vnode][]*sys.OpenFile{}
	}
	n.open[v] = append(n.open[v], of)
	n.mu.Unlock()
	c.Put64(c.Addr(4), uint64(h))
	return 0
}

// vnodeClose ends an open by vnode_open, and its reference.
func vnodeClose(c *Call) uint64 {
	v, ok := c.vnode(0)
	if !ok {
		return 0
	}
	defer v.Unref()
	x, ok := c.vfs(2)
	if !ok || !c.maySleep() {
		return 0
	}
	n := &c.K.vnodes
	n.mu.Lock()
	l := n.open[v]
	if len(l) == 0 {
		n.mu.Unlock()
		return c.Panic("vnode_close: the vnode " + hex(c.Addr(0)) + " is not open")
	}
	// The one with these flags, or else the last.
	i := len(l) - 1
	for j, of := range l {
		if of.Flags()&(abi.FREAD|abi.FWRITE) == int(c.I32(1))&(abi.FREAD|abi.FWRITE) {
			i = j
		}
	}
	of := l[i]
	if l = append(l[:i:i], l[i+1:]...); len(l) == 0 {
		delete(n.open, v)
	} else {
		n.open[v] = l
	}
	n.mu.Unlock()
	e := of.Unref(x)
	if vnodePut(c, v); c.failed != nil {
		return 0
	}
	return uint64(e)
}

// opened is an open file of a vnode in the wanted mode: one of vnode_open's, or a new
// one, which done closes.
func (c *Call) opened(x *sys.Context, v *vfs.Vnode, flag int) (*sys.OpenFile, abi.Errno) {
	n := &c.K.vnodes
	n.mu.Lock()
	for _, of := range n.open[v] {
		if of.Flags()&flag != 0 {
			of.Ref()
			n.mu.Unlock()
			return of, 0
		}
	}
	n.mu.Unlock()
	ns := c.names(x)
	if v.Type != vfs.VREG || ns == nil {
		return nil, abi.ENOTSUP
	}
	return vfs.OpenQuiet(x, ns, v, flag)
}

// Flags of vn_rdwr.
const (
	ioAppend = 0x2
	ioSync   = 0x4
)

// userSegment says whether an enum uio_seg means a process's memory.
func userSegment(seg uint32) bool { return seg == 0 || seg == 5 || seg == 8 }

// vnRdwr reads or writes a file at an offset: from or to the kernel's memory, or the
// process's.
func vnRdwr(c *Call) uint64 {
	v, ok := c.vnode(1)
	if !ok {
		return 0
	}
	defer v.Unref()
	if !c.maySleep() {
		return 0
	}
	write, at, length, offset := c.U32(0) == 1, c.Addr(2), int64(c.I32(3)), int64(c.Arg(4))
	user, ioflags, residAt := userSegment(c.U32(5)), c.U32(6), c.Addr(8)
	x := *c.T.context()
	x.Thread, x.Cred = c.T.th, credOf(&x)
	if cr, is := c.K.handle.get(c.Addr(7)).(*sys.Cred); is {
		x.Cred = cr
	}
	if length < 0 || offset < 0 {
		return uint64(abi.EINVAL)
	}
	um := c.T.userMap()
	if user && um == nil {
		return uint64(abi.EFAULT)
	}
	mode, flags := abi.FREAD, 0
	if write {
		mode = abi.FWRITE
		if ioflags&ioAppend != 0 {
			flags |= abi.O_APPEND
		}
		if ioflags&ioSync != 0 {
			flags |= abi.O_SYNC
		}
	}
	of, e := c.opened(&x, v, mode)
	if e != 0 {
		return uint64(e)
	}
	defer of.Unref(&x)
	left := length
	b := make([]byte, min(length, copyMax))
	for left > 0 && e == 0 {
		part := b[:min(left, int64(len(b)))]
		u := sys.NewUio(part)
		u.Offset = offset
		if write {
			if user && um.CopyIn(part, at) != 0 {
				e = abi.EFAULT
				break
			}
			if !user && !c.K.Read(part, at) {
				return c.Panic("vn_rdwr: the kernel's buffer at " + hex(at) + " can't be read")
			}
			e = of.Ops.Write(&x, u, mode|flags)
		} else {
			e = of.Ops.Read(&x, u, mode)
		}
		moved := int64(len(part)) - u.Resid
		if !write && moved > 0 {
			if user && um.CopyOut(at, part[:moved]) != 0 {
				e = abi.EFAULT
				break
			}
			if !user && !c.K.Write(at, part[:moved]) {
				return c.Panic("vn_rdwr: the kernel's buffer at " + hex(at) + " can't be written")
			}
		}
		at, left, offset = at+Addr(moved), left-moved, offset+moved
		if moved < int64(len(part)) {
			break
		}
	}
	if residAt != 0 {
		c.Put32(residAt, uint32(left))
	} else if e == 0 && left != 0 {
		e = abi.EIO
	}
	return uint64(e)
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
	if !c.maySleep() {
		return 0
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
	if e != 0 || !ok || path == "/" || !c.maySleep() {
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

// struct vnode_attr (<sys/vnode.h>).
const (
	vaSupported = 0
	vaActive    = 8
	vaSize      = 424
)

// vnodeAttrs are the attributes that a file system has: bit, offset, bytes and value.
var vnodeAttrs = []struct {
	bit, off, size int
	get            func(v *vfs.Vnode, st *abi.Stat) uint64
}{
	{0, 20, 4, func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(uint32(st.Rdev)) }},
	{1, 24, 8, func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(st.Nlink) }},
	{2, 32, 8, func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(st.Size) }},
	{3, 40, 8, func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(st.Blocks) * 512 }},
	{4, 48, 8, func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(st.Size) }},
	{5, 56, 8, func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(st.Blocks) * 512 }},
	{6, 64, 4, func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(uint32(st.Blksize)) }},
	{7, 68, 4, func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(st.UID) }},
	{8, 72, 4, func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(st.GID) }},
	{9, 76, 2, func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(st.Mode) }},
	{10, 80, 4, func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(st.Flags) }},
	{12, 96, 16, nil}, {13, 112, 16, nil}, {14, 128, 16, nil}, {15, 144, 16, nil},
	{17, 176, 8, func(_ *vfs.Vnode, st *abi.Stat) uint64 { return st.Ino }},
	{20, 200, 4, func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(uint32(st.Dev)) }},
	{24, 224, 4, func(v *vfs.Vnode, _ *abi.Stat) uint64 { return uint64(v.Type) }},
}

// times of a Stat by their offsets in struct vnode_attr.
func attrTime(st *abi.Stat, off int) abi.Timespec {
	switch off {
	case 96:
		return st.Birthtime
	case 112:
		return st.Atime
	case 128:
		return st.Mtime
	}
	return st.Ctime
}

func vnodeGetattr(c *Call, v *vfs.Vnode) uint64 {
	x, ok := c.vfs(2)
	if !ok || !c.maySleep() {
		return 0
	}
	at := c.Addr(1)
	var b [vaSize]byte
	if !c.K.Read(b[:], at) {
		return c.Panic("vnode_getattr: the structure can't be read")
	}
	var st abi.Stat
	if e := v.Ops.GetAttr(x, &st); e != 0 {
		return uint64(e)
	}
	active, supported := le.Uint64(b[vaActive:]), uint64(0)
	for _, a := range vnodeAttrs {
		if active>>a.bit&1 == 0 {
			continue
		}
		supported |= 1 << a.bit
		switch a.size {
		case 2:
			le.PutUint16(b[a.off:], uint16(a.get(v, &st)))
		case 4:
			le.PutUint32(b[a.off:], uint32(a.get(v, &st)))
		case 8:
			le.PutUint64(b[a.off:], a.get(v, &st))
		case 16:
			t := attrTime(&st, a.off)
			le.PutUint64(b[a.off:], uint64(t.Sec))
			le.PutUint64(b[a.off+8:], uint64(t.Nsec))
		}
	}
	le.PutUint64(b[vaSupported:], supported)
	if !c.K.Write(at, b[:]) {
		return c.Panic("vnode_getattr: the structure can't be written")
	}
	return 0
}

func vnodeSetattr(c *Call, v *vfs.Vnode) uint64 {
	x, ok := c.vfs(2)
	if !ok || !c.maySleep() {
		return 0
	}
	at := c.Addr(1)
	var b [vaSize]byte
	if !c.K.Read(b[:], at) {
		return c.Panic("vnode_setattr: the structure can't be read")
	}
	active := le.Uint64(b[vaActive:])
	when := func(off int) abi.Timespec {
		return abi.Timespec{Sec: int64(le.Uint64(b[off:])), Nsec: int64(le.Uint64(b[off+8:]))}
	}
	a := &vfs.SetAttr{UID: le.Uint32(b[68:]), GID: le.Uint32(b[72:]), Mode: le.Uint16(b[76:]) & 0o7777, Flags: le.Uint32(b[80:]),
		Size: int64(le.Uint64(b[48:])), Atime: when(112), Mtime: when(128), Birthtime: when(96)}
	var supported uint64
	for bit, m := range map[int]vfs.AttrMask{4: vfs.AttrSize, 7: vfs.AttrUID, 8: vfs.AttrGID, 9: vfs.AttrMode, 10: vfs.AttrFlags,
		12: vfs.AttrBirthtime, 13: vfs.AttrAtime, 14: vfs.AttrMtime} {
		if active>>bit&1 != 0 {
			a.Valid |= m
			supported |= 1 << bit
		}
	}
	if e := vfs.Apply(x, v, a); e != 0 {
		return uint64(e)
	}
	c.Put64(at+vaSupported, supported)
	return 0
}

func vnodeSize(c *Call, v *vfs.Vnode) uint64 {
	x, ok := c.vfs(2)
	if !ok || !c.maySleep() {
		return 0
	}
	var st abi.Stat
	if e := v.Ops.GetAttr(x, &st); e != 0 {
		return uint64(e)
	}
	c.Put64(c.Addr(1), uint64(st.Size))
	return 0
}

// vnodeAuthorize asks the file system and the listeners.
func vnodeAuthorize(c *Call, v *vfs.Vnode) uint64 {
	x, ok := c.vfs(3)
	if !ok || !c.maySleep() {
		return 0
	}
	var dvp *vfs.Vnode
	if c.Addr(1) != 0 {
		if dvp, ok = c.vnode(1); !ok {
			return 0
		}
		defer dvp.Unref()
	}
	rights := vfs.Rights(c.U32(2))
	mode := 0
	if rights&(vfs.ReadData|vfs.ReadExtattr) != 0 {
		mode |= abi.R_OK
	}
	if rights&(vfs.WriteData|vfs.AppendData|vfs.DeleteChild|vfs.WriteExtattr) != 0 {
		mode |= abi.W_OK
	}
	if rights&vfs.Execute != 0 {
		mode |= abi.X_OK
	}
	if mode != 0 {
		if e := v.Ops.Access(x, mode); e != 0 {
			return uint64(e)
		}
	}
	if rights&vfs.Delete != 0 && dvp != nil {
		if e := dvp.Ops.Access(x, abi.W_OK|abi.X_OK); e != 0 {
			return uint64(e)
		}
	}
	return uint64(vfs.Permit(x, rights, v, dvp))
}
