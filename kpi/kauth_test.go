package kpi_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"puggle/bsd/sys"
	"puggle/bsd/sysctl"
	"puggle/bsd/vfs"
	"puggle/kernel"
	"puggle/mach/sched"
)

// setString writes a string variable of an extension.
func setString(t testing.TB, s *kernel.System, name, value string) {
	t.Helper()
	req := &sysctl.Req{Ctx: &sys.Context{Thread: sched.NewThread("test"), Cred: root}, HasNew: true, New: append([]byte(value), 0)}
	if e := s.Sysctl.CallByName(name, req); e != 0 {
		t.Fatalf("%s: %v", name, e)
	}
}

// TestKauth has listeners of kernel authorization decide on what a program does with files
// and processes, and kernel code use files itself.
func TestKauth(t *testing.T) {
	s, x := boot(t)
	bin := program(t)
	if _, err := x.Load(root, packObject(t, "testdata/kauth.o", "testdata/kauth.plist", "kauth")); err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(".", filepath.Join(dir, "to dir")); err != nil {
		t.Fatal(err)
	}
	setString(t, s, "debug.kauth_top", dir)
	if out, st := runAs(t, s, root, bin, "credential"); st != 0 || !strings.Contains(out, "credential ok") {
		t.Errorf("exit %d: %s\n%s", st, out, x.Task.Messages)
	}
	if out, st := run(t, s, bin, "kauth", dir); st != 0 || !strings.Contains(out, "kauth ok") {
		t.Errorf("exit %d: %s\n%s", st, out, x.Task.Messages)
	}
	// What the listeners of files and processes heard, in order.
	want := []string{
		"fileop open a ", "fileop close a modified", "fileop open b.keep ", "fileop close b.keep modified",
		"fileop open secret ", "fileop close secret modified", "fileop open a ", "fileop close a ",
		"fileop link a a2", "fileop will rename a c", "fileop rename a c", "fileop delete c ",
		"fileop close script modified", "cantrace 1",
	}
	m := x.Task.Messages.String()
	rest := m
	for _, w := range want {
		_, after, ok := strings.Cut(rest, w+"\n")
		if !ok {
			t.Errorf("%q did not come, or not in its place:\n%s", w, m)
			break
		}
		rest = after
	}
	if strings.Contains(m, "delete b.keep") {
		t.Errorf("what was refused is told as done:\n%s", m)
	}
	for name, least := range map[string]uint32{"debug.kauth_executes": 1, "debug.kauth_attributes": 1, "debug.kauth_looked": 1} {
		if v, e := value(s, name); e != 0 || v < least {
			t.Errorf("%s: %d, %v", name, v, e)
		}
	}
	for name, want := range map[string]uint32{"debug.kauth_scopes": 1, "debug.kauth_files": 1, "debug.kauth_pages": 1, "debug.kauth_contexts": 1,
		"debug.kauth_fails": 0} {
		if v, e := value(s, name); e != 0 || v != want {
			t.Errorf("%s: kauth.c:%d, %v", name, int32(v), e)
		}
	}
	if b, err := os.ReadFile(filepath.Join(dir, "from the kernel")); err != nil || string(b) != "Hello" {
		t.Errorf("the kernel's file: %q, %v", b, err)
	}
	// The owner of the console is who sits there; nobody was, so far.
	if v, e := value(s, "debug.kauth_console"); e != 0 || v != ^uint32(0) {
		t.Errorf("console_user is %d, %v", int32(v), e)
	}
	ctx := &sys.Context{Thread: sched.NewThread("test"), Cred: root}
	names := s.Tree.NewNamespace()
	defer names.Release()
	for _, uid := range []uint32{501, 0} {
		if e := vfs.ApplyPath(ctx, names, nil, "/dev/console", true, vfs.Chown(uid, ^uint32(0))); e != 0 {
			t.Error(e)
		}
		if v, e := value(s, "debug.kauth_console"); e != 0 || v != uid {
			t.Errorf("console_user is %d, %v; want %d", int32(v), e, uid)
		}
		// Another device's owner is nothing to it.
		vfs.ApplyPath(ctx, names, nil, "/dev/null", true, vfs.Chown(77, ^uint32(0)))
	}
	handles := x.Task.Handles()
	if err := x.Unload(root, "com.example.kauth"); err != nil {
		t.Error(err)
	}
	if n := x.Task.Handles(); n > handles || n > 64 {
		t.Errorf("%d handles are left", n)
	}
	// Nobody listens any more.
	if err := os.Remove(filepath.Join(dir, "b.keep")); err != nil {
		t.Error(err)
	}
	if m := x.Task.Messages.String(); strings.Contains(m, "not freed") {
		t.Errorf("messages: %s", m)
	}
}

