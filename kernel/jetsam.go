package kernel

import (
	"fmt"
	"os"
	"time"

	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/machine"
)

// Memory that a guest touches comes from the host without a crossing, so the
// kernel can only look how much there is by now. It looks the more often the
// less is left: fillRate is what the fastest guest could take, in bytes a
// second, so that a limit is passed by little.
const (
	fillRate   = 4 << 30
	jetsamFast = 5 * time.Millisecond
	jetsamSlow = time.Second
)

// jetsam pages out when memory is short, and ends the biggest process by SIGKILL whenever more physical memory is in
// use than the machine has, until done is closed.
func (s *System) jetsam(done <-chan struct{}) {
	mem := s.Machine.Memory()
	t := time.NewTimer(jetsamFast)
	defer t.Stop()
	for {
		select {
		case <-done:
			return
		case <-t.C:
		}
		used, limit := mem.Resident(), mem.Limit()
		if s.pager != nil && s.pageOut(used, limit) {
			t.Reset(jetsamFast)
			continue
		}
		if used > limit {
			if p, size := s.biggest(); p != nil {
				fmt.Fprintf(os.Stderr, "puggle: out of memory: killed process %d (%s), %d MB; see --memory\n", p.PID, p.Comm(), size>>20)
				p.Signal(abi.SIGKILL)
				s.awaitEnd(p, mem, done)
			}
			t.Reset(jetsamFast)
			continue
		}
		wait := time.Duration(float64(limit-used) / fillRate * float64(time.Second))
		t.Reset(min(max(wait, jetsamFast), jetsamSlow))
	}
}

// awaitEnd waits until p's memory has come back, so that one shortage costs one
// process; not for ever, for p may hold less than it seemed.
func (s *System) awaitEnd(p *kern.Proc, mem machine.Memory, done <-chan struct{}) {
	for range 400 {
		select {
		case <-done:
			return
		case <-time.After(jetsamFast):
		}
		if mem.Resident() <= mem.Limit() {
			return
		}
	}
}

// biggest is the process with the most memory. Anonymous memory is counted by
// what was made accessible, an upper bound.
func (s *System) biggest() (big *kern.Proc, size uint64) {
	for _, p := range s.Procs.Procs() {
		if p.Task == nil || p.Exiting() {
			continue
		}
		if m, ok := p.Task.Map().(interface{ ResidentSize() uint64 }); ok {
			if n := m.ResidentSize(); big == nil || n > size {
				big, size = p, n
			}
		}
	}
	return big, size
}
