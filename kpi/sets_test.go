package kpi_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestKernelLockSets: kernel code takes part in a program's lock set, threads that end leave
// their locks unstable, semaphores are found by name, and code sets its threads' policies.
func TestKernelLockSets(t *testing.T) {
	s, x := boot(t)
	if _, err := x.Load(root, packObject(t, "testdata/sets.o", "testdata/sets.plist", "sets")); err != nil {
		t.Fatal(err)
	}
	bin, err := filepath.Abs("../test/c/bin/lockset_child")
	if err != nil {
		t.Fatal(err)
	}
	before := x.Task.Handles()
	if out, st := run(t, s, bin); st != 0 || !strings.Contains(out, "lockset ok") {
		t.Errorf("exit %d: %s\n%s", st, out, x.Task.Messages)
	}
	if n := x.Task.Handles(); n > before+2 { // the process's and its task's
		t.Errorf("%d handles, %d before", n, before)
	}
	if err := x.Unload(root, "com.example.sets"); err != nil {
		t.Error(err)
	}
}

// TestKernelSharesMemory: kernel code maps a program's memory by a memory entry, and the
// program a page of the kernel's, which it can't write.
func TestKernelSharesMemory(t *testing.T) {
	s, x := boot(t)
	if _, err := x.Load(root, packObject(t, "testdata/window.o", "testdata/window.plist", "window")); err != nil {
		t.Fatal(err)
	}
	bin, err := filepath.Abs("../test/c/bin/window_child")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if out, st := run(t, s, bin); st != 0 || !strings.Contains(out, "window ok") {
			t.Errorf("exit %d: %s\n%s", st, out, x.Task.Messages)
		}
	}
	if err := x.Unload(root, "com.example.window"); err != nil {
		t.Error(err)
	}
}
