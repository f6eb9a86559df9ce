package c

import (
	"bytes"
	"context"
	"debug/macho"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Limits of resources, with a directory for core files: the program reads its children's itself, and
// what they left is a file of Mach-O to others, too.
func TestLimits(t *testing.T) {
	abs, err := filepath.Abs("bin/limits")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	dir := t.TempDir()
	cmd := exec.CommandContext(ctx, puggle, "run", "--bind", "/cores="+dir, abs, "cores")
	cmd.Dir = dir
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil || string(out) != "limits ok\n" || errs.Len() != 0 {
		t.Errorf("%v: %q %q", err, out, errs.String())
	}
	// --cores does it all.
	cmd = exec.CommandContext(ctx, puggle, "run", "--cores", dir, abs, "abort")
	if err := cmd.Run(); cmd.ProcessState.ExitCode() != 128+6 {
		t.Errorf("abort: %v", err)
	}
	cores, _ := filepath.Glob(filepath.Join(dir, "core.*"))
	if len(cores) < 3 {
		t.Fatal("no core files")
	}
	for _, c := range cores {
		f, err := macho.Open(c)
		if err != nil {
			t.Fatal(err)
		}
		if f.Type != 4 || f.Cpu != macho.CpuAmd64 || len(f.Loads) < 10 {
			t.Errorf("%s: %v, %d load commands", c, f.FileHeader, len(f.Loads))
		}
		f.Close()
		os.Remove(c)
	}
}
