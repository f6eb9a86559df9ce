package vfs

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// Apply sets attributes of a vnode: the body of fchmod, fchown, futimes,
// fchflags and ftruncate, and of setattrlist.
func Apply(ctx *sys.Context, v *Vnode, a *SetAttr) abi.Errno {
	if a.Valid == 0 {
		return 0
	}
	if v.readOnly() {
		return abi.EROFS
	}
	if a.Valid&AttrSize != 0 {
		switch {
		case v.IsDir():
			return abi.EISDIR
		case a.Size < 0 || v.Type != VREG:
			return abi.EINVAL
		case ctx.FsizeLimit > 0 && a.Size > ctx.FsizeLimit:
			return abi.EFBIG
		}
	}
	if e := Permit(ctx, a.rights(), v, nil); e != 0 {
		return e
	}
	if e := v.Ops.SetAttr(ctx, a); e != 0 {
		return e
	}
	if a.Valid&AttrSize != 0 {
		v.resized(a.Size)
	}
	v.Notify(noteAttrib) // of a new size, too: XNU's VNOP_SETATTR knows no other
	return 0
}

// ApplyPath is Apply at a path: chmod, chown, utimes, chflags, truncate and their
// relatives.
func ApplyPath(ctx *sys.Context, ns *Namespace, dir *Vnode, path string, follow bool, a *SetAttr) abi.Errno {
	v, e := Lookup(ctx, ns, dir, path, follow)
	if e != 0 {
		return e
	}
	defer v.Unref()
	if a.Valid&AttrSize != 0 && !v.IsDir() {
		// truncate opens the file for writing, so it needs the permission.
		if e := v.Ops.Access(ctx, abi.W_OK); e != 0 {
			return e
		}
	}
	return Apply(ctx, v, a)
}

// Chown fills in a SetAttr for chown's arguments, of which 0xffffffff means no
// change.
func Chown(uid, gid uint32) *SetAttr {
	a := &SetAttr{UID: uid, GID: gid}
	if uid != ^uint32(0) {
		a.Valid |= AttrUID
	}
	if gid != ^uint32(0) {
		a.Valid |= AttrGID
	}
	return a
}

// Special values of tv_nsec in utimensat (<sys/stat.h>).
const (
	utimeNow  = -1
	utimeOmit = -2
)

// Utimes fills in a SetAttr for the times of utimensat; nil means now. EINVAL for
// nanoseconds out of range.
func Utimes(times *[2]abi.Timespec) (*SetAttr, abi.Errno) {
	a := &SetAttr{Valid: AttrAtime | AttrMtime | AttrAtimeNow | AttrMtimeNow}
	if times == nil {
		return a, 0
	}
	a.Valid = 0
	for i, set := range [...]struct {
		at        *abi.Timespec
		mask, now AttrMask
	}{{&a.Atime, AttrAtime, AttrAtimeNow}, {&a.Mtime, AttrMtime, AttrMtimeNow}} {
		switch t := times[i]; {
		case t.Nsec == utimeOmit:
		case t.Nsec == utimeNow:
			a.Valid |= set.mask | set.now
		case t.Nsec < 0 || t.Nsec >= 1e9:
			return nil, abi.EINVAL
		default:
			a.Valid |= set.mask
			*set.at = t
		}
	}
	return a, 0
}
