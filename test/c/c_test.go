// Package c runs C programs in a booted machine. Their binaries are in bin, made
// by build; each prints what it has checked and exits with 0.
package c

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var puggle string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "puggle-c")
	if err != nil {
		panic(err)
	}
	puggle = filepath.Join(dir, "puggle")
	if out, err := exec.Command("go", "build", "-o", puggle, "puggle/cmd/puggle").CombinedOutput(); err != nil {
		os.Stderr.Write(out)
		os.Exit(1)
	}
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

// run runs one program and gives its standard output. A program that does not
// end in a minute is stuck.
func run(t *testing.T, name string, env []string, stdin string, args ...string) (string, int) {
	t.Helper()
	return runFile(t, filepath.Join("bin", name), env, stdin, args...)
}

func runFile(t *testing.T, name string, env []string, stdin string, args ...string) (string, int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	abs, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, puggle, append([]string{"run", abs}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Dir = t.TempDir()
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("%s does not end; it has written %q and %q", name, out.String(), errs.String())
	}
	if errs.Len() > 0 {
		t.Errorf("%s: %s", name, errs.String())
	}
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

// TestPrograms runs every program of bin that checks itself; those about Mach have
// tests of their own.
func TestPrograms(t *testing.T) {
	srcs, _ := filepath.Glob("src/*.c*")
	n := 0
	for _, src := range srcs {
		name := strings.TrimSuffix(filepath.Base(src), filepath.Ext(src))
		if ext := filepath.Ext(src); ext != ".c" && ext != ".cc" ||
			strings.HasPrefix(name, "mach_") || strings.HasSuffix(name, "_plug") || strings.HasSuffix(name, "_lib") || strings.HasSuffix(name, "_child") {
			continue
		}
		n++
		t.Run(name, func(t *testing.T) {
			out, status := run(t, name, []string{"TZ=Europe/Berlin"}, "line one\nline two\n")
			if status != 0 {
				t.Errorf("exit status %d", status)
			}
			if !strings.HasSuffix(out, name+" ok\n") {
				t.Errorf("it wrote %q, which does not end with %q", out, name+" ok\n")
			}
		})
	}
	if n == 0 {
		t.Error("no programs")
	}
}
