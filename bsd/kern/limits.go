package kern

import (
	"sync/atomic"
	"time"

	"puggle/abi"
	"puggle/mach/vm"
)

// limit is one resource limit, changed as a whole.
type limit struct{ v atomic.Pointer[abi.Rlimit] }

// Sizes of the main thread's stack, in bytes.
const (
	StackDefault = 8 << 20
	StackMax     = 64<<20 - 16<<10
)

// initLimits sets process 1's limits: Darwin's defaults.
func (p *Proc) initLimits() {
	inf := abi.RLIM_INFINITY
	def := [abi.RLIM_NLIMITS]abi.Rlimit{
		abi.RLIMIT_CPU:     {Cur: inf, Max: inf},
		abi.RLIMIT_FSIZE:   {Cur: inf, Max: inf},
		abi.RLIMIT_DATA:    {Cur: inf, Max: inf},
		abi.RLIMIT_STACK:   {Cur: StackDefault, Max: StackMax},
		abi.RLIMIT_CORE:    {Cur: 0, Max: inf},
		abi.RLIMIT_AS:      {Cur: inf, Max: inf},
		abi.RLIMIT_MEMLOCK: {Cur: inf, Max: inf},
		abi.RLIMIT_NPROC:   {Cur: MaxProcPerUID, Max: MaxProc},
		abi.RLIMIT_NOFILE:  {Cur: 2560, Max: inf},
	}
	for i := range def {
		p.limits[i].v.Store(&def[i])
	}
}

func (p *Proc) limit(which int) abi.Rlimit { return *p.limits[which].v.Load() }

// Getrlimit is getrlimit(2). EINVAL for an unknown limit.
func (p *Proc) Getrlimit(which uint32) (abi.Rlimit, abi.Errno) {
	which &^= abi.RLIMIT_POSIX_FLAG
	if which >= abi.RLIM_NLIMITS {
		return abi.Rlimit{}, abi.EINVAL
	}
	return p.limit(int(which)), 0
}

// Setrlimit is setrlimit(2): EINVAL for an unknown limit or a soft limit above
// the hard one, EPERM for an ordinary user who raises the hard one.
func (p *Proc) Setrlimit(which uint32, l abi.Rlimit) abi.Errno {
	posix := which&abi.RLIMIT_POSIX_FLAG != 0
	which &^= abi.RLIMIT_POSIX_FLAG
	if which >= abi.RLIM_NLIMITS {
		return abi.EINVAL
	}
	l.Cur, l.Max = min(l.Cur, abi.RLIM_INFINITY), min(l.Max, abi.RLIM_INFINITY)
	old := p.limit(int(which))
	if l.Cur > l.Max {
		return abi.EINVAL
	}
	if l.Max > old.Max && !p.Cred().IsSuser() {
		return abi.EPERM
	}
	switch which {
	case abi.RLIMIT_NPROC:
		most := uint64(p.Sys.Maxima.proc())
		if !p.Cred().IsSuser() {
			most = min(most, uint64(p.Sys.Maxima.procPerUID()))
		}
		l.Cur, l.Max = min(l.Cur, most), min(l.Max, most)
	case abi.RLIMIT_NOFILE:
		if l.Cur != old.Cur && l.Cur > OpenMax {
			if posix {
				return abi.EINVAL
			}
			l.Cur = OpenMax
		}
	case abi.RLIMIT_AS, abi.RLIMIT_DATA:
		if m := p.Map(); m != nil && m.SetLimit(mapLimit[which], l.Cur) != abi.KERN_SUCCESS {
			return abi.EINVAL
		}
	case abi.RLIMIT_STACK:
		l.Cur, l.Max = min(l.Cur, StackMax), min(l.Max, StackMax)
	}
	p.limits[which].v.Store(&l)
	switch which {
	case abi.RLIMIT_MEMLOCK:
		p.limitWired(p.Map())
	case abi.RLIMIT_CPU:
		p.armCPULimit()
	}
	return 0
}

// limitWired tells m, an image of p's, how much of it may be wired.
func (p *Proc) limitWired(m *vm.Map) {
	n := p.limit(abi.RLIMIT_MEMLOCK).Cur
	if n >= abi.RLIM_INFINITY {
		n = ^uint64(0)
	}
	m.LimitWired(n)
}

// mapLimit says which resource limits are the map's to keep.
var mapLimit = map[uint32]vm.Limit{abi.RLIMIT_AS: vm.SizeLimit, abi.RLIMIT_DATA: vm.DataLimit}

// limitMap gives a new map the process's limits; those that it is beyond already do not bind,
// as on Darwin.
func (p *Proc) limitMap(m *vm.Map) {
	for which, l := range mapLimit {
		m.SetLimit(l, p.limit(int(which)).Cur)
	}
}

// armCPULimit sends SIGXCPU when the process has had as much CPU time as RLIMIT_CPU allows, once:
// as Darwin has it, the hard limit brings nothing more.
func (p *Proc) armCPULimit() {
	const which = cpuLimitTimer
	l := p.limit(abi.RLIMIT_CPU).Cur
	p.mu.Lock()
	defer p.mu.Unlock()
	it := &p.timers[which]
	if it.t != nil {
		it.t.Stop()
		it.t = nil
	}
	it.gen++
	if l >= abi.RLIM_INFINITY || p.exiting || p.Task == nil {
		return
	}
	it.cpu = time.Duration(min(l, 1<<31-1)) * time.Second
	gen := it.gen
	it.t = time.AfterFunc(p.cpuTimerWait(it.cpu-p.CPUTime()), func() { p.itimerFire(which, gen) })
}

// inheritLimits gives a child its parent's limits.
func (p *Proc) inheritLimits(parent *Proc) {
	for i := range p.limits {
		p.limits[i].v.Store(parent.limits[i].v.Load())
	}
}

// NoFile is how many descriptors the process may have.
func (p *Proc) NoFile() uint64 {
	most := uint64(OpenMax)
	if m := p.Sys.Maxima.FilesPerProc; m != nil && m.Load() != MaxFilesPerProc {
		most = min(most, uint64(m.Load()))
	}
	return min(p.limit(abi.RLIMIT_NOFILE).Cur, most)
}

// Maxima are bounds that root may change (sysctl kern.maxproc and its like); nil for
// the largest.
type Maxima struct{ Proc, ProcPerUID, FilesPerProc *atomic.Int32 }

// MaxFilesPerProc is kern.maxfilesperproc as it is unless somebody sets it: a number for
// programs that raise their limit to it. Until then the limit itself goes further, up to OpenMax.
const MaxFilesPerProc = 10240

func (m *Maxima) proc() int32 { return bound(m.Proc) }

func (m *Maxima) procPerUID() int32 { return bound(m.ProcPerUID) }

func bound(v *atomic.Int32) int32 {
	if v == nil {
		return MaxProc
	}
	return min(v.Load(), MaxProc)
}
