package kpi

import (
	"bufio"
	hexa "encoding/hex"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"puggle/debug"
	"puggle/debug/ddb"
	"puggle/debug/gdb"
)

// patience is how long a test waits for what must come.
const patience = 60 * time.Second

// debugged is a kernel task with an extension, and its debugger.
func debugged(t *testing.T, cfg Config) (*KernelTask, *Extension, *Debugger) {
	t.Helper()
	k := bare(t, cfg)
	e := load(t, k, "misdeeds.o")
	d := k.Debugger()
	if err := d.Attach(); err != nil {
		t.Fatal(err)
	}
	return k, e, d
}

type result struct {
	v   uint64
	err error
}

// begin calls a function on a thread of its own.
func begin(k *KernelTask, fn Addr, args ...uint64) chan result {
	c := make(chan result, 1)
	go func() {
		th := k.ownThread("test")
		defer th.Detach()
		v, err := k.Call(th, fn, args...)
		c <- result{v, err}
	}()
	return c
}

// stops waits for a stop of a kind.
func stops(t *testing.T, d *Debugger, want debug.Reason) *debug.Stop {
	t.Helper()
	cancel := make(chan struct{})
	timer := time.AfterFunc(patience, func() { close(cancel) })
	defer timer.Stop()
	s := d.Wait(cancel)
	if s == nil {
		t.Fatal("the kernel does not stop")
	}
	if s.Reason != want {
		t.Fatalf("it stopped: %+v, want reason %d", s, want)
	}
	return s
}

// ends waits for a call's end.
func ends(t *testing.T, c chan result) result {
	t.Helper()
	select {
	case r := <-c:
		return r
	case <-time.After(patience):
		t.Fatal("the call does not end")
		return result{}
	}
}

func goes(t *testing.T, d *Debugger, r debug.Resume) {
	t.Helper()
	if err := d.Resume(r); err != nil {
		t.Fatal(err)
	}
}

// TestDebugger stops at a breakpoint, looks, steps, changes a register and lets it go on.
func TestDebugger(t *testing.T) {
	k, e, d := debugged(t, Config{})
	if err := d.Attach(); err != debug.ErrBusy {
		t.Errorf("a second debugger: %v", err)
	}
	add := e.fn(t, "add")
	if err := d.SetBreak(add); err != debug.ErrRunning {
		t.Errorf("a breakpoint while it runs: %v", err)
	}
	d.Halt("test")
	if s := stops(t, d, debug.Halted); s.Text != "test" {
		t.Errorf("stopped: %+v", s)
	}
	var was [16]byte
	d.Read(was[:], add)
	for range 2 {
		if err := d.SetBreak(add); err != nil {
			t.Fatal(err)
		}
	}
	for _, bad := range []Addr{0x10, mapBase, k.stubs, k.stubs + stubSize + 5, opaque} {
		if err := d.SetBreak(bad); err == nil {
			t.Errorf("a breakpoint at %#x", bad)
		}
	}
	var raw, seen [16]byte
	k.Read(raw[:], add)
	if d.Read(seen[:], add); seen != was || raw[0] != 0xcc {
		t.Errorf("memory under a breakpoint: % x, shown % x, was % x", raw, seen, was)
	}
	c := begin(k, add, 1, 2, 4, 8, 16, 32, 64, 128) // it waits at the gate
	goes(t, d, debug.Resume{})
	s := stops(t, d, debug.Breakpoint)
	r, err := d.Regs(s.Thread)
	if err != nil || Addr(r.Rip) != add || r.Rdi != 1 || r.Rsi != 2 || r.R8 != 16 {
		t.Fatalf("at the breakpoint: %+v, %v", r, err)
	}
	if l := d.Threads(); len(l) != 1 || l[0].ID != s.Thread || l[0].Inside || l[0].Name != "test" {
		t.Errorf("threads: %+v", l)
	}
	if l := d.Backtrace(s.Thread); len(l) == 0 || l[0] != add || !strings.Contains(d.Symbolize(l[0]), "add+0x0") {
		t.Errorf("backtrace: %#x", l)
	}
	goes(t, d, debug.Resume{Step: true, Thread: s.Thread, Alone: true})
	stops(t, d, debug.Stepped)
	r2, err := d.Regs(s.Thread)
	if err != nil || r2.Rip <= r.Rip || r2.Rip > r.Rip+15 {
		t.Errorf("a step from %#x came to %#x, %v", r.Rip, r2.Rip, err)
	}
	if k.Read(raw[:1], add); raw[0] != 0xcc {
		t.Error("the breakpoint did not come back after the step")
	}
	r2.Rdi = 1001
	if err := d.SetRegs(s.Thread, r2); err != nil {
		t.Fatal(err)
	}
	goes(t, d, debug.Resume{})
	if got := ends(t, c); got.err != nil || got.v != 1255 {
		t.Errorf("add: %+v, want 1255", got)
	}
	// Again, and on over it without a word; then without it.
	c = begin(k, add, 1, 2, 4, 8, 16, 32, 64, 128)
	stops(t, d, debug.Breakpoint)
	goes(t, d, debug.Resume{})
	if got := ends(t, c); got.v != 255 {
		t.Errorf("add: %+v", got)
	}
	c = begin(k, add, 1, 2, 4, 8, 16, 32, 64, 128)
	stops(t, d, debug.Breakpoint)
	d.Detach(false)
	if got := ends(t, c); got.v != 255 {
		t.Errorf("add, detached: %+v", got)
	}
	if k.Read(raw[:], add); raw != was {
		t.Errorf("code after all: % x, was % x", raw, was)
	}
}

