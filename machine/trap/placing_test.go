package trap

import (
	"testing"

	"golang.org/x/sys/unix"

	"puggle/machine"
)

// A control thread is bound to the CPU of the guest thread that waits for it; what it
// begets runs where it likes: shells, while a guest's fork waits, and threads.
func TestPlacing(t *testing.T) {
	m := newMachine(t)
	if m.cpus.Count() < 2 {
		t.Log("one CPU: nothing can be bound")
	}
	space, c := guest(t, m, fastLoop)
	free := func(what string, tid int) {
		t.Helper()
		var set unix.CPUSet
		if err := unix.SchedGetaffinity(tid, &set); err != nil {
			t.Fatal(err)
		}
		if set != m.cpus {
			t.Fatalf("%s may run on %d CPUs of %d", what, set.Count(), m.cpus.Count())
		}
	}
	p, _ := m.Memory().Alloc(machine.PageSize)
	for range 50 {
		c.Run()
		if err := space.Apply([]machine.PmapOp{{Kind: machine.PmapEnter, Va: 0x700000, Pa: p, Len: machine.PageSize, Prot: 3}}); err != nil {
			t.Fatal(err)
		}
		c.Return(0, 0, false)
		c.Run()
		s, err := m.makeSpace()
		if err != nil {
			t.Fatal(err)
		}
		free("a new shell", s.pid)
		s.Destroy()
		<-s.Done()
		n, err := space.NewContext()
		if err != nil {
			t.Fatal(err)
		}
		free("a new thread", n.(*Context).tid)
		n.Destroy()
		c.Return(0, 0, false)
	}
}

// After giving way to a control thread has cost a time slice, the next orders do without.
func TestOrdersBackOff(t *testing.T) {
	m := newMachine(t)
	sp, _ := guest(t, m, fastLoop)
	space := sp.(*Space)
	p, _ := m.Memory().Alloc(machine.PageSize)
	order := func() {
		t.Helper()
		if err := space.Apply([]machine.PmapOp{{Kind: machine.PmapEnter, Va: 0x700000, Pa: p, Len: machine.PageSize, Prot: 3}}); err != nil {
			t.Fatal(err)
		}
	}
	space.lost = 0
	order()
	bound := space.place
	space.lost = 3
	for want := range 3 {
		order()
		if space.place != 0 || space.lost != uint32(2-want) {
			t.Fatalf("it gives way: place %d, %d left", space.place, space.lost)
		}
	}
	order()
	if space.place == 0 || bound == 0 {
		t.Errorf("it never gives way: place %d and %d", bound, space.place)
	}
}
