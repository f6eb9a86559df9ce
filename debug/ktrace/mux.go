package ktrace

import (
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/bsd/syscalls"
)

// Mux is a tracer that passes calls on to several. The zero value is ready.
type Mux struct {
	mu   sync.Mutex
	list atomic.Pointer[[]syscalls.Tracer]
}

// Add puts t to work in k.
func (m *Mux) Add(k *syscalls.Kernel, t syscalls.Tracer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := append(append([]syscalls.Tracer(nil), m.all()...), t)
	m.list.Store(&l)
	k.SetTracer(m)
}

// Remove takes t out again; without any tracer k is as fast as before.
func (m *Mux) Remove(k *syscalls.Kernel, t syscalls.Tracer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var l []syscalls.Tracer
	for _, x := range m.all() {
		if x != t {
			l = append(l, x)
		}
	}
	m.list.Store(&l)
	if len(l) == 0 {
		k.SetTracer(nil)
	}
}

// Len is how many tracers are at work.
func (m *Mux) Len() int { return len(m.all()) }

func (m *Mux) all() []syscalls.Tracer {
	if p := m.list.Load(); p != nil {
		return *p
	}
	return nil
}

// Enter and Leave pass the call on.
func (m *Mux) Enter(c *syscalls.Call) {
	for _, t := range m.all() {
		t.Enter(c)
	}
}

func (m *Mux) Leave(c *syscalls.Call, e abi.Errno) {
	for _, t := range m.all() {
		t.Leave(c, e)
	}
}
