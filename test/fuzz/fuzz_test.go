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
	slowTime   = 4 * time.Minute  // what is enough
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
	t.Cleanup(func() { b.remove(b.dir) })
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
	if err := os.WriteFile(filepath.Join(root, "table"), table(), 0o755); err != nil {
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

// remove removes a tree, whose modes may be anything.
func (b *box) remove(dir string) {
	filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() {
			os.Chmod(p, 0o700)
		}
		return nil
	})
	os.RemoveAll(dir)
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
func (b *box) start(stderr *os.File, args ...string) (*kernel.Session, chan int, error) {
	n := int(b.null.Fd())
	se, err := b.s.OpenSession(kernel.HostFiles{Fd: [3]int{n, n, int(stderr.Fd())}})
	if err != nil {
		return nil, nil, err
	}
	if err := se.Start(append([]string{"/guest"}, args...), []string{"PATH=/bin:/usr/bin"}, "/"); err != nil {
		se.Close()
		return nil, nil, fmt.Errorf("%v: %w", args, err)
	}
	done := make(chan int, 1)
	go func() {
		done <- se.Wait()
		se.Close()
	}()
	return se, done, nil
}

// guest runs the guest for an answer, and gives its status.
func (b *box) guest(what string) int {
	_, done, err := b.start(b.null, what)
	for n := 0; err != nil && n < 5; n++ {
		b.repair()
		_, done, err = b.start(b.null, what)
	}
	if err != nil {
		b.t.Error(err)
		return 0
	}
	select {
	case status := <-done:
		return status
	case <-time.After(probeTime):
		b.hung("no answer: %s", what)
	}
	return 0
}

// hung ends the test with what everybody does.
func (b *box) hung(format string, args ...any) {
	pprof.Lookup("goroutine").WriteTo(os.Stderr, 2)
	panic(fmt.Sprintf(format, args...)) // Close would wait for what hangs
}

