package kpi

import (
	"testing"

	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// TestThreadNotKept: a thread of the kernel that works for a process, and isn't the process's own, is
// forgotten when the upcall is over: nobody says when it ends.
func TestThreadNotKept(t *testing.T) {
	k := bare(t, Config{})
	e := load(t, k, "misdeeds.o")
	bytes, blocks := k.MemoryInUse()
	for range 10 {
		ctx := &sys.Context{Thread: newFSThread(), Cred: rootCred, Proc: &kern.Proc{}}
		if v, err := k.CallContext(ctx, e.fn(t, "add"), 1, 2, 4, 8, 16, 32, 64, 128); err != nil || v != 255 {
			t.Fatalf("%d, %v", v, err)
		}
		if _, ok := k.threads.Load(ctx.Thread); ok {
			t.Fatal("it is kept")
		}
	}
	if b, n := k.MemoryInUse(); b != bytes || n != blocks {
		t.Errorf("%d bytes in %d blocks, before %d in %d", b, n, bytes, blocks)
	}
}

// TestMountForgotten: a file system whose Root is never called leaves nothing behind that would keep
// its type.
func TestMountForgotten(t *testing.T) {
	k := bare(t, Config{})
	k.cfg.Tree = new(vfs.Tree)
	typ := &fsType{k: k, ft: &vfs.FSType{Name: "x"}, mounts: map[*kextFS]bool{}, ready: true}
	if _, e := typ.newFS(nil, 0, 0); e != 0 {
		t.Fatal(e)
	}
	if !typ.remove() {
		t.Error("it is busy")
	}
	if _, e := typ.newFS(nil, 0, 0); e == 0 {
		t.Error("it is used after it was removed")
	}
}

// TestControlDead: what is sent to a control whose extension is dead is freed.
func TestControlDead(t *testing.T) {
	k := bare(t, Config{})
	e := load(t, k, "misdeeds.o")
	th := k.ownThread("test")
	defer th.Detach()
	if _, err := k.Call(th, e.fn(t, "undefined")); err == nil {
		t.Fatal("no panic")
	}
	x := &kextControl{k: k, send: e.fn(t, "hello")}
	if errno := x.Send(&sys.Context{Thread: th}, &socket.ControlPCB{}, []byte("abc"), 0); errno != abi.EIO {
		t.Errorf("it is sent: %v", errno)
	}
	if n := len(k.mbufs.all); n != 0 {
		t.Errorf("%d mbufs are left", n)
	}
}
