package kpi

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"puggle/abi"
	"puggle/bsd/dev"
	"puggle/bsd/sys"
	"puggle/kernserv"
	"puggle/mach/sched"
)

// samples is the server of kernserv/testdata/samples.c, loaded.
type samples struct {
	*nextMachine
	s  *kernserv.Server
	th *sched.Thread
}

func newSamples(t *testing.T) *samples {
	m := newNextMachine(t)
	s, err := m.l.AddServer(m.server("samples", "START\nWIRE\nCALL insert 0", "CALL put_back 0", "../kernserv/testdata/samples.o"))
	if err != nil {
		t.Fatalf("%v\n%s", err, m.Messages.String())
	}
	x := &samples{m, s, m.ownThread("sample")}
	t.Cleanup(x.th.Detach)
	return x
}

func (x *samples) addr(name string) Addr {
	x.t.Helper()
	i, _ := x.l.ServerInfo("samples")
	e := x.extensionAt(i.Address)
	if e == nil {
		x.t.Fatal("not loaded")
	}
	return e.fn(x.t, name)
}

// run calls a function on a stack of 4 KB.
func (x *samples) run(name string, args ...uint64) int {
	x.t.Helper()
	v, err := x.CallSmall(x.th, x.addr(name), args...)
	if err != nil {
		x.t.Fatalf("%s: %v\n%s", name, err, x.Messages.String())
	}
	return int(int32(v))
}

func (x *samples) is(want int, name string, args ...uint64) {
	x.t.Helper()
	if v := x.run(name, args...); v != want {
		x.t.Errorf("%s: %d, want %d\n%s", name, v, want, x.Messages.String())
	}
}

// The code samples of Writing Loadable Kernel Servers do what their text says
// (doc/samples.md).
func TestNextSamples(t *testing.T) {
	x := newSamples(t)
	x.is(0x10, "set_flag", 2)
	x.is(1, "identify", 1)
	x.is(0, "identify", 2) // nothing in slot 4
	x.is(0, "valid_swapped", 2)
	x.is(int(sched.TimedOut), "wait_two")
	x.is(1, "start_thread")
	x.is(1, "memory")
	x.is(1, "locks")
	x.is(550, "levels") // at 5: curipl 5, spl3 gives 5; then 0
	x.is(1, "check", 8)
	x.is(0, "narrow", 2)

	x.is(0, "call_out")
	x.until("callouts", func() bool { return x.run("callouts") == 12 })

	x.is(0, "make_port")
	x.is(0, "send_self", 5)
	x.until("handled", func() bool { return x.run("times_handled") == 105 })
	x.is(0, "pause_port")
	x.is(0, "send_self", 6)
	time.Sleep(5 * time.Millisecond)
	x.is(105, "times_handled")
	x.is(0, "resume_port")
	x.until("handled", func() bool { return x.run("times_handled") == 106 })
	x.is(0, "drop_port")
	x.is(-102, "send_self", 7)

	if d := time.Since(time.Unix(int64(x.run("times")), 0)); d < -time.Minute || d > time.Minute {
		t.Errorf("microtime is %v off", d)
	}
	x.is(110, "two_timeouts")
	x.is(1, "start_timeout", 3)
	x.until("timeout", func() bool { return x.run("elapsed") == 13 }) // at level 1
}

// Two handlers: the second is asked only when the first says FALSE.
func TestPolledInterrupts(t *testing.T) {
	x := newSamples(t)
	slot := x.addSlot()
	x.access("slot2", 4000, 1, 0xfffff0, 4, 0) // loads it: its handler is behind ours
	x.until("loaded", func() bool { return slot.State() == kernserv.Loaded })
	// slot_init ran before, so its handler is first.
	x.is(-10, "device_initialize", 1)
	x.access("slot2", 4001, 1, 0x104, 1, 1)
	x.until("interrupt", func() bool { _, m := x.access("slot2", 4000, 1, 0xffffec, 1, 0); return m == 0 })
	x.is(0, "times_polled") // slot's own took it
	err := x.l.UnloadServer("samples")
	if err == nil || !strings.Contains(err.Error(), "polled interrupt handler device_interrupt") {
		t.Errorf("unloaded: %v", err)
	}
	if err := x.l.UnloadServer("slot"); err != nil {
		t.Fatal(err)
	}
	// Level 5 keeps it waiting; it arrives at splx.
	th := sched.NewThread("level")
	old := x.l.Interrupts.Spl(th, 5)
	x.bus.Write(0xf2ffffec, 1, 0x80)
	time.Sleep(5 * time.Millisecond)
	x.is(0, "times_polled")
	x.l.Interrupts.Splx(th, old)
	x.until("polled", func() bool { return x.run("times_polled") > 0 })
	x.until("storm", func() bool {
		return strings.Contains(x.Messages.String(), "slot 2 interrupts and nobody stops it: masked")
	})
	x.is(-10, "device_shutdown")
	if err := x.l.UnloadServer("samples"); err != nil {
		t.Error(err)
	}
}

