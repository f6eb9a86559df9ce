package vm

import (
	"testing"

	"puggle/abi"
)

// What Protect adds and nobody uses costs the Pmap nothing, and what it takes away is
// gone at once.
func TestProtectAndBack(t *testing.T) {
	const ro, rw = abi.VM_PROT_READ, abi.VM_PROT_READ | abi.VM_PROT_WRITE
	f := newFakeMemory(t, 64)
	g := newGuest(f)
	defer g.exit()
	a, kr := g.m.Allocate(0, 16*pageSize, Anywhere)
	must(t, kr)
	must(t, g.write(a, 1))
	protect := func(p Prot) {
		t.Helper()
		must(t, g.m.Protect(a, 16*pageSize, p, false))
	}
	protect(ro)
	before := g.pm.applies
	for range 10 {
		protect(rw)
		protect(ro)
	}
	if n := g.pm.applies - before; n != 0 {
		t.Errorf("%d calls to the Pmap for protections that nobody used", n)
	}
	if kr := g.write(a, 2); kr != abi.KERN_PROTECTION_FAILURE {
		t.Errorf("a write to read-only memory: %v", kr)
	}
	// One that is used raises the whole range, and so do the next, at once.
	protect(rw)
	for i := range 16 {
		must(t, g.write(a+Addr(i*int(pageSize)), 3))
	}
	faults := g.m.Events().Faults
	for range raiseProbe {
		protect(ro)
		if kr := g.write(a, 4); kr != abi.KERN_PROTECTION_FAILURE {
			t.Fatalf("a write to read-only memory: %v", kr)
		}
		protect(rw)
		must(t, g.write(a+5*Addr(pageSize), 5))
	}
	if n := g.m.Events().Faults - faults; n != 0 {
		t.Errorf("%d faults by a program that uses what it asks for", n)
	}
	protect(abi.VM_PROT_NONE)
	if _, kr := g.read(a); kr != abi.KERN_PROTECTION_FAILURE {
		t.Errorf("a read of memory without access: %v", kr)
	}
	protect(ro)
	if v, kr := g.read(a + 5*Addr(pageSize)); kr != 0 || v != 5 {
		t.Errorf("read %d, %v", v, kr)
	}
	// Half of what is raised, and a fork while it is.
	must(t, g.m.Protect(a, 8*pageSize, rw, false))
	c := g.fork(t)
	defer c.exit()
	must(t, g.write(a, 6))
	if v, kr := c.read(a); kr != 0 || v != 3 {
		t.Errorf("the child read %d, %v", v, kr)
	}
	if kr := c.write(a+9*Addr(pageSize), 1); kr != abi.KERN_PROTECTION_FAILURE {
		t.Errorf("the child's write to read-only memory: %v", kr)
	}
}
