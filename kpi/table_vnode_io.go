package kpi

import (
	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// Flags of vnode_lookup.
const (
	lookupNofollow     = 1
	lookupNocrossmount = 2
	lookupNofollowAny  = 8
)

// lookupLinks is what the flags of a lookup say of symbolic links: whether the last of a path is
// followed, and those within it. ok is false for flags that can't be kept.
func lookupLinks(flags uint32) (last, inner, ok bool) {
	inner = flags&lookupNofollowAny == 0
	return inner && flags&lookupNofollow == 0, inner, flags&lookupNocrossmount == 0
}

func vnodeLookup(c *Call) uint64 {
	path, ok := c.String(0, abi.MAXPATHLEN)
	x, ok2 := c.vfs(3)
	if !ok || !ok2 || !c.maySleep() {
		return 0
	}
	ns := c.names(x)
	last, inner, ok := lookupLinks(c.U32(1))
	if !ok || ns == nil {
		return uint64(abi.ENOTSUP)
	}
	nd := vfs.Nameidata{Path: path}
	if last {
		nd.Flags |= vfs.Follow
	}
	if !inner {
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

// reserve makes room for one more open file; false if there are too many.
func (n *vnodes) reserve() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.opens >= maxOpens {
		return false
	}
	n.opens++
	return true
}

func (n *vnodes) unreserve() {
	n.mu.Lock()
	n.opens--
	n.mu.Unlock()
}

// vnodeOpen is open(2) for the kernel: fmode has FREAD, FWRITE and O_CREAT's kin. ENFILE when
// code has too many files open.
func vnodeOpen(c *Call) uint64 {
	path, ok := c.String(0, abi.MAXPATHLEN)
	x, ok2 := c.vfs(5)
	if !ok || !ok2 || !c.maySleep() {
		return 0
	}
	ns, fmode := c.names(x), int(c.I32(1))
	last, inner, ok := lookupLinks(c.U32(3))
	if !ok || ns == nil {
		return uint64(abi.ENOTSUP)
	}
	if fmode&(abi.FREAD|abi.FWRITE) == 0 {
		return uint64(abi.EINVAL)
	}
	oflags := fmode&^(abi.FREAD|abi.FWRITE) | (fmode & (abi.FREAD | abi.FWRITE)) - 1
	if !last {
		oflags |= abi.O_NOFOLLOW
	}
	if !inner {
		oflags |= abi.O_NOFOLLOW_ANY
	}
	n := &c.K.vnodes
	if !n.reserve() {
		return uint64(abi.ENFILE)
	}
	kept := false
	defer func() {
		if !kept {
			n.unreserve()
		}
	}()
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
	n.mu.Lock()
	if n.open == nil {
		n.open = map[*vfs.Vnode][]*sys.OpenFile{}
	}
	n.open[v], kept = append(n.open[v], of), true
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
	n.opens--
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
	if !c.maySleep() {
		return 0
	}
	v, ok := c.vnode(1)
	if !ok {
		return 0
	}
	defer v.Unref()
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
