package kern

import (
	"sync"
	"sync/atomic"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/mach/sched"
	"puggle/mach/task"
	"puggle/mach/vm"
)

// State is p_stat (<sys/proc.h>).
type State uint8

const (
	Idle    State = 1 // SIDL: being made
	Running State = 2 // SRUN
	Sleep   State = 3 // SSLEEP, only in what tools are told
	Stopped State = 4 // SSTOP
	Zombie  State = 5 // SZOMB
)

// Proc is a process.
type Proc struct {
	Sys      *System
	PID      int32
	UniqueID uint64
	Task     *task.Task
	Start    time.Time
	// Fd is the descriptor table.
	Fd *FileDesc
	// NS is the root and working directory.
	NS *vfs.Namespace
	// Knotes are those of EVFILT_PROC and EVFILT_SIGNAL.
	Knotes sys.Klist

	cred   atomic.Pointer[sys.Cred]
	credMu sync.Mutex // held by SetCred, so that the hook hears of the last one last
	umask  atomic.Uint32
	limits [abi.RLIM_NLIMITS]limit
	image  atomic.Pointer[Image] // what exec left
	nice   atomic.Int32

	traced   atomic.Bool // written with Sys.mu held
	noattach atomic.Bool // PT_DENY_ATTACH

	// Guarded by Sys.mu.
	state    State
	parent   *Proc
	children []*Proc
	pgrp     *Pgrp
	xcode    int32  // what exit was given, if it was
	xstat    uint32 // wait status: of the stop, or of the exit
	waited   bool   // the stop has been reported
	contd    bool   // a continuation is to be reported
	reaping  bool   // a wait has claimed the zombie
	execed   bool   // has called exec since fork: setpgid by the parent fails
	ru       abi.Rusage
	ruKids   abi.Rusage
	waitq    sched.WaitQueue // wait4 of this process's children
	vforked  *vforkWait
	trace    trace

	// Guarded by mu.
	mu      sync.Mutex
	threads []*Uthread
	exiting bool
	single  *Uthread // the thread that ends the others, in exec and exit
	siglist Sigset
	siginfo [abi.NSIG]abi.Siginfo
	acts    [abi.NSIG]Sigaction
	ignore  Sigset // dropped when sent
	catch   Sigset // have a handler
	timers  [len(itimerSignals)]itimer
	pth     pthreadInfo

	shms []sysvAttachment // guarded by System.sysv.mu

	nsignals atomic.Int64
	cpuBase  atomic.Int64 // nanoseconds, of spaces that exec replaced
}

// Image is what the last exec made of the process.
type Image struct {
	Path   string   // of the program
	Comm   string   // its last component, at most MAXCOMLEN bytes
	Args   []string // for kern.procargs2; of many, the first (see forget)
	Env    []string
	Apple  []string
	Argc   int
	Loaded any // the loader's own: images, for dlopen and dladdr
	// StackTop and StackSize are the main thread's, in bytes.
	StackTop, StackSize uint64
	// strings are where Args and Env are on the stack if they are not all here, 0 if they
	// are; size is how many bytes, with the zeros that end them.
	strings, size uint64
}

// MAXCOMLEN is the length of p_comm.
const MAXCOMLEN = 16

// Cred is the process's credential: immutable.
func (p *Proc) Cred() *sys.Cred { return p.cred.Load() }

// SetCred replaces it, and tells Hooks.Credential.
func (p *Proc) SetCred(c *sys.Cred) {
	p.credMu.Lock()
	defer p.credMu.Unlock()
	p.cred.Store(c)
	if p.Sys != nil && p.Sys.Hooks.Credential != nil {
		p.Sys.Hooks.Credential(p)
	}
}

// Umask is the file creation mask; SetUmask sets it and gives the old one.
func (p *Proc) Umask() uint32            { return p.umask.Load() }
func (p *Proc) SetUmask(m uint32) uint32 { return p.umask.Swap(m & 0o7777) }
func (p *Proc) Image() *Image            { return p.image.Load() }
func (p *Proc) Nice() int32              { return p.nice.Load() }

// Comm is the program's short name.
func (p *Proc) Comm() string {
	if im := p.image.Load(); im != nil {
		return im.Comm
	}
	return "kernel"
}

// Map is the process's address space.
func (p *Proc) Map() *vm.Map {
	if p.Task == nil {
		return nil
	}
	m, _ := p.Task.Map().(*vm.Map)
	return m
}

// CopyIn is copyin from the process's memory, for those who have the process as Context.Proc only. EFAULT.
func (p *Proc) CopyIn(b []byte, addr uint64) abi.Errno {
	m := p.Map()
	if m == nil || m.CopyIn(b, vm.Addr(addr)) != 0 {
		return abi.EFAULT
	}
	return 0
}

// State is the process's state now.
func (p *Proc) State() State {
	p.Sys.mu.Lock()
	defer p.Sys.mu.Unlock()
	return p.state
}

// Parent is the parent, nil for process 1.
func (p *Proc) Parent() *Proc {
	p.Sys.mu.Lock()
	defer p.Sys.mu.Unlock()
	return p.parent
}

// PPID is the parent's number, 0 for process 1.
func (p *Proc) PPID() int32 {
	if q := p.Parent(); q != nil {
		return q.PID
	}
	return 0
}

// Exiting says whether the process is on its way out.
func (p *Proc) Exiting() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.exiting
}

// Threads is a snapshot of the process's threads.
func (p *Proc) Threads() []*Uthread {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]*Uthread(nil), p.threads...)
}

// FindThread gives the thread with this number, nil if there is none.
func (p *Proc) FindThread(id uint64) *Uthread {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, ut := range p.threads {
		if ut.Thread.ID == id {
			return ut
		}
	}
	return nil
}

// HasThread says whether a thread is one of the process's.
func (p *Proc) HasThread(th *sched.Thread) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, ut := range p.threads {
		if &ut.Thread.Thread == th {
			return true
		}
	}
	return false
}

// Login is getlogin's name; it belongs to the session.
func (p *Proc) Login() string {
	p.Sys.mu.Lock()
	defer p.Sys.mu.Unlock()
	return p.pgrp.session.login
}

// SetLogin is setlogin.
func (p *Proc) SetLogin(name string) {
	p.Sys.mu.Lock()
	p.pgrp.session.login = name
	p.Sys.mu.Unlock()
}

// SetNice sets the nice value, -20 to 20, and the task's importance with it.
func (p *Proc) SetNice(n int32) {
	n = min(max(n, -20), 20)
	p.nice.Store(n)
	if p.Task != nil {
		p.Task.SetNice(int(n))
	}
}
