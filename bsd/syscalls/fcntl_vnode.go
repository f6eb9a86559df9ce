package syscalls

import (
	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/mach/sched"
)

// fcntlVnode are the commands of fcntl that only vnodes know.
var fcntlVnode = map[int]func(c *Call, f *sys.OpenFile, v *vfs.Vnode) abi.Errno{
	abi.F_GETLK:              lockCmd,
	abi.F_SETLK:              lockCmd,
	abi.F_SETLKW:             lockCmd,
	abi.F_SETLKWTIMEOUT:      lockCmd,
	abi.F_GETLKPID:           lockCmd,
	abi.F_OFD_SETLK:          lockCmd,
	abi.F_OFD_SETLKW:         lockCmd,
	abi.F_OFD_GETLK:          lockCmd,
	abi.F_GETPATH:            getPath,
	abi.F_GETPATH_NOFIRMLINK: getPath,
	abi.F_FULLFSYNC:          syncCmd(vfs.SyncFull),
	abi.F_BARRIERFSYNC:       syncCmd(vfs.SyncBarrier),
	abi.F_FLUSH_DATA:         syncCmd(vfs.SyncData),
	abi.F_RDAHEAD:            hint,
	abi.F_NOCACHE:            hint,
	abi.F_GLOBAL_NOCACHE:     hint,
	abi.F_NODIRECT:           hint,
	abi.F_SINGLE_WRITER:      hint,
	abi.F_CHKCLEAN:           func(*Call, *sys.OpenFile, *vfs.Vnode) abi.Errno { return abi.ENOTTY },
	abi.F_LOG2PHYS:           func(*Call, *sys.OpenFile, *vfs.Vnode) abi.Errno { return abi.ENOTSUP },
	abi.F_LOG2PHYS_EXT:       func(*Call, *sys.OpenFile, *vfs.Vnode) abi.Errno { return abi.ENOTSUP },
	abi.F_PREALLOCATE:        preallocate,
	abi.F_PUNCHHOLE:          punchhole,
	abi.F_RDADVISE:           rdadvise,
	abi.F_SETSIZE:            func(*Call, *sys.OpenFile, *vfs.Vnode) abi.Errno { return abi.EPERM },
}

// hint is for advice that changes nothing here: the host caches as it likes.
func hint(*Call, *sys.OpenFile, *vfs.Vnode) abi.Errno { return 0 }

func syncCmd(how vfs.SyncHow) func(*Call, *sys.OpenFile, *vfs.Vnode) abi.Errno {
	return func(c *Call, _ *sys.OpenFile, v *vfs.Vnode) abi.Errno { return vfs.Fsync(c.Ctx(), v, how) }
}

func getPath(c *Call, _ *sys.OpenFile, v *vfs.Vnode) abi.Errno {
	p, e := c.P.NS.GetPath(c.Ctx(), v)
	if e != 0 {
		return e
	}
	return c.CopyOut(c.Addr(2), append([]byte(p), 0))
}

// lockCmd: a struct flock has start, length, pid, type and whence (24 bytes);
// F_SETLKWTIMEOUT's has a struct timespec behind it.
func lockCmd(c *Call, f *sys.OpenFile, _ *vfs.Vnode) abi.Errno {
	var b [40]byte
	n, until := 24, sched.Forever
	cmd := c.Int(1)
	if cmd == abi.F_SETLKWTIMEOUT {
		n = 40
	}
	if e := c.CopyIn(b[:n], c.Addr(2)); e != 0 {
		return e
	}
	fl := abi.Flock{Start: int64(le.Uint64(b[0:])), Len: int64(le.Uint64(b[8:])), PID: int32(le.Uint32(b[16:])),
		Type: int16(le.Uint16(b[20:])), Whence: int16(le.Uint16(b[22:]))}
	if n == 40 {
		d, e := timespec(b[24:40])
		if e != 0 {
			return e
		}
		until = deadlineNs(d)
	}
	if e := vfs.RecordLock(c.Ctx(), f, c.P, cmd, &fl, until); e != 0 {
		return e
	}
	if cmd != abi.F_GETLK && cmd != abi.F_OFD_GETLK && cmd != abi.F_GETLKPID {
		return 0
	}
	le.PutUint64(b[0:], uint64(fl.Start))
	le.PutUint64(b[8:], uint64(fl.Len))
	le.PutUint32(b[16:], uint32(fl.PID))
	le.PutUint16(b[20:], uint16(fl.Type))
	le.PutUint16(b[22:], uint16(fl.Whence))
	return c.CopyOut(c.Addr(2), b[:24])
}

// preallocate: fstore_t is flags, position mode, offset, length, and how much
// was allocated (32 bytes).
func preallocate(c *Call, f *sys.OpenFile, _ *vfs.Vnode) abi.Errno {
	var b [32]byte
	if e := c.CopyIn(b[:], c.Addr(2)); e != 0 {
		return e
	}
	n, e := vfs.Preallocate(c.Ctx(), f, le.Uint32(b[0:]), int32(le.Uint32(b[4:])), int64(le.Uint64(b[8:])), int64(le.Uint64(b[16:])))
	if e != 0 {
		return e
	}
	return c.PutU64(c.Addr(2)+24, uint64(n))
}

// punchhole: fpunchhole_t is flags, reserved, offset, length (24 bytes).
func punchhole(c *Call, f *sys.OpenFile, _ *vfs.Vnode) abi.Errno {
	var b [24]byte
	if e := c.CopyIn(b[:], c.Addr(2)); e != 0 {
		return e
	}
	if le.Uint64(b[0:]) != 0 {
		return abi.EINVAL
	}
	return vfs.PunchHole(c.Ctx(), f, int64(le.Uint64(b[8:])), int64(le.Uint64(b[16:])))
}

// rdadvise: struct radvisory is offset and count (16 bytes with padding).
func rdadvise(c *Call, f *sys.OpenFile, _ *vfs.Vnode) abi.Errno {
	var b [12]byte
	if e := c.CopyIn(b[:], c.Addr(2)); e != 0 {
		return e
	}
	return vfs.ReadAdvise(c.Ctx(), f, int64(le.Uint64(b[0:])), int32(le.Uint32(b[8:])))
}
