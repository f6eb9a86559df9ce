package ipc

import (
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/mach/sched"
)

// Port is an ipc_port. Everything below mu is guarded by it.
type Port struct {
	mu     sync.Mutex
	active bool

	// A port is in a space (receiver, name), in transit (dest: the port whose
	// queue holds the message with the receive right; also under transitMu),
	// or in limbo (none of them) between the two.
	receiver *Space
	name     abi.PortName
	dest     *Port

	srights  uint32 // send rights: one for each entry, one for each naked right
	sorights uint32 // send-once rights
	mscount  uint32

	nsrequest *Port                  // send-once right: no-senders notification
	pdrequest *Port                  // send-once right: port-destroyed notification
	requests  map[requestKey]request // notify.go; outlives the port
	sparmed   int                    // requests that are armed for send-possible

	mqueue

	context  uint64
	flags    portFlags
	kotype   uint32
	kobject  any
	kserver  KernelServer
	kwatch   func(p *Port) // NoSenders of a kernel object
	onDeath  func()
	watchers watchList
}

type portFlags uint16

const (
	portGuarded portFlags = 1 << iota
	portStrictGuard
	portImmovableReceive
	portTempOwner
	portImpDonation
	portReply   // mach_reply_port / MPO_REPLY_PORT semantics: receive right stays
	portSpecial // special reply port
)

// Null and Dead are MACH_PORT_NULL and MACH_PORT_DEAD as they travel in
// messages.
var (
	Null *Port
	Dead = &Port{}
)

// IsValid is IP_VALID: whether p is a port at all (it may have died).
func IsValid(p *Port) bool { return p != nil && p != Dead }

// MaxPorts bounds the ports of the whole kernel (port_max); a space that would
// go beyond gets KERN_RESOURCE_SHORTAGE.
var MaxPorts int64 = 1 << 20

// Live counts, for tools and for tests that nothing leaks.
var livePorts, liveKmsgs, kmsgBytes atomic.Int64

// Counts are the numbers of active ports and of messages in existence.
func Counts() (ports, messages int64) { return livePorts.Load(), liveKmsgs.Load() }

// newPort makes a port in limbo. The caller owns its receive right.
func newPort() (*Port, abi.KernReturn) {
	if livePorts.Add(1) > MaxPorts {
		livePorts.Add(-1)
		return nil, abi.KERN_RESOURCE_SHORTAGE
	}
	p := &Port{active: true}
	p.qlimit = abi.MACH_PORT_QLIMIT_DEFAULT
	return p, abi.KERN_SUCCESS
}

// Active says whether the port's receive right exists.
func (p *Port) Active() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.active
}

// MakeSend makes a naked send right from the receive right
// (ipc_port_make_send); the caller owns it. Dead if the port has died.
func (p *Port) MakeSend() *Port {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.active {
		return Dead
	}
	p.mscount++
	p.srights++
	return p
}

// CopySend makes a naked send right from one that the caller has and keeps
// (ipc_port_copy_send). Null and Dead copy to themselves.
func CopySend(p *Port) *Port {
	if !IsValid(p) {
		return p
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.active {
		return Dead
	}
	p.srights++
	return p
}

// MakeSendOnce makes a naked send-once right (ipc_port_make_sonce); the caller
// owns it. Dead if the port has died.
func (p *Port) MakeSendOnce() *Port {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.active {
		return Dead
	}
	p.sorights++
	return p
}

// ReleaseSend consumes a naked send right; the last one sets off the no-senders
// notification.
func ReleaseSend(p *Port) {
	var c chores
	releaseSend(p, &c)
	c.run()
}

func releaseSend(p *Port, c *chores) {
	if !IsValid(p) {
		return
	}
	p.mu.Lock()
	p.dropSend(c)
	p.mu.Unlock()
}

// dropSend takes one send right from the count. p.mu is held.
func (p *Port) dropSend(c *chores) {
	if !p.active {
		return
	}
	if p.srights == 0 {
		panic("ipc: send right released twice")
	}
	p.srights--
	if p.srights != 0 {
		return
	}
	if ns := p.nsrequest; ns != nil {
		p.nsrequest = nil
		c.noSenders(ns, p.mscount)
	}
	if p.kwatch != nil {
		c.kernelNoSenders(p)
	}
}

// ReleaseSendOnce consumes a naked send-once right that was not used: its
// receiver gets a send-once notification by it.
func ReleaseSendOnce(p *Port) {
	var c chores
	releaseSendOnce(p, &c)
	c.run()
}

func releaseSendOnce(p *Port, c *chores) {
	if IsValid(p) {
		c.sendOnce(p)
	}
}

// ReleaseReceive consumes a naked receive right: the port dies, or goes to
// whoever asked for its port-destroyed notification.
func ReleaseReceive(p *Port) {
	var c chores
	releaseReceive(p, &c)
	c.run()
}

func releaseReceive(p *Port, c *chores) {
	if IsValid(p) {
		c.destroyPort(p)
	}
}

// Release consumes a naked right of the received type t.
func Release(p *Port, t abi.MsgType) {
	var c chores
	release(p, t, &c)
	c.run()
}

func release(p *Port, t abi.MsgType, c *chores) {
	switch t {
	case abi.MACH_MSG_TYPE_PORT_SEND:
		releaseSend(p, c)
	case abi.MACH_MSG_TYPE_PORT_SEND_ONCE:
		releaseSendOnce(p, c)
	case abi.MACH_MSG_TYPE_PORT_RECEIVE:
		releaseReceive(p, c)
	}
}

// leave takes the port out of its space, out of its sets, and away from the
// threads that receive from it, who get PORT_CHANGED (or PORT_DIED if it is
// dying): ipc_port_clear_receiver. Guards, make-send count and sequence number
// start anew. p.mu is held; the receive right becomes naked.
func (p *Port) leave() {
	p.receiver, p.name = nil, 0
	p.mscount, p.seqno = 0, 0
	p.context = 0
	p.flags &^= portGuarded | portStrictGuard | portImmovableReceive
	p.leaveSets()
	kr := abi.MACH_RCV_PORT_CHANGED
	if !p.active {
		kr = abi.MACH_RCV_PORT_DIED
	}
	p.receivers.fail(kr)
	p.watchers.notify()
}

// destroy is ipc_port_destroy: p's receive right is naked or still in a space.
func (p *Port) destroy(c *chores) {
	p.mu.Lock()
	if !p.active {
		p.mu.Unlock()
		return
	}
	if pd := p.pdrequest; pd != nil {
		// The receive right moves into a notification instead of dying.
		p.pdrequest = nil
		p.leave()
		p.mu.Unlock()
		p.depart(nil)
		c.portDestroyed(pd, p)
		return
	}
	p.active = false
	p.leave()
	msgs := p.takeAll()
	for key, r := range p.requests {
		if r.so != nil {
			c.deadName(r.so, key.name)
			// The key stays: its entry owes the notification a reference.
			p.requests[key] = request{}
		}
	}
	ns := p.nsrequest
	p.sparmed, p.nsrequest = 0, nil
	p.kobject, p.kserver, p.kwatch, p.kotype = nil, nil, nil, abi.IKOT_NONE
	dead := p.onDeath
	p.onDeath = nil
	p.senders.WakeupAll(sched.Restart)
	p.mu.Unlock()
	p.depart(nil)
	livePorts.Add(-1)

	for k := msgs; k != nil; {
		next := k.next
		k.next = nil
		c.kmsg(k)
		k = next
	}
	if ns != nil {
		c.sendOnce(ns)
	}
	if dead != nil {
		dead()
	}
}
