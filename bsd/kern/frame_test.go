package kern

import (
	"bytes"
	"encoding/binary"
	"sync"
	"testing"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
	"puggle/mach/task"
	"puggle/mach/vm"
	"puggle/machine"
)

// fakeMachine has memory, and contexts that never run.
type fakeMachine struct{ mem fakeMemory }

func (m *fakeMachine) Memory() machine.Memory { return &m.mem }
func (m *fakeMachine) NewSpace() (machine.Space, error) {
	return &fakeSpace{done: make(chan struct{})}, nil
}
func (m *fakeMachine) CommPage() []byte { return make([]byte, machine.PageSize) }
func (m *fakeMachine) Processors() int  { return 2 }
func (m *fakeMachine) Close() error     { return nil }

type fakeMemory struct {
	mu   sync.Mutex
	next machine.Phys
	ext  map[machine.Phys][]byte
}

func (m *fakeMemory) Alloc(n uint64) (machine.Phys, error) {
	if n > 64<<20 {
		return 0, machine.ErrNoMemory
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ext == nil {
		m.ext = make(map[machine.Phys][]byte)
	}
	p := m.next
	m.next += machine.Phys(n)
	m.ext[p] = make([]byte, n)
	return p, nil
}
func (m *fakeMemory) Free(p machine.Phys, n uint64)    {}
func (m *fakeMemory) Discard(p machine.Phys, n uint64) { clear(m.Bytes(p, n)) }
func (m *fakeMemory) Resident() uint64                 { return 0 }
func (m *fakeMemory) Limit() uint64                    { return 1 << 30 }
func (m *fakeMemory) Bytes(p machine.Phys, n uint64) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	for base, b := range m.ext {
		if p >= base && uint64(p-base)+n <= uint64(len(b)) {
			return b[p-base:][:n:n]
		}
	}
	panic("no such physical memory")
}

type fakeSpace struct {
	once sync.Once
	done chan struct{}
}

func (s *fakeSpace) Apply([]machine.PmapOp) error         { return nil }
func (s *fakeSpace) NewContext() (machine.Context, error) { return &fakeContext{space: s}, nil }
func (s *fakeSpace) Destroy()                             { s.once.Do(func() { close(s.done) }) }
func (s *fakeSpace) Done() <-chan struct{}                { return s.done }
func (s *fakeSpace) HostPID() int                         { return 0 }
func (s *fakeSpace) SetSystem()                           {}

type fakeContext struct {
	space *fakeSpace
	regs  machine.Regs
	xs    []byte
}

func (c *fakeContext) Run() machine.Trap               { return machine.Trap{Kind: machine.TrapDead} }
func (c *fakeContext) Regs() *machine.Regs             { return &c.regs }
func (c *fakeContext) Args() *machine.Regs             { return &c.regs }
func (c *fakeContext) SetRegs(r *machine.Regs)         { c.regs = *r }
func (c *fakeContext) Return(rax, rdx uint64, cf bool) { c.regs.Rax, c.regs.Rdx = rax, rdx }
func (c *fakeContext) Xstate(b []byte) []byte          { return append(b, c.xs...) }
func (c *fakeContext) SetXstate(b []byte)              { c.xs = bytes.Clone(b) }
func (c *fakeContext) Kick()                           {}
func (c *fakeContext) Local(bool)                      {}
func (c *fakeContext) Parked() bool                    { return false }
func (c *fakeContext) Destroy()                        {}

// testSystem makes a table with a process that has one thread and a stack.
func testSystem(t *testing.T) (*System, *Proc, *Uthread, *fakeContext) {
	t.Helper()
	ts := &task.System{Machine: &fakeMachine{}, Processors: sched.NewProcessorSet(2)}
	s := NewSystem(ts, &sys.Cred{})
	p, ut := testProc(t, s, s.Init())
	return s, p, ut, ut.Thread.Context().(*fakeContext)
}