// TestDebuggerThreads has several threads at a breakpoint at once: each is told of.
func TestDebuggerThreads(t *testing.T) {
	k, e, d := debugged(t, Config{})
	d.Halt("test")
	if err := d.SetBreak(e.fn(t, "spin")); err != nil {
		t.Fatal(err)
	}
	const n = 8
	var calls []chan result
	for range n {
		calls = append(calls, begin(k, e.fn(t, "spin"), 10))
	}
	sleeper := begin(k, e.fn(t, "sleeps"), 1)
	goes(t, d, debug.Resume{})
	told := map[uint64]bool{}
	for range n {
		s := stops(t, d, debug.Breakpoint)
		if told[s.Thread] {
			t.Errorf("thread %d twice", s.Thread)
		}
		told[s.Thread] = true
		goes(t, d, debug.Resume{})
	}
	for _, c := range calls {
		if r := ends(t, c); r.err != nil {
			t.Error(r.err)
		}
	}
	if r := ends(t, sleeper); r.v != 1 {
		t.Errorf("sleeps: %+v", r)
	}
}

// TestDebuggerHalt stops code that loops, and code that sleeps in the kernel.
func TestDebuggerHalt(t *testing.T) {
	var halts []bool
	k, e, d := debugged(t, Config{Halt: func(stop bool) { halts = append(halts, stop) }})
	loop := begin(k, e.fn(t, "counts"))
	var at Addr
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		v, _ := d.Symbol("misdeeds.o`counted")
		if n, _ := k.U32(v); n > 0 {
			at = v
			break
		}
		if time.Now().After(end) {
			t.Fatal("it does not count")
		}
	}
	d.Halt("test")
	s := stops(t, d, debug.Halted)
	before, _ := k.U32(at)
	l := d.Threads()
	if len(l) != 1 || s.Thread != 0 {
		t.Fatalf("threads %+v, stop %+v", l, s)
	}
	r, err := d.Regs(l[0].ID)
	if err != nil || !strings.Contains(d.Symbolize(Addr(r.Rip)), "counts") {
		t.Errorf("it is at %s, %v", d.Symbolize(Addr(r.Rip)), err)
	}
	goes(t, d, debug.Resume{Step: true, Thread: l[0].ID, Alone: true})
	stops(t, d, debug.Stepped)
	if n, _ := k.U32(at); n > before+1 {
		t.Errorf("one step counted from %d to %d", before, n)
	}
	// Memory can be changed: that ends the loop.
	enough, _ := d.Symbol("enough")
	if err := d.Write(enough, []byte{0x39, 5}); err != nil {
		t.Fatal(err)
	}
	goes(t, d, debug.Resume{})
	if r := ends(t, loop); r.v != 1337 {
		t.Errorf("counts: %+v", r)
	}
	if fmt.Sprint(halts) != "[true false]" {
		t.Errorf("processes were stopped and let go: %v", halts)
	}
}

