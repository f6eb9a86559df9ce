package devfs

import (
	"strconv"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// Fdesc is the caller's descriptor table, as /dev/fd needs it.
type Fdesc interface {
	// Get gives a descriptor's open file, with a reference; EBADF.
	Get(fd int) (*sys.OpenFile, abi.Errno)
	// List gives the descriptors in use, in ascending order.
	List() []int
}

// SetFdesc tells how to find the table of a caller; nil for none.
func (fs *FS) SetFdesc(of func(ctx *sys.Context) Fdesc) { fs.fdesc.of = of }

// fdesc is the directory /dev/fd.
type fdesc struct {
	vfs.Unsupported
	fs *FS
	v  *vfs.Vnode
	of func(ctx *sys.Context) Fdesc
}

func newFdesc(fs *FS) *fdesc {
	d := &fdesc{fs: fs}
	d.v = vfs.NewVnode(nil, vfs.VDIR, d)
	return d
}

func (d *fdesc) caller(ctx *sys.Context) Fdesc {
	if ctx == nil || d.of == nil {
		return nil
	}
	return d.of(ctx)
}

// Lookup finds a descriptor's node, which is made for the caller.
func (d *fdesc) Lookup(ctx *sys.Context, name string) (*vfs.Vnode, abi.Errno) {
	if name == ".." {
		return d.v.Mount.Root.Ref(), 0
	}
	fd, err := strconv.Atoi(name)
	t := d.caller(ctx)
	if err != nil || fd < 0 || t == nil || strconv.Itoa(fd) != name {
		return nil, abi.ENOENT
	}
	of, e := t.Get(fd)
	if e != 0 {
		return nil, e
	}
	n := &fdNode{of: of, fd: fd}
	var st abi.Stat
	kind := vfs.VCHR
	if of.Ops.Stat(ctx, &st) == 0 {
		if k := vfs.TypeOf(st.Mode); k == vfs.VREG || k == vfs.VDIR || k == vfs.VFIFO {
			kind = k
		}
	}
	n.ctx = *ctx
	n.v = vfs.NewVnode(d.v.Mount, kind, n)
	return n.v, 0
}

func (d *fdesc) GetAttr(ctx *sys.Context, st *abi.Stat) abi.Errno {
	*st = abi.Stat{Mode: abi.S_IFDIR | 0o555, Nlink: 2, Ino: 1 << 32, Dev: d.v.Mount.Dev(), Size: 64, Blksize: 4096}
	return 0
}

func (d *fdesc) Access(ctx *sys.Context, mode int) abi.Errno {
	if mode&abi.W_OK != 0 {
		return abi.EACCES
	}
	return 0
}

func (d *fdesc) Path(*sys.Context) (string, abi.Errno) { return "fd", 0 }

func (d *fdesc) Readdir(ctx *sys.Context, off int64, emit func(*abi.Dirent) bool) abi.Errno {
	for i, name := range [...]string{".", ".."} {
		if off <= int64(i) && !emit(&abi.Dirent{Ino: 1 << 32, Off: int64(i) + 1, Type: abi.DT_DIR, Name: name}) {
			return 0
		}
	}
	t := d.caller(ctx)
	if t == nil {
		return 0
	}
	for _, fd := range t.List() {
		if at := int64(fd) + 2; off <= at && !emit(&abi.Dirent{Ino: 1<<32 + 1 + uint64(fd), Off: at + 1, Type: abi.DT_UNKNOWN, Name: strconv.Itoa(fd)}) {
			break
		}
	}
	return 0
}

// fdNode is /dev/fd/N for one lookup.
type fdNode struct {
	vfs.Unsupported
	v   *vfs.Vnode
	of  *sys.OpenFile
	fd  int
	ctx sys.Context
}

// Open is dup: the modes asked for must be among those of the descriptor.
func (n *fdNode) Open(ctx *sys.Context, flags int) (*sys.OpenFile, abi.Errno) {
	if want := flags & (abi.FREAD | abi.FWRITE); n.of.Flags()&want != want {
		return nil, abi.EACCES
	}
	return n.of.Ref(), 0
}

func (n *fdNode) GetAttr(ctx *sys.Context, st *abi.Stat) abi.Errno { return n.of.Ops.Stat(ctx, st) }

func (n *fdNode) Access(ctx *sys.Context, mode int) abi.Errno {
	if mode&abi.R_OK != 0 && n.of.Flags()&abi.FREAD == 0 || mode&abi.W_OK != 0 && n.of.Flags()&abi.FWRITE == 0 {
		return abi.EACCES
	}
	return 0
}

func (n *fdNode) Path(*sys.Context) (string, abi.Errno) { return "fd/" + strconv.Itoa(n.fd), 0 }

// Reclaim drops the file of a node that is used no more.
func (n *fdNode) Reclaim() { n.of.Unref(&n.ctx) }
