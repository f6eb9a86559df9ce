package kernserv

import (
	"encoding/binary"

	"puggle/abi"
	"puggle/mach/ipc"
)

// What MIG's servers answer with in their reply's RetCode (<mach/mig_errors.h>),
// and where it is: behind the header and a type word.
const (
	migBadID   abi.KernReturn = -303
	migNoReply abi.KernReturn = -305

	retCodeOffset = abi.MSG25HeaderSize + 4
	deathPillSize = retCodeOffset + 4
)

// Fields of a Mach 2.5 header.
const (
	msgSimple = 3
	msgSize   = 4
	msgLocal  = 12
	msgRemote = 16
	msgID     = 20
)

// dispatch gives the message in the buffer to whom it is for.
func (r *running) dispatch() {
	k := r.s.loader.cfg.Kernel
	var h [abi.MSG25HeaderSize]byte
	if k.CopyIn(h[:], r.in) != abi.KERN_SUCCESS {
		return
	}
	local := abi.PortName(binary.LittleEndian.Uint32(h[msgLocal:]))
	switch local {
	case r.boot: // the bell
		r.dropReply(h[:])
		return
	case r.notify:
		r.notified(h[:])
		return
	}
	r.mu.Lock()
	m, ok := r.maps[local]
	r.local = local
	r.mu.Unlock()
	switch {
	case !ok: // unmapped since
		r.dropReply(h[:])
	case m.server:
		r.serve(m, h[:])
	default:
		// A handler replies by itself, if it wants to.
		r.call(r.thread, m.fn, uint64(r.in), m.arg)
	}
}

// serve calls a server interface, whose msg_local_port is the argument of the
// mapping, and sends its reply.
func (r *running) serve(m portMap, h []byte) {
	k := r.s.loader.cfg.Kernel
	var w [4]byte
	binary.LittleEndian.PutUint32(w[:], uint32(m.arg))
	k.CopyOut(r.in+msgLocal, w[:])
	var pill [deathPillSize]byte // what there is if the routine writes nothing
	pill[msgSimple] = 1
	binary.LittleEndian.PutUint32(pill[msgSize:], deathPillSize)
	copy(pill[msgRemote:], h[msgRemote:msgRemote+4])
	binary.LittleEndian.PutUint32(pill[msgID:], binary.LittleEndian.Uint32(h[msgID:])+100)
	binary.LittleEndian.PutUint32(pill[abi.MSG25HeaderSize:], 2|32<<8|1<<16|1<<28) // one 32-bit integer
	bad, none := migBadID, migNoReply
	binary.LittleEndian.PutUint32(pill[retCodeOffset:], uint32(int32(bad)))
	if k.CopyOut(r.out, pill[:]) != abi.KERN_SUCCESS {
		return
	}
	if _, err := r.call(r.thread, m.fn, uint64(r.in), uint64(r.out)); err != nil {
		return
	}
	if k.CopyIn(pill[:], r.out) != abi.KERN_SUCCESS {
		return
	}
	to := abi.PortName(binary.LittleEndian.Uint32(pill[msgRemote:]))
	size := binary.LittleEndian.Uint32(pill[msgSize:])
	if to == abi.MACH_PORT_NULL || size >= deathPillSize && int32(binary.LittleEndian.Uint32(pill[retCodeOffset:])) == int32(none) {
		return
	}
	if size < abi.MSG25HeaderSize || size > MaxMessage {
		r.s.loader.logf(LOG_WARNING, "%s: %s made a reply of %d bytes, which was not sent", r.s.Name, r.s.where(m.fn), size)
		return
	}
	// No waiting for a client that does not receive.
	r.space.MsgSend(r.thread, kernelMem{k}, taskMem{r.task}, r.out, abi.SEND_TIMEOUT, 0)
	r.dropReply(h)
}

// dropReply gives up the send-once right that a message came with, if it is still
// there: the client learns that nobody will answer.
func (r *running) dropReply(h []byte) {
	n := abi.PortName(binary.LittleEndian.Uint32(h[msgRemote:]))
	if t, kr := r.space.Type(n); kr == abi.KERN_SUCCESS && t&abi.MACH_PORT_TYPE_SEND_ONCE != 0 {
		r.space.Deallocate(n)
	}
}

// Notifications: a request is one dead-name request with the kernel, which turns
// it into a Mach 2.5 NOTIFY_PORT_DELETED message to each reply port.

