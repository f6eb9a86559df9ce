package kernserv

import (
	"sync"

	"puggle/abi"
	"puggle/mach/ipc"
)

// NameServer is the Network Name Server: names to send rights.
type NameServer interface {
	// CheckIn enters name for a naked send right, which it consumes.
	// KERN_NAME_EXISTS if the name stands for a port that is alive.
	CheckIn(name string, port *ipc.Port) abi.KernReturn
	// CheckOut takes the name away if it stands for this port.
	CheckOut(name string, port *ipc.Port)
}

// Names is a NameServer in memory, for a machine without one and for tests.
type Names struct {
	mu    sync.Mutex
	ports map[string]*ipc.Port // naked send rights
}

// CheckIn implements NameServer.
func (n *Names) CheckIn(name string, port *ipc.Port) abi.KernReturn {
	n.mu.Lock()
	old := n.ports[name]
	if old != nil && old.Active() {
		n.mu.Unlock()
		ipc.ReleaseSend(port)
		return abi.KERN_NAME_EXISTS
	}
	if n.ports == nil {
		n.ports = map[string]*ipc.Port{}
	}
	n.ports[name] = port
	n.mu.Unlock()
	if old != nil {
		ipc.ReleaseSend(old)
	}
	return abi.KERN_SUCCESS
}

// CheckOut implements NameServer.
func (n *Names) CheckOut(name string, port *ipc.Port) {
	n.mu.Lock()
	held := n.ports[name] == port
	if held {
		delete(n.ports, name)
	}
	n.mu.Unlock()
	if held {
		ipc.ReleaseSend(port)
	}
}

// LookUp is netname_look_up: a naked send right of the caller's, nil if the name
// is not known.
func (n *Names) LookUp(name string) *ipc.Port {
	n.mu.Lock()
	defer n.mu.Unlock()
	if p := n.ports[name]; p != nil {
		return ipc.CopySend(p)
	}
	return nil
}
