package vm

import (
	"testing"
)

// TestFlatten makes a chain that nothing but flattening can bound: each level
// has a window that no other has, and a child that keeps it alive.
func TestFlatten(t *testing.T) {
	f := newFakeMemory(t, 60000)
	g := newGuest(f)
	const n = 40
	a, kr := g.m.Allocate(0, n*copyPages*pageSize, Anywhere)
	must(t, kr)
	at := func(i int) Addr { return a + Addr(i*copyPages)<<pageShift }
	for i := range n {
		must(t, g.write(at(i), byte(i+1)))
	}
	var kids []guest
	for i := range n {
		kids = append(kids, g.fork(t))
		must(t, g.write(at(i), byte(i+101)))
		for k := range n {
			v := byte(k + 1)
			if k <= i {
				v = byte(k + 101)
			}
			if got, kr := g.read(at(k)); kr != 0 || got != v {
				t.Fatalf("level %d: window %d holds %d", i, k, got)
			}
		}
		if d := g.m.entries[0].object.Depth(); d > maxDepth {
			t.Fatalf("chain is %d long", d)
		}
	}
	for i, c := range kids {
		for k := range n {
			v := byte(k + 1)
			if k < i {
				v = byte(k + 101)
			}
			want(t, c, at(k), v)
		}
		c.exit()
	}
	for k := range n {
		want(t, g, at(k), byte(k+101))
	}
	g.exit()
	if f.pages() != 0 {
		t.Errorf("%d pages are left", f.pages())
	}
}
