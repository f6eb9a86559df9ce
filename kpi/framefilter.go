package kpi

import (
	"errors"
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/bsd/net"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// Filters of interfaces and of IP: what the data link layer calls of an extension. An extension that is
// dead lets everything pass, as if it were not there; the packet with which it dies is lost.

// struct iff_filter and struct ipf_filter.
const (
	iffCookie   = 0
	iffName     = 8
	iffProtocol = 16
	iffInput    = 24
	iffOutput   = 32
	iffEvent    = 40
	iffIoctl    = 48
	iffDetached = 56
	iffSize     = 64

	ipfCookie = 0
	ipfName   = 8
	ipfInput  = 16
	ipfOutput = 24
	ipfDetach = 32
	ipfSize   = 40
)

// frameFilter is a filter of an extension: a net.FrameFilter.
type frameFilter struct {
	k                                *KernelTask
	cookie                           uint64
	input, output, event, ioctl, end Addr
	ip                               bool
	h                                Addr // its reference
	at                               *net.Attachment
	name                             string
	kind                             string
	gone                             atomic.Bool // its extension was taken out by force: it is called no more
}

func (x *frameFilter) code() []Addr { return []Addr{x.input, x.output, x.event, x.ioctl, x.end} }

// attach puts the filter into its place and stores its reference.
func (x *frameFilter) attach(c *Call, index int, family uint32, ref Addr) uint64 {
	k := x.k
	if !c.maySleep() {
		return 0
	}
	if x.end == 0 && x.ip || ref == 0 {
		return uint64(abi.EINVAL)
	}
	x.at = k.cfg.Net.NewAttachment(index, family, x)
	if x.h = k.handle.put(x); x.h == 0 {
		return uint64(abi.ENOMEM)
	}
	if !c.Put64(ref, uint64(x.h)) { // before a packet comes
		k.handle.drop(x.h)
		return 0
	}
	k.startDLIL()
	k.AddReference(x.kind, x, x.name, func(*sched.Thread) {
		x.gone.Store(true)
		x.at.Detach()
		k.DropReference(x.kind, x)
	}, x.code()...)
	if e := x.at.Attach(); e != 0 {
		k.DropReference(x.kind, x)
		k.handle.drop(x.h)
		return uint64(e)
	}
	return 0
}

func ifltAttach(c *Call, i *ifnet) uint64 {
	var b [iffSize]byte
	if !c.K.Read(b[:], c.Addr(1)) {
		return c.Panic("iflt_attach: the struct iff_filter can't be read")
	}
	at := func(off int) Addr { return Addr(le.Uint64(b[off:])) }
	name, ok := c.K.String(at(iffName), 256)
	if !ok {
		return uint64(abi.EINVAL)
	}
	x := &frameFilter{k: c.K, cookie: uint64(at(iffCookie)), input: at(iffInput), output: at(iffOutput), event: at(iffEvent), ioctl: at(iffIoctl),
		end: at(iffDetached), name: name, kind: "interface filter"}
	return x.attach(c, i.index, le.Uint32(b[iffProtocol:]), c.Addr(2))
}

// ipfAdd: EINVAL without ipf_detach or a name.
func ipfAdd(family uint32) func(*Call) uint64 {
	return func(c *Call) uint64 {
		var b [ipfSize]byte
		if !c.K.Read(b[:], c.Addr(0)) {
			return c.Panic("ipf_add: the struct ipf_filter can't be read")
		}
		at := func(off int) Addr { return Addr(le.Uint64(b[off:])) }
		name, ok := c.K.String(at(ipfName), 256)
		if !ok {
			return uint64(abi.EINVAL)
		}
		if c.K.cfg.Net == nil {
			return uint64(abi.ENXIO)
		}
		x := &frameFilter{k: c.K, ip: true, cookie: uint64(at(ipfCookie)), input: at(ipfInput), output: at(ipfOutput), end: at(ipfDetach), name: name,
			kind: "IP filter"}
		return x.attach(c, 0, family, c.Addr(1))
	}
}

// filterAt finds a filter of one of the kinds.
func (c *Call) filterAt(a Addr, ip bool) *frameFilter {
	x, ok := c.K.handle.get(a).(*frameFilter)
	if !ok || x.ip != ip {
		return nil
	}
	return x
}

// ifltDetach has iff_detached called later; until then the extension can't be unloaded.
func ifltDetach(c *Call) uint64 {
	x := c.filterAt(c.Addr(0), false)
	if x == nil {
		return c.Panic(hex(c.Addr(0)) + " is no interface_filter_t")
	}
	x.at.Detach()
	return 0
}

func ipfRemove(c *Call) uint64 {
	x := c.filterAt(c.Addr(0), true)
	if x == nil {
		return uint64(abi.ENOENT)
	}
	return uint64(x.at.Detach())
}

// ipfInject takes the mbuf always.
func ipfInject(out bool) func(*Call) uint64 {
	return func(c *Call) uint64 {
		k := c.K
		var after *net.Attachment
		if a := c.Addr(1); a != 0 {
			x := c.filterAt(a, true)
			if x == nil {
				return c.Panic(hex(a) + " is no ipfilter_t")
			}
			after = x.at
		}
		k.mbufs.mu.Lock()
		m := k.mbufs.at(c.Addr(0))
		if m == nil {
			k.mbufs.mu.Unlock()
			return c.Panic("ipf_inject: " + notMbuf(c.Addr(0)))
		}
		index := 0
		if i, ok := k.handle.get(Addr(m.rcvif)).(*ifnet); ok {
			index = i.index
		}
		b, ok := k.mbufs.read(m, 65535)
		k.mbufs.freeChain(m)
		k.mbufs.mu.Unlock()
		switch {
		case !ok:
			return uint64(abi.EMSGSIZE)
		case k.cfg.Net == nil:
			return uint64(abi.ENETDOWN)
		}
		k.startDLIL()
		if out {
			return uint64(k.cfg.Net.InjectOutput(b, after))
		}
		return uint64(k.cfg.Net.InjectInput(b, index, after))
	}
}

// Frame gives the filter an mbuf, and takes back what it leaves.
func (x *frameFilter) Frame(ctx *sys.Context, f *net.Frame, out bool) abi.Errno {
	fn := x.input
	if out {
		fn = x.output
	}
	if fn == 0 || x.gone.Load() {
		return 0
	}
	k, owner := x.k, x.k.extensionAt(fn)
	if owner != nil && owner.dead.Load() {
		return 0
	}
	data, cut := f.Data, 0
	if out {
		data, cut = append(append([]byte(nil), f.Header...), f.Data...), len(f.Header)
	}
	m := k.mbufs.packet(owner, mbufTypeData, data)
	if m == nil {
		return abi.ENOBUFS
	}
	var ifp uint64
	if i := k.ifnetOf(f.Index); i != nil {
		ifp = uint64(i.h)
		k.mbufs.mu.Lock()
		m.rcvif = ifp
		k.mbufs.mu.Unlock()
	}
	k.mbufs.restoreTags(m, f.Tags)
	// Where the filter finds and leaves the mbuf, the header's place, and the header.
	block := le.AppendUint64(nil, m.handle())
	at, ok := k.lend(append(append(block, make([]byte, 8)...), f.Header...))
	if !ok {
		k.mbufs.drop(m)
		return abi.ENOBUFS
	}
	defer k.alloc.put(at)
	k.PutU64(at+8, uint64(at+16))
	var v uint64
	var err error
	switch {
	case x.ip && out:
		v, err = k.CallContext(ctx, fn, x.cookie, uint64(at), 0)
	case x.ip:
		off, proto := payloadOf(f.Data)
		v, err = k.CallContext(ctx, fn, x.cookie, uint64(at), uint64(off), uint64(proto))
	case out:
		v, err = k.CallContext(ctx, fn, x.cookie, ifp, uint64(f.Family), uint64(at))
	default:
		v, err = k.CallContext(ctx, fn, x.cookie, ifp, uint64(f.Family), uint64(at), uint64(at+8))
	}
	e := errnoOf(v, err)
	if e == socket.EJUSTRETURN {
		return e
	}
	h, _ := k.U64(at)
	k.mbufs.mu.Lock()
	defer k.mbufs.mu.Unlock()
	m = k.mbufs.at(Addr(h))
	defer k.mbufs.freeChain(m)
	switch {
	case errors.Is(err, ErrDead):
		return 0
	case err != nil, m == nil:
		return abi.EIO
	case e != 0:
		return e
	}
	b, ok := k.mbufs.read(m, 65535+cut)
	if !ok || len(b) < cut {
		return abi.EMSGSIZE
	}
	f.Data, f.Tags = b[cut:], k.mbufs.saveTags(m)
	return 0
}

// payloadOf is where a packet's payload begins, and its protocol.
func payloadOf(b []byte) (off int, proto byte) {
	switch {
	case len(b) >= 20 && b[0]>>4 == 4:
		return int(b[0]&15) * 4, b[9]
	case len(b) >= 40 && b[0]>>4 == 6:
		return 40, b[6]
	}
	return 0, 0
}

func (x *frameFilter) Ioctl(ctx *sys.Context, cmd uint64, arg []byte) abi.Errno {
	if x.ioctl == 0 || x.gone.Load() {
		return abi.EOPNOTSUPP
	}
	// The argument is a struct ifreq: the interface's name comes first.
	k := x.k
	i := k.ifnetOf(x.at.Index())
	at, ok := k.lend(append(make([]byte, abi.IFNAMSIZ), arg...))
	if !ok || i == nil {
		return abi.ENOMEM
	}
	defer k.alloc.put(at)
	k.Write(at, []byte(k.cfg.Net.NameOf(i.index)))
	e := errnoOf(k.CallContext(threaded(ctx), x.ioctl, x.cookie, uint64(i.h), 0, cmd, uint64(at)))
	if e == socket.EJUSTRETURN {
		k.Read(arg, at+abi.IFNAMSIZ)
	}
	return e
}

// Event gives the filter a struct kev_msg, made of what sockets read.
func (x *frameFilter) Event(ctx *sys.Context, index int, msg []byte) {
	i := x.k.ifnetOf(index)
	if x.event == 0 || x.gone.Load() || i == nil || len(msg) < abi.KevHeaderSize {
		return
	}
	k := x.k
	b := make([]byte, kevVectors+16*kevMaxVecs, kevVectors+16*kevMaxVecs+len(msg))
	copy(b, msg[4:16])
	copy(b[12:], msg[20:24])
	data := msg[abi.KevHeaderSize:]
	le.PutUint32(b[kevVectors:], uint32(len(data)))
	at, ok := k.lend(append(b, data...))
	if !ok {
		return
	}
	defer k.alloc.put(at)
	k.PutU64(at+kevVectors+8, uint64(at)+uint64(len(b)))
	k.CallContext(ctx, x.event, x.cookie, uint64(i.h), 0, uint64(at))
}

func (x *frameFilter) Detached(ctx *sys.Context, index int) {
	if x.end != 0 && !x.gone.Load() {
		var i *ifnet
		if !x.ip {
			i = x.k.ifnetOf(index)
		}
		var h uint64
		if i != nil {
			h = uint64(i.h)
		}
		x.k.CallContext(ctx, x.end, x.cookie, h)
	}
	x.k.DropReference(x.kind, x)
	x.k.handle.drop(x.h)
}

// ifnetOf gives the handle of an interface by its index; of one that has gone if code knew it.
func (k *KernelTask) ifnetOf(index int) *ifnet {
	if f := k.cfg.Net.ByIndex(index); f != nil {
		return k.ifnetAt(f)
	}
	k.ifnets.mu.Lock()
	defer k.ifnets.mu.Unlock()
	return k.ifnets.all[index]
}

// dlilQueue is the work that waits for the network's thread: filters, and callbacks of sockets.
type dlilQueue struct {
	mu   sync.Mutex
	work []func(*sys.Context)
	busy bool
}

// maxWaiting is how many packets may wait.
const maxWaiting = 4096

// startDLIL gives the layer its thread: made when there is work, gone when there is none.
func (k *KernelTask) startDLIL() {
	k.cfg.Net.StartDLIL(func(must bool, work func(*sys.Context)) bool { return k.dlil.put(must, k, work) })
}

// put queues work; it is refused when much waits, unless it must be done.
func (q *dlilQueue) put(must bool, k *KernelTask, work func(*sys.Context)) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.work) >= maxWaiting && !must {
		return false
	}
	q.work = append(q.work, work)
	if !q.busy {
		q.busy = true
		go k.runDLIL()
	}
	return true
}

func (k *KernelTask) runDLIL() {
	th := new(sched.Thread)
	th.Init("kernel_task/dlil", k.cfg.Tasks.Processors)
	th.SetTaskPriority(sched.BasePriKernel, sched.MaxPriKernel)
	ctx := &sys.Context{Thread: th, Cred: rootCred}
	th.Attach()
	defer k.ThreadGone(th)
	defer th.Detach()
	q := &k.dlil
	for {
		q.mu.Lock()
		l := q.work
		if q.work = nil; len(l) == 0 {
			q.busy = false
			q.mu.Unlock()
			return
		}
		q.mu.Unlock()
		for _, f := range l {
			f(ctx)
		}
	}
}
