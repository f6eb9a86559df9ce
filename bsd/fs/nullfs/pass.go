package nullfs

import (
	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// The operations that are passed down as they are.

func (n *node) Lookup(ctx *sys.Context, name string) (*vfs.Vnode, abi.Errno) {
	return n.found(n.lower.Ops.Lookup(ctx, name))
}

func (n *node) Create(ctx *sys.Context, name string, mode uint16) (*vfs.Vnode, abi.Errno) {
	return n.found(n.lower.Ops.Create(ctx, name, mode))
}

func (n *node) Mknod(ctx *sys.Context, name string, t vfs.VType, mode uint16, rdev int32) (*vfs.Vnode, abi.Errno) {
	return n.found(n.lower.Ops.Mknod(ctx, name, t, mode, rdev))
}

func (n *node) Mkdir(ctx *sys.Context, name string, mode uint16) abi.Errno {
	return n.lower.Ops.Mkdir(ctx, name, mode)
}

func (n *node) Symlink(ctx *sys.Context, name, target string) abi.Errno {
	return n.lower.Ops.Symlink(ctx, name, target)
}

func (n *node) Link(ctx *sys.Context, vp *vfs.Vnode, name string) abi.Errno {
	src, e := n.below(vp)
	if e != 0 {
		return e
	}
	return n.lower.Ops.Link(ctx, src, name)
}

func (n *node) Remove(ctx *sys.Context, name string) abi.Errno {
	return n.lower.Ops.Remove(ctx, name)
}

func (n *node) Rmdir(ctx *sys.Context, name string) abi.Errno { return n.lower.Ops.Rmdir(ctx, name) }

func (n *node) Rename(ctx *sys.Context, name string, tdvp *vfs.Vnode, tname string, flags uint32) abi.Errno {
	to, e := n.below(tdvp)
	if e != 0 {
		return e
	}
	return n.lower.Ops.Rename(ctx, name, to, tname, flags)
}

func (n *node) Clone(ctx *sys.Context, vp *vfs.Vnode, name string, flags uint32) abi.Errno {
	src, e := n.below(vp)
	if e != 0 {
		return e
	}
	return n.lower.Ops.Clone(ctx, src, name, flags)
}

func (n *node) Readlink(ctx *sys.Context) (string, abi.Errno) { return n.lower.Ops.Readlink(ctx) }

func (n *node) Readdir(ctx *sys.Context, off int64, emit func(*abi.Dirent) bool) abi.Errno {
	return n.lower.Ops.Readdir(ctx, off, emit)
}

func (n *node) Open(ctx *sys.Context, flags int) (*sys.OpenFile, abi.Errno) {
	return n.lower.Ops.Open(ctx, flags)
}

func (n *node) Close(ctx *sys.Context, flags int) abi.Errno { return n.lower.Ops.Close(ctx, flags) }

func (n *node) Read(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	return n.lower.Ops.Read(ctx, u, flags)
}

func (n *node) Write(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	return n.lower.Ops.Write(ctx, u, flags)
}

func (n *node) Ioctl(ctx *sys.Context, cmd uint64, data []byte, flags int) abi.Errno {
	return n.lower.Ops.Ioctl(ctx, cmd, data, flags)
}

func (n *node) Fsync(ctx *sys.Context, how vfs.SyncHow) abi.Errno {
	return n.lower.Ops.Fsync(ctx, how)
}

func (n *node) Seek(ctx *sys.Context, off int64, whence int) (int64, abi.Errno) {
	return n.lower.Ops.Seek(ctx, off, whence)
}

func (n *node) Allocate(ctx *sys.Context, off, size int64) abi.Errno {
	return n.lower.Ops.Allocate(ctx, off, size)
}

func (n *node) PunchHole(ctx *sys.Context, off, size int64) abi.Errno {
	return n.lower.Ops.PunchHole(ctx, off, size)
}

func (n *node) Advise(ctx *sys.Context, off, size int64) abi.Errno {
	return n.lower.Ops.Advise(ctx, off, size)
}

func (n *node) SetAttr(ctx *sys.Context, a *vfs.SetAttr) abi.Errno {
	return n.lower.Ops.SetAttr(ctx, a)
}

func (n *node) Access(ctx *sys.Context, mode int) abi.Errno { return n.lower.Ops.Access(ctx, mode) }

func (n *node) Pathconf(ctx *sys.Context, name int) (int64, abi.Errno) {
	return n.lower.Ops.Pathconf(ctx, name)
}

func (n *node) Getxattr(ctx *sys.Context, name string) ([]byte, abi.Errno) {
	return n.lower.Ops.Getxattr(ctx, name)
}

func (n *node) Setxattr(ctx *sys.Context, name string, value []byte, flags int) abi.Errno {
	return n.lower.Ops.Setxattr(ctx, name, value, flags)
}

func (n *node) Listxattr(ctx *sys.Context) ([]string, abi.Errno) { return n.lower.Ops.Listxattr(ctx) }

func (n *node) Removexattr(ctx *sys.Context, name string) abi.Errno {
	return n.lower.Ops.Removexattr(ctx, name)
}
