package bootstrap

import (
	"sort"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/mig"
)

type kret = abi.KernReturn

// maxLookUps bounds bootstrap_look_up_array (BOOTSTRAP_MAX_LOOKUP_COUNT).
const maxLookUps = 20

// server serves the bootstrap interface to every context's port.
func (b *Bootstrap) server() *mig.BootstrapServer {
	return &mig.BootstrapServer{
		BootstrapCreateServer: func(_ *mig.Call, p *ipc.Port, cmd string, uid int32, onDemand bool, _ ipc.AuditToken) (*ipc.Port, kret) {
			d := behind(p)
			if d == nil || cmd == "" {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			srv, kr := d.context.newServer(cmd, uid, onDemand)
			if kr != abi.KERN_SUCCESS {
				return nil, kr
			}
			return srv.port.MakeSend(), abi.KERN_SUCCESS
		},
		BootstrapUnprivileged: func(_ *mig.Call, p *ipc.Port) (*ipc.Port, kret) {
			d := behind(p)
			if d == nil {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			return d.context.Port(), abi.KERN_SUCCESS
		},
		BootstrapCheckIn: func(_ *mig.Call, p *ipc.Port, name string, _ ipc.AuditToken) (*ipc.Port, kret) {
			d := behind(p)
			if d == nil {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			return d.checkIn(name)
		},
		BootstrapRegister: func(_ *mig.Call, p *ipc.Port, name string, _ ipc.AuditToken, r mig.Right) kret {
			d := behind(p)
			if d == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			return d.register(name, r.Take())
		},
		BootstrapLookUp: func(_ *mig.Call, p *ipc.Port, name string, _ ipc.AuditToken) (*ipc.Port, kret) {
			d := behind(p)
			if d == nil {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			return d.context.LookUp(name)
		},
		BootstrapLookUpArray: func(_ *mig.Call, p *ipc.Port, names mig.Memory) (l []*ipc.Port, all bool, kr kret) {
			d := behind(p)
			if d == nil {
				return nil, false, abi.KERN_INVALID_ARGUMENT
			}
			if names.Size() > maxLookUps*128 {
				return nil, false, BOOTSTRAP_BAD_COUNT
			}
			raw, kr := names.Bytes(maxLookUps * 128)
			if kr != abi.KERN_SUCCESS {
				return nil, false, kr
			}
			all = true
			for ; len(raw) >= 128; raw = raw[128:] {
				s, kr := d.context.LookUp(text(raw[:128]))
				all = all && kr == abi.KERN_SUCCESS
				l = append(l, s)
			}
			return l, all, abi.KERN_SUCCESS
		},
		BootstrapParent: func(_ *mig.Call, p *ipc.Port, _ ipc.AuditToken) (*ipc.Port, kret) {
			d := behind(p)
			if d == nil {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			if d.context.parent == nil { // the top is its own
				return d.context.Port(), abi.KERN_SUCCESS
			}
			return d.context.parent.Port(), abi.KERN_SUCCESS
		},
		BootstrapStatus: func(_ *mig.Call, p *ipc.Port, name string) (int32, kret) {
			d := behind(p)
			if d == nil {
				return 0, abi.KERN_INVALID_ARGUMENT
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			for c := d.context; c != nil && !c.dead; c = c.parent {
				if s := c.services[name]; s != nil && s.port.Active() {
					return s.status(), abi.KERN_SUCCESS
				}
			}
			return 0, BOOTSTRAP_UNKNOWN_SERVICE
		},
		BootstrapInfo: func(_ *mig.Call, p *ipc.Port) (names, servers [][128]byte, active []int32, kr kret) {
			d := behind(p)
			if d == nil {
				return nil, nil, nil, abi.KERN_INVALID_ARGUMENT
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			var l []*service
			for _, s := range d.context.services {
				l = append(l, s)
			}
			sort.Slice(l, func(i, j int) bool { return l[i].name < l[j].name })
			for _, s := range l {
				var name, srv [128]byte
				copy(name[:127], s.name)
				if s.server != nil {
					copy(srv[:127], s.server.command)
				}
				names, servers, active = append(names, name), append(servers, srv), append(active, s.status())
			}
			return names, servers, active, abi.KERN_SUCCESS
		},
		BootstrapSubset: func(_ *mig.Call, p *ipc.Port, requestor mig.Right) (*ipc.Port, kret) {
			d := behind(p)
			if d == nil || !ipc.IsValid(requestor.Port()) {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			s, kr := d.context.Subset(requestor.Take())
			if kr != abi.KERN_SUCCESS {
				return nil, kr
			}
			return s.Port(), abi.KERN_SUCCESS
		},
		BootstrapCreateService: func(_ *mig.Call, p *ipc.Port, name string) (*ipc.Port, kret) {
			d := behind(p)
			if d == nil {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			s, kr := d.context.declare(name, d.server)
			if kr != abi.KERN_SUCCESS {
				return nil, kr
			}
			return ipc.CopySend(s.port), abi.KERN_SUCCESS
		},
	}
}

func (s *service) status() int32 {
	switch {
	case s.away:
		return BOOTSTRAP_STATUS_ACTIVE
	case s.server != nil && s.server.onDemand:
		return BOOTSTRAP_STATUS_ON_DEMAND
	}
	return BOOTSTRAP_STATUS_INACTIVE
}

func text(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
