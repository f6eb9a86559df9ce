package vfs

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// Stat is stat, lstat and fstatat: follow says whether a link at the end is
// followed.
func Stat(ctx *sys.Context, ns *Namespace, dir *Vnode, path string, follow bool, st *abi.Stat) abi.Errno {
	if path == "" {
		return abi.ENOENT
	}
	if start, p, rel := ns.direct(ctx, dir, path); p != nil {
		e := p.StatPath(ctx, rel, st)
		start.Unref()
		switch {
		case e == 0 && (!follow || st.Mode&abi.S_IFMT != abi.S_IFLNK):
			return 0
		case e == abi.ENOENT:
			return e
		}
		// Anything else is for the careful way.
	}
	nd := Nameidata{Path: path, Dir: dir, Flags: followIf(follow)}
	if e := Namei(ctx, ns, &nd); e != 0 {
		return e
	}
	defer nd.Release()
	if e := Permit(ctx, ReadAttributes|ReadSecurity, nd.Vp, nil); e != 0 {
		return e
	}
	return nd.Vp.Ops.GetAttr(ctx, st)
}

func followIf(follow bool) NameiFlags {
	if follow {
		return Follow
	}
	return 0
}

// Access is access and faccessat. mode is of R_OK, W_OK, X_OK, or F_OK; the
// caller puts real ids into ctx.Cred unless AT_EACCESS was given. EINVAL for
// other bits of mode.
func Access(ctx *sys.Context, ns *Namespace, dir *Vnode, path string, mode int, follow bool) abi.Errno {
	if mode&^(abi.R_OK|abi.W_OK|abi.X_OK) != 0 {
		return abi.EINVAL
	}
	if mode == abi.F_OK {
		var st abi.Stat
		return Stat(ctx, ns, dir, path, follow, &st)
	}
	nd := Nameidata{Path: path, Dir: dir, Flags: followIf(follow)}
	if e := Namei(ctx, ns, &nd); e != 0 {
		return e
	}
	defer nd.Release()
	if mode&abi.W_OK != 0 && nd.Vp.readOnly() && nd.Vp.Type != VCHR && nd.Vp.Type != VFIFO {
		return abi.EROFS
	}
	if e := Permit(ctx, accessRights(mode), nd.Vp, nil); e != 0 {
		return e
	}
	return nd.Vp.Ops.Access(ctx, mode)
}

func (v *Vnode) readOnly() bool { return v.Mount != nil && v.Mount.ReadOnly() }

// Readlink is readlink and readlinkat: EINVAL if it is no symbolic link.
func Readlink(ctx *sys.Context, ns *Namespace, dir *Vnode, path string) (string, abi.Errno) {
	nd := Nameidata{Path: path, Dir: dir}
	if e := Namei(ctx, ns, &nd); e != 0 {
		return "", e
	}
	defer nd.Release()
	if nd.Vp.Type != VLNK {
		return "", abi.EINVAL
	}
	if e := Permit(ctx, ReadData, nd.Vp, nil); e != 0 {
		return "", e
	}
	return nd.Vp.Ops.Readlink(ctx)
}

// Lookup finds the vnode at path, for callers in other rooms (exec, bind,
// connect, getattrlist). The caller must Unref it.
func Lookup(ctx *sys.Context, ns *Namespace, dir *Vnode, path string, follow bool) (*Vnode, abi.Errno) {
	nd := Nameidata{Path: path, Dir: dir, Flags: followIf(follow)}
	if e := Namei(ctx, ns, &nd); e != 0 {
		return nil, e
	}
	return nd.Vp, 0
}

// Pathconf is pathconf and fpathconf.
func Pathconf(ctx *sys.Context, v *Vnode, name int) (int64, abi.Errno) {
	if val, ok := pathconf[name]; ok {
		if val < 0 {
			return v.Ops.Pathconf(ctx, name)
		}
		return val, 0
	}
	return 0, abi.EINVAL
}

// pathconf holds what is the same for all file systems; -1 asks the vnode.
var pathconf = map[int]int64{
	abi.PC_LINK_MAX:             abi.LINK_MAX,
	abi.PC_MAX_CANON:            1024,
	abi.PC_MAX_INPUT:            1024,
	abi.PC_NAME_MAX:             abi.NAME_MAX,
	abi.PC_PATH_MAX:             abi.MAXPATHLEN,
	abi.PC_PIPE_BUF:             abi.PIPE_BUF,
	abi.PC_CHOWN_RESTRICTED:     200112,
	abi.PC_NO_TRUNC:             200112,
	abi.PC_VDISABLE:             0xff,
	abi.PC_NAME_CHARS_MAX:       abi.NAME_MAX,
	abi.PC_CASE_SENSITIVE:       1,
	abi.PC_CASE_PRESERVING:      1,
	abi.PC_EXTENDED_SECURITY_NP: 0,
	abi.PC_AUTH_OPAQUE_NP:       0,
	abi.PC_2_SYMLINKS:           1,
	abi.PC_ALLOC_SIZE_MIN:       4096,
	abi.PC_ASYNC_IO:             0,
	abi.PC_FILESIZEBITS:         64,
	abi.PC_REC_INCR_XFER_SIZE:   4096,
	abi.PC_REC_MAX_XFER_SIZE:    65536,
	abi.PC_REC_MIN_XFER_SIZE:    4096,
	abi.PC_REC_XFER_ALIGN:       4096,
	abi.PC_SYMLINK_MAX:          abi.MAXPATHLEN,
	abi.PC_SYNC_IO:              1,
	abi.PC_XATTR_SIZE_BITS:      -1,
	abi.PC_MIN_HOLE_SIZE:        -1,
}
