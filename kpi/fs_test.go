package kpi_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"puggle/bsd/sys"
)

// TestFileSystem: an extension's file system is mounted by mount(2), used by programs in every
// way, and unmounted; and the extension stays for as long as it is mounted.
func TestFileSystem(t *testing.T) {
	s, x := boot(t)
	bin := program(t)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{dir, filepath.Dir(bin), filepath.Dir(filepath.Dir(bin))} {
		if err := os.Chmod(d, 0o755); err != nil { // for user 501
			t.Fatal(err)
		}
	}
	handles := x.Task.Handles()
	if _, err := x.Load(root, pack(t, "memfs")); err != nil {
		t.Fatal(err)
	}
	if out, st := runAs(t, s, root, bin, "memfs", dir); st != 0 || !strings.Contains(out, "memfs ok") {
		t.Fatalf("exit %d: %s\n%s", st, out, x.Task.Messages)
	}
	if out, st := runAs(t, s, &sys.Cred{UID: 501, GID: 20}, bin, "mount", "memfs", dir, "0"); st == 0 || !strings.Contains(out, "not permitted") {
		t.Errorf("user 501 mounts: exit %d: %s", st, out)
	}
	if out, st := runAs(t, s, root, bin, "mount", "", "/dev", "0"); st == 0 || !strings.Contains(out, "not permitted") {
		t.Errorf("unmounting what is the machine's: exit %d: %s", st, out)
	}
	if out, st := runAs(t, s, root, bin, "mount", "memfs", dir, "0"); st != 0 {
		t.Errorf("mount: exit %d: %s", st, out)
	}
	if err := x.Unload(root, "com.example.memfs"); err == nil {
		t.Error("it is unloaded while it is mounted")
	}
	if out, st := runAs(t, s, root, bin, "mount", "", dir, "0"); st != 0 {
		t.Errorf("unmount: exit %d: %s", st, out)
	}
	if err := x.Unload(root, "com.example.memfs"); err != nil {
		t.Error(err)
	}
	m := x.Task.Messages.String()
	if strings.Contains(m, "not freed") || strings.Contains(m, "left over") || strings.Contains(m, "was returned") {
		t.Errorf("messages: %s", m)
	}
	if n := x.Task.Handles(); n != handles {
		t.Errorf("%d handles before, %d after", handles, n)
	}
	if out, st := runAs(t, s, root, bin, "mount", "memfs", dir, "0"); st == 0 {
		t.Errorf("without the extension it is mounted: %s", out)
	}
}
