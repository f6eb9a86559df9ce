package vm

import (
	"bytes"
	"testing"

	"puggle/abi"
	"puggle/machine"
)

// storingMemory counts what is stored rather than touched.
type storingMemory struct {
	*fakeMemory
	stored uint64
}

func (s *storingMemory) Store(p machine.Phys, b []byte) error {
	s.stored += uint64(len(b))
	copy(s.Bytes(p, uint64(len(b))), b)
	return nil
}

// numbered is a pager whose every byte is known, and which ends within a page.
type numbered struct{ size uint64 }

func (n numbered) at(off uint64) byte { return byte(off>>pageShift*31 + off) }
func (n numbered) PageIn(off uint64, b []byte) error {
	for i := range b {
		b[i] = n.at(off + uint64(i))
	}
	return nil
}
func (n numbered) PageOut(uint64, []byte) error { return nil }
func (n numbered) Size() uint64                 { return n.size }
func (n numbered) Terminate()                   {}

// A cluster that is paged in is stored, and is what the pager gave, with zeros
// behind its end; also when the buffer was used for something else before.
func TestPageInStores(t *testing.T) {
	f := newFakeMemory(t, 4096)
	mem := &storingMemory{fakeMemory: f}
	for _, pages := range []uint64{200, 5} {
		pg := numbered{pages<<pageShift - 100}
		o := NewPagerObject(pg, pg.size)
		o.Bind(mem)
		m := NewMap(mem, nil, testLo, testLo+1<<30)
		a, kr := m.Enter(&MapSpec{Size: pages << pageShift, Flags: Anywhere, Object: o, Cur: abi.VM_PROT_READ, Max: abi.VM_PROT_READ})
		must(t, kr)
		got := make([]byte, pages<<pageShift)
		must(t, m.CopyIn(got, a))
		w := make([]byte, len(got))
		for i := range w[:pg.size] {
			w[i] = pg.at(uint64(i))
		}
		if !bytes.Equal(got, w) {
			t.Errorf("%d pages differ from what was paged in", pages)
		}
		m.Destroy()
		o.Unref()
	}
	if mem.stored < pageIns<<pageShift { // windows begin small
		t.Errorf("only %d bytes were stored", mem.stored)
	}
	if n := f.pages(); n != 0 {
		t.Errorf("%d pages are left", n)
	}
}

// Init stores a new object's contents; what lies behind them is zero.
func TestInit(t *testing.T) {
	mem := &storingMemory{fakeMemory: newFakeMemory(t, 4096)}
	const pages, size = 40, 37<<pageShift + 123
	src := make([]byte, size)
	for i := range src {
		src[i] = byte(i>>9 ^ i)
	}
	for _, m := range []machine.Memory{mem, mem.fakeMemory} {
		o := NewObject(pages << pageShift)
		o.Bind(m)
		if err := o.Init(src); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, pages<<pageShift)
		if n, err := o.Read(0, got); n != len(got) || err != nil {
			t.Fatal(n, err)
		}
		if !bytes.Equal(got[:size], src) || len(bytes.Trim(got[size:], "\x00")) > 0 {
			t.Error("an object has not what it was made with")
		}
		o.Unref()
	}
	if mem.stored != size {
		t.Errorf("%d bytes were stored, want %d", mem.stored, size)
	}
	if n := mem.pages(); n != 0 {
		t.Errorf("%d pages are left", n)
	}
}
