package vm

import (
	"testing"

	"puggle/abi"
)

// TestPinAcrossFork: what a transfer puts into pinned memory reaches the task that
// waits for it, although a fork and a write moved its page meanwhile.
func TestPinAcrossFork(t *testing.T) {
	f := newFakeMemory(t, 256)
	g := newGuest(f)
	defer g.exit()
	m := g.m
	a, kr := m.Allocate(0, 4*0x1000, Anywhere)
	if kr != 0 {
		t.Fatal(kr)
	}
	if kr := m.CopyOut(a, []byte("before")); kr != 0 {
		t.Fatal(kr)
	}
	p, kr := m.Pin(a, 5, abi.VM_PROT_READ|abi.VM_PROT_WRITE)
	if kr != 0 {
		t.Fatal(kr)
	}
	child := g.fork(t)
	defer child.exit()
	if kr := m.CopyOut(a+0x100, []byte("elsewhere")); kr != 0 { // moves the parent's page
		t.Fatal(kr)
	}
	copy(p.Slices()[0], "after")
	p.Release()
	var b [6]byte
	if m.CopyIn(b[:], a); string(b[:]) != "aftere" {
		t.Errorf("the parent reads %q, want %q", b, "aftere")
	}
}
