package kpi

import (
	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// The operations of a vnode that lead into an extension. Permission is checked here, by the
// attributes that the file system gives: file systems don't.

// raw calls an operation: desc, vnode, the words that args gives, and the context.
func (n *kextNode) raw(ctx *sys.Context, op string, args func(a *vnopCall) []uint64, after func(a *vnopCall) abi.Errno) abi.Errno {
	k := n.fs.k
	fn, ok := k.U64(n.vops + Addr(8*vnops[op]))
	if !ok || k.extensionAt(Addr(fn)) == nil && fn-k.rt.Base >= k.rt.Size {
		return abi.EIO // somebody has written to the vector
	}
	a, e := k.newVnop(ctx)
	if e != 0 {
		return e
	}
	defer a.done()
	words := append([]uint64{uint64(n.h)}, args(a)...)
	e = a.up(Addr(fn), k.rtSymbol("_vnop_"+op+"_desc"), append(words, a.context())...)
	if e == 0 && after != nil {
		e = after(a)
	}
	return e
}

// call is raw while the vnode lives: ENXIO when it has been reclaimed; and enter's.
func (n *kextNode) call(ctx *sys.Context, op string, args func(a *vnopCall) []uint64, after func(a *vnopCall) abi.Errno) abi.Errno {
	ctx = threaded(ctx)
	enter := n.fs.enter
	if op == "close" { // an open without its close would stay in use
		enter = n.fs.enterLast
	}
	if e := enter(ctx.Thread); e != 0 {
		return e
	}
	defer n.fs.exit(ctx.Thread)
	if n.dead.Load() {
		return abi.ENXIO
	}
	e := n.raw(ctx, op, args, after)
	if e == errJust && op != "lookup" {
		e = abi.EIO
	}
	return e
}

// allowed checks permission.
func (n *kextNode) allowed(ctx *sys.Context, mode int) abi.Errno {
	if ctx == nil || ctx.Cred == nil || ctx.Cred.IsSuser() && (mode&abi.X_OK == 0 || n.v.IsDir()) {
		return 0
	}
	var st abi.Stat
	if e := n.GetAttr(ctx, &st); e != 0 {
		return e
	}
	return vfs.Authorize(ctx.Cred, &st, mode)
}

// Access is for access(2) and execve.
func (n *kextNode) Access(ctx *sys.Context, mode int) abi.Errno { return n.allowed(ctx, mode) }

// found makes the vnode of what an operation stored at vpp.
func (n *kextNode) found(a *vnopCall, vpp uint64, name string, to **vfs.Vnode) abi.Errno {
	v, e := n.fs.taken(Addr(a.get(vpp)))
	if e != 0 {
		return e
	}
	v.Ops.(*kextNode).place(n.v, name)
	*to = v
	return 0
}

// Lookup finds a name.
func (n *kextNode) Lookup(ctx *sys.Context, name string) (*vfs.Vnode, abi.Errno) {
	if !n.v.IsDir() {
		return nil, abi.ENOTDIR
	}
	if e := n.allowed(ctx, abi.X_OK); e != 0 {
		return nil, e
	}
	return n.lookup(ctx, name, nameLookup)
}

func (n *kextNode) lookup(ctx *sys.Context, name string, op uint32) (v *vfs.Vnode, e abi.Errno) {
	if len(name) > abi.NAME_MAX {
		return nil, abi.ENAMETOOLONG
	}
	var vpp uint64
	e = n.call(ctx, "lookup", func(a *vnopCall) []uint64 {
		vpp = a.room(8)
		return []uint64{vpp, a.name(name, op)}
	}, func(a *vnopCall) abi.Errno { return n.found(a, vpp, name, &v) })
	if e == errJust {
		e = abi.ENOENT
	}
	return v, e
}

// make makes a name by an operation that stores a vnode.
func (n *kextNode) make(ctx *sys.Context, op, name string, t vfs.VType, mode uint16, rdev int32, more func(a *vnopCall) []uint64) (v *vfs.Vnode, e abi.Errno) {
	if e := n.allowed(ctx, abi.W_OK|abi.X_OK); e != 0 {
		return nil, e
	}
	switch old, e := n.lookup(ctx, name, nameCreate); e {
	case 0:
		old.Unref()
		return nil, abi.EEXIST
	case abi.ENOENT:
	default:
		return nil, e
	}
	var vpp uint64
	e = n.call(ctx, op, func(a *vnopCall) []uint64 {
		vpp = a.room(8)
		w := []uint64{vpp, a.name(name, nameCreate), a.newAttr(t, mode, rdev)}
		if more != nil {
			w = append(w, more(a)...)
		}
		return w
	}, func(a *vnopCall) abi.Errno { return n.found(a, vpp, name, &v) })
	if e == 0 && v.Type != t {
		v.Unref()
		return nil, abi.EIO
	}
	return v, e
}

// Create makes a regular file.
func (n *kextNode) Create(ctx *sys.Context, name string, mode uint16) (*vfs.Vnode, abi.Errno) {
	return n.make(ctx, "create", name, vfs.VREG, mode, 0, nil)
}

// Mknod makes a node of another type.
func (n *kextNode) Mknod(ctx *sys.Context, name string, t vfs.VType, mode uint16, rdev int32) (*vfs.Vnode, abi.Errno) {
	return n.make(ctx, "mknod", name, t, mode, rdev, nil)
}

// Mkdir makes a directory.
func (n *kextNode) Mkdir(ctx *sys.Context, name string, mode uint16) abi.Errno {
	v, e := n.make(ctx, "mkdir", name, vfs.VDIR, mode, 0, nil)
	v.Unref()
	return e
}

// Symlink makes a symbolic link.
func (n *kextNode) Symlink(ctx *sys.Context, name, target string) abi.Errno {
	if len(target) >= abi.MAXPATHLEN {
		return abi.ENAMETOOLONG
	}
	v, e := n.make(ctx, "symlink", name, vfs.VLNK, 0o755, 0, func(a *vnopCall) []uint64 {
		return []uint64{a.bytes(append([]byte(target), 0))}
	})
	v.Unref()
	return e
}

// Link enters a file a second time.
func (n *kextNode) Link(ctx *sys.Context, vp *vfs.Vnode, name string) abi.Errno {
	src, ok := vp.Ops.(*kextNode)
	if !ok || src.fs != n.fs {
		return abi.EXDEV
	}
	if e := n.allowed(ctx, abi.W_OK|abi.X_OK); e != 0 {
		return e
	}
	return src.call(ctx, "link", func(a *vnopCall) []uint64 {
		return []uint64{uint64(n.h), a.name(name, nameCreate)}
	}, nil)
}

// victim finds what a name stands for, for an operation that takes it away.
func (n *kextNode) victim(ctx *sys.Context, name string) (*vfs.Vnode, *kextNode, abi.Errno) {
	v, e := n.lookup(ctx, name, nameDelete)
	if e != 0 {
		return nil, nil, e
	}
	if e := n.mayRemove(ctx, v); e != 0 {
		v.Unref()
		return nil, nil, e
	}
	return v, v.Ops.(*kextNode), 0
}

// mayRemove checks the directory's permission and its sticky bit.
func (n *kextNode) mayRemove(ctx *sys.Context, v *vfs.Vnode) abi.Errno {
	if ctx == nil || ctx.Cred.IsSuser() {
		return 0
	}
	var dst, st abi.Stat
	if e := n.GetAttr(ctx, &dst); e != 0 {
		return e
	}
	if e := v.Ops.GetAttr(ctx, &st); e != 0 {
		return e
	}
	return vfs.AuthorizeRemove(ctx.Cred, &dst, &st)
}

// Remove removes what is no directory.
func (n *kextNode) Remove(ctx *sys.Context, name string) abi.Errno {
	return n.remove(ctx, "remove", name, false, abi.EPERM)
}

// Rmdir removes an empty directory.
func (n *kextNode) Rmdir(ctx *sys.Context, name string) abi.Errno {
	return n.remove(ctx, "rmdir", name, true, abi.ENOTDIR)
}

func (n *kextNode) remove(ctx *sys.Context, op, name string, dir bool, other abi.Errno) abi.Errno {
	v, vn, e := n.victim(ctx, name)
	if e != 0 {
		return e
	}
	defer v.Unref()
	if v.IsDir() != dir {
		return other
	}
	e = n.call(ctx, op, func(a *vnopCall) []uint64 {
		w := []uint64{uint64(vn.h), a.name(name, nameDelete)}
		if !dir {
			w = append(w, 0) // flags
		}
		return w
	}, nil)
	if e == 0 {
		vn.leave(n.v, name)
	}
	return e
}

// leave forgets the place of what has lost a name.
func (n *kextNode) leave(dvp *vfs.Vnode, name string) {
	n.fs.mu.Lock()
	there := n.parent == dvp && n.name == name
	n.fs.mu.Unlock()
	if there {
		n.place(nil, "")
	}
}

// Rename moves a name; with flags only if the file system has vnop_renamex.
func (n *kextNode) Rename(ctx *sys.Context, name string, tdvp *vfs.Vnode, tname string, flags uint32) abi.Errno {
	to, ok := tdvp.Ops.(*kextNode)
	if !ok || to.fs != n.fs {
		return abi.EXDEV
	}
	v, vn, e := n.victim(ctx, name)
	if e != 0 {
		return e
	}
	defer v.Unref()
	if e := to.allowed(ctx, abi.W_OK|abi.X_OK); e != 0 {
		return e
	}
	depth := 0
	for d := to; d != nil && v.IsDir(); d = d.up() {
		if d == vn {
			return abi.EINVAL // into itself
		}
		if depth++; depth > maxKextVnodes {
			return abi.ELOOP // the file system has moved directories into each other
		}
	}
	old, e := to.lookup(ctx, tname, nameRename)
	if e != 0 && e != abi.ENOENT {
		return e
	}
	defer old.Unref()
	oldH := uint64(0)
	switch {
	case old == v:
		return 0
	case old == nil && flags&abi.RENAME_SWAP != 0:
		return abi.ENOENT
	case old != nil && flags&abi.RENAME_EXCL != 0:
		return abi.EEXIST
	case old != nil:
		if e := to.mayRemove(ctx, old); e != 0 {
			return e
		}
		if flags == 0 && !v.IsDir() && old.IsDir() {
			return abi.EISDIR
		}
		if flags == 0 && v.IsDir() && !old.IsDir() {
			return abi.ENOTDIR
		}
		oldH = uint64(old.Ops.(*kextNode).h)
	}
	op := "rename"
	if flags != 0 {
		op = "renamex"
	}
	e = n.call(ctx, op, func(a *vnopCall) []uint64 {
		w := []uint64{uint64(vn.h), a.name(name, nameDelete), uint64(to.h), oldH, a.name(tname, nameRename)}
		if flags != 0 {
			w = append(w, 0, uint64(flags))
		}
		return w
	}, nil)
	if e != 0 {
		return e
	}
	if old != nil {
		on := old.Ops.(*kextNode)
		if on.leave(tdvp, tname); flags&abi.RENAME_SWAP != 0 {
			on.place(n.v, name)
		}
	}
	vn.place(tdvp, tname)
	return 0
}

// up is the directory that a vnode was found in, nil at the root.
func (n *kextNode) up() *kextNode {
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	if n.parent == nil {
		return nil
	}
	return n.parent.Ops.(*kextNode)
}
