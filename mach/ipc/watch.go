package ipc

import (
	"sync"
	"sync/atomic"
)

// Watch is told when a port or a port set may have become readable, has died
// or has moved: the ipc side of EVFILT_MACHPORT. Notify is called with ipc
// locks held: it may only mark and wake.
type Watch struct{ Notify func() }

type watchList struct {
	mu   sync.Mutex
	n    atomic.Int32 // len(list)
	list []*Watch
}

func (l *watchList) add(w *Watch) {
	l.mu.Lock()
	l.list = append(l.list, w)
	l.n.Store(int32(len(l.list)))
	l.mu.Unlock()
}

func (l *watchList) remove(w *Watch) {
	l.mu.Lock()
	for i, x := range l.list {
		if x == w {
			l.list = append(l.list[:i], l.list[i+1:]...)
			break
		}
	}
	l.n.Store(int32(len(l.list)))
	l.mu.Unlock()
}

func (l *watchList) notify() {
	if l.n.Load() == 0 {
		return
	}
	l.mu.Lock()
	for _, w := range l.list {
		w.Notify()
	}
	l.mu.Unlock()
}

// Watchable is a *Port or a *PortSet that a Space gave for watching.
type Watchable interface {
	AddWatch(w *Watch)
	RemoveWatch(w *Watch)
	// Peek says whether there is a message, and the size of the first and
	// the name of its port; gone is set when the object can't be received
	// from any more.
	Peek() (ready bool, size uint32, p *Port, gone bool)
}

func (p *Port) AddWatch(w *Watch)        { p.watchers.add(w) }
func (p *Port) RemoveWatch(w *Watch)     { p.watchers.remove(w) }
func (ps *PortSet) AddWatch(w *Watch)    { ps.watchers.add(w) }
func (ps *PortSet) RemoveWatch(w *Watch) { ps.watchers.remove(w) }

// Peek implements Watchable.
func (p *Port) Peek() (bool, uint32, *Port, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.head == nil {
		return false, 0, p, !p.active || p.receiver == nil
	}
	return true, uint32(len(p.head.body)), p, false
}

// Peek implements Watchable.
func (ps *PortSet) Peek() (bool, uint32, *Port, bool) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for ps.active {
		l := ps.ready.head
		if l == nil {
			return false, 0, nil, false
		}
		p := l.port
		ps.mu.Unlock()
		p.mu.Lock()
		ps.mu.Lock()
		if !l.gone {
			if k := p.head; k != nil {
				p.mu.Unlock()
				return true, uint32(len(k.body)), p, false
			}
			ps.unready(l)
		}
		p.mu.Unlock()
	}
	return false, 0, nil, true
}
