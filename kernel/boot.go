package kernel

import (
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"

	"puggle/abi"
	"puggle/bootstrap"
	"puggle/bsd/dev"
	"puggle/bsd/kern"
	"puggle/bsd/kqueue"
	"puggle/bsd/net"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
	"puggle/bsd/syscalls"
	"puggle/bsd/sysctl"
	"puggle/bsd/tty"
	"puggle/bsd/vfs"
	"puggle/iokit"
	"puggle/kernserv/nextbus"
	"puggle/libsystem"
	"puggle/mach/mig"
	"puggle/mach/sched"
	machsync "puggle/mach/sync"
	"puggle/mach/task"
	"puggle/mach/traps"
	"puggle/mach/vm"
	"puggle/machine"
	"puggle/machine/trap"
)

// Config says what machine to boot. The zero value is a good one.
type Config struct {
	// MemSize is hw.memsize in bytes; 0 is the host's memory.
	MemSize uint64
	// Paging bounds the paging files, in bytes, when MemSize is set; 0 is twice
	// MemSize, and anything negative means that nothing is paged out.
	Paging int64
	// Root is the host directory that the guests' root shows; "" is "/".
	Root string
	// BootArgs is kern.bootargs.
	BootArgs string
	// NVRAM is what an earlier machine has left; nil if there was none. With one, its boot-args
	// count, and not BootArgs.
	NVRAM *NVRAM
	// Hostname is kern.hostname; "" is the host's.
	Hostname string
	// NoUserland leaves the host's programs where ours (package userland) would
	// lie over them.
	NoUserland bool
	// Binds lie over the tree, in this order.
	Binds []Bind
	// Cores makes RLIMIT_CORE infinite from the start: programs that crash leave core files.
	Cores bool
	// Publish are host addresses that lead to TCP ports of the machine.
	Publish []net.Publication
	// Tracer, if set, sees every kernel call.
	Tracer syscalls.Tracer
	// Bus is the NeXTbus that kernel servers find; nil is one without boards.
	Bus *nextbus.Bus
	// Drivers are started at the end of Boot.
	Drivers []Driver
	// KernelLog gets what kernel code prints; nil keeps it in the message buffer.
	KernelLog io.Writer
	// HangLimit is how long kernel code may run without a call before it counts as
	// hung; 0 is kpi.DefaultHangLimit.
	HangLimit time.Duration
	// Reboot is called when a process asks for the machine's end by reboot(2), perhaps more
	// than once; the caller then calls Close. Nil: no process may.
	Reboot func()
	// Debuggable says that a debugger of the kernel can come (Debugger): what asks for one
	// waits for it. PanicStop stops the machine for it before an extension that panicked
	// ends.
	Debuggable, PanicStop bool
}

// System is a booted machine.
type System struct {
	Machine machine.Machine
	Tasks   *task.System
	Procs   *kern.System
	Calls   *syscalls.Kernel
	Sysctl  *sysctl.System
	Tree    *vfs.Tree
	Net     *net.Net
	Mach    *mig.Kernel
	// Bootstrap is the bootstrap task, Names the Network Name Server.
	Bootstrap *bootstrap.Bootstrap
	Names     *bootstrap.NameServer

	cfg      Config
	exits    exits
	done     chan struct{} // closed by Close
	restart  atomic.Bool   // reboot(2) has asked to start again, not to halt
	trapm    *trap.Machine
	pager    *vm.DefaultPager // nil: nothing is paged out
	root     *roots
	ext      extensions
	kernserv kernServers
	drivers  []*DriverHost
	ioreg    ioRegistry
	halted   halted // by a debugger: under its lock

	traps   *traps.Traps
	domains *socket.Domains
	ttys    *tty.Devices
}

