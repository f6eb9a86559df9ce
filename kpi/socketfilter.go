package kpi

import (
	"errors"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
)

// What the socket layer calls of an extension's filter. An extension that is dead lets everything
// pass, as if it were not there; when it dies with a question the answer is EIO.

// errnoOf is what a filter answered.
func errnoOf(v uint64, err error) abi.Errno {
	switch {
	case errors.Is(err, ErrDead):
		return 0
	case err != nil:
		return abi.EIO
	case int32(v) == int32(socket.EJUSTRETURN):
		return socket.EJUSTRETURN
	}
	return guestErrno(v)
}

// filterCookie is what a filter keeps of a socket, and the socket's handle.
type filterCookie struct {
	so     Addr
	cookie uint64
}

// ask calls one of the filter's functions: with its cookie and the socket first.
func (x *kextFilter) ask(ctx *sys.Context, off int, a *socket.Attached, args ...uint64) abi.Errno {
	if x.fn(off) == 0 {
		return 0
	}
	c, ok := a.Cookie.(filterCookie)
	if !ok {
		return 0
	}
	return errnoOf(x.k.CallContext(threaded(ctx), x.fn(off), append([]uint64{c.cookie, uint64(c.so)}, args...)...))
}

// lend gives memory with b in it for as long as a call takes; 0 for none, when b is nil, and if
// there is no memory, for which ok is false.
func (k *KernelTask) lend(b []byte) (a Addr, ok bool) {
	if b == nil {
		return 0, true
	}
	if a, ok = k.alloc.get(uint64(max(len(b), 1)), kindKernel, nil); ok {
		k.Write(a, b)
	}
	return a, ok
}

func (x *kextFilter) Attach(ctx *sys.Context, a *socket.Attached) abi.Errno {
	k := x.k
	h := k.handle.ref(a.Socket)
	at, ok := k.lend(make([]byte, 8))
	if h == 0 || !ok {
		if h != 0 {
			k.handle.unref(h)
		}
		return abi.ENOMEM
	}
	defer k.alloc.put(at)
	v, err := k.CallContext(threaded(ctx), x.fn(sfAttach), uint64(at), uint64(h))
	e := errnoOf(v, err)
	if err != nil {
		e = abi.EIO // the dead are attached to nothing
	}
	if e != 0 {
		k.handle.unref(h)
		return e
	}
	cookie, _ := k.U64(at)
	a.Cookie = filterCookie{h, cookie}
	return 0
}

func (x *kextFilter) Detach(ctx *sys.Context, a *socket.Attached) {
	x.ask(ctx, sfDetach, a)
	if c, ok := a.Cookie.(filterCookie); ok {
		x.k.handle.unref(c.so)
	}
}

func (x *kextFilter) Unregistered(ctx *sys.Context) {
	if fn := x.fn(sfUnregistered); fn != 0 {
		x.k.CallContext(threaded(ctx), fn, uint64(x.f.Handle))
	}
	x.k.DropReference("socket filter", x.f)
}

func (x *kextFilter) Notify(ctx *sys.Context, a *socket.Attached, ev socket.Event, how int) {
	var at Addr
	if ev == socket.EvtShutdown && x.fn(sfNotify) != 0 {
		var ok bool
		if at, ok = x.k.lend([]byte{byte(how), 0, 0, 0}); !ok {
			return
		}
		defer x.k.alloc.put(at)
	}
	x.ask(ctx, sfNotify, a, uint64(ev), uint64(at))
}

// askName is ask about an address.
func (x *kextFilter) askName(ctx *sys.Context, off int, a *socket.Attached, name []byte) abi.Errno {
	if x.fn(off) == 0 {
		return 0
	}
	at, ok := x.k.lend(lengthed(name))
	if !ok {
		return abi.ENOMEM
	}
	if at != 0 {
		defer x.k.alloc.put(at)
	}
	return x.ask(ctx, off, a, uint64(at))
}

// lengthed is a sockaddr whose length is what it has: programs leave that to the kernel. It has room
// for what its family's addresses have.
func lengthed(name []byte) []byte {
	if len(name) == 0 {
		return nil
	}
	b := make([]byte, max(len(name), 128))
	copy(b, name)
	b[0] = byte(min(len(name), 255))
	return b
}

func (x *kextFilter) Bind(ctx *sys.Context, a *socket.Attached, name []byte) abi.Errno {
	return x.askName(ctx, sfBind, a, name)
}

func (x *kextFilter) Listen(ctx *sys.Context, a *socket.Attached) abi.Errno {
	return x.ask(ctx, sfListen, a)
}

func (x *kextFilter) ConnectOut(ctx *sys.Context, a *socket.Attached, to []byte) abi.Errno {
	return x.askName(ctx, sfConnectOut, a, to)
}

func (x *kextFilter) ConnectIn(ctx *sys.Context, a *socket.Attached, from []byte) abi.Errno {
	return x.askName(ctx, sfConnectIn, a, from)
}

