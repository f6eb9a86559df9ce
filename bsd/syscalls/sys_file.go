package syscalls

import (
	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/pipe"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/machine"
)

func sysClose(c *Call) abi.Errno { return c.P.Fd.Close(c.Ctx(), c.I32(0)) }

func sysDup(c *Call) abi.Errno {
	f, e := c.File(0)
	if e != 0 {
		return e
	}
	fd, e := c.NewFd(f, false)
	c.Ret[0] = uint64(fd)
	return e
}

func sysDup2(c *Call) abi.Errno {
	c.Ret[0] = c.Arg[1]
	return c.P.Fd.Dup2(c.Ctx(), c.I32(0), c.I32(1), 0, c.P.NoFile())
}

func sysGetdtablesize(c *Call) abi.Errno {
	c.Ret[0] = c.P.NoFile()
	return 0
}

func sysPipe(c *Call) abi.Errno {
	r, w := pipe.New()
	a, e := c.NewFd(sys.NewOpenFile(r, abi.FREAD), false)
	wf := sys.NewOpenFile(w, abi.FWRITE)
	if e != 0 {
		c.Put(wf)
		return e
	}
	b, e := c.NewFd(wf, false)
	if e != 0 {
		c.P.Fd.Close(c.Ctx(), a)
		return e
	}
	c.Ret = [2]uint64{uint64(a), uint64(b)}
	return 0
}

// ioctl numbers carry direction and size (<sys/ioccom.h>).
const (
	iocVoid    = 0x20000000
	iocOut     = 0x40000000
	iocIn      = 0x80000000
	iocParmMax = 0x1fff

	fioclex  = 0x20006601
	fionclex = 0x20006602
	fionbio  = 0x8004667e
	fioasync = 0x8004667d
)

