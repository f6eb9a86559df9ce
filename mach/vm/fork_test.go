package vm

import (
	"testing"

	"puggle/abi"
	"puggle/machine"
)

// TestForkHot: what parent and child wrote to after one fork is copied by the next,
// so that neither faults for it, and each has its own.
func TestForkHot(t *testing.T) {
	f := newFakeMemory(t, 10000)
	g := newGuest(f)
	const pages = 64
	a, kr := g.m.Allocate(0, pages*pageSize, Anywhere)
	must(t, kr)
	for i := Addr(0); i < pages; i++ {
		must(t, g.write(a+i<<12, 1))
	}
	const mine, childs = 5, 40 // pages that are written to
	for round := byte(10); round < 14; round++ {
		c := g.fork(t)
		before, childBefore := g.m.Events().Faults, c.m.Events().Faults
		must(t, g.write(a+mine<<12, round))
		must(t, c.write(a+childs<<12, round+100))
		if n := g.m.Events().Faults - before + c.m.Events().Faults - childBefore; round > 10 && n != 0 {
			t.Errorf("round %d: %d faults", round, n)
		}
		if round > 10 {
			want(t, c, a+mine<<12, round-1)
		} else {
			want(t, c, a+mine<<12, 1)
		}
		want(t, c, a+childs<<12, round+100)
		want(t, g, a+mine<<12, round)
		want(t, g, a+childs<<12, 1)
		want(t, c, a+(mine+1)<<12, 1)
		c.exit()
		must(t, g.write(a+20<<12, round)) // thaws
		want(t, g, a+mine<<12, round)
	}
	g.exit()
	if n := f.pages(); n != 0 {
		t.Errorf("%d pages are left", n)
	}
}

// TestForkHotWriter: another thread of the parent writes until its memory has been
// protected, and what it wrote last must not be lost to a copy made too early.
func TestForkHotWriter(t *testing.T) {
	f := newFakeMemory(t, 10000)
	g := newGuest(f)
	a, kr := g.m.Allocate(0, 64*pageSize, Anywhere)
	must(t, kr)
	must(t, g.write(a, 1))
	for v := byte(2); v < 6; v++ {
		c := g.fork(t)
		must(t, g.write(a, v)) // a block to be copied by the next fork
		must(t, c.write(a, 0xcc))
		c.exit()

		wrote := false
		g.pm.before = func(ops []machine.PmapOp) {
			g.pm.mu.Lock()
			defer g.pm.mu.Unlock()
			if e := g.pm.pt[a]; !wrote && ops[0].Kind == machine.PmapProtect && e.prot&abi.VM_PROT_WRITE != 0 {
				wrote = true
				f.b[e.pa] = v + 50
			}
		}
		c = g.fork(t)
		g.pm.before = nil
		if !wrote {
			t.Fatal("the other thread had no chance to write")
		}
		want(t, g, a, v+50)
		want(t, c, a, v+50)
		c.exit()
	}
	g.exit()
}

// TestFresh: what is mapped is entered with the next fault, wherever that is, and
// only where it still is.
func TestFresh(t *testing.T) {
	f := newFakeMemory(t, 10000)
	g := newGuest(f)
	var at [5]Addr
	for i := range at {
		a, kr := g.m.Allocate(0, 3*pageSize, Anywhere)
		must(t, kr)
		at[i] = a + Addr(i)<<20
		must(t, g.m.Deallocate(a, 3*pageSize))
		_, kr = g.m.Allocate(at[i], 3*pageSize, Fixed)
		must(t, kr)
	}
	must(t, g.m.Deallocate(at[1], 3*pageSize))
	must(t, g.m.Protect(at[2], pageSize, 0, false))
	applies := g.pm.applies
	must(t, g.write(at[4], 7))
	if n := g.pm.applies - applies; n != 1 {
		t.Errorf("%d calls of the pmap", n)
	}
	faults := g.m.Events().Faults
	must(t, g.write(at[0]+2*4096, 7))
	must(t, g.write(at[2]+4096, 7))
	must(t, g.write(at[3], 7))
	if n := g.m.Events().Faults - faults; n != 0 {
		t.Errorf("%d faults", n)
	}
	if _, kr := g.read(at[1]); kr != abi.KERN_INVALID_ADDRESS {
		t.Errorf("what was deallocated: %d", kr)
	}
	if _, kr := g.read(at[2]); kr != abi.KERN_PROTECTION_FAILURE {
		t.Errorf("what was protected: %d", kr)
	}
	g.exit()
}

