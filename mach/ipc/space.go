package ipc

import (
	"sync"
	"sync/atomic"

	"puggle/abi"
)

// Space is an ipc_space: the names of one task.
type Space struct {
	mu     sync.Mutex
	active bool
	table  entryTable
	// reverse finds the name of a port for which the space has send or
	// receive rights (ipc_hash). Send-once rights have a name each.
	reverse map[*Port]abi.PortName

	kernel bool
	tokens atomic.Pointer[identity]

	// Guard is called, with no lock held, when a guest breaks a port's guard
	// (EXC_GUARD with GUARD_TYPE_MACH_PORT): the name, a KGUARD_EXC_* code,
	// and its payload. Nil for nobody. Set it before the space is used.
	Guard func(name abi.PortName, code uint32, payload uint64)
	// Task is the owner's own.
	Task any
}

type identity struct {
	sec   SecurityToken
	audit AuditToken
}

// NewSpace makes an empty space (ipc_space_create).
func NewSpace() *Space {
	return &Space{active: true, reverse: make(map[*Port]abi.PortName)}
}

// SetIdentity sets the tokens that go into the trailers of what is sent from s.
func (s *Space) SetIdentity(sec SecurityToken, audit AuditToken) {
	s.tokens.Store(&identity{sec, audit})
}

// Active says whether Terminate has not been called.
func (s *Space) Active() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.active
}

// Count is the number of names in use.
func (s *Space) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.table.count
}

// Terminate is ipc_space_terminate: every right is released. Guards are not
// looked at. It may be called twice.
func (s *Space) Terminate() {
	var c chores
	s.mu.Lock()
	if !s.active {
		s.mu.Unlock()
		return
	}
	s.active = false
	var sets []*PortSet
	var own []*Port // ports of which s has send rights, too
	var deaths chores
	s.table.each(func(n abi.PortName, e *Entry) {
		p := e.port
		if e.typ&abi.MACH_PORT_TYPE_RECEIVE != 0 {
			deaths.destroyPort(p)
			if e.typ&abi.MACH_PORT_TYPE_SEND != 0 {
				own = append(own, p)
			}
			return
		}
		switch e.typ &^ abi.MACH_PORT_TYPE_LABELH {
		case abi.MACH_PORT_TYPE_PORT_SET:
			sets = append(sets, e.pset)
		case abi.MACH_PORT_TYPE_SEND:
			p.mu.Lock()
			c.portDeleted(p.cancelRequest(requestKey{s, n}), n)
			p.dropSend(&c)
			p.mu.Unlock()
		case abi.MACH_PORT_TYPE_SEND_ONCE:
			p.mu.Lock()
			c.portDeleted(p.cancelRequest(requestKey{s, n}), n)
			p.mu.Unlock()
			c.sendOnce(p)
		}
	})
	s.table = entryTable{}
	s.reverse = nil
	s.mu.Unlock()
	for _, ps := range sets {
		ps.destroy()
	}
	// Ports die before their owner's send rights go, so that those don't
	// set off no-senders notifications.
	deaths.run()
	for _, p := range own {
		releaseSend(p, &c)
	}
	c.run()
}

// guard reports a broken guard. No lock is held.
func (s *Space) guard(n abi.PortName, code uint32, payload uint64) {
	if s.Guard != nil {
		s.Guard(n, code, payload)
	}
}

// lock locks the space, or fails with kr if it is terminated.
func (s *Space) lock(dead abi.KernReturn) abi.KernReturn {
	s.mu.Lock()
	if !s.active {
		s.mu.Unlock()
		return dead
	}
	return abi.KERN_SUCCESS
}

// enter locks the space and looks n up: ipc_right_lookup_write. On success s.mu
// is held. Errors: KERN_INVALID_TASK, KERN_INVALID_NAME.
func (s *Space) enter(n abi.PortName) (*Entry, abi.KernReturn) {
	if kr := s.lock(abi.KERN_INVALID_TASK); kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	e := s.table.lookup(n)
	if e == nil {
		s.mu.Unlock()
		return nil, abi.KERN_INVALID_NAME
	}
	return e, abi.KERN_SUCCESS
}

// check is ipc_right_check for an entry with send rights: if its port has died,
// the entry becomes a dead name, with one more reference if a dead-name
// notification is owed. s.mu is held. It reports whether it is dead.
func (s *Space) check(n abi.PortName, e *Entry) bool {
	p := e.port
	p.mu.Lock()
	if p.active {
		p.mu.Unlock()
		return false
	}
	s.bury(n, e)
	p.mu.Unlock()
	return true
}

// bury turns an entry of a dead port, or of one that is about to die, into a
// dead name. s.mu and e.port.mu are held.
func (s *Space) bury(n abi.PortName, e *Entry) {
	p := e.port
	if e.typ&abi.MACH_PORT_TYPE_SEND_RECEIVE != 0 {
		delete(s.reverse, p)
	}
	e.typ = abi.MACH_PORT_TYPE_DEAD_NAME
	if e.urefs == 0 {
		e.urefs = 1
	}
	if e.noted {
		e.noted = false
		key := requestKey{s, n}
		if _, owed := p.requests[key]; owed {
			if !p.active {
				delete(p.requests, key)
			}
			if e.urefs < abi.MACH_PORT_UREFS_MAX {
				e.urefs++
			}
		}
	}
	e.port = nil
}

// receiveRight finds the receive right under n, for calls that name one; the space's
// hold on it may end at any time.
func (s *Space) receiveRight(n abi.PortName) (*Port, abi.KernReturn) {
	e, kr := s.enter(n)
	if kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	defer s.mu.Unlock()
	if e.typ&abi.MACH_PORT_TYPE_RECEIVE == 0 {
		return nil, abi.KERN_INVALID_RIGHT
	}
	return e.port, abi.KERN_SUCCESS
}
