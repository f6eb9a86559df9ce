package kpi

import (
	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/mach/sched"
)

func init() {
	register("sys/kpi_socketfilter.h", "2006", "bsd", []Row{
		{Name: "sflt_register", Proto: "errno_t sflt_register(const struct sflt_filter *filter, int domain, int type, int protocol)", Handler: sfltRegister, Note: "PF_INET and PF_INET6"},
		{Name: "sflt_unregister", Proto: "errno_t sflt_unregister(sflt_handle handle)", Handler: sfltUnregister},
		{Name: "sflt_attach", Proto: "errno_t sflt_attach(socket_t so, sflt_handle handle)", Handler: ofSocket(func(c *Call, so *socket.Socket) uint64 {
			if !c.maySleep() {
				return 0
			}
			return uint64(so.AttachFilter(c.T.context(), c.U32(1)))
		})},
		{Name: "sflt_detach", Proto: "errno_t sflt_detach(socket_t so, sflt_handle handle)", Handler: ofSocket(func(c *Call, so *socket.Socket) uint64 {
			if !c.maySleep() {
				return 0
			}
			return uint64(so.DetachFilter(c.T.context(), c.U32(1)))
		})},
		{Name: "sock_inject_data_in", Proto: "errno_t sock_inject_data_in(socket_t so, const struct sockaddr *from, mbuf_t data, mbuf_t control, sflt_data_flag_t flags)", Handler: ofSocket(injectIn), Note: "ENOBUFS when the queue is full"},
		{Name: "sock_inject_data_out", Proto: "errno_t sock_inject_data_out(socket_t so, const struct sockaddr *to, mbuf_t data, mbuf_t control, sflt_data_flag_t flags)", Handler: ofSocket(injectOut), Note: "doesn't wait: ENOBUFS when the queue is full"},
		{Name: "sockopt_direction", Proto: "sockopt_dir sockopt_direction(sockopt_t sopt)", Handler: ofSockopt(func(_ *Call, o *sockopt) uint64 {
			if o.set {
				return 2
			}
			return 1
		})},
		{Name: "sockopt_level", Proto: "int sockopt_level(sockopt_t sopt)", Handler: ofSockopt(func(_ *Call, o *sockopt) uint64 { return uint64(uint32(o.level)) })},
		{Name: "sockopt_name", Proto: "int sockopt_name(sockopt_t sopt)", Handler: ofSockopt(func(_ *Call, o *sockopt) uint64 { return uint64(uint32(o.name)) })},
		{Name: "sockopt_valsize", Proto: "size_t sockopt_valsize(sockopt_t sopt)", Handler: ofSockopt(func(_ *Call, o *sockopt) uint64 { return uint64(len(o.val)) })},
		{Name: "sockopt_copyin", Proto: "errno_t sockopt_copyin(sockopt_t sopt, void *data, size_t len)", Handler: ofSockopt(sockoptCopyin)},
		{Name: "sockopt_copyout", Proto: "errno_t sockopt_copyout(sockopt_t sopt, void *data, size_t len)", Handler: ofSockopt(sockoptCopyout)},
	})
}

// struct sflt_filter (<sys/kpi_socketfilter.h>).
const (
	sfHandle       = 0
	sfFlags        = 4
	sfName         = 8
	sfUnregistered = 16
	sfAttach       = 24
	sfDetach       = 32
	sfNotify       = 40
	sfGetpeername  = 48
	sfGetsockname  = 56
	sfDataIn       = 64
	sfDataOut      = 72
	sfConnectIn    = 80
	sfConnectOut   = 88
	sfBind         = 96
	sfSetoption    = 104
	sfGetoption    = 112
	sfListen       = 120
	sfIoctl        = 128
	sfSize         = 136
)

// kextFilter is a filter of an extension: a socket.FilterOps.
type kextFilter struct {
	k *KernelTask
	f *socket.SocketFilter
	b [sfSize]byte // the struct sflt_filter
}

func (x *kextFilter) fn(off int) Addr { return Addr(le.Uint64(x.b[off:])) }

func sfltRegister(c *Call) uint64 {
	k := c.K
	if k.cfg.Sockets == nil {
		return uint64(abi.ENOTSUP)
	}
	x := &kextFilter{k: k}
	if !k.Read(x.b[:], c.Addr(0)) {
		return c.Panic("sflt_register: the struct sflt_filter can't be read")
	}
	if x.fn(sfAttach) == 0 || x.fn(sfDetach) == 0 || x.fn(sfName) == 0 {
		return uint64(abi.EINVAL)
	}
	name, ok := k.String(x.fn(sfName), 256)
	if !ok {
		return c.Panic("sflt_register: the name can't be read")
	}
	x.f = &socket.SocketFilter{Handle: le.Uint32(x.b[sfHandle:]), Name: name, Flags: int(le.Uint32(x.b[sfFlags:])),
		Family: int(c.I32(1)), Type: int(c.I32(2)), Protocol: int(c.I32(3)), Ops: x}
	if e := k.cfg.Sockets.RegisterFilter(x.f); e != 0 {
		return uint64(e)
	}
	var at []Addr
	for off := sfUnregistered; off < sfSize; off += 8 {
		at = append(at, x.fn(off))
	}
	k.AddReference("socket filter", x.f, name, func(th *sched.Thread) {
		k.cfg.Sockets.UnregisterFilter(threaded(nil), x.f.Handle)
		k.DropReference("socket filter", x.f)
	}, at...)
	return 0
}

