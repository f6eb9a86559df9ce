package hostfs

import (
	"golang.org/x/sys/unix"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// maxCopy is how many bytes of data, holes not counted, a clone may have where the host
// can't share them: nothing can interrupt the copy. Only tests change it.
var maxCopy int64 = 1 << 30

// Clone makes a file of the same data, mode, times and extended attributes. The host
// shares the data if it can; otherwise they are copied, up to maxCopy (ENOTSUP).
func (n *node) Clone(ctx *sys.Context, srcv *vfs.Vnode, name string, flags uint32) abi.Errno {
	src, ok := srcv.Ops.(*node)
	if !ok {
		return abi.EXDEV
	}
	if srcv.Type == vfs.VLNK {
		target, e := src.Readlink(ctx)
		if e != 0 {
			return e
		}
		return n.Symlink(ctx, name, target)
	}
	if e := src.check(ctx, abi.R_OK); e != 0 {
		return e
	}
	from, err := unix.Open(procFd(src.any()), unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return sys.HostErrno(err)
	}
	defer unix.Close(from)
	v, e := n.Create(ctx, name, 0o600)
	if e != 0 {
		return e
	}
	defer v.Unref()
	to := int(v.Ops.(*node).wr.Load())
	if e := cloneInto(to, from); e != 0 {
		unix.Unlinkat(n.any(), name, 0)
		return e
	}
	return 0
}

func cloneInto(to, from int) abi.Errno {
	var st unix.Stat_t
	if err := unix.Fstat(from, &st); err != nil {
		return sys.HostErrno(err)
	}
	switch err := unix.IoctlFileClone(to, from); err {
	case nil:
	case unix.ENOTTY, unix.EINVAL, unix.EXDEV, unix.ENOSYS, unix.EOPNOTSUPP:
		if st.Blocks > maxCopy/512 {
			return abi.ENOTSUP
		}
		switch err := copyData(to, from, st.Size); err {
		case nil:
		case unix.EOPNOTSUPP:
			return abi.ENOTSUP
		default:
			return sys.HostErrno(err)
		}
	default:
		return sys.HostErrno(err)
	}
	if e := copyXattrs(to, from); e != 0 {
		return e
	}
	if err := unix.Fchmod(to, st.Mode&0o777); err != nil {
		return sys.HostErrno(err)
	}
	return sys.HostErrno(unix.UtimesNanoAt(unix.AT_FDCWD, procFd(to), []unix.Timespec{st.Atim, st.Mtim}, 0))
}

// copyData copies size bytes, holes as holes. A file that gets shorter meanwhile is copied
// as far as it goes. EOPNOTSUPP for more than maxCopy, if it has grown.
func copyData(to, from int, size int64) error {
	if err := unix.Ftruncate(to, size); err != nil {
		return err
	}
	left := maxCopy // whatever others do to the file
	for off := int64(0); off < size; {
		start, err := unix.Seek(from, off, unix.SEEK_DATA)
		if err == unix.ENXIO {
			return nil // holes up to the end
		}
		if err != nil {
			return err
		}
		if start < size && left <= 0 {
			return unix.EOPNOTSUPP // never zeros in the place of data
		}
		end, err := unix.Seek(from, start, unix.SEEK_HOLE)
		if err != nil {
			return err
		}
		for off = start; off < min(end, size) && left > 0; {
			in, out := off, off
			n, err := unix.CopyFileRange(from, &in, to, &out, int(min(end-off, left)), 0)
			if err == unix.EINTR {
				continue
			}
			if err != nil {
				return err
			}
			if n == 0 {
				return nil
			}
			off += int64(n)
			left -= int64(n)
		}
	}
	return nil
}

// copyXattrs copies the attributes that guests know. A host without any has none.
func copyXattrs(to, from int) abi.Errno {
	list := make([]byte, 65536) // the most that there can be
	k, err := unix.Flistxattr(from, list)
	if err != nil {
		return 0
	}
	for _, name := range guestXattrs(list[:k]) {
		value := make([]byte, 65536)
		m, err := unix.Fgetxattr(from, xattrPrefix+name, value)
		if err == unix.ENODATA {
			continue // gone meanwhile
		}
		if err == nil {
			err = unix.Fsetxattr(to, xattrPrefix+name, value[:m], 0)
		}
		if err != nil {
			return xattrErrno(err)
		}
	}
	return 0
}
