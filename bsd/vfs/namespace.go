package vfs

import (
	"strings"
	"sync"

	"puggle/abi"
	"puggle/bsd/sys"
)

// Namespace is where a process's paths begin: its root and current directory.
type Namespace struct {
	tree *Tree
	mu   sync.Mutex
	root *Vnode
	cwd  *Vnode
	done bool // released: both are the tree's root, without references
}

// NewNamespace makes one at the root of the tree.
func (t *Tree) NewNamespace() *Namespace {
	return &Namespace{tree: t, root: t.root.Ref(), cwd: t.root.Ref()}
}

// Fork makes a copy for a child process.
func (ns *Namespace) Fork() *Namespace {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	return &Namespace{tree: ns.tree, root: ns.root.Ref(), cwd: ns.cwd.Ref()}
}

// Release gives the directories back when the process ends. It may be called
// again.
func (ns *Namespace) Release() {
	ns.mu.Lock()
	if ns.done {
		ns.mu.Unlock()
		return
	}
	root, cwd := ns.root, ns.cwd
	ns.root, ns.cwd, ns.done = ns.tree.root, ns.tree.root, true
	ns.mu.Unlock()
	root.Unref()
	cwd.Unref()
}

// Tree is the tree that the namespace is a view of.
func (ns *Namespace) Tree() *Tree { return ns.tree }

// Cwd gives the current directory, with a reference.
func (ns *Namespace) Cwd() *Vnode {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	return ns.cwd.Ref()
}

// Root gives the root directory, with a reference.
func (ns *Namespace) Root() *Vnode { return ns.rootRef() }

func (ns *Namespace) rootRef() *Vnode {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	return ns.root.Ref()
}

func (ns *Namespace) start(dir *Vnode, path string) *Vnode {
	if path[0] == '/' {
		return ns.rootRef()
	}
	if dir != nil {
		return dir.Ref()
	}
	return ns.Cwd()
}

// SetCwd is fchdir: it makes v the current directory. ENOTDIR, EACCES.
func (ns *Namespace) SetCwd(ctx *sys.Context, v *Vnode) abi.Errno {
	if !v.IsDir() {
		return abi.ENOTDIR
	}
	if e := Permit(ctx, Execute, v, nil); e != 0 {
		return e
	}
	if e := v.Ops.Access(ctx, abi.X_OK); e != 0 {
		return e
	}
	ns.replace(&ns.cwd, v)
	return 0
}

// Chdir is chdir.
func (ns *Namespace) Chdir(ctx *sys.Context, path string) abi.Errno {
	nd := Nameidata{Path: path, Flags: Follow}
	if e := Namei(ctx, ns, &nd); e != 0 {
		return e
	}
	defer nd.Release()
	return ns.SetCwd(ctx, nd.Vp)
}

// Chroot is chroot: EPERM unless root.
func (ns *Namespace) Chroot(ctx *sys.Context, path string) abi.Errno {
	if !ctx.Cred.IsSuser() {
		return abi.EPERM
	}
	nd := Nameidata{Path: path, Flags: Follow}
	if e := Namei(ctx, ns, &nd); e != 0 {
		return e
	}
	defer nd.Release()
	if !nd.Vp.IsDir() {
		return abi.ENOTDIR
	}
	if e := nd.Vp.Ops.Access(ctx, abi.X_OK); e != 0 {
		return e
	}
	ns.replace(&ns.root, nd.Vp)
	return 0
}

func (ns *Namespace) replace(place **Vnode, v *Vnode) {
	ns.mu.Lock()
	if ns.done {
		ns.mu.Unlock()
		return
	}
	old := *place
	*place = v.Ref()
	ns.mu.Unlock()
	old.Unref()
}

// dotdot goes up one directory: not above the process's root, and from the root
// of a mount (or another cover) to the directory that it lies in.
func (ns *Namespace) dotdot(ctx *sys.Context, v *Vnode) (*Vnode, abi.Errno) {
	for {
		ns.mu.Lock()
		atRoot := v == ns.root || v == ns.tree.root
		ns.mu.Unlock()
		if atRoot {
			return v.Ref(), 0
		}
		c := v.cover.Load()
		if c == nil {
			up, e := v.Ops.Lookup(ctx, "..")
			if e == 0 && ns.tree.unions.Load() > 0 {
				up = ns.tree.overUnion(up)
			}
			return up, e
		}
		return c.dir.Ref(), 0
	}
}

// GetPath is F_GETPATH: the absolute path of v as the process sees it. ENOENT if
// v has been removed or lies outside the process's root.
func (ns *Namespace) GetPath(ctx *sys.Context, v *Vnode) (string, abi.Errno) {
	root := ns.rootRef()
	defer root.Unref()
	if v == root {
		return "/", 0
	}
	p, e := ns.tree.path(ctx, v)
	if e != 0 || root == ns.tree.root {
		return p, e
	}
	base, e := ns.tree.path(ctx, root)
	if e != 0 {
		return "", e
	}
	if base == "/" {
		return p, 0
	}
	if !strings.HasPrefix(p, base+"/") {
		return "", abi.ENOENT
	}
	return p[len(base):], 0
}

// path is v's path in the whole tree.
func (t *Tree) path(ctx *sys.Context, v *Vnode) (string, abi.Errno) {
	tail := ""
	for v != t.root {
		if c := v.cover.Load(); c != nil {
			tail = "/" + c.name + tail
			v = c.dir
			continue
		}
		p, e := v.Ops.Path(ctx)
		if e != 0 {
			return "", e
		}
		if p != "" {
			tail = "/" + p + tail
		}
		if v.Mount == nil || v.Mount.Root == v {
			return "", abi.ENOENT
		}
		v = v.Mount.Root
	}
	if tail == "" {
		tail = "/"
	}
	if len(tail) >= abi.MAXPATHLEN {
		return "", abi.ENAMETOOLONG
	}
	return tail, 0
}
