package kpi

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"puggle/abi"
	"puggle/bsd/fs/devfs"
	"puggle/bsd/kern"
	"puggle/bsd/net"
	"puggle/bsd/socket"
	"puggle/bsd/sysctl"
	"puggle/bsd/vfs"
	"puggle/debug"
	"puggle/iokit"
	"puggle/libkern"
	"puggle/mach/sched"
	"puggle/mach/task"
	"puggle/mach/vm"
	"puggle/machine"
)

// Short names for what this package uses on every line.
type (
	Addr       = machine.Addr
	KernReturn = abi.KernReturn
)

// The kernel task's addresses. They span less than 2 GB, so that code reaches
// everything by a 32-bit displacement.
const (
	mapBase   Addr = 0x1_0000_0000
	mapEnd    Addr = 0x1_7f00_0000
	opaque    Addr = 0x1_7000_0000 // handles; never accessible
	opaqueEnd Addr = 0x1_7f00_0000
)

// Config says what the kernel task is connected to. Tasks must be set; without
// the others, what needs them fails with an honest error.
type Config struct {
	Tasks  *task.System
	Procs  *kern.System
	Sysctl *sysctl.Tree
	Devs   *devfs.FS
	// Tree is what code finds files in.
	Tree *vfs.Tree
	// Sockets is the socket layer, with the kernel controls.
	Sockets *socket.Domains
	// Net is the Internet, for network modules.
	Net *net.Net
	// Console gets what printf writes, besides the message buffer; may be nil.
	Console io.Writer
	// Serial gets what kprintf writes, with DB_KPRT in the boot argument debug; nil
	// is Console.
	Serial io.Writer
	// BootArgs is what PE_parse_boot_argn looks in.
	BootArgs string
	// HangLimit is how long code may run without a call before it counts as
	// hung; 0 is DefaultHangLimit.
	HangLimit time.Duration
	// MemLimit is the most bytes that code may allocate; 0 is 256 MB.
	MemLimit uint64
	// Debuggable says that a debugger may come: PE_enter_debugger waits for it.
	// StopOnPanic stops the kernel before an extension ends by a panic.
	Debuggable, StopOnPanic bool
	// Halt stops the processes (true) or lets them go on, when a debugger stops the
	// kernel; nil: they run on.
	Halt func(stop bool)
	// Registry is the I/O Registry; nil is one of the task's own.
	Registry *iokit.Registry
	// LoadBundle loads an extension that a driver of the catalogue is in, by its identifier; nil: only drivers
	// that are loaded start.
	LoadBundle func(id string) error
	// Loaded lists the extensions for a debugger; nil: by name and place only.
	Loaded func() []debug.Extension
}

// DefaultHangLimit is HangLimit's.
const DefaultHangLimit = 10 * time.Second

// KernelTask is the task that kernel code runs in.
type KernelTask struct {
	// Map is its address space.
	Map *vm.Map
	// Messages is the message buffer.
	Messages *MessageBuffer

	cfg   Config
	task  *task.Task
	space machine.Space
	boot  sched.Deadline

	stubs Addr           // stub i is at stubs + i*stubSize
	rt    *libkern.Image // the guest side of the KPI
	alloc allocator
	zero  Addr // a page of zeros for code that asks for nothing

	threads sync.Map // *sched.Thread to *kthread
	blocks  sync.Map // thread block Addr to *kthread
	buckets [waitBuckets]bucket
	lockst  lockStats
	dbg     Debugger
	flags   atomic.Uint64 // the debug flags, debug.DB_HALT and so on

	mu       sync.Mutex
	idle     []*activation
	active   map[*activation]struct{}
	exts     atomic.Pointer[[]*Extension] // by address; replaced under mu
	refs     map[refKey]*Reference
	handle   handles
	oids     oidTable
	calls    calloutTable
	locks    map[Addr]*lockGroup
	windows  map[Addr]*mapWindow // by vm_map
	sharing  sharing
	events   map[uint32]Addr // lock groups of ETAP events
	buffers  bufferCache
	selects  selects
	kauth    kauthState
	vnodes   vnodes
	fsTypes  fsTypes
	uplCount atomic.Int32
	mbufs    mbufs
	ifnets   ifnets
	dlil     dlilQueue
	socks    socks
	contexts atomic.Int32        // that code has created
	names    *vfs.Namespace      // of the kernel's own threads; nil without a Tree
	statfs   map[*vfs.Mount]Addr // what vfs_statfs gave; under statfsMu
	statfsMu sync.Mutex
	switches
	iok      ioKit
	next     next // NeXT's kernel servers: next_*.go
	gone     []gone
	watching bool
	closed   bool

	interests     map[*interest]struct{} // under mu, as the next two
	interestsMade int
	vetoed        bool
	notifying     sync.Mutex // held while handlers are told
	credMu        sync.Mutex // struct ucred's counts
	timeOnce      sync.Once  // the variable time is kept
	stop          chan struct{}

	nthreads   atomic.Int64
	waitQueues atomic.Int64
	made       int  // kernel threads that code made
	taskHandle Addr // kernel_task's
	procHandle Addr // kernproc's
}

