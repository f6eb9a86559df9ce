package task

import (
	"sync"

	"puggle/machine"
)

// spareThreads is how many host threads a space for a program of many threads
// comes with: a Go program makes four before main begins.
const spareThreads = 5

// spaces keeps address spaces ready, one of each kind, whose host threads have
// been made: a thread takes longer to make than to reuse, and whoever forks or
// execs would wait for it.
type spaces struct {
	mu      sync.Mutex
	ready   [2]machine.Space // nil: none
	asked   [2]int           // how often
	filling bool
}

const (
	plain    = iota // one thread
	threaded        // spareThreads
)

// NewSpace gives an empty address space, for a program of several threads if
// threaded is set: a hint. Errors: as machine.NewSpace.
func (s *System) NewSpace(several bool) (machine.Space, error) {
	kind := plain
	if several {
		kind = threaded
	}
	l := &s.spaces
	l.mu.Lock()
	sp := l.ready[kind]
	l.ready[kind] = nil
	l.asked[kind]++
	if sp == nil {
		sp, l.ready[1-kind] = l.ready[1-kind], nil
	}
	if next := l.missing(); next >= 0 && !l.filling {
		l.filling = true
		go s.fillSpaces(next)
	}
	l.mu.Unlock()
	if sp != nil {
		select {
		case <-sp.Done(): // it has died waiting
		default:
			return sp, nil
		}
	}
	return s.Machine.NewSpace()
}

// Prepare has a space made for the first program, while the machine boots.
func (s *System) Prepare() {
	l := &s.spaces
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.filling {
		l.filling = true
		go s.fillSpaces(threaded)
	}
}

// often is how many times a kind must have been asked for before one is kept
// ready: a machine for one program needs no second space.
const often = 2

// missing is a kind of which one is to be made, -1 if none. The lock is held.
func (l *spaces) missing() int {
	for kind := range l.ready {
		if l.ready[kind] == nil && l.asked[kind] >= often {
			return kind
		}
	}
	return -1
}

// fillSpaces makes a space of that kind, and then what is missing.
func (s *System) fillSpaces(kind int) {
	l := &s.spaces
	for kind >= 0 {
		sp, err := s.Machine.NewSpace()
		if err == nil {
			warm(sp, kind)
		}
		l.mu.Lock()
		if err == nil {
			l.ready[kind] = sp
			kind = l.missing()
		} else {
			kind = -1 // the next who asks tries again
		}
		l.filling = kind >= 0
		l.mu.Unlock()
	}
}

// warm has a space make its host threads, if it can, which then wait to be used.
func warm(sp machine.Space, kind int) {
	n := 1
	if kind == threaded {
		n = spareThreads
	}
	if w, ok := sp.(interface{ Warm(n int) }); ok {
		w.Warm(n)
	}
}
