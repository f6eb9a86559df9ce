package trap

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"puggle/machine"
)

// runFor runs c and fails if it does not trap within a second.
func runFor(t *testing.T, c machine.Context) machine.Trap {
	t.Helper()
	timer := time.AfterFunc(time.Second, c.Kick)
	defer timer.Stop()
	tr := c.Run()
	if tr.Kind == machine.TrapKick {
		t.Fatalf("still running after a second, at %#x", c.Regs().Rip)
	}
	return tr
}

// TestHostSystemCalls tries the host's own calls by number from guest text:
// every one comes to us, none to the host.
func TestHostSystemCalls(t *testing.T) {
	m := newMachine(t)
	_, c := guest(t, m, []byte{0x0f, 0x05, 0xeb, 0xfc}) // syscall; jmp back
	for nr := uint64(0); nr < 470; nr++ {
		r := *c.Regs()
		r.Rip, r.Rax = 0x100000, nr
		r.Rdi, r.Rsi, r.Rdx, r.R10, r.R8, r.R9 = 0x200000, 0x1000, 3, 0x11, 3, 0
		c.SetRegs(&r)
		tr := runFor(t, c)
		if nr == 335 || nr == 336 {
			// uretprobe and uprobe: Linux 6.14 and later keep these from
			// filters. Outside a probe they are an illegal instruction.
			if tr.Kind != machine.TrapException && tr.Kind != machine.TrapSyscall {
				t.Fatalf("call %d: %+v", nr, tr)
			}
			continue
		}
		if tr.Kind != machine.TrapSyscall || c.Regs().Rax != nr || c.Regs().Rip != 0x100002 {
			t.Fatalf("call %d: %+v rax %#x rip %#x", nr, tr, c.Regs().Rax, c.Regs().Rip)
		}
	}
}

// TestOtherGates: the other ways into a Linux kernel.
func TestOtherGates(t *testing.T) {
	gates := map[string][]byte{
		"int80":    {0xcd, 0x80},
		"sysenter": {0x0f, 0x34},
		"vsyscall": {0x48, 0xc7, 0xc1, 0x00, 0x00, 0x60, 0xff, 0xff, 0xd1}, // mov $-10485760,%rcx; call *%rcx
		"x32":      {0xb8, 0x27, 0x00, 0x00, 0x40, 0x0f, 0x05},             // mov $0x40000027,%eax; syscall
	}
	for name, code := range gates {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			_, c := guest(t, m, code)
			r := *c.Regs()
			r.Rax, r.Rbx = 20, 0 // getpid for i386
			c.SetRegs(&r)
			tr := runFor(t, c)
			switch tr.Kind {
			case machine.TrapBad, machine.TrapSyscall, machine.TrapException, machine.TrapFault, machine.TrapDead:
			default:
				t.Fatalf("%+v", tr)
			}
			if r := c.Regs(); tr.Kind == machine.TrapSyscall && r.Rax > 0 && r.Rax == uint64(c.(*Context).s.pid) {
				t.Fatal("the host answered")
			}
		})
	}
}

// TestStubGadgets jumps to every syscall instruction in stub text, with
// registers of its own choice: a mapping of all physical memory must not come
// of it, nor anything else.
func TestStubGadgets(t *testing.T) {
	calls := []uint64{unix.SYS_MMAP, unix.SYS_MUNMAP, unix.SYS_MPROTECT, unix.SYS_MREMAP, unix.SYS_CLONE, unix.SYS_PWRITE64,
		unix.SYS_EXECVE, unix.SYS_OPEN, unix.SYS_SOCKET, unix.SYS_KILL, unix.SYS_TGKILL, unix.SYS_PRCTL, unix.SYS_SECCOMP,
		unix.SYS_EXIT_GROUP, unix.SYS_RT_SIGACTION, unix.SYS_PTRACE, unix.SYS_PROCESS_VM_WRITEV}
	var gadgets []uint64
	for i := 0; i+1 < len(stubBlob); i++ {
		if stubBlob[i] == 0x0f && stubBlob[i+1] == 0x05 {
			gadgets = append(gadgets, textBase+uint64(i))
		}
	}
	if len(gadgets) < 10 {
		t.Fatalf("only %d syscall instructions found in the stub", len(gadgets))
	}
	m := newMachine(t)
	s, c := guest(t, m, []byte{0xff, 0xe3}) // jmp *%rbx
	for _, g := range gadgets {
		for _, nr := range calls {
			r := *c.Regs()
			r.Rip, r.Rbx, r.Rax = 0x100000, g, nr
			r.Rdi, r.Rsi, r.Rdx, r.R10, r.R8, r.R9 = 0x200000, 0x1000, 3, 0x11, 3, 0
			r.Rsp = 0x2f8000
			c.SetRegs(&r)
			tr := runFor(t, c)
			if tr.Kind != machine.TrapSyscall || c.Regs().Rip != g+2 || c.Regs().Rax != nr {
				t.Fatalf("gadget %#x call %d: %+v rip %#x", g, nr, tr, c.Regs().Rip)
			}
		}
	}
	if !spaceAlive(s) {
		t.Fatal("the shell died")
	}
	if maps := hostMaps(t, s); contains(maps, "00200000-00201000") {
		t.Fatalf("a gadget mapped memory:\n%s", maps)
	}
}