// New makes the kernel task. Errors are one line.
func New(cfg Config) (*KernelTask, error) {
	if cfg.HangLimit == 0 {
		cfg.HangLimit = DefaultHangLimit
	}
	if cfg.MemLimit == 0 {
		cfg.MemLimit = 256 << 20
	}
	t, err := cfg.Tasks.New("kernel_task")
	if err != nil {
		return nil, fmt.Errorf("kernel task: %w", err)
	}
	k := &KernelTask{cfg: cfg, task: t, space: t.Space(), Messages: NewMessageBuffer(MessageBufferSize), boot: sched.Now(),
		active: map[*activation]struct{}{}, refs: map[refKey]*Reference{},
		locks: map[Addr]*lockGroup{}, stop: make(chan struct{})}
	k.exts.Store(new([]*Extension))
	k.space.SetSystem()
	k.Map = vm.NewMap(cfg.Tasks.Machine.Memory(), k.space, mapBase, mapEnd)
	k.Map.SetResident()
	t.SetMap(k.Map)
	if cfg.Tree != nil {
		k.names = cfg.Tree.NewNamespace()
	}
	k.alloc.init(k)
	k.iok.init(cfg.Registry)
	k.iok.registry.SetStarter(k.startDrivers)
	k.mbufs.k = k
	k.dbg.init(k)
	k.flags.Store(k.bootFlags())
	k.handle.init()
	k.oids.init()
	k.calls.init()
	if err := k.setup(); err != nil {
		k.Close()
		return nil, fmt.Errorf("kernel task: %w", err)
	}
	return k, nil
}

func (k *KernelTask) setup() error {
	if _, kr := k.Map.Enter(&vm.MapSpec{Addr: opaque, Size: uint64(opaqueEnd - opaque), Flags: vm.Fixed,
		Inherit: abi.VM_INHERIT_NONE}); kr != 0 {
		return fmt.Errorf("can't reserve addresses: %v", kr)
	}
	if err := k.writeStubs(); err != nil {
		return err
	}
	if err := k.loadRuntime(); err != nil {
		return err
	}
	k.taskHandle = k.handle.put(k.task)
	k.setVariables()
	return k.oids.adopt(k)
}

// Task is the Mach task.
func (k *KernelTask) Task() *task.Task { return k.task }

// Close ends the kernel task: all code in it stops.
func (k *KernelTask) Close() {
	if k.next.loader != nil {
		k.next.loader.Close()
	}
	k.mu.Lock()
	if !k.closed {
		close(k.stop)
	}
	k.closed = true
	k.mu.Unlock()
	k.calls.stop(k)
	k.next.modules.close()
	if k.names != nil {
		k.cfg.Tree.SetKauth(nil)
		k.cfg.Tree.ConsoleChanged.Store(nil)
		k.names.Release()
	}
	k.space.Destroy()
	k.Map.Destroy()
}

// Read, Write and their kin access kernel memory; they fail for addresses that
// code itself could not access that way.
func (k *KernelTask) Read(b []byte, a Addr) bool  { return k.Map.CopyIn(b, a) == 0 }
func (k *KernelTask) Write(a Addr, b []byte) bool { return k.Map.CopyOut(a, b) == 0 }

// U64 and U32 read numbers; 0 and false if they can't be.
func (k *KernelTask) U64(a Addr) (uint64, bool) {
	var b [8]byte
	ok := k.Read(b[:], a)
	return le.Uint64(b[:]), ok
}

func (k *KernelTask) U32(a Addr) (uint32, bool) {
	var b [4]byte
	ok := k.Read(b[:], a)
	return le.Uint32(b[:]), ok
}

// PutU64 and PutU32 write numbers.
func (k *KernelTask) PutU64(a Addr, v uint64) bool {
	var b [8]byte
	le.PutUint64(b[:], v)
	return k.Write(a, b[:])
}

func (k *KernelTask) PutU32(a Addr, v uint32) bool {
	var b [4]byte
	le.PutUint32(b[:], v)
	return k.Write(a, b[:])
}

// String reads a C string of less than max bytes.
func (k *KernelTask) String(a Addr, max int) (string, bool) {
	s, kr := k.Map.CopyInString(a, max)
	return s, kr == 0
}
