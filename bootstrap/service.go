package bootstrap

import (
	"puggle/abi"
	"puggle/mach/ipc"
)

// service is one name. Bootstrap.mu guards it.
type service struct {
	name    string
	context *Context
	server  *server      // who may check in; nil for whoever registered it
	port    *ipc.Port    // one naked send right
	here    abi.PortName // the name of its receive right while it is ours
	watch   *ipc.Watch   // for the first message
	away    bool         // checked in
}

// server is a declared server.
type server struct {
	context  *Context
	command  string
	uid      int32
	onDemand bool
	restart  bool
	port     *ipc.Port // its own bootstrap port
	running  bool
}

func clean(name string) bool { return name != "" && len(name) < 128 }

// add puts a service into its context. b.mu is held.
func (b *Bootstrap) add(s *service) abi.KernReturn {
	switch {
	case s.context.dead:
		return BOOTSTRAP_UNKNOWN_SERVICE
	case len(s.context.services) >= maxServices:
		return BOOTSTRAP_NO_MEMORY
	}
	s.context.services[s.name] = s
	b.services[s.port] = s
	return abi.KERN_SUCCESS
}

// forget takes a service out of the tables; release gives its rights up
// afterwards, without the lock.
func (b *Bootstrap) forget(s *service) {
	if s.context.services[s.name] == s {
		delete(s.context.services, s.name)
	}
	delete(b.services, s.port)
}

func (s *service) release() {
	if s.watch != nil {
		s.port.RemoveWatch(s.watch)
	}
	if s.here.Valid() {
		s.context.b.space.Destroy(s.here)
	}
	ipc.ReleaseSend(s.port)
}

// live is the service under a name in this context alone; what has died is
// forgotten. b.mu is held; the caller releases gone.
func (c *Context) live(name string) (s, gone *service) {
	s = c.services[name]
	if s != nil && !s.port.Active() {
		c.b.forget(s)
		return nil, s
	}
	return s, nil
}

// Declare makes a service that srv, or whoever asks first if it is nil, can
// check in to. BOOTSTRAP_NAME_IN_USE, BOOTSTRAP_NO_MEMORY.
func (c *Context) declare(name string, srv *server) (*service, abi.KernReturn) {
	if !clean(name) {
		return nil, BOOTSTRAP_UNKNOWN_SERVICE
	}
	b := c.b
	n, kr := b.space.Allocate(abi.MACH_PORT_RIGHT_RECEIVE)
	if kr != abi.KERN_SUCCESS {
		return nil, BOOTSTRAP_NO_MEMORY
	}
	p, kr := b.space.ExtractRight(n, abi.MACH_MSG_TYPE_MAKE_SEND)
	if kr != abi.KERN_SUCCESS {
		b.space.Destroy(n)
		return nil, BOOTSTRAP_NO_MEMORY
	}
	s := &service{name: name, context: c, server: srv, port: p, here: n}
	b.mu.Lock()
	old, gone := c.live(name)
	kr = BOOTSTRAP_NAME_IN_USE
	if old == nil {
		kr = b.add(s)
	}
	b.mu.Unlock()
	if gone != nil {
		gone.release()
	}
	if kr != abi.KERN_SUCCESS {
		s.release()
		return nil, kr
	}
	s.await()
	return s, abi.KERN_SUCCESS
}

// await watches for the first message, if the server is launched by it.
func (s *service) await() {
	if s.server == nil || !s.server.onDemand {
		return
	}
	w := &ipc.Watch{}
	// Notify runs under ipc's locks: the rest is done elsewhere.
	w.Notify = func() { go s.arrived() }
	s.watch = w
	s.port.AddWatch(w)
	s.arrived()
}

func (s *service) arrived() {
	b := s.context.b
	if ready, _, _, gone := s.port.Peek(); !ready || gone {
		return
	}
	b.mu.Lock()
	start := !s.away && !s.server.running && !s.context.dead
	if start {
		s.server.running = true
	}
	b.mu.Unlock()
	if start {
		b.launch(s.server)
	}
}

// launch starts a server's command; its bootstrap port says who it is.
func (b *Bootstrap) launch(srv *server) {
	if b.Launch != nil && srv.command != "" {
		go b.Launch(srv.command, srv.uid, srv.port.MakeSend())
	}
}

// checkIn moves the receive right out, to be given to the server.
// BOOTSTRAP_UNKNOWN_SERVICE, _NOT_PRIVILEGED, _SERVICE_ACTIVE.
func (d *door) checkIn(name string) (*ipc.Port, abi.KernReturn) {
	c, b := d.context, d.context.b
	b.mu.Lock()
	s, gone := c.live(name)
	kr := abi.KERN_SUCCESS
	switch {
	case s == nil:
		kr = BOOTSTRAP_UNKNOWN_SERVICE
	case s.server != nil && s.server != d.server:
		kr = BOOTSTRAP_NOT_PRIVILEGED
	case s.away || !s.here.Valid():
		kr = BOOTSTRAP_SERVICE_ACTIVE
	}
	var n abi.PortName
	if kr == abi.KERN_SUCCESS {
		n, s.here, s.away = s.here, 0, true
		if s.server != nil {
			s.server.running = true
		}
	}
	b.mu.Unlock()
	if gone != nil {
		gone.release()
	}
	if kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	if s.watch != nil {
		s.port.RemoveWatch(s.watch)
	}
	// The right comes back to us when the server dies.
	so := b.notify.MakeSendOnce()
	old, kr := b.space.RequestNotification(n, abi.MACH_NOTIFY_PORT_DESTROYED, 0, so)
	if kr != abi.KERN_SUCCESS {
		ipc.ReleaseSendOnce(so)
	}
	ipc.ReleaseSendOnce(old)
	p, kr := b.space.ExtractRight(n, abi.MACH_MSG_TYPE_MOVE_RECEIVE)
	if kr != abi.KERN_SUCCESS {
		return nil, BOOTSTRAP_UNKNOWN_SERVICE
	}
	return p, abi.KERN_SUCCESS
}

