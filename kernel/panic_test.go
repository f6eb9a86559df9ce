package kernel

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"puggle/abi"
	"puggle/bsd/syscalls"
)

// bomb is a tracer that panics at the first write.
type bomb struct{}

func (bomb) Enter(c *syscalls.Call) {
	if c.Row().Name == "write" {
		panic("a defect put here by a test")
	}
}
func (bomb) Leave(*syscalls.Call, abi.Errno) {}

// TestPanic has a kernel panic in a process of its own: it must say what was
// running, end with 125, and leave no shell.
func TestPanic(t *testing.T) {
	if prog := os.Getenv("PUGGLE_TEST_PANIC"); prog != "" {
		status, err := RunProgram(Config{Tracer: bomb{}}, []string{prog}, nil)
		t.Fatalf("came back: %d %v", status, err)
	}
	dir := t.TempDir()
	src := filepath.Join(dir, "hello.go")
	if err := os.WriteFile(src, []byte("package main\n\nfunc main() { println(1) }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	prog := filepath.Join(dir, "hello")
	build := exec.Command("go", "build", "-o", prog, src)
	build.Env = append(os.Environ(), "GOOS=darwin", "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestPanic$")
	cmd.Env = append(os.Environ(), "PUGGLE_TEST_PANIC="+prog)
	out, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != panicStatus {
		t.Fatalf("exit status %d (%v)\n%s", code, err, out)
	}
	for _, want := range []string{"kernel panic: a defect put here by a test", "call write", "of hello", "process 2"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the report has no %q:\n%s", want, out)
		}
	}
}
