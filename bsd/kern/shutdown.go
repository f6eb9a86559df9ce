package kern

import (
	"sync"

	"puggle/abi"
)

// ending counts the processes whose memory is being given back after their end: what
// they have written to mapped files is stored then.
type ending struct {
	mu   sync.Mutex
	n    int
	idle chan struct{} // somebody waits: closed when n is 0
}

func (e *ending) begin() {
	e.mu.Lock()
	e.n++
	e.mu.Unlock()
}

func (e *ending) end() {
	e.mu.Lock()
	if e.n--; e.n == 0 && e.idle != nil {
		close(e.idle)
		e.idle = nil
	}
	e.mu.Unlock()
}

// wait returns when none is left.
func (e *ending) wait() {
	e.mu.Lock()
	for e.n > 0 {
		if e.idle == nil {
			e.idle = make(chan struct{})
		}
		idle := e.idle
		e.mu.Unlock()
		<-idle
		e.mu.Lock()
	}
	e.mu.Unlock()
}

// Shutdown ends every process's address space, and returns when what they and those that
// had ended before have written to mapped files is in the files. The machine must be
// there until then.
func (s *System) Shutdown() {
	for _, p := range s.Procs() {
		t := p.Task
		if t == nil {
			continue
		}
		t.Space().Destroy()
		if m := p.Map(); m != nil {
			m.Msync(m.Min(), uint64(m.Max()-m.Min()), abi.VM_SYNC_SYNCHRONOUS)
		}
	}
	s.ending.wait()
}
