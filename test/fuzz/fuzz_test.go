package fuzz

import (
	"bufio"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"puggle/abi"
	"puggle/bsd/syscalls"
	"puggle/kernel"
	"puggle/mach/ipc"
)

var (
	fuzzFor = flag.Duration("fuzzfor", 10*time.Second, "how long TestCalls runs")
	seed    = flag.Uint64("seed", 1, "the first worker's seed")
	only    = flag.String("only", "", "only calls whose name has this in it")
	steps   = flag.Int("steps", 3000, "calls of each of a worker's threads")
	lanes   = flag.Int("lanes", 2, "workers at once")
	logTo   = flag.String("log", os.DevNull, "where the workers' output goes")
	calls   = flag.Bool("calls", false, "say how often each call was made, and how often with success")
)

// Bounds on what may take long on a busy machine. None decides a test that goes well.
const (
	workerTime = 15 * time.Second // a worker ends by itself after six, if it can
	deathTime  = 2 * time.Minute  // what was killed
	probeTime  = 2 * time.Minute  // an answer
)

func TestMain(m *testing.M) {
	flag.Parse()
	if _, err := exec.LookPath("go"); err != nil {
		fmt.Println("fuzz: skipped: no go command to build the guest with")
		return
	}
	os.Exit(m.Run())
}

// box is a machine with its root, and what was seen of it.
type box struct {
	t       *testing.T
	s       *kernel.System
	dir     string // root, and beside it what nobody may reach
	null    *os.File
	outside string
}

func newBox(t *testing.T) *box {
	t.Helper()
	b := &box{t: t}
	var err error
	if b.dir, err = os.MkdirTemp("", "puggle-fuzz"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// Modes may be anything.
		filepath.WalkDir(b.dir, func(p string, d fs.DirEntry, err error) error {
			if d != nil && d.IsDir() {
				os.Chmod(p, 0o700)
			}
			return nil
		})
		os.RemoveAll(b.dir)
	})
	root := filepath.Join(b.dir, "root")
	for _, d := range []string{"root", "root/tmp", "root/work", "root/etc"} {
		if err := os.Mkdir(filepath.Join(b.dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	os.Chmod(b.dir, 0o755)
	cmd := exec.Command("go", "build", "-o", filepath.Join(root, "guest"), "puggle/test/fuzz/guest")
	cmd.Env = append(os.Environ(), "GOOS=darwin", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(root, "table"), table(), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.dir, "victim"), []byte("whole"), 0o644); err != nil {
		t.Fatal(err)
	}
	os.Symlink(b.dir, filepath.Join(root, "escape"))
	b.outside = b.around()
	if b.null, err = os.OpenFile(*logTo, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o666); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.null.Close() })
	if b.s, err = kernel.Boot(kernel.Config{MemSize: 1 << 30, Paging: -1, Root: root}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.s.Close() })
	return b
}

// around says what is beside the root.
func (b *box) around() (s string) {
	l, _ := os.ReadDir(b.dir)
	for _, e := range l {
		info, err := e.Info()
		if err != nil {
			continue
		}
		if e.Name() != "root" { // the machine's own
			s += fmt.Sprintln(e.Name(), info.Mode())
		}
	}
	v, _ := os.ReadFile(filepath.Join(b.dir, "victim"))
	return s + string(v)
}

// table is the kernel's, for the guest.
func table() []byte {
	var b strings.Builder
	for class, rows := range syscalls.Classes {
		for _, r := range rows {
			there := 0
			if r.Handler != nil {
				there = 1
			}
			fmt.Fprintf(&b, "%d %d %d %s: %s\n", class, r.Num, there, r.Name, r.Args)
		}
	}
	return []byte(b.String())
}

