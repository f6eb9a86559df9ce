package vm

import (
	"strings"
	"testing"

	"puggle/abi"
)

// TestCopyInString has strings end at and around the bounds of lines and pages, with
// nothing mapped behind.
func TestCopyInString(t *testing.T) {
	f := newFakeMemory(t, 100)
	m := NewMap(f, newFakePmap(f), testLo, testHi)
	a, kr := m.Allocate(0, 2*pageSize, Anywhere)
	if kr != 0 {
		t.Fatal(kr)
	}
	end := a + Addr(2*pageSize)
	for _, n := range []int{0, 1, 62, 63, 64, 65, 127, 128, 255, 256, 257, 4095, 4096, 5000} {
		for _, gap := range []Addr{0, 1, 63, 64, 100} {
			at := end - gap - Addr(n+1)
			want := strings.Repeat("p", n)
			// What is behind the string is no part of it.
			if kr := m.CopyOut(at, append([]byte(want+"\x00"), strings.Repeat("q", int(gap))...)); kr != 0 {
				t.Fatal(kr)
			}
			if s, kr := m.CopyInString(at, 2*int(pageSize)); kr != 0 || s != want {
				t.Errorf("%d bytes, %d before the end: %d bytes, %v", n, gap, len(s), kr)
			}
			if s, kr := m.CopyInString(at, n); kr != abi.KERN_NO_SPACE {
				t.Errorf("%d bytes, of %d: %q, %v", n, n, s, kr)
			}
			if s, kr := m.CopyInString(at, n+1); kr != 0 || s != want {
				t.Errorf("%d bytes, of %d: %d bytes, %v", n, n+1, len(s), kr)
			}
		}
	}
	m.CopyOut(end-3, []byte("abc"))
	if s, kr := m.CopyInString(end-3, 100); kr != abi.KERN_INVALID_ADDRESS {
		t.Errorf("without an end: %q, %v", s, kr)
	}
}
