package vm

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"puggle/abi"
	"puggle/machine"
)

// fakeMemory is physical memory in a slice. Freed pages are poisoned, and must
// not be translated to by any pmap.
type fakeMemory struct {
	t     testing.TB
	mu    sync.Mutex
	b     []byte
	used  []bool
	inUse int
	pmaps []*fakePmap
	dp    *DefaultPager // what maps get, if it is there
}

var poison = bytes.Repeat([]byte{0xdb}, machine.PageSize)

func newFakeMemory(t testing.TB, pages int) *fakeMemory {
	return &fakeMemory{t: t, b: make([]byte, pages*machine.PageSize), used: make([]bool, pages)}
}

func (f *fakeMemory) Alloc(n uint64) (machine.Phys, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	want := int(n >> pageShift)
	run := 0
	for i := range f.used {
		if f.used[i] {
			run = 0
			continue
		}
		if run++; run == want {
			lo := i + 1 - want
			for j := lo; j <= i; j++ {
				f.used[j] = true
			}
			f.inUse += want
			clear(f.b[lo<<pageShift : (i+1)<<pageShift])
			return machine.Phys(lo << pageShift), nil
		}
	}
	return 0, machine.ErrNoMemory
}

func (f *fakeMemory) Free(p machine.Phys, n uint64) {
	f.mu.Lock()
	pmaps := f.pmaps
	f.mu.Unlock()
	for _, pm := range pmaps {
		pm.mustNotMap(p, n)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := p >> pageShift; i < (p+machine.Phys(n))>>pageShift; i++ {
		if !f.used[i] {
			f.t.Errorf("page %#x is freed twice", i)
		}
		f.used[i] = false
		f.inUse--
	}
	for b := f.b[p : p+machine.Phys(n)]; len(b) > 0; b = b[pageSize:] {
		copy(b, poison)
	}
}

// FreeUntouched is Free that finds out whether it is true.
func (f *fakeMemory) FreeUntouched(p machine.Phys, n uint64) {
	for _, b := range f.b[p : p+machine.Phys(n)] {
		if b != 0 {
			f.t.Errorf("%#x+%#x was touched", p, n)
			break
		}
	}
	f.Free(p, n)
}

func (f *fakeMemory) Discard(p machine.Phys, n uint64) { clear(f.b[p : p+machine.Phys(n)]) }
func (f *fakeMemory) Bytes(p machine.Phys, n uint64) []byte {
	return f.b[p : p+machine.Phys(n) : p+machine.Phys(n)]
}
func (f *fakeMemory) Limit() uint64    { return uint64(len(f.b)) }
func (f *fakeMemory) Resident() uint64 { return f.pages() << pageShift }

// NextResident takes zero pages for absent.
func (f *fakeMemory) NextResident(p machine.Phys, n uint64) (at machine.Phys, size uint64, ok bool) {
	var zero [machine.PageSize]byte
	for end := p + machine.Phys(n); p < end; p += machine.PageSize {
		if full := !bytes.Equal(f.b[p:p+machine.PageSize], zero[:]); full && !ok {
			at, ok = p, true
		} else if !full && ok {
			break
		}
	}
	return at, uint64(p - at), ok
}

func (f *fakeMemory) pages() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return uint64(f.inUse)
}

type pte struct {
	pa   machine.Phys
	prot Prot
}

// fakePmap is a page table.
type fakePmap struct {
	t       testing.TB
	mem     *fakeMemory
	mu      sync.Mutex
	pt      map[Addr]pte
	applies int
	ops     int
	entered int // pages
	fail    int // refuse this many calls
	dead    bool
	before  func(ops []machine.PmapOp) // is called before an Apply takes effect
}

func newFakePmap(f *fakeMemory) *fakePmap {
	p := &fakePmap{t: f.t, mem: f, pt: make(map[Addr]pte)}
	f.mu.Lock()
	f.pmaps = append(f.pmaps, p)
	f.mu.Unlock()
	return p
}

