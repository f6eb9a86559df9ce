package vfs

import (
	"strings"
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/bsd/sys"
)

// FS is one instance of a file system: struct vfsops and its mount's data.
type FS interface {
	// Root gives a reference to the root directory. It is called once, by Mount,
	// and the vnodes of the file system carry the given mount from then on.
	Root(m *Mount) (*Vnode, abi.Errno)
	Statfs(ctx *sys.Context, sf *abi.Statfs) abi.Errno
	Sync(ctx *sys.Context) abi.Errno
	// Unmount gives everything back. Without force it is refused with EBUSY if
	// vnodes are in use.
	Unmount(ctx *sys.Context, force bool) abi.Errno
}

// Mount is struct mount: a file system in its place.
type Mount struct {
	FS     FS
	Type   string // f_fstypename
	From   string // f_mntfromname
	On     string // f_mntonname, in the machine's name space
	Flags  uint32 // MNT_*
	Fsid   [2]int32
	Root   *Vnode
	tree   *Tree
	parent *Vnode // directory and name it covers
	name   string
	going  bool // Unmount is at it, or has been; under Tree.mu, as byCall
	byCall bool // mounted by mount(2)
	// under is the covered directory that shows through (MNT_UNION), else nil.
	under *Vnode
}

// Dev is the number that files of the mount have in st_dev when their file
// system has none of its own.
func (m *Mount) Dev() int32 { return m.Fsid[0] }

// ByCall says whether mount(2) mounted it.
func (m *Mount) ByCall() bool {
	m.tree.mu.Lock()
	defer m.tree.mu.Unlock()
	return m.byCall
}

// ReadOnly says whether nothing on the mount may be changed.
func (m *Mount) ReadOnly() bool { return m.Flags&abi.MNT_RDONLY != 0 }

// coverPoint is a name that a vnode covers.
type coverPoint struct {
	dir  *Vnode
	name string
}

// Tree is the machine's one tree of mounts.
type Tree struct {
	mu     sync.Mutex
	root   *Vnode
	mounts []*Mount
	types  map[string]*FSType // that mount(2) knows
	unions atomic.Int32       // how many of mounts are MNT_UNION
	plain  plainCache
	kauth  atomic.Pointer[Kauth]

	// ConsoleUser is the last owner of /dev/console, kept by chown; ConsoleChanged, if
	// set, hears of a new one.
	ConsoleUser    atomic.Uint32
	ConsoleChanged atomic.Pointer[func(uid uint32)]

	// Hooks that the kernel fills in before the first guest runs.

	// OpenFifo opens a FIFO vnode (the room of pipes). It takes a reference of
	// its own if it keeps v. Nil: ENXIO.
	OpenFifo func(ctx *sys.Context, v *Vnode, flags int) (*sys.OpenFile, abi.Errno)
	// OpenDevice opens the device that v, a VCHR or VBLK, stands for (bsd/dev).
	// What it returns does the I/O and is closed with the file. Nil: ENXIO.
	OpenDevice func(ctx *sys.Context, v *Vnode, rdev int32, flags int) (sys.FileOps, abi.Errno)
}

var lastFsid atomic.Int32

// NewTree mounts fs as the root of a new tree.
func NewTree(fs FS, fstype, from string, flags uint32) (*Tree, abi.Errno) {
	t := &Tree{}
	t.ConsoleUser.Store(^uint32(0)) // nobody yet
	m := newMount(t, fs, fstype, from, "/", flags|abi.MNT_ROOTFS)
	root, e := fs.Root(m)
	if e != 0 {
		return nil, e
	}
	m.Root, t.root, t.mounts = root, root, []*Mount{m}
	return t, 0
}

// newMount makes a mount. All file systems are local ones; a bind's directory may be the
// host's by network, which it does not say.
func newMount(t *Tree, fs FS, fstype, from, on string, flags uint32) *Mount {
	n := lastFsid.Add(1)
	// Major number 0x7f: no device of the host is shown with it.
	return &Mount{FS: fs, Type: fstype, From: from, On: on, Flags: flags | abi.MNT_LOCAL,
		Fsid: [2]int32{0x7f<<24 | n, n}, tree: t}
}

// Root gives the root directory, without a reference of the caller's own.
func (t *Tree) Root() *Vnode { return t.root }

// Mounts gives the mounts, oldest first.
func (t *Tree) Mounts() []*Mount {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]*Mount(nil), t.mounts...)
}

// mortal is an FS that can come to its end by itself, before the tree has it.
type mortal interface {
	Alive() bool // called under Tree.mu
}

// Mount puts fs at path, whose directory must exist; the name itself need not.
// Errors: ENOTDIR, EBUSY (already covered, or the mount that path lies in is being unmounted),
// ENOENT where MNT_UNION has nothing below it, ENXIO if fs has ended meanwhile, and those of lookup and of fs.Root.
func (t *Tree) Mount(ctx *sys.Context, path string, fs FS, fstype, from string, flags uint32) (*Mount, abi.Errno) {
	return t.mount(ctx, path, fs, fstype, from, flags, false)
}

