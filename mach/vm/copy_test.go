package vm

import (
	"bytes"
	"testing"

	"puggle/abi"
)

func TestCopyMovesLazily(t *testing.T) {
	f := newFakeMemory(t, 8192)
	g, h := newGuest(f), newGuest(f)
	const n = 256
	a, kr := g.m.Allocate(0, n*pageSize, Anywhere)
	must(t, kr)
	for i := range Addr(n) {
		must(t, g.write(a+i<<12+20, byte(i)))
	}
	before := f.pages()
	c, kr := g.m.MakeCopy(a+20, (n-1)*pageSize, false)
	must(t, kr)
	must(t, g.write(a+20, 99))
	b, kr := h.m.PlaceCopy(c)
	must(t, kr)
	if b&Addr(pageMask) != 20 {
		t.Errorf("copy placed at %#x", b)
	}
	for i := range Addr(n - 1) {
		want(t, h, b+i<<12, byte(i))
	}
	want(t, g, a+20, 99)
	if now := f.pages(); now > before+n {
		t.Errorf("%d pages, were %d", now, before)
	}
	must(t, h.write(b, 50))
	want(t, g, a+20, 99)
	// A moved range costs no copy at all.
	must(t, h.m.Deallocate(b, n*pageSize))
	c, kr = g.m.MakeCopy(a, n*pageSize, true)
	must(t, kr)
	if _, kr := g.read(a); kr != abi.KERN_INVALID_ADDRESS {
		t.Errorf("source is still there: %d", kr)
	}
	if b, kr = h.m.PlaceCopy(c); kr != 0 {
		t.Fatal(kr)
	}
	want(t, h, b+20, 99)
	must(t, h.write(b+21, 1))
	g.exit()
	h.exit()
	if f.pages() != 0 {
		t.Errorf("%d pages are left", f.pages())
	}
}

// A physical copy has its own pages from the start: neither side's writes cost a page
// after it, and what can't be read is refused at once.
func TestPhysicalCopy(t *testing.T) {
	f := newFakeMemory(t, 8192)
	g, h := newGuest(f), newGuest(f)
	const n = 64
	a, kr := g.m.Allocate(0, n*pageSize, Anywhere)
	must(t, kr)
	for i := range Addr(n) {
		must(t, g.write(a+i<<12+20, byte(i+1)))
	}
	before := f.pages()
	c, kr := g.m.MakePhysicalCopy(a+20, (n-1)*pageSize, nil)
	must(t, kr)
	copied := f.pages()
	if copied < before+n-1 {
		t.Errorf("%d pages after the copy, %d before", copied, before)
	}
	for i := range Addr(n) {
		must(t, g.write(a+i<<12+20, 200))
	}
	b, kr := h.m.PlaceCopy(c)
	must(t, kr)
	for i := range Addr(n - 1) {
		want(t, h, b+i<<12, byte(i+1))
		must(t, h.write(b+i<<12, 7))
	}
	want(t, g, a+20, 200)
	if now := f.pages(); now != copied {
		t.Errorf("%d pages after both wrote, %d when it was copied", now, copied)
	}
	must(t, g.m.Protect(a+40<<12, pageSize, 0, false))
	if _, kr := g.m.MakePhysicalCopy(a, n*pageSize, nil); kr != abi.KERN_PROTECTION_FAILURE {
		t.Errorf("unreadable page: %d", kr)
	}
	must(t, g.m.Deallocate(a+50<<12, pageSize))
	if _, kr := g.m.MakePhysicalCopy(a+41<<12, 20*pageSize, nil); kr != abi.KERN_INVALID_ADDRESS {
		t.Errorf("hole: %d", kr)
	}
	g.exit()
	h.exit()
	if f.pages() != 0 {
		t.Errorf("%d pages are left", f.pages())
	}
}