// Boot makes a machine. Its errors are one line.
func Boot(cfg Config) (*System, error) {
	// The window on physical memory is mapped for as long as the process
	// lives; the collector must not take its size for garbage.
	debug.SetGCPercent(200)
	// Above this the collector works harder instead: guests may fill the kernel's own
	// memory, up to bounds that are meant in bytes held, not three times those.
	debug.SetMemoryLimit(1 << 30)
	if cfg.Root == "" {
		cfg.Root = "/"
	}
	cfg.startNVRAM()
	if cfg.Hostname == "" {
		cfg.Hostname, _ = os.Hostname()
	}
	cpu := make(chan sysctl.CPU, 1)
	go func() { cpu <- sysctl.HostCPU() }()
	loader := kern.NewLoader(libsystem.Files())
	go loader.Prelink()
	m, err := trap.New(trap.Config{MemSize: cfg.MemSize})
	if err != nil {
		return nil, err
	}
	s := &System{Machine: m, trapm: m, cfg: cfg, done: make(chan struct{})}
	s.startPaging()
	vm.Bootstrap(s.Machine.Memory())
	loader.SetMemory(s.Machine.Memory())
	go loader.Prepare()
	s.Tasks = &task.System{Machine: s.Machine, Processors: sched.NewProcessorSet(m.Processors())}
	s.Tasks.Prepare()
	if s.root, err = s.mountRoot(); err != nil {
		m.Close()
		return nil, err
	}
	s.Tree = s.root.tree
	s.Procs = kern.NewSystem(s.Tasks, hostCred())
	s.Procs.Loader = loader
	s.Procs.Hooks.Reaped = s.reaped
	s.Procs.Hooks.ThreadExited = func(ut *kern.Uthread) { machsync.ThreadGone(&ut.Thread.Thread) }
	s.Sysctl = sysctl.Standard(s.sysctlConfig(<-cpu))
	s.Procs.Maxima = kern.Maxima{Proc: &s.Sysctl.MaxProc, ProcPerUID: &s.Sysctl.MaxProcPerUID, FilesPerProc: &s.Sysctl.MaxFilesPerProc}
	s.Procs.Core = kern.Core{File: &s.Sysctl.CoreFile, Dump: &s.Sysctl.CoreDump, Sugid: &s.Sysctl.SugidCoreDump}
	if cfg.Cores {
		s.Procs.Init().Setrlimit(abi.RLIMIT_CORE, abi.Rlimit{Cur: abi.RLIM_INFINITY, Max: abi.RLIM_INFINITY})
	}
	if err := s.addProcVariables(); err != nil {
		return nil, err
	}
	if err := s.Sysctl.Register(s.Sysctl.Machdep, s.nvramOID()); err != nil {
		return nil, err
	}
	if err := s.startNetwork(); err != nil {
		m.Close()
		return nil, err
	}
	kqueue.Procs = procEvents{s}
	wireMachEvents()
	s.installTerminals()
	s.installBpf()
	s.Tasks.Hooks.Panic = panicked
	s.wireMach()
	if err := s.startBootstrap(); err != nil {
		m.Close()
		return nil, err
	}
	vm.OnWait(s.Machine.Memory(), s.Tasks.Processors.HostWait)
	s.Calls = syscalls.Install(s.Procs, s.services())
	if cfg.Tracer != nil {
		s.Calls.SetTracer(cfg.Tracer)
	}
	go s.jetsam(s.done)
	if err := s.startKernLoader(); err != nil {
		s.Close()
		return nil, err
	}
	if err := s.startDrivers(); err != nil {
		s.Close()
		return nil, err
	}
	if err := s.configureBootstrap(); err != nil {
		s.Close()
		return nil, err
	}
	if err := s.runKernLoader(); err != nil {
		s.Close()
		return nil, err
	}
	dev.SetKmem(kmem{s})
	if err := s.startKextd(); err != nil {
		s.Close()
		return nil, err
	}
	if err := s.startDebugger(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// hostCred is who we are on the host: files are opened as that user, so the
// guest is that user too.
func hostCred() *sys.Cred {
	uid, gid := uint32(os.Geteuid()), uint32(os.Getegid())
	c := &sys.Cred{UID: uid, RUID: uid, SVUID: uid, GID: gid, RGID: gid, SVGID: gid, Groups: []uint32{gid}}
	if groups, err := os.Getgroups(); err == nil {
		for _, g := range groups {
			if uint32(g) != gid && len(c.Groups) < sys.NGROUPS {
				c.Groups = append(c.Groups, uint32(g))
			}
		}
	}
	return c
}

func (s *System) sysctlConfig(cpu sysctl.CPU) sysctl.Config {
	var id [16]byte
	rand.Read(id[:])
	aioMax, aioProcMax, aioThreads := s.Procs.AIOLimits()
	return sysctl.Config{
		AIO:      &sysctl.AIO{Max: aioMax, ProcMax: aioProcMax, Threads: aioThreads, Top: kern.AIOMaxMax, Floor: kern.AIOListMax},
		Hostname: s.cfg.Hostname, OSRelease: "22.6.0", OSVersion: osBuild, Product: osProduct,
		Model: machineModel, BootArgs: s.cfg.BootArgs, UUID: iokit.MachineUUID(machineIdentity()),
		BootUUID: fmt.Sprintf("%X-%X-%X-%X-%X", id[:4], id[4:6], id[6:8], id[8:10], id[10:]),
		Boot:     time.Now(), MemSize: s.Machine.Memory().Limit(), Processors: s.Machine.Processors(), CPU: cpu,
		CoreFile: kern.CoreFile, MaxProc: kern.MaxProc, MaxProcPerUID: kern.MaxProcPerUID, MaxFiles: sys.MaxFiles, MaxFilesPerProc: kern.MaxFilesPerProc, OpenMax: kern.OpenMax, MaxVnodes: 66560, Somaxconn: &socket.Somaxconn,
		NGroups: sys.NGROUPS, MaxSockbuf: socket.MaxSockbuf,
		Shm:    sysctl.Shm{Max: kern.ShmMax, Min: kern.ShmMin, Mni: kern.ShmMni, Seg: kern.ShmSeg, All: kern.ShmAll},
		ArgMax: kern.ArgMax, UsrStack: 0x7ff7_bff0_0000,
		SwapUsage:   s.swapUsage,
		Route:       s.routeTable,
		LoadAverage: func() [3]uint32 { return loads(2048) },
		NumTasks:    func() int32 { return int32(len(s.Procs.Procs())) },
		NumThreads:  func() int32 { return int32(s.Tasks.NumThreads()) },
	}
}

// Close ends the machine and everything in it; what was written to mapped files is in
// them then. Sessions that have a terminal of
// the host's are closed before.
func (s *System) Close() error {
	close(s.done)
	s.stopDrivers()
	s.Net.Close()
	if s.ext.x != nil {
		s.ext.x.Task.Shutdown(s.restart.Load())
	}
	// The processes end before the file systems they use, of which some are extensions':
	// what is in mapped files goes there. An extension that keeps them is not waited for.
	down := make(chan struct{})
	go func() {
		s.Procs.Shutdown()
		close(down)
	}()
	if s.ext.x != nil {
		select {
		case <-down:
		case <-time.After(shutdownLimit):
		}
		s.unmountAll()
		s.ext.x.Task.Close()
	}
	<-down
	vm.OnWait(s.Machine.Memory(), nil)
	return s.trapm.Close()
}
