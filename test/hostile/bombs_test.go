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

// bombs is what becomes of each: by what it was stopped, if not by its own bound; how many
// it gets at the least, and bytes into them (fewer would be no bomb); and how much memory
// the kernel may have of it, in MB: some twice what it takes.
var bombs = map[string]struct {
	says         string
	count, bytes int
	most         uint64
}{
	"pipes":              {"<nil>", 3000, 32 << 20, 192}, // they get smaller buffers
	"sockets":            {"<nil>", 1500, 32 << 20, 384}, // they count as full
	"connections":        {"<nil>", 300, 64 << 20, 512},
	"datagrams":          {"<nil>", 800, 1 << 30, 1024},
	"modest connections": {"no buffer space available", 4500, 128 << 20, 1024}, // ENOBUFS, for buffers only
	"modest datagrams":   {"no buffer space available", 9500, 512 << 20, 1024},
	"timers":             {"cannot allocate memory", 100_000, 0, 640}, // ENOMEM
	"locks":              {"no locks available", 1000, 0, 96},         // ENOLCK
	"directories":        {"<nil>", 2000, 0, 96},
	"scripts":            {"exec format error", 50, 0, 96},        // ENOEXEC: no script is a script's interpreter
	"arguments":          {"argument list too long", 1000, 0, 96}, // E2BIG
	"environments":       {"<nil>", 400, 0, 320},                  // the processes keep them
	"mappings":           {"cannot allocate memory", 1000, 0, 96}, // ENOMEM
	"sparse":             {"<nil>", 100, 0, 96},
	"queues":             {"no space left on device", 10, 0, 96}, // ENOSPC
	"ports":              {"kern_return_t 6", 100_000, 0, 1024},  // KERN_RESOURCE_SHORTAGE
}

// TestBombs: a program takes as much of one thing as it can get. It gets an error that says
// so, or its own bound is below the limit; the kernel's own memory stays bounded.
func TestBombs(t *testing.T) {
	for kind, b := range bombs {
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
			var n, bytes int
			said, ok := strings.CutPrefix(out.String(), kind+": ")
			if _, err := fmt.Sscanf(said, "%d, %d bytes written: ", &n, &bytes); !ok || err != nil ||
				cmd.ProcessState.ExitCode() != 0 || !strings.HasSuffix(said, ": "+b.says+"\n") {
				t.Fatalf("status %d, want %q: %s", cmd.ProcessState.ExitCode(), b.says, clip(out.String()))
			}
			if n < b.count || bytes < b.bytes {
				t.Errorf("%d and %d bytes are no bomb: at least %d and %d", n, bytes, b.count, b.bytes)
			}
			if peak > b.most<<20 {
				t.Errorf("the kernel had %d MB, more than %d", peak>>20, b.most)
			}
		})
	}
	well(t)
}
