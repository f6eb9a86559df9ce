package ipc

import (
	"math"

	"puggle/abi"
	"puggle/mach/sched"
)

type sendThread = *sched.Thread

// KernelServer serves messages to a kernel object's port, on the sender's
// goroutine, with no ipc lock held. It gets request and may take things out of
// it (TakeReply, Desc.Take...); what it leaves is destroyed when it returns.
// The reply, made by request.NewReply, is sent by the caller; nil for none (the
// server kept the reply right, or lets it lapse with a send-once notification).
type KernelServer func(p *Port, request *Kmsg) (reply *Kmsg)

// KernelSpace holds the receive rights of the kernel: those of kernel objects,
// and those from which kernel threads receive.
var KernelSpace = &Space{kernel: true}

// AllocKernel makes a port whose receiver is the kernel (ipc_port_alloc_special).
// With a server it is a kernel object's handle of the given IKOT_* type;
// without one, kernel threads receive from it (ReceiveInKernel). The kernel
// owns the receive right until DestroyKernel. Fails with KERN_RESOURCE_SHORTAGE.
func AllocKernel(kobject any, kotype uint32, server KernelServer) (*Port, abi.KernReturn) {
	p, kr := newPort()
	if kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	p.receiver, p.name = KernelSpace, 1
	p.kobject, p.kotype, p.kserver = kobject, kotype, server
	p.qlimit = abi.MACH_PORT_QLIMIT_KERNEL
	return p, abi.KERN_SUCCESS
}

// DestroyKernel ends a port that AllocKernel made. It may be called twice.
func (p *Port) DestroyKernel() { ReleaseReceive(p) }

// Kobject gives the object behind p and its type, (nil, IKOT_NONE) if there is
// none or the port has died.
func (p *Port) Kobject() (any, uint32) {
	if !IsValid(p) {
		return nil, abi.IKOT_NONE
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kobject, p.kotype
}

// SetKobject changes what stands behind p (ipc_kobject_set); with nil and
// IKOT_NONE it disables the port, and messages to it are lost.
func (p *Port) SetKobject(kobject any, kotype uint32) {
	p.mu.Lock()
	p.kobject, p.kotype = kobject, kotype
	p.mu.Unlock()
}

// OnNoSenders has fn called, with no ipc lock held, each time the last send
// right of a kernel port goes. New rights may have been made by then: fn
// checks HasSenders under whatever lock makes its decision safe.
func (p *Port) OnNoSenders(fn func(p *Port)) {
	p.mu.Lock()
	p.kwatch = fn
	p.mu.Unlock()
}

// OnDeath has fn called once when p dies, with no ipc lock held.
func (p *Port) OnDeath(fn func()) {
	p.mu.Lock()
	p.onDeath = fn
	p.mu.Unlock()
}

// Receiver is the space that has the receive right: nil while it is in a message, or
// when p has died.
func (p *Port) Receiver() *Space {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.active {
		return nil
	}
	return p.receiver
}

// HasSenders says whether send rights exist.
func (p *Port) HasSenders() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.srights > 0
}

func (p *Port) tellNoSenders() {
	p.mu.Lock()
	fn := p.kwatch
	if !p.active || p.srights > 0 {
		fn = nil
	}
	p.mu.Unlock()
	if fn != nil {
		fn(p)
	}
}

// serve runs a kernel object's server and sends the reply
// (ipc_kobject_server). It consumes request.
func serve(server KernelServer, p *Port, request *Kmsg, c *chores) {
	reply := server(p, request)
	request.remote.consumeDest(request.remoteType(), KernelSpace, c)
	request.remote = nil
	c.kmsg(request)
	if reply == nil {
		return
	}
	if !IsValid(reply.remote) {
		c.kmsg(reply)
		return
	}
	reply.sendQueued(c)
}

// sendQueued queues a kernel reply, whose destination may be a kernel object
// that the client named as its reply port: that is served by the chores, so
// that replies to replies don't recurse.
func (k *Kmsg) sendQueued(c *chores) {
	if k.charged == 0 {
		k.countAlways(math.MaxInt64)
	}
	c.add(chore{kind: choreSend, kmsg: k})
}

// ID is msgh_id. Body is everything after the header as the sender wrote it,
// descriptors included (they are better read by Desc).
func (k *Kmsg) ID() int32                           { return k.id }
func (k *Kmsg) Body() []byte                        { return k.body[abi.MsgHeaderSize:] }
func (k *Kmsg) Descs() []Desc                       { return k.desc }
func (k *Kmsg) IsComplex() bool                     { return k.bits&abi.MACH_MSGH_BITS_COMPLEX != 0 }
func (k *Kmsg) Sender() (SecurityToken, AuditToken) { return k.sec, k.audit }

// Thread is the thread that sends to a kernel object, on whose goroutine the
// server runs; nil for messages of the kernel.
func (k *Kmsg) Thread() *sched.Thread { return k.from }

