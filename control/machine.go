package control

import (
	"os"
	"time"

	"puggle/abi"
)

// Info is the answer to "info": which machine this is.
type Info struct {
	Name    string    `json:"name"`
	PID     int       `json:"pid"` // of the kernel's process, on the host
	Boot    time.Time `json:"boot"`
	Procs   int       `json:"processes"`
	Threads int64     `json:"threads"`
	Memory  uint64    `json:"memory"`   // hw.memsize, bytes
	Used    uint64    `json:"resident"` // bytes
	CPUs    int       `json:"processors"`
	Tracers int       `json:"tracers"` // puggle trace at work
	// Monitor: it has not booted, and somebody is at the ROM monitor. Only Name and PID count.
	Monitor bool `json:"monitor,omitempty"`
}

func info(r *request) (any, error) {
	m := r.Sys.Machine
	return Info{r.Name, os.Getpid(), r.Sys.Procs.BootTime, len(r.Sys.Procs.Procs()) - 1, r.Sys.Tasks.NumThreads(),
		m.Memory().Limit(), m.Memory().Resident(), m.Processors(), r.tracers.Len(), false}, nil
}

// monitorInfo is info before the boot.
func monitorInfo(r *request) (any, error) {
	return Info{Name: r.Name, PID: os.Getpid(), Monitor: true}, nil
}

// shutdown asks for the machine's end: whoever runs the server sees to it.
func shutdown(r *request) (any, error) {
	if !r.askEnd() {
		return nil, &RemoteError{"the machine is starting again: ask it when it has", 1}
	}
	return struct{}{}, nil
}

// askEnd is false if it is too late for that.
func (s *Server) askEnd() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.asked && !s.again {
		s.asked = true
		close(s.stop)
	}
	return s.asked
}

// Quiesce sends every process SIGTERM and waits for them to end, for at most
// grace; then the machine can be closed. It gives the number that were left.
func (s *Server) Quiesce(grace time.Duration) int {
	<-s.booted
	for _, p := range s.Sys.Procs.Procs() {
		if p.PID != 1 {
			p.Signal(abi.SIGTERM)
			p.Signal(abi.SIGCONT)
		}
	}
	until := time.Now().Add(grace)
	for {
		left := len(s.Sys.Procs.Procs()) - 1
		if left <= 0 || time.Now().After(until) {
			return left
		}
		time.Sleep(5 * time.Millisecond)
	}
}
