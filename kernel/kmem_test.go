package kernel

import (
	"bytes"
	"testing"

	"puggle/abi"
	"puggle/bsd/dev"
	"puggle/bsd/sys"
	"puggle/bsd/sysctl"
	"puggle/kpi"
	"puggle/mach/sched"
)

// bootVersion boots a machine, and says where the kernel task's variable version is.
func bootVersion(t *testing.T) (*System, *Extensions, kpi.Addr) {
	t.Helper()
	s, err := Boot(Config{MemSize: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	x, err := s.Extensions()
	if err != nil {
		t.Fatal(err)
	}
	at, ok := x.Task.Debugger().Symbol("version")
	if !ok {
		t.Fatal("no version")
	}
	return s, x, at
}

// TestKmem: root reads and writes variables of the kernel task; others may not, and at a
// secure level of 1 nobody writes.
func TestKmem(t *testing.T) {
	s, x, at := bootVersion(t)
	root := &sys.Context{Thread: sched.NewThread("test"), Cred: &sys.Cred{}}
	open := func(ctx *sys.Context, flags int) (sys.FileOps, abi.Errno) {
		return dev.Open(ctx, false, dev.Makedev(dev.MajorMem, dev.MinorKmem), flags)
	}
	if _, e := open(&sys.Context{Thread: root.Thread, Cred: &sys.Cred{UID: 501}}, abi.FREAD); e != abi.EACCES {
		t.Errorf("opened by user 501: %v", e)
	}
	f, e := open(root, abi.FREAD|abi.FWRITE)
	if e != 0 {
		t.Fatal(e)
	}
	b := make([]byte, 6)
	u := sys.NewUio(b)
	u.Offset = int64(at)
	if e := f.Read(root, u, 0); e != 0 || string(b) != "Darwin" {
		t.Errorf("version: %q, %v", b, e)
	}
	u = sys.NewUio(make([]byte, 8))
	u.Offset = 16
	if e := f.Read(root, u, 0); e != abi.EFAULT {
		t.Errorf("nothing: %v", e)
	}
	hz, ok := x.Task.Debugger().Symbol("hostname")
	if !ok {
		t.Fatal("no hostname")
	}
	u = sys.NewUio([]byte("other\x00"))
	u.Offset = int64(hz)
	if e := f.Write(root, u, 0); e != 0 {
		t.Errorf("writing: %v", e)
	}
	if x.Task.Read(b, hz); !bytes.Equal(b, []byte("other\x00")) {
		t.Errorf("written: %q", b)
	}
	req := &sysctl.Req{Ctx: root, HasNew: true, New: []byte{1, 0, 0, 0}}
	if e := s.Sysctl.CallByName("kern.securelevel", req); e != 0 {
		t.Fatal(e)
	}
	u = sys.NewUio([]byte{0})
	u.Offset = int64(hz)
	if e := f.Write(root, u, 0); e != abi.EPERM {
		t.Errorf("writing at securelevel 1: %v", e)
	}
	if _, e := open(root, abi.FWRITE); e != abi.EPERM {
		t.Errorf("opening for writing at securelevel 1: %v", e)
	}
	// What the kernel says of its version, in both places.
	version := &sysctl.Req{Ctx: root, HasOld: true, OldLen: 256}
	if e := s.Sysctl.CallByName("kern.version", version); e != 0 {
		t.Fatal(e)
	}
	v, _ := version.Result()
	if k, _ := x.Task.String(at, 256); k == "" || k != string(bytes.TrimRight(v, "\x00")) {
		t.Errorf("version %q, kern.version %q", k, v)
	}
}

// TestMem: root reads physical memory, where there is some, and a variable of the kernel task's is
// in it; it can be written there, but not the machine's own pages and what is no memory, and at a secure level
// of 1 nothing.
func TestMem(t *testing.T) {
	s, x, at := bootVersion(t)
	want := make([]byte, 256)
	if !x.Task.Read(want, at) {
		t.Fatal("version can't be read")
	}
	root := &sys.Context{Thread: sched.NewThread("test"), Cred: &sys.Cred{}}
	open := func(uid uint32, flags int) (sys.FileOps, abi.Errno) {
		return dev.Open(&sys.Context{Thread: root.Thread, Cred: &sys.Cred{UID: uid}}, false, dev.Makedev(dev.MajorMem, dev.MinorMem), flags)
	}
	if _, e := open(501, abi.FREAD); e != abi.EACCES {
		t.Errorf("opened by user 501: %v", e)
	}
	f, e := open(0, abi.FREAD|abi.FWRITE)
	if e != 0 {
		t.Fatal(e)
	}
	write := func(text string, at int64) abi.Errno {
		u := sys.NewUio([]byte(text))
		u.Offset = at
		return f.Write(root, u, 0)
	}
	found, page := false, make([]byte, 4096)
	for addr := int64(0); addr < 1<<30 && !found; addr += 4096 {
		u := sys.NewUio(page)
		u.Offset = addr
		switch e := f.Read(root, u, 0); e {
		case 0:
			if found = bytes.HasPrefix(page[at&4095:], want[:min(256, 4096-at&4095)]); found {
				if e := write("Doctor", addr+int64(at&4095)); e != 0 {
					t.Errorf("writing: %v", e)
				}
			}
		case abi.EFAULT:
		default:
			t.Fatalf("at %#x: %v", addr, e)
		}
	}
	if !found {
		t.Error("the kernel's version is nowhere")
	}
	if got := make([]byte, 6); !x.Task.Read(got, at) || string(got) != "Doctor" {
		t.Errorf("the variable is %q after it was written to", got)
	}
	if e := write("x", 0); e != abi.EFAULT {
		t.Errorf("a page of the machine's: %v", e)
	}
	for _, addr := range []int64{1 << 45, 1<<63 - 4096} {
		if e := write("x", addr); e != abi.EFAULT {
			t.Errorf("writing at %#x: %v", addr, e)
		}
		u := sys.NewUio(page)
		u.Offset = addr
		if e := f.Read(root, u, 0); e != abi.EFAULT {
			t.Errorf("at %#x: %v", addr, e)
		}
	}
	// Looking makes no memory of what is none: 64 MB of it, with room for what the machine does itself
	// meanwhile, which prepares libraries and shells behind its start.
	resident, absent := s.Machine.Memory().Resident(), 0
	for addr := int64(1<<30 - 4096); addr >= 0 && absent < 16384; addr -= 4096 {
		u := sys.NewUio(page)
		u.Offset = addr
		if f.Read(root, u, 0) == abi.EFAULT {
			absent++
		}
	}
	if now := s.Machine.Memory().Resident(); absent < 16384 || now > resident+8<<20 {
		t.Errorf("%d KB of memory are in use, from %d, after looking at %d pages that are absent", now>>10, resident>>10, absent)
	}
	req := &sysctl.Req{Ctx: root, HasNew: true, New: []byte{1, 0, 0, 0}}
	if e := s.Sysctl.CallByName("kern.securelevel", req); e != 0 {
		t.Fatal(e)
	}
	if e := write("x", 0); e != abi.EPERM {
		t.Errorf("writing at securelevel 1: %v", e)
	}
	if _, e := open(0, abi.FWRITE); e != abi.EPERM {
		t.Errorf("opened for writing at securelevel 1: %v", e)
	}
}

// TestRandom: what the random device gives is not the same twice, and it takes what it is given.
func TestRandom(t *testing.T) {
	ctx := &sys.Context{Thread: sched.NewThread("test"), Cred: &sys.Cred{UID: 501}}
	var got [2][64]byte
	for i := range got {
		f, e := dev.Open(ctx, false, dev.Makedev(dev.MajorRandom, i), abi.FREAD|abi.FWRITE) // random, urandom
		if e != 0 {
			t.Fatal(e)
		}
		if e := f.Read(ctx, sys.NewUio(got[i][:]), 0); e != 0 {
			t.Error(e)
		}
		if e := f.Write(ctx, sys.NewUio([]byte("seed")), 0); e != 0 {
			t.Error(e)
		}
		f.Close(ctx)
	}
	if got[0] == got[1] || got[0] == [64]byte{} {
		t.Errorf("%x and %x", got[0], got[1])
	}
}
