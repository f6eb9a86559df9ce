package vm

import (
	"testing"

	"puggle/abi"
)

func TestAllocate(t *testing.T) {
	f := newFakeMemory(t, 4096)
	g := newGuest(f)
	a, kr := g.m.Allocate(0, 10*pageSize, Anywhere)
	must(t, kr)
	if a != testLo {
		t.Fatalf("first free address is %#x", a)
	}
	b, kr := g.m.Allocate(a, pageSize, Fixed)
	if kr != abi.KERN_NO_SPACE {
		t.Fatalf("taken range: %#x %d", b, kr)
	}
	if _, kr = g.m.Allocate(testLo-0x1000, pageSize, Fixed); kr != abi.KERN_INVALID_ADDRESS {
		t.Fatalf("below the map: %d", kr)
	}
	if _, kr = g.m.Allocate(0, ^uint64(0), Anywhere); kr != abi.KERN_NO_SPACE {
		t.Fatalf("overflow: %d", kr)
	}
	want(t, g, a+5000, 0)
	must(t, g.write(a+5000, 7))
	want(t, g, a+5000, 7)
	if _, kr := g.read(a + 10*Addr(pageSize)); kr != abi.KERN_INVALID_ADDRESS {
		t.Fatalf("beyond the end: %d", kr)
	}
	if g.pm.applies != 1 {
		t.Errorf("%d pmap calls for one fault", g.pm.applies)
	}
	must(t, g.m.Deallocate(a, 10*pageSize))
	if _, kr := g.read(a); kr != abi.KERN_INVALID_ADDRESS {
		t.Fatalf("unmapped: %d", kr)
	}
	if n := f.pages(); n != 0 {
		t.Errorf("%d pages are left", n)
	}
}

func TestUntouchedCostsNothing(t *testing.T) {
	f := newFakeMemory(t, 16)
	g := newGuest(f)
	a, kr := g.m.Allocate(0, 64<<30, Anywhere)
	must(t, kr)
	must(t, g.m.Protect(a, 1<<30, abi.VM_PROT_READ, false))
	c := g.fork(t)
	must(t, c.m.Deallocate(a, 64<<30))
	must(t, g.m.Deallocate(a, 64<<30))
	if g.pm.applies+c.pm.applies != 0 || f.pages() != 0 {
		t.Errorf("%d and %d pmap calls, %d pages", g.pm.applies, c.pm.applies, f.pages())
	}
}

func TestProtect(t *testing.T) {
	f := newFakeMemory(t, 4096)
	g := newGuest(f)
	a, kr := g.m.Allocate(0, 8*pageSize, Anywhere)
	must(t, kr)
	must(t, g.write(a, 1))
	must(t, g.m.Protect(a+Addr(pageSize), pageSize, abi.VM_PROT_READ, false))
	if kr := g.write(a+Addr(pageSize), 1); kr != abi.KERN_PROTECTION_FAILURE {
		t.Fatalf("write to read-only page: %d", kr)
	}
	if kr := g.m.CopyOut(a+Addr(pageSize)-1, []byte{1, 2}); kr != abi.KERN_PROTECTION_FAILURE {
		t.Fatalf("copyout to read-only page: %d", kr)
	}
	must(t, g.write(a+2*Addr(pageSize), 2))
	must(t, g.m.Protect(a, 8*pageSize, abi.VM_PROT_READ, true))
	if kr := g.m.Protect(a, pageSize, abi.VM_PROT_DEFAULT, false); kr != abi.KERN_PROTECTION_FAILURE {
		t.Fatalf("above the maximum: %d", kr)
	}
	if kr := g.m.Protect(a, 9*pageSize, abi.VM_PROT_READ, false); kr != abi.KERN_INVALID_ADDRESS {
		t.Fatalf("hole: %d", kr)
	}
	if n := len(g.m.entries); n != 1 {
		t.Errorf("%d entries, want them joined", n)
	}
	must(t, g.m.CopyOutForce(a, []byte{9}))
	want(t, g, a, 9)
}

