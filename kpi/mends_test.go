package kpi

import (
	"testing"

	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/mach/sched"
	"puggle/mach/task"
)

// TestThreadNotKept: a thread of the kernel that works for a process, and isn't the process's own, is
// forgotten when the upcall is over: nobody says when it ends.
func TestThreadNotKept(t *testing.T) {
	k := bare(t, Config{})
	e := load(t, k, "misdeeds.o")
	bytes, blocks := k.MemoryInUse()
	for range 10 {
		ctx := &sys.Context{Thread: sched.NewThread("vfs"), Cred: rootCred, Proc: &kern.Proc{}}
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

// TestUnmountGate: while a file system is being unmounted, who is inside goes on, and the others wait
// for the outcome, which may be the extension's death.
func TestUnmountGate(t *testing.T) {
	k := bare(t, Config{})
	k.cfg.Tree = new(vfs.Tree)
	e := load(t, k, "misdeeds.o")
	typ := &fsType{k: k, ft: &vfs.FSType{Name: "x"}, mounts: map[*kextFS]bool{}, ready: true}
	typ.ops[vfsMount] = e.fn(t, "hello")
	x, errno := typ.newFS(nil, 0, 0)
	if errno != 0 {
		t.Fatal(errno)
	}
	fs := x.(*kextFS)
	in, other := sched.NewThread("in"), sched.NewThread("other")
	want := func(what string, got, want abi.Errno) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	fs.state.Store(fsMounted)
	want("mounted", fs.enter(in), 0)
	fs.state.Store(fsLeaving)
	want("within a call in progress", fs.enter(in), 0)
	fs.exit(in)
	want("another Unmount", fs.Unmount(nil, true), abi.EBUSY)
	// Who has to end does not wait, but to close a file.
	owner := new(task.Thread)
	owner.PostAST(task.ASTTerminate)
	killed := sched.NewThread("killed")
	killed.Owner = owner
	fs.state.Store(fsLeaving)
	last := make(chan abi.Errno, 1)
	go func() { last <- fs.enterLast(killed) }()
	want("by who is killed", fs.enter(killed), abi.EINTR)
	if len(last) > 0 {
		t.Errorf("a close does not wait: %v", <-last)
	}
	fs.state.Store(fsMounted)
	want("a close", <-last, 0)
	fs.exit(killed)
	want("by who is killed, mounted", fs.enter(killed), 0)
	fs.exit(killed)
	for _, c := range []struct {
		name    string
		outcome func()
		want    abi.Errno
	}{
		{"it fails", func() { fs.state.Store(fsMounted) }, 0},
		{"by force", func() { fs.state.Store(fsForced) }, abi.ENXIO},
		{"gone", func() { fs.state.Store(fsGone) }, abi.ENXIO},
		{"dead", func() {
			th := k.ownThread("test")
			defer th.Detach()
			if _, err := k.Call(th, e.fn(t, "undefined")); err == nil {
				t.Error("no panic")
			}
		}, abi.EIO},
	} {
		fs.state.Store(fsLeaving)
		done := make(chan abi.Errno, 1)
		go func() { done <- fs.enter(other) }()
		c.outcome()
		e := <-done
		if want(c.name, e, c.want); e == 0 {
			fs.exit(other)
		}
	}
	fs.state.Store(fsMounted)
	if fs.quiet(other) {
		t.Error("quiet, with a call in progress")
	}
	fs.exit(in)
	fs.state.Store(fsMounted)
	want("unmount", fs.Unmount(nil, false), 0)
	want("unmount, again", fs.Unmount(nil, false), 0)
	want("when it is gone", fs.enter(other), abi.ENXIO)
}
