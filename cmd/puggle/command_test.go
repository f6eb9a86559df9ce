package main

import (
	"bufio"
	"bytes"
	"debug/macho"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"puggle/abi"
	"puggle/control"
	"puggle/debug/ktrace"
)

// The test binary is the command, too, when this is set.
const beCommand = "PUGGLE_TEST_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(beCommand) != "" {
		main()
		return
	}
	dir, err := os.MkdirTemp("", "pt")
	if err != nil {
		panic(err)
	}
	tmp = dir
	os.Setenv("XDG_RUNTIME_DIR", dir)
	st := m.Run()
	os.RemoveAll(dir)
	os.Exit(st)
}

var tmp string // short: a socket's name has to fit

// guestProgram builds the guests' program once.
var guestProgram = sync.OnceValues(func() (string, error) {
	prog := filepath.Join(tmp, "guest")
	c := exec.Command("go", "build", "-o", prog, "./testdata/guest")
	c.Env = append(os.Environ(), "GOOS=darwin", "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%v\n%s", err, out)
	}
	return prog, nil
})

func needGuest(t *testing.T) string {
	t.Helper()
	g, err := guestProgram()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func command(args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), beCommand+"=1")
	return c
}

// puggle runs the command and gives what it wrote and its status.
func puggle(t *testing.T, in string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	c := command(args...)
	var o, e bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(in), &o, &e
	err := c.Run()
	var x *exec.ExitError
	if err != nil && !errors.As(err, &x) {
		t.Fatal(err)
	}
	return o.String(), e.String(), c.ProcessState.ExitCode()
}

// want runs the command and checks all that it does.
func want(t *testing.T, in, stdout string, status int, args ...string) {
	t.Helper()
	o, e, st := puggle(t, in, args...)
	if o != stdout || st != status {
		t.Errorf("%v: %q, status %d; want %q, %d\n%s", args, o, st, stdout, status, e)
	}
}

// machine boots a machine for a test.
func machine(t *testing.T) (name string, pid int) {
	t.Helper()
	name = fmt.Sprintf("m%d", time.Now().UnixNano()%1e9)
	if _, e, st := puggle(t, "", "boot", "-b", "-n", name); st != 0 {
		t.Fatalf("boot: %d %s", st, e)
	}
	var i control.Info
	if err := control.Call(name, "info", nil, &i); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { puggle(t, "", "shutdown", "-n", name) })
	return name, i.PID
}

func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for range 500 {
		if f() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("%s: does not come", what)
}

func TestRun(t *testing.T) {
	g := needGuest(t)
	want(t, "", "hello [a b]\n", 0, "run", g, "hello", "a", "b")
	want(t, "", "", 7, "run", g, "exit", "7")
	want(t, "", "", 128+9, "run", g, "kill")
	want(t, "abc", "abc", 0, "run", g, "cat")
	want(t, "", "", 127, "run", filepath.Join(tmp, "nowhere"))
	want(t, "", "", 126, "run", "./command_test.go")
	want(t, "", "Darwin\n", 0, "run", "uname") // the machine's, by its PATH
	want(t, "", "", 127, "run", "no-such-program")
	want(t, "", "", 125, "run", "--no-such-flag")
	_, e, _ := puggle(t, "", "run", "--verbose", g, "hello")
	if !strings.Contains(e, " calls (") || strings.Contains(e, " 0 calls") {
		t.Errorf("--verbose says %q", e)
	}
}

// TestSeek: a regular file as standard input can be positioned, and is left where
// the guest left it.
func TestSeek(t *testing.T) {
	g := needGuest(t)
	in := filepath.Join(t.TempDir(), "in")
	os.WriteFile(in, []byte("0123456789"), 0o644)
	f, err := os.Open(in)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c := command("run", g, "skip")
	c.Stdin = f
	out, err := c.Output()
	if string(out) != "34" || err != nil {
		t.Errorf("read %q, %v; want 34", out, err)
	}
	if at, _ := f.Seek(0, io.SeekCurrent); at != 5 {
		t.Errorf("the file is at %d, want 5", at)
	}
}

