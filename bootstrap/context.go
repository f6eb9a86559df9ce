package bootstrap

import (
	"sync"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/mig"
)

// What bootstrap calls return, beside KERN_SUCCESS (<servers/bootstrap.h>).
const (
	BOOTSTRAP_NOT_PRIVILEGED  abi.KernReturn = 1100
	BOOTSTRAP_NAME_IN_USE     abi.KernReturn = 1101
	BOOTSTRAP_UNKNOWN_SERVICE abi.KernReturn = 1102
	BOOTSTRAP_SERVICE_ACTIVE  abi.KernReturn = 1103
	BOOTSTRAP_BAD_COUNT       abi.KernReturn = 1104
	BOOTSTRAP_NO_MEMORY       abi.KernReturn = 1105

	BOOTSTRAP_STATUS_INACTIVE  = 0
	BOOTSTRAP_STATUS_ACTIVE    = 1
	BOOTSTRAP_STATUS_ON_DEMAND = 2
)

// Limits of one machine.
const (
	maxServices = 16384
	maxContexts = 1024
	maxServers  = 1024
)

// Bootstrap is the bootstrap task of one machine.
type Bootstrap struct {
	// Launch starts a server's command as a user. bootstrapPort is a naked
	// send right for its task, which Launch consumes. Nil: servers are never
	// launched. It is called on a goroutine of its own.
	Launch func(command string, uid int32, bootstrapPort *ipc.Port)
	// BuiltinService and BuiltinServer know what the kernel itself does of what a
	// configuration file declares: a service of its own (server says whether a server's
	// line names it), a server's command. They may be nil.
	BuiltinService func(name string, server bool) bool
	BuiltinServer  func(command string) bool

	root  *Context
	table *mig.Table
	notes *mig.Table // notifications

	mu       sync.Mutex
	space    *ipc.Space // holds the receive rights of services nobody has checked in to
	services map[*ipc.Port]*service
	watched  map[abi.PortName]*Context // requestors
	notify   *ipc.Port
	contexts int
	servers  int
}

// Context is one name space of services.
type Context struct {
	b        *Bootstrap
	parent   *Context
	port     *ipc.Port
	services map[string]*service
	dead     bool
}

// New makes the bootstrap task with its startup context.
func New() (*Bootstrap, abi.KernReturn) {
	b := &Bootstrap{space: ipc.NewSpace(), services: map[*ipc.Port]*service{}, watched: map[abi.PortName]*Context{}}
	b.table = mig.NewTable(b.server())
	b.notes = mig.NewTable(&mig.NotifyServer{
		MachNotifyPortDestroyed: func(_ *mig.Call, _ *ipc.Port, r mig.Right) abi.KernReturn {
			b.cameBack(r.Take())
			return abi.KERN_SUCCESS
		},
		MachNotifyDeadName: func(_ *mig.Call, _ *ipc.Port, n abi.PortName) abi.KernReturn {
			b.requestorDied(n)
			return abi.KERN_SUCCESS
		},
	})
	var kr abi.KernReturn
	if b.notify, kr = ipc.AllocKernel(b, abi.IKOT_NONE, b.notes.Serve); kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	b.root, kr = b.newContext(nil)
	return b, kr
}

// Startup is the top context.
func (b *Bootstrap) Startup() *Context { return b.root }

func (b *Bootstrap) newContext(parent *Context) (*Context, abi.KernReturn) {
	c := &Context{b: b, parent: parent, services: map[string]*service{}}
	p, kr := ipc.AllocKernel(&door{context: c}, abi.IKOT_NONE, b.table.Serve)
	if kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	c.port = p
	b.mu.Lock()
	full := b.contexts >= maxContexts
	if !full {
		b.contexts++
	}
	b.mu.Unlock()
	if full {
		p.DestroyKernel()
		return nil, BOOTSTRAP_NO_MEMORY
	}
	return c, abi.KERN_SUCCESS
}

// Port gives a send right to the context: a task's bootstrap port. The caller
// owns it.
func (c *Context) Port() *ipc.Port { return c.port.MakeSend() }

// Subset makes a context below c that lives as long as the requestor's port; it
// consumes requestor, a naked send right; nil for one that only Destroy ends.
func (c *Context) Subset(requestor *ipc.Port) (*Context, abi.KernReturn) {
	b := c.b
	s, kr := b.newContext(c)
	if kr != abi.KERN_SUCCESS || requestor == nil {
		ipc.ReleaseSend(requestor)
		return s, kr
	}
	n := b.space.CopyOut(requestor, abi.MACH_MSG_TYPE_PORT_SEND)
	if !n.Valid() {
		s.Destroy()
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	b.mu.Lock()
	other := b.watched[n]
	if other == nil {
		b.watched[n] = s
	}
	b.mu.Unlock()
	if other != nil { // one requestor, one subset: there is one notification
		b.space.Deallocate(n)
		s.Destroy()
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	so := b.notify.MakeSendOnce()
	old, kr := b.space.RequestNotification(n, abi.MACH_NOTIFY_DEAD_NAME, 1, so)
	if kr != abi.KERN_SUCCESS {
		ipc.ReleaseSendOnce(so)
		b.requestorDied(n)
		return nil, kr
	}
	ipc.ReleaseSendOnce(old)
	return s, abi.KERN_SUCCESS
}

func (b *Bootstrap) requestorDied(n abi.PortName) {
	b.mu.Lock()
	c := b.watched[n]
	delete(b.watched, n)
	b.mu.Unlock()
	b.space.Destroy(n)
	if c != nil {
		c.Destroy()
	}
}

// Destroy ends a context: its port and its declared services die, and the names
// of the others are forgotten. The startup context does not end.
func (c *Context) Destroy() {
	if c.parent == nil {
		return
	}
	b := c.b
	b.mu.Lock()
	if c.dead {
		b.mu.Unlock()
		return
	}
	c.dead = true
	b.contexts--
	l := c.services
	c.services = nil
	for _, s := range l {
		b.forget(s)
	}
	b.mu.Unlock()
	c.port.DestroyKernel()
	for _, s := range l {
		s.release()
	}
}

// door is what stands behind a bootstrap port: a context, and for a server's own
// port, which server.
type door struct {
	context *Context
	server  *server
}

// String is for tools that list ports.
func (d *door) String() string {
	switch {
	case d.server != nil:
		return "bootstrap server"
	case d.context.parent == nil:
		return "bootstrap: startup context"
	}
	return "bootstrap: subset"
}

// behind is the door of a port that a request came to.
func behind(p *ipc.Port) *door {
	o, _ := p.Kobject()
	d, _ := o.(*door)
	return d
}
