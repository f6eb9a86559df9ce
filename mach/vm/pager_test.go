package vm

import (
	"bytes"
	"errors"
	"sync"
	"testing"

	"puggle/abi"
)

// filePager is a file in memory.
type filePager struct {
	mu    sync.Mutex
	b     []byte
	ins   int
	fail  error
	ended bool
}

func newFile(n int) *filePager {
	p := &filePager{b: make([]byte, n)}
	for i := range p.b {
		p.b[i] = byte(i>>12*7 + i + 1)
	}
	return p
}

func (p *filePager) PageIn(off uint64, buf []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ins++
	if p.fail != nil {
		return p.fail
	}
	copy(buf, p.b[off:])
	return nil
}

func (p *filePager) PageOut(off uint64, buf []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		return p.fail
	}
	copy(p.b[off:], buf)
	return nil
}

func (p *filePager) Size() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return uint64(len(p.b))
}

func (p *filePager) Terminate() { p.ended = true }

func (p *filePager) at(i int) byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b[i]
}

func mapFile(t *testing.T, g guest, o *Object, size uint64, private bool) Addr {
	t.Helper()
	a, kr := g.m.Enter(&MapSpec{Size: size, Flags: Anywhere, Object: o, Copy: private,
		Cur: abi.VM_PROT_DEFAULT, Max: abi.VM_PROT_ALL, Inherit: abi.VM_INHERIT_COPY})
	must(t, kr)
	return a
}

func TestMappedFile(t *testing.T) {
	f := newFakeMemory(t, 8192)
	g, h := newGuest(f), newGuest(f)
	p := newFile(300*4096 + 100)
	o := NewPagerObject(p, p.Size())
	s := mapFile(t, g, o, p.Size(), false)
	s2 := mapFile(t, h, o, p.Size(), false)
	v := mapFile(t, h, o, 400<<12, true)
	o.Unref()

	want(t, g, s+5000, p.at(5000))
	if p.ins != 1 {
		t.Errorf("%d page-ins for the first fault", p.ins)
	}
	want(t, h, v+5000, p.at(5000))
	must(t, g.write(s+5000, 200))
	want(t, h, s2+5000, 200)
	want(t, h, v+5000, 200) // not yet written here
	must(t, h.write(v+5000, 99))
	must(t, g.write(s+5001, 201))
	want(t, h, v+5000, 99)
	want(t, h, s2+5001, 201)
	if p.at(5000) == 200 {
		t.Error("written back without being asked")
	}
	must(t, g.m.Msync(s, p.Size(), abi.VM_SYNC_SYNCHRONOUS))
	if p.at(5000) != 200 || p.at(5001) != 201 {
		t.Error("msync wrote nothing")
	}
	must(t, g.write(s+5000, 210)) // must be seen as a new change
	must(t, g.m.Msync(s, p.Size(), abi.VM_SYNC_SYNCHRONOUS))
	if p.at(5000) != 210 {
		t.Error("a change after msync is lost")
	}

	// The end of the file.
	want(t, g, s+300*4096+99, p.at(300*4096+99))
	want(t, g, s+300*4096+100, 0)
	if _, kr := h.read(v + 301<<12); kr != abi.KERN_MEMORY_ERROR {
		t.Errorf("beyond the end: %d", kr)
	}
	var b [8192]byte
	if kr := h.m.CopyIn(b[:], v+300<<12); kr != abi.KERN_MEMORY_ERROR {
		t.Errorf("copyin beyond the end: %d", kr)
	}

	must(t, g.write(s+100<<12, 77))
	g.exit()
	must(t, h.m.Deallocate(s2, p.Size()))
	if p.ended {
		t.Error("pager ended while a private mapping lives")
	}
	want(t, h, v+100<<12, 77)
	h.exit()
	if !p.ended || p.at(100<<12) != 77 {
		t.Errorf("ended %t, byte %d", p.ended, p.at(100<<12))
	}
	if f.pages() != 0 {
		t.Errorf("%d pages are left", f.pages())
	}
}

