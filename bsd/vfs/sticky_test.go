package vfs_test

import (
	"testing"

	"puggle/abi"
	"puggle/bsd/fs/ramfs"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/mach/sched"
)

// TestSticky: in a directory like /tmp, which all may write to, nobody but its owner and root
// removes, renames or replaces a file; without the sticky bit anybody does.
func TestSticky(t *testing.T) {
	tree, e := vfs.NewTree(ramfs.New(1<<20), "test", "test", 0)
	if e != 0 {
		t.Fatal(e)
	}
	ns := tree.NewNamespace()
	defer ns.Release()
	as := func(uid uint32) *sys.Context {
		return &sys.Context{Thread: sched.NewThread("test"), PID: 1, Cred: &sys.Cred{UID: uid, GID: 20}}
	}
	root, owner, other := as(0), as(501), as(502)
	for _, d := range []string{"tmp", "open"} {
		if e := vfs.Mkdir(root, ns, nil, d, 0o777); e != 0 {
			t.Fatal(e)
		}
	}
	chmod := func(path string, mode uint16) {
		if e := vfs.ApplyPath(root, ns, nil, path, true, &vfs.SetAttr{Valid: vfs.AttrMode, Mode: mode}); e != 0 {
			t.Fatal(e)
		}
	}
	chmod("tmp", 0o1777)
	chmod("open", 0o777)
	make := func(ctx *sys.Context, path string) {
		t.Helper()
		of, e := vfs.Open(ctx, ns, nil, path, abi.O_RDWR|abi.O_CREAT, 0o666)
		if e != 0 {
			t.Fatalf("%s: %v", path, e)
		}
		of.Unref(ctx)
	}
	want := func(what string, e, want abi.Errno) {
		t.Helper()
		if e != want {
			t.Errorf("%s: %v, want %v", what, e, want)
		}
	}
	make(owner, "tmp/a")
	make(other, "tmp/b")
	want("another's unlink", vfs.Unlink(other, ns, nil, "tmp/a"), abi.EPERM)
	want("another's rename away", vfs.Rename(other, ns, nil, "tmp/a", nil, "tmp/c", 0), abi.EPERM)
	want("another's rename over it", vfs.Rename(other, ns, nil, "tmp/b", nil, "tmp/a", 0), abi.EPERM)
	want("the owner's rename", vfs.Rename(owner, ns, nil, "tmp/a", nil, "tmp/c", 0), 0)
	want("the owner's unlink", vfs.Unlink(owner, ns, nil, "tmp/c"), 0)
	want("root's unlink", vfs.Unlink(root, ns, nil, "tmp/b"), 0)
	make(owner, "open/a")
	want("without the bit", vfs.Unlink(other, ns, nil, "open/a"), 0)
}
