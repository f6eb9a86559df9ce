package vfs

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// target looks up the directory and name that a call is about to change.
func target(ctx *sys.Context, ns *Namespace, dir *Vnode, path string, flags NameiFlags) (*Nameidata, abi.Errno) {
	nd := &Nameidata{Path: path, Dir: dir, Flags: flags | WantParent}
	if e := Namei(ctx, ns, nd); e != 0 {
		return nil, e
	}
	if nd.Dvp != nil && nd.Dvp.readOnly() {
		nd.Release()
		return nil, abi.EROFS
	}
	return nd, 0
}

// affected finds the vnode of a name that is about to change, if anybody may
// be watching vnodes; otherwise the work is spared.
func affected(ctx *sys.Context, dvp *Vnode, name string) *Vnode {
	if watched.Load() == 0 {
		return nil
	}
	v, e := dvp.Ops.Lookup(ctx, name)
	if e != 0 {
		return nil
	}
	return v
}

// Unlink is unlink and unlinkat: EPERM for a directory, EBUSY for what is
// mounted on.
func Unlink(ctx *sys.Context, ns *Namespace, dir *Vnode, path string) abi.Errno {
	nd, e := target(ctx, ns, dir, path, 0)
	if e != 0 {
		return e
	}
	defer nd.Release()
	switch {
	case nd.Dvp == nil, nd.Name == ".", nd.Name == "..":
		return abi.EPERM
	case nd.Slash && nd.Vp == nil:
		return abi.ENOENT
	case nd.Covered:
		return coveredError(nd)
	case nd.Vp.isDir():
		return abi.EPERM
	}
	if e := permitName(ctx, nd.Dvp, nd.Name, nd.Vp); e != 0 {
		return e
	}
	n := name(ctx, nd.Dvp, nd.Name, nd.Vp)
	defer n.done()
	vp := affected(ctx, nd.Dvp, nd.Name)
	defer vp.Unref()
	if e := nd.Dvp.Ops.Remove(ctx, nd.Name); e != 0 {
		return e
	}
	n.tell(ctx, FileDelete)
	vp.gone(ctx)
	nd.Dvp.Notify(noteWrite)
	return 0
}

func (v *Vnode) isDir() bool { return v != nil && v.Type == VDIR }

// coveredError is EBUSY where something is mounted, ENOENT at a whiteout.
func coveredError(nd *Nameidata) abi.Errno {
	if v, _ := nd.Dvp.covered(nd.Name); v == nil {
		return abi.ENOENT
	}
	return abi.EBUSY
}

// gone tells watchers that a name of v was removed.
func (v *Vnode) gone(ctx *sys.Context) {
	if v == nil {
		return
	}
	var st abi.Stat
	if v.Type != VDIR && v.Ops.GetAttr(ctx, &st) == 0 && st.Nlink > 0 {
		v.Notify(noteLink)
		return
	}
	v.Notify(noteDelete | noteLink)
}

// Rmdir is rmdir, and unlinkat with AT_REMOVEDIR: ENOTDIR, ENOTEMPTY, EINVAL for
// ".", EBUSY for what is mounted on.
func Rmdir(ctx *sys.Context, ns *Namespace, dir *Vnode, path string) abi.Errno {
	nd, e := target(ctx, ns, dir, path, 0)
	if e != 0 {
		return e
	}
	defer nd.Release()
	switch {
	case nd.Dvp == nil:
		return abi.EISDIR
	case nd.Name == ".":
		return abi.EINVAL
	case nd.Name == "..":
		return abi.ENOTEMPTY
	case nd.Covered:
		return coveredError(nd)
	case nd.Slash && nd.Vp == nil:
		return abi.ENOENT
	}
	if c := nd.Vp; c != nil && c.covers.Load() != nil {
		return abi.EBUSY
	}
	if e := permitName(ctx, nd.Dvp, nd.Name, nd.Vp); e != 0 {
		return e
	}
	n := name(ctx, nd.Dvp, nd.Name, nd.Vp)
	defer n.done()
	vp := affected(ctx, nd.Dvp, nd.Name)
	defer vp.Unref()
	if e := nd.Dvp.Ops.Rmdir(ctx, nd.Name); e != 0 {
		return e
	}
	n.tell(ctx, FileDelete)
	vp.gone(ctx)
	nd.Dvp.Notify(noteWrite | noteLink)
	return 0
}