// TestDebuggerEnter: PE_enter_debugger stops where a debugger can come, and is a panic where
// none can. A kernel that stops while it is closed ends all the same.
func TestDebuggerEnter(t *testing.T) {
	k := bare(t, Config{Debuggable: true})
	e := load(t, k, "misdeeds.o")
	d := k.Debugger()
	c := begin(k, e.fn(t, "enters"), 41)
	s := stops(t, d, debug.Entered)
	if s.Text != "here I am" {
		t.Errorf("stopped: %+v", s)
	}
	if err := d.Attach(); err != nil {
		t.Fatal(err)
	}
	if l := d.Backtrace(s.Thread); len(l) < 2 || !strings.Contains(d.Symbolize(l[1]), "enters") {
		t.Errorf("backtrace: %#x", l)
	}
	d.Detach(true) // who goes leaves it as it was found
	if d.Stopped() == nil {
		t.Error("it runs though nobody let it")
	}
	if err := d.Attach(); err != nil {
		t.Fatal(err)
	}
	goes(t, d, debug.Resume{})
	if r := ends(t, c); r.err != nil || r.v != 42 {
		t.Errorf("enters: %+v", r)
	}
	d.Detach(false)

	k2 := bare(t, Config{})
	e2 := load(t, k2, "misdeeds.o")
	if r := ends(t, begin(k2, e2.fn(t, "enters"), 1)); r.err == nil || !strings.Contains(r.err.Error(), "no debugger can come") {
		t.Errorf("nobody can come: %+v", r)
	}

	c = begin(k, e.fn(t, "enters"), 1)
	stops(t, d, debug.Entered)
	k.Close()
	if r := ends(t, c); r.err == nil {
		t.Errorf("the kernel was closed: %+v", r)
	}
}

// TestDebuggerPanic keeps what panicked, until it has been looked at.
func TestDebuggerPanic(t *testing.T) {
	for _, stop := range []bool{true, false} {
		k := bare(t, Config{StopOnPanic: stop})
		e := load(t, k, "misdeeds.o")
		d := k.Debugger()
		if !stop {
			d.Attach() // a debugger that is there already is told, too
		}
		c := begin(k, e.fn(t, "null_write"))
		s := stops(t, d, debug.Panicked)
		if stop {
			d.Attach()
		}
		if !strings.Contains(s.Text, "page fault writing 0x8") || !strings.Contains(d.Messages(), "backtrace:") {
			t.Errorf("stopped: %+v\n%s", s, d.Messages())
		}
		r, err := d.Regs(s.Thread)
		if err != nil || !strings.Contains(d.Symbolize(Addr(r.Rip)), "null_write") {
			t.Errorf("it is at %s, %v", d.Symbolize(Addr(r.Rip)), err)
		}
		goes(t, d, debug.Resume{})
		var p *Panic
		if r := ends(t, c); !errors.As(r.err, &p) || !e.Dead() {
			t.Errorf("after all: %+v", r)
		}
	}
}

