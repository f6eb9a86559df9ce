package ramfs

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// FS is the file system.
type FS struct {
	mu    sync.RWMutex
	mount *vfs.Mount
	root  *node
	ino   atomic.Uint64
	nodes atomic.Int64
	limit int64 // bytes
	used  atomic.Int64
	fold  bool // names that differ in case only are the same

	quotas quotas
}

// unknownID is the owner of files that are made where ownership is ignored.
const unknownID = 99

// NewFolding is New for a file system that keeps the case of names and does not tell names by it, as HFS+.
func NewFolding(limit int64) *FS {
	fs := New(limit)
	fs.fold = true
	return fs
}

// key is what names are found by.
func (fs *FS) key(name string) string {
	if !fs.fold {
		return name
	}
	return strings.ToLower(name)
}

// maxNodes bounds the number of files, which cost memory even if empty.
const maxNodes = 1 << 20

// New makes an empty file system for up to limit bytes of data.
func New(limit int64) *FS {
	fs := &FS{limit: limit}
	fs.root = fs.newNode(nil, "", vfs.VDIR, 0o755, 0, 0)
	fs.root.nlink = 2
	return fs
}

func now() abi.Timespec {
	t := time.Now()
	return abi.Timespec{Sec: t.Unix(), Nsec: int64(t.Nanosecond())}
}

func (fs *FS) newNode(parent *node, name string, t vfs.VType, mode uint16, uid, gid uint32) *node {
	n := &node{fs: fs, parent: parent, name: name, mode: mode & 0o7777, uid: uid, gid: gid, nlink: 1, ino: fs.ino.Add(1)}
	n.atime = now()
	n.mtime, n.ctime, n.birth = n.atime, n.atime, n.atime
	n.v = vfs.NewVnode(fs.mount, t, n)
	n.quota.ids = [abi.MAXQUOTAS]uint32{uid, gid}
	fs.nodes.Add(1)
	return n
}

// Root gives the root.
func (fs *FS) Root(m *vfs.Mount) (*vfs.Vnode, abi.Errno) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.mount != nil {
		return nil, abi.EBUSY
	}
	fs.mount = m
	fs.root.adopt(m)
	return fs.root.v.Ref(), 0
}

// adopt gives the mount to vnodes that were made before it.
func (n *node) adopt(m *vfs.Mount) {
	n.v.Mount = m
	for _, e := range n.entries {
		e.node.adopt(m)
	}
}

// Statfs gives counts in blocks of 4096 bytes.
func (fs *FS) Statfs(ctx *sys.Context, sf *abi.Statfs) abi.Errno {
	const block = 4096
	used := fs.used.Load()
	sf.Bsize, sf.Iosize = block, block
	sf.Blocks = uint64(fs.limit / block)
	sf.Bfree = uint64(max(fs.limit-used, 0) / block)
	sf.Bavail = sf.Bfree
	sf.Files = maxNodes
	sf.Ffree = uint64(max(maxNodes-fs.nodes.Load(), 0))
	return 0
}

// Sync has nothing to do.
func (fs *FS) Sync(*sys.Context) abi.Errno { return 0 }

// Unmount gives EBUSY if vnodes are in use, by the count of their references:
// each file has one from its name, the root one more.
func (fs *FS) Unmount(ctx *sys.Context, force bool) abi.Errno {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if !force && fs.root.inUse(1) {
		return abi.EBUSY
	}
	fs.mount = nil
	return 0
}

func (n *node) inUse(more int64) bool {
	if n.v.Refs() > 1+more {
		return true
	}
	for _, e := range n.entries {
		if e.node.inUse(0) {
			return true
		}
	}
	return false
}

// place finds the directory for path, making directories on the way.
func (fs *FS) place(path string) (*node, string, abi.Errno) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	d := fs.root
	for _, p := range parts[:len(parts)-1] {
		next := d.find(p)
		if next == nil {
			next = fs.newNode(d, p, vfs.VDIR, 0o755, 0, 0)
			next.nlink = 2
			d.enter(p, next)
		}
		if next.v.Type != vfs.VDIR {
			return nil, "", abi.ENOTDIR
		}
		d = next
	}
	name := parts[len(parts)-1]
	if name == "" || len(name) > abi.NAME_MAX {
		return nil, "", abi.EINVAL
	}
	if d.find(name) != nil {
		return nil, "", abi.EEXIST
	}
	return d, name, 0
}

// Add makes a node at path, owned by root, with the directories before it: for the
// kernel. It returns the vnode with a reference. EEXIST, ENOTDIR.
func (fs *FS) Add(path string, t vfs.VType, mode uint16, rdev int32) (*vfs.Vnode, abi.Errno) {
	return fs.add(path, t, mode, func(n *node) { n.rdev = rdev })
}

func (fs *FS) add(path string, t vfs.VType, mode uint16, init func(*node)) (*vfs.Vnode, abi.Errno) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	d, name, e := fs.place(path)
	if e != 0 {
		return nil, e
	}
	n := fs.newNode(d, name, t, mode, 0, 0)
	if t == vfs.VDIR {
		n.nlink = 2
	}
	init(n)
	d.enter(name, n)
	return n.v.Ref(), 0
}

// AddFile makes a regular file with the given bytes, which nobody may change.
func (fs *FS) AddFile(path string, mode uint16, data []byte) (*vfs.Vnode, abi.Errno) {
	return fs.add(path, vfs.VREG, mode, func(n *node) { n.static, n.size = data, int64(len(data)) })
}

// AddLazyFile is AddFile for size bytes that load gives when they are first wanted;
// it is called once, with nothing locked but the file. If it fails or gives
// another number of bytes, reading the file fails with EIO.
func (fs *FS) AddLazyFile(path string, mode uint16, size int64, load func() ([]byte, error)) (*vfs.Vnode, abi.Errno) {
	return fs.add(path, vfs.VREG, mode, func(n *node) { n.load, n.size = load, size })
}

// AddSymlink makes a symbolic link.
func (fs *FS) AddSymlink(path, target string) abi.Errno {
	v, e := fs.add(path, vfs.VLNK, 0o755, func(n *node) { n.target = target })
	v.Unref()
	return e
}

// Find gives the vnode at path, links not followed, with a reference. ENOENT.
func (fs *FS) Find(path string) (*vfs.Vnode, abi.Errno) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	n := fs.root
	for _, p := range strings.Split(strings.Trim(path, "/"), "/") {
		if n = n.find(p); n == nil {
			return nil, abi.ENOENT
		}
	}
	return n.v.Ref(), 0
}

// AddVnode enters a vnode of the caller's own making at path; it answers for
// itself. The reference passes to the file system.
func (fs *FS) AddVnode(path string, v *vfs.Vnode) abi.Errno {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	d, name, e := fs.place(path)
	if e != 0 {
		return e
	}
	n := &node{fs: fs, parent: d, name: name, nlink: 1, ino: fs.ino.Add(1), v: v}
	v.Mount = fs.mount
	d.enter(name, n)
	return 0
}

// Delete takes path away, for the kernel. ENOENT, ENOTEMPTY.
func (fs *FS) Delete(path string) abi.Errno {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	d := fs.root
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i, p := range parts {
		n := d.find(p)
		switch {
		case n == nil:
			return abi.ENOENT
		case i < len(parts)-1:
			d = n
		case len(n.entries) > 0:
			return abi.ENOTEMPTY
		default:
			d.leave(p)
			n.unlinked()
		}
	}
	return 0
}
