package mach

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"puggle/abi"
	"puggle/kernel"
	"puggle/mach/ipc"
)

var (
	fuzzFor = flag.Duration("fuzzfor", 8*time.Second, "how long TestFuzz runs")
	seed    = flag.Uint64("seed", 1, "where its random numbers begin")
)

var guest string

func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "puggle-mach")
	if err != nil {
		panic(err)
	}
	guest = filepath.Join(dir, "guest")
	cmd := exec.Command("go", "build", "-o", guest, "puggle/test/mach/guest")
	cmd.Env = append(os.Environ(), "GOOS=darwin", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		os.Stderr.Write(out)
		os.Exit(1)
	}
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

// machine boots one for a test.
func machine(t *testing.T) *kernel.System {
	t.Helper()
	s, err := kernel.Boot(kernel.Config{MemSize: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// run runs guest in the machine; it must end well, within a minute more than it means
// to take.
func run(t *testing.T, s *kernel.System, length time.Duration, args ...string) {
	t.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	out := filepath.Join(t.TempDir(), "out")
	f, err := os.Create(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	se, err := s.OpenSession(kernel.HostFiles{Fd: [3]int{int(null.Fd()), int(f.Fd()), int(f.Fd())}})
	if err != nil {
		t.Fatal(err)
	}
	defer se.Close()
	if err := se.Start(append([]string{guest}, args...), os.Environ(), "/"); err != nil {
		t.Fatal(err)
	}
	ended := make(chan int, 1)
	go func() { ended <- se.Wait() }()
	select {
	case status := <-ended:
		b, _ := os.ReadFile(out)
		if status != 0 {
			t.Fatalf("guest %v: status %d\n%s", args, status, b)
		}
		t.Logf("guest %v: %s", args, b)
	case <-time.After(length + time.Minute):
		b, _ := os.ReadFile(out)
		t.Fatalf("guest %v does not end\n%s", args, b)
	}
}

// settled ends the processes that are left, victims of workers that died, some of them
// suspended; and waits until nothing is left but what was there before.
func settled(t *testing.T, s *kernel.System, ports, messages int64) {
	t.Helper()
	for _, p := range s.Procs.Procs() {
		if p.PID > 1 {
			p.Signal(abi.SIGKILL)
		}
	}
	var p, m int64
	n := 0
	for range 3000 {
		p, m = ipc.Counts()
		if n = len(s.Procs.Procs()); p <= ports && m <= messages && n == 1 { // the kernel's own
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d ports and %d messages are left, before %d and %d; %d processes", p, m, ports, messages, n)
}

// A Go program serves another's calls: goroutines on both sides.
func TestGoMessages(t *testing.T) {
	s := machine(t)
	ports, messages := ipc.Counts()
	run(t, s, 0, "rpc")
	settled(t, s, ports+1, messages) // the service stays, for the next who checks in
}

// The kernel survives random calls and keeps nothing of them.
func TestFuzz(t *testing.T) {
	s := machine(t)
	// The ports of the host, its clocks and processors are made when first asked for,
	// and stay.
	h := s.Mach.Host
	h.SelfPort()
	h.PrivPort()
	h.Set.Port()
	h.Set.NamePort()
	for _, p := range h.Processors {
		p.Port()
	}
	for _, c := range h.Clocks {
		c.Port()
		c.CtrlPort()
	}
	run(t, s, 0, "fuzz", "-seed", "12345", "-for", "2s")
	settled(t, s, 1<<20, 1<<20)
	ports, messages := ipc.Counts()
	run(t, s, *fuzzFor, "fuzz", "-seed", fmt.Sprint(*seed*1000), "-for", fuzzFor.String())
	settled(t, s, ports, messages)
}
