package trap

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"puggle/machine"
)

// guest puts code at 0x100000 (rx) with a stack below 0x300000 in a new space.
func guest(t testing.TB, m *Machine, code []byte) (machine.Space, machine.Context) {
	t.Helper()
	s, err := m.NewSpace()
	if err != nil {
		t.Fatal(err)
	}
	text, _ := m.Memory().Alloc(0x1000)
	copy(m.Memory().Bytes(text, 0x1000), code)
	stack, _ := m.Memory().Alloc(0x10000)
	if err := s.Apply([]machine.PmapOp{
		{Kind: machine.PmapEnter, Prot: 5, Va: 0x100000, Len: 0x1000, Pa: text},
		{Kind: machine.PmapEnter, Prot: 3, Va: 0x2f0000, Len: 0x10000, Pa: stack},
	}); err != nil {
		t.Fatal(err)
	}
	c, err := s.NewContext()
	if err != nil {
		t.Fatal(err)
	}
	r := machine.Regs{Rip: 0x100000, Rsp: 0x2ffff0, Rbx: 42}
	c.SetRegs(&r)
	return s, c
}

func newMachine(t testing.TB) *Machine {
	t.Helper()
	m, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// mov $0x2000014,%eax; syscall; jmp back
var rawLoop = []byte{0xb8, 0x14, 0, 0, 2, 0x0f, 0x05, 0xeb, 0xf7}

// mov $0x2000014,%eax; movabs $TrapEntry,%r11; call *%r11; jmp back
var fastLoop = []byte{0xb8, 0x14, 0, 0, 2, 0x49, 0xbb, 0x00, 0x80, 0xe0, 0xff, 0xff, 0x7f, 0, 0, 0x41, 0xff, 0xd3, 0xeb, 0xec}

func TestRawSyscall(t *testing.T) {
	m := newMachine(t)
	_, c := guest(t, m, rawLoop)
	for i := 0; i < 3; i++ {
		tr := c.Run()
		if tr.Kind != machine.TrapSyscall || tr.Fast {
			t.Fatalf("trap %+v regs %+v", tr, c.Regs())
		}
		if r := c.Regs(); r.Rax != 0x2000014 || r.Rip != 0x100007 || r.Rbx != 42 || r.Rsp != 0x2ffff0 {
			t.Fatalf("regs %+v", r)
		}
		c.Return(7, 0, true)
	}
}

func TestFastSyscall(t *testing.T) {
	m := newMachine(t)
	_, c := guest(t, m, fastLoop)
	for i := 0; i < 3; i++ {
		tr := c.Run()
		if tr.Kind != machine.TrapSyscall || !tr.Fast {
			t.Fatalf("trap %+v regs %+v", tr, c.Regs())
		}
		if r := c.Regs(); r.Rax != 0x2000014 || r.Rip != 0x100012 || r.Rbx != 42 || r.Rsp != 0x2ffff0 {
			t.Fatalf("regs %+v", r)
		}
		c.Return(7, 0, true)
	}
}

func TestFaultAndKick(t *testing.T) {
	m := newMachine(t)
	// mov %rax,(%rbx); 1: jmp 1b
	_, c := guest(t, m, []byte{0x48, 0x89, 0x03, 0xeb, 0xfe})
	tr := c.Run()
	if tr.Kind != machine.TrapFault || tr.Addr != 42 || !tr.Write || tr.Present {
		t.Fatalf("trap %+v", tr)
	}
	r := *c.Regs()
	r.Rip += 3
	r.GSBase = 0x1234000
	c.SetRegs(&r)
	// Kicks may coalesce and may come late, so there is always another.
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				c.Kick()
			}
		}
	}()
	for i := 0; i < 100; i++ {
		if tr := c.Run(); tr.Kind != machine.TrapKick {
			t.Fatalf("trap %+v", tr)
		}
		if r := c.Regs(); r.Rip != 0x100003 || r.GSBase != 0x1234000 {
			t.Fatalf("regs %+v", r)
		}
	}
}

func benchLoop(b *testing.B, code []byte) {
	m := newMachine(b)
	_, c := guest(b, m, code)
	c.Run()
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		c.Return(7, 0, false)
		c.Run()
	}
}

func BenchmarkFast(b *testing.B) { benchLoop(b, fastLoop) }
func BenchmarkRaw(b *testing.B)  { benchLoop(b, rawLoop) }

