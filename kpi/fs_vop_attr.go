package kpi

import (
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// Bits of va_active that getattr(2) wants: va_rdev to va_flags, the times, va_fileid and
// va_type.
const vattrStat = 1<<11 - 1 | 0xf<<12 | 1<<17 | 1<<24

// word reads a number of the attribute from the structure.
func (at *vnodeAttr) word(b []byte) uint64 {
	b = b[at.off:]
	switch at.size {
	case 2:
		return uint64(le.Uint16(b))
	case 4:
		return uint64(le.Uint32(b))
	}
	return le.Uint64(b)
}

// GetAttr asks vnop_getattr. What the file system doesn't say is as XNU has it: one link, no
// owner, no times; the type is the vnode's in any case.
func (n *kextNode) GetAttr(ctx *sys.Context, st *abi.Stat) abi.Errno {
	var at uint64
	var b [vaSize]byte
	e := n.call(ctx, "getattr", func(a *vnopCall) []uint64 {
		v := make([]byte, vattrRoom)
		le.PutUint64(v[vaActive:], vattrStat)
		at = a.bytes(v)
		return []uint64{at}
	}, func(a *vnopCall) abi.Errno {
		if !a.k.Read(b[:], Addr(at)) {
			return abi.EIO
		}
		return 0
	})
	if e != 0 {
		return e
	}
	*st = abi.Stat{Mode: n.v.Type.Mode() | 0o777, Nlink: 1, Dev: n.fs.mount.Dev(), Rdev: n.rdev, Blksize: 4096}
	has := le.Uint64(b[vaSupported:])
	alloc := uint64(0)
	for i := range vnodeAttrs {
		a := &vnodeAttrs[i]
		if has>>a.bit&1 == 0 {
			continue
		}
		t := abi.Timespec{}
		w := uint64(0)
		if a.size == 16 {
			t = abi.Timespec{Sec: int64(le.Uint64(b[a.off:])), Nsec: int64(le.Uint64(b[a.off+8:]))}
			if t.Nsec < 0 || t.Nsec >= 1e9 {
				t.Nsec = 0
			}
		} else {
			w = a.word(b[:])
		}
		switch a.bit {
		case 0:
			st.Rdev = int32(w)
		case 1:
			st.Nlink = uint16(min(w, 0xffff))
		case 2, 4:
			if has&(1<<4) == 0 || a.bit == 4 {
				st.Size = int64(min(w, 1<<63-1))
			}
		case 3, 5:
			alloc = max(alloc, w)
		case 6:
			st.Blksize = int32(min(max(w, 512), 1<<30))
		case 7:
			st.UID = uint32(w)
		case 8:
			st.GID = uint32(w)
		case 9:
			st.Mode = n.v.Type.Mode() | uint16(w)&0o7777
		case 10:
			st.Flags = uint32(w)
		case 12:
			st.Birthtime = t
		case 13:
			st.Atime = t
		case 14:
			st.Mtime = t
		case 15:
			st.Ctime = t
		case 17:
			st.Ino = w
		}
	}
	if has&(1<<3|1<<5) == 0 {
		alloc = uint64(st.Size)
	}
	st.Blocks = int64(min(alloc/512+boolean(alloc%512 != 0), 1<<62))
	if has&(1<<15) == 0 {
		st.Ctime = st.Mtime
	}
	return 0
}

// SetAttr asks vnop_setattr. ENOTSUP for what it doesn't say that it has set.
func (n *kextNode) SetAttr(ctx *sys.Context, s *vfs.SetAttr) abi.Errno {
	if ctx != nil && ctx.Cred != nil && !ctx.Cred.IsSuser() {
		var st abi.Stat
		if e := n.GetAttr(ctx, &st); e != 0 {
			return e
		}
		if e := vfs.AuthorizeSetAttr(ctx.Cred, &st, s); e != 0 {
			return e
		}
	}
	b := make([]byte, vattrRoom)
	active := uint64(0)
	now := time.Now()
	stamp := abi.Timespec{Sec: now.Unix(), Nsec: int64(now.Nanosecond())}
	word := func(mask vfs.AttrMask, bit int, put func()) {
		if s.Valid&mask != 0 {
			active |= 1 << bit
			put()
		}
	}
	when := func(mask, nowMask vfs.AttrMask, bit, off int, t abi.Timespec) {
		word(mask, bit, func() {
			if nowMask != 0 && s.Valid&nowMask != 0 {
				t = stamp
			}
			le.PutUint64(b[off:], uint64(t.Sec))
			le.PutUint64(b[off+8:], uint64(t.Nsec))
		})
	}
	word(vfs.AttrSize, 4, func() { le.PutUint64(b[48:], uint64(s.Size)) })
	word(vfs.AttrUID, 7, func() { le.PutUint32(b[68:], s.UID) })
	word(vfs.AttrGID, 8, func() { le.PutUint32(b[72:], s.GID) })
	word(vfs.AttrMode, 9, func() { le.PutUint16(b[76:], s.Mode) })
	word(vfs.AttrFlags, 10, func() { le.PutUint32(b[80:], s.Flags) })
	when(vfs.AttrBirthtime, 0, 12, 96, s.Birthtime)
	when(vfs.AttrAtime, vfs.AttrAtimeNow, 13, 112, s.Atime)
	when(vfs.AttrMtime, vfs.AttrMtimeNow, 14, 128, s.Mtime)
	le.PutUint64(b[vaActive:], active)
	var at uint64
	return n.call(ctx, "setattr", func(a *vnopCall) []uint64 { at = a.bytes(b); return []uint64{at} }, func(a *vnopCall) abi.Errno {
		if has := a.get(at + vaSupported); active&^has != 0 {
			return abi.ENOTSUP
		}
		return 0
	})
}
