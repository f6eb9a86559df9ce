package server

import (
	"encoding/binary"
	"sync"

	"puggle/abi"
	"puggle/iokit"
	"puggle/mach/ipc"
	"puggle/mach/mig"
	"puggle/mach/sched"
)

// Messages to programs (<IOKit/OSMessageNotification.h>).
const (
	notificationID = 53 // kOSNotificationMessageID

	typePublish   = 100
	typeMatched   = 101
	typeTerminate = 102
	typeAsync     = 150
	typeMessage   = 160

	maxReference = 8 // words of the sender's own
	maxWaiting   = 1024
)

var messageTypes = map[string]uint32{
	iokit.PublishNotification: typePublish, iokit.FirstPublishNotification: typePublish,
	iokit.MatchedNotification: typeMatched, iokit.FirstMatchNotification: typeMatched,
	iokit.TerminatedNotification: typeTerminate, iokit.WillTerminateNotification: typeTerminate,
}

// wake is a send right of a program's, and what it wants to see again.
type wake struct {
	reference [maxReference]uint64

	mu   sync.Mutex
	port *ipc.Port // nil after release: a driver may complete a call that failed
}

func newWake(port mig.Right, reference []uint64) *wake {
	w := &wake{port: port.Take()}
	copy(w.reference[:], reference)
	return w
}

func (w *wake) release() {
	w.mu.Lock()
	p := w.port
	w.port = nil
	w.mu.Unlock()
	ipc.ReleaseSend(p)
}

// header is OSNotificationHeader64: the size of the content, the type, the reference.
func (w *wake) header(size int, kind uint32) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(size))
	b = binary.LittleEndian.AppendUint32(b, kind)
	for _, v := range w.reference {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return b
}

// send sends a message now or not at all: MACH_SEND_TIMED_OUT when the port is full,
// MACH_SEND_INVALID_DEST when it is dead or was given back. The rights are gone in any case.
func (w *wake) send(reply *ipc.Port, d []ipc.Desc, b []byte) kret {
	w.mu.Lock()
	to := ipc.CopySend(w.port)
	w.mu.Unlock()
	if !ipc.IsValid(to) {
		ipc.ReleaseSend(reply)
		for _, x := range d {
			ipc.ReleaseSend(x.Port)
		}
		return abi.MACH_SEND_INVALID_DEST
	}
	k := ipc.NewMessage(to, abi.MACH_MSG_TYPE_PORT_SEND, notificationID, d, b)
	if reply != nil {
		k.SetReplyPort(reply, abi.MACH_MSG_TYPE_PORT_SEND)
	}
	return ipc.SendFromKernelLimited(sched.NewThread("iokit"), k, sched.After(0))
}

// notification is an IOServiceUserNotification: an iterator over those that have come,
// which says so when it was at its end. Or, of interest in one service, the messages themselves.
type notification struct {
	s    *Server
	wake *wake
	kind uint32
	note *iokit.Notification

	mu    sync.Mutex
	come  []*iokit.Entry
	armed bool
	over  bool
}

func (n *notification) class() string {
	if n.kind == typeMessage {
		return "IOServiceMessageUserNotification"
	}
	return "IOServiceUserNotification"
}
func (n *notification) reset()      {}
func (n *notification) valid() bool { return true }

func (n *notification) next() *iokit.Entry {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.come) == 0 {
		n.armed = true
		return nil
	}
	e := n.come[0]
	n.come = n.come[1:]
	return e
}

func (n *notification) end() {
	n.mu.Lock()
	was := n.over
	n.over = true
	n.mu.Unlock()
	if was {
		return
	}
	if n.note != nil {
		n.note.Remove()
	}
	n.wake.release()
}

func (n *notification) arrived(e *iokit.Entry) {
	n.mu.Lock()
	if n.over || len(n.come) >= maxWaiting {
		n.mu.Unlock()
		return
	}
	n.come = append(n.come, e)
	tell := n.armed
	n.armed = false
	n.mu.Unlock()
	if tell && n.wake.send(n.own(), nil, n.wake.header(0, n.kind)) != abi.KERN_SUCCESS {
		// The port was full: the program doesn't know yet, so that the next one tells it.
		n.mu.Lock()
		n.armed = true
		n.mu.Unlock()
	}
}