// cameBack takes a receive right that its server has lost: the service is
// inactive again, and a restartable server is launched.
func (b *Bootstrap) cameBack(p *ipc.Port) {
	if !ipc.IsValid(p) {
		return
	}
	b.mu.Lock()
	s := b.services[p]
	b.mu.Unlock()
	if s == nil { // its context has ended
		ipc.ReleaseReceive(p)
		return
	}
	n := b.space.CopyOut(p, abi.MACH_MSG_TYPE_PORT_RECEIVE)
	if !n.Valid() {
		return
	}
	b.mu.Lock()
	s.here, s.away = n, false
	dead := s.context.dead
	restart := false
	if s.server != nil {
		restart = s.server.restart && s.server.running && !dead
		s.server.running = restart
	}
	b.mu.Unlock()
	switch {
	case dead:
		b.space.Destroy(n)
	case restart:
		b.launch(s.server)
	case s.watch != nil:
		s.port.AddWatch(s.watch)
		s.arrived()
	}
}

// Register gives a name to a send right, which it consumes.
// BOOTSTRAP_NOT_PRIVILEGED (the name is declared for somebody else),
// BOOTSTRAP_SERVICE_ACTIVE, BOOTSTRAP_NO_MEMORY.
func (d *door) register(name string, p *ipc.Port) abi.KernReturn {
	c, b := d.context, d.context.b
	if !clean(name) || !ipc.IsValid(p) || !p.Active() {
		ipc.ReleaseSend(p)
		return BOOTSTRAP_UNKNOWN_SERVICE
	}
	n := &service{name: name, context: c, port: p, away: true}
	b.mu.Lock()
	s, gone := c.live(name)
	var kr abi.KernReturn
	switch {
	case s == nil:
		if kr = BOOTSTRAP_NAME_IN_USE; b.services[p] == nil {
			kr = b.add(n)
		}
	case s.server != nil && s.server != d.server:
		kr = BOOTSTRAP_NOT_PRIVILEGED
	case s.away:
		kr = BOOTSTRAP_SERVICE_ACTIVE
	default: // the declared server brings a port of its own
		n.server = s.server
		b.forget(s)
		gone = s
		kr = b.add(n)
	}
	b.mu.Unlock()
	if gone != nil {
		gone.release()
	}
	if kr != abi.KERN_SUCCESS {
		ipc.ReleaseSend(p)
	}
	return kr
}

// LookUp gives a send right to a service of the context or of those above; the
// caller owns it. BOOTSTRAP_UNKNOWN_SERVICE.
func (c *Context) LookUp(name string) (*ipc.Port, abi.KernReturn) {
	b := c.b
	var dead []*service
	defer func() {
		for _, s := range dead {
			s.release()
		}
	}()
	b.mu.Lock()
	defer b.mu.Unlock()
	for ; c != nil && !c.dead; c = c.parent {
		s, gone := c.live(name)
		if gone != nil {
			dead = append(dead, gone)
		}
		if s != nil {
			return ipc.CopySend(s.port), abi.KERN_SUCCESS
		}
	}
	return nil, BOOTSTRAP_UNKNOWN_SERVICE
}

// Register is bootstrap_register from inside the kernel.
func (c *Context) Register(name string, p *ipc.Port) abi.KernReturn {
	return (&door{context: c}).register(name, p)
}

// DeclareServer declares a server and its services. With an empty command it is
// somebody else's to start. The port, a naked send right, is the server's own
// bootstrap port.
func (c *Context) DeclareServer(command string, uid int32, onDemand, restart bool, services ...string) (*ipc.Port, abi.KernReturn) {
	srv, kr := c.newServer(command, uid, onDemand)
	if kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	srv.restart = restart
	for _, name := range services {
		if _, kr := c.declare(name, srv); kr != abi.KERN_SUCCESS {
			return nil, kr
		}
	}
	if !onDemand && command != "" {
		c.b.mu.Lock()
		srv.running = true
		c.b.mu.Unlock()
		c.b.launch(srv)
	}
	return srv.port.MakeSend(), abi.KERN_SUCCESS
}

func (c *Context) newServer(command string, uid int32, onDemand bool) (*server, abi.KernReturn) {
	b := c.b
	srv := &server{context: c, command: command, uid: uid, onDemand: onDemand}
	b.mu.Lock()
	full := b.servers >= maxServers
	if !full {
		b.servers++
	}
	b.mu.Unlock()
	if full {
		return nil, BOOTSTRAP_NO_MEMORY
	}
	p, kr := ipc.AllocKernel(&door{context: c, server: srv}, abi.IKOT_NONE, b.table.Serve)
	if kr != abi.KERN_SUCCESS {
		return nil, BOOTSTRAP_NO_MEMORY
	}
	srv.port = p
	return srv, abi.KERN_SUCCESS
}
