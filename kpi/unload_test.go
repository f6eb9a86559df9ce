package kpi_test

import (
	"encoding/binary"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/sysctl"
	"puggle/kernel"
	"puggle/kpi"
	"puggle/mach/ipc"
	"puggle/mach/sched"
)

// value reads or writes an int by name, as root.
func value(s *kernel.System, name string, set ...uint32) (uint32, abi.Errno) {
	req := &sysctl.Req{Ctx: &sys.Context{Thread: sched.NewThread("test"), Cred: root}, HasOld: true, OldLen: 8}
	if len(set) > 0 {
		req.HasNew, req.New = true, binary.LittleEndian.AppendUint32(nil, set[0])
	}
	e := s.Sysctl.CallByName(name, req)
	b, _ := req.Result()
	if len(b) < 4 {
		return 0, e
	}
	return binary.LittleEndian.Uint32(b), e
}

// TestUnloadSafety leaves each kind of thing behind: the extension stays, and the error
// names it.
func TestUnloadSafety(t *testing.T) {
	for _, c := range []struct {
		leave uint32
		named []string // "" is a clean unload
	}{
		{0, nil},
		{1, []string{"sysctl sticky_crash"}},
		{2, []string{"character device switch entry", "device node /dev/sticky3.x"}},
		{4, []string{"timeout com.example.sticky`idle"}},
		{8, []string{"thread call com.example.sticky`twice"}},
		{16, []string{"thread com.example.sticky`thread"}},
		{32, nil},
	} {
		s, x := boot(t)
		if _, err := x.Load(root, packObject(t, "testdata/sticky.o", "testdata/sticky.plist", "sticky")); err != nil {
			t.Fatal(err)
		}
		if v, e := value(s, "debug.sticky_boot"); e != 0 || v != 0x14e {
			t.Errorf("boot arguments: %#x, %v", v, e)
		}
		if v, e := value(s, "debug.sticky_timers"); e != 0 || v != 123 {
			t.Errorf("timers: %d, %v\n%s", v, e, x.Task.Messages)
		}
		if _, e := value(s, "debug.sticky_leave", c.leave); e != 0 {
			t.Fatal(e)
		}
		err := x.Unload(root, "com.example.sticky")
		if c.named == nil {
			if err != nil {
				t.Errorf("leave %d: %v", c.leave, err)
			}
			if leak := strings.Contains(x.Task.Messages.String(), "1 blocks of memory (1000 bytes) were not freed"); leak != (c.leave == 32) {
				t.Errorf("leave %d: messages %s", c.leave, x.Task.Messages)
			}
			continue
		}
		var ref *kpi.ReferencedError
		if !errors.As(err, &ref) {
			t.Errorf("leave %d: %v", c.leave, err)
			continue
		}
		for _, n := range c.named {
			if !strings.Contains(err.Error(), n) {
				t.Errorf("leave %d: %v, want %s", c.leave, err, n)
			}
		}
		if len(x.Manager.Status()) != 1 {
			t.Errorf("leave %d: it is gone", c.leave)
		}
		if c.leave == 4 || c.leave == 16 {
			// It ends by itself, and then the extension can go.
			err := x.Unload(root, "com.example.sticky")
			for end := time.Now().Add(20 * time.Second); err != nil && time.Now().Before(end); {
				time.Sleep(10 * time.Millisecond)
				err = x.Unload(root, "com.example.sticky")
			}
			if err != nil {
				t.Errorf("leave %d, later: %v", c.leave, err)
			}
		}
	}
}

// TestCrash has a sysctl's handler crash: the caller gets an error, the machine goes
// on, and the dead extension can be taken out with all that it left.
func TestCrash(t *testing.T) {
	s, x := boot(t)
	dir := packObject(t, "testdata/sticky.o", "testdata/sticky.plist", "sticky")
	for range 3 {
		if _, err := x.Load(root, dir); err != nil {
			t.Fatal(err)
		}
		if _, e := value(s, "debug.sticky_crash"); e != abi.EIO {
			t.Errorf("a handler that crashes: %v", e)
		}
		m := x.Task.Messages.String()
		if !strings.Contains(m, "panic: null pointer: page fault reading 0x10") || !strings.Contains(m, "com.example.sticky`crash+0x") {
			t.Errorf("the report: %s", m)
		}
		if _, e := value(s, "debug.sticky_boot"); e != abi.EIO {
			t.Errorf("another handler of the dead extension: %v", e)
		}
		if v, e := value(s, "hw.ncpu"); e != 0 || v == 0 {
			t.Errorf("hw.ncpu: %d, %v", v, e)
		}
		if err := x.Unload(root, "com.example.sticky"); err != nil {
			t.Fatal(err)
		}
		if s.Sysctl.Lookup("debug.sticky_crash") != nil {
			t.Error("the OID is still there")
		}
	}
	if _, blocks := x.Task.MemoryInUse(); blocks > 8 {
		t.Errorf("%d blocks are left", blocks)
	}
}

