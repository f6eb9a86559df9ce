package kern

import (
	"sync"
	"time"

	"puggle/abi"
)

// ending counts what the machine's end waits for: the processes whose memory is being given back
// after their end (what they have written to mapped files is stored then), and core files.
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

// dumpersLimit is how long the machine's end waits for core files, which it has ended.
const dumpersLimit = 2 * time.Second

// waitFor is wait for d at the most.
func (e *ending) waitFor(d time.Duration) {
	done := make(chan struct{})
	go func() { e.wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(d):
	}
}

// isDown says whether Shutdown has begun.
func (s *System) isDown() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.down
}

// Shutdown ends every process's address space, and returns when what they and those that
// had ended before have written to mapped files is in the files. The machine must be
// there until then. From its beginning on fork gives EAGAIN, and core files end early.
func (s *System) Shutdown() {
	s.mu.Lock()
	s.down = true
	s.mu.Unlock()
	s.dumping.waitFor(dumpersLimit)
	procs := s.Procs()
	for _, p := range procs {
		if t := p.Task; t != nil {
			t.Space().Destroy()
		}
	}
	for _, p := range procs {
		if m := p.Map(); p.Task != nil && m != nil {
			m.Msync(m.Min(), uint64(m.Max()-m.Min()), abi.VM_SYNC_SYNCHRONOUS)
		}
	}
	s.ending.wait()
	s.endAcct()
}