// The server's entry in cdevsw[] is the kernel's, until it puts the old one back.
func TestSwitchTable(t *testing.T) {
	x := newSamples(t)
	const major = 40
	sw := dev.CdevswAt(major)
	if sw == nil || sw.Open == nil || sw.Read == nil {
		t.Fatal("no entry")
	}
	ctx := &sys.Context{Thread: x.th, Cred: &sys.Cred{}}
	f, e := dev.Open(ctx, false, dev.Makedev(major, 3), 0)
	if e != 0 {
		t.Fatal(e)
	}
	b := make([]byte, 20)
	u := sys.NewUio(b)
	if e := f.Read(ctx, u, 0); e != 0 || u.Resid != 5 || string(b[:15]) != "from the server" {
		t.Errorf("read: %v, %q", e, b)
	}
	if e := f.Write(ctx, sys.NewUio([]byte{1, 2, 3, 4}), 0); e != 0 {
		t.Errorf("write: %v", e)
	}
	if v, _ := x.U32(x.addr("instance") + 8); v != 0x01020304 {
		t.Errorf("written: %#x", v)
	}
	// Who selects is told when a routine of a server has made the device ready.
	filter := sw.Select(dev.Makedev(major, 3), sys.EVFILT_READ)
	var told atomic.Int32
	kn := &sys.Knote{Filter: sys.EVFILT_READ, Activate: func(uint32) { told.Add(1) }}
	filter.Attach(kn)
	if filter.Ready(kn).Ready {
		t.Error("it is ready")
	}
	before := told.Load()
	x.PutU32(x.addr("selectable"), 1)
	if _, err := (nextKernel{x.KernelTask}).Call(x.th, x.addr("levels")); err != nil {
		t.Error(err)
	}
	if told.Load() == before || !filter.Ready(kn).Ready {
		t.Errorf("told %d times, ready %v", told.Load()-before, filter.Ready(kn).Ready)
	}
	filter.Detach(kn)
	arg := []byte{7, 0, 0, 0}
	if e := sw.Ioctl(ctx, dev.Makedev(major, 3), 0xc0047801, arg, 0); e != 0 || arg[0] != 10 {
		t.Errorf("ioctl: %v %v", e, arg)
	}
	// suser, of the process that calls.
	for _, c := range []struct {
		uid  uint32
		want abi.Errno
	}{{0, 0}, {501, abi.EPERM}} {
		user := &sys.Context{Thread: x.th, Cred: &sys.Cred{UID: c.uid, RUID: c.uid, SVUID: c.uid}}
		if e := sw.Ioctl(user, dev.Makedev(major, 3), 0x20007802, nil, 0); e != c.want {
			t.Errorf("ioctl by user %d: %v, want %v", c.uid, e, c.want)
		}
		// The accounting flag of who used the super-user's rights.
		used := make([]byte, 4)
		if e := sw.Ioctl(user, dev.Makedev(major, 3), 0x40047803, used, 0); e != c.want || (used[0] == 1) != (c.want == 0) {
			t.Errorf("the flag of user %d: %v %v", c.uid, used, e)
		}
	}
	f.Close(ctx)
	if n, _ := x.U32(x.addr("opened")); n != 1 {
		t.Errorf("%d opens", n)
	}
	if n, _ := x.U32(x.addr("closed")); n != 1 {
		t.Errorf("%d closes", n)
	}
	// The block half, in parts of blocks and past the end.
	blk, e := dev.Open(ctx, true, dev.Makedev(major+1, 0), 0)
	if e != 0 {
		t.Fatal(e)
	}
	text := bytes.Repeat([]byte("0123456789"), 120)
	w := sys.NewUio(append([]byte(nil), text...))
	w.Offset = 300
	if e := blk.Write(ctx, w, 0); e != 0 || w.Resid != 0 {
		t.Errorf("write of blocks: %v, %d left", e, w.Resid)
	}
	got := make([]byte, 3000)
	r := sys.NewUio(got)
	if e := blk.Read(ctx, r, 0); e != 0 || r.Resid != 3000-2048 || !bytes.Equal(got[300:1500], text) || got[299] != 0 || got[1500] != 0 {
		t.Errorf("read of blocks: %v, %d left", e, r.Resid)
	}
	if refs := x.Extensions()[0].References(); len(refs) < 2 {
		t.Errorf("references: %v", refs)
	}
	blk.Close(ctx)
	if err := x.l.UnloadServer("samples"); err != nil {
		t.Fatal(err)
	}
	if dev.BdevswAt(major+1) != nil {
		t.Error("the block entry is still there")
	}
	if dev.CdevswAt(major) != nil {
		t.Error("the entry is still there")
	}
}