// Rename is rename, renameat and renameatx_np. flags may be RENAME_SWAP,
// RENAME_EXCL (not both) and RENAME_NOFOLLOW_ANY. A link with a trailing slash
// stands for the directory it leads to. Errors: EINVAL for ".", "..", a
// directory into itself, or bad flags; EISDIR, ENOTDIR, ENOTEMPTY, EEXIST, EXDEV,
// EBUSY.
func Rename(ctx *sys.Context, ns *Namespace, fdir *Vnode, from string, tdir *Vnode, to string, flags uint32) abi.Errno {
	const known = abi.RENAME_SWAP | abi.RENAME_EXCL | abi.RENAME_NOFOLLOW_ANY | abi.RENAME_SECLUDE
	op := flags & (abi.RENAME_SWAP | abi.RENAME_EXCL)
	if flags&^known != 0 || op == abi.RENAME_SWAP|abi.RENAME_EXCL {
		return abi.EINVAL
	}
	if flags&abi.RENAME_SECLUDE != 0 {
		return abi.ENOTSUP
	}
	var look NameiFlags
	if flags&abi.RENAME_NOFOLLOW_ANY != 0 {
		look = NoLinks
	}
	fnd, e := target(ctx, ns, fdir, from, look)
	if e != 0 {
		return e
	}
	defer fnd.Release()
	if fnd.Slash && fnd.Vp == nil {
		return abi.ENOENT
	}
	tnd, e := target(ctx, ns, tdir, to, look)
	if e != 0 {
		return e
	}
	defer tnd.Release()
	switch {
	case fnd.Dvp == nil || tnd.Dvp == nil:
		return abi.EISDIR
	case dots(fnd.Name) || dots(tnd.Name):
		return abi.EINVAL
	case fnd.Covered:
		return coveredError(fnd)
	case tnd.Covered:
		return abi.EBUSY
	case fnd.Dvp.Mount != tnd.Dvp.Mount:
		return abi.EXDEV
	}
	if tnd.Slash && fnd.Vp == nil {
		// Only a directory can get a name with a slash behind it.
		v, e := fnd.Dvp.Ops.Lookup(ctx, fnd.Name)
		if e != 0 {
			return e
		}
		fnd.Vp = v
		if !v.IsDir() {
			if tnd.Vp == nil {
				return abi.ENOENT
			}
			return abi.ENOTDIR
		}
	}
	n, e := permitRename(ctx, fnd, tnd)
	if e != 0 {
		return e
	}
	defer n.done()
	n.tell(ctx, FileWillRename)
	fvp := affected(ctx, fnd.Dvp, fnd.Name)
	defer fvp.Unref()
	tvp := affected(ctx, tnd.Dvp, tnd.Name)
	defer tvp.Unref()
	if e := fnd.Dvp.Ops.Rename(ctx, fnd.Name, tnd.Dvp, tnd.Name, op); e != 0 {
		return e
	}
	ns.tree.plain.forget()
	n.tell(ctx, FileRename)
	if fvp != nil {
		fvp.Notify(noteRename)
	}
	if tvp != nil && tvp != fvp {
		if op == abi.RENAME_SWAP {
			tvp.Notify(noteRename)
		} else {
			tvp.gone(ctx)
		}
	}
	note := uint32(noteWrite)
	if fvp.isDir() && fnd.Dvp != tnd.Dvp {
		note |= noteLink
	}
	fnd.Dvp.Notify(note)
	if tnd.Dvp != fnd.Dvp {
		tnd.Dvp.Notify(note)
	}
	return 0
}

func dots(name string) bool { return name == "." || name == ".." }

// permitRename asks for what a rename needs, and notes both paths for those who want to
// hear of it.
func permitRename(ctx *sys.Context, fnd, tnd *Nameidata) (naming, abi.Errno) {
	n := name(ctx, fnd.Dvp, fnd.Name, fnd.Vp)
	if n.k != nil {
		t := name(ctx, tnd.Dvp, tnd.Name, tnd.Vp)
		n.to = t.from
		t.done()
	}
	if e := permitName(ctx, fnd.Dvp, fnd.Name, fnd.Vp); e != 0 {
		n.done()
		return naming{}, e
	}
	if e := Permit(ctx, WriteData, tnd.Dvp, nil); e != 0 {
		n.done()
		return naming{}, e
	}
	if e := permitName(ctx, tnd.Dvp, tnd.Name, tnd.Vp); e != 0 {
		n.done()
		return naming{}, e
	}
	return n, 0
}
