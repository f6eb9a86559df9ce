package kernel

import (
	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/kqueue"
	"puggle/bsd/sys"
	"puggle/mach/ipc"
)

// machEvents is the filter of a port or a port set, for EVFILT_MACHPORT: one for each knote.
type machEvents struct {
	space *ipc.Space
	obj   ipc.Watchable
	watch *ipc.Watch
}

// wireMachEvents gives EVFILT_MACHPORT its ports: ENOENT for a name that is no receive right
// and no port set.
func wireMachEvents() {
	kqueue.Machports = func(ctx *sys.Context, name uint32) (sys.Filter, abi.Errno) {
		p, _ := ctx.Proc.(*kern.Proc)
		if p == nil {
			return nil, abi.ENOENT
		}
		sp := space(p)
		if sp == nil {
			return nil, abi.ENOENT
		}
		obj, kr := sp.LookupWatch(abi.PortName(name))
		if kr != abi.KERN_SUCCESS {
			return nil, abi.ENOENT
		}
		return &machEvents{space: sp, obj: obj}, 0
	}
}

func (m *machEvents) Attach(kn *sys.Knote) {
	m.watch = &ipc.Watch{Notify: func() { kn.Activate(0) }}
	m.obj.AddWatch(m.watch)
}

func (m *machEvents) Detach(*sys.Knote) { m.obj.RemoveWatch(m.watch) }

// Ready says that a message waits, in Data the name of its port; EOF when nothing can be received any more.
func (m *machEvents) Ready(*sys.Knote) sys.Readiness {
	ready, _, p, gone := m.obj.Peek()
	r := sys.Readiness{Ready: ready || gone, EOF: gone}
	if ready {
		r.Data = int64(m.space.NameOf(p))
	}
	return r
}