func TestMachine(t *testing.T) {
	g := needGuest(t)
	n, _ := machine(t)
	want(t, "", "hello [x]\n", 0, "exec", "-n", n, g, "hello", "x")
	want(t, "abc", "abc", 0, "exec", "-n", n, g, "cat")
	want(t, "", "", 3, "exec", "-n", n, g, "exit", "3")
	want(t, "", "", 128+9, "exec", "-n", n, g, "kill")
	want(t, "", "", 127, "exec", "-n", n, filepath.Join(tmp, "nowhere"))
	want(t, "", "hello [child]\n<nil>\n", 0, "exec", "-n", n, g, "child")
	if o, _, _ := puggle(t, "", "list", "--json"); !strings.Contains(o, `"name": "`+n+`"`) {
		t.Errorf("list: %s", o)
	}
	if _, e, st := puggle(t, "", "boot", "-n", n); st != 125 || !strings.Contains(e, "runs already") {
		t.Errorf("a second machine of the name: %d %s", st, e)
	}
	want(t, "", "kern.ostype: Darwin\n", 0, "sysctl", "-n", n, "kern.ostype")
	want(t, "", "", 1, "sysctl", "-n", n, "kern.nonsense")
	if _, e, st := puggle(t, "", "exec", "-n", "nobody", g); st != 125 || !strings.Contains(e, "puggle boot") {
		t.Errorf("a machine that is not there: %d %s", st, e)
	}
}

// TestWatch looks at a process of a running machine with every tool, and ends it.
func TestWatch(t *testing.T) {
	g := needGuest(t)
	n, _ := machine(t)
	said := filepath.Join(t.TempDir(), "said")
	c := command("exec", "-n", n, g, "signal", said)
	out, _ := c.StdoutPipe()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 6)
	io.ReadFull(out, b)
	if string(b) != "ready\n" {
		t.Fatalf("the guest says %q", b)
	}
	var procs []control.Proc
	if err := control.Call(n, "ps", nil, &procs); err != nil {
		t.Fatal(err)
	}
	p := procs[len(procs)-1]
	if len(procs) != 2 || p.Comm != "guest" || p.PPID != 1 || p.PGID != p.PID || p.Threads == 0 || p.Calls == 0 || p.VSZ == 0 {
		t.Fatalf("ps: %+v", procs)
	}
	pid := fmt.Sprint(p.PID)
	var m control.VMMap
	control.Call(n, "vmmap", control.PIDArgs{PID: p.PID}, &m)
	text, stack := false, false
	for _, r := range m.Regions {
		text = text || r.Prot == "r-x"
		stack = stack || r.Tag == "Stack" && r.End-r.Start >= 1<<20
	}
	if !text || !stack {
		t.Errorf("vmmap shows no text or no stack: %+v", m.Regions)
	}
	var ports []control.TaskPorts
	control.Call(n, "lsmp", control.LsmpArgs{PID: p.PID}, &ports)
	self := false
	for _, x := range ports[0].Names {
		self = self || x.Kind == "TASK-CONTROL" && x.Object == "guest ("+pid+")"
	}
	if !self {
		t.Errorf("lsmp shows no right to the task itself: %+v", ports)
	}
	for _, args := range [][]string{{"ps"}, {"ps", "-l"}, {"vmmap", pid}, {"vm_stat"}, {"zprint"}, {"lsmp"}, {"ports", pid}, {"sysctl", "-a"}} {
		if o, e, st := puggle(t, "", append(args, "-n", n)...); st != 0 || strings.Count(o, "\n") < 3 {
			t.Errorf("%v: %d %s%s", args, st, o, e)
		}
	}
	tr := command("trace", "-n", n, "-p", pid)
	var lines bytes.Buffer
	tr.Stderr = &lines
	tr.Start()
	eventually(t, "the tracer", func() bool {
		var i control.Info
		return control.Call(n, "info", nil, &i) == nil && i.Tracers == 1
	})
	want(t, "", "", 0, "kill", "-n", n, "-s", "USR1", pid)
	rest, _ := io.ReadAll(out)
	c.Wait()
	if string(rest) != "got user defined signal 1\n" || c.ProcessState.ExitCode() != 9 {
		t.Errorf("after SIGUSR1: %q, status %d", rest, c.ProcessState.ExitCode())
	}
	tr.Wait()
	if s := lines.String(); !strings.Contains(s, `write(1, "got user defined`) || !strings.Contains(s, "open(") {
		t.Errorf("trace -p shows:\n%s", s)
	}
	want(t, "", "", 1, "vmmap", "-n", n, pid)
}

