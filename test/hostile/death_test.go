package hostile

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestKernelKilled: kill -9 of the kernel in the midst of a tree of processes
// leaves none of them behind.
func TestKernelKilled(t *testing.T) {
	for _, attack := range [][]string{{"node 0", "tree", "3"}, {"spinning", "spin"}} {
		cmd, _ := start(t, attack[0], append([]string{guest}, attack[1:]...)...)
		left := descendants(t, cmd.Process.Pid)
		if len(left) == 0 {
			t.Fatal("no shells found: the test looks in the wrong place")
		}
		cmd.Process.Kill()
		cmd.Wait()
		until(t, "all shells gone", func() bool {
			left = slices.DeleteFunc(left, func(pid int) bool { return !alive(pid) })
			return len(left) == 0
		})
	}
}

// TestShellKilled: a shell that is killed from outside is its guest's death by
// SIGKILL; the kernel reports it and ends well.
func TestShellKilled(t *testing.T) {
	for _, attack := range [][]string{{"asleep", guest, "sleep", "1000"}, {"spinning", guest, "spin"},
		{"asleep", filepath.Join("..", "c", "bin", "process"), "asleep"}} { // the last has no thread that ever wakes
		t.Run(filepath.Base(attack[1])+" "+attack[2], func(t *testing.T) {
			cmd, stderr := start(t, attack[0], attack[1:]...)
			shells := descendants(t, cmd.Process.Pid)
			if len(shells) == 0 {
				t.Fatal("no shells found: the test looks in the wrong place")
			}
			for _, pid := range shells {
				syscall.Kill(pid, syscall.SIGKILL)
			}
			begin := time.Now()
			if code := wait(t, cmd); code != 128+9 {
				t.Errorf("exit status %d, want 137; stderr: %s", code, stderr)
			}
			if d := time.Since(begin); d > time.Minute { // not when somebody happens to wake
				t.Errorf("it was noticed after %v", d)
			}
		})
	}
}

// ours are the host's processes that run the puggle of this test: kernels and shells.
func ours() (l []int) {
	exes, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, e := range exes {
		if to, err := os.Readlink(e); err == nil && strings.TrimSuffix(to, " (deleted)") == puggle {
			pid, _ := strconv.Atoi(strings.Split(e, "/")[2])
			if alive(pid) {
				l = append(l, pid)
			}
		}
	}
	return l
}

// TestKilledAtRandom kills the kernel, without a warning, at moments from its first to
// when programs fork, exec, make threads and end all the time. Nothing is left of it: no
// process, no file, and its machine's name is free.
func TestKilledAtRandom(t *testing.T) {
	n := 6
	if *big {
		n = 100
	}
	tmp, run := t.TempDir(), t.TempDir()
	env := append(os.Environ(), "TMPDIR="+tmp, "XDG_RUNTIME_DIR="+run)
	rnd := rand.New(rand.NewPCG(9, uint64(n)))
	for i := range n {
		args := []string{"run", "--memory", "64", guest, "churn"}
		if i%2 == 1 {
			args = []string{"boot", "--name", "mortal", "--memory", "64"}
		}
		cmd := exec.Command(puggle, args...)
		cmd.Env = env
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if i%2 == 1 { // with somebody in it
			until(t, "a machine that answers", func() bool {
				c := exec.Command(puggle, "ps", "--name", "mortal")
				c.Env = env
				return c.Run() == nil
			})
			c := exec.Command(puggle, "exec", "--name", "mortal", guest, "churn")
			c.Env = env
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { c.Process.Kill(); c.Wait() }()
		}
		time.Sleep(time.Duration(rnd.IntN(700)) * time.Millisecond)
		cmd.Process.Kill()
		cmd.Wait()
		left := ours()
		until(t, "all processes gone", func() bool { left = ours(); return len(left) == 0 })
		if l, _ := os.ReadDir(tmp); len(l) > 0 {
			t.Fatalf("round %d left %v in the temporary directory", i, l)
		}
	}
}