func sysIoctl(c *Call) abi.Errno {
	f, e := c.File(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	if f.Flags()&(abi.FREAD|abi.FWRITE) == 0 {
		return abi.EBADF
	}
	cmd := uint64(uint32(c.Arg[1]))
	switch cmd {
	case fioclex:
		return c.P.Fd.SetFlags(c.I32(0), kern.FDCloexec)
	case fionclex:
		return c.P.Fd.SetFlags(c.I32(0), 0)
	}
	size := int(cmd >> 16 & iocParmMax)
	var small [128]byte
	data := small[:min(size, len(small))]
	if size > len(small) {
		data = make([]byte, size)
	}
	switch {
	case cmd&iocIn != 0 && size > 0:
		if e := c.CopyIn(data, c.Addr(2)); e != 0 {
			return e
		}
	case cmd&iocVoid != 0:
		// The argument itself is the data.
		data = le.AppendUint64(data[:0], c.Arg[2])
	}
	if cmd == fionbio || cmd == fioasync {
		bit := abi.O_NONBLOCK
		if cmd == fioasync {
			bit = abi.O_ASYNC
		}
		on := 0
		if le.Uint32(data) != 0 {
			on = bit
		}
		f.SetFlags(on, bit)
	}
	if e := f.Ops.Ioctl(c.Ctx(), cmd, data); e != 0 {
		if e == abi.ENOTTY && (cmd == fionbio || cmd == fioasync) {
			return 0
		}
		return e
	}
	if cmd&iocOut != 0 && size > 0 {
		return c.CopyOut(c.Addr(2), data)
	}
	return 0
}

// settable are the flags that F_SETFL changes.
const settable = abi.O_NONBLOCK | abi.O_APPEND | abi.O_ASYNC | abi.O_SYNC | abi.O_DSYNC

func sysFcntl(c *Call) abi.Errno {
	fd, cmd := c.I32(0), c.Int(1)
	f, e := c.File(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	switch cmd {
	case abi.F_DUPFD, abi.F_DUPFD_CLOEXEC:
		from := c.Long(2)
		if from < 0 || uint64(from) >= c.P.NoFile() {
			return abi.EINVAL
		}
		var flags uint8
		if cmd == abi.F_DUPFD_CLOEXEC {
			flags = kern.FDCloexec
		}
		n, e := c.P.Fd.Alloc(f.Ref(), int(from), flags, c.P.NoFile())
		if e != 0 {
			c.Put(f)
		}
		c.Ret[0] = uint64(n)
		return e
	case abi.F_GETFD:
		fl, e := c.P.Fd.Flags(fd)
		c.Ret[0] = uint64(fl & kern.FDCloexec)
		return e
	case abi.F_SETFD:
		return c.P.Fd.SetFlags(fd, uint8(c.Arg[2])&kern.FDCloexec)
	case abi.F_GETFL:
		fl := f.Flags()
		c.Ret[0] = uint64(uint32((fl &^ abi.O_ACCMODE) | ((fl & abi.O_ACCMODE) - 1)))
		if fl&abi.O_ACCMODE == 0 {
			c.Ret[0] = uint64(uint32(fl))
		}
		return 0
	case abi.F_SETFL:
		f.SetFlags(int(c.Arg[2]), settable)
		return 0
	case abi.F_GETOWN, abi.F_SETOWN:
		return c.fioOwner(f, cmd == abi.F_SETOWN)
	case abi.F_GETNOSIGPIPE, abi.F_SETNOSIGPIPE:
		return c.nosigpipe(f, cmd == abi.F_SETNOSIGPIPE)
	}
	v := vfs.VnodeOf(f)
	if v == nil {
		return abi.EBADF
	}
	if h := fcntlVnode[cmd]; h != nil {
		return h(c, f, v)
	}
	return abi.EINVAL
}

// The ioctls behind F_GETOWN and F_SETOWN.
const (
	fiosetown = 0x8004667c
	fiogetown = 0x4004667b
)

func (c *Call) fioOwner(f *sys.OpenFile, set bool) abi.Errno {
	data := le.AppendUint32(nil, uint32(c.Arg[2]))
	if set {
		return f.Ops.Ioctl(c.Ctx(), fiosetown, data)
	}
	e := f.Ops.Ioctl(c.Ctx(), fiogetown, data)
	c.Ret[0] = uint64(le.Uint32(data))
	return e
}

func (c *Call) nosigpipe(f *sys.OpenFile, set bool) abi.Errno {
	q, ok := f.Ops.(interface {
		NoSigpipe() bool
		SetNoSigpipe(bool)
	})
	if !ok {
		return abi.ENOTSUP
	}
	if set {
		q.SetNoSigpipe(c.Arg[2] != 0)
	} else if q.NoSigpipe() {
		c.Ret[0] = 1
	}
	return 0
}

// sendfile: a file to a socket, headers and trailers around it. *nbytes is how
// much of the file to send (0: all), and on return how many bytes went.
func sysSendfile(c *Call) abi.Errno {
	sent, e := c.sendfile()
	// How much went is told in failure, too.
	if ce := c.PutU64(c.Addr(3), uint64(sent)); ce != 0 && e == 0 {
		e = ce
	}
	return e
}

func (c *Call) sendfile() (sent int64, e abi.Errno) {
	f, e := c.File(0)
	if e != 0 {
		return 0, e
	}
	defer c.Put(f)
	s, e := c.File(1)
	if e != 0 {
		return 0, e
	}
	defer c.Put(s)
	v := vfs.VnodeOf(f)
	if v == nil || v.Type != vfs.VREG {
		return 0, abi.ENOTSUP
	}
	if f.Flags()&abi.FREAD == 0 {
		return 0, abi.EBADF
	}
	if s.Ops.Type() != sys.DTypeSocket {
		return 0, abi.ENOTSOCK
	}
	off := c.Long(2)
	if off < 0 || c.Int(5) != 0 {
		return 0, abi.EINVAL
	}
	want := int64(0)
	if c.Addr(3) != 0 {
		n, e := c.U64(c.Addr(3))
		if e != 0 {
			return 0, e
		}
		want = int64(n)
	}
	if want < 0 {
		return 0, abi.EINVAL
	}
	var hdr, trl []iovec
	if c.Addr(4) != 0 {
		var b [32]byte
		if e := c.CopyIn(b[:], c.Addr(4)); e != 0 {
			return 0, e
		}
		for i, dst := range []*[]iovec{&hdr, &trl} {
			p, n := le.Uint64(b[16*i:]), int32(le.Uint32(b[16*i+8:]))
			if p == 0 || n == 0 {
				continue
			}
			if *dst, e = c.iovecs(machine.Addr(p), n); e != 0 {
				return 0, e
			}
		}
	}
	e = 0
	if hdr != nil {
		var n int64
		n, e = c.transfer(s, hdr, true, -1)
		sent += n
	}
	if e == 0 {
		var n int64
		n, e = c.sendFile(s, f, off, want)
		sent += n
	}
	if e == 0 && trl != nil {
		var n int64
		n, e = c.transfer(s, trl, true, -1)
		sent += n
	}
	if e == abi.EPIPE {
		if q, ok := s.Ops.(interface{ NoSigpipe() bool }); !ok || !q.NoSigpipe() {
			c.U.Fault(abi.SIGPIPE)
		}
	}
	return sent, e
}

// sendFile copies want bytes (0: to the end) from off.
func (c *Call) sendFile(s, f *sys.OpenFile, off, want int64) (int64, abi.Errno) {
	ctx := c.Ctx()
	buf := make([]byte, 64<<10)
	sent := int64(0)
	for want == 0 || sent < want {
		b := buf
		if want > 0 {
			b = b[:min(int64(len(b)), want-sent)]
		}
		u := sys.NewUio(b)
		u.Offset, u.HasOffset = off+sent, true
		if e := f.Ops.Read(ctx, u, abi.FREAD); e != 0 {
			return sent, e
		}
		n := int64(len(b)) - u.Resid
		if n == 0 {
			return sent, 0
		}
		w := sys.NewUio(b[:n])
		e := s.Ops.Write(ctx, w, s.Flags())
		sent += n - w.Resid
		if e == 0 && w.Resid > 0 {
			e = abi.EAGAIN
		}
		if e != 0 {
			return sent, e
		}
	}
	return sent, 0
}
