package kern

import (
	"bytes"
	"os"
	"strconv"
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
		pid := 0
		if p.Task != nil {
			pid = p.Task.Space().HostPID()
		}
		r.Maxrss = int64(residentSize(pid, m))
	}
	return r
}

// RusageChildren is getrusage(RUSAGE_CHILDREN): of those that were waited for.
func (p *Proc) RusageChildren() abi.Rusage {
	p.Sys.mu.Lock()
	defer p.Sys.mu.Unlock()
	return p.ruKids
}

// residentSize is what the process has in memory, in bytes: what the host says of its
// address space, which is one look; or else what the map knows, which is many.
func residentSize(pid int, m *vm.Map) uint64 {
	if n, ok := hostResident(pid); ok {
		return n
	}
	return m.ResidentSize()
}

// hostResident reads the second field of /proc/PID/statm (proc(5)): pages.
func hostResident(pid int) (uint64, bool) {
	if pid == 0 {
		return 0, false
	}
	fd, err := unix.Open("/proc/"+strconv.Itoa(pid)+"/statm", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, false
	}
	var b [128]byte
	n, err := unix.Read(fd, b[:])
	unix.Close(fd)
	if err != nil {
		return 0, false
	}
	f := bytes.Fields(b[:n])
	if len(f) < 2 {
		return 0, false
	}
	pages, err := strconv.ParseUint(string(f[1]), 10, 64)
	return pages * uint64(os.Getpagesize()), err == nil && pages > 0 // 0: it has ended
}