func TestPagerFails(t *testing.T) {
	f := newFakeMemory(t, 1024)
	g := newGuest(f)
	p := newFile(10 << 12)
	o := NewPagerObject(p, p.Size())
	a := mapFile(t, g, o, p.Size(), false)
	p.fail = errors.New("no")
	if _, kr := g.read(a); kr != abi.KERN_MEMORY_ERROR {
		t.Errorf("read: %d", kr)
	}
	p.fail = nil
	must(t, g.write(a, 5))
	p.fail = errors.New("no")
	if kr := g.m.Msync(a, 4096, abi.VM_SYNC_SYNCHRONOUS); kr != abi.KERN_MEMORY_ERROR {
		t.Errorf("msync: %d", kr)
	}
	p.fail = nil
	must(t, g.m.Msync(a, 4096, abi.VM_SYNC_SYNCHRONOUS))
	if p.at(0) != 5 {
		t.Error("what could not be written was forgotten")
	}
}

func TestTruncate(t *testing.T) {
	f := newFakeMemory(t, 1024)
	g := newGuest(f)
	p := newFile(20 << 12)
	o := NewPagerObject(p, p.Size())
	s := mapFile(t, g, o, p.Size(), false)
	v := mapFile(t, g, o, p.Size(), true)
	for i := range Addr(20) {
		must(t, g.write(s+i<<12, 1))
		want(t, g, v+i<<12, 1)
	}
	pin, kr := g.m.Pin(s+10<<12, 4096, abi.VM_PROT_READ)
	must(t, kr)
	p.mu.Lock()
	p.b = p.b[:5<<12+10]
	p.mu.Unlock()
	o.Resize(p.Size())
	if pin.Slices()[0][0] != 1 {
		t.Error("a pinned page was freed")
	}
	pin.Release()
	for _, a := range []Addr{s, v} {
		if _, kr := g.read(a + 6<<12); kr != abi.KERN_MEMORY_ERROR {
			t.Errorf("beyond the new end: %d", kr)
		}
		want(t, g, a+5<<12, 1)
		want(t, g, a+5<<12+10, 0)
	}
	g.exit()
	o.Unref()
	if f.pages() != 0 {
		t.Errorf("%d pages are left", f.pages())
	}
}

func TestBufferCache(t *testing.T) {
	f := newFakeMemory(t, 1024)
	g := newGuest(f)
	p := newFile(10<<12 + 50)
	o := NewPagerObject(p, p.Size())
	a := mapFile(t, g, o, p.Size(), false)
	if n, err := o.Write(4000, bytes.Repeat([]byte{9}, 8192)); n != 8192 || err != nil {
		t.Fatal(n, err)
	}
	want(t, g, a+4000, 9)
	want(t, g, a+3999, p.at(3999))
	must(t, g.write(a+8200, 8))
	b := make([]byte, 4096)
	if n, err := o.Read(8199, b); n != 4096 || err != nil || b[0] != 9 || b[1] != 8 {
		t.Fatal(n, err, b[:2])
	}
	if n, err := o.Read(10<<12+40, b); n != 10 || err != nil {
		t.Fatal(n, err)
	}
	if err := o.Flush(0, maxSize); err != nil || p.at(8200) != 8 || p.at(4000) != 9 || o.Dirty() != 0 {
		t.Fatal(err, p.at(8200), o.Dirty())
	}
	g.exit()
	o.Unref()
}

func TestBehaviorShapesPageIns(t *testing.T) {
	for _, x := range []struct {
		b           Behavior
		first, last Addr // pages resident after a fault on page 200
	}{
		{abi.VM_BEHAVIOR_RANDOM, 200, 200},
		{abi.VM_BEHAVIOR_SEQUENTIAL, 200, 455},
		{abi.VM_BEHAVIOR_RSEQNTL, 137, 200},
		{abi.VM_BEHAVIOR_DEFAULT, 192, 255},
	} {
		f := newFakeMemory(t, 2048)
		g := newGuest(f)
		p := newFile(1000 << 12)
		o := NewPagerObject(p, p.Size())
		a := mapFile(t, g, o, p.Size(), false)
		must(t, g.m.Behavior(a, p.Size(), x.b))
		want(t, g, a+200<<12, p.at(200<<12))
		o.fam.mu.Lock()
		for i := range uint64(1000) {
			if in := i >= uint64(x.first) && i <= uint64(x.last); in != o.valid.has(i) {
				t.Errorf("behavior %d: page %d resident: %t", x.b, i, !in)
			}
		}
		o.fam.mu.Unlock()
	}
}