// start starts the guest; the channel gives its exit status.
func (b *box) start(args ...string) (*kernel.Session, chan int) {
	n := int(b.null.Fd())
	se, err := b.s.OpenSession(kernel.HostFiles{Fd: [3]int{n, n, n}})
	if err != nil {
		b.t.Fatal(err)
	}
	if err := se.Start(append([]string{"/guest"}, args...), []string{"PATH=/bin:/usr/bin"}, "/"); err != nil {
		b.t.Fatalf("%v: %v", args, err)
	}
	done := make(chan int, 1)
	go func() {
		done <- se.Wait()
		se.Close()
	}()
	return se, done
}

// hung ends the test with what everybody does.
func (b *box) hung(format string, args ...any) {
	pprof.Lookup("goroutine").WriteTo(os.Stderr, 2)
	panic(fmt.Sprintf(format, args...)) // Close would wait for what hangs
}

// probe asks for an answer. Who asks may be killed by those who kill everybody; that is
// one.
func (b *box) probe(what string) {
	_, done := b.start("hello")
	select {
	case status := <-done:
		if status != 0 && status < 128 {
			b.t.Errorf("%s: hello ends with %d", what, status)
		}
	case <-time.After(probeTime):
		b.hung("%s: no answer", what)
	}
}

// kill ends all processes, and waits until they have.
func (b *box) kill() {
	var n int
	for end := time.Now().Add(deathTime); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		l := b.s.Procs.Procs()
		if n = len(l); n == 1 { // the kernel's own
			return
		}
		for _, p := range l {
			if p.PID > 1 {
				p.Signal(abi.SIGKILL)
			}
		}
	}
	for _, p := range b.s.Procs.Procs() {
		fmt.Fprintf(os.Stderr, "left: %d %s\n", p.PID, p.Task.Name)
	}
	b.hung("%d processes are left that were killed", n-1)
}

// fuzz runs workers until the time is up.
func (b *box) fuzz(first uint64, length time.Duration) {
	var next, died, killed atomic.Uint64
	next.Store(first)
	deadline := time.Now().Add(length)
	var wg sync.WaitGroup
	for range *lanes {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for again := true; again; again = time.Now().Before(deadline) && !b.t.Failed() {
				n := next.Add(1) - 1
				se, done := b.start("fuzz", "-table", "/table", "-only", *only, "-seed", fmt.Sprint(n), "-n", fmt.Sprint(*steps))
				select {
				case status := <-done:
					if status == 3 {
						b.t.Errorf("worker %d could not work", n)
						return
					}
					if status != 0 {
						died.Add(1)
						if *calls {
							fmt.Printf("worker %d: status %d\n", n, status)
						}
					}
				case <-time.After(workerTime):
					if killed.Add(1); *calls {
						b.t.Logf("worker %d hangs", n)
						pprof.Lookup("goroutine").WriteTo(os.Stdout, 1)
					}
					se.Proc.Signal(abi.SIGKILL)
					select {
					case <-done:
					case <-time.After(deathTime):
						b.hung("worker %d does not die", n)
					}
				}
				if n%8 == 0 {
					b.probe(fmt.Sprintf("beside seed %d", n))
				}
			}
		}()
	}
	wg.Wait()
	b.t.Logf("seeds %d to %d; %d of the workers died, %d were killed", first, next.Load()-1, died.Load(), killed.Load())
}

// held is what must not grow.
type held struct {
	ports, messages                    int64
	goroutines, files, tasks, children int
	memory, heap                       uint64
}

// slack is how much of each may be left: pools and caches; a host thread that the Go
// runtime made stays.
var slack = held{ports: 0, messages: 0, goroutines: 12, files: 8, tasks: 64, children: 24, memory: 24 << 20, heap: 48 << 20}