// ReplyPort is the request's reply right and its type; the message keeps it.
func (k *Kmsg) ReplyPort() (*Port, abi.MsgType) { return k.local, k.localType() }

// TakeReply moves the reply right out of the request; the caller owns it.
func (k *Kmsg) TakeReply() (*Port, abi.MsgType) {
	p, t := k.local, k.localType()
	k.setLocal(nil, 0)
	return p, t
}

// DataOffset is where inline data begins in Body: behind the descriptors.
func (k *Kmsg) DataOffset() int {
	if !k.IsComplex() {
		return 0
	}
	n := abi.MsgBodySize
	for i := range k.desc {
		n += k.desc[i].userSize()
	}
	return n
}

// NewMessage makes a kernel message to remote, a naked right of type t that
// the message owns from now on: descriptors that it owns, too, and data.
func NewMessage(remote *Port, t abi.MsgType, id int32, descs []Desc, data []byte) *Kmsg {
	return newMessage(newKmsg, remote, t, id, descs, data)
}

func newMessage(alloc func(id int32, n int) *Kmsg, remote *Port, t abi.MsgType, id int32, descs []Desc, data []byte) *Kmsg {
	n := 0
	if len(descs) > 0 {
		n = abi.MsgBodySize
		for i := range descs {
			n += descs[i].userSize()
		}
	}
	k := alloc(id, (n+len(data)+3)&^3)
	copy(k.body[abi.MsgHeaderSize+n:], data)
	if len(descs) > 0 {
		k.bits = abi.MACH_MSGH_BITS_COMPLEX
		k.desc = append(k.desc, descs...)
	}
	k.setRemote(remote, t)
	for i := range k.desc {
		k.desc[i].eachReceive(func(p *Port) {
			if p.arrive(remote) {
				k.circular = true
			}
		})
	}
	return k
}

// SetReplyPort gives a kernel message a reply right, which it consumes.
func (k *Kmsg) SetReplyPort(p *Port, t abi.MsgType) { k.setLocal(p, t) }

// NewReply makes the reply to k, taking k's reply right: id + 100, the
// descriptors (which it owns) and the data.
func (k *Kmsg) NewReply(descs []Desc, data []byte) *Kmsg {
	p, t := k.TakeReply()
	alloc := newKmsg
	if k.charged == 0 && len(descs) == 0 {
		alloc = newUncounted // sendQueued counts it, if it comes to that
		if s := k.spare; s != nil {
			alloc, k.spare = s.begin, nil
		}
	}
	return newMessage(alloc, p, t, k.id+100, descs, data)
}

// Destroy consumes k and all it holds.
func (k *Kmsg) Destroy() {
	var c chores
	c.kmsg(k)
	c.run()
}

// SendFromKernel sends k and consumes it, ignoring queue limits
// (mach_msg_send_from_kernel). MACH_SEND_INVALID_DEST if the remote port is
// none; a dead one loses the message.
func SendFromKernel(k *Kmsg) abi.KernReturn {
	var c chores
	defer c.run()
	if !IsValid(k.remote) {
		c.kmsg(k)
		return abi.MACH_SEND_INVALID_DEST
	}
	return k.send(nil, sendOpts{always: true}, &c)
}

// SendFromKernelLimited is SendFromKernel, but it waits for room on th until
// the deadline; MACH_SEND_TIMED_OUT and MACH_SEND_INTERRUPTED consume k, too.
func SendFromKernelLimited(th *sched.Thread, k *Kmsg, until sched.Deadline) abi.KernReturn {
	var c chores
	defer c.run()
	if !IsValid(k.remote) {
		c.kmsg(k)
		return abi.MACH_SEND_INVALID_DEST
	}
	kr := k.send(th, sendOpts{timed: until != sched.Forever, deadline: until}, &c)
	if kr != abi.MACH_MSG_SUCCESS {
		c.kmsg(k)
	}
	return kr
}

// ReceiveInKernel waits until the deadline for a message on a port of
// KernelSpace; the caller owns the message. The destination's right has been
// consumed. Errors: MACH_RCV_TIMED_OUT, INTERRUPTED, PORT_DIED, PORT_CHANGED.
func (p *Port) ReceiveInKernel(th *sched.Thread, until sched.Deadline) (*Kmsg, abi.KernReturn) {
	r := newReceiver(th, false, -1, 0)
	p.receive(KernelSpace, r, sendOpts{timed: until != sched.Forever, deadline: until})
	k, kr := r.kmsg, r.kr
	r.free()
	if kr != abi.MACH_MSG_SUCCESS {
		return nil, kr
	}
	var c chores
	p.spnotify(&c)
	k.remote.consumeDest(k.remoteType(), KernelSpace, &c)
	k.remote = nil
	k.dropVoucher(&c)
	for i := range k.desc {
		k.desc[i].eachReceive(func(q *Port) { q.depart(nil) })
	}
	c.run()
	return k, kr
}
