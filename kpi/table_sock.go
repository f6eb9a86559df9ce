package kpi

import (
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

func init() {
	register("sys/kpi_socket.h", "2006", "bsd", []Row{
		{Name: "sock_socket", Proto: "errno_t sock_socket(int domain, int type, int protocol, sock_upcall callback, void *cookie, socket_t *so)", Handler: sockSocket},
		{Name: "sock_close", Proto: "void sock_close(socket_t so)", Handler: sockClose},
		{Name: "sock_retain", Proto: "void sock_retain(socket_t so)", Handler: ofSocket(func(c *Call, so *socket.Socket) uint64 { c.K.handle.ref(so); return 0 })},
		{Name: "sock_release", Proto: "void sock_release(socket_t so)", Handler: sockRelease},
		{Name: "sock_bind", Proto: "errno_t sock_bind(socket_t so, const struct sockaddr *to)", Handler: ofSocketName(func(c *Call, so *socket.Socket, name []byte) abi.Errno { return so.Bind(c.T.context(), name) })},
		{Name: "sock_connect", Proto: "errno_t sock_connect(socket_t so, const struct sockaddr *to, int flags)", Handler: ofSocketName(func(c *Call, so *socket.Socket, name []byte) abi.Errno {
			return so.Connect(c.T.context(), name, c.U32(2)&abi.MSG_DONTWAIT != 0)
		})},
		{Name: "sock_listen", Proto: "errno_t sock_listen(socket_t so, int backlog)", Handler: ofSleepySocket(func(c *Call, so *socket.Socket) abi.Errno { return so.Listen(c.T.context(), int(c.I32(1))) })},
		{Name: "sock_accept", Proto: "errno_t sock_accept(socket_t so, struct sockaddr *from, int fromlen, int flags, sock_upcall callback, void *cookie, socket_t *new_so)", Handler: ofSleepySocket(sockAccept)},
		{Name: "sock_send", Proto: "errno_t sock_send(socket_t so, const struct msghdr *msg, int flags, size_t *sentlen)", Handler: ofSleepySocket(sockSend)},
		{Name: "sock_sendmbuf", Proto: "errno_t sock_sendmbuf(socket_t so, const struct msghdr *msg, mbuf_t data, int flags, size_t *sentlen)", Handler: ofSleepySocket(sockSendMbuf)},
		{Name: "sock_receive", Proto: "errno_t sock_receive(socket_t so, struct msghdr *msg, int flags, size_t *recvdlen)", Handler: ofSleepySocket(sockReceive)},
		{Name: "sock_receivembuf", Proto: "errno_t sock_receivembuf(socket_t so, struct msghdr *msg, mbuf_t *data, int flags, size_t *recvlen)", Handler: ofSleepySocket(sockReceiveMbuf)},
		{Name: "sock_ioctl", Proto: "errno_t sock_ioctl(socket_t so, unsigned long request, void *argp)", Handler: ofSleepySocket(sockIoctl)},
		{Name: "sock_isnonblocking", Proto: "int sock_isnonblocking(socket_t so)", Handler: ofSocket(func(c *Call, so *socket.Socket) uint64 { return boolean(c.K.socks.nonblocking(so)) })},
	})
}

// sock is a socket that an extension has made or accepted.
type sock struct {
	k           *KernelTask
	so          *socket.Socket
	fn          Addr // the callback, or 0
	cookie      uint64
	nonblocking atomic.Bool
	told        atomic.Bool // the callback is on its way
}

// socks are all of them.
type socks struct {
	mu  sync.Mutex
	all map[*socket.Socket]*sock
}

// maxSocks bounds them.
const maxSocks = 16384

func (x *socks) get(so *socket.Socket) *sock {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.all[so]
}

func (x *socks) nonblocking(so *socket.Socket) bool {
	s := x.get(so)
	return s != nil && s.nonblocking.Load()
}

// own gives a new socket to the extension that calls, which can't be unloaded before it is closed: at least
// its owner would not be known any more.
func (c *Call) own(so *socket.Socket, fn Addr, cookie uint64, at Addr) abi.Errno {
	k := c.K
	x := &k.socks
	h := k.handle.ref(so)
	x.mu.Lock()
	full := len(x.all) >= maxSocks
	s := &sock{k: k, so: so, fn: fn, cookie: cookie}
	if h != 0 && !full {
		if x.all == nil {
			x.all = map[*socket.Socket]*sock{}
		}
		x.all[so] = s
	}
	x.mu.Unlock()
	if h == 0 || full || !c.Put64(at, uint64(h)) {
		if h != 0 {
			k.handle.unref(h)
			x.forget(so)
		}
		so.Close(c.T.context())
		return abi.ENOMEM
	}
	refs := []Addr{c.pc()}
	if fn != 0 {
		refs = append(refs, fn)
		so.SetUpcall(s.wake)
	}
	k.AddReference("socket", so, k.Symbolize(refs[len(refs)-1]), func(th *sched.Thread) {
		if k.endSock(threaded(&sys.Context{Thread: th}), so) {
			k.DropReference("socket", so)
			k.handle.unref(h)
		}
	}, refs...)
	return 0
}

func (x *socks) forget(so *socket.Socket) (was bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	_, was = x.all[so]
	delete(x.all, so)
	return was
}

// wake has the callback called, once for all that comes until then.
func (s *sock) wake() {
	if s.told.CompareAndSwap(false, true) {
		s.k.dlil.put(true, s.k, func(ctx *sys.Context) {
			s.told.Store(false)
			if s.k.socks.get(s.so) == s && s.k.extensionAt(s.fn) != nil {
				s.k.handle.mu.Lock()
				x := s.k.handle.refs[s.so]
				s.k.handle.mu.Unlock()
				if x != nil {
					s.k.CallContext(ctx, s.fn, uint64(x.a), s.cookie, 0)
				}
			}
		})
	}
}

// endSock closes a socket of an extension's; false if it is none.
func (k *KernelTask) endSock(ctx *sys.Context, so *socket.Socket) bool {
	if !k.socks.forget(so) {
		return false
	}
	so.SetUpcall(nil)
	so.Close(ctx)
	return true
}

func sockSocket(c *Call) uint64 {
	if !c.maySleep() {
		return 0
	}
	if c.K.cfg.Sockets == nil {
		return uint64(abi.EAFNOSUPPORT)
	}
	so, e := c.K.cfg.Sockets.New(c.T.context(), int(c.I32(0)), int(c.I32(1)), int(c.I32(2)))
	if e != 0 {
		return uint64(e)
	}
	return uint64(c.own(so, c.Addr(3), c.Arg(4), c.Addr(5)))
}

func sockClose(c *Call) uint64 {
	so, ok := c.K.handle.get(c.Addr(0)).(*socket.Socket)
	if !ok {
		return c.Panic(hex(c.Addr(0)) + " is no socket (closed?)")
	}
	if !c.maySleep() {
		return 0
	}
	if !c.K.endSock(c.T.context(), so) {
		return c.Panic("sock_close of a socket that is a program's")
	}
	c.K.DropReference("socket", so)
	c.K.handle.unref(c.Addr(0))
	return 0
}

func sockRelease(c *Call) uint64 {
	if !c.K.handle.unref(c.Addr(0)) {
		return c.Panic(hex(c.Addr(0)) + " is no socket")
	}
	return 0
}

// ofSleepySocket is for calls that may sleep.
func ofSleepySocket(f func(c *Call, so *socket.Socket) abi.Errno) func(*Call) uint64 {
	return ofSocket(func(c *Call, so *socket.Socket) uint64 {
		if !c.maySleep() {
			return 0
		}
		return uint64(f(c, so))
	})
}

// ofSocketName is for those with an address as argument 1.
func ofSocketName(f func(c *Call, so *socket.Socket, name []byte) abi.Errno) func(*Call) uint64 {
	return ofSleepySocket(func(c *Call, so *socket.Socket) abi.Errno {
		name, ok := c.K.sockaddr(c.Addr(1))
		if !ok {
			c.Panic("a sockaddr at " + hex(c.Addr(1)) + " that can't be read")
			return 0
		}
		return f(c, so, name)
	})
}

func sockAccept(c *Call, so *socket.Socket) abi.Errno {
	n, peer, e := so.Accept(c.T.context(), c.U32(3)&abi.MSG_DONTWAIT != 0 || c.K.socks.nonblocking(so))
	if e != 0 {
		return e
	}
	if a, room := c.Addr(1), c.I32(2); a != 0 && room > 0 {
		c.K.Write(a, peer[:min(len(peer), int(room))])
	}
	return c.own(n, c.Addr(4), c.Arg(5), c.Addr(6))
}

// struct msghdr, whose memory is the kernel's.
const (
	msgName       = 0
	msgNamelen    = 8
	msgIov        = 16
	msgIovlen     = 24
	msgControl    = 32
	msgControllen = 40
	msgFlags      = 44
	msgSize       = 48

	// maxSockIO is the most that one call moves.
	maxSockIO = 1 << 20
)

type msghdr struct {
	b   [msgSize]byte
	iov []iovec
	len int
}

type iovec struct {
	base Addr
	len  int
}

// message reads a struct msghdr, which may be NULL: EINVAL, EMSGSIZE.
func (c *Call) message(a Addr, data bool) (m msghdr, e abi.Errno) {
	if a == 0 {
		return m, 0
	}
	if !c.K.Read(m.b[:], a) {
		return m, abi.EFAULT
	}
	n := le.Uint32(m.b[msgIovlen:])
	if !data {
		return m, 0
	}
	if n > 1024 {
		return m, abi.EMSGSIZE
	}
	b := make([]byte, 16*n)
	if !c.K.Read(b, Addr(le.Uint64(m.b[msgIov:]))) {
		return m, abi.EFAULT
	}
	for ; len(b) > 0; b = b[16:] {
		l := le.Uint64(b[8:])
		if l > maxSockIO || m.len+int(l) > maxSockIO {
			return m, abi.EMSGSIZE
		}
		m.iov = append(m.iov, iovec{Addr(le.Uint64(b)), int(l)})
		m.len += int(l)
	}
	return m, 0
}

func (m *msghdr) name() (Addr, int) {
	return Addr(le.Uint64(m.b[msgName:])), int(min(le.Uint32(m.b[msgNamelen:]), 256))
}

// send is sock_send's body: b goes to the message's address with its control data.
func (c *Call) send(so *socket.Socket, m *msghdr, b []byte, flags int, sent Addr) abi.Errno {
	out := socket.Msg{Uio: sys.NewUio(b), Flags: flags}
	if a, n := m.name(); a != 0 && n > 0 {
		out.Name = make([]byte, n)
		if !c.K.Read(out.Name, a) {
			return abi.EFAULT
		}
	}
	if n := le.Uint32(m.b[msgControllen:]); n > 0 {
		if n > 64<<10 {
			return abi.EMSGSIZE
		}
		out.Control = make([]byte, n)
		if !c.K.Read(out.Control, Addr(le.Uint64(m.b[msgControl:]))) {
			return abi.EFAULT
		}
	}
	e := so.Sendmsg(c.T.context(), &out, c.K.socks.nonblocking(so))
	if sent != 0 {
		c.Put64(sent, uint64(len(b))-uint64(out.Uio.Resid))
	}
	return e
}

func sockSend(c *Call, so *socket.Socket) abi.Errno {
	m, e := c.message(c.Addr(1), true)
	if e != 0 {
		return e
	}
	b := make([]byte, 0, m.len)
	for _, v := range m.iov {
		part := make([]byte, v.len)
		if !c.K.Read(part, v.base) {
			return abi.EFAULT
		}
		b = append(b, part...)
	}
	return c.send(so, &m, b, int(c.I32(2)), c.Addr(3))
}

// sockSendMbuf takes the mbuf always.
func sockSendMbuf(c *Call, so *socket.Socket) abi.Errno {
	m, e := c.message(c.Addr(1), false)
	x := &c.K.mbufs
	x.mu.Lock()
	data := x.at(c.Addr(2))
	if data == nil {
		x.mu.Unlock()
		c.Panic("sock_sendmbuf: " + notMbuf(c.Addr(2)))
		return 0
	}
	b, ok := x.read(data, maxSockIO)
	x.freeChain(data)
	x.mu.Unlock()
	switch {
	case e != 0:
		return e
	case !ok:
		return abi.EMSGSIZE
	}
	return c.send(so, &m, b, int(c.I32(3)), c.Addr(4))
}

// receive takes up to size bytes, and stores what else a message has.
func (c *Call) receive(so *socket.Socket, m *msghdr, at Addr, size, flags int) ([]byte, abi.Errno) {
	b := make([]byte, size)
	in := socket.Msg{Uio: sys.NewUio(b), Flags: flags, ControlMax: int(min(le.Uint32(m.b[msgControllen:]), 64<<10))}
	if e := so.Recvmsg(c.T.context(), &in, c.K.socks.nonblocking(so)); e != 0 {
		return nil, e
	}
	b = b[:size-int(in.Uio.Resid)]
	if at == 0 {
		return b, 0
	}
	if a, n := m.name(); a != 0 && n > 0 {
		if !c.K.Write(a, in.Name[:min(n, len(in.Name))]) {
			return nil, abi.EFAULT
		}
	}
	le.PutUint32(m.b[msgNamelen:], uint32(len(in.Name)))
	n := min(len(in.Control), in.ControlMax)
	if n > 0 && !c.K.Write(Addr(le.Uint64(m.b[msgControl:])), in.Control[:n]) {
		return nil, abi.EFAULT
	}
	le.PutUint32(m.b[msgControllen:], uint32(n))
	le.PutUint32(m.b[msgFlags:], uint32(in.OutFlags))
	c.K.Write(at, m.b[:])
	return b, 0
}

func sockReceive(c *Call, so *socket.Socket) abi.Errno {
	m, e := c.message(c.Addr(1), true)
	if e != 0 {
		return e
	}
	b, e := c.receive(so, &m, c.Addr(1), m.len, int(c.I32(2)))
	if e != 0 {
		return e
	}
	if a := c.Addr(3); a != 0 {
		c.Put64(a, uint64(len(b)))
	}
	for _, v := range m.iov {
		n := min(v.len, len(b))
		if !c.K.Write(v.base, b[:n]) {
			return abi.EFAULT
		}
		b = b[n:]
	}
	return 0
}

// sockReceiveMbuf takes up to *recvlen bytes; an end is no mbuf.
func sockReceiveMbuf(c *Call, so *socket.Socket) abi.Errno {
	m, e := c.message(c.Addr(1), false)
	if e != 0 {
		return e
	}
	size, ok := c.K.U64(c.Addr(4))
	if !ok {
		return abi.EINVAL
	}
	b, e := c.receive(so, &m, c.Addr(1), int(min(size, maxSockIO)), int(c.I32(3)))
	if e != 0 {
		return e
	}
	var h uint64
	if len(b) > 0 {
		data := c.K.mbufs.packet(c.Owner(), mbufTypeData, b)
		if data == nil {
			return abi.ENOBUFS
		}
		h = data.handle()
	}
	c.Put64(c.Addr(2), h)
	c.Put64(c.Addr(4), uint64(len(b)))
	return 0
}

// sockIoctl: FIONBIO is of the socket itself.
func sockIoctl(c *Call, so *socket.Socket) abi.Errno {
	cmd, arg := c.Arg(1), c.Addr(2)
	size := cmd >> 16 & 0x1fff
	b := make([]byte, size)
	if size > 0 && !c.K.Read(b, arg) {
		return abi.EFAULT
	}
	if cmd == abi.FIONBIO {
		s := c.K.socks.get(so)
		if s == nil {
			return abi.EPERM // a program's
		}
		s.nonblocking.Store(le.Uint32(b) != 0)
		return 0
	}
	e := so.Ioctl(c.T.context(), cmd, b)
	if e == 0 && size > 0 && cmd&0x40000000 != 0 {
		c.K.Write(arg, b)
	}
	return e
}
