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
}

func info(r *request) (any, error) {
	m := r.Sys.Machine
	return Info{r.Name, os.Getpid(), r.Sys.Procs.BootTime, len(r.Sys.Procs.Procs()) - 1, r.Sys.Tasks.NumThreads(),
		m.Memory().Limit(), m.Memory().Resident(), m.Processors(), r.tracers.Len()}, nil
}

// shutdown asks for the machine's end: whoever runs the server sees to it.
func shutdown(r *request) (any, error) {
	r.stopOnce.Do(func() { close(r.stop) })
	return struct{}{}, nil
}

// Quiesce sends every process SIGTERM and waits for them to end, for at most
// grace; then the machine can be closed. It gives the number that were left.
func (s *Server) Quiesce(grace time.Duration) int {
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