func TestTrace(t *testing.T) {
	g := needGuest(t)
	file := filepath.Join(t.TempDir(), "trace")
	want(t, "", "open /nowhere: no such file or directory\n", 0, "trace", "-o", file, g, "open")
	b, _ := os.ReadFile(file)
	for _, w := range []string{`open("/nowhere", O_RDONLY|O_CLOEXEC`, "= -1 ENOENT (no such file", "task_self_trap() = 0x", `write(1, "open /nowhere: no such`} {
		if !strings.Contains(string(b), w) {
			t.Errorf("no %q in\n%s", w, b)
		}
	}
	puggle(t, "", "trace", "-e", "write", "-o", file, "--json", g, "hello")
	b, _ = os.ReadFile(file)
	var l ktrace.Line
	if err := json.Unmarshal(b, &l); err != nil || l.Call != "write" || l.Result != "9" || l.Args[1] != `"hello []\n"` {
		t.Errorf("-e write --json: %v %s", err, b)
	}
	puggle(t, "", "trace", "-f", "-e", "write", "-o", file, g, "child")
	if b, _ = os.ReadFile(file); !strings.Contains(string(b), `write(1, "hello [child]`) {
		t.Errorf("-f does not show the child:\n%s", b)
	}
	puggle(t, "", "trace", "-e", "write", "-o", file, g, "child")
	if b, _ = os.ReadFile(file); strings.Contains(string(b), `write(1, "hello [child]\n", `) && strings.Count(string(b), "\n") != 1 {
		t.Errorf("without -f the child is shown:\n%s", b)
	}
	_, e, st := puggle(t, "", "trace", "-c", g, "exit", "4")
	if st != 4 || !strings.Contains(e, "total") || !strings.Contains(e, "mmap") {
		t.Errorf("-c: %d %s", st, e)
	}
	if _, e, st := puggle(t, "", "trace", "-e", "nonsense", g); st != 125 || !strings.Contains(e, "no call named") {
		t.Errorf("an unknown call: %d %s", st, e)
	}
}

// TestKill9: a kernel that is killed leaves no shell, and its socket is swept.
func TestKill9(t *testing.T) {
	g := needGuest(t)
	n, pid := machine(t)
	c := command("exec", "-n", n, g, "signal", "/dev/null")
	out, _ := c.StdoutPipe()
	var e bytes.Buffer
	c.Stderr = &e
	c.Start()
	io.ReadFull(out, make([]byte, 6))
	var procs []control.Proc
	if err := control.Call(n, "ps", nil, &procs); err != nil {
		t.Fatal(err)
	}
	shell := procs[len(procs)-1].HostPID
	if shell == 0 || syscall.Kill(shell, 0) != nil {
		t.Fatalf("no shell: %d", shell)
	}
	syscall.Kill(pid, syscall.SIGKILL)
	c.Wait()
	if c.ProcessState.ExitCode() != 125 || !strings.Contains(e.String(), "the machine has ended") {
		t.Errorf("exec: %d %s", c.ProcessState.ExitCode(), e.String())
	}
	eventually(t, "the shell's end", func() bool { return gone(shell) })
	// The kernel's lock is gone with the last of its host threads.
	eventually(t, "the dead machine is not listed", func() bool {
		names, err := control.Names()
		return err == nil && !slices.Contains(names, n)
	})
	if l, _ := filepath.Glob(filepath.Join(tmp, "puggle", n+".*")); len(l) != 0 {
		t.Errorf("left behind: %v", l)
	}
}

// gone says whether a process of the host has ended; a zombie that nobody buries
// has.
func gone(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	return strings.HasPrefix(rest, "Z") || strings.HasPrefix(rest, "X")
}

// TestHangup: a program whose exec is killed gets SIGHUP.
func TestHangup(t *testing.T) {
	g := needGuest(t)
	n, _ := machine(t)
	said := filepath.Join(t.TempDir(), "said")
	c := command("exec", "-n", n, g, "signal", said)
	out, _ := c.StdoutPipe()
	c.Start()
	io.ReadFull(out, make([]byte, 6))
	c.Process.Kill()
	c.Wait()
	eventually(t, "SIGHUP", func() bool { b, _ := os.ReadFile(said); return string(b) == "hangup" })
}