func BenchmarkApply(b *testing.B) {
	m := newMachine(b)
	s, _ := guest(b, m, fastLoop)
	p, _ := m.Memory().Alloc(0x10000)
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		if err := s.Apply([]machine.PmapOp{{Kind: machine.PmapEnter, Prot: 3, Va: 0x500000, Len: 0x10000, Pa: p}}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestNoLeak makes and ends spaces and threads; physical memory comes back.
func TestNoLeak(t *testing.T) {
	m := newMachine(t)
	run := func() {
		s, c := guest(t, m, fastLoop)
		c.Run()
		c2, err := s.NewContext()
		if err != nil {
			t.Fatal(err)
		}
		c2.SetRegs(&machine.Regs{Rip: 0x100000, Rsp: 0x2f8000})
		c2.Run()
		c2.Destroy()
		c3, err := s.NewContext() // the same host thread again
		if err != nil {
			t.Fatal(err)
		}
		c3.SetRegs(&machine.Regs{Rip: 0x100000, Rsp: 0x2f8000})
		if tr := c3.Run(); tr.Kind != machine.TrapSyscall {
			t.Fatalf("%+v", tr)
		}
		s.Destroy()
		<-s.Done()
		if tr := c.Run(); tr.Kind != machine.TrapDead {
			t.Fatalf("%+v", tr)
		}
		c.Destroy()
		c3.Destroy()
	}
	used := func() uint64 {
		m.mem.mu.Lock()
		defer m.mem.mu.Unlock()
		n := uint64(m.mem.next)
		m.mem.byAddr.Ascend(func(e extent) bool { n -= e.n; return true })
		return n
	}
	run()
	time.Sleep(50 * time.Millisecond) // the pool refills
	before := used()
	for range 20 {
		run()
	}
	for end := time.Now().Add(2 * time.Second); used()-before > 20*0x11000 && time.Now().Before(end); {
		time.Sleep(time.Millisecond) // shells die in their own time
	}
	// Each run leaves the guest's own text and stack, 0x11000 bytes.
	if got, want := used()-before, uint64(20*0x11000); got != want {
		t.Errorf("%#x bytes of physical memory used up, want %#x", got, want)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func contains(s, sub string) bool { return strings.Contains(s, sub) }

// workLoop computes for about n nanoseconds at 2 GHz between fast calls.
func workLoop(n uint32) []byte {
	b := []byte{0xb9, 0, 0, 0, 0, 0xff, 0xc9, 0x75, 0xfc} // mov $n,%ecx; 1: dec %ecx; jnz 1b
	binary.LittleEndian.PutUint32(b[1:], n)
	b = append(b, fastLoop[:18]...)
	return append(b, 0xeb, byte(256-len(b)-2))
}

// BenchmarkSporadic is a call every 50 us of computing: what matters is how far
// above the computing it comes out.
func BenchmarkSporadic(b *testing.B) {
	for _, us := range []uint32{5, 20, 100} {
		b.Run(fmt.Sprint(us, "us"), func(b *testing.B) { benchLoop(b, workLoop(us*1000)) })
	}
}

// TestKickBeforeLeaving kicks a thread that has not left the stub yet: what was
// set for its resumption, the GS base and the registers, is not lost.
func TestKickBeforeLeaving(t *testing.T) {
	m := newMachine(t)
	// 1: rdgsbase %rax; call entry; jmp 1b
	code := append([]byte{0xf3, 0x48, 0x0f, 0xae, 0xc8}, fastLoop[5:18]...)
	_, mc := guest(t, m, append(code, 0xeb, byte(256-len(code)-2)))
	c := mc.(*Context)
	if tr := c.Run(); tr.Kind != machine.TrapSyscall {
		t.Fatalf("%+v", tr)
	}
	for i := uint64(1); i < 200; i++ {
		r := *c.Regs()
		r.GSBase, r.Rbx = i<<12, i
		c.SetRegs(&r)
		c.slot.kick = 1 // as a kick that comes while the stub waits
		tr := c.Run()
		if tr.Kind != machine.TrapKick {
			t.Fatalf("%+v", tr)
		}
		// The flag is gone by itself, or the thread would never leave.
		if tr = c.Run(); tr.Kind != machine.TrapSyscall {
			t.Fatalf("%+v", tr)
		}
		if r := c.Regs(); r.Rax != i<<12 || r.Rbx != i {
			t.Fatalf("gs base %#x rbx %d, want %#x and %d", r.Rax, r.Rbx, i<<12, i)
		}
	}
}
