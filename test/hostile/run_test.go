package hostile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// puggle and guest are the built programs.
var puggle, guest string

func TestMain(m *testing.M) {
	os.Exit(testMain(m))
}

func testMain(m *testing.M) int {
	if _, err := exec.LookPath("go"); err != nil {
		fmt.Println("hostile: skipped: no go command to build the guests with")
		return 0
	}
	tmp, err := os.MkdirTemp("", "puggle-hostile")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer os.RemoveAll(tmp)
	puggle, guest = filepath.Join(tmp, "puggle"), filepath.Join(tmp, "guest")
	for _, b := range []struct {
		out, pkg string
		env      []string
	}{
		{puggle, "puggle/cmd/puggle", nil},
		{guest, "puggle/test/hostile/guest", []string{"GOOS=darwin", "GOARCH=amd64", "CGO_ENABLED=0"}},
	} {
		cmd := exec.Command("go", "build", "-o", b.out, b.pkg)
		cmd.Env = append(os.Environ(), b.env...)
		if out, err := cmd.CombinedOutput(); err != nil {
			fmt.Printf("go build %s: %v\n%s", b.pkg, err, out)
			return 1
		}
	}
	return m.Run()
}

// outcome is how a run ended.
type outcome struct {
	status         int
	stdout, stderr string
	killed         bool // by us, when its time was up
}

func (o *outcome) String() string {
	return fmt.Sprintf("status %d, stdout:\n%s\nstderr:\n%s", o.status, clip(o.stdout), clip(o.stderr))
}

func clip(s string) string {
	if len(s) > 3000 {
		return s[:3000] + "..."
	}
	return s
}

// patience is how long a guest that should end by itself may take. It is only
// a bound on hangs: a loaded machine must not fail a test.
const patience = 2 * time.Minute

// run runs args under puggle. flags come before the program.
func run(t *testing.T, flags []string, args ...string) *outcome {
	t.Helper()
	o := runFor(t, patience, flags, args...)
	if o.killed {
		t.Fatalf("%v: still running after %v; %v", args, patience, o)
	}
	// Whatever the guest did, the kernel is not to be what broke.
	for _, bad := range []string{"kernel panic", "goroutine 1 [", "fatal error: all goroutines"} {
		if o.status == 125 || o.status == 2 && strings.Contains(o.stderr, "puggle/machine") && strings.Contains(o.stderr, bad) {
			t.Fatalf("%v: the kernel broke: %v", args, o)
		}
	}
	return o
}

func runFor(t *testing.T, d time.Duration, flags []string, args ...string) *outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	cmd := exec.CommandContext(ctx, puggle, append(append([]string{"run"}, flags...), args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	var ee *exec.ExitError
	if err != nil && !errors.As(err, &ee) && ctx.Err() == nil {
		t.Fatal(err)
	}
	return &outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String(), ctx.Err() != nil}
}

// start starts args under puggle and waits until it has printed want.
func start(t *testing.T, want string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	cmd := exec.Command(puggle, append([]string{"run"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr := new(bytes.Buffer)
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	found := make(chan bool, 1)
	go func() {
		var all []byte
		b := make([]byte, 4096)
		for {
			n, err := out.Read(b)
			all = append(all, b[:n]...)
			if strings.Contains(string(all), want) {
				found <- true
				return
			}
			if err != nil {
				found <- false
				return
			}
		}
	}()
	select {
	case ok := <-found:
		if !ok {
			cmd.Wait()
			t.Fatalf("%v ended before it said %q: %s", args, want, stderr)
		}
	case <-time.After(patience):
		t.Fatalf("%v never said %q", args, want)
	}
	return cmd, stderr
}

// descendants are the host's processes below pid, dead ones that nobody has
// waited for left out.
func descendants(t *testing.T, pid int) []int {
	t.Helper()
	children := map[int][]int{}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range stats {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // gone meanwhile
		}
		s := string(b)
		i := strings.LastIndexByte(s, ')')
		f := strings.Fields(s[i+1:])
		if i < 0 || len(f) < 2 || f[0] == "Z" || f[0] == "X" {
			continue
		}
		p, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		pp, _ := strconv.Atoi(f[1])
		children[pp] = append(children[pp], p)
	}
	var all []int
	todo := []int{pid}
	for len(todo) > 0 {
		c := children[todo[0]]
		todo = append(todo[1:], c...)
		all = append(all, c...)
	}
	return all
}

// alive says whether a process exists and is no zombie.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) == syscall.ESRCH {
		return false
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	i := bytes.LastIndexByte(b, ')')
	return i+2 < len(b) && b[i+2] != 'Z' && b[i+2] != 'X'
}

// until waits for ok, patiently.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// wait waits for a started puggle.
func wait(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	done := make(chan struct{})
	go func() { cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("never ended")
	}
	return cmd.ProcessState.ExitCode()
}

// well checks that a new kernel works as ever on this host.
func well(t *testing.T) {
	t.Helper()
	if o := run(t, nil, guest, "hello"); o.status != 0 || o.stdout != "hello\n" {
		t.Fatalf("a hello afterwards: %v", o)
	}
}
