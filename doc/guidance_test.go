package doc

import (
	"os"
	"strings"
	"testing"
)

// TestGuidance: what the documents say on when to write kernel code, and how programs talk to
// it, has its place.
func TestGuidance(t *testing.T) {
	b, err := os.ReadFile("kernel-code.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"## Whether to write one", "## Which boundary to cross", "sysctl", "copyin", "simpleroutine", "mach_make_memory_entry_64"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("kernel-code.md has no %q", want)
		}
	}
}
