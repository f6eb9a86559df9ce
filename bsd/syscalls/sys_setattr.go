package syscalls

import (
	"puggle/abi"
	"puggle/bsd/vfs"
	"puggle/machine"
)

// apply sets attributes of the file at path argument i.
func (c *Call) apply(i int, follow bool, a *vfs.SetAttr) abi.Errno {
	p, e := c.Path(i)
	if e != 0 {
		return e
	}
	return vfs.ApplyPath(c.Ctx(), c.P.NS, nil, p, follow, a)
}

// applyAt is apply below the directory of descriptor 0, path argument 1.
func (c *Call) applyAt(flag int, a *vfs.SetAttr) abi.Errno {
	if flag&^(abi.AT_SYMLINK_NOFOLLOW|abi.AT_SYMLINK_NOFOLLOW_ANY) != 0 {
		return abi.EINVAL
	}
	dir, p, done, e := c.dirPath(0, 1)
	if e != 0 {
		return e
	}
	defer done()
	return vfs.ApplyPath(c.Ctx(), c.P.NS, dir, p, flag == 0, a)
}

// applyFd is apply on descriptor 0.
func (c *Call) applyFd(a *vfs.SetAttr) abi.Errno {
	f, v, e := c.vnode(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	return vfs.Apply(c.Ctx(), v, a)
}

func mode(v uint64) *vfs.SetAttr {
	return &vfs.SetAttr{Valid: vfs.AttrMode, Mode: uint16(v) & 0o7777}
}

func flags(v uint64) *vfs.SetAttr { return &vfs.SetAttr{Valid: vfs.AttrFlags, Flags: uint32(v)} }

func sysChmod(c *Call) abi.Errno    { return c.apply(0, true, mode(c.Arg[1])) }
func sysFchmod(c *Call) abi.Errno   { return c.applyFd(mode(c.Arg[1])) }
func sysFchmodat(c *Call) abi.Errno { return c.applyAt(c.Int(3), mode(c.Arg[2])) }

func sysChown(c *Call) abi.Errno    { return c.apply(0, true, vfs.Chown(c.Uint(1), c.Uint(2))) }
func sysLchown(c *Call) abi.Errno   { return c.apply(0, false, vfs.Chown(c.Uint(1), c.Uint(2))) }
func sysFchown(c *Call) abi.Errno   { return c.applyFd(vfs.Chown(c.Uint(1), c.Uint(2))) }
func sysFchownat(c *Call) abi.Errno { return c.applyAt(c.Int(4), vfs.Chown(c.Uint(2), c.Uint(3))) }

func sysChflags(c *Call) abi.Errno  { return c.apply(0, true, flags(c.Arg[1])) }
func sysFchflags(c *Call) abi.Errno { return c.applyFd(flags(c.Arg[1])) }

func sysTruncate(c *Call) abi.Errno {
	if c.Long(1) < 0 {
		return abi.EINVAL
	}
	return c.sized(c.apply(0, true, &vfs.SetAttr{Valid: vfs.AttrSize, Size: c.Long(1)}))
}

func sysFtruncate(c *Call) abi.Errno {
	if c.Long(1) < 0 {
		return abi.EINVAL
	}
	f, e := c.File(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	if f.Flags()&abi.FWRITE == 0 {
		return abi.EINVAL
	}
	v := vfs.VnodeOf(f)
	if v == nil {
		if t, ok := f.Ops.(interface{ Truncate(int64) abi.Errno }); ok {
			return t.Truncate(c.Long(1)) // shared memory
		}
		return abi.EINVAL
	}
	return c.sized(vfs.Apply(c.Ctx(), v, &vfs.SetAttr{Valid: vfs.AttrSize, Size: c.Long(1)}))
}

// sized posts the signal that goes with a file that would grow too large.
func (c *Call) sized(e abi.Errno) abi.Errno {
	if e == abi.EFBIG {
		c.U.Fault(abi.SIGXFSZ)
	}
	return e
}

// times reads two struct timeval; nil at address 0.
func (c *Call) times(a machine.Addr) (*vfs.SetAttr, abi.Errno) {
	if a == 0 {
		return vfs.Utimes(nil)
	}
	var b [32]byte
	if e := c.CopyIn(b[:], a); e != 0 {
		return nil, e
	}
	var t [2]abi.Timespec
	for i := range t {
		t[i].Sec = int64(le.Uint64(b[16*i:]))
		us := int32(le.Uint32(b[16*i+8:]))
		if us < 0 || us >= 1e6 {
			return nil, abi.EINVAL
		}
		t[i].Nsec = int64(us) * 1000
	}
	return vfs.Utimes(&t)
}

func sysUtimes(c *Call) abi.Errno {
	a, e := c.times(c.Addr(1))
	if e != 0 {
		return e
	}
	return c.apply(0, true, a)
}

func sysFutimes(c *Call) abi.Errno {
	a, e := c.times(c.Addr(1))
	if e != 0 {
		return e
	}
	return c.applyFd(a)
}
