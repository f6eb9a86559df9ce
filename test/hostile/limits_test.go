package hostile

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// big asks for bombs of the size that the limits are made for. They take minutes,
// and much of the host.
var big = flag.Bool("big", false, "big bombs")

// TestKill: signals of a guest reach nobody on the host.
func TestKill(t *testing.T) {
	bystander := exec.Command("sleep", "1000")
	if err := bystander.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { bystander.Process.Kill(); bystander.Wait() }()
	o := run(t, nil, guest, "kill", strconv.Itoa(bystander.Process.Pid), strconv.Itoa(os.Getpid()), strconv.Itoa(os.Getppid()))
	if !strings.HasSuffix(o.stdout, "done\n") {
		t.Errorf("%v", o)
	}
	if !alive(bystander.Process.Pid) {
		t.Error("the bystander is dead")
	}
}

// TestForkBomb: processes run out before the host does, and what is left works.
func TestForkBomb(t *testing.T) {
	n := 100
	if *big {
		n = 3000 // more than kern.maxproc
	}
	o := run(t, nil, guest, "forkbomb", strconv.Itoa(n))
	if o.status != 0 || !strings.HasSuffix(o.stdout, "done\n") {
		t.Fatalf("%v", o)
	}
	if *big && !strings.Contains(o.stdout, "resource temporarily unavailable") {
		t.Errorf("no limit stopped it: %v", o)
	}
	well(t)
}

// TestThreadBomb: so many threads at once do no harm, and more than there may be
// end the program, not the kernel.
func TestThreadBomb(t *testing.T) {
	n := 500
	if *big {
		n = 10000
	}
	o := run(t, nil, guest, "threadbomb", strconv.Itoa(n))
	if o.status != 0 || o.stdout != fmt.Sprintf("threads: %d\n", n) {
		t.Errorf("%v", o)
	}
	well(t)
}

// TestMemoryBomb: a machine of 256 MB is one, whatever a program asks for: it
// ends, and the host never gives more.
func TestMemoryBomb(t *testing.T) {
	cmd := exec.Command(puggle, "run", "--memory", "256", guest, "membomb", "2048")
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { cmd.Wait(); close(done) }()
	most := uint64(0)
	for end := time.Now().Add(patience); ; {
		select {
		case <-done:
			if code := cmd.ProcessState.ExitCode(); code == 0 || code == 125 {
				t.Errorf("status %d: %s", code, clip(out.String()))
			}
			// It may be passed for a moment; without a limit it would be 2 GB.
			if most < 64<<20 || most > 1<<30 {
				t.Errorf("the host gave %d MB", most>>20)
			}
			well(t)
			return
		case <-time.After(5 * time.Millisecond):
			most = max(most, memoryOf(cmd.Process.Pid))
		}
		if time.Now().After(end) {
			cmd.Process.Kill()
			t.Fatal("never ended")
		}
	}
}

// memoryOf is how much of a machine's memory, which is one file without a name, the host has given
// to the kernel of that pid, in bytes.
func memoryOf(pid int) (n uint64) {
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	l, _ := os.ReadDir(dir) // none when it has ended
	for _, f := range l {
		name := filepath.Join(dir, f.Name())
		var st unix.Stat_t
		if to, _ := os.Readlink(name); strings.HasPrefix(to, "/memfd:puggle-memory") && unix.Stat(name, &st) == nil {
			n = max(n, uint64(st.Blocks)*512)
		}
	}
	return n
}

// TestDescriptorBomb: descriptors run out with the error that says so.
func TestDescriptorBomb(t *testing.T) {
	o := run(t, nil, guest, "fdbomb")
	if o.status != 0 || o.stdout != "opened more than a hundred: true, then too many open files\n" {
		t.Errorf("%v", o)
	}
}