func (p *fakePmap) Apply(ops []machine.PmapOp) error {
	if p.before != nil {
		p.before(ops)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return machine.ErrDead
	}
	p.applies++
	p.ops += len(ops)
	if p.fail > 0 {
		p.fail--
		return machine.ErrNoMemory
	}
	for _, op := range ops {
		if uint64(op.Va)&pageMask != 0 || op.Len&pageMask != 0 || op.Len == 0 || uint64(op.Pa)&pageMask != 0 {
			p.t.Errorf("bad op %+v", op)
		}
		if op.Kind != machine.PmapEnter && op.Len>>pageShift > uint64(len(p.pt)) {
			for a, e := range p.pt {
				if a >= op.Va && a < op.Va+Addr(op.Len) {
					p.one(op, a, e.pa)
				}
			}
			continue
		}
		for d := uint64(0); d < op.Len; d += pageSize {
			p.one(op, op.Va+Addr(d), op.Pa+machine.Phys(d))
		}
	}
	return nil
}

func (p *fakePmap) one(op machine.PmapOp, a Addr, pa machine.Phys) {
	switch op.Kind {
	case machine.PmapEnter:
		p.pt[a] = pte{pa, op.Prot}
		p.entered++
	case machine.PmapRemove:
		delete(p.pt, a)
	case machine.PmapProtect:
		if e, ok := p.pt[a]; ok {
			p.pt[a] = pte{e.pa, op.Prot}
		}
	}
}

func (p *fakePmap) mustNotMap(pa machine.Phys, n uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return
	}
	for a, e := range p.pt {
		if e.pa >= pa && e.pa < pa+machine.Phys(n) {
			p.t.Errorf("%#x is freed while %#x is mapped to it", e.pa, a)
		}
	}
}

func (p *fakePmap) kill() {
	p.mu.Lock()
	p.dead, p.pt = true, nil
	p.mu.Unlock()
}

// guest is a processor: it goes through the translations and faults.
type guest struct {
	m  *Map
	pm *fakePmap
}

func (g guest) do(a Addr, access Prot, f func(b *byte)) abi.KernReturn {
	for range 20 {
		g.pm.mu.Lock()
		e, ok := g.pm.pt[a.Trunc()]
		if ok && allows(e.prot, access) {
			f(&g.pm.mem.b[e.pa+machine.Phys(a&machine.PageMask)])
			g.pm.mu.Unlock()
			return abi.KERN_SUCCESS
		}
		g.pm.mu.Unlock()
		if kr := g.m.Fault(a, access); kr != abi.KERN_SUCCESS {
			return kr
		}
	}
	panic(fmt.Sprintf("fault at %#x goes on for ever", a))
}

func (g guest) read(a Addr) (v byte, kr abi.KernReturn) {
	kr = g.do(a, abi.VM_PROT_READ, func(b *byte) { v = *b })
	return v, kr
}

func (g guest) write(a Addr, v byte) abi.KernReturn {
	return g.do(a, abi.VM_PROT_WRITE, func(b *byte) { *b = v })
}

const (
	testLo Addr = 0x100000000
	testHi Addr = testLo + 1<<40
)

func newGuest(f *fakeMemory) guest {
	pm := newFakePmap(f)
	if f.dp != nil {
		return guest{NewMap(f.dp, pm, testLo, testHi), pm}
	}
	return guest{NewMap(f, pm, testLo, testHi), pm}
}

func (g guest) fork(t testing.TB) guest {
	pm := newFakePmap(g.pm.mem)
	c, kr := g.m.Fork(pm)
	must(t, kr)
	return guest{c, pm}
}

func (g guest) exit() {
	g.pm.kill()
	g.m.Destroy()
}

func must(t testing.TB, kr abi.KernReturn) {
	t.Helper()
	if kr != abi.KERN_SUCCESS {
		t.Fatalf("kern_return %d", kr)
	}
}

func want(t testing.TB, g guest, a Addr, v byte) {
	t.Helper()
	got, kr := g.read(a)
	must(t, kr)
	if got != v {
		t.Fatalf("at %#x: %d, want %d", a, got, v)
	}
	var b [1]byte
	must(t, g.m.CopyIn(b[:], a))
	if b[0] != v {
		t.Fatalf("copyin at %#x: %d, want %d", a, b[0], v)
	}
}
