package vfs

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// newName looks up a name that must not exist. dirOK says that a trailing slash
// is allowed.
func newName(ctx *sys.Context, ns *Namespace, dir *Vnode, path string, dirOK bool) (*Nameidata, abi.Errno) {
	nd, e := target(ctx, ns, dir, path, 0)
	if e != 0 {
		return nil, e
	}
	switch {
	case nd.Dvp == nil:
		e = abi.EEXIST
	case dots(nd.Name) || nd.Vp != nil:
		e = abi.EEXIST
	case nd.Slash && !dirOK:
		e = abi.ENOENT
	case nd.Covered:
		e = abi.EEXIST
		if v, _ := nd.Dvp.covered(nd.Name); v == nil {
			e = abi.EPERM // a whiteout stays
		}
	}
	if e != 0 {
		nd.Release()
		return nil, e
	}
	return nd, 0
}

func masked(ctx *sys.Context, mode uint16) uint16 { return mode & 0o7777 &^ uint16(ctx.Umask) }

// Mkdir is mkdir and mkdirat. The sticky bit and set-id bits of mode are ignored
// as the file system does.
func Mkdir(ctx *sys.Context, ns *Namespace, dir *Vnode, path string, mode uint16) abi.Errno {
	nd, e := newName(ctx, ns, dir, path, true)
	if e != 0 {
		return e
	}
	defer nd.Release()
	if e := Permit(ctx, AppendData, nd.Dvp, nil); e != 0 {
		return e
	}
	if e := nd.Dvp.Ops.Mkdir(ctx, nd.Name, masked(ctx, mode)&0o777); e != 0 {
		return e
	}
	nd.Dvp.Notify(noteWrite | noteLink)
	return 0
}

// Symlink is symlink and symlinkat.
func Symlink(ctx *sys.Context, ns *Namespace, target string, dir *Vnode, path string) abi.Errno {
	if e := checkPath(target); e != 0 && e != abi.ENOENT {
		return e
	}
	nd, e := newName(ctx, ns, dir, path, false)
	if e != 0 {
		return e
	}
	defer nd.Release()
	if e := Permit(ctx, WriteData, nd.Dvp, nil); e != 0 {
		return e
	}
	if e := nd.Dvp.Ops.Symlink(ctx, nd.Name, target); e != 0 {
		return e
	}
	ns.tree.plain.forget()
	nd.Dvp.Notify(noteWrite)
	return 0
}

// Link is link and linkat: EPERM for a directory, EXDEV across mounts.
func Link(ctx *sys.Context, ns *Namespace, fdir *Vnode, from string, tdir *Vnode, to string, follow bool) abi.Errno {
	vp, e := Lookup(ctx, ns, fdir, from, follow)
	if e != 0 {
		return e
	}
	defer vp.Unref()
	if vp.IsDir() {
		return abi.EPERM
	}
	nd, e := newName(ctx, ns, tdir, to, false)
	if e != 0 {
		return e
	}
	defer nd.Release()
	if nd.Dvp.Mount != vp.Mount {
		return abi.EXDEV
	}
	if vp.isFork() {
		return abi.EPERM
	}
	if e := Permit(ctx, LinkTarget, vp, nil); e != 0 {
		return e
	}
	if e := Permit(ctx, WriteData, nd.Dvp, nil); e != 0 {
		return e
	}
	n := name(ctx, nd.Dvp, nd.Name, vp)
	defer n.done()
	if n.k != nil {
		n.to = n.from
		n.from, _ = ns.tree.path(ctx, vp)
	}
	if e := nd.Dvp.Ops.Link(ctx, vp, nd.Name); e != 0 {
		return e
	}
	n.tell(ctx, FileLink)
	vp.Notify(noteLink)
	nd.Dvp.Notify(noteWrite)
	return 0
}

// Mknod makes a FIFO, a device node or (for bind) a socket node, and returns
// its vnode. Devices need root (EPERM). Umask applies.
func Mknod(ctx *sys.Context, ns *Namespace, dir *Vnode, path string, t VType, mode uint16, rdev int32) (*Vnode, abi.Errno) {
	switch t {
	case VFIFO, VSOCK:
	case VCHR, VBLK:
		if !ctx.Cred.IsSuser() {
			return nil, abi.EPERM
		}
	default:
		return nil, abi.EINVAL
	}
	nd, e := newName(ctx, ns, dir, path, false)
	if e != 0 {
		return nil, e
	}
	defer nd.Release()
	if e := Permit(ctx, WriteData, nd.Dvp, nil); e != 0 {
		return nil, e
	}
	v, e := nd.Dvp.Ops.Mknod(ctx, nd.Name, t, masked(ctx, mode)&0o777, rdev)
	if e == 0 {
		nd.Dvp.Notify(noteWrite)
	}
	return v, e
}

// Clone is clonefileat; src is fclonefileat's file. EXDEV across mounts, ENOTSUP
// if the file system can't, EINVAL for unknown flags.
func Clone(ctx *sys.Context, ns *Namespace, src *Vnode, dir *Vnode, path string, flags uint32) abi.Errno {
	if flags&^(abi.CLONE_NOFOLLOW|abi.CLONE_NOOWNERCOPY) != 0 {
		return abi.EINVAL
	}
	nd, e := newName(ctx, ns, dir, path, false)
	if e != 0 {
		return e
	}
	defer nd.Release()
	if nd.Dvp.Mount != src.Mount {
		return abi.EXDEV
	}
	if src.Type != VREG && src.Type != VLNK || src.isFork() {
		return abi.ENOTSUP
	}
	if e := Permit(ctx, ReadData, src, nil); e != 0 {
		return e
	}
	if e := Permit(ctx, WriteData, nd.Dvp, nil); e != 0 {
		return e
	}
	if e := src.flushMapped(); e != 0 {
		return e
	}
	if e := nd.Dvp.Ops.Clone(ctx, src, nd.Name, flags); e != 0 {
		return e
	}
	nd.Dvp.Notify(noteWrite)
	return 0
}
