package nullfs

import (
	"testing"

	"puggle/abi"
	"puggle/bsd/fs/ramfs"
	"puggle/bsd/sys"
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

// What the mount below forbids, the layer's does too.
func TestForbidden(t *testing.T) {
	root, e := ramfs.New(1 << 20).Root(&vfs.Mount{Flags: abi.MNT_RDONLY | abi.MNT_NOSUID})
	if e != 0 {
		t.Fatal(e)
	}
	fs, e := New(root)
	if e != 0 {
		t.Fatal(e)
	}
	m := &vfs.Mount{Flags: abi.MNT_NODEV}
	if _, e := fs.Root(m); e != 0 {
		t.Fatal(e)
	}
	if want := uint32(abi.MNT_RDONLY | abi.MNT_NOSUID | abi.MNT_NODEV); m.Flags != want {
		t.Errorf("flags %#x, want %#x", m.Flags, want)
	}
}

// A vnode in use keeps the layer's directory through a forced unmount, and lets it go in the end.
func TestForcedUnmount(t *testing.T) {
	ctx := &sys.Context{Cred: &sys.Cred{}}
	root, e := ramfs.New(1 << 20).Root(&vfs.Mount{})
	if e != 0 {
		t.Fatal(e)
	}
	if e := root.Ops.Mkdir(ctx, "dir", 0o755); e != 0 {
		t.Fatal(e)
	}
	lower, e := root.Ops.Lookup(ctx, "dir")
	if e != 0 {
		t.Fatal(e)
	}
	if e := lower.Ops.Mkdir(ctx, "sub", 0o755); e != 0 {
		t.Fatal(e)
	}
	before := lower.Refs()
	fs, e := New(lower.Ref())
	if e != 0 {
		t.Fatal(e)
	}
	top, e := fs.Root(&vfs.Mount{})
	if e != 0 {
		t.Fatal(e)
	}
	sub, e := top.Ops.Lookup(ctx, "sub")
	if e != 0 {
		t.Fatal(e)
	}
	if e := fs.Unmount(ctx, false); e != abi.EBUSY {
		t.Fatalf("a layer in use: %v", e)
	}
	if e := fs.Unmount(ctx, true); e != 0 {
		t.Fatal(e)
	}
	if lower.Refs() <= before {
		t.Errorf("%d references below while a vnode is in use, %d before", lower.Refs(), before)
	}
	if p, e := sub.Ops.Path(ctx); e != 0 || p != "sub" {
		t.Errorf("path %q, %v", p, e)
	}
	sub.Unref()
	if lower.Refs() != before {
		t.Errorf("%d references below at the end, %d before", lower.Refs(), before)
	}
}
