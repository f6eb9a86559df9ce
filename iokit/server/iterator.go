package server

import (
	"sync"

	"puggle/abi"
	"puggle/iokit"
	"puggle/mach/ipc"
	"puggle/mach/mig"
)

// An iterator is what io_iterator_next asks.
type iterator interface {
	ender
	class() string
	next() *iokit.Entry
	reset()
	valid() bool
}

// listIterator goes over the services that were found.
type listIterator struct {
	mu  sync.Mutex
	all []*iokit.Entry
	at  int
}

func (l *listIterator) class() string { return "IOUserIterator" }
func (l *listIterator) valid() bool   { return true }
func (l *listIterator) end()          {}

func (l *listIterator) reset() {
	l.mu.Lock()
	l.at = 0
	l.mu.Unlock()
}

func (l *listIterator) next() *iokit.Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.at >= len(l.all) {
		return nil
	}
	l.at++
	return l.all[l.at-1]
}

// planeIterator is a registry's.
type planeIterator struct{ *iokit.Iterator }

func (planeIterator) class() string        { return "IORegistryIterator" }
func (p planeIterator) next() *iokit.Entry { return p.Next() }
func (p planeIterator) reset()             { p.Reset() }
func (p planeIterator) valid() bool        { return p.Valid() }
func (planeIterator) end()                 {}

func (s *Server) walk(e *iokit.Entry, plane string, options uint32) (*ipc.Port, kret) {
	it, kr := e.NewIterator(iokit.Plane(plane), options)
	if kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	return s.give(planeIterator{it}, abi.IKOT_IOKIT_OBJECT)
}

func (s *Server) iterators(t *IokitServer) {
	t.IoRegistryCreateIterator = func(_ *mig.Call, main *ipc.Port, plane string, options uint32) (*ipc.Port, kret) {
		r := s.registry(main)
		if r == nil {
			return nil, iokit.IOReturnBadArgument
		}
		return s.walk(r.Root(), plane, options)
	}
	t.IoIteratorNext = func(_ *mig.Call, p *ipc.Port) (*ipc.Port, kret) {
		it, ok := object[iterator](p, abi.IKOT_IOKIT_OBJECT)
		if !ok {
			return nil, iokit.IOReturnBadArgument
		}
		e := it.next()
		if e == nil {
			return nil, iokit.IOReturnNoDevice
		}
		return s.existing(e)
	}
	t.IoIteratorReset = func(_ *mig.Call, p *ipc.Port) kret {
		it, ok := object[iterator](p, abi.IKOT_IOKIT_OBJECT)
		if !ok {
			return iokit.IOReturnBadArgument
		}
		it.reset()
		return abi.KERN_SUCCESS
	}
	t.IoIteratorIsValid = func(_ *mig.Call, p *ipc.Port) (bool, kret) {
		it, ok := object[iterator](p, abi.IKOT_IOKIT_OBJECT)
		if !ok {
			return false, iokit.IOReturnBadArgument
		}
		return it.valid(), abi.KERN_SUCCESS
	}
	level := func(f func(*iokit.Iterator) bool, kr kret) func(*mig.Call, *ipc.Port) kret {
		return func(_ *mig.Call, p *ipc.Port) kret {
			it, ok := object[planeIterator](p, abi.IKOT_IOKIT_OBJECT)
			if !ok {
				return iokit.IOReturnBadArgument
			}
			if !f(it.Iterator) {
				return kr
			}
			return abi.KERN_SUCCESS
		}
	}
	// XNU's enters nothing, and says so to nobody, when there is no entry to enter.
	t.IoRegistryIteratorEnterEntry = level((*iokit.Iterator).Enter, abi.KERN_SUCCESS)
	t.IoRegistryIteratorExitEntry = level((*iokit.Iterator).Exit, iokit.IOReturnNoDevice)
}

func (s *Server) objects(t *IokitServer) {
	class := func(p *ipc.Port) (string, bool) {
		if e := entry(p); e != nil {
			return e.Class(), true
		}
		if it, ok := object[iterator](p, abi.IKOT_IOKIT_OBJECT); ok {
			return it.class(), true
		}
		if c, ok := object[*connection](p, abi.IKOT_IOKIT_CONNECT); ok {
			if e := c.uc.Entry(); e != nil {
				return e.Class(), true
			}
			return "IOUserClient", true
		}
		return "", false
	}
	t.IoObjectGetClass = func(_ *mig.Call, p *ipc.Port) (string, kret) {
		n, ok := class(p)
		if !ok {
			return "", iokit.IOReturnBadArgument
		}
		return n, abi.KERN_SUCCESS
	}
	t.IoObjectConformsTo = func(_ *mig.Call, p *ipc.Port, name string) (bool, kret) {
		n, ok := class(p)
		if !ok {
			return false, iokit.IOReturnBadArgument
		}
		s.once.Do(func() { s.reg = s.cfg.Registry() })
		return s.reg.ClassConforms(n, name), abi.KERN_SUCCESS
	}
	t.IoObjectGetRetainCount = func(_ *mig.Call, p *ipc.Port) (uint32, kret) {
		if _, ok := class(p); !ok {
			return 0, iokit.IOReturnBadArgument
		}
		return 1, abi.KERN_SUCCESS // the registry's; XNU leaves out programs' too
	}
	super := func(pick func(super, bundle string) string) func(*mig.Call, *ipc.Port, string) (string, kret) {
		return func(_ *mig.Call, main *ipc.Port, name string) (string, kret) {
			r := s.registry(main)
			if r == nil || name == "" {
				return "", iokit.IOReturnBadArgument
			}
			a, b, ok := r.Superclass(name)
			if x := pick(a, b); ok && x != "" {
				return x, abi.KERN_SUCCESS
			}
			return "", iokit.IOReturnNotFound
		}
	}
	t.IoObjectGetSuperclass = super(func(a, _ string) string { return a })
	t.IoObjectGetBundleIdentifier = super(func(_, b string) string { return b })
	t.IoServerVersion = func(_ *mig.Call, main *ipc.Port) (uint64, kret) {
		if s.registry(main) == nil {
			return 0, iokit.IOReturnBadArgument
		}
		return 20210810, abi.KERN_SUCCESS // IOKIT_SERVER_VERSION: it has the calls with buffers
	}
}
