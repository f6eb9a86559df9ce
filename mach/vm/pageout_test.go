package vm

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand"
	"sync"
	"testing"

	"puggle/abi"
)

// scan sends pages out and checks that no translation to a page that is out or
// inactive is left.
func scan(t testing.TB, f *fakeMemory, need uint64) uint64 {
	t.Helper()
	freed, err := f.dp.Scan(need)
	if err != nil {
		t.Fatal(err)
	}
	for _, pm := range f.pmaps {
		pm.mu.Lock()
		for a, e := range pm.pt {
			if ok, _ := f.dp.enterable(e.pa, 1); !ok {
				t.Errorf("%#x is mapped to %#x, which is out or inactive", a, e.pa)
			}
		}
		pm.mu.Unlock()
	}
	return freed
}

func mustBeEmpty(t testing.TB, p *DefaultPager) {
	t.Helper()
	i := p.Info()
	if i.Used != 0 || i.Out != 0 || i.Inactive != 0 || len(p.chunks) != 0 || len(p.objects) != 0 || p.store.busy != 0 {
		t.Errorf("left over: %+v, %d chunks, %d objects", i, len(p.chunks), len(p.objects))
	}
}

// The byte-level model of all map operations holds while pages go out at random.
func TestModelPaging(t *testing.T) {
	seeds := 30
	if testing.Short() {
		seeds = 8
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { runModel(t, rand.New(rand.NewSource(int64(seed))), true) })
	}
}

func newPaging(t testing.TB, pages int, most uint64) (*fakeMemory, guest) {
	f := newFakeMemory(t, pages)
	f.dp = NewDefaultPager(f, t.TempDir(), most)
	return f, newGuest(f)
}

func fillPages(t testing.TB, g guest, a Addr, n int, seed byte) {
	t.Helper()
	for i := range n {
		b := bytes.Repeat([]byte{byte(i) ^ seed | 1}, int(pageSize))
		must(t, g.m.CopyOut(a+Addr(i)<<pageShift, b))
	}
}

func checkPages(t testing.TB, g guest, a Addr, n int, seed byte) {
	t.Helper()
	b := make([]byte, pageSize)
	for i := range n {
		must(t, g.m.CopyIn(b, a+Addr(i)<<pageShift))
		if w := byte(i) ^ seed | 1; b[0] != w || b[pageSize-1] != w {
			t.Fatalf("page %d holds %#x, not %#x", i, b[0], w)
		}
	}
}

// What is used stays, what is not used goes out.
func TestWorkingSetStays(t *testing.T) {
	f, g := newPaging(t, 40000, 1<<30)
	const n = 4096
	a, kr := g.m.Allocate(0, n<<pageShift, Anywhere)
	must(t, kr)
	fillPages(t, g, a, n, 0)
	hot := a + 1024<<pageShift
	for range 60 {
		for i := range Addr(256) {
			if _, kr := g.read(hot + i<<pageShift); kr != 0 {
				t.Fatal(kr)
			}
		}
		scan(t, f, 32<<pageShift)
	}
	o := g.m.entry(a).object
	stayed := 0
	for i := range uint64(256) {
		phys, _, _ := o.placed(1024+i, 1)
		c := f.dp.chunk(uint64(phys)>>pageShift, false)
		if c == nil || c.out>>(uint64(phys)>>pageShift&63)&1 == 0 {
			stayed++
		}
	}
	if i := f.dp.Info(); i.Out < 1500 || i.Reactivations == 0 || stayed < 192 {
		t.Errorf("%d of 256 pages in use stayed; %+v", stayed, i)
	}
	checkPages(t, g, a, n, 0)
	g.exit()
	mustBeEmpty(t, f.dp)
}

// Wired and pinned pages, and those of kernel code, don't go.
func TestHeldPagesStay(t *testing.T) {
	f, g := newPaging(t, 40000, 1<<30)
	a, kr := g.m.Allocate(0, 256<<pageShift, Anywhere)
	must(t, kr)
	fillPages(t, g, a, 256, 0)
	must(t, g.m.Wire(a+64<<pageShift, 64<<pageShift, abi.VM_PROT_READ))
	if freed := scan(t, f, 1<<40); freed != 192<<pageShift {
		t.Errorf("%d pages went, 192 should", freed>>pageShift)
	}
	must(t, g.m.Unwire(a+64<<pageShift, 64<<pageShift))
	pin, kr := g.m.Pin(a+80<<pageShift, 1, abi.VM_PROT_READ)
	must(t, kr)
	if freed := scan(t, f, 1<<40); freed != 0 {
		t.Errorf("%d pages of a pinned object went", freed>>pageShift)
	}
	pin.Release()
	if freed := scan(t, f, 1<<40); freed != 64<<pageShift {
		t.Errorf("%d pages went, 64 should", freed>>pageShift)
	}
	k := NewMap(f.dp, newFakePmap(f), testLo, testHi)
	k.SetResident()
	b, kr := k.Allocate(0, 64<<pageShift, Anywhere)
	must(t, kr)
	must(t, k.CopyOut(b, bytes.Repeat([]byte{7}, 64<<pageShift)))
	if freed := scan(t, f, 1<<40); freed != 0 {
		t.Errorf("%d pages of kernel code went", freed>>pageShift)
	}
	checkPages(t, g, a, 256, 0)
	k.Destroy()
	g.exit()
	mustBeEmpty(t, f.dp)
}

