package kern

import (
	"time"

	"golang.org/x/sys/unix"

	"puggle/abi"
	"puggle/mach/vm"
)

// CPUTime is how long the process has run, user and system time together, as
// the host accounts its address space. It is 0 where the host can't say.
func (p *Proc) CPUTime() time.Duration {
	if p.Task == nil {
		return 0
	}
	return time.Duration(p.cpuBase.Load()) + hostCPUTime(p.Task.Space().HostPID())
}

// hostCPUTime reads the CPU clock of a host process: its clock id is made of
// the complement of its number.
func hostCPUTime(pid int) time.Duration {
	if pid == 0 {
		return 0
	}
	var ts unix.Timespec
	if unix.ClockGettime(int32(^pid<<3|2), &ts) != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}

// Rusage is getrusage(RUSAGE_SELF): the whole CPU time is given as user time.
func (p *Proc) Rusage() abi.Rusage {
	r := abi.Rusage{Utime: p.CPUTime(), Nsignals: p.nsignals.Load()}
	if p.Task != nil {
		for _, th := range p.Task.Threads() {
			r.Minflt += int64(th.Faults.Load())
		}
	}
	if m := p.Map(); m != nil {
		r.Maxrss = int64(residentSize(m))
	}
	return r
}

// RusageChildren is getrusage(RUSAGE_CHILDREN): of those that were waited for.
func (p *Proc) RusageChildren() abi.Rusage {
	p.Sys.mu.Lock()
	defer p.Sys.mu.Unlock()
	return p.ruKids
}

// residentSize is what the map has in memory, in bytes, as far as the map
// knows.
func residentSize(m *vm.Map) uint64 {
	if r, ok := any(m).(interface{ ResidentSize() uint64 }); ok {
		return r.ResidentSize()
	}
	return 0
}
