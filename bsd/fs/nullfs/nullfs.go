// Package nullfs is the null layer: a file system that shows a directory of another one in a second
// place. Each of its vnodes stands over one below and passes every operation down, so it is what a layer
// that adds something is made from, and shows what layers have to do.
//
// A vnode of the layer lives as long as somebody holds it, and holds the one below. Two looks at a file give
// the same vnode. What has to be one for both, such as locks and events, is not: a lock taken through the layer does
// not hold below it, and kevent's VNODE filters hear of what is done through the same layer.
package nullfs

import (
	"strings"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// FS is one layer.
type FS struct {
	lower *vfs.Vnode
	table vfs.Table
	mount *vfs.Mount
	root  *vfs.Vnode
}

// MaxDepth is how many layers may stand over each other: paths are asked for twice in each.
const MaxDepth = 8

// New makes a layer over a directory, whose reference it takes if that succeeds: ELOOP for more than MaxDepth
// layers over each other.
func New(lower *vfs.Vnode) (*FS, abi.Errno) {
	depth := 1
	for v := lower; ; depth++ {
		n, ok := v.Ops.(*node)
		if !ok {
			break
		}
		v = n.fs.lower
	}
	if depth > MaxDepth {
		return nil, abi.ELOOP
	}
	return &FS{lower: lower}, 0
}

// handedUp are what a mount forbids, and a layer over it does too: the calls look at the layer's mount alone.
const handedUp = abi.MNT_RDONLY | abi.MNT_NOEXEC | abi.MNT_NOSUID | abi.MNT_NODEV

// Root gives the vnode over the directory.
func (fs *FS) Root(m *vfs.Mount) (*vfs.Vnode, abi.Errno) {
	fs.mount = m
	m.Flags |= fs.lower.Mount.Flags & handedUp
	fs.root = fs.over(fs.lower.Ref())
	return fs.root, 0
}

// Statfs is that below.
func (fs *FS) Statfs(ctx *sys.Context, sf *abi.Statfs) abi.Errno {
	return fs.lower.Mount.FS.Statfs(ctx, sf)
}

// Sync has nothing of its own: what is below is synced itself.
func (fs *FS) Sync(*sys.Context) abi.Errno { return 0 }

// Unmount gives EBUSY while another vnode than the root is in use, or the root by others than the mount.
func (fs *FS) Unmount(_ *sys.Context, force bool) abi.Errno {
	if fs.root != nil {
		if !force && (fs.table.Len() > 1 || fs.root.Refs() > 1) {
			return abi.EBUSY
		}
		fs.root.Unref()
		fs.root = nil
	}
	fs.lower.Unref()
	return 0
}

// node stands over lower.
type node struct {
	fs    *FS
	v     *vfs.Vnode
	lower *vfs.Vnode
}

// over gives the vnode over one below, whose reference it takes.
func (fs *FS) over(lower *vfs.Vnode) *vfs.Vnode {
	v, fresh := fs.table.Get(vfs.Key{Ino: lower.ID()}, func() *vfs.Vnode {
		n := &node{fs: fs, lower: lower}
		fs.lower.Ref()
		n.v = vfs.NewVnode(fs.mount, lower.Type, n)
		return n.v
	})
	if !fresh {
		lower.Unref()
	}
	return v
}

// found passes a vnode up.
func (n *node) found(v *vfs.Vnode, e abi.Errno) (*vfs.Vnode, abi.Errno) {
	if e != 0 {
		return nil, e
	}
	return n.fs.over(v), 0
}

// below is the vnode under one of this layer; EXDEV for another's.
func (n *node) below(v *vfs.Vnode) (*vfs.Vnode, abi.Errno) {
	if o, ok := v.Ops.(*node); ok && o.fs == n.fs {
		return o.lower, 0
	}
	return nil, abi.EXDEV
}

// Reclaim lets go of the vnode below, and of the layer's directory, which a node that outlives a forced unmount asks still.
func (n *node) Reclaim() {
	n.lower.Unref()
	n.fs.lower.Unref()
}

// Path is the place below the layer's root.
func (n *node) Path(ctx *sys.Context) (string, abi.Errno) {
	root, e := n.fs.lower.Ops.Path(ctx)
	if e != 0 {
		return "", e
	}
	p, e := n.lower.Ops.Path(ctx)
	if e != 0 {
		return "", e
	}
	if root == "" || p == root {
		return strings.TrimPrefix(p, root), 0
	}
	rest, ok := strings.CutPrefix(p, root+"/")
	if !ok {
		return "", abi.ENOENT // moved out of the layer
	}
	return rest, 0
}

// GetAttr shows the layer's device.
func (n *node) GetAttr(ctx *sys.Context, st *abi.Stat) abi.Errno {
	e := n.lower.Ops.GetAttr(ctx, st)
	st.Dev = n.fs.mount.Dev()
	return e
}
