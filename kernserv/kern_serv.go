package kernserv

import (
	"encoding/binary"

	"puggle/abi"
	"puggle/machine"
)

// The functions that a server's code calls (Writing Loadable Kernel Servers, 5-12
// to 5-22). ksp is the address of the instance variable.

// instance finds the running server by what the first field of its instance
// variable holds; nil for what is none.
func (l *Loader) instance(ksp machine.Addr) *running {
	var b [8]byte
	if l.cfg.Kernel.CopyIn(b[:], ksp) != abi.KERN_SUCCESS {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.running[binary.LittleEndian.Uint64(b[:])]
}

// At finds the running server that an address belongs to: the one whose code calls.
// Nil if it is none's.
func (l *Loader) At(pc machine.Addr) *running {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.running {
		if r.s.has(pc) {
			return r
		}
	}
	return nil
}

// BootstrapPort is kern_serv_bootstrap_port, PORT_NULL if ksp is no instance.
func (l *Loader) BootstrapPort(ksp machine.Addr) abi.PortName {
	if r := l.instance(ksp); r != nil {
		return r.boot
	}
	return abi.MACH_PORT_NULL
}

// NotifyPort is kern_serv_notify_port.
func (l *Loader) NotifyPort(ksp machine.Addr) abi.PortName {
	if r := l.instance(ksp); r != nil {
		return r.notify
	}
	return abi.MACH_PORT_NULL
}

// PortSet is kern_serv_port_set.
func (l *Loader) PortSet(ksp machine.Addr) abi.PortName {
	if r := l.instance(ksp); r != nil {
		return r.set
	}
	return abi.MACH_PORT_NULL
}

// LocalPort is kern_serv_local_port: the port of the message that made the server
// be loaded, then of the last one received.
func (l *Loader) LocalPort(ksp machine.Addr) abi.PortName {
	r := l.instance(ksp)
	if r == nil {
		return abi.MACH_PORT_NULL
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.local
}

// PortProc is kern_serv_port_proc: port's messages go to a handler. PortServ is
// kern_serv_port_serv, for a server interface. A port that has a function
// already gets the new one. KERN_RESOURCE_SHORTAGE above MaxPortMaps,
// KERN_NOT_RECEIVER, KERN_INVALID_ARGUMENT.
func (l *Loader) PortProc(ksp machine.Addr, port abi.PortName, fn machine.Addr, arg uint64) abi.KernReturn {
	return l.mapPort(ksp, port, portMap{fn, arg, false})
}

// PortServ is kern_serv_port_serv.
func (l *Loader) PortServ(ksp machine.Addr, port abi.PortName, fn machine.Addr, arg uint64) abi.KernReturn {
	return l.mapPort(ksp, port, portMap{fn, arg, true})
}

func (l *Loader) mapPort(ksp machine.Addr, port abi.PortName, m portMap) abi.KernReturn {
	r := l.instance(ksp)
	if r == nil {
		return abi.KERN_INVALID_ARGUMENT
	}
	return r.mapPort(port, m)
}

func (r *running) mapPort(port abi.PortName, m portMap) abi.KernReturn {
	t, kr := r.space.Type(port)
	switch {
	case kr != abi.KERN_SUCCESS || t&abi.MACH_PORT_TYPE_PORT_RIGHTS == 0 || !r.s.isCode(uint64(m.fn)):
		return abi.KERN_INVALID_ARGUMENT
	case t&abi.MACH_PORT_TYPE_RECEIVE == 0:
		return abi.KERN_NOT_RECEIVER
	case port == r.boot || port == r.notify:
		return abi.KERN_INVALID_ARGUMENT
	}
	r.mu.Lock()
	old, had := r.maps[port]
	if !had && len(r.maps) >= MaxPortMaps {
		r.mu.Unlock()
		return abi.KERN_RESOURCE_SHORTAGE
	}
	r.maps[port] = m
	r.mu.Unlock()
	if kr := r.space.PortSetAdd(r.set, port); kr != abi.KERN_SUCCESS {
		r.mu.Lock()
		if delete(r.maps, port); had {
			r.maps[port] = old
		}
		r.mu.Unlock()
		return kr
	}
	return abi.KERN_SUCCESS
}

// PortGone is kern_serv_port_gone: no more messages of port are given to the
// server.
func (l *Loader) PortGone(ksp machine.Addr, port abi.PortName) {
	r := l.instance(ksp)
	if r == nil {
		return
	}
	r.mu.Lock()
	_, had := r.maps[port]
	delete(r.maps, port)
	r.mu.Unlock()
	if had {
		r.space.PortSetRemove(port)
	}
}

// Notify is kern_serv_notify. KERN_FAILURE if the pair is entered already.
func (l *Loader) Notify(ksp machine.Addr, reply, request abi.PortName) abi.KernReturn {
	r := l.instance(ksp)
	if r == nil {
		return abi.KERN_INVALID_ARGUMENT
	}
	return r.notifyOn(reply, request)
}

// Callout is kern_serv_callout: func(arg) on the server's main thread. It doesn't
// block and may be called from an interrupt handler. KERN_RESOURCE_SHORTAGE.
func (l *Loader) Callout(ksp, fn machine.Addr, arg uint64) abi.KernReturn {
	r := l.instance(ksp)
	if r == nil || !r.s.isCode(uint64(fn)) {
		return abi.KERN_INVALID_ARGUMENT
	}
	if !r.submit(MaxCallouts, work{r.s.where(fn), func() { r.call(r.thread, fn, arg) }}) {
		return abi.KERN_RESOURCE_SHORTAGE
	}
	return abi.KERN_SUCCESS
}

// Log is kern_serv_log: format and up to five arguments. It doesn't block.
func (l *Loader) Log(ksp machine.Addr, level int32, at machine.Addr, args []uint64) {
	r := l.instance(ksp)
	if r == nil || !r.s.log.wants(level) {
		return
	}
	r.s.log.put(level, format(l.cfg.Kernel, at, args[:min(len(args), 5)]))
}

// Panic is kern_serv_panic by code at pc, whose bootstrap port is given: the
// message is logged, and the server unloaded soon. KERN_INVALID_ARGUMENT if the
// port is not the caller's bootstrap port, and while the interrupt level is above
// 0, when a server has to panic().
func (l *Loader) Panic(pc machine.Addr, port abi.PortName, message machine.Addr) abi.KernReturn {
	r := l.At(pc)
	if r == nil || port != r.boot || l.Interrupts.Level() > 0 {
		return abi.KERN_INVALID_ARGUMENT
	}
	text := cstring(l.cfg.Kernel, message)
	l.logf(LOG_WARNING, "%s: %s", r.s.Name, text)
	r.s.log.put(int32(LOG_WARNING), text)
	go l.unload(r.s, r, true)
	return abi.KERN_SUCCESS
}

// WireRange is kern_serv_wire_range, UnwireRange kern_serv_unwire_range, of the
// kernel's map. KERN_INVALID_ARGUMENT for what is not wired, or not there.
func (l *Loader) WireRange(ksp, a machine.Addr, size uint64) abi.KernReturn {
	if l.instance(ksp) == nil || a+machine.Addr(size) < a {
		return abi.KERN_INVALID_ARGUMENT
	}
	return l.cfg.Kernel.Wire(a, size)
}

// UnwireRange is kern_serv_unwire_range.
func (l *Loader) UnwireRange(ksp, a machine.Addr, size uint64) abi.KernReturn {
	if l.instance(ksp) == nil || a+machine.Addr(size) < a {
		return abi.KERN_INVALID_ARGUMENT
	}
	return l.cfg.Kernel.Unwire(a, size)
}
