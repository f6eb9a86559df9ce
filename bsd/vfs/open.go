package vfs

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// openKept are the flags that an open file keeps; the rest matter to open only.
const openKept = abi.FREAD | abi.FWRITE | abi.O_NONBLOCK | abi.O_APPEND | abi.O_ASYNC | abi.O_SYNC | abi.O_DSYNC | abi.O_EVTONLY

// Open is open and openat. oflags are the guest's (O_RDONLY...), mode is masked
// with ctx.Umask. O_CLOEXEC is the caller's business. The open file returned has
// one reference. Errors: those of lookup; EINVAL for an access mode of 3; EISDIR
// for writing a directory; ENOTDIR with O_DIRECTORY; ELOOP with O_NOFOLLOW;
// EEXIST with O_CREAT|O_EXCL; EROFS; EWOULDBLOCK with O_SHLOCK or O_EXLOCK and
// O_NONBLOCK; ENXIO for a socket or a device without driver (Darwin gives
// EOPNOTSUPP for a socket).
func Open(ctx *sys.Context, ns *Namespace, dir *Vnode, path string, oflags int, mode uint16) (*sys.OpenFile, abi.Errno) {
	if oflags&abi.O_ACCMODE == abi.O_ACCMODE {
		return nil, abi.EINVAL
	}
	flags := oflags&^abi.O_ACCMODE | (oflags&abi.O_ACCMODE + 1)
	if oflags&abi.O_EXEC != 0 { // O_EXEC, and O_SEARCH for directories
		if flags&abi.FWRITE != 0 || oflags&abi.O_CREAT != 0 {
			return nil, abi.EINVAL
		}
		flags &^= abi.FREAD
	}
	o := opening{ctx: ctx, ns: ns, flags: flags, mode: masked(ctx, mode) &^ abi.S_ISVTX}
	v, opened, e := o.lookup(dir, path)
	if e != 0 {
		return nil, e
	}
	return o.finish(v, opened)
}

type opening struct {
	ctx     *sys.Context
	ns      *Namespace
	flags   int
	mode    uint16
	created bool
	quiet   bool // for the kernel's own use: nobody is asked or told
}

// lookup finds or creates the vnode. opened says that VOP_OPEN and O_TRUNC are
// done.
func (o *opening) lookup(dir *Vnode, path string) (v *Vnode, opened bool, e abi.Errno) {
	if e := checkPath(path); e != 0 {
		return nil, false, e
	}
	follow := o.flags&(abi.O_NOFOLLOW|abi.O_SYMLINK|abi.O_NOFOLLOW_ANY) == 0 &&
		o.flags&(abi.O_CREAT|abi.O_EXCL) != abi.O_CREAT|abi.O_EXCL
	// The parent must hear of a new entry, if anybody listens at all.
	if watched.Load() == 0 || o.flags&abi.O_CREAT == 0 {
		if start, p, rel := o.ns.direct(o.ctx, dir, path); p != nil {
			if op, ok := p.(OpenOps); ok && !(start.readOnly() && o.flags&(abi.O_CREAT|abi.O_TRUNC|abi.FWRITE) != 0) {
				v, opened, o.created, e = op.OpenAt(o.ctx, rel, o.flags, o.mode)
				start.Unref()
				if e == 0 || e != abi.ELOOP && e != abi.ENOTDIR {
					return v, opened, e
				}
			} else {
				start.Unref()
			}
		}
	}
	nd := &Nameidata{Path: path, Dir: dir, Flags: WantParent}
	if o.flags&abi.O_NOFOLLOW_ANY != 0 {
		nd.Flags |= NoLinks
	}
	if e := Namei(o.ctx, o.ns, nd); e != 0 {
		return nil, false, e
	}
	for {
		v, opened, e = o.last(nd)
		if e != abi.ELOOP || !follow {
			if e == abi.ELOOP && o.flags&(abi.O_DIRECTORY|abi.O_NOFOLLOW_ANY) == abi.O_DIRECTORY {
				e = abi.ENOTDIR // whatever it leads to, it is none itself
			}
			nd.Release()
			return v, opened, e
		}
		nd.Vp.Unref()
		nd.Vp = nil
		if e := nd.FollowLast(o.ctx); e != 0 {
			return nil, false, e
		}
	}
}