// TestKauthDead: a listener whose extension is dead has no say, and goes with it.
func TestKauthDead(t *testing.T) {
	s, x := boot(t)
	bin := program(t)
	if _, err := x.Load(root, packObject(t, "testdata/kauth.o", "testdata/kauth.plist", "kauth")); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	setString(t, s, "debug.kauth_top", dir)
	if _, e := value(s, "debug.kauth_put_twice"); e == 0 {
		t.Error("a vnode could be put back twice")
	}
	if m := x.Task.Messages.String(); !strings.Contains(m, "is not held") && !strings.Contains(m, "is no vnode") {
		t.Errorf("messages: %s", m)
	}
	if out, st := run(t, s, bin, "kauth", dir); st != 1 || !strings.Contains(out, "b.keep: <nil>") {
		t.Errorf("with a dead listener: exit %d: %s", st, out)
	}
	if err := x.Unload(root, "com.example.kauth"); err != nil {
		t.Errorf("a dead extension with listeners: %v", err)
	}
}

// TestUPLHeld: threads that need a page which an extension holds across a sleep don't keep
// the processors from the one that will let go of it.
func TestUPLHeld(t *testing.T) {
	s, x := boot(t)
	bin := program(t)
	if _, err := x.Load(root, packObject(t, "testdata/kauth.o", "testdata/kauth.plist", "kauth")); err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "held"), make([]byte, 4096), 0o644); err != nil {
		t.Fatal(err)
	}
	setString(t, s, "debug.kauth_top", dir)
	if out, st := run(t, s, bin, "held", dir); st != 0 || !strings.Contains(out, "held ok") {
		t.Errorf("exit %d: %s\n%s", st, out, x.Task.Messages)
	}
}

// TestContextLent: a context that was lent for a call can't be released.
func TestContextLent(t *testing.T) {
	s, x := boot(t)
	if _, err := x.Load(root, packObject(t, "testdata/kauth.o", "testdata/kauth.plist", "kauth")); err != nil {
		t.Fatal(err)
	}
	if _, e := value(s, "debug.kauth_context_lent"); e == 0 {
		t.Error("a context that was lent could be released")
	}
	if m := x.Task.Messages.String(); !strings.Contains(m, "was lent, not created") {
		t.Errorf("messages: %s", m)
	}
}

// TestUPLDead: what uses a page list that was freed is stopped, and one that is left
// behind goes with its extension.
func TestUPLDead(t *testing.T) {
	s, x := boot(t)
	if _, err := x.Load(root, packObject(t, "testdata/kauth.o", "testdata/kauth.plist", "kauth")); err != nil {
		t.Fatal(err)
	}
	if _, e := value(s, "debug.kauth_pages_dead"); e == 0 {
		t.Error("a list that was freed could be used")
	}
	if m := x.Task.Messages.String(); !strings.Contains(m, "is no UPL") {
		t.Errorf("messages: %s", m)
	}
	if err := x.Unload(root, "com.example.kauth"); err != nil {
		t.Error(err)
	}
}