// TestForgetsItself: a handler that unregisters its own OID would wait for itself; it panics, and says so.
func TestForgetsItself(t *testing.T) {
	s, x := boot(t)
	if _, err := x.Load(root, packObject(t, "testdata/sticky.o", "testdata/sticky.plist", "sticky")); err != nil {
		t.Fatal(err)
	}
	if _, e := value(s, "debug.sticky_forget"); e != abi.EIO {
		t.Errorf("the call: %v", e)
	}
	if m := x.Task.Messages.String(); !strings.Contains(m, "sysctl_unregister_oid: called by a sysctl's handler") {
		t.Errorf("the report: %s", m)
	}
	if err := x.Unload(root, "com.example.sticky"); err != nil {
		t.Fatal(err)
	}
}

func TestConstructors(t *testing.T) {
	_, x := boot(t)
	if _, err := x.Load(root, packObject(t, "testdata/cxx.o", "testdata/cxx.plist", "cxx")); err != nil {
		t.Fatal(err)
	}
	if err := x.Unload(root, "com.example.cxx"); err != nil {
		t.Fatal(err)
	}
	const want = "+noisy +loud start 102 stop -loud -noisy "
	if m := x.Task.Messages.String(); m != want {
		t.Errorf("messages %q, want %q", m, want)
	}
}

func TestStartFails(t *testing.T) {
	s, err := kernel.Boot(kernel.Config{BootArgs: "sticky_fail=1"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	x, err := s.Extensions()
	if err != nil {
		t.Fatal(err)
	}
	dir := packObject(t, "testdata/sticky.o", "testdata/sticky.plist", "sticky")
	for range 2 {
		if _, err := x.Load(root, dir); err == nil || !strings.Contains(err.Error(), "start routine failed with 0x5") {
			t.Errorf("start fails: %v", err)
		}
	}
	if len(x.Manager.Status()) != 0 || len(x.Task.Extensions()) != 0 {
		t.Error("it is loaded")
	}
}

var rounds = flag.Int("rounds", 200, "how often TestLoadUnload loads and unloads")

// TestLoadUnload loads and unloads examples and other extensions many times, and mounts and unmounts
// what is a file system; memory, threads, handles and addresses are where they were.
func TestLoadUnload(t *testing.T) {
	s, x := boot(t)
	hostThreads := func() int {
		l, _ := os.ReadDir("/proc/self/task")
		return len(l)
	}
	type bundle struct{ dir, id string }
	var all []bundle
	for _, n := range []string{"hello", "echo", "lockprof", "tcplog", "memfs"} {
		all = append(all, bundle{pack(t, n), "com.example." + n})
	}
	all = append(all, bundle{packObject(t, "testdata/cxx.o", "testdata/cxx.plist", "cxx"), "com.example.cxx"},
		bundle{packObject(t, "testdata/sticky.o", "testdata/sticky.plist", "sticky"), "com.example.sticky"})
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var bytes, size uint64
	var blocks, routines, handles, host int
	var ports, threads int64
	for i := range *rounds {
		for _, b := range all {
			if _, err := x.Load(root, b.dir); err != nil {
				t.Fatal(err)
			}
		}
		if e := mountAs(s, "memfs", dir, 0); e != 0 {
			t.Fatal(e)
		}
		if e := mountAs(s, "", dir, 0); e != 0 {
			t.Fatal(e)
		}
		for _, b := range all {
			if err := x.Unload(root, b.id); err != nil {
				t.Fatal(err)
			}
		}
		if i == 5 {
			bytes, blocks = x.Task.MemoryInUse()
			size, routines, handles = x.Task.Map.VirtualSize(), runtime.NumGoroutine(), x.Task.Handles()
			host, threads = hostThreads(), s.Tasks.NumThreads()
			ports, _ = ipc.Counts()
		}
	}
	if *rounds < 7 {
		return
	}
	if b, n := x.Task.MemoryInUse(); b != bytes || n != blocks {
		t.Errorf("%d bytes in %d blocks, before %d in %d", b, n, bytes, blocks)
	}
	if v := x.Task.Map.VirtualSize(); v != size {
		t.Errorf("%d bytes of addresses, before %d", v, size)
	}
	if n := x.Task.Handles(); n != handles {
		t.Errorf("%d handles, before %d", n, handles)
	}
	if p, _ := ipc.Counts(); p != ports {
		t.Errorf("%d ports, before %d", p, ports)
	}
	if n := s.Tasks.NumThreads(); n != threads {
		t.Errorf("%d threads, before %d", n, threads)
	}
	// The Go runtime keeps threads of the host for later: some more are no leak.
	if n := hostThreads(); n > host+32 {
		t.Errorf("%d threads of the host, before %d", n, host)
	}
	for i := 0; runtime.NumGoroutine() > routines && i < 100; i++ {
		time.Sleep(10 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > routines {
		t.Errorf("%d goroutines, before %d", n, routines)
	}
}
