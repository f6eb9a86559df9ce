package vm

import (
	"sync/atomic"
	"testing"
	"time"

	"puggle/abi"
)

// TestHeldPage: a page that somebody holds by a list is not waited for longer than one has
// patience; who waits lends the processor; what is invalidated is taken from the list.
func TestHeldPage(t *testing.T) {
	was := heldPatience
	heldPatience = 20 * time.Millisecond
	t.Cleanup(func() { heldPatience = was })
	f := newFakeMemory(t, 1024)
	var waits, waiting atomic.Int32
	OnWait(f, func(begin bool) {
		if begin {
			waits.Add(1)
			waiting.Add(1)
		} else {
			waiting.Add(-1)
		}
	})
	t.Cleanup(func() { OnWait(f, nil) })
	g := newGuest(f)
	p := newFile(64 << 12)
	o := NewPagerObject(p, p.Size())
	a := mapFile(t, g, o, p.Size(), false)

	u, kr := o.UPLRequest(0, 2*pageSize, 0)
	must(t, kr)
	if _, kr := g.read(a); kr != abi.KERN_MEMORY_ERROR {
		t.Errorf("a fault on a held page: %d", kr)
	}
	if _, err := o.Read(0, make([]byte, 8)); err != errHeld {
		t.Errorf("reading a held page: %v", err)
	}
	if _, kr := o.UPLRequest(0, pageSize, 0); kr != abi.KERN_OPERATION_TIMED_OUT {
		t.Errorf("a list of a held page: %d", kr)
	}
	if waits.Load() != 3 || waiting.Load() != 0 {
		t.Errorf("%d waits, %d of them still", waits.Load(), waiting.Load())
	}
	// The file is cut off: the first page is fetched again, and it isn't the list's.
	o.Invalidate(0, pageSize)
	want(t, g, a, p.at(0))
	u.Data(0)[0], u.Data(1)[0] = p.at(0)+1, p.at(4096)+1
	must(t, u.Commit(abi.UPL_COMMIT_SET_DIRTY))
	want(t, g, a, p.at(0))
	want(t, g, a+4096, p.at(4096)+1)
	if o.busy.n != 0 || o.inUPL.n != 0 {
		t.Errorf("%d pages are busy, %d held", o.busy.n, o.inUPL.n)
	}

	// In time: who waits gets what was put there.
	heldPatience = time.Minute
	u, kr = o.UPLRequest(8*pageSize, pageSize, 0)
	must(t, kr)
	u.Data(0)[0] = 77
	before, got := waits.Load(), make(chan byte)
	go func() {
		v, _ := g.read(a + 8<<12)
		got <- v
	}()
	for waits.Load() == before {
		time.Sleep(time.Millisecond)
	}
	must(t, u.Commit(0))
	if v := <-got; v != 77 {
		t.Errorf("a page that was committed in time: %d", v)
	}
	g.exit()
	o.Unref()
	if f.pages() != 0 {
		t.Errorf("%d pages are left", f.pages())
	}
}
