package hostfs

import (
	"strings"

	"golang.org/x/sys/unix"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// maxIov is how many segments one host call takes.
const maxIov = 1024

// segments are the next segments of u.
func segments(u *sys.Uio) [][]byte {
	u.Next()
	return u.Iov[:min(len(u.Iov), maxIov)]
}

func total(iov [][]byte) (n int) {
	for _, b := range iov {
		n += len(b)
	}
	return n
}

// Read reads straight into the segments.
func (n *node) Read(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	fd := int(n.rd.Load())
	if fd < 0 {
		return abi.EBADF
	}
	for moved := false; u.Resid > 0; moved = true {
		iov := segments(u)
		var k int
		err := retry(func() (err error) {
			if len(iov) == 1 {
				k, err = unix.Pread(fd, iov[0], u.Offset)
			} else {
				k, err = unix.Preadv(fd, iov, u.Offset)
			}
			return err
		})
		if err != nil {
			if moved {
				return 0
			}
			return sys.HostErrno(err)
		}
		want := total(iov)
		u.Advance(k)
		if k < want {
			break
		}
	}
	return 0
}

// Write writes straight from the segments.
func (n *node) Write(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	fd := int(n.wr.Load())
	if fd < 0 {
		return abi.EBADF
	}
	how := 0
	switch {
	case flags&abi.O_SYNC != 0:
		how = unix.RWF_SYNC
	case flags&abi.O_DSYNC != 0:
		how = unix.RWF_DSYNC
	}
	if flags&abi.O_APPEND != 0 {
		how |= unix.RWF_APPEND
	}
	for moved := false; u.Resid > 0; moved = true {
		iov := segments(u)
		var k int
		err := retry(func() (err error) {
			switch {
			case how != 0:
				k, err = unix.Pwritev2(fd, iov, max(u.Offset, 0), how)
			case len(iov) == 1:
				k, err = unix.Pwrite(fd, iov[0], u.Offset)
			default:
				k, err = unix.Pwritev(fd, iov, u.Offset)
			}
			return err
		})
		if err != nil {
			if moved {
				return 0
			}
			return sys.HostErrno(err)
		}
		if flags&abi.O_APPEND != 0 {
			var st unix.Stat_t
			if err := unix.Fstat(fd, &st); err == nil {
				u.Offset = st.Size - int64(k)
			}
		}
		want := total(iov)
		u.Advance(k)
		if k < want {
			break
		}
	}
	return 0
}

// withFd runs call on a descriptor good for I/O, a temporary one if need be.
func (n *node) withFd(write bool, call func(fd int) error) abi.Errno {
	fd := n.wr.Load()
	if !write && n.rd.Load() >= 0 {
		fd = n.rd.Load()
	}
	if fd < 0 {
		how := unix.O_RDONLY
		if write {
			how = unix.O_WRONLY
		}
		tmp, err := unix.Open(procFd(n.any()), how|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
		if err != nil {
			return sys.HostErrno(err)
		}
		defer unix.Close(tmp)
		fd = int32(tmp)
	}
	return sys.HostErrno(retry(func() error { return call(int(fd)) }))
}

// Fsync syncs. The host's fsync goes to the medium as F_FULLFSYNC does.
func (n *node) Fsync(ctx *sys.Context, how vfs.SyncHow) abi.Errno {
	if n.v.Type != vfs.VREG && n.v.Type != vfs.VDIR {
		return 0
	}
	return n.withFd(false, func(fd int) error {
		var err error
		if how == vfs.SyncData || how == vfs.SyncBarrier {
			err = unix.Fdatasync(fd)
		} else {
			err = unix.Fsync(fd)
		}
		if err == unix.EINVAL || err == unix.EROFS {
			err = nil // a file system without anything to sync
		}
		return err
	})
}

// Seek finds holes and data; Darwin's numbers for the two are the other way round.
func (n *node) Seek(ctx *sys.Context, off int64, whence int) (to int64, e abi.Errno) {
	host := unix.SEEK_HOLE
	if whence == abi.SEEK_DATA {
		host = unix.SEEK_DATA
	}
	e = n.withFd(false, func(fd int) (err error) {
		to, err = unix.Seek(fd, off, host)
		return err
	})
	return to, e
}

// Allocate reserves space behind or within the file.
func (n *node) Allocate(ctx *sys.Context, off, size int64) abi.Errno {
	return n.withFd(true, func(fd int) error {
		return unix.Fallocate(fd, unix.FALLOC_FL_KEEP_SIZE, off, size)
	})
}

// PunchHole gives space back.
func (n *node) PunchHole(ctx *sys.Context, off, size int64) abi.Errno {
	return n.withFd(true, func(fd int) error {
		return unix.Fallocate(fd, unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, off, size)
	})
}

// Advise starts reading ahead.
func (n *node) Advise(ctx *sys.Context, off, size int64) abi.Errno {
	return n.withFd(false, func(fd int) error {
		return unix.Fadvise(fd, off, size, unix.FADV_WILLNEED)
	})
}

// Path asks the host where the file is now.
func (n *node) Path(ctx *sys.Context) (string, abi.Errno) {
	var b [4096]byte
	k, err := unix.Readlink(procFd(n.any()), b[:])
	if err != nil {
		return "", sys.HostErrno(err)
	}
	if k == len(b) {
		return "", abi.ENAMETOOLONG
	}
	path := string(b[:k])
	if strings.HasSuffix(path, " (deleted)") {
		var here, there unix.Stat_t
		if unix.Fstat(n.any(), &here) != nil || unix.Lstat(path, &there) != nil ||
			here.Dev != there.Dev || here.Ino != there.Ino {
			return "", abi.ENOENT
		}
	}
	rel, ok := strings.CutPrefix(path, n.fs.base)
	if !ok || rel != "" && rel[0] != '/' {
		return "", abi.ENOENT
	}
	return strings.TrimPrefix(rel, "/"), 0
}