// TestThawOthers: when a child has gone, one fault makes everything that it shared
// writable.
func TestThawOthers(t *testing.T) {
	f := newFakeMemory(t, 10000)
	g := newGuest(f)
	var at [4]Addr
	for i := range at {
		at[i] = testLo + Addr(i)<<30
		_, kr := g.m.Allocate(at[i], 32*pageSize, Fixed)
		must(t, kr)
		must(t, g.write(at[i], 1))
	}
	c := g.fork(t)
	c.exit()
	applies := g.pm.applies
	must(t, g.write(at[2], 2))
	if n := g.pm.applies - applies; n != 1 {
		t.Errorf("%d calls of the pmap", n)
	}
	faults := g.m.Events().Faults
	for _, a := range at {
		must(t, g.write(a, 3))
	}
	if n := g.m.Events().Faults - faults; n != 0 {
		t.Errorf("%d faults", n)
	}
	g.exit()
}

// TestForkHotUnaligned: what is copied is the block of the object, wherever the entry
// begins in the map: here at an odd page, with an entry before it that is none of its.
func TestForkHotUnaligned(t *testing.T) {
	f := newFakeMemory(t, 10000)
	g := newGuest(f)
	at := testLo + 5<<12
	must(t, func() abi.KernReturn { _, kr := g.m.Allocate(testLo, 5*pageSize, Fixed); return kr }())
	must(t, func() abi.KernReturn { _, kr := g.m.Allocate(at, 7*pageSize, Fixed); return kr }())
	must(t, g.m.Protect(testLo, 5*pageSize, abi.VM_PROT_READ, false))
	for i := Addr(0); i < 7; i++ {
		must(t, g.write(at+i<<12, 1))
	}
	for round := byte(10); round < 13; round++ {
		c := g.fork(t)
		faults, childs := g.m.Events().Faults, c.m.Events().Faults
		must(t, g.write(at, round))
		must(t, c.write(at+6<<12, round+100))
		if n := g.m.Events().Faults - faults + c.m.Events().Faults - childs; round > 10 && n != 0 {
			t.Errorf("round %d: %d faults", round, n)
		}
		want(t, c, at+1<<12, 1)
		want(t, c, at+6<<12, round+100)
		want(t, g, at, round)
		want(t, g, at+6<<12, 1)
		c.exit()
	}
	g.exit()
	if n := f.pages(); n != 0 {
		t.Errorf("%d pages are left", n)
	}
}

