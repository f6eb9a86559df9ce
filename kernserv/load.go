package kernserv

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/sched"
	"puggle/machine"
)

// load loads a server; message is the port whose message asks for it, nil for
// none. A server that won't load is deallocated: its ports die, and who sent to
// them learns of it.
func (l *Loader) load(s *Server, message *ipc.Port) error {
	s.op.Lock()
	defer s.op.Unlock()
	switch s.State() {
	case Loaded:
		return fail(KERN_LOADER_SERVER_LOADED, s.Name, nil)
	case Allocated:
		return l.loadLocked(s, message)
	}
	return fail(KERN_LOADER_SERVER_DELETED, s.Name, nil)
}

// loadLocked is load with s.op held, for an allocated server.
func (l *Loader) loadLocked(s *Server, message *ipc.Port) error {
	l.ignore(s)
	s.setState(Loading)
	s.log.reopen()
	r, err := l.start(s, message)
	if err != nil {
		err = fail(KERN_LOADER_SERVER_WONT_LOAD, s.Name, err)
		l.logf(LOG_ERR, "%v", err)
		if r != nil {
			l.end(s, r)
		}
		l.release(s)
		return err
	}
	s.setState(Loaded)
	l.logf(LOG_INFO, "%s: loaded", s.Name)
	return nil
}

// start places the code and does the load commands. r may be set even with an
// error.
func (l *Loader) start(s *Server, message *ipc.Port) (*running, error) {
	k := l.cfg.Kernel
	if err := k.Place(s.Name, s.image); err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.handle++
	handle := l.handle
	l.mu.Unlock()
	r, err := newRunning(s, handle)
	if err != nil {
		k.Remove(s.image)
		return nil, err
	}
	l.mu.Lock()
	l.running[handle] = r
	l.mu.Unlock()
	s.mu.Lock()
	s.run = r
	s.mu.Unlock()
	if kr := l.putHandle(s, handle); kr != abi.KERN_SUCCESS {
		return r, fmt.Errorf("the instance variable %s can't be written: %w", s.rel.Instance, krError(kr))
	}
	// WIRE goes before all others, wherever it stands.
	for _, c := range s.rel.Load {
		if c.Verb == Wire {
			if kr := k.Wire(s.base, s.size); kr != abi.KERN_SUCCESS {
				return r, fmt.Errorf("WIRE: %w", krError(kr))
			}
			r.wired = true
			break
		}
	}
	// The rights move first, so that the routines can use the ports. Messages wait
	// in them until the thread is done with the commands.
	if err := l.moveRights(s, l.space, r.space); err != nil {
		return r, err
	}
	return r, r.do("load commands", func() error {
		for _, p := range s.ports {
			if p.send == message {
				r.local = p.local
			}
		}
		if err := r.lives(k.Construct(r.thread, s.image)); err != nil {
			return err
		}
		for _, c := range s.rel.Load {
			if err := r.command(c); err != nil {
				return fmt.Errorf("%v: %w", c, err)
			}
		}
		return nil
	})
}

// command does one load or unload command, on the server's thread.
func (r *running) command(c Command) error {
	fn := r.s.symbol(c.Function)
	switch c.Verb {
	case Call:
		_, err := r.call(r.thread, fn, uint64(int64(c.Arg)))
		return err
	case HMap, SMap:
		for _, p := range r.s.ports {
			if p.name == c.Port {
				if kr := r.mapPort(p.local, portMap{fn, uint64(int64(c.Arg)), c.Verb == SMap}); kr != abi.KERN_SUCCESS {
					return krError(kr)
				}
			}
		}
	case PortDeath:
		r.mu.Lock()
		r.death = fn
		r.mu.Unlock()
	}
	return nil
}

// moveRights moves the receive rights of the server's ports, with all that is
// queued, from one space to another.
func (l *Loader) moveRights(s *Server, from, to *ipc.Space) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var first error
	for _, p := range s.ports {
		if !p.local.Valid() {
			continue
		}
		right, kr := from.ExtractRight(p.local, abi.MACH_MSG_TYPE_MOVE_RECEIVE)
		if kr == abi.KERN_SUCCESS {
			from.PortDeallocate(p.local) // the send right that is left
			p.local = to.CopyOut(right, abi.MACH_MSG_TYPE_PORT_RECEIVE)
			if !p.local.Valid() {
				kr = abi.KERN_RESOURCE_SHORTAGE
			}
		}
		if kr != abi.KERN_SUCCESS {
			p.local = abi.MACH_PORT_NULL
			if first == nil {
				first = fmt.Errorf("port %s: %w", p.name, krError(kr))
			}
			continue
		}
		// As with port_allocate: the holder has a send right under the same name.
		to.InsertRight(p.local, p.send.MakeSend(), abi.MACH_MSG_TYPE_PORT_SEND)
	}
	return first
}

