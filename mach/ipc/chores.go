package ipc

import (
	"sync"

	"puggle/abi"
)

// chores is what releasing rights leaves to be done when no lock is held. See
// "Death" in the package comment.
type chores struct {
	list []chore
}

// choresPool keeps lists for the message path, which nearly always has a few.
var choresPool = sync.Pool{New: func() any { return &chores{list: make([]chore, 0, 8)} }}

// finish runs c and gives it back to the pool.
func (c *chores) finish() {
	c.run()
	if cap(c.list) <= 64 {
		choresPool.Put(c)
	}
}

type choreKind uint8

const (
	choreKmsg choreKind = iota
	chorePort
	choreSendOnce
	choreNoSenders
	choreKernelNoSenders
	choreDeadName
	chorePortDeleted
	chorePortDestroyed
	choreSendPossible
	choreSend
	choreGuard
)

type chore struct {
	kind choreKind
	port *Port
	arg  *Port
	kmsg *Kmsg
	n    uint32
	hook func()
}

func (c *chores) add(x chore) { c.list = append(c.list, x) }

// Each consumes what it is given: the message, the receive right, the
// send-once rights.
func (c *chores) kmsg(k *Kmsg)        { c.add(chore{kind: choreKmsg, kmsg: k}) }
func (c *chores) destroyPort(p *Port) { c.add(chore{kind: chorePort, port: p}) }
func (c *chores) sendOnce(so *Port)   { c.add(chore{kind: choreSendOnce, port: so}) }
func (c *chores) noSenders(so *Port, mscount uint32) {
	c.add(chore{kind: choreNoSenders, port: so, n: mscount})
}
func (c *chores) kernelNoSenders(p *Port) { c.add(chore{kind: choreKernelNoSenders, port: p}) }
func (c *chores) deadName(so *Port, n abi.PortName) {
	c.add(chore{kind: choreDeadName, port: so, n: uint32(n)})
}
func (c *chores) portDeleted(so *Port, n abi.PortName) {
	if so != nil {
		c.add(chore{kind: chorePortDeleted, port: so, n: uint32(n)})
	}
}
func (c *chores) sendPossible(so *Port, n abi.PortName) {
	c.add(chore{kind: choreSendPossible, port: so, n: uint32(n)})
}
func (c *chores) portDestroyed(so, p *Port) {
	c.add(chore{kind: chorePortDestroyed, port: so, arg: p})
}

// guard raises a guard exception when the locks are gone.
func (c *chores) guard(s *Space, n abi.PortName, code uint32, payload uint64) {
	c.add(chore{kind: choreGuard, hook: func() { s.guard(n, code, payload) }})
}

// run does all chores, and those that they make. No lock may be held.
func (c *chores) run() {
	for len(c.list) > 0 {
		last := len(c.list) - 1
		x := c.list[last]
		c.list[last] = chore{}
		c.list = c.list[:last]
		switch x.kind {
		case choreKmsg:
			x.kmsg.destroy(c)
		case chorePort:
			x.port.destroy(c)
		case choreGuard:
			x.hook()
		case choreSend:
			x.kmsg.send(nil, sendOpts{always: true}, c)
		case choreKernelNoSenders:
			x.port.tellNoSenders()
		case choreSendOnce:
			notifySendOnce(x.port, c)
		case choreNoSenders:
			notifyNoSenders(x.port, x.n, c)
		case choreDeadName:
			notifyName(x.port, abi.MACH_NOTIFY_DEAD_NAME, abi.PortName(x.n), c)
		case chorePortDeleted:
			notifyName(x.port, abi.MACH_NOTIFY_PORT_DELETED, abi.PortName(x.n), c)
		case choreSendPossible:
			notifyName(x.port, abi.MACH_NOTIFY_SEND_POSSIBLE, abi.PortName(x.n), c)
		case chorePortDestroyed:
			notifyPortDestroyed(x.port, x.arg, c)
		}
	}
}
