package vm

import (
	"testing"

	"puggle/abi"
)

// A simulated frame buffer: what guests write is in the device's memory at once and
// the other way round; it is uncached, and stays when it is unmapped.
func TestDevicePager(t *testing.T) {
	f := newFakeMemory(t, 20000)
	const size = 8 << pageShift
	phys, err := f.Alloc(size)
	if err != nil {
		t.Fatal(err)
	}
	gone := 0
	if NewDeviceObject(f, phys+1, size, abi.MAP_MEM_IO, nil) != nil || NewDeviceObject(f, phys, 100, abi.MAP_MEM_IO, nil) != nil {
		t.Error("an object of parts of pages")
	}
	o := NewDeviceObject(f, phys, size, abi.MAP_MEM_IO, func() { gone++ })
	f.dp = NewDefaultPager(f, t.TempDir(), 1<<20)
	g, h := newGuest(f), newGuest(f)
	enter := func(g guest, private bool) Addr {
		a, kr := g.m.Enter(&MapSpec{Size: size, Flags: Anywhere, Object: o, Copy: private,
			Cur: abi.VM_PROT_DEFAULT, Max: abi.VM_PROT_ALL, Inherit: abi.VM_INHERIT_SHARE})
		must(t, kr)
		return a
	}
	a, b := enter(g, false), enter(h, false)
	device := f.Bytes(phys, size)
	must(t, g.write(a+5000, 42))
	if device[5000] != 42 {
		t.Error("the device does not see what a guest wrote")
	}
	want(t, h, b+5000, 42)
	must(t, h.m.CopyOut(b+6000, []byte{7}))
	device[100] = 9
	want(t, g, a+100, 9)
	want(t, g, a+6000, 7)
	if _, kr := g.m.CacheAttribute(a+size, 1); kr != abi.KERN_INVALID_ADDRESS {
		t.Errorf("attribute of a hole: %d", kr)
	}
	if v, kr := g.m.CacheAttribute(a, size); kr != 0 || v != abi.MATTR_VAL_OFF {
		t.Errorf("cache attribute %d (%d)", v, kr)
	}
	plain, kr := g.m.Allocate(0, size, Anywhere)
	must(t, kr)
	if v, kr := g.m.CacheAttribute(plain, size); kr != 0 || v != abi.MATTR_VAL_ON {
		t.Errorf("cache attribute of plain memory %d (%d)", v, kr)
	}

	// Nothing of this takes pages away from the device, or from guests.
	must(t, g.m.Msync(a, size, abi.VM_SYNC_SYNCHRONOUS|abi.VM_SYNC_INVALIDATE))
	o.Invalidate(0, size)
	o.Reclaim()
	scan(t, f, 1<<40)
	c := g.fork(t)
	must(t, c.write(a+3, 77))
	if device[3] != 77 {
		t.Error("a child's write does not reach the device")
	}
	c.exit()
	p := enter(h, true)
	must(t, h.write(p+100, 1))
	if device[100] != 9 {
		t.Error("a private write reaches the device")
	}
	want(t, g, a+5000, 42)
	o.Unref()
	g.exit()
	if gone != 0 {
		t.Error("gone while it is mapped")
	}
	h.exit()
	if gone != 1 {
		t.Errorf("gone %d times", gone)
	}
	if device[5000] != 42 || f.pages() != size>>pageShift {
		t.Errorf("%d pages are left, the device has %d", f.pages(), size>>pageShift)
	}
	f.Free(phys, size)
}