func TestNamedEntry(t *testing.T) {
	f := newFakeMemory(t, 8192)
	g, h := newGuest(f), newGuest(f)
	a, kr := g.m.Allocate(0, 16*pageSize, Anywhere)
	must(t, kr)
	must(t, g.write(a, 1))
	n, kr := g.m.MakeMemoryEntry(a, 16*pageSize, abi.VM_PROT_DEFAULT, 0)
	must(t, kr)
	b, kr := h.m.EnterNamed(n, MapSpec{Flags: Anywhere, Cur: abi.VM_PROT_DEFAULT, Max: abi.VM_PROT_DEFAULT})
	must(t, kr)
	if _, kr := h.m.EnterNamed(n, MapSpec{Flags: Anywhere, Cur: abi.VM_PROT_ALL, Max: abi.VM_PROT_ALL}); kr != abi.KERN_INVALID_RIGHT {
		t.Errorf("more than the entry allows: %d", kr)
	}
	if _, kr := h.m.EnterNamed(n, MapSpec{Flags: Anywhere, Size: 17 * pageSize}); kr != abi.KERN_INVALID_ARGUMENT {
		t.Errorf("beyond the entry: %d", kr)
	}
	must(t, g.write(a, 2))
	want(t, h, b, 2)
	must(t, h.write(b+5000, 3))
	want(t, g, a+5000, 3)
	o1, off1, kr := g.m.PhysAddr(a+5000, abi.VM_PROT_READ)
	must(t, kr)
	if o2, off2, _ := h.m.PhysAddr(b+5000, abi.VM_PROT_READ); o1 != o2 || off1 != off2 {
		t.Error("one word has two identities")
	}
	n.Release()
	g.exit()
	want(t, h, b, 2)
	h.exit()
	if f.pages() != 0 {
		t.Errorf("%d pages are left", f.pages())
	}
}

// TestNamedRegion maps several objects by one handle.
func TestNamedRegion(t *testing.T) {
	f := newFakeMemory(t, 8192)
	g, h := newGuest(f), newGuest(f)
	p := newFile(3 << 12)
	o := NewPagerObject(p, p.Size())
	a, kr := g.m.Allocate(0, 2*pageSize, Anywhere)
	must(t, kr)
	mapFile(t, g, o, p.Size(), false)
	_, kr = g.m.Allocate(a+5<<12, 4*pageSize, Fixed|Tag(7))
	must(t, kr)
	must(t, g.write(a, 1))
	must(t, g.write(a+6<<12, 3))
	n, kr := g.m.MakeMemoryEntry(a, 9*pageSize, abi.VM_PROT_DEFAULT, abi.MAP_MEM_VM_SHARE)
	must(t, kr)
	b, kr := h.m.EnterNamed(n, MapSpec{Flags: Anywhere, Cur: abi.VM_PROT_DEFAULT, Max: abi.VM_PROT_DEFAULT})
	must(t, kr)
	want(t, h, b, 1)
	want(t, h, b+3<<12, p.at(4096))
	want(t, h, b+6<<12, 3)
	must(t, h.write(b+6<<12, 4))
	want(t, g, a+6<<12, 4)
	n.Release()
	o.Unref()
	g.exit()
	h.exit()
	if f.pages() != 0 {
		t.Errorf("%d pages are left", f.pages())
	}
}