// TestForkAlone: a parent of one thread is frozen, and gets its copies, with one call.
func TestForkAlone(t *testing.T) {
	f := newFakeMemory(t, 10000)
	g := newGuest(f)
	a, kr := g.m.Allocate(0, 64*pageSize, Anywhere)
	must(t, kr)
	for i := Addr(0); i < 64; i++ {
		must(t, g.write(a+i<<12, 1))
	}
	fork := func() guest {
		pm := newFakePmap(f)
		c, kr := g.m.ForkAlone(pm, func() bool { return true })
		must(t, kr)
		return guest{c, pm}
	}
	for round := byte(2); round < 6; round++ {
		applies := g.pm.applies
		g.pm.before = func([]machine.PmapOp) {
			if g.m.mu.TryRLock() {
				t.Error("Settle would not wait")
				g.m.mu.RUnlock()
			}
		}
		c := fork()
		g.pm.before = nil
		if n := g.pm.applies - applies; n != 1 {
			t.Errorf("round %d: %d calls of the parent's pmap", round, n)
		}
		faults := g.m.Events().Faults
		must(t, g.write(a+9<<12, round))
		if n := g.m.Events().Faults - faults; round > 2 && n != 0 {
			t.Errorf("round %d: %d faults", round, n)
		}
		want(t, c, a+9<<12, round-1)
		must(t, c.write(a+9<<12, 100))
		want(t, g, a+9<<12, round)
		c.exit()
		must(t, g.write(a+40<<12, round)) // thaws
	}
	// The host has no room: the parent has what it had, and can go on.
	must(t, g.write(a+9<<12, 50))
	g.pm.fail = 3
	pm := newFakePmap(f)
	if _, kr := g.m.ForkAlone(pm, func() bool { return true }); kr != abi.KERN_RESOURCE_SHORTAGE {
		t.Errorf("without room: %d", kr)
	}
	g.pm.fail = 0
	want(t, g, a+9<<12, 50)
	must(t, g.write(a+9<<12, 51))
	want(t, g, a+9<<12, 51)
	c := fork()
	want(t, c, a+9<<12, 51)
	c.exit()
	g.exit()
	if n := f.pages(); n != 0 {
		t.Errorf("%d pages are left", n)
	}
}

// TestStackGuard: a stack is entered without its lowest page, so that to make that one the
// guard needs no call of the pmap.
func TestStackGuard(t *testing.T) {
	f := newFakeMemory(t, 10000)
	g := newGuest(f)
	const size = 8 * pageSize
	for i := range 6 { // at first by faults, then when it is mapped
		a, kr := g.m.Allocate(0, size, Anywhere|Tag(abi.VM_MEMORY_STACK))
		must(t, kr)
		if i < enterAlone {
			must(t, g.write(a+Addr(size)-1, 1))
		}
		applies := g.pm.applies
		must(t, g.m.Protect(a, pageSize, 0, false))
		must(t, g.write(a+machine.PageSize, 1))
		must(t, g.write(a+Addr(size)-1, 1))
		if n := g.pm.applies - applies; n != 0 {
			t.Errorf("stack %d: %d calls of the pmap", i, n)
		}
		if kr := g.write(a, 1); kr != abi.KERN_PROTECTION_FAILURE {
			t.Errorf("stack %d: the guard can be written: %d", i, kr)
		}
	}
	// One without a guard can be used down to its end.
	a, kr := g.m.Allocate(0, size, Anywhere|Tag(abi.VM_MEMORY_STACK))
	must(t, kr)
	must(t, g.write(a, 1))
	want(t, g, a, 1)
	g.exit()
}

// TestTouchesSoon: a map that is told so enters memory when it is mapped, and unlearns it.
func TestTouchesSoon(t *testing.T) {
	f := newFakeMemory(t, 10000)
	g := newGuest(f)
	g.m.TouchesSoon()
	a, kr := g.m.Allocate(0, 3*pageSize, Anywhere)
	must(t, kr)
	must(t, g.write(a, 1))
	if n := g.m.Events().Faults; n != 0 {
		t.Errorf("%d faults", n)
	}
	before := g.pm.applies
	const n = 4 * enterProbe
	for range n {
		_, kr := g.m.Allocate(0, pageSize, Anywhere)
		must(t, kr)
		must(t, g.write(a, 1))
	}
	for range n {
		b, kr := g.m.Allocate(0, pageSize, Anywhere)
		must(t, kr)
		if len(g.m.fresh) > 1 {
			must(t, g.write(b, 1)) // several in a row, and then a touch
		}
	}
	if k := g.pm.applies - before; k >= 2*n {
		t.Errorf("%d calls of the pmap for %d ranges", k, 2*n)
	}
	g.exit()
}
