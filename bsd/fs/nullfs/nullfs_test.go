package nullfs

import (
	"testing"

	"puggle/abi"
	"puggle/bsd/fs/ramfs"
	"puggle/bsd/vfs"
)

// Layers over layers have an end.
func TestDepth(t *testing.T) {
	m := &vfs.Mount{}
	lower, e := ramfs.New(1 << 20).Root(m)
	if e != 0 {
		t.Fatal(e)
	}
	for depth := 1; depth <= MaxDepth; depth++ {
		fs, e := New(lower.Ref())
		if e != 0 {
			t.Fatalf("layer %d: %v", depth, e)
		}
		if lower, e = fs.Root(m); e != 0 {
			t.Fatal(e)
		}
	}
	if _, e := New(lower); e != abi.ELOOP {
		t.Errorf("one more: %v", e)
	}
}
