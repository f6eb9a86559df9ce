package hostfs

import (
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

type fdKind uint8

const (
	pathFd fdKind = iota
	readFd
	writeFd
	rdwrFd
)

// node is the VOP of a host file.
type node struct {
	vfs.Unsupported
	fs *FS
	v  *vfs.Vnode

	// The descriptors; -1 for none. rd and wr may be the same. Once set they
	// stay until Reclaim, but for path, which Reclaim alone closes, too.
	path, rd, wr atomic.Int32
	mu           sync.Mutex // setting them
	dirMu        sync.Mutex // rd's position, in directories
}

// vnode makes or finds the vnode of an open host descriptor, which it takes.
func (fs *FS) vnode(fd int, kind fdKind) (*vfs.Vnode, abi.Errno) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		unix.Close(fd)
		return nil, sys.HostErrno(err)
	}
	return fs.vnodeStat(fd, kind, &st), 0
}

func (fs *FS) vnodeStat(fd int, kind fdKind, st *unix.Stat_t) *vfs.Vnode {
	v, _ := fs.table.Get(vfs.Key{Dev: st.Dev, Ino: st.Ino}, func() *vfs.Vnode {
		n := &node{fs: fs}
		n.path.Store(-1)
		n.rd.Store(-1)
		n.wr.Store(-1)
		n.v = vfs.NewVnode(fs.mount, vfs.TypeOf(uint16(st.Mode)), n)
		return n.v
	})
	v.Ops.(*node).adopt(fd, kind)
	return v
}

// adopt keeps fd if it is of use, or closes it.
func (n *node) adopt(fd int, kind fdKind) {
	n.mu.Lock()
	kept := false
	take := func(a *atomic.Int32) {
		if a.Load() < 0 {
			a.Store(int32(fd))
			kept = true
		}
	}
	switch kind {
	case pathFd:
		if n.rd.Load() < 0 && n.wr.Load() < 0 {
			take(&n.path)
		}
	case readFd:
		take(&n.rd)
	case writeFd:
		take(&n.wr)
	case rdwrFd:
		take(&n.rd)
		take(&n.wr)
	}
	n.mu.Unlock()
	if !kept {
		unix.Close(fd)
	}
}

// any is a descriptor of some kind.
func (n *node) any() int {
	for _, a := range [...]*atomic.Int32{&n.rd, &n.path, &n.wr} {
		if fd := a.Load(); fd >= 0 {
			return int(fd)
		}
	}
	return -1 // not before Reclaim
}

// isPath says whether any is an O_PATH descriptor, on which few calls work.
func (n *node) isPath() bool { return n.rd.Load() < 0 }

// Reclaim closes the descriptors: nobody holds the vnode any more.
func (n *node) Reclaim() {
	rd, wr, path := n.rd.Load(), n.wr.Load(), n.path.Load()
	if rd >= 0 {
		unix.Close(int(rd))
	}
	if wr >= 0 && wr != rd {
		unix.Close(int(wr))
	}
	if path >= 0 {
		unix.Close(int(path))
	}
}

// check is our own permission check where the host's does not do.
func (n *node) check(ctx *sys.Context, mode int) abi.Errno {
	if n.fs.native(ctx) {
		return 0
	}
	var st abi.Stat
	if e := n.GetAttr(ctx, &st); e != 0 {
		return e
	}
	return vfs.Authorize(ctx.Cred, &st, mode)
}