// terminal gives both ends of a pseudo-terminal of the host's.
func terminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	m, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here:", err)
	}
	unix.IoctlSetPointerInt(int(m.Fd()), unix.TIOCSPTLCK, 0)
	no, err := unix.IoctlGetInt(int(m.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	s, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", no), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here:", err)
	}
	t.Cleanup(func() { m.Close(); s.Close() })
	return m, s
}

// TestTerminal: /dev/tty, echo and ^C work, by run and by exec, and the host's
// terminal is afterwards as it was before.
func TestTerminal(t *testing.T) {
	g := needGuest(t)
	n, _ := machine(t)
	for name, how := range map[string][]string{"run": {"run"}, "exec": {"exec", "-n", n}} {
		t.Run(name, func(t *testing.T) {
			m, s := terminal(t)
			before, _ := unix.IoctlGetTermios(int(s.Fd()), unix.TCGETS)
			start := func(args ...string) *exec.Cmd {
				c := command(append(append([]string{}, how...), args...)...)
				c.Stdin, c.Stdout, c.Stderr = s, s, s
				c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
				if err := c.Start(); err != nil {
					t.Fatal(err)
				}
				return c
			}
			var seen bytes.Buffer
			until := func(text string) {
				t.Helper()
				m.SetReadDeadline(time.Now().Add(20 * time.Second))
				var b [256]byte
				for !strings.Contains(seen.String(), text) {
					k, err := m.Read(b[:])
					if err != nil {
						t.Fatalf("%v before %q: %q", err, text, seen.String())
					}
					seen.Write(b[:k])
				}
			}
			c := start(g, "tty")
			until("name? ")
			m.WriteString("mach\n")
			until("hello mach\r\n")
			c.Wait()
			if !strings.Contains(seen.String(), "name? mach\r\n") {
				t.Errorf("no echo: %q", seen.String())
			}
			c = start(g, "signal", "/dev/null")
			until("ready")
			m.WriteString("\x03")
			until("got interrupt")
			if c.Wait(); c.ProcessState.ExitCode() != 9 {
				t.Errorf("status %d", c.ProcessState.ExitCode())
			}
			if after, _ := unix.IoctlGetTermios(int(s.Fd()), unix.TCGETS); *after != *before {
				t.Errorf("the terminal is not as it was: %+v, %+v", after, before)
			}
		})
	}
}

// TestHostile: nonsense on the socket is answered or dropped, and the machine lives.
func TestHostile(t *testing.T) {
	n, _ := machine(t)
	sock := filepath.Join(tmp, "puggle", n+".sock")
	for _, say := range []string{"\n", "{}\n", "nonsense\n", `{"op":"ps","args":7}` + "\n", `{"op":"exec","args":{"argv":[]}}` + "\n",
		`{"op":"exec","args":{"argv":["x"],"fds":[0,1,2]}}` + "\n", `{"op":"exec","args":{"argv":["x"],"fds":[7]}}` + "\n",
		`{"op":"vmmap","args":{"pid":-1}}` + "\n", `{"op":"lsmp","args":{"pid":99999}}` + "\n", `{"op":"kill","args":{"pid":1,"signal":9}}` + "\n",
		`{"op":"sysctl","args":{"names":["a","b"],"set":"x"}}` + "\n", strings.Repeat("x", control.MaxLine+1<<16)} {
		c, err := net.Dial("unix", sock)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(c, say)
		c.SetReadDeadline(time.Now().Add(20 * time.Second))
		b, err := io.ReadAll(c)
		c.Close()
		if err != nil && !errors.Is(err, unix.ECONNRESET) || len(b) > 0 && !strings.Contains(string(b), `"error"`) && !strings.Contains(say, `"ps"`) {
			t.Errorf("%.60q: %s %v", say, b, err)
		}
	}
	want(t, "", "kern.ostype: Darwin\n", 0, "sysctl", "-n", n, "kern.ostype")
}

