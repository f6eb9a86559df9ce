package syscalls

import (
	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
	"puggle/mach/vm"
	"puggle/machine"
)

// sockNameMax is SOCK_MAXADDRLEN.
const sockNameMax = 255

// controlMax bounds control data, in bytes.
const controlMax = 16 << 10

// sock gives the socket of descriptor argument i, and its file, to be put.
func (c *Call) sock(i int) (*socket.Socket, *sys.OpenFile, abi.Errno) {
	f, e := c.File(i)
	if e != 0 {
		return nil, nil, e
	}
	so, ok := f.Ops.(*socket.Socket)
	if !ok {
		c.Put(f)
		return nil, nil, abi.ENOTSOCK
	}
	return so, f, 0
}

// sockaddr copies in a name of n bytes.
func (c *Call) sockaddr(a machine.Addr, n uint32) ([]byte, abi.Errno) {
	if n > sockNameMax {
		return nil, abi.ENAMETOOLONG
	}
	if n < 2 {
		return nil, abi.EINVAL
	}
	b := make([]byte, n)
	if e := c.CopyIn(b, a); e != 0 {
		return nil, e
	}
	b[0] = byte(n) // sa_len is what the caller says
	return b, 0
}

// putSockaddr copies out a name to a buffer whose length is at lenp, and stores
// the name's own length there.
func (c *Call) putSockaddr(name []byte, a, lenp machine.Addr) abi.Errno {
	if a == 0 || lenp == 0 {
		return 0
	}
	room, e := c.U32(lenp)
	if e != 0 {
		return e
	}
	if int32(room) < 0 {
		return abi.EINVAL
	}
	if e := c.CopyOut(a, name[:min(len(name), int(room))]); e != 0 {
		return e
	}
	return c.PutU32(lenp, uint32(len(name)))
}

func (c *Call) socketFd(so *socket.Socket, flags int) (int32, abi.Errno) {
	return c.NewFd(sys.NewOpenFile(so, abi.FREAD|abi.FWRITE|flags), false)
}

func sysSocket(c *Call) abi.Errno {
	if c.K.NewSocket == nil {
		return abi.EAFNOSUPPORT
	}
	so, e := c.K.NewSocket(c.Ctx(), c.Int(0), c.Int(1), c.Int(2))
	if e != 0 {
		return e
	}
	fd, e := c.socketFd(so, 0)
	c.Ret[0] = uint64(fd)
	return e
}

func sysSocketpair(c *Call) abi.Errno {
	if c.K.SocketPair == nil {
		return abi.EAFNOSUPPORT
	}
	a, b, e := c.K.SocketPair(c.Ctx(), c.Int(0), c.Int(1), c.Int(2))
	if e != 0 {
		return e
	}
	fa, e := c.socketFd(a, 0)
	if e != 0 {
		b.Close(c.Ctx())
		return e
	}
	fb, e := c.socketFd(b, 0)
	if e == 0 {
		var out [8]byte
		le.PutUint32(out[0:], uint32(fa))
		le.PutUint32(out[4:], uint32(fb))
		if e = c.CopyOut(c.Addr(3), out[:]); e == 0 {
			return 0
		}
		c.P.Fd.Close(c.Ctx(), fb)
	}
	c.P.Fd.Close(c.Ctx(), fa)
	return e
}

// nonblock says whether a call on f may not sleep.
func nonblock(f *sys.OpenFile) bool { return f.Flags()&abi.O_NONBLOCK != 0 }