// own is a right to the notification's port, by which the program knows it; nil when it is gone.
func (n *notification) own() *ipc.Port {
	n.s.mu.Lock()
	defer n.s.mu.Unlock()
	if p := n.s.ports[n]; p != nil {
		return p.MakeSend()
	}
	return nil
}

// message sends IOServiceInterestContent64 with a right to the service.
func (n *notification) message(e *iokit.Entry, kind uint32, argument uint64) {
	p := n.s.entryPort(e)
	if p == nil {
		return
	}
	b := n.wake.header(12, typeMessage)
	b = binary.LittleEndian.AppendUint32(b, kind)
	b = binary.LittleEndian.AppendUint64(b, argument)
	n.wake.send(n.own(), []ipc.Desc{{Type: abi.MACH_MSG_PORT_DESCRIPTOR, Disp: abi.MACH_MSG_TYPE_PORT_SEND, Port: p}}, b)
}

// usable says whether messages can be sent to what a program gave. A port of the registry's own is
// none: a connection that holds a right to itself would never end.
func usable(port mig.Right, reference []uint64) bool {
	switch _, kind := port.Port().Kobject(); kind {
	case abi.IKOT_IOKIT_OBJECT, abi.IKOT_IOKIT_CONNECT:
		return false
	}
	return ipc.IsValid(port.Port()) && len(reference) <= maxReference
}

func (s *Server) addNotification(main *ipc.Port, kind string, m map[string]any, kr kret, port mig.Right, reference []uint64) (*ipc.Port, kret) {
	r := s.registry(main)
	switch {
	case r == nil, !usable(port, reference):
		return nil, iokit.IOReturnBadArgument
	case kr != abi.KERN_SUCCESS:
		return nil, kr
	case messageTypes[kind] == 0:
		return nil, iokit.IOReturnUnsupported
	}
	n := &notification{s: s, wake: newWake(port, reference), kind: messageTypes[kind]}
	note, l, kr := r.AddNotification(kind, m, n.arrived)
	if kr != abi.KERN_SUCCESS {
		n.end()
		return nil, kr
	}
	n.mu.Lock()
	n.note = note
	n.come = append(l, n.come...)
	n.mu.Unlock()
	return s.give(n, abi.IKOT_IOKIT_OBJECT)
}

func (s *Server) notifications(t *IokitServer) {
	t.IoServiceAddNotification = func(_ *mig.Call, main *ipc.Port, kind, d string, port mig.Right, ref []uint64) (*ipc.Port, kret) {
		m, kr := text(d)
		return s.addNotification(main, kind, m, kr, port, ref)
	}
	t.IoServiceAddNotificationBin = func(_ *mig.Call, main *ipc.Port, kind string, d []byte, port mig.Right, ref []uint64) (*ipc.Port, kret) {
		m, kr := inband(d)
		return s.addNotification(main, kind, m, kr, port, ref)
	}
	t.IoServiceAddNotificationOol = func(_ *mig.Call, main *ipc.Port, kind string, d mig.Memory, port mig.Right, ref []uint64) (kret, *ipc.Port, kret) {
		m, kr := ool(d)
		p, kr := s.addNotification(main, kind, m, kr, port, ref)
		return kr, p, abi.KERN_SUCCESS
	}
	t.IoServiceAddInterestNotification = func(_ *mig.Call, p *ipc.Port, interest string, port mig.Right, ref []uint64) (*ipc.Port, kret) {
		e := service(p)
		if e == nil || !usable(port, ref) {
			return nil, iokit.IOReturnBadArgument
		}
		n := &notification{s: s, wake: newWake(port, ref), kind: typeMessage}
		note, kr := e.Registry().AddInterest(e, interest, n.message)
		if kr != abi.KERN_SUCCESS {
			n.end()
			return nil, kr
		}
		n.note = note
		return s.give(n, abi.IKOT_IOKIT_OBJECT)
	}
}