// Name gives the filter a pointer to the address, which it may change in place or replace.
func (x *kextFilter) Name(ctx *sys.Context, a *socket.Attached, peer bool, name []byte) ([]byte, abi.Errno) {
	off := sfGetsockname
	if peer {
		off = sfGetpeername
	}
	if x.fn(off) == 0 || len(name) == 0 {
		return name, 0
	}
	at, ok := x.k.lend(append(lengthed(name), make([]byte, 8)...))
	if !ok {
		return nil, abi.ENOMEM
	}
	defer x.k.alloc.put(at)
	ptr := at + Addr(max(len(name), 128))
	x.k.PutU64(ptr, uint64(at))
	if e := x.ask(ctx, off, a, uint64(ptr)); e != 0 && e != socket.EJUSTRETURN {
		return nil, e
	}
	now, _ := x.k.U64(ptr)
	b, ok := x.k.sockaddr(Addr(now))
	if !ok || len(b) < 2 {
		return name, 0
	}
	return b, 0
}

// Data gives the filter mbufs, and takes back what it leaves: what it has swallowed is its own.
// A filter that dies with the packet has given no verdict.
func (x *kextFilter) Data(ctx *sys.Context, a *socket.Attached, out bool, p *socket.Packet) abi.Errno {
	off := sfDataIn
	if out {
		off = sfDataOut
	}
	fn := x.fn(off)
	if fn == 0 {
		return 0
	}
	k, owner := x.k, x.k.extensionAt(fn)
	if owner != nil && owner.dead.Load() {
		return 0
	}
	failed := func(e abi.Errno) abi.Errno {
		p.Failed = true
		return e
	}
	m := k.mbufs.packet(owner, mbufTypeData, p.Data)
	if m == nil {
		return failed(abi.ENOBUFS)
	}
	var ctl *mbuf
	if len(p.Control) > 0 {
		if ctl = k.mbufs.packet(owner, mbufTypeControl, p.Control); ctl == nil {
			k.mbufs.drop(m)
			return failed(abi.ENOBUFS)
		}
	}
	k.mbufs.restoreTags(m, p.Tags)
	// Where the filter finds and leaves the mbufs, and the address behind.
	block := make([]byte, 16)
	le.PutUint64(block, m.handle())
	le.PutUint64(block[8:], ctl.handle())
	at, ok := k.lend(append(block, lengthed(p.Name)...))
	if !ok {
		k.mbufs.drop(m)
		k.mbufs.drop(ctl)
		return failed(abi.ENOBUFS)
	}
	defer k.alloc.put(at)
	var name uint64
	if len(p.Name) > 0 {
		name = uint64(at + 16)
	}
	var v uint64
	var err error
	if c, ok := a.Cookie.(filterCookie); ok {
		v, err = k.CallContext(threaded(ctx), fn, c.cookie, uint64(c.so), name, uint64(at), uint64(at+8), 0)
	}
	e := errnoOf(v, err)
	k.mbufs.mu.Lock()
	defer k.mbufs.mu.Unlock()
	if e == socket.EJUSTRETURN {
		return e
	}
	mh, _ := k.U64(at)
	ch, _ := k.U64(at + 8)
	m, ctl = k.mbufs.at(Addr(mh)), k.mbufs.at(Addr(ch))
	defer k.mbufs.freeChain(m)
	defer k.mbufs.freeChain(ctl)
	switch {
	case errors.Is(err, ErrDead):
		return 0
	case err != nil, owner != nil && owner.dead.Load():
		return failed(abi.EIO)
	case e != 0:
		return e
	case m == nil:
		return failed(abi.EIO)
	}
	b, ok := k.mbufs.read(m, max(2*len(p.Data), 1<<20))
	if !ok {
		return failed(abi.EMSGSIZE)
	}
	p.Data, p.Control, p.Tags = b, nil, k.mbufs.saveTags(m)
	if ctl != nil {
		p.Control, _ = k.mbufs.read(ctl, 64<<10)
	}
	return 0
}

func (x *kextFilter) Option(ctx *sys.Context, a *socket.Attached, set bool, level, name int, val []byte) ([]byte, abi.Errno) {
	off := sfGetoption
	if set {
		off = sfSetoption
	}
	if x.fn(off) == 0 {
		return nil, 0
	}
	o := &sockopt{set: set, level: level, name: name, val: val}
	h := x.k.handle.put(o)
	if h == 0 {
		return nil, abi.ENOMEM
	}
	defer x.k.handle.take(h, o)
	e := x.ask(ctx, off, a, uint64(h))
	return o.got, e
}

// Ioctl gives the filter the command's data to look at.
func (x *kextFilter) Ioctl(ctx *sys.Context, a *socket.Attached, cmd uint64, data []byte) abi.Errno {
	if x.fn(sfIoctl) == 0 {
		return 0
	}
	at, ok := x.k.lend(data)
	if !ok {
		return abi.ENOMEM
	}
	if at != 0 {
		defer x.k.alloc.put(at)
	}
	e := x.ask(ctx, sfIoctl, a, cmd, uint64(at))
	if e == socket.EJUSTRETURN && at != 0 {
		x.k.Read(data, at) // it has answered
	}
	return e
}
