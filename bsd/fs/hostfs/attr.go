package hostfs

import (
	"golang.org/x/sys/unix"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

const statxMask = unix.STATX_BASIC_STATS | unix.STATX_BTIME

// GetAttr is fstat.
func (n *node) GetAttr(ctx *sys.Context, st *abi.Stat) abi.Errno {
	var x unix.Statx_t
	if err := unix.Statx(n.any(), "", unix.AT_EMPTY_PATH, statxMask, &x); err != nil {
		return sys.HostErrno(err)
	}
	fromStatx(st, &x)
	n.fs.links.apply(st, &x)
	return 0
}

// StatPath is lstat below the directory.
func (n *node) StatPath(ctx *sys.Context, rel string, st *abi.Stat) abi.Errno {
	var x unix.Statx_t
	if err := unix.Statx(n.any(), rel, unix.AT_SYMLINK_NOFOLLOW, statxMask, &x); err != nil {
		return sys.HostErrno(err)
	}
	fromStatx(st, &x)
	n.fs.links.apply(st, &x)
	return 0
}

// fromStatx translates attributes. Darwin's device numbers have 8 bits of major
// and 24 of minor number; the host's have 12 and 20, of which the top bits of the
// major number, that hosts don't use, are dropped.
func fromStatx(st *abi.Stat, x *unix.Statx_t) {
	*st = abi.Stat{
		Dev:   darwinDev(x.Dev_major, x.Dev_minor),
		Mode:  x.Mode,
		Nlink: uint16(min(x.Nlink, 0xffff)),
		Ino:   x.Ino,
		UID:   x.Uid, GID: x.Gid,
		Rdev:      darwinDev(x.Rdev_major, x.Rdev_minor),
		Atime:     timespec(x.Atime),
		Mtime:     timespec(x.Mtime),
		Ctime:     timespec(x.Ctime),
		Birthtime: timespec(x.Btime),
		Size:      int64(x.Size),
		Blocks:    int64(x.Blocks),
		Blksize:   int32(x.Blksize),
	}
	if x.Mask&unix.STATX_BTIME == 0 {
		// The earliest time that there is: Darwin has always one.
		st.Birthtime = st.Mtime
		if less(st.Ctime, st.Birthtime) {
			st.Birthtime = st.Ctime
		}
	}
	if x.Attributes&unix.STATX_ATTR_IMMUTABLE != 0 {
		st.Flags |= abi.SF_IMMUTABLE
	}
	if x.Attributes&unix.STATX_ATTR_APPEND != 0 {
		st.Flags |= abi.SF_APPEND
	}
	if x.Attributes&unix.STATX_ATTR_NODUMP != 0 {
		st.Flags |= abi.UF_NODUMP
	}
}

func timespec(t unix.StatxTimestamp) abi.Timespec {
	return abi.Timespec{Sec: t.Sec, Nsec: int64(t.Nsec)}
}

func less(a, b abi.Timespec) bool { return a.Sec < b.Sec || a.Sec == b.Sec && a.Nsec < b.Nsec }

func darwinDev(major, minor uint32) int32 { return int32(major<<24 | minor&0xffffff) }

// SetAttr sets attributes one after the other, the size first, mode after owner
// because the host clears set-id bits with the latter. ENOTSUP for flags that the
// file does not have already; a birth time can only move back to what mtime says
// on Darwin, and not at all here, so it is accepted only if it changes nothing.
func (n *node) SetAttr(ctx *sys.Context, a *vfs.SetAttr) abi.Errno {
	native := n.fs.native(ctx)
	if !native || a.Valid&(vfs.AttrFlags|vfs.AttrBirthtime) != 0 {
		var st abi.Stat
		if e := n.GetAttr(ctx, &st); e != 0 {
			return e
		}
		if !native {
			if e := vfs.AuthorizeSetAttr(ctx.Cred, &st, a); e != 0 {
				return e
			}
		}
		if a.Valid&vfs.AttrFlags != 0 && a.Flags != st.Flags {
			return abi.ENOTSUP
		}
		if a.Valid&vfs.AttrBirthtime != 0 && a.Birthtime != st.Birthtime {
			return abi.ENOTSUP
		}
	}
	if a.Valid&vfs.AttrSize != 0 {
		if e := n.truncate(a.Size); e != 0 {
			return e
		}
	}
	if a.Valid&(vfs.AttrUID|vfs.AttrGID) != 0 {
		uid, gid := -1, -1
		if a.Valid&vfs.AttrUID != 0 {
			uid = int(a.UID)
		}
		if a.Valid&vfs.AttrGID != 0 {
			gid = int(a.GID)
		}
		if err := unix.Fchownat(n.any(), "", uid, gid, unix.AT_EMPTY_PATH); err != nil {
			return sys.HostErrno(err)
		}
	}
	if a.Valid&vfs.AttrMode != 0 {
		if e := n.chmod(uint32(a.Mode & 0o7777)); e != 0 {
			return e
		}
	}
	if a.Valid&(vfs.AttrAtime|vfs.AttrMtime) != 0 {
		ts := [2]unix.Timespec{
			hostTime(a.Valid, vfs.AttrAtime, vfs.AttrAtimeNow, a.Atime),
			hostTime(a.Valid, vfs.AttrMtime, vfs.AttrMtimeNow, a.Mtime),
		}
		if e := n.utimes(ts[:]); e != 0 {
			return e
		}
	}
	return 0
}

func (n *node) truncate(size int64) abi.Errno {
	var err error
	if wr := n.wr.Load(); wr >= 0 {
		err = retry(func() error { return unix.Ftruncate(int(wr), size) })
	} else {
		err = retry(func() error { return unix.Truncate(procFd(n.any()), size) })
	}
	return sys.HostErrno(err)
}

func (n *node) chmod(mode uint32) abi.Errno {
	if n.v.Type == vfs.VLNK {
		var st abi.Stat
		if e := n.GetAttr(nil, &st); e != 0 {
			return e
		}
		if n.fs.uid != 0 && n.fs.uid != st.UID {
			return abi.EPERM
		}
		return n.fs.links.chmod(n, uint16(mode))
	}
	if !n.isPath() {
		return sys.HostErrno(unix.Fchmod(n.any(), mode))
	}
	return sys.HostErrno(unix.Fchmodat(unix.AT_FDCWD, procFd(n.any()), mode, 0))
}

func (n *node) utimes(ts []unix.Timespec) abi.Errno {
	err := unix.UtimesNanoAt(n.any(), "", ts, unix.AT_EMPTY_PATH)
	if err == unix.EINVAL || err == unix.ENOENT { // hosts before 5.8
		err = unix.UtimesNanoAt(unix.AT_FDCWD, procFd(n.any()), ts, 0)
	}
	return sys.HostErrno(err)
}

func hostTime(valid, set, now vfs.AttrMask, t abi.Timespec) unix.Timespec {
	switch {
	case valid&set == 0:
		return unix.Timespec{Nsec: unix.UTIME_OMIT}
	case valid&now != 0:
		return unix.Timespec{Nsec: unix.UTIME_NOW}
	}
	return unix.Timespec{Sec: t.Sec, Nsec: t.Nsec}
}

// Access checks with the host, or by the bits for other ids than the host's.
func (n *node) Access(ctx *sys.Context, mode int) abi.Errno {
	if !n.fs.native(ctx) {
		return n.check(ctx, mode)
	}
	if mode == 0 {
		return 0
	}
	var err error
	err = unix.Faccessat2(n.any(), "", uint32(mode), unix.AT_EMPTY_PATH|unix.AT_EACCESS)
	if err == unix.ENOSYS || err == unix.EINVAL || err == unix.EPERM {
		err = unix.Access(procFd(n.any()), uint32(mode))
	}
	return sys.HostErrno(err)
}

// Pathconf answers what depends on the file system.
func (n *node) Pathconf(ctx *sys.Context, name int) (int64, abi.Errno) {
	switch name {
	case abi.PC_XATTR_SIZE_BITS:
		return 17, 0 // 64 KB: the host's limit
	case abi.PC_MIN_HOLE_SIZE:
		return 4096, 0
	}
	return 0, abi.EINVAL
}
