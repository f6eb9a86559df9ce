package vfs

import (
	"strings"
	"sync"

	"puggle/abi"
	"puggle/bsd/sys"
)

// Forks by name: FILE/..namedfork/rsrc is the resource fork of FILE, and FILE/..namedfork/data the file itself.
// The fork's bytes are the extended attribute com.apple.ResourceFork, so that is how long it may be.

// forkPrefix comes behind a file's name and before a fork's.
const forkPrefix = "..namedfork/"

// forkMost bounds a fork before its file system is asked, in bytes.
const forkMost = 16 << 20

// namedFork gives the fork that rest names; ok is false if it names none.
func (v *Vnode) namedFork(rest string) (fork *Vnode, ok bool) {
	name, ok := strings.CutPrefix(rest, forkPrefix)
	if !ok || v.Type != VREG || v.isFork() {
		return nil, false
	}
	switch name {
	case "data":
		return v.Ref(), true
	case "rsrc":
		n := &forkNode{base: v.Ref()}
		n.v = NewVnode(v.Mount, VREG, n)
		return n.v, true
	}
	return nil, false
}

// isFork says whether v is a fork, which is no file of its own: it can't be linked, cloned or renamed.
func (v *Vnode) isFork() bool {
	_, is := v.Ops.(*forkNode)
	return is
}

// forkNode is a resource fork in use.
type forkNode struct {
	Unsupported
	base, v *Vnode
}

// forkMu is held while a fork is read and written again.
var forkMu sync.Mutex

// bytes is the fork; a file without has an empty one.
func (n *forkNode) bytes(ctx *sys.Context) ([]byte, abi.Errno) {
	b, e := n.base.Ops.Getxattr(ctx, resourceFork)
	if e == abi.ENOATTR || e == abi.ENOTSUP {
		return nil, 0
	}
	return b, e
}

// set replaces the fork: EFBIG where it is too long for the file system.
func (n *forkNode) set(ctx *sys.Context, b []byte) abi.Errno {
	e := n.base.Ops.Setxattr(ctx, resourceFork, b, 0)
	if e == abi.E2BIG {
		e = abi.EFBIG
	}
	return e
}

func (n *forkNode) Open(ctx *sys.Context, flags int) (*sys.OpenFile, abi.Errno) {
	mode := 0
	if flags&abi.FREAD != 0 {
		mode |= abi.R_OK
	}
	if flags&(abi.FWRITE|abi.O_TRUNC) != 0 {
		mode |= abi.W_OK
	}
	return nil, n.base.Ops.Access(ctx, mode)
}

func (n *forkNode) Close(*sys.Context, int) abi.Errno { return 0 }

func (n *forkNode) Read(ctx *sys.Context, u *sys.Uio, _ int) abi.Errno {
	b, e := n.bytes(ctx)
	if e == 0 && u.Offset < int64(len(b)) {
		u.CopyIn(b[u.Offset:])
	}
	return e
}

func (n *forkNode) Write(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	forkMu.Lock()
	defer forkMu.Unlock()
	b, e := n.bytes(ctx)
	if e != 0 {
		return e
	}
	if flags&abi.O_APPEND != 0 {
		u.Offset = int64(len(b))
	}
	if u.Offset > forkMost || u.Resid > forkMost-u.Offset {
		return abi.EFBIG
	}
	at, end := u.Offset, u.Offset+u.Resid
	next := make([]byte, max(int64(len(b)), end))
	copy(next, b)
	u.CopyOut(next[at:end])
	return n.set(ctx, next)
}

func (n *forkNode) SetAttr(ctx *sys.Context, a *SetAttr) abi.Errno {
	if a.Valid&AttrSize != 0 {
		if a.Size > forkMost {
			return abi.EFBIG
		}
		forkMu.Lock()
		b, e := n.bytes(ctx)
		if e == 0 && int64(len(b)) != a.Size {
			next := make([]byte, a.Size)
			copy(next, b)
			e = n.set(ctx, next)
		}
		forkMu.Unlock()
		if e != 0 {
			return e
		}
	}
	rest := *a
	if rest.Valid &^= AttrSize; rest.Valid == 0 {
		return 0
	}
	return n.base.Ops.SetAttr(ctx, &rest)
}

func (n *forkNode) GetAttr(ctx *sys.Context, st *abi.Stat) abi.Errno {
	if e := n.base.Ops.GetAttr(ctx, st); e != 0 {
		return e
	}
	b, e := n.bytes(ctx)
	st.Size, st.Blocks = int64(len(b)), int64(len(b)+511)/512
	return e
}

func (n *forkNode) Access(ctx *sys.Context, mode int) abi.Errno { return n.base.Ops.Access(ctx, mode) }

func (n *forkNode) Fsync(ctx *sys.Context, how SyncHow) abi.Errno { return n.base.Ops.Fsync(ctx, how) }

func (n *forkNode) Pathconf(ctx *sys.Context, name int) (int64, abi.Errno) {
	return n.base.Ops.Pathconf(ctx, name)
}

func (n *forkNode) Path(ctx *sys.Context) (string, abi.Errno) {
	p, e := n.base.Ops.Path(ctx)
	return p + "/" + forkPrefix + "rsrc", e
}

func (n *forkNode) Reclaim() { n.base.Unref() }

// finderInfo is the attribute com.apple.FinderInfo, or zeros.
func (v *Vnode) finderInfo(ctx *sys.Context) []byte {
	b, e := v.Ops.Getxattr(ctx, finderInfoName)
	if e != 0 || len(b) != finderInfoSize {
		return make([]byte, finderInfoSize)
	}
	return b
}

const (
	finderInfoName = "com.apple.FinderInfo"
	finderInfoSize = 32
)

// SetFinderInfo is setattrlist's ATTR_CMN_FNDRINFO: zeros remove it.
func SetFinderInfo(ctx *sys.Context, v *Vnode, b [finderInfoSize]byte) abi.Errno {
	if b == [finderInfoSize]byte{} {
		e := Removexattr(ctx, v, finderInfoName)
		if e == abi.ENOATTR {
			e = 0
		}
		return e
	}
	return Setxattr(ctx, v, finderInfoName, b[:], 0, 0)
}

// resourceForkSize is how many bytes a file's has.
func (v *Vnode) resourceForkSize(ctx *sys.Context) uint64 {
	b, _ := v.Ops.Getxattr(ctx, resourceFork)
	return uint64(len(b))
}
