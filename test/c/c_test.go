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

// A machine with less memory than a program uses sends the rest to paging files;
// a limit on those is kept, and costs the program its life.
func TestPaging(t *testing.T) {
	abs, err := filepath.Abs("bin/paging")
	if err != nil {
		t.Fatal(err)
	}
	paging := func(limit string) (string, string, int) {
		ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, puggle, "run", "--memory", "96", "--paging", limit, abs, "limited")
		cmd.Dir = t.TempDir()
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return out.String(), errs.String(), cmd.ProcessState.ExitCode()
	}
	if out, errs, status := paging("600"); status != 0 || out != "paging ok\n" || errs != "" {
		t.Errorf("status %d, %q, %q", status, out, errs)
	}
	out, errs, status := paging("-1")
	if status != 128+9 || !strings.Contains(errs, "out of memory: killed process") || out != "" {
		t.Errorf("without paging files: status %d, %q, %q", status, out, errs)
	}
}

// A task pages memory where the machine allows it.
func TestExternalPager(t *testing.T) {
	abs, err := filepath.Abs("bin/pager")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, puggle, "run", "--boot-args", "emmi=1", abs, "allowed").CombinedOutput()
	if err != nil || string(out) != "pager ok\n" {
		t.Errorf("%v: %q", err, out)
	}
}