// Growth makes a second paging file, release deletes it again, and nothing is
// lost on the way.
func TestDynamicPager(t *testing.T) {
	f, g := newPaging(t, 80000, 4*filePages<<pageShift)
	const n = filePages + filePages/2
	a, kr := g.m.Allocate(0, n<<pageShift, Anywhere)
	must(t, kr)
	fillPages(t, g, a, n, 3)
	scan(t, f, 1<<40)
	if i := f.dp.Info(); i.Files != 2 || i.Out != n {
		t.Fatalf("after page-out: %+v", i)
	}
	if err := f.dp.Tidy(); err != nil || f.dp.store.deleted != 0 {
		t.Errorf("a file in use was deleted: %v", err)
	}
	// What is left lies in both files.
	must(t, g.m.Deallocate(a+1000<<pageShift, (n-2000)<<pageShift))
	if err := f.dp.Tidy(); err != nil {
		t.Fatal(err)
	}
	if i := f.dp.Info(); i.Files != 1 || i.Out != 2000 || i.Used != 2000<<pageShift {
		t.Errorf("after the release: %+v", i)
	}
	checkPages(t, g, a, 1000, 3)
	tail := make([]byte, 1)
	for i := n - 1000; i < n; i++ {
		must(t, g.m.CopyIn(tail, a+Addr(i)<<pageShift))
		if tail[0] != byte(i&0xff)^3|1 {
			t.Fatalf("page %d holds %#x", i, tail[0])
		}
	}
	g.exit()
	mustBeEmpty(t, f.dp)
}

// A limit of the paging space is kept, said, and costs no data.
func TestPagingLimit(t *testing.T) {
	f, g := newPaging(t, 40000, 1000<<pageShift)
	a, kr := g.m.Allocate(0, 2048<<pageShift, Anywhere)
	must(t, kr)
	fillPages(t, g, a, 2048, 9)
	freed, err := f.dp.Scan(1 << 40)
	if !errors.Is(err, errPagingFull) || freed != 1000<<pageShift {
		t.Errorf("%d pages went: %v", freed>>pageShift, err)
	}
	checkPages(t, g, a, 2048, 9)
	g.exit()
	mustBeEmpty(t, f.dp)
}

// A file's clean pages are dropped and fetched again, dirty ones written first;
// volatile memory is emptied.
func TestPageOutOfOthers(t *testing.T) {
	f, g := newPaging(t, 40000, 1<<30)
	a, kr := g.m.Allocate(0, 64<<pageShift, Anywhere|Flags(abi.VM_FLAGS_PURGABLE))
	must(t, kr)
	fillPages(t, g, a, 64, 5)
	if _, kr = g.m.PurgableControl(a, abi.VM_PURGABLE_SET_STATE, abi.VM_PURGABLE_VOLATILE); kr != 0 {
		t.Fatal(kr)
	}
	if freed := scan(t, f, 1); freed != 64<<pageShift {
		t.Errorf("%d pages of volatile memory went", freed>>pageShift)
	}
	old, kr := g.m.PurgableControl(a, abi.VM_PURGABLE_SET_STATE, abi.VM_PURGABLE_NONVOLATILE)
	must(t, kr)
	if old != abi.VM_PURGABLE_EMPTY || f.dp.Info().Purges != 64 || f.dp.Info().Out != 0 {
		t.Errorf("state %d, %+v", old, f.dp.Info())
	}
	want(t, g, a, 0)
	g.exit()
	mustBeEmpty(t, f.dp)
}

// Many threads use memory while it goes out and comes back.
func TestPagingRaces(t *testing.T) {
	f, _ := newPaging(t, 60000, 1<<30)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				f.dp.Scan(64 << pageShift)
				f.dp.Tidy()
			}
		}
	}()
	for k := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			g := newGuest(f)
			r := rand.New(rand.NewSource(int64(k)))
			a, kr := g.m.Allocate(0, 512<<pageShift, Anywhere)
			must(t, kr)
			var model [512]byte
			for range 4000 {
				i := r.Intn(512)
				at := a + Addr(i)<<pageShift
				var b [1]byte
				if r.Intn(2) == 0 {
					model[i] = byte(r.Intn(256))
					b[0] = model[i]
					if kr := g.m.CopyOut(at, b[:]); kr != 0 {
						t.Errorf("copyout: %d", kr)
						return
					}
					continue
				}
				if kr := g.m.CopyIn(b[:], at); kr != 0 || b[0] != model[i] {
					t.Errorf("page %d: %d, want %d (%d)", i, b[0], model[i], kr)
					return
				}
			}
			g.exit()
		}()
	}
	wg.Wait()
	close(stop)
	<-done
	mustBeEmpty(t, f.dp)
}
