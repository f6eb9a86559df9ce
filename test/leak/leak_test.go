// Package leak lets a program that uses threads, memory, files, the network,
// children and signals do round after round, and compares what the kernel holds
// after the first rounds with what it holds after the last. With -args -leak.time=10m
// it goes on for that long.
package leak

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"puggle/kernel"
	"puggle/mach/ipc"
)

var howLong = flag.Duration("leak.time", 0, "go on for so long instead of a few rounds")

const (
	warmUp = 2 // rounds in which caches fill
	rounds = 4 // at the least, after those
)

// held is what may leak. The bounds are on what it may grow by between the first
// measurement and the last, whatever the number of rounds: a round that leaked
// what one of its parts uses would be above them.
type held struct {
	descriptors, ports, processes, threads int
	goroutines, hostFiles                  int
	memory, heap                           uint64 // bytes
}

var bound = held{descriptors: 0, ports: 8, processes: 0, threads: 12, goroutines: 40, hostFiles: 8, memory: 40 << 20, heap: 24 << 20}

func measure(t *testing.T, s *kernel.System, se *kernel.Session) held {
	t.Helper()
	runtime.GC()
	debug.FreeOSMemory()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return held{
		descriptors: len(se.Proc.Fd.Open()),
		ports:       se.Proc.Task.IPC.(*ipc.Space).Count(),
		processes:   len(s.Procs.Procs()),
		threads:     int(s.Tasks.NumThreads()),
		goroutines:  runtime.NumGoroutine(),
		hostFiles:   len(files),
		memory:      s.Machine.Memory().Resident(),
		heap:        m.HeapAlloc,
	}
}

// over says which of now's numbers are above was's by more than the bound.
func over(was, now held) (l []string) {
	grew := func(what string, a, b, most int) {
		if b-a > most {
			l = append(l, fmt.Sprintf("%s: %d, then %d", what, a, b))
		}
	}
	grew("descriptors", was.descriptors, now.descriptors, bound.descriptors)
	grew("ports", was.ports, now.ports, bound.ports)
	grew("processes", was.processes, now.processes, bound.processes)
	grew("threads", was.threads, now.threads, bound.threads)
	grew("goroutines of the kernel", was.goroutines, now.goroutines, bound.goroutines)
	grew("host descriptors", was.hostFiles, now.hostFiles, bound.hostFiles)
	grew("bytes of physical memory", int(was.memory), int(now.memory), int(bound.memory))
	grew("bytes of the kernel's heap", int(was.heap), int(now.heap), int(bound.heap))
	return l
}

func TestLeak(t *testing.T) {
	if testing.Short() && *howLong == 0 {
		t.Skip("builds a program and runs it for some seconds")
	}
	prog := filepath.Join(t.TempDir(), "guest")
	c := exec.Command("go", "build", "-o", prog, "./guest")
	c.Env = append(os.Environ(), "GOOS=darwin", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	inR, inW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	s, err := kernel.Boot(kernel.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	se, err := s.OpenSession(kernel.HostFiles{Fd: [3]int{int(inR.Fd()), int(outW.Fd()), 2}})
	if err != nil {
		t.Fatal(err)
	}
	if err := se.Start([]string{prog}, os.Environ(), "/"); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(outR)
	round := func() {
		fmt.Fprintln(inW, "go")
		if !lines.Scan() || !strings.HasPrefix(lines.Text(), "round ") {
			t.Fatalf("the guest says %q", lines.Text())
		}
	}
	for range warmUp {
		round()
	}
	was := measure(t, s, se)
	n := 0
	for end := time.Now().Add(*howLong); n < rounds || time.Now().Before(end); n++ {
		round()
	}
	// What ends by itself, such as connections that linger for a minute, gets time for it.
	var now held
	for range 900 {
		if now = measure(t, s, se); len(over(was, now)) == 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Logf("after %d rounds: %+v; after %d more: %+v", warmUp, was, n, now)
	for _, l := range over(was, now) {
		t.Error("grew: " + l)
	}
	inW.Close()
	outW.Close()
	if status := se.Wait(); status != 0 {
		t.Errorf("status %d", status)
	}
	se.Close()
	outR.Close()
	inR.Close()
}
