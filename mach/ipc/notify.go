package ipc

import (
	"encoding/binary"

	"puggle/abi"
)

// requestKey says whose name a dead-name or send-possible request is about.
type requestKey struct {
	space *Space
	name  abi.PortName
}

// request is an ipc_port_request: at most one for each entry.
type request struct {
	so    *Port // send-once right that the notification uses up
	spreq bool  // send-possible was asked for, not only dead-name
	armed bool  // tell when there is room
}

// setRequest replaces the request for key and gives the old one's right to the
// caller. so is consumed. p.mu is held.
func (p *Port) setRequest(key requestKey, r request) (old *Port) {
	old = p.cancelRequest(key)
	if r.so == nil {
		return old
	}
	if p.requests == nil {
		p.requests = make(map[requestKey]request)
	}
	p.requests[key] = r
	if r.armed {
		p.sparmed++
	}
	return old
}

// cancelRequest takes the request for key away (ipc_port_request_cancel); the
// caller owns the send-once right. p.mu is held.
func (p *Port) cancelRequest(key requestKey) *Port {
	r, ok := p.requests[key]
	if !ok {
		return nil
	}
	delete(p.requests, key)
	if r.armed {
		p.sparmed--
	}
	return r.so
}

// arm makes a send-possible request live after a send found the queue full
// (MACH_SEND_NOTIFY). p.mu is held.
func (p *Port) arm(key requestKey) {
	if r, ok := p.requests[key]; ok && r.spreq && !r.armed {
		r.armed = true
		p.requests[key] = r
		p.sparmed++
	}
}

// spnotify sends the send-possible notifications that are due
// (ipc_port_spnotify). No lock is held.
func (p *Port) spnotify(c *chores) {
	p.mu.Lock()
	if p.sparmed > 0 && p.active && !p.full() {
		for key, r := range p.requests {
			if r.armed {
				delete(p.requests, key)
				c.sendPossible(r.so, key.name)
			}
		}
		p.sparmed = 0
	}
	p.mu.Unlock()
}

// The notifications themselves: each consumes the send-once right so.

func notifySendOnce(so *Port, c *chores) {
	so.mu.Lock()
	live := so.active && so.sorights > 0
	if so.active && !live {
		so.mu.Unlock()
		panic("ipc: send-once right released twice")
	}
	so.mu.Unlock()
	if live {
		sendNotification(so, newKmsg(abi.MACH_NOTIFY_SEND_ONCE, 0), c)
	}
}

func notifyNoSenders(so *Port, mscount uint32, c *chores) {
	k := newKmsg(abi.MACH_NOTIFY_NO_SENDERS, 12)
	copy(k.body[abi.MsgHeaderSize:], abi.NDRRecord[:])
	binary.LittleEndian.PutUint32(k.body[32:], mscount)
	sendNotification(so, k, c)
}

func notifyName(so *Port, id int32, n abi.PortName, c *chores) {
	k := newKmsg(id, 12)
	copy(k.body[abi.MsgHeaderSize:], abi.NDRRecord[:])
	binary.LittleEndian.PutUint32(k.body[32:], uint32(n))
	sendNotification(so, k, c)
}

// notifyPortDestroyed consumes the receive right of p, too.
func notifyPortDestroyed(so, p *Port, c *chores) {
	k := newKmsg(abi.MACH_NOTIFY_PORT_DESTROYED, abi.MsgBodySize+abi.MsgPortDescSize)
	k.bits |= abi.MACH_MSGH_BITS_COMPLEX
	k.desc = []Desc{{Type: abi.MACH_MSG_PORT_DESCRIPTOR, Disp: abi.MACH_MSG_TYPE_PORT_RECEIVE, Port: p}}
	k.circular = p.arrive(so)
	sendNotification(so, k, c)
}

func sendNotification(so *Port, k *Kmsg, c *chores) {
	if !IsValid(so) {
		k.remote = nil
		c.kmsg(k)
		return
	}
	k.setRemote(so, abi.MACH_MSG_TYPE_PORT_SEND_ONCE)
	if kmsgBytes.Load() > 2*MaxKmsgBytes {
		// Notifications can't be refused, so a guest could fill the host
		// with them. Far beyond the limit they are lost.
		k.remote = nil
		so.mu.Lock()
		if so.active {
			so.sorights--
		}
		so.mu.Unlock()
		c.kmsg(k)
		return
	}
	k.send(nil, sendOpts{always: true}, c)
}
