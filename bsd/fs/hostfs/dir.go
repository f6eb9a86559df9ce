package hostfs

import (
	"bytes"
	"encoding/binary"
	"sync"

	"golang.org/x/sys/unix"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// Direct allows whole paths while the host checks permissions rightly.
func (n *node) Direct(ctx *sys.Context) bool { return n.fs.native(ctx) }

// Lookup finds one name.
func (n *node) Lookup(ctx *sys.Context, name string) (*vfs.Vnode, abi.Errno) {
	if e := n.check(ctx, abi.X_OK); e != 0 {
		return nil, e
	}
	return n.LookupPath(ctx, name)
}

// LookupPath finds a plain path.
func (n *node) LookupPath(ctx *sys.Context, rel string) (*vfs.Vnode, abi.Errno) {
	var fd int
	err := retry(func() (err error) {
		fd, err = openPlain(n.any(), rel, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		return err
	})
	if err != nil {
		return nil, sys.HostErrno(err)
	}
	return n.fs.vnode(fd, pathFd)
}

// Readlink reads a symbolic link.
func (n *node) Readlink(ctx *sys.Context) (string, abi.Errno) {
	var b [abi.MAXPATHLEN + 1]byte
	k, err := unix.Readlinkat(n.any(), "", b[:])
	if err != nil {
		return "", sys.HostErrno(err)
	}
	if k > abi.MAXPATHLEN {
		return "", abi.ENAMETOOLONG
	}
	return string(b[:k]), 0
}

// Mkdir makes a directory.
func (n *node) Mkdir(ctx *sys.Context, name string, mode uint16) abi.Errno {
	return n.made(ctx, name, func() error { return unix.Mkdirat(n.any(), name, uint32(mode)) })
}

// Symlink makes a symbolic link. The host has no empty ones: ENOENT.
func (n *node) Symlink(ctx *sys.Context, name, target string) abi.Errno {
	return n.made(ctx, name, func() error { return unix.Symlinkat(target, n.any(), name) })
}

// Mknod makes a FIFO or socket name, or a device node where the host allows it.
func (n *node) Mknod(ctx *sys.Context, name string, t vfs.VType, mode uint16, rdev int32) (*vfs.Vnode, abi.Errno) {
	dev := unix.Mkdev(uint32(rdev)>>24, uint32(rdev)&0xffffff)
	e := n.made(ctx, name, func() error {
		return unix.Mknodat(n.any(), name, uint32(t.Mode()|mode), int(dev))
	})
	if e != 0 {
		return nil, e
	}
	return n.LookupPath(ctx, name)
}

// made runs what makes a name, with our own permission check and the caller's ids
// where the host would not do it.
func (n *node) made(ctx *sys.Context, name string, make func() error) abi.Errno {
	if e := n.check(ctx, abi.W_OK|abi.X_OK); e != 0 {
		return e
	}
	if err := make(); err != nil {
		return sys.HostErrno(err)
	}
	if !n.fs.native(ctx) {
		unix.Fchownat(n.any(), name, int(ctx.Cred.UID), int(ctx.Cred.GID), unix.AT_SYMLINK_NOFOLLOW)
	}
	return 0
}

// Link makes name another name of vp.
func (n *node) Link(ctx *sys.Context, vp *vfs.Vnode, name string) abi.Errno {
	if e := n.check(ctx, abi.W_OK|abi.X_OK); e != 0 {
		return e
	}
	src, ok := vp.Ops.(*node)
	if !ok {
		return abi.EXDEV
	}
	// The descriptor's entry in /proc stands for the file itself, even if that is a
	// symbolic link.
	return sys.HostErrno(unix.Linkat(unix.AT_FDCWD, procFd(src.any()), n.any(), name, unix.AT_SYMLINK_FOLLOW))
}

// mayRemove is the check for Remove, Rmdir and Rename by other ids.
func (n *node) mayRemove(ctx *sys.Context, name string) abi.Errno {
	if n.fs.native(ctx) {
		return 0
	}
	var dst, st abi.Stat
	if e := n.GetAttr(ctx, &dst); e != 0 {
		return e
	}
	if e := n.StatPath(ctx, name, &st); e != 0 {
		return e
	}
	return vfs.AuthorizeRemove(ctx.Cred, &dst, &st)
}

// Remove removes what is no directory.
func (n *node) Remove(ctx *sys.Context, name string) abi.Errno {
	if e := n.mayRemove(ctx, name); e != 0 {
		return e
	}
	err := unix.Unlinkat(n.any(), name, 0)
	if err == unix.EISDIR {
		return abi.EPERM
	}
	return sys.HostErrno(err)
}

// Rmdir removes an empty directory.
func (n *node) Rmdir(ctx *sys.Context, name string) abi.Errno {
	if e := n.mayRemove(ctx, name); e != 0 {
		return e
	}
	return notEmpty(unix.Unlinkat(n.any(), name, unix.AT_REMOVEDIR))
}

// notEmpty translates an error where some host file systems say EEXIST for a
// directory that is not empty.
func notEmpty(err error) abi.Errno {
	if err == unix.EEXIST {
		return abi.ENOTEMPTY
	}
	return sys.HostErrno(err)
}

// Rename renames; EINVAL if the host's file system can't swap.
func (n *node) Rename(ctx *sys.Context, name string, tdvp *vfs.Vnode, tname string, flags uint32) abi.Errno {
	to := tdvp.Ops.(*node)
	if e := n.mayRemove(ctx, name); e != 0 {
		return e
	}
	if e := to.mayRemove(ctx, tname); e == abi.ENOENT {
		if e := to.check(ctx, abi.W_OK|abi.X_OK); e != 0 {
			return e
		}
	} else if e != 0 {
		return e
	}
	var how uint
	switch flags {
	case abi.RENAME_SWAP:
		how = unix.RENAME_EXCHANGE
	case abi.RENAME_EXCL:
		how = unix.RENAME_NOREPLACE
	}
	err := retry(func() error { return unix.Renameat2(n.any(), name, to.any(), tname, how) })
	if err == unix.EEXIST && flags == 0 {
		return abi.ENOTEMPTY
	}
	return sys.HostErrno(err)
}

var dirBufs = sync.Pool{New: func() any { return new([8192]byte) }}

// Readdir passes on the host's entries and positions.
func (n *node) Readdir(ctx *sys.Context, off int64, emit func(*abi.Dirent) bool) abi.Errno {
	fd := int(n.rd.Load())
	if fd < 0 {
		if e := n.check(ctx, abi.R_OK); e != 0 {
			return e
		}
		tmp, err := unix.Open(procFd(n.any()), unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			return sys.HostErrno(err)
		}
		defer unix.Close(tmp)
		fd = tmp
	}
	n.dirMu.Lock()
	defer n.dirMu.Unlock()
	if _, err := unix.Seek(fd, off, unix.SEEK_SET); err != nil {
		var st unix.Stat_t
		if unix.Fstat(fd, &st) == nil && st.Nlink == 0 {
			return 0 // a removed directory may have no such place any more
		}
		return sys.HostErrno(err)
	}
	buf := dirBufs.Get().(*[8192]byte)
	defer dirBufs.Put(buf)
	for {
		var k int
		err := retry(func() (err error) {
			k, err = unix.Getdents(fd, buf[:])
			return err
		})
		if err == unix.ENOENT {
			return 0 // a removed directory is empty
		}
		if err != nil || k == 0 {
			return sys.HostErrno(err)
		}
		for b := buf[:k]; len(b) > 19; {
			size := int(binary.LittleEndian.Uint16(b[16:]))
			name := b[19:size]
			name = name[:bytes.IndexByte(name, 0)]
			d := abi.Dirent{
				Ino:  binary.LittleEndian.Uint64(b),
				Off:  int64(binary.LittleEndian.Uint64(b[8:])),
				Type: b[18],
				Name: string(name),
			}
			if !emit(&d) {
				return 0
			}
			b = b[size:]
		}
	}
}
