package bootstrap

import (
	"sync"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/mig"
)

// What the Network Name Server returns (<servers/netname_defs.h>).
const (
	NETNAME_NOT_YOURS      abi.KernReturn = 1000
	NETNAME_NOT_CHECKED_IN abi.KernReturn = 1001
	NETNAME_NO_SUCH_HOST   abi.KernReturn = 1002
)

// NameServer is NeXT's nmserver, for this host alone: names of any other host
// are NETNAME_NO_SUCH_HOST. Who checks a name in with a signature must show the
// same port to check it out or to replace it.
type NameServer struct {
	port   *ipc.Port
	secret *ipc.Port // the kernel's signature
	mu     sync.Mutex
	m      map[string]entry
}

type entry struct{ port, signature *ipc.Port }

// NewNameServer makes the server; it is found in a context under "NetMessage".
func NewNameServer() (*NameServer, abi.KernReturn) {
	n := &NameServer{m: map[string]entry{}}
	var kr abi.KernReturn
	n.port, kr = ipc.AllocKernel(n, abi.IKOT_NONE, mig.NewTable(n.server()).Serve)
	if kr == abi.KERN_SUCCESS {
		n.secret, kr = ipc.AllocKernel(nil, abi.IKOT_NONE, nil)
	}
	return n, kr
}

// Port gives a send right, which the caller owns.
func (n *NameServer) Port() *ipc.Port { return n.port.MakeSend() }

func (n *NameServer) server() *mig.NetnameServer {
	return &mig.NetnameServer{
		NetnameCheckIn: func(_ *mig.Call, _ *ipc.Port, name string, sig, id mig.Right) kret {
			if name == "" || !ipc.IsValid(id.Port()) {
				return abi.KERN_INVALID_ARGUMENT
			}
			n.mu.Lock()
			old, ok := n.m[name]
			mine := !ok || old.signature == sig.Port() || !old.port.Active()
			room := len(n.m) < maxServices
			if mine && room {
				n.m[name] = entry{id.Take(), sig.Take()}
			}
			n.mu.Unlock()
			switch {
			case !mine:
				return NETNAME_NOT_YOURS
			case !room:
				return abi.KERN_RESOURCE_SHORTAGE
			}
			old.release()
			return abi.KERN_SUCCESS
		},
		NetnameLookUp: func(_ *mig.Call, _ *ipc.Port, host, name string) (*ipc.Port, kret) {
			if host != "" && host != "*" && host != "localhost" {
				return nil, NETNAME_NO_SUCH_HOST
			}
			n.mu.Lock()
			e, ok := n.m[name]
			if !ok || !e.port.Active() {
				delete(n.m, name)
				n.mu.Unlock()
				e.release()
				return nil, NETNAME_NOT_CHECKED_IN
			}
			defer n.mu.Unlock()
			return ipc.CopySend(e.port), abi.KERN_SUCCESS
		},
		NetnameCheckOut: func(_ *mig.Call, _ *ipc.Port, name string, sig mig.Right) kret {
			n.mu.Lock()
			e, ok := n.m[name]
			mine := ok && e.signature == sig.Port()
			if mine {
				delete(n.m, name)
			}
			n.mu.Unlock()
			switch {
			case !ok:
				return NETNAME_NOT_CHECKED_IN
			case !mine:
				return NETNAME_NOT_YOURS
			}
			e.release()
			return abi.KERN_SUCCESS
		},
		NetnameVersion: func(*mig.Call, *ipc.Port) (string, kret) { return "Puggle name server", abi.KERN_SUCCESS },
	}
}

func (e entry) release() {
	ipc.ReleaseSend(e.port)
	ipc.ReleaseSend(e.signature)
}
