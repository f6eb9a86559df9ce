package ramfs

import (
	"sort"
	"strings"
	"sync"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// node is one file: vnode and inode in one.
type node struct {
	vfs.Unsupported
	fs *FS
	v  *vfs.Vnode

	ino      uint64
	mode     uint16
	nlink    uint32
	uid, gid uint32
	rdev     int32
	flags    uint32

	atime, mtime, ctime, birth abi.Timespec

	parent *node // of a directory; of others the one where it was made
	name   string
	target string // of a symbolic link
	xattrs map[string][]byte

	// entries are in order of seq, which is their position for readdir.
	entries []entry
	// names are by key, which on a file system that ignores case is not the name.
	names   map[string]*node
	nextSeq int64

	io     sync.RWMutex
	load   func() ([]byte, error) // gives static when it is first wanted
	static []byte                 // the data until the first write
	pages  map[int64]*[pageSize]byte
	size   int64 // guarded by io

	quota quotaUse // guarded by quotas.mu
}

const pageSize = 4096

type entry struct {
	seq  int64
	name string
	node *node
}

// firstSeq follows the positions of "." and "..".
const firstSeq = 3

func (n *node) find(name string) *node { return n.names[n.fs.key(name)] }

func (n *node) enter(name string, child *node) {
	if n.names == nil {
		n.names, n.nextSeq = map[string]*node{}, firstSeq
	}
	n.names[n.fs.key(name)] = child
	n.entries = append(n.entries, entry{n.nextSeq, name, child})
	n.nextSeq++
	n.mtime = now()
	n.ctime = n.mtime
	if child.v.Type == vfs.VDIR {
		child.parent, child.name = n, name
		n.nlink++
	}
}

func (n *node) leave(name string) {
	key := n.fs.key(name)
	child := n.names[key]
	delete(n.names, key)
	for i, e := range n.entries {
		if e.name == name || n.fs.fold && n.fs.key(e.name) == key {
			n.entries = append(n.entries[:i:i], n.entries[i+1:]...)
			break
		}
	}
	n.mtime = now()
	n.ctime = n.mtime
	if child.v.Type == vfs.VDIR {
		n.nlink--
	}
}

// unlinked counts a name less; the data goes with the vnode when nobody uses it.
func (n *node) unlinked() {
	n.nlink--
	if n.v.Type == vfs.VDIR {
		n.nlink = 0
	}
	n.ctime = now()
	if n.nlink == 0 {
		n.parent = nil
		n.v.Unref()
	}
}

// Reclaim gives back what a file without name and user took.
func (n *node) Reclaim() {
	n.fs.nodes.Add(-1)
	n.fs.used.Add(-int64(len(n.pages)) * pageSize)
	n.fs.quotas.charge(nil, &n.quota, -n.quota.bytes, -n.quota.files, true)
}

// Lookup finds a name, or ".." of a directory below the root.
func (n *node) Lookup(ctx *sys.Context, name string) (*vfs.Vnode, abi.Errno) {
	if n.v.Type != vfs.VDIR {
		return nil, abi.ENOTDIR
	}
	n.fs.mu.RLock()
	defer n.fs.mu.RUnlock()
	if e := n.allowed(ctx, abi.X_OK); e != 0 {
		return nil, e
	}
	found := n.find(name)
	if name == ".." {
		if found = n.parent; found == nil {
			found = n
		}
	}
	if found == nil {
		return nil, abi.ENOENT
	}
	return found.v.Ref(), 0
}

// allowed checks permission bits, with fs.mu held.
func (n *node) allowed(ctx *sys.Context, mode int) abi.Errno {
	if ctx == nil {
		return 0
	}
	st := abi.Stat{Mode: n.v.Type.Mode() | n.mode}
	st.UID, st.GID = n.owner(ctx)
	return vfs.Authorize(ctx.Cred, &st, mode)
}

// owner gives owner and group as the caller is to see them: where ownership is ignored, what belongs to
// nobody known is everybody's, root excepted.
func (n *node) owner(ctx *sys.Context) (uid, gid uint32) {
	if m := n.v.Mount; m != nil && m.Flags&abi.MNT_IGNORE_OWNERSHIP != 0 && ctx != nil && ctx.Cred != nil && !ctx.Cred.IsSuser() {
		return ctx.Cred.UID, ctx.Cred.GID
	}
	return n.uid, n.gid
}

// respell gives an entry the case that the caller wants; fs.mu is held.
func (n *node) respell(ctx *sys.Context, c *node, name, tname string) abi.Errno {
	if e := n.mayRemove(ctx, c); e != 0 {
		return e
	}
	n.leave(name)
	n.enter(tname, c)
	c.parent, c.name, c.ctime = n, tname, now()
	return 0
}

// make enters a new node, which init completes.
func (n *node) make(ctx *sys.Context, name string, t vfs.VType, mode uint16, init func(*node)) (*node, abi.Errno) {
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	switch {
	case len(name) > abi.NAME_MAX:
		return nil, abi.ENAMETOOLONG
	case n.find(name) != nil:
		return nil, abi.EEXIST
	case n.nlink == 0:
		return nil, abi.ENOENT
	case n.fs.nodes.Load() >= maxNodes:
		return nil, abi.ENOSPC
	}
	if e := n.allowed(ctx, abi.W_OK|abi.X_OK); e != 0 {
		return nil, e
	}
	uid, gid := ctx.Cred.UID, n.gid
	if m := n.v.Mount; m != nil && m.Flags&abi.MNT_IGNORE_OWNERSHIP != 0 {
		uid, gid = unknownID, unknownID
	}
	c := n.fs.newNode(n, name, t, mode, uid, gid)
	if e := n.fs.quotas.charge(ctx.Cred, &c.quota, 0, 1, false); e != 0 {
		c.v.Unref()
		return nil, e
	}
	if t == vfs.VDIR {
		c.nlink = 2
	}
	if init != nil {
		init(c)
	}
	c.v.Ref() // the caller's, before others can remove it
	n.enter(name, c)
	return c, 0
}

// Create makes a regular file.
func (n *node) Create(ctx *sys.Context, name string, mode uint16) (*vfs.Vnode, abi.Errno) {
	c, e := n.make(ctx, name, vfs.VREG, mode, nil)
	if e != 0 {
		return nil, e
	}
	return c.v, 0
}

// Mknod makes a FIFO, socket or device node.
func (n *node) Mknod(ctx *sys.Context, name string, t vfs.VType, mode uint16, rdev int32) (*vfs.Vnode, abi.Errno) {
	c, e := n.make(ctx, name, t, mode, func(c *node) { c.rdev = rdev })
	if e != 0 {
		return nil, e
	}
	return c.v, 0
}

// Mkdir makes a directory.
func (n *node) Mkdir(ctx *sys.Context, name string, mode uint16) abi.Errno {
	c, e := n.make(ctx, name, vfs.VDIR, mode, nil)
	if e == 0 {
		c.v.Unref()
	}
	return e
}

// Symlink makes a symbolic link.
func (n *node) Symlink(ctx *sys.Context, name, target string) abi.Errno {
	if target == "" {
		return abi.ENOENT
	}
	c, e := n.make(ctx, name, vfs.VLNK, 0o755, func(c *node) { c.target = target })
	if e == 0 {
		c.v.Unref()
	}
	return e
}

// Link enters a file a second time.
func (n *node) Link(ctx *sys.Context, vp *vfs.Vnode, name string) abi.Errno {
	src, ok := vp.Ops.(*node)
	if !ok {
		return abi.ENOTSUP
	}
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	if n.find(name) != nil {
		return abi.EEXIST
	}
	if src.nlink == 0 || n.nlink == 0 {
		return abi.ENOENT
	}
	if src.nlink >= abi.LINK_MAX {
		return abi.EMLINK
	}
	if e := n.allowed(ctx, abi.W_OK|abi.X_OK); e != 0 {
		return e
	}
	src.nlink++
	src.ctime = now()
	n.enter(name, src)
	return 0
}

// mayRemove checks sticky bit and permission.
func (n *node) mayRemove(ctx *sys.Context, c *node) abi.Errno {
	dst, st := abi.Stat{Mode: abi.S_IFDIR | n.mode}, abi.Stat{}
	dst.UID, dst.GID = n.owner(ctx)
	st.UID, st.GID = c.owner(ctx)
	return vfs.AuthorizeRemove(ctx.Cred, &dst, &st)
}

// Remove removes what is no directory.
func (n *node) Remove(ctx *sys.Context, name string) abi.Errno {
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	c := n.find(name)
	if c == nil {
		return abi.ENOENT
	}
	if c.v.Type == vfs.VDIR {
		return abi.EPERM
	}
	if e := n.mayRemove(ctx, c); e != 0 {
		return e
	}
	n.leave(name)
	c.unlinked()
	return 0
}

// Rmdir removes an empty directory.
func (n *node) Rmdir(ctx *sys.Context, name string) abi.Errno {
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	c := n.find(name)
	switch {
	case c == nil:
		return abi.ENOENT
	case c.v.Type != vfs.VDIR:
		return abi.ENOTDIR
	case len(c.entries) > 0:
		return abi.ENOTEMPTY
	}
	if e := n.mayRemove(ctx, c); e != 0 {
		return e
	}
	n.leave(name)
	c.unlinked()
	return 0
}

// Rename moves or swaps.
func (n *node) Rename(ctx *sys.Context, name string, tdvp *vfs.Vnode, tname string, flags uint32) abi.Errno {
	to, ok := tdvp.Ops.(*node)
	if !ok {
		return abi.ENOTSUP
	}
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	c, old := n.find(name), to.find(tname)
	if c == nil || to.nlink == 0 {
		return abi.ENOENT
	}
	if old != nil && flags == abi.RENAME_EXCL {
		return abi.EEXIST
	}
	if c == old {
		if n == to && name != tname && flags == 0 && n.fs.key(name) == n.fs.key(tname) {
			return n.respell(ctx, c, name, tname)
		}
		return 0
	}
	if old == nil && flags == abi.RENAME_SWAP {
		return abi.ENOENT
	}
	if c.holds(to) || flags == abi.RENAME_SWAP && old != nil && old.holds(n) {
		return abi.EINVAL
	}
	if e := n.mayRemove(ctx, c); e != 0 {
		return e
	}
	if old == nil {
		if e := to.allowed(ctx, abi.W_OK|abi.X_OK); e != 0 {
			return e
		}
	} else if e := to.mayRemove(ctx, old); e != 0 {
		return e
	}
	switch {
	case flags == abi.RENAME_SWAP:
		n.leave(name)
		to.leave(tname)
		n.enter(name, old)
		to.enter(tname, c)
		return 0
	case old == nil:
	case old.holds(n):
		return abi.ENOTEMPTY
	case c.v.Type != vfs.VDIR && old.v.Type == vfs.VDIR:
		return abi.EISDIR
	case c.v.Type == vfs.VDIR && old.v.Type != vfs.VDIR:
		return abi.ENOTDIR
	case len(old.entries) > 0:
		return abi.ENOTEMPTY
	}
	if old != nil {
		to.leave(tname)
		old.unlinked()
	}
	n.leave(name)
	to.enter(tname, c)
	c.parent, c.name, c.ctime = to, tname, now()
	return 0
}

// holds says whether d is n or below it.
func (n *node) holds(d *node) bool {
	for ; d != nil; d = d.parent {
		if d == n {
			return true
		}
	}
	return false
}

// Readlink reads the link.
func (n *node) Readlink(*sys.Context) (string, abi.Errno) {
	if n.v.Type != vfs.VLNK {
		return "", abi.EINVAL
	}
	return n.target, 0
}

// Readdir lists: ".", "..", then the entries in the order they were made.
func (n *node) Readdir(ctx *sys.Context, off int64, emit func(*abi.Dirent) bool) abi.Errno {
	if n.v.Type != vfs.VDIR {
		return abi.ENOTDIR
	}
	n.fs.mu.RLock()
	list := n.entries
	up := n
	if n.parent != nil {
		up = n.parent
	}
	n.fs.mu.RUnlock()
	for i, d := range [...]*node{n, up} {
		if off <= int64(i) && !emit(&abi.Dirent{Ino: d.ino, Off: int64(i) + 1, Type: abi.DT_DIR, Name: "."[:1] + strings.Repeat(".", i)}) {
			return 0
		}
	}
	for i := sort.Search(len(list), func(i int) bool { return list[i].seq >= off }); i < len(list); i++ {
		e := &list[i]
		if !emit(&abi.Dirent{Ino: e.node.ino, Off: e.seq + 1, Type: uint8(e.node.v.Type.Mode() >> 12), Name: e.name}) {
			break
		}
	}
	return 0
}

// Path goes up to the root.
func (n *node) Path(*sys.Context) (string, abi.Errno) {
	n.fs.mu.RLock()
	defer n.fs.mu.RUnlock()
	path := ""
	for n != n.fs.root {
		if n.parent == nil {
			return "", abi.ENOENT
		}
		if n.v.Type != vfs.VDIR && n.parent.find(n.name) != n {
			return "", abi.ENOENT
		}
		path = "/" + n.name + path
		n = n.parent
	}
	return strings.TrimPrefix(path, "/"), 0
}
