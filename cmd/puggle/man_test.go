package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each command has a page, which names its flags, and text can't be taken for
// requests of roff.
func TestMan(t *testing.T) {
	dir := t.TempDir()
	want(t, "", "", 0, "man", dir)
	pages, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil || len(pages) < 20 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "puggle-run.1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []string{".TH \"PUGGLE-RUN\" 1", ".SH NAME\npuggle\\-run \\- ", "\n\\fB\\-\\-memory\\fP uint\n", "\n.BR puggle (1)\n"} {
		if !strings.Contains(string(b), w) {
			t.Errorf("puggle-run.1 has no %q", w)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "puggle-kext-pack.1")); err != nil {
		t.Error(err)
	}
	if got := roff(".so x\n'tis a\\b\nplain-"); got != "\\&.so x\n\\&'tis a\\eb\nplain\\-" {
		t.Errorf("roff: %q", got)
	}
}
