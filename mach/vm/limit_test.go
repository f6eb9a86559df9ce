package vm

import (
	"testing"

	"puggle/abi"
)

// Limits bind what is new and not what takes another's place.
func TestMapLimit(t *testing.T) {
	g := newGuest(newFakeMemory(t, 64))
	a, kr := g.m.Allocate(0, 10*pageSize, Anywhere)
	must(t, kr)
	if kr := g.m.SetLimit(DataLimit, 5*pageSize); kr != abi.KERN_INVALID_ARGUMENT {
		t.Errorf("below what there is: %d", kr)
	}
	must(t, g.m.SetLimit(DataLimit, 12*pageSize))
	must(t, g.m.SetLimit(SizeLimit, 1<<40))
	for _, c := range []struct {
		addr  Addr
		pages uint64
		flags Flags
		want  abi.KernReturn
	}{
		{0, 3, Anywhere, abi.KERN_NO_SPACE},
		{a, 12, Fixed | Overwrite, abi.KERN_SUCCESS}, // two more
		{0, 1, Anywhere, abi.KERN_NO_SPACE},
		{a + 6*Addr(pageSize), 6, Fixed | Overwrite, abi.KERN_SUCCESS},
		{a + 6*Addr(pageSize), 7, Fixed | Overwrite, abi.KERN_NO_SPACE},
		{0, ^uint64(0) >> 13, Anywhere, abi.KERN_NO_SPACE},
	} {
		if _, kr := g.m.Allocate(c.addr, c.pages*pageSize, c.flags); kr != c.want {
			t.Errorf("%d pages at %#x: %d, want %d", c.pages, c.addr, kr, c.want)
		}
	}
	c := g.fork(t)
	if _, kr := c.m.Allocate(0, pageSize, Anywhere); kr != abi.KERN_NO_SPACE {
		t.Errorf("in a child: %d", kr)
	}
	must(t, g.m.SetLimit(DataLimit, abi.RLIM_INFINITY))
	if _, kr := g.m.Allocate(0, 100*pageSize, Anywhere); kr != abi.KERN_SUCCESS {
		t.Errorf("without a limit: %d", kr)
	}
}

// What task_wire may not wire is not mapped, and what is in its place stays.
func TestWireNewLimit(t *testing.T) {
	g := newGuest(newFakeMemory(t, 64))
	a, kr := g.m.Allocate(0, 8*pageSize, Anywhere)
	must(t, kr)
	must(t, g.m.CopyOut(a, []byte{7}))
	g.m.LimitWired(4 * pageSize)
	g.m.WireNew(true)
	for _, flags := range []Flags{Fixed | Overwrite, Fixed | Overwrite | Permanent, Anywhere} {
		before := g.m.size
		if _, kr := g.m.Allocate(a, 5*pageSize, flags); kr != abi.KERN_RESOURCE_SHORTAGE {
			t.Errorf("flags %#x beyond the limit: %d", flags, kr)
		}
		var b [1]byte
		if kr := g.m.CopyIn(b[:], a); kr != abi.KERN_SUCCESS || b[0] != 7 || g.m.size != before {
			t.Errorf("flags %#x: %d, %d, %d bytes of %d", flags, kr, b[0], g.m.size, before)
		}
	}
	// What is overwritten makes room.
	for range 2 {
		if _, kr := g.m.Allocate(a, 4*pageSize, Fixed|Overwrite); kr != abi.KERN_SUCCESS {
			t.Errorf("within the limit: %d", kr)
		}
		if n := g.m.WiredSize(); n != 4*pageSize {
			t.Errorf("%d bytes are wired", n)
		}
	}
	if _, kr := g.m.Allocate(0, pageSize, Anywhere); kr != abi.KERN_RESOURCE_SHORTAGE {
		t.Errorf("one more page: %d", kr)
	}
}

// A range that goes beyond the map is not given back, not even the part inside.
func TestDeallocateBeyond(t *testing.T) {
	g := newGuest(newFakeMemory(t, 64))
	top := g.m.Max() - Addr(pageSize)
	for _, a := range []Addr{g.m.Min(), top} {
		_, kr := g.m.Allocate(a, pageSize, Fixed)
		must(t, kr)
	}
	for _, c := range []struct {
		lo, hi Addr
		gap    Addr // 0: none
		want   abi.KernReturn
	}{
		{top, top + 2*Addr(pageSize), g.m.Max(), abi.KERN_SUCCESS},
		{g.m.Min() - 1, g.m.Min() + 1, g.m.Min() - Addr(pageSize), abi.KERN_SUCCESS},
		{g.m.Min() + 1, g.m.Min(), 0, abi.KERN_INVALID_ARGUMENT}, // rounded out, it would be a page
		{top, ^Addr(0), 0, abi.KERN_INVALID_ARGUMENT},
	} {
		gap, ok := g.m.Gap(c.lo, uint64(c.hi-c.lo))
		if ok != (c.gap != 0) || gap != c.gap {
			t.Errorf("%#x-%#x: a gap at %#x, %v", c.lo, c.hi, gap, ok)
		}
		if kr := g.m.Deallocate(c.lo, uint64(c.hi-c.lo)); kr != c.want || g.m.size != 2*pageSize {
			t.Errorf("%#x-%#x: %d, %d bytes left", c.lo, c.hi, kr, g.m.size)
		}
	}
}