// last deals with the last component. ELOOP says that it is a symbolic link
// which may not be opened as such.
func (o *opening) last(nd *Nameidata) (*Vnode, bool, abi.Errno) {
	create := o.flags&abi.O_CREAT != 0
	if nd.Vp == nil && nd.Slash && create {
		return nil, false, abi.ENOENT
	}
	if nd.Vp == nil && nd.Covered {
		cv, _ := nd.Dvp.covered(nd.Name)
		if cv == nil {
			return nil, false, abi.ENOENT
		}
		nd.Vp = cv.Ref()
	}
	if nd.Vp == nil && nd.Slash {
		return nil, false, abi.ENOENT
	}
	if nd.Vp == nil && nd.Dvp.readOnly() && o.flags&(abi.O_CREAT|abi.O_TRUNC|abi.FWRITE) != 0 {
		v, e := nd.Dvp.Ops.Lookup(o.ctx, nd.Name)
		if e == abi.ENOENT && create {
			e = abi.EROFS
		}
		if e != 0 {
			return nil, false, e
		}
		nd.Vp = v
	}
	if nd.Vp == nil {
		if op, ok := nd.Dvp.Ops.(OpenOps); ok && !o.ns.tree.asked() {
			v, opened, created, e := op.OpenAt(o.ctx, nd.Name, o.flags, o.mode)
			o.created = created
			if created {
				nd.Dvp.Notify(noteWrite)
			}
			return v, opened, e
		}
		v, e := nd.Dvp.Ops.Lookup(o.ctx, nd.Name)
		if e == abi.ENOENT && create {
			if e = Permit(o.ctx, WriteData, nd.Dvp, nil); e != 0 {
				return nil, false, e
			}
			v, e = nd.Dvp.Ops.Create(o.ctx, nd.Name, o.mode)
			if e == 0 {
				o.created = true
				nd.Dvp.Notify(noteWrite)
				return v, false, 0
			}
			if e == abi.EEXIST && o.flags&abi.O_EXCL == 0 {
				v, e = nd.Dvp.Ops.Lookup(o.ctx, nd.Name)
			}
		}
		if e != 0 {
			return nil, false, e
		}
		nd.Vp = v
	}
	if create && o.flags&abi.O_EXCL != 0 {
		return nil, false, abi.EEXIST
	}
	if nd.Vp.Type == VLNK && o.flags&abi.O_SYMLINK == 0 {
		return nil, false, abi.ELOOP
	}
	v := nd.Vp
	nd.Vp = nil
	return v, false, 0
}

// finish checks the type, opens, and makes the open file. It takes v's reference.
func (o *opening) finish(v *Vnode, opened bool) (*sys.OpenFile, abi.Errno) {
	if e := o.check(v); e != 0 {
		if opened {
			v.Ops.Close(o.ctx, o.flags)
		}
		v.Unref()
		return nil, e
	}
	var dev sys.FileOps
	if !opened {
		if !o.created && !o.quiet {
			if e := Permit(o.ctx, o.rights(v), v, nil); e != 0 {
				v.Unref()
				return nil, e
			}
		}
		of, ops, e := o.open(v)
		if e != 0 || of != nil {
			v.Unref()
			return of, e
		}
		dev = ops
		if o.flags&abi.O_TRUNC != 0 && !o.created && v.Type == VREG {
			if e := Apply(o.ctx, v, &SetAttr{Valid: AttrSize}); e != 0 {
				v.Ops.Close(o.ctx, o.flags)
				v.Unref()
				return nil, e
			}
		}
	} else if o.flags&abi.O_TRUNC != 0 && !o.created {
		v.resized(0)
		v.Notify(noteAttrib)
	}
	f := &File{v: v, dev: dev, flags: o.flags & openKept, quiet: o.quiet}
	of := sys.NewOpenFile(f, f.flags)
	f.of = of
	if how := o.flags & (abi.O_SHLOCK | abi.O_EXLOCK); how != 0 {
		op := abi.LOCK_SH
		if how&abi.O_EXLOCK != 0 {
			op = abi.LOCK_EX
		}
		if o.flags&abi.O_NONBLOCK != 0 {
			op |= abi.LOCK_NB
		}
		if e := Flock(o.ctx, of, op); e != 0 {
			of.Unref(o.ctx)
			return nil, e
		}
	}
	if !o.quiet {
		Tell(o.ctx, FileOpen, v, false)
	}
	return of, 0
}

