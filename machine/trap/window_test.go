package trap

import (
	"testing"

	"puggle/machine"
)

// A thread may fault on its way out of the stub, when its stack is not there for
// the last instruction, and goes back to that instruction by the host's signal
// return, with a kick waiting for it just there. It must not begin its way out
// anew then: the slot tells of the call, and not of what has happened since.
func TestKickAfterFaultInStub(t *testing.T) {
	m := newMachine(t)
	code := make([]byte, 0x100)
	copy(code, resultLoop)
	copy(code[0x80:], fastLoop)
	code[0x81] = 0x77 // its call's number
	space, mc := guest(t, m, code)
	c := mc.(*Context)
	stack, _ := m.Memory().Alloc(0x10000)
	apply := func(op machine.PmapOp) {
		t.Helper()
		if err := space.Apply([]machine.PmapOp{op}); err != nil {
			t.Fatal(err)
		}
	}
	want := func(kind machine.TrapKind) machine.Trap {
		t.Helper()
		tr := c.Run()
		if tr.Kind != kind {
			t.Fatalf("trap %+v, want %v; regs %+v", tr, kind, c.Regs())
		}
		return tr
	}
	// atReturn leaves the thread faulted at the stub's last instruction, with a kick
	// under way.
	atReturn := func(result uint64) {
		t.Helper()
		apply(machine.PmapOp{Kind: machine.PmapRemove, Va: 0x2f0000, Len: 0x10000})
		c.Return(result, 0, false)
		if tr := want(machine.TrapFault); tr.Addr>>16 != 0x2f {
			t.Fatalf("fault %+v", tr)
		}
		// The return address, which was on the stack.
		b := m.Memory().Bytes(stack, 0x10000)
		copy(b[0xffe8:], []byte{0x12, 0, 0x10, 0, 0, 0, 0, 0})
		apply(machine.PmapOp{Kind: machine.PmapEnter, Prot: 3, Va: 0x2f0000, Len: 0x10000, Pa: stack})
		c.poke()
	}

	want(machine.TrapSyscall)
	r := *c.Regs()
	r.Rflags |= machine.FlagCarry // what the slot will have to tell of the flags
	c.SetRegs(&r)
	want(machine.TrapSyscall)

	// The kick is withdrawn: only the host's signal is left of it.
	atReturn(5)
	c.slot.kick = 0
	tr := c.Run()
	for n := 0; tr.Kind == machine.TrapKick && n < 3; n++ {
		tr = c.Run()
	}
	if r := c.Regs(); tr.Kind != machine.TrapSyscall || r.Rdi != 5 || r.Rsi != 0 {
		t.Fatalf("trap %+v: the guest had %d and carry %d, want 5 and 0", tr, r.Rdi, r.Rsi)
	}

	// The kick comes to deliver a signal.
	atReturn(6)
	want(machine.TrapKick)
	c.slot.kick = 0 // as Run does for whom Kick was called
	r = *c.Regs()
	if r.Rax != 6 || r.Rflags&machine.FlagCarry != 0 {
		t.Errorf("the interrupted guest had %d and flags %#x", r.Rax, r.Rflags)
	}
	saved := r
	r.Rip, r.Rsp = 0x100080, 0x2ff000
	c.SetRegs(&r)
	want(machine.TrapSyscall)
	if r := c.Regs(); r.Rax != 0x2000077 {
		t.Fatalf("the guest did not go where it was sent: call %#x", r.Rax)
	}
	c.SetRegs(&saved)
	want(machine.TrapSyscall)
	if r := c.Regs(); r.Rax != 0x2000014 || r.Rdi != 6 || r.Rsi != 0 {
		t.Errorf("after the signal's handler the guest had %d and carry %d, want 6 and 0", r.Rdi, r.Rsi)
	}
}