func (b *box) measure() held {
	runtime.GC()
	debug.FreeOSMemory()
	var h held
	h.ports, h.messages = ipc.Counts()
	h.goroutines = runtime.NumGoroutine()
	files, _ := os.ReadDir("/proc/self/fd")
	tasks, _ := os.ReadDir("/proc/self/task")
	h.files, h.tasks = len(files), len(tasks)
	for _, t := range tasks {
		c, _ := os.ReadFile("/proc/self/task/" + t.Name() + "/children")
		h.children += len(strings.Fields(string(c)))
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h.memory, h.heap = b.s.Machine.Memory().Resident(), m.HeapAlloc
	return h
}

func over(was, now held) (l []string) {
	check := func(what string, a, b, most int64) {
		if b > a+most {
			l = append(l, fmt.Sprintf("%s: %d, then %d", what, a, b))
		}
	}
	check("ports", was.ports, now.ports, slack.ports)
	check("messages", was.messages, now.messages, slack.messages)
	check("goroutines", int64(was.goroutines), int64(now.goroutines), int64(slack.goroutines))
	check("host descriptors", int64(was.files), int64(now.files), int64(slack.files))
	check("host threads", int64(was.tasks), int64(now.tasks), int64(slack.tasks))
	check("shells", int64(was.children), int64(now.children), int64(slack.children))
	check("bytes of physical memory", int64(was.memory), int64(now.memory), int64(slack.memory))
	check("bytes of the heap", int64(was.heap), int64(now.heap), int64(slack.heap))
	return l
}

// settle ends everything and cleans up.
func (b *box) settle() {
	b.kill()
	_, done := b.start("clean")
	select {
	case status := <-done:
		if status != 0 {
			b.t.Errorf("clean ends with %d", status)
		}
	case <-time.After(probeTime):
		b.hung("no clean")
	}
	b.kill()
}

// TestCalls is the fuzzer.
func TestCalls(t *testing.T) {
	b := newBox(t)
	count := newCounter()
	if *calls {
		b.s.Calls.SetTracer(count)
	}
	h := b.s.Mach.Host // its ports are made when first asked for, and stay
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
	b.fuzz(1_000_000, time.Second)
	b.settle()
	was := b.measure()
	b.fuzz(*seed*1000, *fuzzFor)
	b.settle()
	// What ends by itself, such as a connection that lingers, gets time for it.
	now := b.measure()
	for end := time.Now().Add(2 * time.Minute); len(over(was, now)) > 0 && time.Now().Before(end); now = b.measure() {
		time.Sleep(200 * time.Millisecond)
	}
	t.Logf("before %+v, after %+v", was, now)
	for _, l := range over(was, now) {
		t.Error("left: " + l)
	}
	if t.Failed() {
		pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
	}
	b.probe("at the end")
	if now := b.around(); now != b.outside {
		t.Errorf("outside the root there was\n%s\nand now\n%s", b.outside, now)
	}
	if *calls {
		count.write(t)
	}
}

// counter counts calls.
type counter struct {
	made, good map[*syscalls.Row]*atomic.Int64
}

func newCounter() *counter {
	c := &counter{map[*syscalls.Row]*atomic.Int64{}, map[*syscalls.Row]*atomic.Int64{}}
	for _, rows := range syscalls.Classes {
		for i := range rows {
			c.made[&rows[i]], c.good[&rows[i]] = new(atomic.Int64), new(atomic.Int64)
		}
	}
	return c
}

func (c *counter) Enter(call *syscalls.Call) {
	if n := c.made[call.Row()]; n != nil {
		n.Add(1)
	}
}

func (c *counter) Leave(call *syscalls.Call, err abi.Errno) {
	if n := c.good[call.Row()]; n != nil && err == 0 {
		n.Add(1)
	}
}

func (c *counter) write(t *testing.T) {
	var lines []string
	for r, n := range c.made {
		if r.Handler != nil {
			lines = append(lines, fmt.Sprintf("%8d %8d %s", c.good[r].Load(), n.Load(), r.Name))
		}
	}
	sort.Strings(lines)
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	for _, l := range lines {
		fmt.Fprintln(w, l)
	}
}
