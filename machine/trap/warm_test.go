package trap

import (
	"testing"
	"time"

	"puggle/machine"
)

// Threads that were made before they were needed run, and what is not used of them is given
// back with the space.
func TestWarm(t *testing.T) {
	m := newMachine(t)
	sp, c := guest(t, m, fastLoop)
	s := sp.(*Space)
	made := s.nslots
	s.Warm(5)
	if s.nslots != made+5 || len(s.idle) != 5 {
		t.Fatalf("%d slots, %d idle", s.nslots-made, len(s.idle))
	}
	all := []machine.Context{c}
	for range 3 {
		c, err := s.NewContext()
		if err != nil {
			t.Fatal(err)
		}
		c.SetRegs(&machine.Regs{Rip: 0x100000, Rsp: 0x2f0000 + uint64(len(all))*0x1000})
		all = append(all, c)
	}
	if s.nslots != made+5 || len(s.idle) != 2 {
		t.Fatalf("%d slots, %d idle after three were taken", s.nslots-made, len(s.idle))
	}
	for i, c := range all {
		if tr := c.Run(); tr.Kind != machine.TrapSyscall {
			t.Errorf("thread %d: %+v", i, tr)
		}
	}
	for _, c := range all {
		c.Destroy()
	}
	s.Destroy()
	<-s.Done()
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.gone { // the test's time-out ends it
		s.mu.Unlock()
		time.Sleep(time.Millisecond)
		s.mu.Lock()
	}
	for i, c := range s.all {
		if !c.freed {
			t.Errorf("slot %d is still in use", i)
		}
	}
}
