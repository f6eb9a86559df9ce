package syscalls

import (
	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/sys"
)

// The calls of POSIX named semaphores and shared memory. A semaphore's address
// is the number of its descriptor.

func (c *Call) openPosix(f *sys.OpenFile, e abi.Errno, cloexec bool) abi.Errno {
	if e != 0 {
		return e
	}
	fd, e := c.NewFd(f, cloexec)
	c.Ret[0] = uint64(fd)
	return e
}

func sysShmOpen(c *Call) abi.Errno {
	name, e := c.String(c.Addr(0), kern.PosixNameMax+2)
	if e != 0 {
		return e
	}
	f, e := c.K.Sys.ShmOpen(c.Ctx(), name, c.Int(1), uint16(c.Arg[2]))
	return c.openPosix(f, e, true)
}

func sysShmUnlink(c *Call) abi.Errno {
	name, e := c.String(c.Addr(0), kern.PosixNameMax+2)
	if e != 0 {
		return e
	}
	return c.K.Sys.ShmUnlink(c.Ctx(), name)
}

func sysSemOpen(c *Call) abi.Errno {
	name, e := c.String(c.Addr(0), kern.PosixNameMax+2)
	if e != 0 {
		return e
	}
	f, e := c.K.Sys.SemOpen(c.Ctx(), name, c.Int(1), uint16(c.Arg[2]), c.Uint(3))
	return c.openPosix(f, e, true)
}

func sysSemUnlink(c *Call) abi.Errno {
	name, e := c.String(c.Addr(0), kern.PosixNameMax+2)
	if e != 0 {
		return e
	}
	return c.K.Sys.SemUnlink(c.Ctx(), name)
}

// sem gives the open file of a semaphore's address.
func (c *Call) sem() (*sys.OpenFile, abi.Errno) {
	if c.Arg[0] > kern.OpenMax {
		return nil, abi.EBADF
	}
	f, e := c.P.Fd.Lookup(int32(c.Arg[0]))
	if e != 0 {
		return nil, e
	}
	if f.Ops.Type() != sys.DTypePsem {
		c.Put(f)
		return nil, abi.EBADF
	}
	return f, 0
}

func sysSemClose(c *Call) abi.Errno {
	f, e := c.sem()
	if e != 0 {
		return e
	}
	c.Put(f)
	return c.P.Fd.Close(c.Ctx(), int32(c.Arg[0]))
}

func sysSemWait(c *Call) abi.Errno    { return c.semWait(false) }
func sysSemTrywait(c *Call) abi.Errno { return c.semWait(true) }

func (c *Call) semWait(try bool) abi.Errno {
	f, e := c.sem()
	if e != 0 {
		return e
	}
	defer c.Put(f)
	return kern.SemWait(c.Thread(), f, try)
}

func sysSemPost(c *Call) abi.Errno {
	f, e := c.sem()
	if e != 0 {
		return e
	}
	defer c.Put(f)
	return kern.SemPost(f)
}