func sfltUnregister(c *Call) uint64 {
	if !c.maySleep() {
		return 0
	}
	if c.K.cfg.Sockets == nil {
		return uint64(abi.ENOENT)
	}
	return uint64(c.K.cfg.Sockets.UnregisterFilter(c.T.context(), c.U32(0)))
}

// ofSocket is for what has a socket as its first argument.
func ofSocket(f func(c *Call, so *socket.Socket) uint64) func(*Call) uint64 {
	return func(c *Call) uint64 {
		so, ok := c.K.handle.get(c.Addr(0)).(*socket.Socket)
		if !ok {
			if c.Addr(0) == 0 {
				return uint64(abi.EINVAL)
			}
			return c.Panic(hex(c.Addr(0)) + " is no socket (closed?)")
		}
		return f(c, so)
	}
}

// sockopt is a sockopt_t: a call of setsockopt or getsockopt.
type sockopt struct {
	set         bool
	level, name int
	val         []byte // what is set, or the room there is
	got         []byte // what the filter gives
}

func ofSockopt(f func(c *Call, o *sockopt) uint64) func(*Call) uint64 {
	return func(c *Call) uint64 {
		o, ok := c.K.handle.get(c.Addr(0)).(*sockopt)
		if !ok {
			return c.Panic(hex(c.Addr(0)) + " is no sockopt_t")
		}
		return f(c, o)
	}
}

// sockoptCopyin takes the value that is set: EINVAL if it is shorter.
func sockoptCopyin(c *Call, o *sockopt) uint64 {
	n := c.Arg(2)
	if n > uint64(len(o.val)) {
		return uint64(abi.EINVAL)
	}
	if !c.K.Write(c.Addr(1), o.val[:n]) {
		return c.Panic("sockopt_copyin: the buffer at " + hex(c.Addr(1)) + " can't be written")
	}
	return 0
}

// sockoptCopyout gives the value that getsockopt asks for, or as much as there is room for.
func sockoptCopyout(c *Call, o *sockopt) uint64 {
	if o.set {
		return uint64(abi.EINVAL)
	}
	b := make([]byte, min(c.Arg(2), uint64(len(o.val))))
	if !c.K.Read(b, c.Addr(1)) {
		return c.Panic("sockopt_copyout: the buffer at " + hex(c.Addr(1)) + " can't be read")
	}
	o.got = b
	return 0
}

const sockDataOOB = 1

// packetOf reads what an extension wants to inject; the reason says what is wrong with it.
func (c *Call) packetOf() (p socket.Packet, m *mbuf, wrong string) {
	x := &c.K.mbufs
	x.mu.Lock()
	defer x.mu.Unlock()
	if m = x.at(c.Addr(2)); m == nil {
		return p, nil, notMbuf(c.Addr(2))
	}
	var ok bool
	if p.Data, ok = x.read(m, mbufMaxBytes); !ok {
		return p, nil, "the data can't be read"
	}
	p.Tags = x.saveTags(m)
	if a := c.Addr(3); a != 0 {
		ctl := x.at(a)
		if ctl == nil {
			return p, nil, notMbuf(a)
		}
		p.Control, _ = x.read(ctl, 64<<10)
	}
	if a := c.Addr(1); a != 0 {
		if p.Name, ok = c.K.sockaddr(a); !ok {
			return p, nil, "the address can't be read"
		}
	}
	return p, m, ""
}

// sockaddr reads a struct sockaddr, which begins with its length.
func (k *KernelTask) sockaddr(a Addr) ([]byte, bool) {
	var n [1]byte
	if !k.Read(n[:], a) {
		return nil, false
	}
	b := make([]byte, n[0])
	return b, k.Read(b, a)
}

func (c *Call) freeInjected() {
	x := &c.K.mbufs
	x.mu.Lock()
	x.freeChain(x.at(c.Addr(2)))
	x.freeChain(x.at(c.Addr(3)))
	x.mu.Unlock()
}

// injectIn takes the mbufs if it succeeds, injectOut always.
func injectIn(c *Call, so *socket.Socket) uint64 {
	if c.Addr(2) == 0 {
		return uint64(abi.EINVAL)
	}
	if c.U32(4)&sockDataOOB != 0 {
		return uint64(abi.ENOTSUP)
	}
	return c.inject(so, false)
}

func injectOut(c *Call, so *socket.Socket) uint64 {
	if c.Addr(2) == 0 {
		return uint64(abi.EINVAL)
	}
	return c.inject(so, true)
}

func (c *Call) inject(so *socket.Socket, out bool) uint64 {
	if !c.maySleep() {
		return 0
	}
	p, _, wrong := c.packetOf()
	if wrong != "" {
		return c.Panic("sock_inject_data: " + wrong)
	}
	e := so.Inject(c.T.context(), out, p)
	if e == 0 || out {
		c.freeInjected()
	}
	return uint64(e)
}
