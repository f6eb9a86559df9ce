package ipc

import (
	"fmt"

	"puggle/abi"
)

// Held is what a tool is told of one name in a space.
type Held struct {
	Name  abi.PortName
	Type  abi.PortType
	Urefs uint32
	// Port identifies the port, or the set: equal for equal ports while both
	// live. "" for a dead name.
	Port string
	// Kotype and Kobject are what stands behind a kernel object's port.
	Kotype  uint32
	Kobject any
	// Receiver and ReceiverName are who has the receive right: nil while it
	// is in a message.
	Receiver     *Space
	ReceiverName abi.PortName
	// Status is the port's, as its receiver would be told.
	Status abi.PortStatus
	// Senders are the send rights in existence.
	Senders uint32
	// Members are how many ports are in a set.
	Members int
}

// Inspect lists a space's names, for tools: the space is locked for the whole
// time, each port for a moment, so what it tells of one port is consistent.
// It is empty for a space that is terminated.
func (s *Space) Inspect() []Held {
	s.mu.Lock()
	defer s.mu.Unlock()
	var l []Held
	s.table.each(func(n abi.PortName, e *Entry) {
		h := Held{Name: n, Type: e.typ, Urefs: e.urefs}
		if ps := e.pset; ps != nil {
			h.Port = fmt.Sprintf("%p", ps)
			ps.mu.Lock()
			h.Members = len(ps.members)
			ps.mu.Unlock()
		}
		if p := e.port; p != nil {
			h.Port = fmt.Sprintf("%p", p)
			p.mu.Lock()
			if !p.active {
				h.Type = abi.MACH_PORT_TYPE_DEAD_NAME
			}
			h.Kotype, h.Kobject = p.kotype, p.kobject
			h.Receiver, h.ReceiverName = p.receiver, p.name
			h.Status = p.status()
			h.Senders = p.srights
			p.mu.Unlock()
		}
		l = append(l, h)
	})
	return l
}
