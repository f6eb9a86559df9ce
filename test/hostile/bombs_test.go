package hostile

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// anonymous is how much memory of its own a host process has, in bytes: guests' memory,
// which is shared, is not in it.
func anonymous(pid int) (n uint64) {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			n, _ = strconv.ParseUint(strings.Fields(v)[0], 10, 64)
		}
	}
	return n << 10
}

// TestBombs: a program takes as much of one thing as it can get. It gets an error that says
// so, or its own bound is below the limit; the kernel's own memory stays bounded.
func TestBombs(t *testing.T) {
	const most = 1 << 30
	for kind, says := range map[string]string{
		"pipes":       "<nil>",                   // they get smaller buffers
		"sockets":     "<nil>",                   // they count as full
		"connections": "<nil>",                   //
		"datagrams":   "<nil>",                   //
		"timers":      "cannot allocate memory",  // ENOMEM
		"locks":       "no locks available",      // ENOLCK
		"directories": "<nil>",                   //
		"scripts":     "exec format error",       // ENOEXEC: no script is a script's interpreter
		"arguments":   "argument list too long",  // E2BIG
		"mappings":    "cannot allocate memory",  // ENOMEM
		"sparse":      "<nil>",                   //
		"queues":      "no space left on device", // ENOSPC
		"ports":       "kern_return_t 6",         // KERN_RESOURCE_SHORTAGE
	} {
		t.Run(kind, func(t *testing.T) {
			if kind == "ports" && !*big {
				t.Skip("a million; with -args -big")
			}
			cmd := exec.Command(puggle, "run", "--memory", "1024", guest, "bomb", kind)
			var out strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			done := make(chan struct{})
			go func() { cmd.Wait(); close(done) }()
			peak := uint64(0)
			for end, over := time.Now().Add(patience), false; !over; {
				select {
				case <-done:
					over = true
				case <-time.After(10 * time.Millisecond):
					peak = max(peak, anonymous(cmd.Process.Pid))
				}
				if time.Now().After(end) {
					cmd.Process.Kill()
					t.Fatalf("never ended; the kernel had %d MB", peak>>20)
				}
			}
			t.Logf("%s; the kernel had %d MB", strings.TrimSpace(out.String()), peak>>20)
			if code := cmd.ProcessState.ExitCode(); code != 0 || !strings.HasPrefix(out.String(), kind+": ") || !strings.Contains(out.String(), says) {
				t.Errorf("status %d, want %q: %s", code, says, clip(out.String()))
			}
			if peak > most {
				t.Errorf("the kernel had %d MB, more than %d", peak>>20, uint64(most)>>20)
			}
		})
	}
	well(t)
}
