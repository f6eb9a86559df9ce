package kpi

import (
	"testing"

	"puggle/abi"
	"puggle/mach/vm"
)

// A memory entry that another thread has released while it was looked up is not mapped.
func TestReleasedMemoryEntry(t *testing.T) {
	k := bare(t, Config{})
	base := Addr(load(t, k, "frames.o").Image.Base)
	n, kr := k.Map.MakeMemoryEntry(base, 4096, abi.VM_PROT_READ, 0)
	if kr != abi.KERN_SUCCESS {
		t.Fatal(kr)
	}
	e := &memoryEntry{NamedEntry: n}
	k.sharing.entries.Add(1)
	spec := vm.MapSpec{Size: 4096, Flags: vm.Anywhere, Cur: abi.VM_PROT_READ, Max: abi.VM_PROT_READ}
	a, kr := e.enter(k.Map, spec)
	if kr != abi.KERN_SUCCESS {
		t.Fatal(kr)
	}
	k.Map.Deallocate(a, 4096)
	k.releaseEntry(e)
	if a, kr := e.enter(k.Map, spec); kr != abi.KERN_INVALID_OBJECT {
		t.Errorf("%#x, %v", a, kr)
	}
}
