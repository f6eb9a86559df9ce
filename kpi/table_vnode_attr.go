package kpi

import (
	"puggle/abi"
	"puggle/bsd/vfs"
)

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
