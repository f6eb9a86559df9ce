package vm

import (
	"testing"

	"puggle/abi"
)

// Contents finds what was written, and nothing else, wherever it has come from.
func TestContents(t *testing.T) {
	f := newFakeMemory(t, 4096)
	g := newGuest(f)
	page := Addr(pageSize)
	a, kr := g.m.Allocate(0, 1000*pageSize, Anywhere)
	must(t, kr)
	end := a + 1000*page
	if at, _, ok := g.m.Contents(a, end); ok {
		t.Fatalf("untouched memory has contents at %#x", at)
	}
	for _, i := range []Addr{3, 700} {
		must(t, g.write(a+i*page, 7))
	}
	child := g.fork(t)
	must(t, child.write(a+500*page, 8)) // the others are seen through a shadow
	found := func(g guest) (l map[Addr]bool) {
		l = map[Addr]bool{}
		for at := a; ; {
			lo, hi, ok := g.m.Contents(at, end)
			if !ok {
				return l
			}
			if lo < at || hi <= lo || hi > end {
				t.Fatalf("from %#x: %#x to %#x", at, lo, hi)
			}
			for at = lo; at < hi; at += page {
				l[(at-a)/page] = true
			}
		}
	}
	for _, c := range []struct {
		who  string
		g    guest
		want []Addr
	}{{"parent", g, []Addr{3, 700}}, {"child", child, []Addr{3, 500, 700}}} {
		l := found(c.g)
		for _, i := range c.want {
			if !l[i] {
				t.Errorf("%s: page %d was not found", c.who, i)
			}
		}
		if len(l) > 200 { // some pages about each may have been made with it
			t.Errorf("%s: %d pages", c.who, len(l))
		}
	}
	must(t, g.m.Protect(a, 1000*pageSize, 0, false))
	var b [1]byte
	if kr := g.m.CopyIn(b[:], a+700*page); kr != abi.KERN_PROTECTION_FAILURE {
		t.Errorf("CopyIn: %d", kr)
	}
	if kr := g.m.CopyInForce(b[:], a+700*page); kr != abi.KERN_SUCCESS || b[0] != 7 {
		t.Errorf("CopyInForce: %d, %d", kr, b[0])
	}
}
