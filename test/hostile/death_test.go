package hostile

import (
	"slices"
	"syscall"
	"testing"
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
	for _, attack := range [][]string{{"asleep", "sleep", "1000"}, {"spinning", "spin"}} {
		t.Run(attack[1], func(t *testing.T) {
			cmd, stderr := start(t, attack[0], append([]string{guest}, attack[1:]...)...)
			shells := descendants(t, cmd.Process.Pid)
			if len(shells) == 0 {
				t.Fatal("no shells found: the test looks in the wrong place")
			}
			for _, pid := range shells {
				syscall.Kill(pid, syscall.SIGKILL)
			}
			if code := wait(t, cmd); code != 128+9 {
				t.Errorf("exit status %d, want 137; stderr: %s", code, stderr)
			}
		})
	}
}
