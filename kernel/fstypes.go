package kernel

import (
	"encoding/binary"
	"sync/atomic"

	"puggle/abi"
	"puggle/bsd/fs/nullfs"
	"puggle/bsd/fs/ramfs"
	"puggle/bsd/kern"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/mach/vm"
)

// Bounds on file systems in memory that mount(2) makes.
const (
	memoryFSSize = 64 << 20 // bytes of data in each
	memoryFSMost = 16
)

// memoryFS is a ramfs that is counted while it is mounted.
type memoryFS struct {
	*ramfs.FS
	count *atomic.Int64
}

func (m memoryFS) Root(mt *vfs.Mount) (*vfs.Vnode, abi.Errno) {
	v, e := m.FS.Root(mt)
	if e == 0 {
		m.count.Add(1)
	}
	return v, e
}

func (m memoryFS) Unmount(ctx *sys.Context, force bool) abi.Errno {
	e := m.FS.Unmount(ctx, force)
	if e == 0 {
		m.count.Add(-1)
	}
	return e
}

// addFSTypes enters the types that mount(2) knows by itself. The volumes of hfs and ufs are in memory:
// names are those of the type (hfs keeps their case and does not tell them by it), the disk's format is not.
func (s *System) addFSTypes(t *vfs.Tree) abi.Errno {
	count := new(atomic.Int64)
	for name, make := range map[string]func(int64) *ramfs.FS{"tmpfs": ramfs.New, "ufs": ramfs.New, "hfs": ramfs.NewFolding} {
		e := t.AddType(&vfs.FSType{Name: name, New: func(*sys.Context, uint64, uint32) (vfs.FS, abi.Errno) {
			if count.Load() >= memoryFSMost {
				return nil, abi.ENOMEM
			}
			return memoryFS{make(memoryFSSize), count}, 0
		}})
		if e != 0 {
			return e
		}
	}
	return t.AddType(&vfs.FSType{Name: "nullfs", New: newNull})
}

// newNull makes a null layer: data is the address of the address of the path of the directory below.
func newNull(ctx *sys.Context, data uint64, _ uint32) (vfs.FS, abi.Errno) {
	p, _ := ctx.Proc.(*kern.Proc)
	if p == nil || p.Map() == nil {
		return nil, abi.EINVAL
	}
	var b [8]byte
	if e := p.CopyIn(b[:], data); e != 0 {
		return nil, e
	}
	path, kr := p.Map().CopyInString(vm.Addr(binary.LittleEndian.Uint64(b[:])), abi.MAXPATHLEN)
	switch kr {
	case 0:
	case abi.KERN_NO_SPACE:
		return nil, abi.ENAMETOOLONG
	default:
		return nil, abi.EFAULT
	}
	v, e := vfs.Lookup(ctx, p.NS, nil, path, true)
	if e != 0 {
		return nil, e
	}
	if !v.IsDir() {
		v.Unref()
		return nil, abi.ENOTDIR
	}
	fs, e := nullfs.New(v)
	if e != 0 {
		v.Unref()
		return nil, e
	}
	return fs, 0
}
