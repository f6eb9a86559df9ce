package mig

import (
	"testing"

	"puggle/abi"
	"puggle/mach/host"
	"puggle/mach/ipc"
	"puggle/mach/sched"
	"puggle/mach/task"
	"puggle/mach/vm"
	"puggle/machine"
)

// fakeMachine has memory and contexts that run nothing.
type fakeMachine struct{ mem fakeMemory }

type fakeMemory struct {
	b    []byte
	next machine.Phys
}

func (m *fakeMemory) Alloc(n uint64) (machine.Phys, error) {
	p := m.next
	if uint64(p)+n > uint64(len(m.b)) {
		return 0, machine.ErrNoMemory
	}
	m.next += machine.Phys(n)
	return p, nil
}
func (m *fakeMemory) Free(machine.Phys, uint64)        {}
func (m *fakeMemory) Discard(p machine.Phys, n uint64) { clear(m.b[p : p+machine.Phys(n)]) }
func (m *fakeMemory) Bytes(p machine.Phys, n uint64) []byte {
	return m.b[p : uint64(p)+n : uint64(p)+n]
}
func (m *fakeMemory) Resident() uint64        { return uint64(m.next) }
func (m *fakeMemory) Limit() uint64           { return uint64(len(m.b)) }
func (m *fakeMachine) Memory() machine.Memory { return &m.mem }
func (m *fakeMachine) NewSpace() (machine.Space, error) {
	return &fakeSpace{done: make(chan struct{})}, nil
}
func (m *fakeMachine) CommPage() []byte { return make([]byte, 4096) }
func (m *fakeMachine) Processors() int  { return 2 }
func (m *fakeMachine) Close() error     { return nil }

type fakeSpace struct{ done chan struct{} }

func (s *fakeSpace) Apply([]machine.PmapOp) error         { return nil }
func (s *fakeSpace) NewContext() (machine.Context, error) { return &fakeContext{}, nil }
func (s *fakeSpace) Destroy()                             {}
func (s *fakeSpace) Done() <-chan struct{}                { return s.done }
func (s *fakeSpace) HostPID() int                         { return 0 }
func (s *fakeSpace) SetSystem()                           {}

type fakeContext struct{ r machine.Regs }

func (c *fakeContext) Run() machine.Trap               { return machine.Trap{Kind: machine.TrapDead} }
func (c *fakeContext) Regs() *machine.Regs             { return &c.r }
func (c *fakeContext) Args() *machine.Regs             { return &c.r }
func (c *fakeContext) SetRegs(r *machine.Regs)         { c.r = *r }
func (c *fakeContext) Return(rax, rdx uint64, cf bool) { c.r.Rax, c.r.Rdx = rax, rdx }
func (c *fakeContext) Xstate(b []byte) []byte          { return append(b, make([]byte, 576)...) }
func (c *fakeContext) SetXstate([]byte)                {}
func (c *fakeContext) Kick()                           {}
func (c *fakeContext) Local(bool)                      {}
func (c *fakeContext) Parked() bool                    { return false }
func (c *fakeContext) Destroy()                        {}

// world is a kernel with one task and one thread that is not started.
type world struct {
	k     *Kernel
	t     *task.Task
	th    *task.Thread
	space *ipc.Space
	m     *vm.Map
	cl    *Client
}

func newWorld(t testing.TB) *world {
	t.Helper()
	m := &fakeMachine{fakeMemory{b: make([]byte, 64<<20), next: machine.PageSize}}
	sys := &task.System{Machine: m, Processors: sched.NewProcessorSet(2)}
	w := &world{cl: &Client{Thread: sched.NewThread("test"), Until: sched.After(30e9)}}
	w.k = NewKernel(sys, host.Config{Processors: 2, MemSize: 1 << 30, KernelVersion: "Darwin Kernel Version 22.6.0",
		Memory: func() host.Memory { return host.Memory{Free: 7} },
		Ticks:  func(cpu int) [4]uint32 { return [4]uint32{1, 2, 3, 4} },
		Load:   func() [3]uint32 { return [3]uint32{500, 0, 0} }})
	var err error
	if w.t, err = sys.New("test"); err != nil {
		t.Fatal(err)
	}
	w.space = ipc.NewSpace()
	w.t.IPC = w.space
	w.m = vm.NewMap(m.Memory(), w.t.Space(), machine.MinAddr, machine.SharedRegionBase)
	w.t.SetMap(w.m)
	if w.th, err = w.t.NewThread(); err != nil {
		t.Fatal(err)
	}
	return w
}

// kernelPort is a port that the test receives from.
func kernelPort(t testing.TB) *ipc.Port {
	p, kr := ipc.AllocKernel(nil, abi.IKOT_NONE, nil)
	if kr != 0 {
		t.Fatal(kr)
	}
	return p
}
