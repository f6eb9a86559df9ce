package vm

import (
	"math/rand/v2"
	"testing"

	"puggle/abi"
)

// The search for room gives the lowest place that is free, whatever has been found,
// filled and freed before.
func TestSpace(t *testing.T) {
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 1))
	const pages = 2000
	g := newGuest(newFakeMemory(t, 16))
	lo := g.m.lo
	var used [pages]bool
	fill := func(a Addr, n uint64, what bool) {
		for i := range n {
			used[uint64(a-lo)>>pageShift+i] = what
		}
	}
	// lowest is first fit, by the definition.
	lowest := func(from Addr, n, align uint64) (Addr, bool) {
	next:
		for p := uint64(from-lo) >> pageShift; p+n <= pages; p++ {
			if (uint64(lo)>>pageShift+p)%align != 0 {
				continue
			}
			for i := range n {
				if used[p+i] {
					continue next
				}
			}
			return lo + Addr(p<<pageShift), true
		}
		return 0, false
	}
	held := map[Addr]uint64{}
	for step := range 6000 {
		n := 1 + rng.Uint64N(4)
		if rng.IntN(3) == 0 {
			n = 5 // many of one size, as stacks are
		}
		if rng.IntN(100) < 40 && len(held) > 150 {
			for a, n := range held { // any
				k := 1 + rng.Uint64N(n)
				must(t, g.m.Deallocate(a, k<<pageShift))
				fill(a, k, false)
				delete(held, a)
				if k < n {
					held[a+Addr(k<<pageShift)] = n - k
				}
				break
			}
			continue
		}
		spec := MapSpec{Size: n << pageShift, Flags: Anywhere, Cur: abi.VM_PROT_READ, Max: abi.VM_PROT_ALL}
		align := uint64(1)
		switch rng.IntN(10) {
		case 0:
			spec.Addr = lo + Addr(rng.Uint64N(pages)<<pageShift)
		case 1:
			align = 8
			spec.Mask = align<<pageShift - 1
		}
		w, ok := lowest(max(lo, spec.Addr), n, align)
		if !ok {
			continue // the map is longer than the model
		}
		a, kr := g.m.Enter(&spec)
		must(t, kr)
		if a != w {
			t.Fatalf("seed %d step %d: %d pages from %#x, aligned to %d, at %#x, want %#x", seed, step, n, spec.Addr, align, a, w)
		}
		fill(a, n, true)
		held[a] = n
	}
}

// A hole that is too small must not have each search look at all that lies above it.
func TestSpaceIsRemembered(t *testing.T) {
	g := newGuest(newFakeMemory(t, 16))
	hole, kr := g.m.Allocate(0, pageSize, Anywhere)
	must(t, kr)
	var last Addr
	for i := range 200 {
		prot := []abi.Prot{abi.VM_PROT_READ, abi.VM_PROT_NONE}[i%2] // or they would become one
		spec := MapSpec{Size: 3 << pageShift, Flags: Anywhere, Cur: prot, Max: abi.VM_PROT_ALL}
		if last, kr = g.m.Enter(&spec); i == 0 {
			must(t, g.m.Deallocate(hole, pageSize))
		}
		must(t, kr)
	}
	if s := g.m.searched; s.upto != last {
		t.Errorf("searched to %#x, the last is at %#x", s.upto, last)
	}
	a, kr := g.m.Allocate(0, pageSize, Anywhere)
	must(t, kr)
	if a != hole {
		t.Errorf("the hole was forgotten: %#x, want %#x", a, hole)
	}
}