// TestKext packs, loads, sees and unloads the hello extension, by the commands.
func TestKext(t *testing.T) {
	n, _ := machine(t)
	dir := filepath.Join(t.TempDir(), "hello.kext")
	ex := "../../examples/hello/"
	want(t, "", "", 0, "kext", "pack", ex+"hello.o", ex+"Info.plist", dir)
	if o, e, st := puggle(t, "", "kextload", "-n", n, dir); st != 0 || !strings.Contains(o, "is loaded") {
		t.Fatalf("kextload: %d %s%s", st, o, e)
	}
	if o, e, st := puggle(t, "", "kextstat", "-n", n); st != 0 || !strings.Contains(o, "hello") {
		t.Errorf("kextstat: %d %s%s", st, o, e)
	}
	if o, e, st := puggle(t, "", "dmesg", "-n", n); st != 0 || len(o) == 0 {
		t.Errorf("dmesg: %d %s%s", st, o, e)
	}
	if o, e, st := puggle(t, "", "kextload", "-n", n, dir); st != 1 || !strings.Contains(e, "loaded already") {
		t.Errorf("a second kextload: %d %s%s", st, o, e)
	}
	want(t, "", "", 0, "kextunload", "-n", n, dir)
	if o, _, _ := puggle(t, "", "kextstat", "-n", n); strings.Contains(o, "hello") {
		t.Errorf("after kextunload: %s", o)
	}
	want(t, "", "", 1, "kextunload", "-n", n, "-b", "com.example.nothing")
}

// TestKextTools is what a person does with an extension from its source to its end, by
// the commands of three generations.
func TestKextTools(t *testing.T) {
	n, _ := machine(t)
	dir := t.TempDir()
	ex := "../../examples/hello/"
	obj, bundle := ex+"hello.o", filepath.Join(dir, "hello.kext")
	t.Setenv("XDG_CACHE_HOME", dir)
	if _, err := exec.LookPath("clang-19"); err == nil {
		obj = filepath.Join(dir, "hello.o")
		want(t, "", "", 0, "sdk", "clang", "-O2", "-Wall", "-Werror", "-c", ex+"hello.c", "-o", obj)
		prog := filepath.Join(dir, "prog")
		src := filepath.Join(dir, "prog.c")
		os.WriteFile(src, []byte("#include <stdio.h>\nint main(void) { return puts(\"hello, user\") < 0; }\n"), 0o644)
		want(t, "", "", 0, "sdk", "clang", "--user", src, "-o", prog)
		want(t, "", "hello, user\n", 0, "run", prog)
		want(t, "", "", statusFault, "sdk", "clang", obj, "-o", prog)
	}
	want(t, "", "", 0, "kext", "pack", obj, ex+"Info.plist", bundle)
	has := func(st int, text string, args ...string) string {
		t.Helper()
		o, e, got := puggle(t, "", args...)
		if got != st || !strings.Contains(o+e, text) {
			t.Errorf("%v: %d %s%s; want %d, %q", args, got, o, e, st, text)
		}
		return o
	}
	has(0, "can be loaded", "kextload", "-n", n, "-n", "-t", bundle)
	has(0, "com.apple.kpi.bsd = 8.0", "kmutil", "-n", n, "libraries", "-p", bundle)
	has(1, "no address is given for it", "kextload", "-n", n, "-n", "-s", dir, bundle)
	symbols := filepath.Join(dir, "com.example.hello.sym")
	symbolAt := func(want uint64) {
		t.Helper()
		f, err := macho.Open(symbols)
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		for _, s := range f.Symtab.Syms {
			if s.Name == "_kmod_info" && s.Value&^0xfffff == want {
				return
			}
		}
		t.Errorf("%s: _kmod_info is not at %#x", symbols, want)
	}
	want(t, "", "", 0, "kextload", "-n", n, "-n", "-a", "com.example.hello@0x150000000", "-s", dir, bundle)
	symbolAt(0x150000000)
	// Without -a the address is asked for.
	if o, e, st := puggle(t, "160000000\n", "kextload", "-n", n, "-n", "-s", dir, bundle); st != 0 || e != "Enter the hexadecimal load address of com.example.hello: " {
		t.Errorf("kextload -n -s: %d %s%s", st, o, e)
	}
	symbolAt(0x160000000)
	want(t, "", "", 0, "kmodsyms", "-n", n, "-k", "/mach_kernel", "-o", symbols, bundle+"@0x170000000")
	symbolAt(0x170000000)
	want(t, "", "", 0, "kmodsyms", "-n", n, "-o", symbols, "com.example.hello@0x180000000")
	symbolAt(0x180000000)
	has(1, "is no address", "kmodsyms", "-n", n, "-o", symbols, bundle+"@here")
	if o := has(0, "Index", "kextstat", "-n", n); strings.Contains(o, "hello") {
		t.Errorf("-n has loaded: %s", o)
	}
	has(0, "is loaded as number 1", "kextload", "-n", n, "-s", dir, bundle)
	o := has(0, "com.example.hello (1.0)", "kmodstat", "-n", n)
	var base uint64
	for _, l := range strings.Split(o, "\n") {
		if f := strings.Fields(l); len(f) > 5 && f[5] == "com.example.hello" {
			base, _ = strconv.ParseUint(f[2], 0, 64)
		}
	}
	symbolAt(base &^ 0xfffff)
	want(t, "", "hw.l2cr: -2147483648\n", 0, "sysctl", "-n", n, "hw.l2cr")
	want(t, "", "hw.l2cr: 7\n", 0, "sysctl", "-n", n, "hw.l2cr=7")
	has(0, "hw.l2cr is now 0x7", "dmesg", "-n", n)
	want(t, "", "", 0, "kmodunload", "-n", n, "-n", "com.example.hello")
	has(1, "hw.l2cr", "sysctl", "-n", n, "hw.l2cr")
	want(t, "", "", 0, "kmutil", "-n", n, "load", "-p", bundle)
	has(0, "com.example.hello", "kmutil", "-n", n, "showloaded")
	want(t, "", "", 0, "kextunload", "-n", n, "-i", "2")
	has(0, "is loaded as number 3", "kmodload", "-n", n, bundle)
	want(t, "", "", 0, "kmutil", "-n", n, "unload", "-b", "com.example.hello")
	want(t, "", "", 2, "kmutil", "-n", n, "frobnicate")
	has(1, "no such bundle", "kextload", "-n", n, "-b", "com.example.nothing")
}

