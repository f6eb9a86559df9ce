package syscalls

import (
	"math"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/mach/vm"
	"puggle/machine"
)

// rwMax is the most guest memory that is held in place at a time, in bytes.
const rwMax = 1 << 20

// iovMax is IOV_MAX.
const iovMax = 1024

// iovec is a struct iovec.
type iovec struct {
	base machine.Addr
	n    uint64
}

// transfer moves data between f and the guest's memory. off is the position for
// pread and its relatives, -1 for the file's own. The result is how many bytes
// went; an error only when none did.
func (c *Call) transfer(f *sys.OpenFile, iov []iovec, write bool, off int64) (int64, abi.Errno) {
	var all uint64
	for _, v := range iov {
		if v.n > math.MaxInt32 || all+v.n > math.MaxInt32 {
			return 0, abi.EINVAL
		}
		all += v.n
	}
	want := abi.FREAD
	if write {
		want = abi.FWRITE
	}
	if f.Flags()&want == 0 {
		return 0, abi.EBADF
	}
	typ := f.Ops.Type()
	// Only files that have a position hold it while they are used: a read of a
	// terminal may sleep for ever.
	v := vfs.VnodeOf(f) // nil for a terminal that was not opened by name
	vnode := v != nil && v.Type == vfs.VREG
	if off >= 0 && typ != sys.DTypeVnode {
		return 0, abi.ESPIPE
	}
	if vnode && off < 0 {
		f.OffMu.Lock()
		defer f.OffMu.Unlock()
	}
	ctx := c.Ctx()
	done := int64(0)
	for {
		u := &c.uio
		*u = sys.Uio{Iov: c.iov[:0]}
		rest, pins, e := c.pin(u, iov, write)
		if e == 0 {
			if off >= 0 {
				u.Offset, u.HasOffset = off, true
			} else if vnode {
				u.Offset = f.Offset
			}
			n := u.Resid
			if write {
				e = f.Ops.Write(ctx, u, f.Flags())
			} else {
				e = f.Ops.Read(ctx, u, f.Flags())
			}
			moved := n - u.Resid
			done += moved
			if off >= 0 {
				off += moved
			} else if vnode {
				f.Offset = u.Offset
			}
			if u.Resid > 0 || !write && !vnode {
				rest = nil
			}
		}
		release(pins)
		if e != 0 && done > 0 {
			return done, 0
		}
		if e != 0 || len(rest) == 0 {
			return done, e
		}
		iov = rest
		if c.behalf != nil && c.behalf.Thread.Pending() {
			return done, 0 // whoever asked for it is leaving
		}
	}
}

// pin holds as much of the guest's memory as one step may move, and says what
// is left.
func (c *Call) pin(u *sys.Uio, iov []iovec, write bool) (rest []iovec, pins []*vm.Pin, e abi.Errno) {
	access := abi.VM_PROT_READ
	if !write {
		access |= abi.VM_PROT_WRITE
	}
	m, room := c.Map(), uint64(rwMax)
	pins = c.pins[:0]
	for len(iov) > 0 && room > 0 {
		v := iov[0]
		n := min(v.n, room)
		if n > 0 {
			p, kr := m.Pin(v.base, n, access)
			if kr != 0 {
				release(pins)
				return nil, nil, abi.EFAULT
			}
			pins = append(pins, p)
			for _, b := range p.Slices() {
				u.Iov = append(u.Iov, b)
			}
			u.Resid += int64(n)
			room -= n
		}
		if n < v.n {
			left := append([]iovec{{v.base + machine.Addr(n), v.n - n}}, iov[1:]...)
			return left, pins, 0
		}
		iov = iov[1:]
	}
	return iov, pins, 0
}

// rw is the body of the read and write calls; descriptor, buffer and length are
// the first three arguments.
func (c *Call) rw(write bool, off int64) abi.Errno {
	f, e := c.File(0)
	if e != 0 {
		return e
	}
	one := [1]iovec{{c.Addr(1), c.Arg[2]}}
	n, e := c.transfer(f, one[:], write, off)
	return c.rwDone(f, n, e)
}

// rwv is rw for vectors.
func (c *Call) rwv(write bool, off int64) abi.Errno {
	iov, e := c.iovecs(c.Addr(1), c.I32(2))
	if e != 0 {
		return e
	}
	f, e := c.File(0)
	if e != 0 {
		return e
	}
	n, e := c.transfer(f, iov, write, off)
	return c.rwDone(f, n, e)
}

// iovecs copies in an array of struct iovec.
func (c *Call) iovecs(at machine.Addr, n int32) ([]iovec, abi.Errno) {
	if n <= 0 || n > iovMax {
		return nil, abi.EINVAL
	}
	b := make([]byte, 16*n)
	if e := c.CopyIn(b, at); e != 0 {
		return nil, e
	}
	iov := make([]iovec, n)
	for i := range iov {
		iov[i] = iovec{machine.Addr(le.Uint64(b[16*i:])), le.Uint64(b[16*i+8:])}
	}
	return iov, 0
}

// rwDone ends a transfer: the signals that go with some errors.
func (c *Call) rwDone(f *sys.OpenFile, n int64, e abi.Errno) abi.Errno {
	switch e {
	case abi.EPIPE:
		if q, ok := f.Ops.(interface{ NoSigpipe() bool }); !ok || !q.NoSigpipe() {
			c.U.Fault(abi.SIGPIPE)
		}
	case abi.EFBIG:
		c.U.Fault(abi.SIGXFSZ)
	}
	c.Put(f)
	c.Ret[0] = uint64(n)
	return e
}

func sysRead(c *Call) abi.Errno   { return c.rw(false, -1) }
func sysWrite(c *Call) abi.Errno  { return c.rw(true, -1) }
func sysReadv(c *Call) abi.Errno  { return c.rwv(false, -1) }
func sysWritev(c *Call) abi.Errno { return c.rwv(true, -1) }

func sysPread(c *Call) abi.Errno {
	return c.at(3, func(off int64) abi.Errno { return c.rw(false, off) })
}
func sysPwrite(c *Call) abi.Errno {
	return c.at(3, func(off int64) abi.Errno { return c.rw(true, off) })
}
func sysPreadv(c *Call) abi.Errno {
	return c.at(3, func(off int64) abi.Errno { return c.rwv(false, off) })
}
func sysPwritev(c *Call) abi.Errno {
	return c.at(3, func(off int64) abi.Errno { return c.rwv(true, off) })
}

// at checks the position of pread and its relatives.
func (c *Call) at(arg int, do func(off int64) abi.Errno) abi.Errno {
	off := c.Long(arg)
	if off < 0 {
		return abi.EINVAL
	}
	return do(off)
}