// Mistakes end the server, and not the machine.
func TestServerMistakes(t *testing.T) {
	for _, c := range []struct{ fn, want string }{
		{"page_sized", "kget: the size is a page or more"},
		{"large_variable", "kernel stack overflow (4 KB)"},
	} {
		x := newSamples(t)
		if _, err := x.CallSmall(x.th, x.addr(c.fn), 5); err == nil || !strings.Contains(x.Messages.String(), c.want) {
			t.Errorf("%s: %v\n%s", c.fn, err, x.Messages.String())
		}
		x.l.UnloadServer("samples")
		if dev.CdevswAt(40) != nil {
			t.Errorf("%s: the entry is still there", c.fn)
		}
	}
	// ASSERT with panic redefined: the server goes, the system stays.
	x := newSamples(t)
	x.run("check", 0)
	x.until("unloaded", func() bool { return x.s.State() == kernserv.Allocated })
	if got := x.Messages.String(); !strings.Contains(got, "assertion failed: line ") || !strings.Contains(got, "kern_loader: samples: assertion\n") {
		t.Errorf("messages: %s", got)
	}
}

// TestWiredServer: a server that is loaded with WIRE has its pages wired, and those that it
// asks for, until they are unwired or the server goes.
func TestWiredServer(t *testing.T) {
	x := newSamples(t)
	i, err := x.l.ServerInfo("samples")
	if err != nil {
		t.Fatal(err)
	}
	with := x.Map.WiredSize()
	if with < uint64(i.Size) || i.Size == 0 {
		t.Errorf("%d bytes are wired, the server has %d", with, i.Size)
	}
	ksp := x.addr("instance")
	p, err := nextKernel{x.KernelTask}.Kalloc(3 * 4096)
	if err != nil {
		t.Fatal(err)
	}
	at := (p + 4095) &^ 4095
	for _, c := range []struct {
		what string
		got  KernReturn
		want KernReturn
	}{
		{"unwire", x.l.UnwireRange(ksp, at, 8192), abi.KERN_INVALID_ARGUMENT},
		{"wire", x.l.WireRange(ksp, at, 8192), 0},
		{"unwire", x.l.UnwireRange(ksp, at, 8192), 0},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
	x.l.WireRange(ksp, at, 8192)
	if n := x.Map.WiredSize(); n != with+8192 {
		t.Errorf("%d bytes are wired, want %d", n, with+8192)
	}
	x.l.UnwireRange(ksp, at, 8192)
	if err := x.l.UnloadServer("samples"); err != nil {
		t.Fatal(err)
	}
	if n := x.Map.WiredSize(); n+uint64(i.Size) > with {
		t.Errorf("%d bytes are wired when the server is gone, were %d with it", n, with)
	}
}

// TestNoDMA: drivers for the NeXTbus have no direct memory access: nothing that they may
// call, and nothing that their headers name, offers it.
func TestNoDMA(t *testing.T) {
	n := 0
	for _, r := range Table() {
		if !hasTag(r.KPI, "next") && r.Since != "1990" {
			continue
		}
		n++
		if strings.Contains(strings.ToLower(r.Name+r.Proto), "dma") {
			t.Errorf("%s", r.Proto)
		}
	}
	if n < 50 {
		t.Errorf("only %d functions of 1990", n)
	}
	headers := 0
	err := filepath.WalkDir("../sdk/next/include", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		if strings.Contains(strings.ToLower(string(b)), "dma_") {
			t.Errorf("%s names it", p)
		}
		headers++
		return err
	})
	if err != nil || headers < 10 {
		t.Errorf("%d headers, %v", headers, err)
	}
}