const testStack = 0x7000_0000

func testProc(t *testing.T, s *System, parent *Proc) (*Proc, *Uthread) {
	t.Helper()
	p, e := parent.newChild()
	if e != 0 {
		t.Fatal(e)
	}
	p.Fd = NewFileDesc()
	p.initSignals()
	tk, err := s.Tasks.New("test")
	if err != nil {
		t.Fatal(err)
	}
	p.Task, tk.BSD = tk, p
	m := vm.NewMap(s.Tasks.Machine.Memory(), tk.Space(), machine.MinAddr, machine.SlotBase)
	if _, kr := m.Allocate(testStack, 1<<20, vm.Fixed); kr != 0 {
		t.Fatal(kr)
	}
	tk.SetMap(m)
	th, err := tk.NewThread()
	if err != nil {
		t.Fatal(err)
	}
	ut := p.newUthread(th, 0)
	s.mu.Lock()
	p.state = Running
	s.mu.Unlock()
	return p, ut
}

// TestFrame checks a signal frame byte by byte against the offsets that Go's
// runtime/defs_darwin_amd64.go and <sys/ucontext.h> have.
func TestFrame(t *testing.T) {
	s, p, ut, ctx := testSystem(t)
	const top = testStack + 1<<20 - 0x100
	ctx.regs = machine.Regs{Rax: 1, Rbx: 2, Rcx: 3, Rdx: 4, Rdi: 5, Rsi: 6, Rbp: 7, Rsp: top, R8: 9, R9: 10, R10: 11,
		R11: 12, R12: 13, R13: 14, R14: 15, R15: 16, Rip: 0x1234567, Rflags: 0x246, GSBase: 99}
	ctx.xs = make([]byte, 2696)
	for i := range ctx.xs {
		ctx.xs[i] = byte(i * 7)
	}
	want, image := ctx.regs, bytes.Clone(ctx.xs)
	if e := p.SetAction(abi.SIGUSR1, Sigaction{Handler: 0xaaaa, Tramp: 0xbbbb, Mask: mask(abi.SIGHUP), Flags: abi.SA_SIGINFO}); e != 0 {
		t.Fatal(e)
	}
	ut.sigmask = mask(abi.SIGWINCH)
	p.SignalInfo(abi.SIGUSR1, abi.Siginfo{PID: 77, UID: 8, Status: 30})
	s.ast(ut.Thread)

	r := ctx.regs
	if r.Rip != 0xbbbb || r.Rdi != 0xaaaa || r.Rsi != abi.UC_FLAVOR || r.Rdx != 30 || r.Rsp%16 != 8 || r.GSBase != 99 {
		t.Fatalf("registers at the trampoline: %+v", r)
	}
	if r.Rcx+abi.SiginfoSize > top-redZone || r.R8+abi.Ucontext64Size > top-redZone {
		t.Fatalf("the frame reaches into the red zone: siginfo %#x ucontext %#x", r.Rcx, r.R8)
	}
	get := func(at uint64, n int) []byte {
		b := make([]byte, n)
		if kr := p.Map().CopyIn(b, machine.Addr(at)); kr != 0 {
			t.Fatalf("%#x: %v", at, kr)
		}
		return b
	}
	le := binary.LittleEndian
	si := get(r.Rcx, 104)
	if le.Uint32(si) != 30 || le.Uint32(si[12:]) != 77 || le.Uint32(si[16:]) != 8 || le.Uint32(si[20:]) != 30 {
		t.Errorf("siginfo % x", si[:24])
	}
	uc := get(r.R8, 56)
	if Sigset(le.Uint32(uc[4:])) != mask(abi.SIGWINCH) || le.Uint64(uc[40:]) != 708 {
		t.Errorf("ucontext: mask %#x mcsize %d", le.Uint32(uc[4:]), le.Uint64(uc[40:]))
	}
	mc := get(le.Uint64(uc[48:]), 708)
	for i, v := range []uint64{1, 2, 3, 4, 5, 6, 7, top, 9, 10, 11, 12, 13, 14, 15, 16, 0x1234567, 0x246} {
		if got := le.Uint64(mc[16+8*i:]); got != v {
			t.Errorf("mcontext ss[%d] = %#x, want %#x", i, got, v)
		}
	}
	if !bytes.Equal(mc[184+8:184+8+512], image[:512]) {
		t.Error("the float state is not the FXSAVE image")
	}
	if ut.sigmask != mask(abi.SIGWINCH)|mask(abi.SIGHUP)|mask(abi.SIGUSR1) {
		t.Errorf("mask in the handler %#x", ut.sigmask)
	}

	if e := ut.Sigreturn(r.R8, abi.UC_FLAVOR, r.R9+1); e != abi.EINVAL {
		t.Errorf("a token that was not given: %v", e)
	}
	ctx.xs = make([]byte, 576) // sigreturn comes by the fast entry
	if e := ut.Sigreturn(r.R8, abi.UC_FLAVOR, r.R9); e != 0 {
		t.Fatal(e)
	}
	if ctx.regs != want {
		t.Errorf("registers after sigreturn\n%+v\nwant\n%+v", ctx.regs, want)
	}
	image[512] |= 3
	if !bytes.Equal(ctx.xs, image) {
		t.Error("the extended state did not come back whole")
	}
	if ut.sigmask != mask(abi.SIGWINCH) {
		t.Errorf("mask after sigreturn %#x", ut.sigmask)
	}
}