func sysBind(c *Call) abi.Errno {
	so, f, e := c.sock(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	name, e := c.sockaddr(c.Addr(1), c.Uint(2))
	if e != 0 {
		return e
	}
	return so.Bind(c.Ctx(), name)
}

func sysConnect(c *Call) abi.Errno {
	so, f, e := c.sock(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	name, e := c.sockaddr(c.Addr(1), c.Uint(2))
	if e != 0 {
		return e
	}
	return so.Connect(c.Ctx(), name, nonblock(f))
}

// sysConnectx: sa_endpoints_t is interface, source and length, destination and
// length (40 bytes). Data is sent after the connection is made.
func sysConnectx(c *Call) abi.Errno {
	so, f, e := c.sock(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	var b [40]byte
	if e := c.CopyIn(b[:], c.Addr(1)); e != 0 {
		return e
	}
	if c.Uint(2) != 0 && c.Uint(2) != noID || le.Uint32(b[0:]) != 0 || c.Uint(3) != 0 {
		return abi.ENOTSUP
	}
	if src := le.Uint64(b[8:]); src != 0 {
		name, e := c.sockaddr(machine.Addr(src), le.Uint32(b[16:]))
		if e != 0 {
			return e
		}
		if e := so.Bind(c.Ctx(), name); e != 0 {
			return e
		}
	}
	name, e := c.sockaddr(machine.Addr(le.Uint64(b[24:])), le.Uint32(b[32:]))
	if e != 0 {
		return e
	}
	if e := so.Connect(c.Ctx(), name, nonblock(f)); e != 0 {
		return e
	}
	sent := int64(0)
	if c.Uint(5) > 0 {
		iov, e := c.iovecs(c.Addr(4), c.I32(5))
		if e != 0 {
			return e
		}
		if sent, e = c.transfer(f, iov, true, -1); e != 0 {
			return e
		}
	}
	if e := c.PutU64(c.Addr(6), uint64(sent)); e != 0 {
		return e
	}
	return c.PutU32(c.Addr(7), 1)
}

func sysListen(c *Call) abi.Errno {
	so, f, e := c.sock(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	return so.Listen(c.Ctx(), c.Int(1))
}

func sysAccept(c *Call) abi.Errno {
	so, f, e := c.sock(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	n, name, e := so.Accept(c.Ctx(), nonblock(f))
	if e != 0 {
		return e
	}
	fd, e := c.socketFd(n, f.Flags()&(abi.O_NONBLOCK|abi.O_ASYNC))
	if e != 0 {
		return e
	}
	if e := c.putSockaddr(name, c.Addr(1), c.Addr(2)); e != 0 {
		c.P.Fd.Close(c.Ctx(), fd)
		return e
	}
	c.Ret[0] = uint64(fd)
	return 0
}

func (c *Call) sockname(peer bool) abi.Errno {
	so, f, e := c.sock(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	name, e := so.Name(c.Ctx(), peer)
	if e != 0 {
		return e
	}
	return c.putSockaddr(name, c.Addr(1), c.Addr(2))
}

func sysGetsockname(c *Call) abi.Errno { return c.sockname(false) }
func sysGetpeername(c *Call) abi.Errno { return c.sockname(true) }

func sysShutdown(c *Call) abi.Errno {
	so, f, e := c.sock(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	return so.Shutdown(c.Ctx(), c.Int(1))
}

// optMax bounds an option's value, in bytes.
const optMax = 4096

func sysGetsockopt(c *Call) abi.Errno {
	so, f, e := c.sock(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	n := uint32(0)
	if c.Addr(3) != 0 {
		if n, e = c.U32(c.Addr(4)); e != 0 {
			return e
		}
	}
	b, e := so.Getsockopt(c.Ctx(), c.Int(1), c.Int(2), int(min(n, optMax)))
	if e != 0 {
		return e
	}
	b = b[:min(len(b), int(n))]
	if e := c.CopyOut(c.Addr(3), b); e != 0 {
		return e
	}
	return c.PutU32(c.Addr(4), uint32(len(b)))
}

func sysSetsockopt(c *Call) abi.Errno {
	so, f, e := c.sock(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	n := c.Uint(4)
	if n > optMax || c.Addr(3) == 0 && n != 0 {
		return abi.EINVAL
	}
	b := make([]byte, n)
	if e := c.CopyIn(b, c.Addr(3)); e != 0 {
		return e
	}
	return so.Setsockopt(c.Ctx(), c.Int(1), c.Int(2), b)
}

// fdTable is a process's table as SCM_RIGHTS needs it.
type fdTable struct{ p *kern.Proc }

func (t fdTable) Get(fd int) (*sys.OpenFile, abi.Errno) { return t.p.Fd.Lookup(int32(fd)) }
func (t fdTable) Install(f *sys.OpenFile) (int, abi.Errno) {
	fd, e := t.p.Fd.Alloc(f, 0, 0, t.p.NoFile())
	return int(fd), e
}

func sysSendto(c *Call) abi.Errno {
	so, f, e := c.sock(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	m := &socket.Msg{Flags: c.Int(3), Fds: fdTable{c.P}}
	if c.Addr(4) != 0 {
		if m.Name, e = c.sockaddr(c.Addr(4), c.Uint(5)); e != 0 {
			return e
		}
	}
	return c.send(so, f, m, []iovec{{c.Addr(1), c.Arg[2]}})
}

// msghdr is a struct msghdr (48 bytes).
type msghdr struct {
	name               machine.Addr
	namelen            uint32
	iov                machine.Addr
	iovlen             int32
	control            machine.Addr
	controllen, mflags uint32
}

func (c *Call) msghdr(a machine.Addr) (h msghdr, e abi.Errno) {
	var b [48]byte
	if e := c.CopyIn(b[:], a); e != 0 {
		return h, e
	}
	h = msghdr{machine.Addr(le.Uint64(b[0:])), le.Uint32(b[8:]), machine.Addr(le.Uint64(b[16:])), int32(le.Uint32(b[24:])),
		machine.Addr(le.Uint64(b[32:])), le.Uint32(b[40:]), le.Uint32(b[44:])}
	if h.iovlen < 0 || h.iovlen > iovMax {
		return h, abi.EMSGSIZE
	}
	return h, 0
}

func (c *Call) msgIov(h *msghdr) ([]iovec, abi.Errno) {
	if h.iovlen == 0 {
		return nil, 0
	}
	return c.iovecs(h.iov, h.iovlen)
}

func sysSendmsg(c *Call) abi.Errno {
	so, f, e := c.sock(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	h, e := c.msghdr(c.Addr(1))
	if e != 0 {
		return e
	}
	m := &socket.Msg{Flags: c.Int(2), Fds: fdTable{c.P}}
	if h.name != 0 && h.namelen > 0 {
		if m.Name, e = c.sockaddr(h.name, h.namelen); e != 0 {
			return e
		}
	}
	if h.control != 0 && h.controllen > 0 {
		if h.controllen < abi.CmsghdrSize || h.controllen > controlMax {
			return abi.EINVAL
		}
		m.Control = make([]byte, h.controllen)
		if e := c.CopyIn(m.Control, h.control); e != 0 {
			return e
		}
	}
	iov, e := c.msgIov(&h)
	if e != 0 {
		return e
	}
	return c.send(so, f, m, iov)
}

// send sends the guest's memory. Streams go on in steps of what may be held at
// a time; a datagram must fit in one.
func (c *Call) send(so *socket.Socket, f *sys.OpenFile, m *socket.Msg, iov []iovec) abi.Errno {
	ctx := c.Ctx()
	sent := int64(0)
	for {
		u := &sys.Uio{Iov: c.iov[:0]}
		rest, pins, e := c.pin(u, iov, true)
		if e != 0 {
			return e
		}
		if len(rest) > 0 && so.Kind() != abi.SOCK_STREAM {
			release(pins)
			return abi.EMSGSIZE
		}
		m.Uio = u
		n := u.Resid
		e = so.Sendmsg(ctx, m, nonblock(f))
		release(pins)
		sent += n - u.Resid
		if e != 0 && sent > 0 {
			e, rest = 0, nil
		}
		if e == abi.EPIPE && m.Flags&abi.MSG_NOSIGNAL == 0 && !so.NoSigpipe() {
			c.U.Fault(abi.SIGPIPE)
		}
		if e != 0 || len(rest) == 0 || u.Resid > 0 {
			c.Ret[0] = uint64(sent)
			return e
		}
		iov, m.Control = rest, nil
	}
}

func release(pins []*vm.Pin) {
	for _, p := range pins {
		p.Release()
	}
}

// receive fills the guest's memory, at most what may be held at a time.
func (c *Call) receive(so *socket.Socket, f *sys.OpenFile, m *socket.Msg, iov []iovec) (int64, abi.Errno) {
	u := &sys.Uio{Iov: c.iov[:0]}
	_, pins, e := c.pin(u, iov, false)
	if e != 0 {
		return 0, e
	}
	m.Uio = u
	n := u.Resid
	e = so.Recvmsg(c.Ctx(), m, nonblock(f))
	release(pins)
	return n - u.Resid, e
}

func sysRecvfrom(c *Call) abi.Errno {
	so, f, e := c.sock(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	m := &socket.Msg{Flags: c.Int(3), Fds: fdTable{c.P}}
	n, e := c.receive(so, f, m, []iovec{{c.Addr(1), c.Arg[2]}})
	if e != 0 {
		return e
	}
	c.Ret[0] = uint64(n)
	return c.putSockaddr(m.Name, c.Addr(4), c.Addr(5))
}

func sysRecvmsg(c *Call) abi.Errno {
	so, f, e := c.sock(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	at := c.Addr(1)
	h, e := c.msghdr(at)
	if e != 0 {
		return e
	}
	iov, e := c.msgIov(&h)
	if e != 0 {
		return e
	}
	m := &socket.Msg{Flags: c.Int(2), Fds: fdTable{c.P}}
	if h.control != 0 {
		m.ControlMax = int(min(h.controllen, controlMax))
	}
	n, e := c.receive(so, f, m, iov)
	if e != 0 {
		return e
	}
	c.Ret[0] = uint64(n)
	if h.name != 0 {
		name := m.Name[:min(len(m.Name), int(h.namelen))]
		if e := c.CopyOut(h.name, name); e != 0 {
			return e
		}
		if e := c.PutU32(at+8, uint32(len(name))); e != 0 {
			return e
		}
	}
	if h.control != 0 && len(m.Control) > 0 {
		if e := c.CopyOut(h.control, m.Control); e != 0 {
			return e
		}
	}
	if e := c.PutU32(at+40, uint32(len(m.Control))); e != 0 {
		return e
	}
	return c.PutU32(at+44, uint32(m.OutFlags))
}
