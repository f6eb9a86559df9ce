package vm

import (
	"testing"

	"puggle/abi"
)

// TestTrim takes and gives back memory behind an entry again and again: it joins the
// entry and comes off, without a call of the Pmap, an entry or memory of ours.
func TestTrim(t *testing.T) {
	f := newFakeMemory(t, 4096)
	g := newGuest(f)
	a, kr := g.m.Allocate(0, 2*pageSize, Anywhere)
	must(t, kr)
	must(t, g.write(a, 1))
	must(t, g.write(a+Addr(pageSize), 2))
	before, size := g.pm.applies, g.m.VirtualSize()
	round := func() {
		b, kr := g.m.Allocate(0, 16*pageSize, Anywhere)
		must(t, kr)
		if b != a+2*Addr(pageSize) {
			t.Fatalf("at %#x", b)
		}
		must(t, g.m.Deallocate(b, 16*pageSize))
	}
	if n := testing.AllocsPerRun(100, round); n != 0 {
		t.Errorf("%v allocations for each", n)
	}
	if n := g.pm.applies - before; n != 0 {
		t.Errorf("%d calls of the Pmap", n)
	}
	if len(g.m.entries) != 1 || g.m.VirtualSize() != size {
		t.Errorf("%d entries of %d bytes in all", len(g.m.entries), g.m.VirtualSize())
	}
	want(t, g, a, 1)
	want(t, g, a+Addr(pageSize), 2)
	// What comes off untouched is zero when it comes again, and what is beyond is not there.
	if kr := g.m.Protect(a, 3*pageSize, abi.VM_PROT_READ, false); kr != abi.KERN_INVALID_ADDRESS {
		t.Errorf("beyond the end: %d", kr)
	}
	b, kr := g.m.Allocate(0, 16*pageSize, Anywhere)
	must(t, kr)
	must(t, g.write(b+3*Addr(pageSize), 9))
	must(t, g.m.Deallocate(b+2*Addr(pageSize), 14*pageSize)) // touched: not by trim
	if _, kr := g.read(b + 3*Addr(pageSize)); kr != abi.KERN_INVALID_ADDRESS {
		t.Errorf("given back: %d", kr)
	}
	b, kr = g.m.Allocate(0, 16*pageSize, Anywhere)
	must(t, kr)
	want(t, g, b+3*Addr(pageSize), 0)
	g.exit()
	if n := f.pages(); n != 0 {
		t.Errorf("%d pages are left", n)
	}
}