func TestInheritance(t *testing.T) {
	f := newFakeMemory(t, 4096)
	g := newGuest(f)
	a, kr := g.m.Allocate(0, 3*pageSize, Anywhere)
	must(t, kr)
	p := func(i int) Addr { return a + Addr(i)*Addr(pageSize) }
	for i := range 3 {
		must(t, g.write(p(i), byte(10+i)))
		must(t, g.m.Inherit(p(i), pageSize, Inherit(i)))
	}
	c := g.fork(t)
	must(t, c.write(p(0), 50))
	must(t, c.write(p(1), 51))
	want(t, g, p(0), 50)
	want(t, g, p(1), 11)
	want(t, c, p(1), 51)
	if _, kr := c.read(p(2)); kr != abi.KERN_INVALID_ADDRESS {
		t.Fatalf("not inherited: %d", kr)
	}
	must(t, g.write(p(0), 60))
	want(t, c, p(0), 60)
	c.exit()
	g.exit()
	if f.pages() != 0 {
		t.Errorf("%d pages are left", f.pages())
	}
}

func TestChainStaysShort(t *testing.T) {
	f := newFakeMemory(t, 8192)
	g := newGuest(f)
	const n = 64
	a, kr := g.m.Allocate(0, n*pageSize, Anywhere)
	must(t, kr)
	var model [n]byte
	for i := range 200 {
		k := i * 7 % n
		must(t, g.write(a+Addr(k)*Addr(pageSize), byte(i)))
		model[k] = byte(i)
		c := g.fork(t)
		if i%3 == 0 {
			must(t, c.write(a+Addr((i*5)%n)*Addr(pageSize), 0xff))
		}
		if i%2 == 0 {
			must(t, g.write(a+Addr((k+20)%n)*Addr(pageSize), byte(i+1)))
			model[(k+20)%n] = byte(i + 1)
		}
		c.exit()
		if d := g.m.entries[0].object.Depth(); d > 2 {
			t.Fatalf("chain is %d long after %d forks", d, i)
		}
	}
	for k := range model {
		want(t, g, a+Addr(k)*Addr(pageSize), model[k])
	}
	if f.pages() > 3*n {
		t.Errorf("%d pages in use for %d", f.pages(), n)
	}
	// Children that stay: the chain may grow only to its bound.
	var kids []guest
	for i := range 60 {
		kids = append(kids, g.fork(t))
		must(t, g.write(a+Addr(i%n)*Addr(pageSize), byte(100+i)))
		model[i%n] = byte(100 + i)
		if d := g.m.entries[0].object.Depth(); d > maxDepth {
			t.Fatalf("chain is %d long", d)
		}
	}
	for k := range model {
		want(t, g, a+Addr(k)*Addr(pageSize), model[k])
	}
	for _, c := range kids {
		c.exit()
	}
	g.exit()
	if f.pages() != 0 {
		t.Errorf("%d pages are left", f.pages())
	}
}

func TestHostRefusesMappings(t *testing.T) {
	f := newFakeMemory(t, 4096)
	g := newGuest(f)
	a, kr := g.m.Allocate(0, 8*pageSize, Anywhere)
	must(t, kr)
	must(t, g.write(a, 1))
	g.pm.fail = 1
	must(t, g.m.Deallocate(a+Addr(pageSize), pageSize))
	if _, kr := g.read(a + Addr(pageSize)); kr != abi.KERN_INVALID_ADDRESS {
		t.Fatalf("unmapped: %d", kr)
	}
	want(t, g, a, 1)
}