func (t *Tree) mount(ctx *sys.Context, path string, fs FS, fstype, from string, flags uint32, byCall bool) (*Mount, abi.Errno) {
	nd, e := t.coverPlace(ctx, path)
	if e != 0 {
		return nil, e
	}
	defer nd.Release()
	if nd.Vp != nil && !nd.Vp.IsDir() {
		return nil, abi.ENOTDIR
	}
	m := newMount(t, fs, fstype, from, path, flags)
	if flags&abi.MNT_UNION != 0 {
		if nd.Vp == nil {
			return nil, abi.ENOENT
		}
		m.under = nd.Vp.Ref()
	}
	root, e := fs.Root(m)
	if e != 0 {
		m.under.Unref()
		return nil, e
	}
	m.Root = root
	t.mu.Lock()
	if o, ok := fs.(mortal); ok && !o.Alive() {
		e = abi.ENXIO
	} else if on := nd.Dvp.Mount; on != nil && on.going {
		e = abi.EBUSY
	} else if e = t.coverLocked(nd.Dvp, nd.Name, root); e == 0 {
		m.parent, m.name, m.byCall = nd.Dvp.Ref(), nd.Name, byCall
		t.mounts = append(t.mounts, m)
		if m.under != nil {
			t.unions.Add(1)
		}
	}
	t.mu.Unlock()
	if e != 0 {
		m.under.Unref()
		fs.Unmount(ctx, true)
		return nil, e
	}
	return m, 0
}

// Unmount takes the mount away whose root is v. EINVAL if v is no root of a
// mount; EBUSY if it is in use (or is the tree's root).
func (t *Tree) Unmount(ctx *sys.Context, v *Vnode, force bool) abi.Errno {
	m := v.Mount
	if m == nil || m.Root != v {
		return abi.EINVAL
	}
	t.mu.Lock()
	busy := m.parent == nil || m.going
	for _, o := range t.mounts {
		busy = busy || o.parent != nil && o.parent.Mount == m
	}
	m.going = m.going || !busy
	t.mu.Unlock()
	if busy {
		return abi.EBUSY
	}
	e := m.FS.Unmount(ctx, force) // nothing is locked: it may be an extension's
	t.mu.Lock()
	defer t.mu.Unlock()
	if e != 0 {
		m.going = false
		return e
	}
	t.uncoverLocked(m.parent, m.name)
	for i, o := range t.mounts {
		if o == m {
			t.mounts = append(t.mounts[:i:i], t.mounts[i+1:]...)
			break
		}
	}
	if m.under != nil {
		t.unions.Add(-1)
	}
	m.parent.Unref()
	m.under.Unref()
	m.parent = nil
	return 0
}

// Cover makes path lead to v (whose reference passes to the tree), over what
// may be there. It is how single files of ours lie over the host's.
func (t *Tree) Cover(ctx *sys.Context, path string, v *Vnode) abi.Errno {
	nd, e := t.coverPlace(ctx, path)
	if e != 0 {
		return e
	}
	defer nd.Release()
	return t.cover(nd.Dvp, nd.Name, v)
}

// Whiteout hides path: it can't be seen nor made. It is no error if nothing is
// there.
func (t *Tree) Whiteout(ctx *sys.Context, path string) abi.Errno {
	nd, e := t.coverPlace(ctx, path)
	if e == abi.ENOENT || e == abi.ENOTDIR {
		return 0
	} else if e != 0 {
		return e
	}
	defer nd.Release()
	return t.cover(nd.Dvp, nd.Name, nil)
}

// coverPlace finds directory and name of path; the last name is not followed.
func (t *Tree) coverPlace(ctx *sys.Context, path string) (*Nameidata, abi.Errno) {
	ns := &Namespace{tree: t, root: t.root, cwd: t.root}
	nd := &Nameidata{Path: "/" + strings.Trim(path, "/"), Flags: WantParent | NeedVnode}
	if e := Namei(ctx, ns, nd); e != 0 {
		return nil, e
	}
	if nd.Dvp == nil || nd.Name == "." || nd.Name == ".." {
		nd.Release()
		return nil, abi.EINVAL
	}
	return nd, 0
}

func (t *Tree) cover(dir *Vnode, name string, v *Vnode) abi.Errno {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.coverLocked(dir, name, v)
}

func (t *Tree) coverLocked(dir *Vnode, name string, v *Vnode) abi.Errno {
	next := map[string]*Vnode{}
	if old := dir.covers.Load(); old != nil {
		for n, c := range *old {
			next[n] = c
		}
	}
	if _, taken := next[name]; taken {
		return abi.EBUSY
	}
	next[name] = v
	if v != nil && !v.cover.CompareAndSwap(nil, &coverPoint{dir, name}) {
		return abi.EBUSY
	}
	dir.Ref() // a directory with covers stays live
	dir.covers.Store(&next)
	t.plain.forget()
	return 0
}

func (t *Tree) uncoverLocked(dir *Vnode, name string) {
	old := dir.covers.Load()
	if old == nil {
		return
	}
	next := map[string]*Vnode{}
	for n, c := range *old {
		if n != name {
			next[n] = c
		} else if c != nil {
			c.cover.Store(nil)
		}
	}
	if len(next) == 0 {
		dir.covers.Store(nil)
	} else {
		dir.covers.Store(&next)
	}
	t.plain.forget()
	dir.Unref()
}

// covered looks name up among the covers of dir. The vnode is without a
// reference, nil for a whiteout.
func (dir *Vnode) covered(name string) (*Vnode, bool) {
	m := dir.covers.Load()
	if m == nil {
		return nil, false
	}
	v, ok := (*m)[name]
	return v, ok
}
