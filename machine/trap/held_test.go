package trap

import (
	"testing"
	"time"

	"puggle/machine"
)

// TestHeldGSBase kicks new threads before they have left the stub: their thread
// pointer must be there nevertheless when they get to run.
func TestHeldGSBase(t *testing.T) {
	m := newMachine(t)
	s, _ := guest(t, m, []byte{0xf3, 0x48, 0x0f, 0xae, 0xcb, 0x0f, 0x05}) // rdgsbase %rbx; syscall
	for i := range 300 {
		mc, err := s.NewContext()
		if err != nil {
			t.Fatal(err)
		}
		c := mc.(*Context)
		gs := uint64(0x200000 + i*16)
		c.SetRegs(&machine.Regs{Rip: 0x100000, GSBase: gs, Rsp: 0x2f8000})
		c.slot.kick = 1 // as if Kick came between the look at kicked and the resume
		timer := time.AfterFunc(10*time.Second, c.Kick)
		if tr := c.Run(); tr.Kind != machine.TrapKick {
			t.Fatalf("round %d: %+v: the kick was not held", i, tr)
		}
		c.slot.kick = 0
		if tr := c.Run(); tr.Kind != machine.TrapSyscall {
			t.Fatalf("round %d: %+v", i, tr)
		}
		timer.Stop()
		if got := c.Regs().Rbx; got != gs {
			t.Fatalf("round %d: GS base %#x, want %#x", i, got, gs)
		}
		c.Destroy()
	}
}