func TestPurgable(t *testing.T) {
	f := newFakeMemory(t, 1024)
	g := newGuest(f)
	a, kr := g.m.Allocate(0, 4*pageSize, Anywhere|abi.VM_FLAGS_PURGABLE)
	must(t, kr)
	b, kr := g.m.Allocate(0, 4*pageSize, Anywhere)
	must(t, kr)
	must(t, g.write(a, 1))
	must(t, g.write(b, 2))
	set := func(state, old int32) {
		t.Helper()
		got, kr := g.m.PurgableControl(a, abi.VM_PURGABLE_SET_STATE, state)
		if must(t, kr); got != old {
			t.Errorf("old state %d, want %d", got, old)
		}
	}
	set(abi.VM_PURGABLE_VOLATILE, abi.VM_PURGABLE_NONVOLATILE)
	want(t, g, a, 1)
	set(abi.VM_PURGABLE_EMPTY, abi.VM_PURGABLE_VOLATILE)
	set(abi.VM_PURGABLE_NONVOLATILE, abi.VM_PURGABLE_EMPTY)
	want(t, g, a, 0)
	want(t, g, b, 2)
	if _, kr := g.m.PurgableControl(b, abi.VM_PURGABLE_GET_STATE, 0); kr != abi.KERN_INVALID_ARGUMENT {
		t.Errorf("ordinary memory: %d", kr)
	}
}

func TestReusable(t *testing.T) {
	f := newFakeMemory(t, 1024)
	g := newGuest(f)
	a, kr := g.m.Allocate(0, 4*pageSize, Anywhere)
	must(t, kr)
	for i := range Addr(4) {
		must(t, g.write(a+i<<12, 1))
	}
	must(t, g.m.Behavior(a+4096, 2*pageSize, abi.VM_BEHAVIOR_REUSABLE))
	must(t, g.m.Behavior(a+4096, 2*pageSize, abi.VM_BEHAVIOR_REUSE))
	for i, v := range []byte{1, 0, 0, 1} {
		want(t, g, a+Addr(i)<<12, v)
	}
	c := g.fork(t)
	must(t, g.m.Behavior(a, 4*pageSize, abi.VM_BEHAVIOR_FREE))
	want(t, c, a, 1) // a copy's memory isn't the parent's to throw away
}

func TestReclaim(t *testing.T) {
	f := newFakeMemory(t, 1024)
	g := newGuest(f)
	p := newFile(64 << 12)
	o := NewPagerObject(p, p.Size())
	a := mapFile(t, g, o, p.Size(), false)
	want(t, g, a+40<<12, p.at(40<<12))
	must(t, g.write(a, 77))
	if n := o.Reclaim(); n != 48<<12 {
		t.Errorf("%d bytes reclaimed", n)
	}
	want(t, g, a, 77)
	want(t, g, a+40<<12, p.at(40<<12))
}

// TestGrowingHeap touches memory that grows at its end: nothing may be entered
// twice, and it all stays one entry.
func TestGrowingHeap(t *testing.T) {
	f := newFakeMemory(t, 4096)
	g := newGuest(f)
	const step = 16
	for i := range Addr(50) {
		_, kr := g.m.Allocate(testLo+i*step<<12, step*pageSize, Fixed)
		must(t, kr)
		for k := range Addr(step) {
			must(t, g.write(testLo+(i*step+k)<<12, 1))
		}
	}
	if n := g.pm.entered; n != 50*step {
		t.Errorf("%d pages entered for %d", n, 50*step)
	}
	if n := len(g.m.entries); n != 1 {
		t.Errorf("%d entries", n)
	}
	if n := len(g.m.entries[0].object.segs); n > 4 {
		t.Errorf("%d places", n)
	}
	for range 2 {
		must(t, g.m.Deallocate(testLo+300<<12, 600*pageSize))
		for k := range Addr(600) {
			_, kr := g.m.Allocate(testLo+(300+k)<<12, pageSize, Fixed)
			must(t, kr)
			want(t, g, testLo+(300+k)<<12, 0)
			must(t, g.write(testLo+(300+k)<<12, 2))
		}
	}
	g.exit()
	if f.pages() != 0 {
		t.Errorf("%d pages are left", f.pages())
	}
}