// TestRestart checks when an interrupted call is made again, by both ways in.
func TestRestart(t *testing.T) {
	const number = 0x2000003
	for _, c := range []struct {
		name          string
		fast, restart bool
		flags         uint32
		caught        bool
		again         bool
	}{
		{"raw, SA_RESTART", false, true, abi.SA_RESTART, true, true},
		{"fast, SA_RESTART", true, true, abi.SA_RESTART, true, true},
		{"no SA_RESTART", false, true, 0, true, false},
		{"a call that never restarts", true, false, abi.SA_RESTART, true, false},
		{"no handler ran", true, false, 0, false, true},
	} {
		s, p, ut, ctx := testSystem(t)
		ctx.xs = make([]byte, 576)
		const sp, ip = testStack + 1<<19, 0x1000100
		ctx.regs = machine.Regs{Rax: uint64(abi.EINTR), Rsp: sp, Rip: ip, Rflags: 0x203}
		if c.caught {
			p.SetAction(abi.SIGUSR1, Sigaction{Handler: 1 << 20, Tramp: 2 << 20, Flags: c.flags})
			p.Signal(abi.SIGUSR1)
		} else {
			ut.Thread.SetAST(astBSD)
		}
		ut.Interrupted(number, c.fast, c.restart)
		s.ast(ut.Thread)
		got := ctx.regs
		if c.caught {
			if e := ut.Sigreturn(got.R8, abi.UC_TRAD, got.R9); e != 0 {
				t.Fatalf("%s: %v", c.name, e)
			}
			got = ctx.regs
		}
		want := machine.Regs{Rax: uint64(abi.EINTR), Rsp: sp, Rip: ip, Rflags: 0x203}
		if c.again {
			want.Rax, want.Rflags = number, 0x202
			if c.fast {
				want.Rsp, want.Rip = sp-8, uint64(machine.TrapEntry)
				var b [8]byte
				p.Map().CopyIn(b[:], machine.Addr(sp-8))
				if binary.LittleEndian.Uint64(b[:]) != ip {
					t.Errorf("%s: return address %x", c.name, b)
				}
			} else {
				want.Rip = ip - 2
			}
		}
		if got != want {
			t.Errorf("%s:\n%+v\nwant\n%+v", c.name, got, want)
		}
	}
}