// TestOnlyMachine: with no name given, the only machine is meant.
func TestOnlyMachine(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	if _, e, st := puggle(t, "", "sysctl", "kern.ostype"); st == 0 || !strings.Contains(e, "puggle boot --name default") {
		t.Errorf("without a machine: %d %s", st, e)
	}
	machine(t)
	want(t, "", "kern.ostype: Darwin\n", 0, "sysctl", "kern.ostype")
	machine(t)
	if _, _, st := puggle(t, "", "sysctl", "kern.ostype"); st == 0 {
		t.Error("one of two machines was meant by no name")
	}
}

// TestKernServ links, allocates and shows the slot server, with a board in slot 4.
func TestKernServ(t *testing.T) {
	n := fmt.Sprintf("ks%d", time.Now().UnixNano()%1e9)
	if _, e, st := puggle(t, "", "boot", "-b", "-n", n, "--board", "4=sum"); st != 0 {
		t.Fatalf("boot: %d %s", st, e)
	}
	t.Cleanup(func() { puggle(t, "", "shutdown", "-n", n) })
	out := filepath.Join(t.TempDir(), "slot_reloc")
	ex := "../../examples/slot/"
	want(t, "", "", 0, "kl_ld", "-n", "slot", "-i", "instance", "-l", ex+"Load_Commands", "-u", ex+"Unload_Commands", "-o", out,
		ex+"slot_server.o", ex+"slot_handler.o")
	if o, e, st := puggle(t, "", "kl_util", "-n", n, "-a", out); st != 0 {
		t.Fatalf("kl_util -a: %d %s%s", st, o, e)
	}
	if o, e, st := puggle(t, "", "kl_util", "-n", n, "-s", "slot"); st != 0 || !strings.Contains(o, "slot") {
		t.Errorf("kl_util -s: %d %s%s", st, o, e)
	}
	if o, e, st := puggle(t, "", "nextbus", "-n", n, "list"); st != 0 || !strings.Contains(o, "4") {
		t.Errorf("nextbus list: %d %s%s", st, o, e)
	}
	want(t, "", "", 2, "kl_util", "-n", n, "-x")

	// A program in the machine looks the port up and sends a message, which loads the
	// server; it reads and writes the board, and waits for its interrupt.
	client := func(stdout string, status int, args ...string) {
		t.Helper()
		want(t, "", stdout, status, append([]string{"exec", "-n", n, ex + "slot_client"}, args...)...)
	}
	state := func(s string) {
		t.Helper()
		if o, e, _ := puggle(t, "", "kl_util", "-n", n, "-s", "slot"); !strings.Contains(o, "STATUS: "+s+" ") {
			t.Errorf("it should be %s: %s%s", s, o, e)
		}
	}
	state("Allocated")
	client("0x90\n", 0, "slot4", "read", "1", "0xfffffc", "1") // the board's ID
	state("Loaded")
	client("", 0, "slot4", "write", "0", "0x40", "4", "0x1234")
	client("0x1234\n", 0, "slot4", "read", "0", "0x40", "4")
	client("", 2, "slot2", "read", "0", "0", "4") // an empty slot
	client("", 1, "slot5", "read", "0", "0", "4") // no such port
	client("interrupt\n", 0, "slot4", "wait")
	client("0x1234\n", 0, "slot4", "read", "1", "0x110", "4") // what the board has summed
	// Logged messages are printed until the level is 0.
	log := command("kl_log", "-n", n, "-l", "3", "slot")
	pipe, err := log.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	log.Stderr = os.Stderr
	if err := log.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 64)
	go func() {
		defer close(lines)
		for sc := bufio.NewScanner(pipe); sc.Scan(); {
			lines <- sc.Text()
		}
	}()
	var line string
	eventually(t, "a logged interrupt", func() bool { // once kl_log has set the level
		client("interrupt\n", 0, "slot4", "wait")
		select {
		case line = <-lines:
			return true
		case <-time.After(100 * time.Millisecond):
			return false
		}
	})
	if !strings.Contains(line, "slot 4: interrupt") {
		t.Errorf("kl_log: %q", line)
	}
	want(t, "", "", 0, "kl_log", "-n", n, "-l", "0", "slot")
	if err := log.Wait(); err != nil {
		t.Errorf("kl_log: %v", err)
	}
	want(t, "", "", 0, "kl_util", "-n", n, "-u", "slot")
	state("Allocated")
	client("0x90\n", 0, "slot4", "read", "1", "0xfffffc", "1")
	state("Loaded")
	want(t, "", "", 0, "kl_util", "-n", n, "-d", "slot")
	client("", 1, "slot4", "read", "1", "0xfffffc", "1")

	// The same by the kernel-server loader functions, from a program.
	loader := func(stdout string, status int, args ...string) {
		t.Helper()
		want(t, "", stdout, status, append([]string{"exec", "-n", n, ex + "loader_client"}, args...)...)
	}
	const unknown, loaded, unloaded, exists, cantOpen = 102, 103, 104, 106, 110
	loader("", 0, "list")
	if os.Getuid() != 0 {
		// A program is the user that it is, in the machine, too.
		const noPermission = 101
		loader("", noPermission, "add", out)
		return
	}
	loader("", unknown, "load", "slot")
	loader("", cantOpen, "add", "/no/such/file")
	loader("", 0, "add", out)
	loader("", exists, "add", out)
	loader("slot\n", 0, "list")
	ports := " slot0* slot2* slot4* slot6*\n"
	loader("Allocated "+out+" somewhere"+ports, 0, "info", "slot")
	loader("", unloaded, "level", "slot", "3")
	loader("", 0, "load", "slot")
	loader("", loaded, "load", "slot")
	loader("Loaded "+out+" somewhere"+ports, 0, "info", "slot")
	loader("", 101, "log", "slot", "100") // nothing is logged
	loader("", 0, "level", "slot", "3")
	loader("", int(abi.KERN_OPERATION_TIMED_OUT), "log", "slot", "1")
	client("interrupt\n", 0, "slot4", "wait")
	loader("3 slot 4: interrupt 1\n", 0, "log", "slot", "20000")
	loader("", 0, "unload", "slot")
	loader("", unloaded, "unload", "slot")
	loader("", 0, "delete", "slot")
	loader("", 0, "abort")
	loader("", 0, "list")
}
