package kpi

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"puggle/abi"
	"puggle/libkern"
	"puggle/mach/sched"
	"puggle/mach/task"
	"puggle/mach/vm"
	"puggle/machine/trap"
)

// bare makes a kernel task without a system around it.
func bare(t testing.TB, cfg Config) *KernelTask {
	t.Helper()
	m, err := trap.New(trap.Config{MemSize: 1 << 30})
	if err != nil {
		t.Fatalf("no machine: %v", err)
	}
	t.Cleanup(func() { m.Close() })
	vm.Bootstrap(m.Memory())
	cfg.Tasks = &task.System{Machine: m, Processors: sched.NewProcessorSet(m.Processors())}
	k, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	return k
}

// load links an object against the whole KPI and installs it.
func load(t testing.TB, k *KernelTask, file string) *Extension {
	t.Helper()
	b, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := libkern.NewPlan([][]byte{b})
	if err != nil {
		t.Fatal(err)
	}
	base, err := k.Allocate(plan.Size())
	if err != nil {
		t.Fatal(err)
	}
	img, err := plan.Link(base, k.Resolve)
	if err != nil {
		t.Fatal(err)
	}
	e, err := k.Install(file, img)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (e *Extension) fn(t testing.TB, name string) Addr {
	t.Helper()
	s, ok := e.Image.Lookup("_" + name)
	if !ok {
		t.Fatalf("no function %s", name)
	}
	return Addr(s.Addr)
}

func TestCall(t *testing.T) {
	k := bare(t, Config{})
	e := load(t, k, "misdeeds.o")
	th := k.ownThread("test")
	defer th.Detach()
	if v, err := k.Call(th, e.fn(t, "hello")); err != nil || v != 7 {
		t.Fatalf("hello: %d, %v", v, err)
	}
	want := "Hello, world: -42   01f|ab  |z 1099511627776 0x1234\n"
	if got := k.Messages.String(); got != want {
		t.Errorf("message buffer %q, want %q", got, want)
	}
	if v, err := k.Call(th, e.fn(t, "add"), 1, 2, 4, 8, 16, 32, 64, 128); err != nil || v != 255 {
		t.Errorf("add: %d, %v", v, err)
	}
	bytes, blocks := k.MemoryInUse()
	for range 100 {
		if v, err := k.Call(th, e.fn(t, "locks"), 10); err != nil || v != 10 {
			t.Fatalf("locks: %d, %v", v, err)
		}
	}
	if b, n := k.MemoryInUse(); b != bytes || n != blocks {
		t.Errorf("%d bytes in %d blocks, before %d in %d", b, n, bytes, blocks)
	}
}

// TestPanics has an extension do all that it must not: each is a report that names the
// function, and the machine goes on.
func TestPanics(t *testing.T) {
	k := bare(t, Config{HangLimit: 300 * time.Millisecond})
	for _, c := range []struct {
		fn, reason, traced string
	}{
		{"null_write", "null pointer: page fault writing 0x8", "null_write"},
		{"overflow", "kernel stack overflow (16 KB)", "deep"},
		{"assertion", "assertion 5 failed", "assertion"},
		{"wrong_size", "with the wrong size: 99 bytes, allocated were 100", "wrong_size"},
		{"wrong_kind", "it came from IOMalloc", "wrong_kind"},
		{"twice", "freed twice", "twice"},
		{"not_held", "does not hold it", "not_held"},
		{"again", "locked again by its owner", "again"},
		{"spin_left", "still held when the routine returns", ""},
		{"spin_sleep", "sleeping with a spin lock held", "spin_sleep"},
		{"hang", "a routine hangs", "hang"},
		{"undefined", "invalid opcode", "undefined"},
		{"raw", "a system call instruction", "raw"},
		{"wild", "page fault executing 0x1234567", "wild"},
		{"text", "page fault writing", "text"},
	} {
		e := load(t, k, "misdeeds.o")
		th := k.ownThread("test/" + c.fn)
		_, err := k.Call(th, e.fn(t, c.fn), 5)
		var p *Panic
		if !errors.As(err, &p) {
			t.Errorf("%s: %v, want a panic", c.fn, err)
			continue
		}
		if !strings.Contains(p.Reason, c.reason) {
			t.Errorf("%s: %s, want %s", c.fn, p.Reason, c.reason)
		}
		if !strings.Contains(p.Report, "misdeeds.o`"+c.traced) || !strings.Contains(p.Report, "rip") {
			t.Errorf("%s: the report does not name the function:\n%s", c.fn, p.Report)
		}
		if p.Extension != e || !e.Dead() {
			t.Errorf("%s: the extension isn't dead", c.fn)
		}
		if _, err := k.Call(th, e.fn(t, "hello")); !errors.Is(err, ErrDead) {
			t.Errorf("%s: the dead extension was entered: %v", c.fn, err)
		}
		if !strings.Contains(k.Messages.String(), p.Report) {
			t.Errorf("%s: the report is not in the message buffer", c.fn)
		}
		if refs := e.References(); len(refs) != 0 {
			t.Errorf("%s: left %v", c.fn, refs)
		}
		e.Remove()
		th.Detach()
	}
	e := load(t, k, "misdeeds.o")
	th := k.ownThread("test")
	defer th.Detach()
	if _, err := k.CallInterrupt(th, 5, e.fn(t, "allocates")); err == nil || !strings.Contains(err.Error(), "sleeping in an interrupt handler") {
		t.Errorf("allocating at interrupt level: %v", err)
	}
	if len(k.Extensions()) != 1 {
		t.Errorf("%d extensions are left", len(k.Extensions()))
	}
}

// TestUnhandledCall: the number of a row that the kernel does not handle, which no stub has, is
// the extension's panic.
func TestUnhandledCall(t *testing.T) {
	k := bare(t, Config{})
	th := k.ownThread("test")
	defer th.Detach()
	tried := 0
	for i := range table {
		if table[i].Handler != nil {
			continue
		}
		var b [stubSize]byte
		stub(b[:], i+1)
		a, err := k.enter(b[:], stubSize, abi.VM_PROT_READ|abi.VM_PROT_EXECUTE)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Call(th, a); err == nil || !strings.Contains(err.Error(), "has no number") {
			t.Errorf("%s: %v", table[i].Name, err)
		}
		if tried++; tried == 3 {
			break
		}
	}
	if tried == 0 {
		t.Error("every row has a handler")
	}
}

// TestTable wants every row to be offered as it says, and no more in the runtime.
func TestTable(t *testing.T) {
	k := bare(t, Config{})
	for _, r := range Table() {
		_, ok := k.rt.Lookup(r.Symbol())
		if inRT := r.Handler == nil && !r.None; ok != inRT {
			t.Errorf("%s is said to be %q, in the runtime: %v", r.Name, r.How(), ok)
		}
		if r.Proto == "" || r.Header == "" || r.KPI == "" {
			t.Errorf("%s: a column is empty", r.Name)
		}
		if _, ok := k.Resolve(r.Symbol()); ok == r.None {
			t.Errorf("%s: resolved %v", r.Name, ok)
		}
	}
	for _, s := range k.rt.Symbols {
		if _, ok := byName()[s.Name]; s.Exported && !ok {
			t.Errorf("%s is in the runtime and not in the table", s.Name)
		}
	}
	if _, ok := k.Symbol("com.apple.kernel.bsd", "_lck_rw_alloc_init"); !ok {
		t.Error("lck_rw_alloc_init is not in com.apple.kernel.bsd")
	}
	for _, n := range []string{"_mach_absolute_time", "_clock_delay_until", "_vm_map_copyin", "_kmem_alloc"} {
		if _, ok := k.Symbol("com.apple.kernel.bsd", n); ok {
			t.Errorf("%s is in com.apple.kernel.bsd", n)
		}
	}
	if _, ok := k.Symbol("com.apple.kernel.bsd", "_IOLog"); ok {
		t.Error("IOLog is in com.apple.kernel.bsd")
	}
}

func BenchmarkUpcall(b *testing.B) {
	k := bare(b, Config{})
	e := load(b, k, "misdeeds.o")
	th := k.ownThread("bench")
	defer th.Detach()
	fn := e.fn(b, "spin")
	for b.Loop() {
		if _, err := k.Call(th, fn, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMutex(b *testing.B) {
	k := bare(b, Config{})
	e := load(b, k, "misdeeds.o")
	th := k.ownThread("bench")
	defer th.Detach()
	if _, err := k.Call(th, e.fn(b, "locks"), uint64(b.N)); err != nil {
		b.Fatal(err)
	}
}