func (o *opening) check(v *Vnode) abi.Errno {
	write := o.flags&(abi.FWRITE|abi.O_TRUNC) != 0
	switch {
	case v.IsDir() && write:
		return abi.EISDIR
	case v.IsDir() && o.flags&abi.O_CREAT != 0 && o.flags&abi.O_DIRECTORY == 0:
		return abi.EISDIR
	case !v.IsDir() && o.flags&abi.O_DIRECTORY != 0:
		return abi.ENOTDIR
	case v.Type == VSOCK:
		return abi.EOPNOTSUPP
	case v.Type == VLNK && write:
		return abi.ELOOP
	case write && v.readOnly() && (v.Type == VREG || v.Type == VDIR):
		return abi.EROFS
	}
	if o.flags&abi.O_EXEC != 0 {
		return v.Ops.Access(o.ctx, abi.X_OK)
	}
	return 0
}

// open opens the vnode. It may give an open file that takes the place of the
// one to be made, or what does the I/O of a device.
func (o *opening) open(v *Vnode) (*sys.OpenFile, sys.FileOps, abi.Errno) {
	flags := o.flags
	if o.created {
		flags &^= abi.O_TRUNC
		if v.Mount != nil {
			flags |= openCreated
		}
	}
	of, e := v.Ops.Open(o.ctx, flags)
	if e != 0 || of != nil || o.flags&abi.O_EVTONLY != 0 {
		return of, nil, e
	}
	switch v.Type {
	case VFIFO:
		if e = abi.ENXIO; o.ns.tree.OpenFifo != nil {
			of, e = o.ns.tree.OpenFifo(o.ctx, v, o.flags&openKept)
		}
		v.Ops.Close(o.ctx, flags)
		return of, nil, e
	case VCHR, VBLK:
	default:
		return nil, nil, 0
	}
	if o.ns.tree.OpenDevice == nil {
		v.Ops.Close(o.ctx, flags)
		return nil, nil, abi.ENXIO
	}
	var st abi.Stat
	var dev sys.FileOps
	if e = v.Ops.GetAttr(o.ctx, &st); e == 0 {
		dev, e = o.ns.tree.OpenDevice(o.ctx, v, st.Rdev, o.flags&^openCreated)
	}
	if e != 0 {
		v.Ops.Close(o.ctx, flags)
	}
	return nil, dev, e
}

// openCreated tells VOP_OPEN that the caller has just created the file, so that
// its permission bits don't matter.
const openCreated = 1 << 40

// Created says whether flags, as given to VOP_OPEN, are of a file just created.
func Created(flags int) bool { return flags&openCreated != 0 }

// OpenVnode opens a vnode that the caller has found (exec, /dev/fd, fopen by
// handle); flags are FREAD and FWRITE. It takes a reference of its own.
func OpenVnode(ctx *sys.Context, ns *Namespace, v *Vnode, flags int) (*sys.OpenFile, abi.Errno) {
	o := opening{ctx: ctx, ns: ns, flags: flags}
	return o.finish(v.Ref(), false)
}

// OpenQuiet is OpenVnode for the kernel's own use: kernel authorization is neither asked
// nor told.
func OpenQuiet(ctx *sys.Context, ns *Namespace, v *Vnode, flags int) (*sys.OpenFile, abi.Errno) {
	o := opening{ctx: ctx, ns: ns, flags: flags, quiet: true}
	return o.finish(v.Ref(), false)
}
