package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

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

// TestMappedAtExit: what a program wrote to a mapped file is in the file when the
// machine has ended with it, or while it was still running.
func TestMappedAtExit(t *testing.T) {
	g := needGuest(t)
	for i := range 6 {
		name := filepath.Join(t.TempDir(), "file")
		args := []string{"run", g, "mapped", name}
		if i >= 4 {
			args = append(args, "child")
		}
		if _, e, st := puggle(t, "", args...); st != 0 {
			t.Fatalf("status %d: %s", st, e)
		}
		b, err := os.ReadFile(name)
		if err != nil || len(b) != 4<<20 {
			t.Fatalf("%d bytes, %v", len(b), err)
		}
		if n := bytes.Count(b, []byte{7}); n != len(b) {
			t.Errorf("run %d: %d of %d bytes are in the file", i, n, len(b))
		}
	}
}

// TestRunRoot: below --root the directory is the same one, elsewhere it is /.
func TestRunRoot(t *testing.T) {
	root := t.TempDir()
	data, err := os.ReadFile(needGuest(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(root, "a/b"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "guest"), data, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ dir, want string }{{root, "/"}, {filepath.Join(root, "a/b"), "/a/b"}, {tmp, "/"}} {
		cmd := command("run", "--root", root, "/guest", "pwd")
		cmd.Dir = c.dir
		out, err := cmd.CombinedOutput()
		if string(out) != c.want+"\n" || err != nil {
			t.Errorf("in %s: %q, %v; want %q", c.dir, out, err, c.want)
		}
	}
}

// TestPublish: a server of the machine answers on the host.
func TestPublish(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_, _, st := puggle(t, "", "run", "--publish", addr+":7", needGuest(t), "hello")
	if st != statusFault {
		t.Errorf("a port that is taken: status %d", st)
	}
	l.Close()
	c := command("run", "--publish", addr+":7", needGuest(t), "serve", "7")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Wait()
	defer c.Process.Kill()
	r := bufio.NewReader(out)
	if s, err := r.ReadString('\n'); s != "ready\n" || err != nil {
		t.Fatalf("%q, %v", s, err)
	}
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	io.WriteString(conn, "to and fro")
	conn.(*net.TCPConn).CloseWrite()
	if b, err := io.ReadAll(conn); string(b) != "to and fro" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	if s, _ := r.ReadString('\n'); s != "<nil>\n" {
		t.Errorf("the server says %q", s)
	}
}

// TestTraceOptions: options of sockets have their protocol's names, and values.
func TestTraceOptions(t *testing.T) {
	_, e, st := puggle(t, "", "trace", "-e", "setsockopt,getsockopt", needGuest(t), "dial")
	if st != 0 {
		t.Fatalf("status %d: %s", st, e)
	}
	for _, want := range []string{"IPPROTO_TCP, TCP_NODELAY, [1], 4) = 0", "SOL_SOCKET, SO_ERROR, [0], [4]) = 0"} {
		if !strings.Contains(e, want) {
			t.Errorf("no %q in\n%s", want, e)
		}
	}
}

// TestWatchOutside: a program hears of changes that the host makes to its files.
func TestWatchOutside(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "d")
	file := filepath.Join(dir, "f")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Mkdir(dir, 0o755))
	must(os.WriteFile(file, []byte("x"), 0o644))
	c := command("run", needGuest(t), "watch", dir)
	out, err := c.StdoutPipe()
	must(err)
	must(c.Start())
	defer c.Wait()
	kill := time.AfterFunc(2*time.Minute, func() { c.Process.Kill() })
	defer kill.Stop()
	defer c.Process.Kill()
	r := bufio.NewReader(out)
	expect := func(want string) {
		t.Helper()
		for seen := ""; ; {
			s, err := r.ReadString('\n')
			if s == want+"\n" {
				return
			}
			if seen += s; err != nil {
				t.Fatalf("no %q, but %q and %v", want, seen, err)
			}
		}
	}
	// Numbers of <sys/event.h>: NOTE_WRITE 2, NOTE_ATTRIB 8, NOTE_LINK 16, NOTE_RENAME 32, NOTE_DELETE 1.
	expect("ready <nil>")
	must(os.WriteFile(filepath.Join(dir, "g"), nil, 0o644))
	expect("d 0x2")
	must(os.Mkdir(filepath.Join(dir, "sub"), 0o755))
	expect("d 0x12")
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND, 0)
	must(err)
	_, err = f.WriteString("more")
	must(err)
	f.Close()
	expect("f 0x2")
	must(os.Chmod(file, 0o600))
	expect("f 0x8")
	must(os.Chmod(dir, 0o700))
	expect("d 0x8")
	must(os.Remove(filepath.Join(dir, "g")))
	expect("d 0x2")
	must(os.Remove(filepath.Join(dir, "sub")))
	expect("d 0x12")
	must(os.Link(file, filepath.Join(dir, "h")))
	expect("f 0x10")
	must(os.Rename(file, filepath.Join(dir, "i")))
	expect("f 0x20")
	must(os.Remove(filepath.Join(dir, "h")))
	expect("f 0x10")
	must(os.Rename(dir, dir+"2"))
	expect("d 0x20")
	must(os.Remove(filepath.Join(dir+"2", "i")))
	expect("f 0x1")
}

