package vm

import (
	"math/rand"
	"sync"
	"testing"

	"puggle/abi"
)

// TestManyThreads lets the threads of two related tasks fault, map, fork and
// copy at once; each keeps a range of its own, whose contents it knows.
func TestManyThreads(t *testing.T) {
	f := newFakeMemory(t, 60000)
	g := newGuest(f)
	p := newFile(64 << 12)
	o := NewPagerObject(p, p.Size())
	const threads, pages = 6, 40
	var at [threads]Addr
	for i := range at {
		a, kr := g.m.Allocate(0, pages*pageSize, Anywhere)
		must(t, kr)
		at[i] = a
	}
	file := mapFile(t, g, o, p.Size(), true)
	var forks sync.Mutex
	var wg sync.WaitGroup
	for i := range threads {
		wg.Go(func() {
			r := rand.New(rand.NewSource(int64(i)))
			var model [pages]byte
			for step := range 400 {
				k := r.Intn(pages)
				a := at[i] + Addr(k)<<12
				switch op := r.Intn(20); {
				case op == 0:
					forks.Lock()
					c := g.fork(t)
					forks.Unlock()
					if v, kr := c.read(a); kr != 0 || v != model[k] {
						t.Errorf("child reads %d (%d), want %d", v, kr, model[k])
					}
					c.write(a, 0xee)
					c.exit()
				case op == 1:
					b, kr := g.m.Allocate(0, 8*pageSize, Anywhere)
					if kr != 0 || g.write(b, 1) != 0 || g.m.Deallocate(b, 8*pageSize) != 0 {
						t.Error("allocate and deallocate")
					}
				case op == 2:
					c, kr := g.m.MakeCopy(a, 5*4096, false)
					if kr == 0 {
						b, kr := g.m.PlaceCopy(c)
						if kr != 0 || g.m.Deallocate(b, 5*4096) != 0 {
							t.Error("place")
						}
					}
				case op == 3:
					g.m.Protect(a, pageSize, abi.VM_PROT_READ, false)
					g.m.Protect(a, pageSize, abi.VM_PROT_DEFAULT, false)
				case op == 4:
					if v, kr := g.read(file + Addr(k)<<12 + 50); kr != 0 || v != p.at(k<<12+50) {
						t.Errorf("file page %d: %d (%d)", k, v, kr)
					}
				case op == 5:
					o.Invalidate(uint64(k)<<12, 4*pageSize)
				case op < 12:
					model[k] = byte(step)
					if kr := g.write(a, byte(step)); kr != 0 {
						t.Errorf("write: %d", kr)
					}
				default:
					var b [1]byte
					if kr := g.m.CopyIn(b[:], a); kr != 0 || b[0] != model[k] {
						t.Errorf("copyin: %d (%d), want %d", b[0], kr, model[k])
					}
				}
			}
		})
	}
	wg.Wait()
	g.exit()
	o.Unref()
	if f.pages() != 0 {
		t.Errorf("%d pages are left", f.pages())
	}
}
