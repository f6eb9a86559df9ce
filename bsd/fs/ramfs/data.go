package ramfs

import (
	"slices"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// Read copies out; holes are zero.
func (n *node) Read(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	if n.v.Type != vfs.VREG {
		return abi.ENXIO
	}
	n.io.RLock()
	for n.load != nil {
		n.io.RUnlock()
		if e := n.fetch(); e != 0 {
			return e
		}
		n.io.RLock()
	}
	defer n.io.RUnlock()
	for u.Resid > 0 && u.Offset < n.size {
		if n.static != nil {
			u.CopyIn(n.static[u.Offset:n.size])
			break
		}
		at := u.Offset % pageSize
		page := n.pages[u.Offset/pageSize]
		if page == nil {
			page = &zero
		}
		u.CopyIn(page[at:min(pageSize, at+n.size-u.Offset)])
	}
	return 0
}

var zero [pageSize]byte

// fetch gets the data of a file that has them yet to come: EIO.
func (n *node) fetch() abi.Errno {
	n.io.Lock()
	defer n.io.Unlock()
	return n.fetchLocked()
}

func (n *node) fetchLocked() abi.Errno {
	if n.load == nil {
		return 0
	}
	data, err := n.load()
	if err != nil || int64(len(data)) != n.size {
		return abi.EIO
	}
	n.load, n.static = nil, data
	return 0
}

// own makes the data the file's own before a change.
func (n *node) own() {
	if n.static == nil {
		return
	}
	data := n.static
	n.static = nil
	for off := int64(0); off < int64(len(data)); off += pageSize {
		if page, _ := n.page(nil, off); page != nil {
			copy(page[:], data[off:])
		}
	}
}

// page gives the page at off for writing: ENOSPC, EDQUOT.
func (n *node) page(cred *sys.Cred, off int64) (*[pageSize]byte, abi.Errno) {
	p := n.pages[off/pageSize]
	if p == nil {
		if e := n.fs.quotas.charge(cred, &n.quota, pageSize, 0, false); e != 0 {
			return nil, e
		}
		if n.fs.used.Add(pageSize) > n.fs.limit {
			n.freed(1)
			return nil, abi.ENOSPC
		}
		p = new([pageSize]byte)
		if n.pages == nil {
			n.pages = map[int64]*[pageSize]byte{}
		}
		n.pages[off/pageSize] = p
	}
	return p, 0
}

// freed counts pages that are no more.
func (n *node) freed(pages int64) {
	n.fs.used.Add(-pages * pageSize)
	n.fs.quotas.charge(nil, &n.quota, -pages*pageSize, 0, true)
}

// Write copies in, at the end with O_APPEND: ENOSPC.
func (n *node) Write(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	if n.v.Type != vfs.VREG {
		return abi.ENXIO
	}
	n.io.Lock()
	defer n.io.Unlock()
	if e := n.fetchLocked(); e != 0 {
		return e
	}
	if int64(len(n.static)) > n.fs.limit-n.fs.used.Load() {
		return abi.ENOSPC
	}
	n.own()
	if flags&abi.O_APPEND != 0 {
		u.Offset = n.size
	}
	moved := false
	for u.Resid > 0 {
		if u.Offset > 1<<62 {
			return abi.EFBIG
		}
		page, e := n.page(ctx.Cred, u.Offset)
		if e != 0 {
			if moved {
				break
			}
			return e
		}
		u.CopyOut(page[u.Offset%pageSize:])
		n.size = max(n.size, u.Offset)
		moved = true
	}
	n.touch()
	return 0
}

func (n *node) touch() {
	t := now()
	n.fs.mu.Lock()
	n.mtime, n.ctime = t, t
	n.fs.mu.Unlock()
}

func (n *node) truncate(size int64) abi.Errno {
	n.io.Lock()
	defer n.io.Unlock()
	if e := n.fetchLocked(); e != 0 {
		return e
	}
	if size < n.size {
		n.own()
		for off := range n.pages {
			if off*pageSize >= size {
				delete(n.pages, off)
				n.freed(1)
			}
		}
		if p := n.pages[size/pageSize]; p != nil {
			clear(p[size%pageSize:])
		}
	} else {
		n.own()
	}
	n.size = size
	n.touch()
	return 0
}

// PunchHole zeroes the range and frees its whole pages.
func (n *node) PunchHole(ctx *sys.Context, off, size int64) abi.Errno {
	n.io.Lock()
	defer n.io.Unlock()
	if e := n.fetchLocked(); e != 0 {
		return e
	}
	n.own()
	for pg, p := range n.pages {
		lo, hi := max(off, pg*pageSize)-pg*pageSize, min(off+size, (pg+1)*pageSize)-pg*pageSize
		switch {
		case lo >= hi:
		case hi-lo == pageSize:
			delete(n.pages, pg)
			n.freed(1)
		default:
			clear(p[lo:hi])
		}
	}
	n.touch()
	return 0
}

// Seek takes the whole file for data.
func (n *node) Seek(ctx *sys.Context, off int64, whence int) (int64, abi.Errno) {
	n.io.RLock()
	defer n.io.RUnlock()
	if off >= n.size {
		return 0, abi.ENXIO
	}
	if whence == abi.SEEK_HOLE {
		return n.size, 0
	}
	return off, 0
}

// GetAttr gives the attributes.
func (n *node) GetAttr(ctx *sys.Context, st *abi.Stat) abi.Errno {
	n.io.RLock()
	size, pages := n.size, len(n.pages)
	if n.static != nil || n.load != nil {
		pages = int((size + pageSize - 1) / pageSize)
	}
	n.io.RUnlock()
	n.fs.mu.RLock()
	defer n.fs.mu.RUnlock()
	*st = abi.Stat{
		Mode: n.v.Type.Mode() | n.mode, Nlink: uint16(min(n.nlink, 0xffff)), Ino: n.ino,
		Rdev: n.rdev, Flags: n.flags,
		Atime: n.atime, Mtime: n.mtime, Ctime: n.ctime, Birthtime: n.birth,
		Size: size, Blocks: int64(pages) * (pageSize / 512), Blksize: pageSize,
	}
	st.UID, st.GID = n.owner(ctx)
	switch n.v.Type {
	case vfs.VLNK:
		st.Size = int64(len(n.target))
	case vfs.VDIR:
		st.Size = int64(len(n.entries)+2) * 32
	}
	if m := n.v.Mount; m != nil {
		st.Dev = m.Dev()
	}
	return 0
}

// SetAttr sets attributes.
func (n *node) SetAttr(ctx *sys.Context, a *vfs.SetAttr) abi.Errno {
	n.fs.mu.Lock()
	st := abi.Stat{Mode: n.v.Type.Mode() | n.mode}
	st.UID, st.GID = n.owner(ctx)
	if e := vfs.AuthorizeSetAttr(ctx.Cred, &st, a); e != 0 {
		n.fs.mu.Unlock()
		return e
	}
	t := now()
	n.ctime = t
	if a.Valid&vfs.AttrMode != 0 {
		n.mode = a.Mode & 0o7777
	}
	if a.Valid&vfs.AttrUID != 0 {
		n.uid = a.UID
	}
	if a.Valid&vfs.AttrGID != 0 {
		n.gid = a.GID
	}
	if a.Valid&(vfs.AttrUID|vfs.AttrGID) != 0 {
		n.fs.quotas.move(&n.quota, n.uid, n.gid)
	}
	if a.Valid&vfs.AttrFlags != 0 {
		n.flags = a.Flags
	}
	if a.Valid&vfs.AttrBirthtime != 0 {
		n.birth = a.Birthtime
	}
	if a.Valid&vfs.AttrAtime != 0 {
		n.atime = a.Atime
		if a.Valid&vfs.AttrAtimeNow != 0 {
			n.atime = t
		}
	}
	if a.Valid&vfs.AttrMtime != 0 {
		n.mtime = a.Mtime
		if a.Valid&vfs.AttrMtimeNow != 0 {
			n.mtime = t
		}
	}
	n.fs.mu.Unlock()
	if a.Valid&vfs.AttrSize != 0 {
		return n.truncate(a.Size)
	}
	return 0
}

// Access checks the bits.
func (n *node) Access(ctx *sys.Context, mode int) abi.Errno {
	n.fs.mu.RLock()
	defer n.fs.mu.RUnlock()
	return n.allowed(ctx, mode)
}

// Open checks permission. Devices and FIFOs are opened by vfs after that.
func (n *node) Open(ctx *sys.Context, flags int) (*sys.OpenFile, abi.Errno) {
	if vfs.Created(flags) || flags&abi.O_EVTONLY != 0 {
		return nil, 0
	}
	mode := 0
	if flags&abi.FREAD != 0 {
		mode |= abi.R_OK
	}
	if flags&(abi.FWRITE|abi.O_TRUNC) != 0 {
		mode |= abi.W_OK
	}
	return nil, n.Access(ctx, mode)
}

// Pathconf answers what depends on the file system.
func (n *node) Pathconf(ctx *sys.Context, name int) (int64, abi.Errno) {
	switch name {
	case abi.PC_XATTR_SIZE_BITS:
		return 17, 0
	case abi.PC_MIN_HOLE_SIZE:
		return pageSize, 0
	}
	return 0, abi.EINVAL
}

// xattrMax bounds all attributes of a file together, in bytes.
const xattrMax = 128 << 10

// Getxattr reads an attribute.
func (n *node) Getxattr(ctx *sys.Context, name string) ([]byte, abi.Errno) {
	n.fs.mu.RLock()
	defer n.fs.mu.RUnlock()
	if e := n.allowed(ctx, abi.R_OK); e != 0 {
		return nil, e
	}
	v, ok := n.xattrs[name]
	if !ok {
		return nil, abi.ENOATTR
	}
	return slices.Clone(v), 0
}

// Setxattr writes an attribute.
func (n *node) Setxattr(ctx *sys.Context, name string, value []byte, flags int) abi.Errno {
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	if e := n.allowed(ctx, abi.W_OK); e != 0 {
		return e
	}
	_, ok := n.xattrs[name]
	switch {
	case ok && flags&abi.XATTR_CREATE != 0:
		return abi.EEXIST
	case !ok && flags&abi.XATTR_REPLACE != 0:
		return abi.ENOATTR
	}
	sum := len(name) + len(value)
	for k, v := range n.xattrs {
		if k != name {
			sum += len(k) + len(v)
		}
	}
	if sum > xattrMax {
		return abi.ENOSPC
	}
	if n.xattrs == nil {
		n.xattrs = map[string][]byte{}
	}
	n.xattrs[name] = slices.Clone(value)
	n.ctime = now()
	return 0
}

// Listxattr lists the names.
func (n *node) Listxattr(ctx *sys.Context) ([]string, abi.Errno) {
	n.fs.mu.RLock()
	defer n.fs.mu.RUnlock()
	var names []string
	for k := range n.xattrs {
		names = append(names, k)
	}
	slices.Sort(names)
	return names, n.allowed(ctx, abi.R_OK)
}

// Removexattr removes one.
func (n *node) Removexattr(ctx *sys.Context, name string) abi.Errno {
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	if e := n.allowed(ctx, abi.W_OK); e != 0 {
		return e
	}
	if _, ok := n.xattrs[name]; !ok {
		return abi.ENOATTR
	}
	delete(n.xattrs, name)
	return 0
}
