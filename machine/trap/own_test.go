package trap

import (
	"testing"

	"puggle/machine"
)

// TestWriteGuest: only pages that guests have, and have touched, are written from outside.
func TestWriteGuest(t *testing.T) {
	m, err := newMemory(1 << 30)
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	text := []byte("text")
	alloc := func(f func(uint64) (machine.Phys, error), n uint64) machine.Phys {
		t.Helper()
		p, err := f(n)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	const size = 4 * machine.PageSize
	guest, own, after := alloc(m.Alloc, size), alloc(m.allocOwn, size), alloc(m.Alloc, size)
	last := own + size - machine.PageSize
	if m.WriteGuest(guest, text) {
		t.Error("a page that was never touched")
	}
	for _, p := range []machine.Phys{guest, own, last, after} {
		m.Bytes(p, 1)[0] = 1
	}
	for _, p := range []machine.Phys{guest, after + 8} {
		if !m.WriteGuest(p, text) || string(m.Bytes(p, 4)) != "text" {
			t.Errorf("a guest's page at %#x is not written", p)
		}
	}
	for _, p := range []machine.Phys{0, paFree - machine.PageSize, own, last, after + size, machine.Phys(m.size) - 2, machine.NoPhys - 1, ^machine.Phys(0)} {
		if m.WriteGuest(p, text) {
			t.Errorf("%#x is written", p)
		}
	}
	if m.WriteGuest(guest+machine.PageSize-2, text) {
		t.Error("across pages")
	}
	// Freed: at once nobody's, then somebody else's.
	m.Free(own, size)
	if m.WriteGuest(own, text) {
		t.Error("a page that was freed, before the host has it back")
	}
	m.flush()
	if m.WriteGuest(own, text) {
		t.Error("a free page")
	}
	if p := alloc(m.Alloc, size); p != own {
		t.Fatalf("the same place is not given again: %#x, not %#x", p, own)
	}
	m.Bytes(own, 1)[0] = 1
	if !m.WriteGuest(own, text) {
		t.Error("a guest's page where the machine's own was")
	}
}