// TestDDB is a session at the prompt: break, examine, step, write, continue.
func TestDDB(t *testing.T) {
	k, e, d := debugged(t, Config{})
	d.Halt("test")
	con := ddb.New(ddb.Config{Target: d})
	do := func(line string, want ...string) string {
		t.Helper()
		out, err := con.Do(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("%s: %q, want %q", line, out, w)
			}
		}
		return out
	}
	do("break add")
	do("show breaks", "1: "+hex(e.fn(t, "add")), "misdeeds.o`add")
	c := begin(k, e.fn(t, "add"), 1, 2, 4, 8, 16, 32, 64, 128)
	do("continue", "breakpoint at misdeeds.o`add")
	do("dx", "rdi   0x0000000000000001", "misdeeds.o`add")
	do("show $rsi", "$rsi = 0x2")
	do("trace", "misdeeds.o`add+0x0")
	do("show threads", "test")
	do("set $rdi = 0t1001 + (2*8) - 10")
	do("step", "stopped: step")
	do("step ,2", "misdeeds.o`add")
	do("cond #2 1", "no breakpoint")
	do("cond #1 $rdi ==", "missing")
	do("cond #1 nowhere")
	do("delete #1")
	do("cond", "")
	do("dr 7fffffffffffffff", "there is no memory")
	var real uint64
	for real < 1<<30 && d.ReadPhysical(make([]byte, 16), real) == 0 {
		real += 4096
	}
	do("x/lx counted")
	do(fmt.Sprintf("dr %x", real), fmt.Sprintf("%#x: ", real), fmt.Sprintf("%#x: ", real+0x70))
	do("dr", fmt.Sprintf("%#x: ", real+0x80))
	counted, _ := d.Symbol("counted")
	do("x/lx .", hex(counted)) // what dr shows is no address of the kernel's
	do("show breaks")
	do("x/d $rsp,2", ":")
	do("dk", "misdeeds.o")
	a, _ := d.Symbol("counted")
	do("write/l counted 1234 5678")
	do("x/lx counted", "0x00001234")
	do("x/h counted", "0x1234")
	do("print/d counted", "4660")
	do("x/x counted", "0x1234")
	do("xf", "0")
	do("search/h misdeeds.o`counted 1234,8", "1234")
	do("search counted 77777777,2", "not found")
	do("macro twice x/lx counted; x/lx counted")
	if out := do("twice"); strings.Count(out, "0x00001234") != 2 {
		t.Errorf("a macro: %s", out)
	}
	do("macro forever forever")
	do("forever", "too deep")
	do("dm add", "mapped", "misdeeds.o`add")
	do("dl 10", "nothing is mapped")
	do("watch 5", "nothing is mapped")
	do("call 5", "nothing is mapped")
	do("call", "call FUNCTION")
	before := do("ds")
	do("call hello", "0x7")
	if !strings.Contains(k.Messages.String(), "Hello, world: -42") {
		t.Errorf("hello was called: %s", k.Messages)
	}
	if after := do("ds"); after != before {
		t.Errorf("after a call:\n%s\nbefore:\n%s", after, before)
	}
	do("call chained misdeeds.o`add 1", "no such symbol")
	do("nonsense", "no such command")
	do("break 10", "can't be a breakpoint")
	do("x/y 10", "no switch")
	if n, _ := k.U32(a); n != 0x1234 {
		t.Errorf("counted is %#x", n)
	}
	d.Detach(false)
	if r := ends(t, c); r.v != 254+1001 {
		t.Errorf("add: %+v", r)
	}
	// A breakpoint with a condition lets the calls pass for which it does not hold.
	d.Attach()
	d.Halt("test")
	con = ddb.New(ddb.Config{Target: d})
	do("break add")
	do("cond #1 $rdi == 3")
	do("cond", "add+0x0: $rdi == 3")
	c = begin(k, e.fn(t, "add"), 1, 0, 0, 0, 0, 0, 0, 0)
	c2 := make(chan result, 1)
	go func() {
		if r := ends(t, c); r.v != 1 {
			t.Errorf("the call that passes: %+v", r)
		}
		c2 <- ends(t, begin(k, e.fn(t, "add"), 3, 0, 0, 0, 0, 0, 0, 0))
	}()
	do("continue", "breakpoint at misdeeds.o`add")
	do("show $rdi", "$rdi = 0x3")
	do("delete")
	d.Detach(false)
	if r := <-c2; r.v != 3 {
		t.Errorf("the call that stopped: %+v", r)
	}
	// A watchpoint stops a thread that writes there; a call without an end is given up.
	d.Attach()
	d.Halt("test")
	con = ddb.New(ddb.Config{Target: d})
	do("break counts")
	c = begin(k, e.fn(t, "counts"))
	do("continue", "counts+0x0")
	do("watch counted,3", "SIZE 1, 2, 4 or 8")
	do("watch counted")
	do("show watches", ",4 misdeeds.o`counted+0x0: 0x1234")
	do("continue", "watchpoint at", "counted+0x0: 0x1235, was 0x1234", "misdeeds.o`counts")
	do("continue", "0x1236, was 0x1235")
	do("dwatch counted")
	do("dwatch counted", "no watchpoint")
	do("delete")
	before = do("dx")
	do("call counts", "given up: no end in")
	if after := do("dx"); after != before {
		t.Errorf("after a call that was given up:\n%s\nbefore:\n%s", after, before)
	}
	do("write/l enough 5")
	d.Detach(false)
	if r := ends(t, c); r.v != 5 {
		t.Errorf("counts: %+v", r)
	}
	// until and match, from the beginning of a function that calls.
	d.Attach()
	d.Halt("test")
	con = ddb.New(ddb.Config{Target: d})
	do("break hello")
	c = begin(k, e.fn(t, "hello"))
	do("c", "hello")
	do("until", "hello+0x")
	if k := do("step"); !strings.Contains(k, "IOLog") {
		t.Errorf("behind until: %s", k)
	}
	do("match", "hello+0x")
	con.Do("delete")
	d.Detach(false)
	if r := ends(t, c); r.v != 7 {
		t.Errorf("hello: %+v", r)
	}
	// The NMI mini-monitor.
	d.Attach()
	d.Halt("NMI")
	k.print("one\ntwo\nthree\n")
	for _, c := range [][2]string{{"msg=2", "two\nthree\n"}, {"debug=2", "debug=0x2\n"}, {"debug=", "debug=0x2\n"},
		{"counted=7", "counted=0x7\n"}, {"counted=", "counted=0x7\n"}, {"bogus=", "bogus: no such flag\n"}} {
		if out, _, _ := ddb.NMI(d, c[0]); out != c[1] {
			t.Errorf("nmi> %s: %q, want %q", c[0], out, c[1])
		}
	}
	if k.debugFlags() != 2 {
		t.Errorf("flags %#x", k.debugFlags())
	}
	d.Detach(false)
}

