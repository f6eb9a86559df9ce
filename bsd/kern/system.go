package kern

import (
	"sync"
	"sync/atomic"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/task"
	"puggle/mach/vm"
)

// Limits of the machine as a whole.
const (
	MaxProc = 2048 // kern.maxproc
	// MaxProcPerUID is kern.maxprocperuid as it is unless somebody sets it, and RLIMIT_NPROC.
	MaxProcPerUID = MaxProc * 2 / 3
	MaxThreads    = 16384 // kern.num_threads
	PIDMax        = 99999 // PID_MAX: the highest process number
)

// System is what all processes of a machine share.
type System struct {
	Tasks *task.System
	// BootTime is kern.boottime.
	BootTime time.Time
	// Loader makes the images of exec; without one exec fails with ENOEXEC.
	Loader *Loader
	// Maxima are set before the first process.
	Maxima Maxima
	// Core is set before the first process, too.
	Core Core
	// Hooks reach the rooms that stand above or beside.
	Hooks Hooks
	// CanTrace is asked before a process attaches to t; an error denies. It is called
	// without locks and may sleep.
	CanTrace atomic.Pointer[func(ut *Uthread, t *Proc) abi.Errno]

	mu     sync.Mutex
	procs  map[int32]*Proc
	pgrps  map[int32]*Pgrp
	last   int32 // last pid given out
	nproc  int   // processes with a task, zombies included
	init   *Proc
	unique atomic.Uint64
	locks  ulockTable
	posix  posixNames
	aio    aio
	sysv   sysvShm
	sems   sysvSems
	msgs   sysvMsgs
	stats  Stats
	ending ending
	// dumping counts the core files being written.
	dumping ending
	acct    acct
	// accounting is whether acct has a file.
	accounting atomic.Bool
	down       bool // Shutdown has begun: there are no new processes
}

// Stats counts what happened, for sysctl and tools.
type Stats struct {
	Forks, Execs, Exits, Signals atomic.Uint64
}

// Hooks are filled in by the kernel package; nil entries are skipped unless
// said otherwise.
type Hooks struct {
	// Exception offers a fault to Mach exception ports before it becomes a
	// signal. True means that it has been handled and the thread goes on.
	Exception func(th *task.Thread, exc int, code, sub uint64) bool
	// Forked, Execed and Exited tell other rooms about a process's life: IPC
	// spaces, semaphores and so on. Forked runs before the child does.
	Forked func(parent, child *Proc)
	Execed func(p *Proc)
	Exited func(p *Proc)
	// ThreadExited runs when a thread is gone.
	ThreadExited func(ut *Uthread)
	// Credential is called when a process has another credential; its task may not be there yet.
	Credential func(p *Proc)
	// Ports are the names of the task's own ports for the calls of bsdthread.
	ThreadPort  func(ut *Uthread) uint32
	ReleasePort func(p *Proc, name uint32)
	// Signal a semaphore by name, for bsdthread_terminate.
	SemaphoreSignal func(p *Proc, name uint32)
	// Reaped is called when process 1 has buried a child: the first program's
	// status is the machine's.
	Reaped func(pid int32, status uint32)
}

// NewSystem makes the process table with process 1 in it, and takes the hooks
// of ts for the BSD half; Syscall is left to bsd/syscalls.
func NewSystem(ts *task.System, cred *sys.Cred) *System {
	s := &System{
		Tasks:    ts,
		BootTime: time.Now(),
		procs:    make(map[int32]*Proc),
		pgrps:    make(map[int32]*Pgrp),
	}
	s.aio.max.Store(AIOMax)
	s.aio.procMax.Store(AIOProcMax)
	s.aio.threads.Store(AIOThreads)
	vm.Bootstrap(ts.Machine.Memory())
	s.makeInit(cred)
	ts.Hooks.AST = s.ast
	ts.Hooks.Exception = s.exception
	ts.Hooks.Guard = s.guard
	ts.Hooks.ThreadExit = s.threadExit
	ts.Hooks.SpaceDied = spaceDied
	return s
}

// Find is proc_find: the living process with this number, or nil.
func (s *System) Find(pid int32) *Proc {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.procs[pid]
	if p == nil || p.state == Zombie {
		return nil
	}
	return p
}

// FindAny is Find that sees zombies.
func (s *System) FindAny(pid int32) *Proc {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.procs[pid]
}

// Procs is a snapshot of the table, in no order.
func (s *System) Procs() []*Proc {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := make([]*Proc, 0, len(s.procs))
	for _, p := range s.procs {
		l = append(l, p)
	}
	return l
}

// Init is process 1.
func (s *System) Init() *Proc { return s.init }

// Stats gives the counters.
func (s *System) Stats() *Stats { return &s.stats }