// TestRunToolchain: without a toolchain nothing is run with the host's go command.
func TestRunToolchain(t *testing.T) {
	c := command("run", "--toolchain", needGuest(t), "hello")
	c.Env = append(c.Env, "XDG_CACHE_HOME="+t.TempDir())
	out, _ := c.CombinedOutput()
	if !strings.Contains(string(out), "puggle toolchain") || c.ProcessState.ExitCode() != statusFault {
		t.Errorf("%q, %d", out, c.ProcessState.ExitCode())
	}
}

// TestUsage: what was most likely meant is in the one line that is written.
func TestUsage(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []string{"prog", "text"} {
		if err := os.WriteFile(filepath.Join(dir, f), []byte("no program"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args   []string
		say    string
		status int
	}{
		{[]string{"./prog", "x"}, "puggle run ./prog x", statusFault},
		{[]string{"no-such-command"}, "unknown command", statusFault},
		{[]string{"run"}, "puggle run [flags] PROGRAM", statusFault},
		{[]string{"run", "--nope", "./prog"}, "puggle run --help", statusFault},
		{[]string{"run", "prog"}, "./prog", 127},
		{[]string{"run", "./"}, "is a directory", 126},
	} {
		cmd := command(c.args...)
		cmd.Dir = dir
		out, _ := cmd.CombinedOutput()
		if s := string(out); !strings.Contains(s, c.say) || !strings.HasPrefix(s, "puggle: ") || cmd.ProcessState.ExitCode() != c.status {
			t.Errorf("%v: %q, status %d; want %q, %d", c.args, s, cmd.ProcessState.ExitCode(), c.say, c.status)
		}
	}
	if o, _, st := puggle(t, "", "--version"); !strings.HasPrefix(o, "puggle version ") || st != 0 {
		t.Errorf("--version: %q, %d", o, st)
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

// TestLogin starts programs in the startup context and in a login's: see session in
// mach_boot.c. What outlives the login writes the last line.
func TestLogin(t *testing.T) {
	n, _ := machine(t)
	prog, err := filepath.Abs("../../test/c/bin/mach_boot")
	if err != nil {
		t.Fatal(err)
	}
	want(t, "", "startup ok\n", 0, "exec", "-n", n, prog, "session", "startup")
	want(t, "", "login ok\nlogged out\n", 0, "exec", "-n", n, "--login", prog, "session", "login")
	want(t, "", "startup ok\n", 0, "exec", "-n", n, prog, "session", "startup")
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
		text = text || r.Prot == "r-x" && r.Tag == "__TEXT" && r.Path == needGuest(t)
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
	for _, args := range [][]string{{"ps"}, {"ps", "-l"}, {"vmmap", pid}, {"vm_stat"}, {"zprint"}, {"lsmp"}, {"ports", pid}, {"sysctl", "-a"}, {"ioreg"}} {
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
