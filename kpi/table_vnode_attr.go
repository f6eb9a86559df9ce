package kpi

import (
	"puggle/abi"
	"puggle/bsd/vfs"
)

// struct vnode_attr (<sys/vnode.h>); testdata/kauth.c asserts these and the offsets below.
const (
	vaSupported = 0
	vaActive    = 8
	vaSize      = 228 // as far as it is used: generations differ in what follows
)

// vnodeAttr is an attribute that file systems have: its bit in va_active, its offset and size
// in bytes, and where it is in what file systems know. Those of 16 bytes are times, and have
// time instead of get, and setTime instead of set. Those with a mask can be set.
type vnodeAttr struct {
	bit, off, size int
	get            func(v *vfs.Vnode, st *abi.Stat) uint64
	time           func(st *abi.Stat) *abi.Timespec
	mask           vfs.AttrMask
	set            func(a *vfs.SetAttr, value uint64)
	setTime        func(a *vfs.SetAttr) *abi.Timespec
}

var vnodeAttrs = []vnodeAttr{
	{bit: 0, off: 20, size: 4, get: func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(uint32(st.Rdev)) }},
	{bit: 1, off: 24, size: 8, get: func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(st.Nlink) }},
	{bit: 2, off: 32, size: 8, get: func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(st.Size) }},
	{bit: 3, off: 40, size: 8, get: func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(st.Blocks) * 512 }},
	{bit: 4, off: 48, size: 8, get: func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(st.Size) },
		mask: vfs.AttrSize, set: func(a *vfs.SetAttr, n uint64) { a.Size = int64(n) }},
	{bit: 5, off: 56, size: 8, get: func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(st.Blocks) * 512 }},
	{bit: 6, off: 64, size: 4, get: func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(uint32(st.Blksize)) }},
	{bit: 7, off: 68, size: 4, get: func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(st.UID) },
		mask: vfs.AttrUID, set: func(a *vfs.SetAttr, n uint64) { a.UID = uint32(n) }},
	{bit: 8, off: 72, size: 4, get: func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(st.GID) },
		mask: vfs.AttrGID, set: func(a *vfs.SetAttr, n uint64) { a.GID = uint32(n) }},
	{bit: 9, off: 76, size: 2, get: func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(st.Mode) },
		mask: vfs.AttrMode, set: func(a *vfs.SetAttr, n uint64) { a.Mode = uint16(n) & 0o7777 }},
	{bit: 10, off: 80, size: 4, get: func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(st.Flags) },
		mask: vfs.AttrFlags, set: func(a *vfs.SetAttr, n uint64) { a.Flags = uint32(n) }},
	{bit: 12, off: 96, size: 16, time: func(st *abi.Stat) *abi.Timespec { return &st.Birthtime },
		mask: vfs.AttrBirthtime, setTime: func(a *vfs.SetAttr) *abi.Timespec { return &a.Birthtime }},
	{bit: 13, off: 112, size: 16, time: func(st *abi.Stat) *abi.Timespec { return &st.Atime },
		mask: vfs.AttrAtime, setTime: func(a *vfs.SetAttr) *abi.Timespec { return &a.Atime }},
	{bit: 14, off: 128, size: 16, time: func(st *abi.Stat) *abi.Timespec { return &st.Mtime },
		mask: vfs.AttrMtime, setTime: func(a *vfs.SetAttr) *abi.Timespec { return &a.Mtime }},
	{bit: 15, off: 144, size: 16, time: func(st *abi.Stat) *abi.Timespec { return &st.Ctime }},
	{bit: 17, off: 176, size: 8, get: func(_ *vfs.Vnode, st *abi.Stat) uint64 { return st.Ino }},
	{bit: 20, off: 200, size: 4, get: func(_ *vfs.Vnode, st *abi.Stat) uint64 { return uint64(uint32(st.Dev)) }},
	{bit: 24, off: 224, size: 4, get: func(v *vfs.Vnode, _ *abi.Stat) uint64 { return uint64(v.Type) }},
}

// put stores the attribute in the structure.
func (at *vnodeAttr) put(b []byte, v *vfs.Vnode, st *abi.Stat) {
	b = b[at.off:]
	switch at.size {
	case 2:
		le.PutUint16(b, uint16(at.get(v, st)))
	case 4:
		le.PutUint32(b, uint32(at.get(v, st)))
	case 8:
		le.PutUint64(b, at.get(v, st))
	case 16:
		t := at.time(st)
		le.PutUint64(b, uint64(t.Sec))
		le.PutUint64(b[8:], uint64(t.Nsec))
	}
}

// take fills in what the structure asks to be set.
func (at *vnodeAttr) take(b []byte, a *vfs.SetAttr) {
	b = b[at.off:]
	a.Valid |= at.mask
	switch at.size {
	case 2:
		at.set(a, uint64(le.Uint16(b)))
	case 4:
		at.set(a, uint64(le.Uint32(b)))
	case 8:
		at.set(a, le.Uint64(b))
	case 16:
		*at.setTime(a) = abi.Timespec{Sec: int64(le.Uint64(b)), Nsec: int64(le.Uint64(b[8:]))}
	}
}

// attributes of a vnode, asked for with the context of argument i. A bad context is a panic,
// and an error here.
func (c *Call) attributes(v *vfs.Vnode, i int, st *abi.Stat) abi.Errno {
	x, ok := c.vfs(i)
	if !ok {
		return abi.EINVAL
	}
	return v.Ops.GetAttr(x, st)
}

func vnodeGetattr(c *Call, v *vfs.Vnode) uint64 {
	at := c.Addr(1)
	var b [vaSize]byte
	if !c.K.Read(b[:], at) {
		return c.Panic("vnode_getattr: the structure can't be read")
	}
	var st abi.Stat
	if e := c.attributes(v, 2, &st); e != 0 {
		return uint64(e)
	}
	active, supported := le.Uint64(b[vaActive:]), uint64(0)
	for i := range vnodeAttrs {
		a := &vnodeAttrs[i]
		if active>>a.bit&1 != 0 {
			a.put(b[:], v, &st)
			supported |= 1 << a.bit
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
	if !ok {
		return 0
	}
	at := c.Addr(1)
	var b [vaSize]byte
	if !c.K.Read(b[:], at) {
		return c.Panic("vnode_setattr: the structure can't be read")
	}
	active, supported := le.Uint64(b[vaActive:]), uint64(0)
	var a vfs.SetAttr
	for i := range vnodeAttrs {
		if n := &vnodeAttrs[i]; n.mask != 0 && active>>n.bit&1 != 0 {
			n.take(b[:], &a)
			supported |= 1 << n.bit
		}
	}
	if e := vfs.Apply(x, v, &a); e != 0 {
		return uint64(e)
	}
	c.Put64(at+vaSupported, supported)
	return 0
}

func vnodeSize(c *Call, v *vfs.Vnode) uint64 {
	var st abi.Stat
	if e := c.attributes(v, 2, &st); e != 0 {
		return uint64(e)
	}
	c.Put64(c.Addr(1), uint64(st.Size))
	return 0
}