// TestFSBase changes the stub's thread pointer and then traps: by the fast
// entry that is the guest's own loss, and a raw call afterwards works.
func TestFSBase(t *testing.T) {
	m := newMachine(t)
	code := []byte{0xf3, 0x48, 0x0f, 0xae, 0xd3} // wrfsbase %rbx
	_, c := guest(t, m, append(code, fastLoop...))
	tr := runFor(t, c) // %rbx is 42: the entry faults
	if tr.Kind == machine.TrapSyscall {
		t.Fatalf("trapped through a bad slot: %+v", tr)
	}
	r := *c.Regs()
	r.Rip, r.Rsp = 0x100000+5+18, 0x2f8000 // behind: jmp back to the call, whose fs is good again
	c.SetRegs(&r)
	if tr := runFor(t, c); tr.Kind != machine.TrapSyscall || !tr.Fast {
		t.Fatalf("%+v", tr)
	}
}

// TestSlotDamage overwrites every word of a slot's head with values of a
// guest's choice, as if between trap and read, and looks at what decode makes
// of it: never a panic, never memory that is not the slot's.
func TestSlotDamage(t *testing.T) {
	m := newMachine(t)
	_, mc := guest(t, m, rawLoop)
	c := mc.(*Context)
	c.Run()
	saved := append([]byte(nil), m.mem.Bytes(c.p, 0x400)...)
	b := m.mem.Bytes(c.p, 0x400)
	values := []uint64{0, 1, 3, 42, c.base, c.base + altStack, c.base + slotSize - 8, c.base + slotSize, 0x7fffffffffff, ^uint64(0), 1 << 63}
	for off := 0x80; off < 0x140; off += 8 {
		for _, v := range values {
			copy(b, saved)
			binary.LittleEndian.PutUint64(b[off:], v)
			c.decode()
			c.Xstate(nil)
		}
	}
	// A frame whose fpstate points elsewhere.
	copy(b, saved)
	c.decode()
	f := c.frameBytes()
	for _, v := range values {
		binary.LittleEndian.PutUint64(f[ucFP:], v)
		c.SetXstate(make([]byte, maxXstate))
		c.Xstate(nil)
	}
}

// TestShellKilled: a shell that dies is a guest's death, reported at once.
func TestShellKilled(t *testing.T) {
	m := newMachine(t)
	s, c := guest(t, m, []byte{0xeb, 0xfe})
	time.AfterFunc(20*time.Millisecond, func() { unix.Kill(s.HostPID(), unix.SIGKILL) })
	if tr := runFor(t, c); tr.Kind != machine.TrapDead {
		t.Fatalf("%+v", tr)
	}
	select {
	case <-s.Done():
	case <-time.After(time.Second):
		t.Fatal("Done not closed")
	}
	if err := s.Apply([]machine.PmapOp{{Kind: machine.PmapRemove, Va: 0x100000, Len: 0x1000}}); err != machine.ErrDead {
		t.Fatalf("Apply to the dead: %v", err)
	}
}

// TestReservedRange: nothing may be entered where the machine's pages are.
func TestReservedRange(t *testing.T) {
	m := newMachine(t)
	s, _ := guest(t, m, rawLoop)
	for _, op := range []machine.PmapOp{
		{Kind: machine.PmapEnter, Prot: 7, Va: machine.SlotBase, Len: 0x1000},
		{Kind: machine.PmapEnter, Prot: 7, Va: machine.SlotBase - 0x1000, Len: 0x2000},
		{Kind: machine.PmapEnter, Prot: 7, Va: machine.Addr(textBase), Len: 0x1000},
		{Kind: machine.PmapRemove, Va: machine.Addr(rodataBase), Len: 0x1000},
		{Kind: machine.PmapRemove, Va: 0x100000, Len: ^uint64(0xfff)},
		{Kind: machine.PmapProtect, Prot: 7, Va: machine.CommPage, Len: 0x1000},
		{Kind: machine.PmapEnter, Prot: 7, Va: 0, Len: 0x1000},
		{Kind: machine.PmapEnter, Prot: 7, Va: 0x400000, Len: 0x1000, Pa: ^machine.Phys(0xfff)},
	} {
		if err := s.Apply([]machine.PmapOp{op}); err == nil {
			t.Errorf("%+v was let through", op)
		}
	}
}

func spaceAlive(s machine.Space) bool {
	select {
	case <-s.Done():
		return false
	default:
		return true
	}
}

func hostMaps(t *testing.T, s machine.Space) string {
	t.Helper()
	return readFile(t, fmt.Sprintf("/proc/%d/maps", s.HostPID()))
}