// probe asks for an answer. Beside workers who asks may be killed by those who kill
// everybody; that is one.
func (b *box) probe(what string, alone bool) {
	if status := b.guest("hello"); status != 0 && (alone || status < 128) {
		b.t.Errorf("%s: hello ends with %d", what, status)
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

// tally is how workers ended.
type tally struct{ well, died, killed atomic.Int64 }

// fuzz runs workers until the time is up, and longer where a slow machine has not done
// enough by then.
func (b *box) fuzz(first uint64, length time.Duration, enough func(*tally) bool) *tally {
	var next atomic.Uint64
	next.Store(first)
	ends := new(tally)
	deadline := time.Now().Add(length)
	var wg sync.WaitGroup
	for range *lanes {
		wg.Go(func() {
			for more := true; more; {
				n := next.Add(1) - 1
				b.worker(n, ends)
				if n%8 == 0 {
					b.probe(fmt.Sprintf("beside seed %d", n), false)
				}
				late := time.Since(deadline)
				more = !b.t.Failed() && (late < 0 || late < slowTime && !enough(ends))
			}
		})
	}
	wg.Wait()
	b.t.Logf("seeds %d to %d; %d of the workers ended well, %d died, %d were killed", first, next.Load()-1,
		ends.well.Load(), ends.died.Load(), ends.killed.Load())
	return ends
}

// worker runs the one of that seed, and removes what it leaves of its files. It may end with
// any status, which its threads choose. That it could not begin it says on its standard
// error, which is its own: others may have taken modes away from the directories it needs,
// so they are put right and it begins anew; but if it never can, that is a failure.
func (b *box) worker(seed uint64, ends *tally) {
	var status int
	var refused string
	for range 5 {
		b.repair()
		if status, refused = b.attempt(seed, ends); refused == "" {
			break
		}
		b.t.Logf("worker %d begins anew: %s", seed, refused)
	}
	switch {
	case refused != "":
		b.t.Errorf("worker %d, status %d: %s%s", seed, status, refused, again(seed))
	case status == 0:
		ends.well.Add(1)
	case status > 0:
		ends.died.Add(1)
	}
}

// repair makes the machine's directories usable for a worker that begins. (As root on the
// host any mode is good enough.)
func (b *box) repair() {
	root := filepath.Join(b.dir, "root")
	for _, d := range []string{"", "work", "tmp", "etc", "guest", "table"} {
		d = filepath.Join(root, d)
		// What is as it should be stays untouched: a change makes it a new program.
		if info, err := os.Stat(d); err == nil && info.Mode().Perm() != 0o755 {
			os.Chmod(d, 0o755)
		}
	}
}

// attempt runs a worker. It gives its status, or -1 if it had to be killed, and why it could
// not begin, if so.
func (b *box) attempt(seed uint64, ends *tally) (status int, refused string) {
	stderr, err := os.CreateTemp("", "puggle-fuzz-stderr")
	if err != nil {
		b.t.Error(err)
		return -1, ""
	}
	defer stderr.Close()
	os.Remove(stderr.Name())
	se, done, err := b.start(stderr, "fuzz", "-table", "/table", "-only", *only, "-seed", fmt.Sprint(seed), "-n", fmt.Sprint(*steps))
	if err != nil {
		return -1, err.Error() + "\n"
	}
	select {
	case status = <-done:
	case <-time.After(workerTime):
		status = -1
		if ends.killed.Add(1); *calls {
			b.t.Logf("worker %d hangs", seed)
			pprof.Lookup("goroutine").WriteTo(os.Stdout, 1)
		}
		se.Proc.Signal(abi.SIGKILL)
		select {
		case <-done:
		case <-time.After(deathTime):
			b.hung("worker %d does not die; %s", seed, again(seed))
		}
	}
	b.remove(filepath.Join(b.dir, "root/work", fmt.Sprint(seed)))
	said := make([]byte, 1<<20)
	n, _ := stderr.ReadAt(said, 0)
	if n > 0 {
		fmt.Fprintf(b.null, "worker %d, status %d:\n%s", seed, status, said[:n])
	}
	for line := range strings.Lines(string(said[:n])) {
		if strings.HasPrefix(line, "guest: cannot work: ") {
			refused = line
		}
	}
	return status, refused
}

// again says how to run a seed again.
func again(seed uint64) string {
	return fmt.Sprintf("again: go test ./test/fuzz -args -lanes=%d -steps=%d -only=%q -seed=%d", *lanes, *steps, *only, seed)
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
	if status := b.guest("clean"); status != 0 {
		b.t.Errorf("clean ends with %d", status)
	}
	b.kill()
}

// TestCalls is the fuzzer.
func TestCalls(t *testing.T) {
	b := newBox(t)
	count := newCounter()
	b.s.Calls.SetTracer(count)
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
	b.fuzz(1<<40, time.Second, func(*tally) bool { return true })
	b.settle()
	was := b.measure()
	ends := b.fuzz(*seed, *fuzzFor, count.enough)
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
	b.probe("at the end", true)
	if now := b.around(); now != b.outside {
		t.Errorf("outside the root there was\n%s\nand now\n%s", b.outside, now)
	}
	if *calls {
		count.write(t)
	}
	count.judge(t, ends)
	if t.Failed() {
		t.Log(again(*seed))
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

// enough says whether this was fuzzing: calls were made, and some worker came to its end.
func (c *counter) enough(ends *tally) bool {
	made := int64(0)
	for _, n := range c.made {
		made += n.Load()
	}
	return *only != "" || made >= 50_000 && ends.well.Load() > 0
}

// judge wants that, and that most calls got further than the check of their arguments.
func (c *counter) judge(t *testing.T, ends *tally) {
	var there, good int
	var made int64
	for i := range syscalls.Classes[syscalls.ClassBSD] {
		r := &syscalls.Classes[syscalls.ClassBSD][i]
		made += c.made[r].Load()
		if r.Status == syscalls.Yes || r.Status == syscalls.Partial {
			there++
			if c.good[r].Load() > 0 {
				good++
			}
		}
	}
	t.Logf("%d calls of BSD's; of %d different ones %d succeeded at least once", made, there, good)
	if !c.enough(ends) {
		t.Errorf("only %d calls of BSD's, and %d workers that came to their end", made, ends.well.Load())
	}
	if *only == "" && good*10 < there*6 {
		t.Errorf("of %d different calls only %d ever succeeded", there, good)
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