// NOTIFY_PORT_DELETED is msg_id of the message (<sys/notify.h>): a header, a type
// word and the port.
const NOTIFY_PORT_DELETED = abi.MACH_NOTIFY_PORT_DELETED

const notificationSize = abi.MSG25HeaderSize + 8

type notifyEntry struct {
	reply abi.PortName
	port  *ipc.Port // a naked send right
}

// deadName is the kernel's server for dead-name notifications.
func (r *running) deadName(_ *ipc.Port, k *ipc.Kmsg) *ipc.Kmsg {
	b := k.Body()
	if k.ID() != abi.MACH_NOTIFY_DEAD_NAME || len(b) < 12 {
		return nil
	}
	name := abi.PortName(binary.LittleEndian.Uint32(b[8:]))
	r.mu.Lock()
	list := r.notifyReq[name]
	delete(r.notifyReq, name)
	r.mu.Unlock()
	for _, e := range list {
		var d [8]byte
		binary.LittleEndian.PutUint32(d[:], 15|32<<8|1<<16|1<<28) // one MSG_TYPE_PORT_NAME
		binary.LittleEndian.PutUint32(d[4:], uint32(name))
		ipc.SendFromKernel(ipc.NewMessage(e.port, abi.MACH_MSG_TYPE_PORT_SEND, NOTIFY_PORT_DELETED, nil, d[:]))
	}
	// The notification came with a reference to the dead name.
	r.space.ModRefs(name, abi.MACH_PORT_RIGHT_DEAD_NAME, -1)
	return nil
}

func (r *running) dropNotifications() {
	r.mu.Lock()
	all := r.notifyReq
	r.notifyReq = nil
	r.mu.Unlock()
	for _, list := range all {
		for _, e := range list {
			ipc.ReleaseSend(e.port)
		}
	}
}

// notified handles a message on the notification port: PORT_DEATH.
func (r *running) notified(h []byte) {
	r.dropReply(h)
	var d [notificationSize]byte
	size, id := binary.LittleEndian.Uint32(h[msgSize:]), binary.LittleEndian.Uint32(h[msgID:])
	if id != NOTIFY_PORT_DELETED || size < notificationSize || r.s.loader.cfg.Kernel.CopyIn(d[:], r.in) != abi.KERN_SUCCESS {
		return
	}
	r.mu.Lock()
	fn := r.death
	r.mu.Unlock()
	if fn != 0 {
		r.call(r.thread, fn, uint64(binary.LittleEndian.Uint32(d[notificationSize-4:])))
	}
}

// notifyOn is kern_serv_notify. KERN_FAILURE for a pair that is entered already,
// KERN_INVALID_ARGUMENT for names that are none.
func (r *running) notifyOn(reply, request abi.PortName) abi.KernReturn {
	to, kr := r.space.ExtractRight(reply, abi.MACH_MSG_TYPE_MAKE_SEND)
	if kr != abi.KERN_SUCCESS {
		if to, kr = r.space.ExtractRight(reply, abi.MACH_MSG_TYPE_COPY_SEND); kr != abi.KERN_SUCCESS {
			return abi.KERN_INVALID_ARGUMENT
		}
	}
	r.mu.Lock()
	list := r.notifyReq[request]
	for _, e := range list {
		if e.reply == reply {
			r.mu.Unlock()
			ipc.ReleaseSend(to)
			return abi.KERN_FAILURE
		}
	}
	if r.notifyReq == nil || len(list) >= MaxPortMaps {
		r.mu.Unlock()
		ipc.ReleaseSend(to)
		return abi.KERN_RESOURCE_SHORTAGE
	}
	r.notifyReq[request] = append(list, notifyEntry{reply, to})
	r.mu.Unlock()
	if len(list) > 0 {
		return abi.KERN_SUCCESS // the kernel knows the port already
	}
	once := r.dead.MakeSendOnce()
	previous, kr := r.space.RequestNotification(request, abi.MACH_NOTIFY_DEAD_NAME, 1, once)
	if kr == abi.KERN_SUCCESS {
		if previous != nil {
			ipc.ReleaseSendOnce(previous)
		}
		return kr
	}
	ipc.ReleaseSendOnce(once)
	r.mu.Lock()
	list = r.notifyReq[request]
	delete(r.notifyReq, request)
	r.mu.Unlock()
	for _, e := range list {
		ipc.ReleaseSend(e.port)
	}
	return abi.KERN_INVALID_ARGUMENT
}
