package hostfs

import (
	"os"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// FS is the file system. It holds one descriptor, of its root.
type FS struct {
	base   string // the host's absolute path of the root, "" for "/"
	mount  *vfs.Mount
	table  vfs.Table
	root   *vfs.Vnode
	uid    uint32
	gid    uint32
	groups []uint32
	links  linkAttrs
}

// New makes a file system of the host directory base. It sets the umask of the
// process to 0.
func New(base string) (*FS, abi.Errno) {
	fd, err := unix.Open(base, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, sys.HostErrno(err)
	}
	real, err := os.Readlink(procFd(fd))
	unix.Close(fd)
	if err != nil {
		return nil, sys.HostErrno(err)
	}
	if real == "/" {
		real = ""
	}
	clearUmask()
	fs := &FS{base: real, uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}
	groups, _ := os.Getgroups()
	for _, g := range groups {
		fs.groups = append(fs.groups, uint32(g))
	}
	return fs, 0
}

// clearUmask sets the process's umask to 0 and remembers what it was.
var clearUmask = sync.OnceFunc(func() { hostUmask = uint32(unix.Umask(0)) })

var hostUmask uint32

// HostUmask is the umask that the process was started with: the first guest's.
func HostUmask() uint32 {
	clearUmask()
	return hostUmask
}

// Root opens the root directory.
func (fs *FS) Root(m *vfs.Mount) (*vfs.Vnode, abi.Errno) {
	path := fs.base
	if path == "" {
		path = "/"
	}
	fd, err := unix.Open(path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, sys.HostErrno(err)
	}
	fs.mount = m
	v, e := fs.vnode(fd, pathFd)
	if e != 0 {
		return nil, e
	}
	fs.root = v
	// Darwin's programs find a file's mount by comparing st_dev with the fsid.
	var st abi.Stat
	if e := v.Ops.GetAttr(nil, &st); e == 0 {
		m.Fsid[0] = st.Dev
	}
	return v, 0
}

// Live is the number of live vnodes, for tests and tools.
func (fs *FS) Live() int { return fs.table.Len() }

// Statfs asks the host.
func (fs *FS) Statfs(ctx *sys.Context, sf *abi.Statfs) abi.Errno {
	var h unix.Statfs_t
	n := fs.root.Ops.(*node)
	if err := retry(func() error { return unix.Fstatfs(n.any(), &h) }); err != nil {
		return sys.HostErrno(err)
	}
	sf.Bsize, sf.Iosize = h.Bsize, 1<<20
	sf.Blocks, sf.Bfree, sf.Bavail = h.Blocks, h.Bfree, h.Bavail
	sf.Files, sf.Ffree = h.Files, h.Ffree
	sf.Owner = fs.uid
	sf.Type = 0x1a // what Darwin gives for apfs
	return 0
}

// Sync is sync for the root's file system.
func (fs *FS) Sync(ctx *sys.Context) abi.Errno {
	unix.Sync()
	return 0
}

// Unmount gives the root back: EBUSY if other vnodes are live.
func (fs *FS) Unmount(ctx *sys.Context, force bool) abi.Errno {
	if fs.table.Len() > 1 && !force {
		return abi.EBUSY
	}
	fs.root.Unref()
	return 0
}

// native says whether the host's permission checks are the right ones for the
// caller.
func (fs *FS) native(ctx *sys.Context) bool {
	if ctx == nil || ctx.Cred == nil {
		return true
	}
	c := ctx.Cred
	if c.UID != fs.uid {
		return false
	}
	if fs.uid == 0 {
		return true // root may do all, in every group
	}
	if c.GID != fs.gid && !slices.Contains(fs.groups, c.GID) {
		return false
	}
	return true
}

// retry repeats a host call that a signal to the kernel's process interrupted.
func retry(call func() error) error {
	for {
		if err := call(); err != unix.EINTR {
			return err
		}
	}
}

func procFd(fd int) string {
	var b [32]byte
	s := append(b[:0], "/proc/self/fd/"...)
	return string(appendInt(s, fd))
}

func appendInt(b []byte, n int) []byte {
	if n >= 10 {
		b = appendInt(b, n/10)
	}
	return append(b, byte('0'+n%10))
}
