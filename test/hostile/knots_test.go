package hostile

import (
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestKnots: things are tied to each other or to themselves so that neither can be let go
// without the other, or in so many ways that looking at all would take for ever. All goes
// well, in time, and more often than there is room for what is left of each.
func TestKnots(t *testing.T) {
	for _, k := range []struct{ name, times string }{
		{"chain", "30000"},     // of sockets in sockets, 60,000 deep
		{"cycles", "60000"},    // more than there are files (kern.maxfiles)
		{"listeners", "12000"}, // more than the host gives
		{"lattice", "5"},
		{"itself", "200"},
		{"anew", "30"},
		{"tracers", "20"},
		{"descent", "52"},
	} {
		t.Run(k.name, func(t *testing.T) {
			// Host descriptors are few, so that it is soon seen when they are lost.
			cmd := exec.Command("sh", "-c", `ulimit -n 4096; exec "$0" "$@"`, puggle, "run", guest, "knot", k.name, k.times)
			var out strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			late := time.AfterFunc(3*patience, func() { cmd.Process.Kill() })
			defer late.Stop()
			if err := cmd.Wait(); err != nil || !strings.HasSuffix(out.String(), "tied\n") {
				t.Errorf("%v: %s", err, clip(out.String()))
			}
		})
	}
	well(t)
}
