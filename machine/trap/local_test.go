package trap

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"puggle/machine"
)

// turns: two threads in turn count and hand over by waitword and wakeword.
//
//	loop:	mov (%rbx),%eax; cmp %r12d,%eax; je mine
//		mov %rbx,%rdi; mov %eax,%esi; xor %edx,%edx; call *%r14; jmp loop
//	mine:	mov %r12d,%eax; xor $1,%eax; xchg %eax,(%rbx); incq (%r13)
//		mov %rbx,%rdi; mov $1,%esi; call *%r15; jmp loop
var turns = []byte{
	0x8b, 0x03, 0x44, 0x39, 0xe0, 0x74, 0x0c, 0x48, 0x89, 0xdf, 0x89, 0xc6, 0x31, 0xd2, 0x41, 0xff, 0xd6, 0xeb, 0xed,
	0x44, 0x89, 0xe0, 0x83, 0xf0, 0x01, 0x87, 0x03, 0x49, 0xff, 0x45, 0x00,
	0x48, 0x89, 0xdf, 0xbe, 0x01, 0x00, 0x00, 0x00, 0x41, 0xff, 0xd7, 0xeb, 0xd4,
}

// TestLocalWait: two threads hand over to each other by themselves while they
// are kicked all the time; no kick is lost and no wake.
func TestLocalWait(t *testing.T) {
	m := newMachine(t)
	s, first := guest(t, m, turns)
	second, err := s.NewContext()
	if err != nil {
		t.Fatal(err)
	}
	page, _ := m.Memory().Alloc(0x1000)
	clear(m.Memory().Bytes(page, 0x1000))
	if err := s.Apply([]machine.PmapOp{{Kind: machine.PmapEnter, Prot: 3, Va: 0x400000, Len: 0x1000, Pa: page}}); err != nil {
		t.Fatal(err)
	}
	var runs [2]atomic.Int64
	var stop atomic.Bool
	var wg sync.WaitGroup
	for i, c := range []machine.Context{first, second} {
		c.SetRegs(&machine.Regs{
			Rip: 0x100000, Rsp: 0x2f8000 + uint64(i)*0x1000, Rbx: 0x400000, R12: uint64(i), R13: 0x400040 + 64*uint64(i),
			R14: uint64(machine.WaitEntry), R15: uint64(machine.WakeEntry),
		})
		wg.Go(func() {
			for !stop.Load() {
				c.Local(true)
				switch tr := c.Run(); {
				case tr.Kind == machine.TrapKick:
				case tr.Kind == machine.TrapSyscall && c.Regs().Rax == 0xa000008:
					eintr := -4
					c.Return(uint64(eintr), 0, false)
				default:
					t.Errorf("trap %+v, rax %#x", tr, c.Regs().Rax)
					return
				}
				runs[i].Add(1)
			}
		})
	}
	count := func(i int) uint64 {
		return atomic.LoadUint64(m.mem.word64(page + machine.Phys(64+64*i)))
	}
	wait := func(what string, f func() bool) {
		for end := time.Now().Add(20 * time.Second); !f(); time.Sleep(10 * time.Microsecond) {
			if time.Now().After(end) {
				stop.Store(true)
				s.Destroy()
				t.Fatal(what)
			}
		}
	}
	for i := range 2000 {
		c := []machine.Context{first, second}[i&1]
		n, before := runs[i&1].Load(), count(i&1)
		c.Kick()
		wait("a kick was lost", func() bool { return runs[i&1].Load() > n })
		if i%16 == 0 {
			wait("a wake was lost", func() bool { return count(i&1) > before })
		}
	}
	stop.Store(true)
	first.Kick()
	second.Kick()
	wg.Wait()
	if a, b := count(0), count(1); a-b+1 > 2 {
		t.Errorf("%d turns and %d", a, b)
	}
}
