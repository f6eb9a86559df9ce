package kpi

import (
	"bytes"
	"errors"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

func init() {
	register("sys/kern_control.h", "2006", "bsd", []Row{
		{Name: "ctl_register", Proto: "errno_t ctl_register(struct kern_ctl_reg *reg, kern_ctl_ref *ref)", Handler: ctlRegister},
		{Name: "ctl_deregister", Proto: "errno_t ctl_deregister(kern_ctl_ref ref)", Handler: ctlDeregister},
		{Name: "ctl_enqueuedata", Proto: "errno_t ctl_enqueuedata(kern_ctl_ref ref, u_int32_t unit, void *data, size_t len, u_int32_t flags)", Handler: ctlEnqueuedata},
		{Name: "ctl_enqueuembuf", Proto: "errno_t ctl_enqueuembuf(kern_ctl_ref ref, u_int32_t unit, mbuf_t m, u_int32_t flags)", Handler: ctlEnqueuembuf},
		{Name: "ctl_getenqueuespace", Proto: "errno_t ctl_getenqueuespace(kern_ctl_ref ref, u_int32_t unit, size_t *space)", Handler: ctlSpace},
		{Name: "ctl_getenqueuereadable", Proto: "errno_t ctl_getenqueuereadable(kern_ctl_ref ref, u_int32_t unit, u_int32_t *difference)", Handler: ctlReadable},
	})
}

// struct kern_ctl_reg (<sys/kern_control.h>).
const (
	regName       = 0
	regID         = 96
	regUnit       = 100
	regFlags      = 104
	regSendsize   = 108
	regRecvsize   = 112
	regConnect    = 120
	regDisconnect = 128
	regSend       = 136
	regSetopt     = 144
	regGetopt     = 152
	regSize       = 160
)

// Flags of what is enqueued.
const (
	ctlDataNowakeup = 1
	ctlDataEOR      = 2
)

// kextControl is a control of an extension: a socket.Controller.
type kextControl struct {
	k   *KernelTask
	h   Addr
	ctl *socket.Control

	connect, disconnect, send, setopt, getopt Addr
}

func ctlRegister(c *Call) uint64 {
	k, at := c.K, c.Addr(0)
	ds := k.cfg.Sockets
	if ds == nil {
		return uint64(abi.ENOTSUP)
	}
	if at == 0 {
		return uint64(abi.EINVAL)
	}
	var b [regSize]byte
	if !k.Read(b[:], at) {
		return c.Panic("ctl_register: the struct kern_ctl_reg can't be read")
	}
	fn := func(off int) Addr { return Addr(le.Uint64(b[off:])) }
	x := &kextControl{k: k, connect: fn(regConnect), disconnect: fn(regDisconnect), send: fn(regSend),
		setopt: fn(regSetopt), getopt: fn(regGetopt)}
	name, _, whole := bytes.Cut(b[regName:regID], []byte{0})
	if !whole || x.connect == 0 {
		return uint64(abi.EINVAL)
	}
	u32 := func(off int) uint32 { return le.Uint32(b[off:]) }
	x.ctl = &socket.Control{Name: string(name), ID: u32(regID), Unit: u32(regUnit), Flags: u32(regFlags),
		SendSize: int(u32(regSendsize)), RecvSize: int(u32(regRecvsize)), Controller: x}
	if x.h = k.handle.put(x); x.h == 0 {
		return uint64(abi.ENOMEM)
	}
	if e := ds.Controls.Register(x.ctl); e != 0 {
		k.handle.drop(x.h)
		return uint64(e)
	}
	k.AddReference("kernel control", x.h, x.ctl.Name, func(*sched.Thread) {
		ds.Controls.Abandon(x.ctl)
		k.forgetControl(x)
	}, x.connect, x.disconnect, x.send, x.setopt, x.getopt)
	if x.ctl.Flags&socket.CtlRegIDUnit == 0 && !c.Put32(at+regID, x.ctl.ID) {
		return 0
	}
	if c.Put32(at+regSendsize, uint32(x.ctl.SendSize)) && c.Put32(at+regRecvsize, uint32(x.ctl.RecvSize)) {
		c.Put64(c.Addr(1), uint64(x.h))
	}
	return 0
}

func (k *KernelTask) forgetControl(x *kextControl) {
	k.handle.drop(x.h)
	k.DropReference("kernel control", x.h)
}

// control is argument 0: nil for none, and for one that is no more.
func (c *Call) control() *kextControl {
	x, _ := c.K.handle.get(c.Addr(0)).(*kextControl)
	return x
}

func ctlDeregister(c *Call) uint64 {
	x := c.control()
	if x == nil {
		return uint64(abi.EINVAL)
	}
	if e := c.K.cfg.Sockets.Controls.Deregister(x.ctl); e != 0 {
		return uint64(e)
	}
	c.K.forgetControl(x)
	return 0
}

// unit is the socket that arguments 0 and 1 name, nil for none.
func (c *Call) unit() *socket.ControlPCB {
	if x := c.control(); x != nil {
		return x.ctl.Connected(c.U32(1))
	}
	return nil
}

func ctlEnqueuedata(c *Call) uint64 {
	p, n, flags := c.unit(), c.Arg(3), c.U32(4)
	if p == nil {
		return uint64(abi.EINVAL)
	}
	if n > uint64(p.Space()) {
		return uint64(abi.ENOBUFS)
	}
	b := make([]byte, n)
	if !c.K.Read(b, c.Addr(2)) {
		return c.Panic("ctl_enqueuedata: the data at " + hex(c.Addr(2)) + " can't be read")
	}
	return uint64(p.Enqueue(b, flags&ctlDataEOR != 0, flags&ctlDataNowakeup != 0))
}

// ctlEnqueuembuf takes the mbuf if it succeeds.
func ctlEnqueuembuf(c *Call) uint64 {
	p, flags := c.unit(), c.U32(3)
	x := &c.K.mbufs
	room := 0
	if p != nil {
		room = p.Space()
	}
	x.mu.Lock()
	m := x.at(c.Addr(2))
	if m == nil {
		x.mu.Unlock()
		return c.Panic("ctl_enqueuembuf: " + notMbuf(c.Addr(2)))
	}
	if p == nil {
		x.mu.Unlock()
		return uint64(abi.EINVAL)
	}
	b, ok := x.read(m, room)
	x.mu.Unlock()
	if !ok {
		return uint64(abi.ENOBUFS)
	}
	e := p.Enqueue(b, flags&ctlDataEOR != 0, flags&ctlDataNowakeup != 0)
	if e == 0 {
		x.mu.Lock()
		if x.at(c.Addr(2)) == m { // another thread may have freed it meanwhile
			x.freeChain(m)
		}
		x.mu.Unlock()
	}
	return uint64(e)
}

func ctlSpace(c *Call) uint64 {
	p := c.unit()
	if p == nil || c.Addr(2) == 0 {
		return uint64(abi.EINVAL)
	}
	c.Put64(c.Addr(2), uint64(p.Space()))
	return 0
}

func ctlReadable(c *Call) uint64 {
	p := c.unit()
	if p == nil || c.Addr(2) == 0 {
		return uint64(abi.EINVAL)
	}
	c.Put32(c.Addr(2), uint32(p.Readable()))
	return 0
}

// call calls one of the control's functions, with the control, the unit and its information first.
func (x *kextControl) call(ctx *sys.Context, fn Addr, p *socket.ControlPCB, args ...uint64) abi.Errno {
	info, _ := p.Info.(uint64)
	return x.k.callDevice(ctx, fn, append([]uint64{uint64(x.h), uint64(p.Unit()), info}, args...)...)
}

// sockaddrCtlSpace is room for a struct sockaddr_ctl and what ctl_connect stores.
const sockaddrCtlSpace = 40

// Connect calls ctl_connect, which leaves what the unit is to it.
func (x *kextControl) Connect(ctx *sys.Context, p *socket.ControlPCB) abi.Errno {
	ctx = threaded(ctx)
	a, ok := x.k.alloc.get(sockaddrCtlSpace, kindKernel, nil)
	if !ok {
		return abi.ENOMEM
	}
	defer x.k.alloc.put(a)
	p.Info = uint64(0)
	x.k.clear(a, sockaddrCtlSpace)
	x.k.Write(a, abi.SockaddrCtl(x.ctl.ID, p.Unit()))
	e := x.k.callDevice(ctx, x.connect, uint64(x.h), uint64(a), uint64(a+32))
	info, _ := x.k.U64(a + 32)
	p.Info = info
	return e
}

func (x *kextControl) Disconnect(ctx *sys.Context, p *socket.ControlPCB) {
	if x.disconnect != 0 {
		x.call(threaded(ctx), x.disconnect, p)
	}
}

// Send gives ctl_send an mbuf that is its own from then on.
func (x *kextControl) Send(ctx *sys.Context, p *socket.ControlPCB, data []byte, flags int) abi.Errno {
	if x.send == 0 {
		return abi.ENOTSUP
	}
	m := x.k.mbufs.packet(x.k.extensionAt(x.send), mbufTypeData, data)
	if m == nil {
		return abi.ENOBUFS
	}
	info, _ := p.Info.(uint64)
	v, err := x.k.CallContext(ctx, x.send, uint64(x.h), uint64(p.Unit()), info, uint64(m.h), uint64(uint32(flags)))
	switch {
	case errors.Is(err, ErrDead), errors.Is(err, ErrNoMemory):
		x.k.mbufs.drop(m) // it never got there
		return abi.EIO
	case err != nil:
		return abi.EIO
	}
	return guestErrno(v)
}

func (x *kextControl) Setopt(ctx *sys.Context, p *socket.ControlPCB, name int, val []byte) abi.Errno {
	if x.setopt == 0 {
		return abi.ENOTSUP
	}
	var a Addr
	if len(val) > 0 {
		var ok bool
		if a, ok = x.k.alloc.get(uint64(len(val)), kindKernel, nil); !ok {
			return abi.ENOMEM
		}
		defer x.k.alloc.put(a)
		x.k.Write(a, val)
	}
	return x.call(ctx, x.setopt, p, uint64(uint32(name)), uint64(a), uint64(len(val)))
}

func (x *kextControl) Getopt(ctx *sys.Context, p *socket.ControlPCB, name, max int) ([]byte, abi.Errno) {
	if x.getopt == 0 {
		return nil, abi.ENOTSUP
	}
	// The length, and behind it the value.
	a, ok := x.k.alloc.get(uint64(8+max), kindKernel, nil)
	if !ok {
		return nil, abi.ENOMEM
	}
	defer x.k.alloc.put(a)
	x.k.clear(a, uint64(8+max))
	x.k.PutU64(a, uint64(max))
	data := a + 8
	if max == 0 {
		data = 0
	}
	if e := x.call(ctx, x.getopt, p, uint64(uint32(name)), uint64(data), uint64(a)); e != 0 {
		return nil, e
	}
	n, _ := x.k.U64(a)
	if n > uint64(max) {
		return nil, abi.EIO // more than there was room for
	}
	b := make([]byte, n)
	x.k.Read(b, a+8)
	return b, 0
}

// threaded is a context with a thread and rights: what closes a file, or pages, may have none.
func threaded(ctx *sys.Context) *sys.Context {
	if ctx != nil && ctx.Thread != nil && ctx.Cred != nil {
		return ctx
	}
	t := sys.Context{}
	if ctx != nil {
		t = *ctx
	}
	if t.Cred == nil {
		t.Cred = rootCred
	}
	if t.Thread == nil {
		t.Thread = sched.NewThread("kpi")
	}
	return &t
}