// unload unloads a server: which one, if only a certain load of it is meant. Forced,
// it goes whatever points into it still.
func (l *Loader) unload(s *Server, which *running, forced bool) error {
	s.op.Lock()
	defer s.op.Unlock()
	s.mu.Lock()
	r, state := s.run, s.state
	s.mu.Unlock()
	if state != Loaded || which != nil && r != which {
		return fail(KERN_LOADER_SERVER_UNLOADED, s.Name, nil)
	}
	return l.unloadLocked(s, forced)
}

func (l *Loader) unloadLocked(s *Server, forced bool) error {
	s.mu.Lock()
	s.state = Unloading
	r := s.run
	s.mu.Unlock()
	err := r.do("unload commands", func() error {
		for _, c := range s.rel.Unload {
			if err := r.command(c); err != nil {
				return fmt.Errorf("%v: %w", c, err)
			}
		}
		return r.lives(l.cfg.Kernel.Destruct(r.thread, s.image))
	})
	r.mu.Lock()
	dead := r.failed != nil
	r.mu.Unlock()
	if err == nil {
		if left := l.settled(s); len(left) > 0 {
			err = errors.New("still pointing into it: " + strings.Join(left, ", "))
		}
	}
	if err != nil {
		l.logf(LOG_WARNING, "%s: unloading: %v", s.Name, err)
		if !forced && !dead {
			s.setState(Loaded)
			return fail(KERN_LOADER_WONT_UNLOAD, s.Name, err)
		}
	}
	l.end(s, r)
	s.setState(Allocated)
	s.log.close()
	l.logf(LOG_INFO, "%s: unloaded", s.Name)
	l.hear(s)
	return nil
}

// settled is references, once interrupt handlers that had begun before the unload
// commands took them away are done: their effect is seen before they have returned.
func (l *Loader) settled(s *Server) (left []string) {
	for try := range settleTries {
		waited := l.Interrupts.Drain(settleLimit)
		if left = l.references(s); len(left) == 0 || !waited && try > 0 {
			break
		}
	}
	return left
}

const (
	settleTries = 16 // other servers' handlers may follow one another
	settleLimit = 10 * time.Second
)

// references names what still points into a server.
func (l *Loader) references(s *Server) (list []string) {
	for _, f := range l.Interrupts.polledIn(s.base, s.size, false) {
		list = append(list, "polled interrupt handler "+s.where(f))
	}
	return append(list, l.cfg.Kernel.References(s.base, s.size)...)
}

// end stops the thread, takes the ports back and removes the code.
func (l *Loader) end(s *Server, r *running) {
	k := l.cfg.Kernel
	l.Interrupts.polledIn(s.base, s.size, true)
	r.stop()
	l.moveRights(s, r.space, l.space)
	l.mu.Lock()
	delete(l.running, r.handle)
	l.mu.Unlock()
	s.mu.Lock()
	s.run = nil
	s.mu.Unlock()
	l.Interrupts.Forget(r.thread)
	if r.wired {
		k.Unwire(s.base, s.size)
	}
	r.destroy()
	k.Remove(s.image)
}

// died is told that a server's code did not return: it is unloaded by force.
func (l *Loader) died(r *running, err error) {
	l.logf(LOG_ERR, "%s: %v", r.s.Name, err)
	l.unload(r.s, r, true)
}

// interrupt runs a polled handler.
func (l *Loader) interrupt(th *sched.Thread, fn machine.Addr, args ...uint64) (uint64, error) {
	return l.Interrupt(th, IPLBus, fn, args...)
}

// Interrupt is an upcall at an interrupt level. A routine that doesn't return takes
// its server with it.
func (l *Loader) Interrupt(th *sched.Thread, level int, fn machine.Addr, args ...uint64) (uint64, error) {
	r := l.At(fn)
	if r == nil {
		return l.cfg.Kernel.Interrupt(th, level, fn, args...)
	}
	r.mu.Lock()
	dead := r.failed
	r.mu.Unlock()
	if dead != nil {
		return 0, dead
	}
	v, err := l.cfg.Kernel.Interrupt(th, level, fn, args...)
	if err != nil {
		err = fmt.Errorf("%s: %w", r.s.where(fn), err)
	}
	return v, r.lives(err)
}
