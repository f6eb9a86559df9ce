package vfs

import (
	"sort"

	"puggle/abi"
	"puggle/bsd/sys"
)

// FSType is a type of file system that mount(2) can ask for by name: what a kernel extension
// has registered (struct vfstable).
type FSType struct {
	Name string // of less than MFSTYPENAMELEN bytes
	// New prepares a file system. data is mount(2)'s last argument, an address of the
	// caller's. Its Root mounts it. It is called with nothing locked.
	New func(ctx *sys.Context, data uint64, flags uint32) (FS, abi.Errno)
}

// AddType enters a type. EEXIST if there is one of that name.
func (t *Tree) AddType(ft *FSType) abi.Errno {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.types[ft.Name] != nil {
		return abi.EEXIST
	}
	if t.types == nil {
		t.types = map[string]*FSType{}
	}
	t.types[ft.Name] = ft
	return 0
}

// RemoveType takes a type out: what is mounted stays.
func (t *Tree) RemoveType(ft *FSType) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.types[ft.Name] == ft {
		delete(t.types, ft.Name)
	}
}

// Types lists the names that AddType entered, sorted.
func (t *Tree) Types() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var l []string
	for n := range t.types {
		l = append(l, n)
	}
	sort.Strings(l)
	return l
}

// mountFlags are those of mount(2) that a mount keeps.
const mountFlags = abi.MNT_RDONLY | abi.MNT_SYNCHRONOUS | abi.MNT_NOEXEC | abi.MNT_NOSUID | abi.MNT_NODEV | abi.MNT_ASYNC |
	abi.MNT_DONTBROWSE | abi.MNT_NOATIME | abi.MNT_IGNORE_OWNERSHIP | abi.MNT_UNION

// MountType is mount(2): a file system of a type on the directory at path. EPERM unless the
// caller is root; ENODEV for a type that nobody has registered; ENOTSUP for an update of a
// mount; ENOTDIR; EBUSY where one is mounted already; and the file system's own.
func MountType(ctx *sys.Context, ns *Namespace, fstype, path string, flags uint32, data uint64) abi.Errno {
	if ctx.Cred != nil && !ctx.Cred.IsSuser() {
		return abi.EPERM
	}
	t := ns.tree
	v, e := Lookup(ctx, ns, nil, path, true)
	if e != 0 {
		return e
	}
	defer v.Unref()
	switch {
	case flags&(abi.MNT_UPDATE|abi.MNT_RELOAD) != 0:
		return abi.ENOTSUP
	case !v.IsDir():
		return abi.ENOTDIR
	case v.Mount != nil && v.Mount.Root == v:
		return abi.EBUSY
	}
	t.mu.Lock()
	ft := t.types[fstype]
	t.mu.Unlock()
	if ft == nil {
		return abi.ENODEV
	}
	on, e := t.path(ctx, v)
	if e != 0 {
		return e
	}
	fs, e := ft.New(ctx, data, flags)
	if e != 0 {
		return e
	}
	_, e = t.mount(ctx, on, fs, fstype, fstype, flags&mountFlags, true)
	return e
}

// UnmountPath is unmount(2). EPERM unless the caller is root, and for what mount(2) has not
// mounted: that is the machine's configuration; EINVAL if path is no root of a mount; EBUSY.
func UnmountPath(ctx *sys.Context, ns *Namespace, path string, flags uint32) abi.Errno {
	if ctx.Cred != nil && !ctx.Cred.IsSuser() {
		return abi.EPERM
	}
	v, e := Lookup(ctx, ns, nil, path, true)
	if e != 0 {
		return e
	}
	m := v.Mount
	v.Unref() // what is looked up counts as in use
	if m == nil || m.Root != v {
		return abi.EINVAL
	}
	ns.tree.mu.Lock()
	own := m.byCall
	ns.tree.mu.Unlock()
	if !own {
		return abi.EPERM
	}
	return ns.tree.Unmount(ctx, v, flags&abi.MNT_FORCE != 0)
}
