package vm

import (
	"bytes"
	"testing"

	"puggle/abi"
)

// CopyInClaim is CopyIn, wherever the range begins and ends.
func TestCopyInClaim(t *testing.T) {
	g := newGuest(newFakeMemory(t, 4096))
	a, kr := g.m.Allocate(0, 4*pageSize, Anywhere)
	must(t, kr)
	img := make([]byte, 3*pageSize)
	for i := range img {
		img[i] = byte(i>>8 ^ i*7)
	}
	const page = int(pageSize)
	must(t, g.m.CopyOut(a, img))
	must(t, g.m.Protect(a+2*Addr(pageSize), pageSize, abi.VM_PROT_READ, false))
	must(t, g.m.Deallocate(a+3*Addr(pageSize), pageSize))
	for _, at := range []int{0, 1, 63, 64, page - 1, page - 40, 2*page - 100, 3*page - 300} {
		for _, n := range []int{0, 1, 36, 64, 65, 255, 256, 257, 300} {
			if at+n > len(img) {
				continue
			}
			b := make([]byte, n)
			must(t, g.m.CopyInClaim(b, a+Addr(at)))
			if !bytes.Equal(b, img[at:at+n]) {
				t.Fatalf("%d bytes at %d", n, at)
			}
		}
	}
	var b [40]byte
	if kr := g.m.CopyInClaim(b[:], a+3*Addr(pageSize)-20); kr != abi.KERN_INVALID_ADDRESS {
		t.Errorf("over the end: %d", kr)
	}
	if kr := g.m.CopyInClaim(b[:], ^Addr(0)-10); kr != abi.KERN_INVALID_ADDRESS {
		t.Errorf("around the end of all addresses: %d", kr)
	}
	must(t, g.m.Protect(a, pageSize, abi.VM_PROT_NONE, false))
	if kr := g.m.CopyInClaim(b[:], a); kr != abi.KERN_PROTECTION_FAILURE {
		t.Errorf("without a right to: %d", kr)
	}
}
