package sysctl

import (
	"bytes"
	"encoding/binary"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

func standard() *System {
	return Standard(Config{
		MemSize: 3 << 30, Processors: 4, Boot: time.Unix(1000, 5000),
		CPU: CPU{Vendor: "GenuineIntel", Cores: 2, Hz: 2e9, L2: 1 << 20, Line: 64, Flags: map[string]bool{"avx2": true, "lm": true, "nx": true}},
	})
}

func ctxOf(uid uint32) *sys.Context {
	return &sys.Context{Thread: sched.NewThread("test"), Cred: &sys.Cred{UID: uid}, PID: 9}
}

func get(t *testing.T, s *System, name string) []byte {
	t.Helper()
	req := &Req{Ctx: ctxOf(501), HasOld: true, OldLen: 4096}
	if err := s.CallByName(name, req); err != 0 {
		t.Fatalf("%s: %v", name, err)
	}
	old, n := req.Result()
	if uint64(len(old)) != n {
		t.Fatalf("%s: %d bytes, length %d", name, len(old), n)
	}
	return old
}

func TestValues(t *testing.T) {
	s := standard()
	for name, want := range map[string]string{
		"kern.ostype":                "Darwin",
		"kern.osrelease":             "22.6.0",
		"kern.hostname":              "puggle",
		"hw.machine":                 "x86_64",
		"machdep.cpu.vendor":         "GenuineIntel",
		"user.cs_path":               "/usr/bin:/bin:/usr/sbin:/sbin",
		"machdep.cpu.leaf7_features": "AVX2",
		"machdep.cpu.extfeatures":    "XD EM64T",
	} {
		if got := string(get(t, s, name)); got != want+"\x00" {
			t.Errorf("%s = %q", name, got)
		}
	}
	le := binary.LittleEndian
	for name, want := range map[string]uint64{
		"hw.ncpu": 4, "hw.physicalcpu": 2, "hw.memsize": 3 << 30, "hw.pagesize": 4096, "hw.cpufrequency": 2e9,
		"kern.ipc.somaxconn": 128, "kern.maxfilesperproc": 10240, "hw.optional.avx2_0": 1, "hw.optional.avx512f": 0,
		"hw.l2cachesize": 1 << 20, "machdep.cpu.cache.size": 1024, "machdep.cpu.cache.linesize": 64, "debug.bpf_bufsize": 4096, "hw.physmem": 1<<31 - 1,
	} {
		b := get(t, s, name)
		got := uint64(0)
		if len(b) == 4 {
			got = uint64(le.Uint32(b))
		} else if len(b) == 8 {
			got = le.Uint64(b)
		}
		if got != want {
			t.Errorf("%s = %d (%d bytes)", name, got, len(b))
		}
	}
	if b := get(t, s, "kern.boottime"); len(b) != 16 || le.Uint64(b) != 1000 || le.Uint32(b[8:]) != 5 {
		t.Errorf("boottime % x", b)
	}
	if b := get(t, s, "vm.loadavg"); len(b) != 24 || le.Uint64(b[16:]) != 2048 {
		t.Errorf("loadavg % x", b)
	}
	if b := get(t, s, "vm.swapusage"); len(b) != 32 || le.Uint32(b[24:]) != 4096 {
		t.Errorf("swapusage % x", b)
	}
	// What is not known is not there.
	for _, name := range []string{"sysctl.proc_translated", "hw.l3cachesize", "kern.proc", "kern", "", ".", "kern..x", "kern.ostype.x"} {
		if err := s.CallByName(name, &Req{Ctx: ctxOf(0)}); err != abi.ENOENT {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// The fixed numbers that Go's runtime and package syscall use.
func TestMIB(t *testing.T) {
	s := standard()
	for _, c := range []struct {
		mib  []int32
		want string
	}{
		{[]int32{6, 3}, "\x04\x00\x00\x00"},
		{[]int32{6, 7}, "\x00\x10\x00\x00"},
		{[]int32{1, 2}, "22.6.0\x00"},
		{[]int32{1, 10}, "puggle\x00"},
		{[]int32{1, 29}, "\x00\x28\x00\x00"},
		{[]int32{0, 1, 1, 32, 3}, "kern.ipc.somaxconn\x00"},
		{[]int32{0, 1, 1, 99999, 3}, "kern.99999.3\x00"},
		{[]int32{0, 4, 6, 3}, "\x02\x00\x00\x80I\x00"},
		{[]int32{0, 2}, "\x00\x00\x00\x00\x01\x00\x00\x00"},
		{[]int32{0, 2, 1, 1}, "\x01\x00\x00\x00\x02\x00\x00\x00"},
	} {
		req := &Req{Ctx: ctxOf(501), HasOld: true, OldLen: 100}
		if err := s.Call(c.mib, req); err != 0 {
			t.Errorf("%v: %v", c.mib, err)
		} else if old, _ := req.Result(); string(old) != c.want {
			t.Errorf("%v = %q, want %q", c.mib, old, c.want)
		}
	}
	for mib, want := range map[[3]int32]abi.Errno{{1, 1, 1}: abi.EISDIR, {1, 32, 77}: abi.ENOENT, {99, 1, 1}: abi.ENOENT, {1, 32, -1}: abi.ENOENT} {
		if err := s.Call(mib[:], &Req{Ctx: ctxOf(0)}); err != want {
			t.Errorf("%v: %v", mib, err)
		}
	}
	if s.Call(nil, &Req{}) != abi.EINVAL || s.Call(make([]int32, 13), &Req{}) != abi.EINVAL {
		t.Error("length of a name")
	}
	req := &Req{Ctx: ctxOf(501), HasOld: true, OldLen: 48, HasNew: true, New: []byte("kern.ipc.somaxconn")}
	if err := s.Call([]int32{0, 3}, req); err != 0 {
		t.Fatal(err)
	}
	if old, _ := req.Result(); !bytes.Equal(old, ints(1, 32, 3)) {
		t.Fatalf("% x", old)
	}
	req.New = []byte("kern.nothing")
	if err := s.Call([]int32{0, 3}, req); err != abi.ENOENT {
		t.Fatal(err)
	}
}

// TestWalk goes through the whole tree by {0,2} and reads everything.
func TestWalk(t *testing.T) {
	s := standard()
	var at []int32
	seen := map[string]bool{}
	for {
		req := &Req{Ctx: ctxOf(501), HasOld: true, OldLen: 48}
		err := s.Call(append([]int32{0, 2}, at...)[:min(len(at)+2, 12)], req)
		if err == abi.ENOENT {
			break
		}
		if err != 0 {
			t.Fatal(at, err)
		}
		old, _ := req.Result()
		at = nil
		for ; len(old) > 0; old = old[4:] {
			at = append(at, int32(binary.LittleEndian.Uint32(old)))
		}
		req = &Req{Ctx: ctxOf(501), HasOld: true, OldLen: 1000}
		if err := s.Call(append([]int32{0, 1}, at...), req); err != 0 {
			t.Fatal(at, err)
		}
		old, _ = req.Result()
		name := cString(string(old))
		if seen[name] {
			t.Fatal("a circle at", name)
		}
		seen[name] = true
		if !strings.HasPrefix(name, "sysctl.") {
			get(t, s, name)
		}
	}
	if len(seen) < 120 || !seen["machdep.tsc.frequency"] || !seen["user.tzname_max"] {
		t.Fatalf("%d names", len(seen))
	}
}

func TestLengthsAndWriting(t *testing.T) {
	s := standard()
	req := &Req{Ctx: ctxOf(501)}
	if err := s.CallByName("kern.ostype", req); err != 0 {
		t.Fatal(err)
	}
	if _, n := req.Result(); n != 7 {
		t.Fatal("query of the length:", n)
	}
	req = &Req{Ctx: ctxOf(501), HasOld: true, OldLen: 3}
	if err := s.CallByName("kern.ostype\x00junk", req); err != abi.ENOMEM {
		t.Fatal(err)
	}
	if old, n := req.Result(); len(old) != 0 || n != 7 {
		t.Fatal(old, n)
	}
	// A quad in an int, if it fits.
	req = &Req{Ctx: ctxOf(501), HasOld: true, OldLen: 4}
	if err := s.CallByName("hw.pagesize", req); err != 0 {
		t.Fatal(err)
	}
	if err := s.CallByName("hw.memsize", &Req{Ctx: ctxOf(501), HasOld: true, OldLen: 4}); err != abi.ERANGE {
		t.Fatal(err)
	}
	set := func(uid uint32, name, value string) abi.Errno {
		return s.CallByName(name, &Req{Ctx: ctxOf(uid), HasNew: true, New: []byte(value)})
	}
	for _, c := range []struct {
		uid         uint32
		name, value string
		want        abi.Errno
	}{
		{501, "kern.hostname", "x", abi.EPERM},
		{0, "kern.ostype", "x", abi.EPERM},
		{0, "kern.hostname", "other\x00", 0},
		{0, "kern.hostname", strings.Repeat("x", 256), abi.EINVAL},
		{0, "kern.ipc.somaxconn", "\x00\x01\x00\x00", 0},
		{0, "kern.ipc.somaxconn", "\x00\x01", abi.EINVAL},
		{0, "debug.bpf_bufsize", "\x00\x10\x00\x00", abi.EPERM},
		{0, "kern.maxproc", "\x00\x00\x00\x00", abi.EINVAL},
		{0, "kern.maxproc", "\xff\xff\xff\x7f", abi.EINVAL},
		{501, "kern.coredump", "\x01\x00\x00\x00", abi.EPERM},
		{0, "kern.coredump", "\x02\x00\x00\x00", abi.EINVAL},
		{501, "kern.corefile", "/x\x00", abi.EPERM},
		{0, "kern.ipc.somaxconn", "\x00\x00\x00\x00\x01\x00\x00\x00", abi.ERANGE},
		{0, "kern.securelevel", "\x01\x00\x00\x00", 0},
		{0, "kern.securelevel", "\x00\x00\x00\x00", abi.EPERM},
	} {
		if err := set(c.uid, c.name, c.value); err != c.want {
			t.Errorf("%s = %q by %d: %v", c.name, c.value, c.uid, err)
		}
	}
	if *s.Hostname.Load() != "other" || s.cfg.Somaxconn.Load() != 256 {
		t.Error("a value was not stored")
	}
	var v atomic.Int32
	s.must(s.Kern, Int(abi.OID_AUTO, "secret", rw|abi.CTLFLAG_SECURE|abi.CTLFLAG_ANYBODY, &v, ""))
	if err := set(0, "kern.secret", "\x01\x00\x00\x00"); err != abi.EPERM {
		t.Error("CTLFLAG_SECURE at securelevel 1:", err)
	}
	s.securelevel.Store(0)
	if err := set(501, "kern.secret", "\x01\x00\x00\x00"); err != 0 || v.Load() != 1 {
		t.Error("CTLFLAG_ANYBODY:", err)
	}
}

func TestDynamic(t *testing.T) {
	s := standard()
	th := sched.NewThread("kext")
	node := Node(abi.OID_AUTO, "newcat", "")
	entered, leave := make(chan bool), make(chan bool)
	leaf := Proc(abi.OID_AUTO, "slow", abi.CTLTYPE_INT|ro, "I", "", func(_ *OID, _ []int32, req *Req) abi.Errno {
		entered <- true
		<-leave
		return req.OutInt(763)
	})
	if err := s.Register(node, leaf); err != ErrParent {
		t.Fatal(err)
	}
	if err := s.Register(s.Net, node); err != nil || node.Number != abi.OID_AUTO_START {
		t.Fatal(err, node.Number)
	}
	if err := s.Register(node, leaf); err != nil {
		t.Fatal(err)
	}
	if err := s.Register(node, Const(leaf.Number, "other", 1, "")); err != ErrExists {
		t.Fatal(err)
	}
	if err := s.Unregister(th, node); err != ErrChildren {
		t.Fatal(err)
	}
	result := make(chan []byte)
	go func() { result <- get(t, s, "net.newcat.slow") }()
	<-entered
	gone := make(chan error)
	go func() { gone <- s.Unregister(th, leaf) }()
	for !th.IsWaiting() {
		time.Sleep(50 * time.Microsecond)
	}
	if err := s.CallByName("net.newcat.slow", &Req{Ctx: ctxOf(0)}); err != abi.ENOENT {
		t.Fatal("a handler starts during Unregister:", err)
	}
	select {
	case <-gone:
		t.Fatal("Unregister returned while the handler ran")
	default:
	}
	leave <- true
	if b := <-result; binary.LittleEndian.Uint32(b) != 763 {
		t.Fatal(b)
	}
	if err := <-gone; err != nil {
		t.Fatal(err)
	}
	if err := s.Unregister(th, leaf); err != ErrNotThere {
		t.Fatal(err)
	}
	if err := s.Unregister(th, node); err != nil {
		t.Fatal(err)
	}
}

func TestNodeHandler(t *testing.T) {
	var got []int32
	s := Standard(Config{Route: func(_ *OID, name []int32, req *Req) abi.Errno {
		got = name
		return req.Out(make([]byte, 10))
	}})
	if err := s.Call([]int32{4, 17, 0, 0, 3, 0}, &Req{Ctx: ctxOf(0)}); err != 0 || len(got) != 4 || got[2] != 3 {
		t.Fatal(err, got)
	}
}

func TestConcurrent(t *testing.T) {
	s := standard()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			th := sched.NewThread("kext")
			for range 200 {
				oid := Const(abi.OID_AUTO, "x", 1, "")
				if s.Register(s.Debug, oid) == nil {
					s.CallByName("debug.x", &Req{Ctx: ctxOf(0)})
					if err := s.Unregister(th, oid); err != nil {
						t.Error(err)
					}
				}
				s.CallByName("kern.hostname", &Req{Ctx: ctxOf(0), HasNew: true, New: []byte("a")})
			}
		})
	}
	wg.Wait()
}

func TestParseCPU(t *testing.T) {
	cpu := parseCPU("vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: Some CPU\ncpu MHz\t\t: 2300.000\ncpu cores\t: 8\nflags\t\t: fpu avx2\n\nvendor_id\t: Other\n")
	if cpu.Vendor != "GenuineIntel" || cpu.Family != 6 || cpu.Model != 85 || cpu.Brand != "Some CPU" ||
		cpu.Hz != 2300e6 || cpu.Cores != 8 || !cpu.Flags["avx2"] {
		t.Fatalf("%+v", cpu)
	}
}