// remote is the debugger's end of gdb's protocol.
type remote struct {
	t *testing.T
	net.Conn
	r *bufio.Reader
}

// ask sends a packet and gives the answer.
func (r *remote) ask(p string) string {
	r.t.Helper()
	r.SetDeadline(time.Now().Add(patience))
	var sum byte
	for i := range len(p) {
		sum += p[i]
	}
	if _, err := fmt.Fprintf(r, "$%s#%02x", p, sum); err != nil {
		r.t.Fatal(err)
	}
	return r.answer()
}

func (r *remote) answer() string {
	r.t.Helper()
	if _, err := r.r.ReadString('$'); err != nil {
		r.t.Fatal(err)
	}
	s, err := r.r.ReadString('#')
	if err == nil {
		_, err = r.r.Discard(2)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return strings.TrimSuffix(s, "#")
}

// TestGDB is a session of gdb's remote protocol.
func TestGDB(t *testing.T) {
	k := bare(t, Config{})
	e := load(t, k, "misdeeds.o")
	d := k.Debugger()
	ours, theirs := net.Pipe()
	served := make(chan error, 1)
	con := ddb.New(ddb.Config{Target: d, Guest: true})
	go func() {
		served <- gdb.Serve(theirs, gdb.Config{Target: d, Monitor: func(l string) string { s, _ := con.Do(l); return s }})
	}()
	r := &remote{t, ours, bufio.NewReader(ours)}
	is := func(p, want string) {
		t.Helper()
		if got := r.ask(p); got != want {
			t.Errorf("%s: %s, want %s", p, got, want)
		}
	}
	if s := r.ask("qSupported:swbreak+"); !strings.Contains(s, "PacketSize=4000") {
		t.Errorf("qSupported: %s", s)
	}
	is("QStartNoAckMode", "OK")
	is("vMustReplyEmpty", "")
	is("?", "T02thread:7fffffff;")
	is("qfThreadInfo", "m7fffffff")
	is("qsThreadInfo", "l")
	if s := r.ask("g"); !strings.HasPrefix(s, strings.Repeat("0", 2*164)+"x") {
		t.Errorf("g, idle: %s", s)
	}
	add := strconv.FormatUint(uint64(e.fn(t, "add")), 16)
	is("Z0,"+add+",1", "OK")
	is("Z0,10,1", "E01")
	is("Z2,"+add+",4", "")
	c := begin(k, e.fn(t, "add"), 1, 2, 4, 8, 16, 32, 64, 128)
	s := r.ask("vCont;c:-1")
	if !strings.HasPrefix(s, "T05thread:") || !strings.HasSuffix(s, ";swbreak:;") {
		t.Fatalf("stopped: %s", s)
	}
	id, _, _ := strings.Cut(s[len("T05thread:"):], ";")
	is("Hg"+id, "OK")
	is("T"+id, "OK")
	is("T1234", "E01")
	var rip [8]byte
	le.PutUint64(rip[:], uint64(e.fn(t, "add")))
	is("p10", hexa.EncodeToString(rip[:]))
	is("p5", "0100000000000000") // rdi
	var code [4]byte
	d.Read(code[:], e.fn(t, "add"))
	is("m"+add+",4", hexa.EncodeToString(code[:]))
	is("m10,4", "E01")
	if s := r.ask("vCont;s:" + id); !strings.HasPrefix(s, "T05thread:"+id) {
		t.Errorf("step: %s", s)
	}
	is("P5=e903000000000000", "OK") // rdi = 1001
	is("M"+hexOf(t, d, "counted")+",4:78563412", "OK")
	is("m"+hexOf(t, d, "counted")+",4", "78563412")
	is("qThreadExtraInfo,"+id, hexa.EncodeToString([]byte("test")))
	if s := r.ask("qRcmd," + hexa.EncodeToString([]byte("showallkmods"))); s[0] != 'O' || r.answer() != "OK" {
		t.Errorf("monitor: %s", s)
	} else if b, _ := hexa.DecodeString(s[1:]); !strings.Contains(string(b), "misdeeds.o") {
		t.Errorf("showallkmods: %s", b)
	}
	is("z0,"+add+",1", "OK")
	// It goes on until it is interrupted.
	fmt.Fprint(ours, "$c#63")
	if got := ends(t, c); got.v != 1255 {
		t.Errorf("add: %+v", got)
	}
	ours.Write([]byte{3})
	if s := r.answer(); !strings.HasPrefix(s, "T02") {
		t.Errorf("interrupted: %s", s)
	}
	is("D", "OK")
	if err := <-served; err != nil {
		t.Errorf("the session: %v", err)
	}
	if d.Stopped() != nil {
		t.Error("it does not run after detach")
	}
}

func hexOf(t *testing.T, d *Debugger, name string) string {
	t.Helper()
	a, ok := d.Symbol(name)
	if !ok {
		t.Fatal(name)
	}
	return strconv.FormatUint(uint64(a), 16)
}
