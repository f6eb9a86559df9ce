package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestNotPositionIndependent runs a program whose pointers to libSystem are those of the time before
// LC_DYLD_INFO, as Go's linker still makes them for -buildmode=exe.
func TestNotPositionIndependent(t *testing.T) {
	prog := filepath.Join(t.TempDir(), "guest")
	c := exec.Command("go", "build", "-buildmode=exe", "-o", prog, "./testdata/guest")
	c.Env = append(os.Environ(), "GOOS=darwin", "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want(t, "", "hello [a]\n", 0, "run", prog, "hello", "a")
}