func TestSubmap(t *testing.T) {
	f := newFakeMemory(t, 8192)
	g, h := newGuest(f), newGuest(f)
	sub := NewSubmap(f, 1<<20)
	spec := MapSpec{Size: 1 << 20, Flags: Anywhere, Cur: abi.VM_PROT_DEFAULT, Max: abi.VM_PROT_ALL}
	a, kr := g.m.EnterSubmap(sub, spec)
	must(t, kr)
	b, kr := h.m.EnterSubmap(sub, spec)
	must(t, kr)
	if _, kr := g.read(a); kr != abi.KERN_INVALID_ADDRESS {
		t.Errorf("empty submap: %d", kr)
	}
	in, kr := sub.Allocate(0x4000, 4*pageSize, Fixed)
	must(t, kr)
	must(t, g.write(a+in+10, 5))
	want(t, h, b+in+10, 5)
	c := h.fork(t)
	want(t, c, b+in+10, 5)
	must(t, c.write(b+in+10, 6))
	want(t, g, a+in+10, 6)
	must(t, sub.Protect(in, pageSize, abi.VM_PROT_READ, false))
	if kr := g.write(a+in+10, 7); kr != abi.KERN_PROTECTION_FAILURE {
		t.Errorf("write to a protected submap: %d", kr)
	}
	r, kr := g.m.RegionRecurse(a, 1)
	must(t, kr)
	if r.Start != a+in || r.Depth != 1 || r.Size != pageSize || r.IsSubmap {
		t.Errorf("region %+v", r)
	}
	must(t, sub.Deallocate(in, pageSize))
	for _, x := range []guest{g, h} {
		at := a
		if x == h {
			at = b
		}
		if _, kr := x.read(at + in + 10); kr != abi.KERN_INVALID_ADDRESS {
			t.Errorf("removed from the submap: %d", kr)
		}
	}
	sub.Release()
	g.exit()
	h.exit()
	c.exit()
	if f.pages() != 0 {
		t.Errorf("%d pages are left", f.pages())
	}
}

// TestObjectMappedByMany maps one object as a private copy into several maps:
// they share its pages until they write.
func TestObjectMappedByMany(t *testing.T) {
	f := newFakeMemory(t, 8192)
	o := NewObject(64 << 12)
	o.mem = f
	if _, err := o.Write(0, bytes.Repeat([]byte{5}, 64<<12)); err != nil {
		t.Fatal(err)
	}
	before := f.pages()
	var gs []guest
	for range 10 {
		g := newGuest(f)
		gs = append(gs, g)
		a := mapFile(t, g, o, 70<<12, true)
		want(t, g, a+33<<12, 5)
		want(t, g, a+68<<12, 0)
	}
	if now := f.pages(); now > before+8 {
		t.Errorf("%d pages for ten mappings, %d for none", now, before)
	}
	must(t, gs[0].write(testLo, 6))
	must(t, gs[1].write(testLo+69<<12, 7))
	want(t, gs[2], testLo, 5)
	want(t, gs[2], testLo+69<<12, 0)
	for _, g := range gs {
		g.exit()
	}
	o.Unref()
	if f.pages() != 0 {
		t.Errorf("%d pages are left", f.pages())
	}
}

// A range is copied for as long as the caller is to live, and not to its end: it may be
// more than there is time and memory for.
func TestCopyAborted(t *testing.T) {
	f := newFakeMemory(t, 8192)
	g := newGuest(f)
	const n = 1024
	a, kr := g.m.Allocate(0, n*pageSize, Anywhere)
	must(t, kr)
	b, kr := g.m.Allocate(0, n*pageSize, Anywhere)
	must(t, kr)
	for i := range Addr(n) {
		must(t, g.write(a+i<<12, 1))
		must(t, g.write(b+i<<12, 2))
	}
	asked := 0
	third := func() bool { asked++; return asked == 3 }
	if kr := g.m.CopyRange(a, n*pageSize, b, third); kr != abi.KERN_ABORTED || asked != 3 {
		t.Errorf("vm_copy: %d, asked %d times", kr, asked)
	}
	want(t, g, b, 1)
	want(t, g, b+(n-1)<<12, 2)
	before := f.pages()
	asked = 0
	if c, kr := g.m.MakePhysicalCopy(a, n*pageSize, third); kr != abi.KERN_ABORTED || c != nil || asked != 3 {
		t.Errorf("a physical copy: %d, asked %d times", kr, asked)
	}
	if now := f.pages(); now != before {
		t.Errorf("%d pages before a physical copy that was aborted, %d after", before, now)
	}
	g.exit()
	if f.pages() != 0 {
		t.Errorf("%d pages are left", f.pages())
	}
}
