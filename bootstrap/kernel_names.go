package bootstrap

import (
	"puggle/abi"
	"puggle/mach/ipc"
)

// What the kernel itself checks in has the server's own port as its signature, which
// no task has: nobody else can replace it or check it out.

// CheckIn enters name for a naked send right, which it consumes. KERN_NAME_EXISTS if
// the name stands for a port that is alive.
func (n *NameServer) CheckIn(name string, port *ipc.Port) abi.KernReturn {
	n.mu.Lock()
	old, ok := n.m[name]
	taken := ok && old.port.Active()
	room := ok || len(n.m) < maxServices
	if !taken && room {
		n.m[name] = entry{port: port, signature: n.secret.MakeSend()}
	}
	n.mu.Unlock()
	switch {
	case taken:
		ipc.ReleaseSend(port)
		return abi.KERN_NAME_EXISTS
	case !room:
		ipc.ReleaseSend(port)
		return abi.KERN_RESOURCE_SHORTAGE
	}
	if ok {
		old.release()
	}
	return abi.KERN_SUCCESS
}

// CheckOut takes the name away if it stands for this port.
func (n *NameServer) CheckOut(name string, port *ipc.Port) {
	n.mu.Lock()
	e, ok := n.m[name]
	held := ok && e.port == port
	if held {
		delete(n.m, name)
	}
	n.mu.Unlock()
	if held {
		e.release()
	}
}

// LookUp gives a naked send right of the caller's, nil if the name is not known.
func (n *NameServer) LookUp(name string) *ipc.Port {
	n.mu.Lock()
	defer n.mu.Unlock()
	if e, ok := n.m[name]; ok && e.port.Active() {
		return ipc.CopySend(e.port)
	}
	return nil
}
