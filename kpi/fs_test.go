package kpi_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/kernel"
	"puggle/kpi"
	"puggle/mach/sched"
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
	readable(t, dir, filepath.Dir(bin), filepath.Dir(filepath.Dir(bin)))
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

// TestFileSystemNonsense: what a file system answers wrongly is an error for the program, and
// the machine goes on; vfs_fsadd refuses what it must.
func TestFileSystemNonsense(t *testing.T) {
	s, x := boot(t)
	bin := program(t)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	handles := x.Task.Handles()
	if _, err := x.Load(root, packObject(t, "testdata/badfs.o", "testdata/badfs.plist", "badfs")); err != nil {
		t.Fatal(err)
	}
	if v, e := value(s, "debug.badfs_refused"); e != 0 || v != 0 {
		t.Errorf("vfs_fsadd: badfs.c:%d, %v", v, e)
	}
	if out, st := runAs(t, s, root, bin, "badfs", dir); st != 0 || !strings.Contains(out, "badfs ok") {
		t.Fatalf("exit %d: %s\n%s", st, out, x.Task.Messages)
	}
	// Every vnode that was made is reclaimed: those of lstat and of stat, the directories, links
	// and files that were opened, the new one, and the root.
	if v, e := value(s, "debug.badfs_reclaimed"); e != 0 || v < 13 {
		t.Errorf("%d vnodes were reclaimed, %v", v, e)
	}
	if err := x.Unload(root, "com.example.badfs"); err != nil {
		t.Error(err)
	}
	if n := x.Task.Handles(); n != handles {
		t.Errorf("%d handles before, %d after", handles, n)
	}
	if m := x.Task.Messages.String(); strings.Contains(m, "panic") || !strings.Contains(m, "no vnode of this mount") || !strings.Contains(m, "without a reference") {
		t.Errorf("messages: %s", m)
	}
}

// mountAs is mount(2) by root, of a type or, for "", unmount(2).
func mountAs(s *kernel.System, fstype, dir string, data uint64) abi.Errno {
	ctx, ns := &sys.Context{Thread: sched.NewThread("test"), Cred: root}, s.Tree.NewNamespace()
	if fstype == "" {
		return vfs.UnmountPath(ctx, ns, dir, 0)
	}
	return vfs.MountType(ctx, ns, fstype, dir, 0, data)
}

// TestMountForgotten: a mount that fails, in the file system or before it is asked, leaves nothing
// behind that would keep its type.
func TestMountForgotten(t *testing.T) {
	s, x := boot(t)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	loaded := x.Task.Handles()
	if _, err := x.Load(root, packObject(t, "testdata/badfs.o", "testdata/badfs.plist", "badfs")); err != nil {
		t.Fatal(err)
	}
	handles := x.Task.Handles()
	bytes, blocks := x.Task.MemoryInUse()
	for _, c := range []struct {
		dir  string
		data uint64
		want abi.Errno
	}{
		{dir, 1, abi.ENOBUFS}, {dir, 2, abi.ENOSPC}, {dir, 3, abi.EIO},
		{filepath.Join(dir, "file"), 0, abi.ENOTDIR}, {filepath.Join(dir, "none"), 0, abi.ENOENT}, {"/dev", 0, abi.EBUSY},
	} {
		if e := mountAs(s, "badfs", c.dir, c.data); e != c.want {
			t.Errorf("mount on %s with %d: %v, want %v", c.dir, c.data, e, c.want)
		}
		// What nobody uses is reclaimed by a thread of the kernel's own.
		eventually(func() bool {
			b, n := x.Task.MemoryInUse()
			return b == bytes && n == blocks && x.Task.Handles() == handles
		})
		if b, n := x.Task.MemoryInUse(); b != bytes || n != blocks {
			t.Errorf("with %d: %d bytes in %d blocks, before %d in %d", c.data, b, n, bytes, blocks)
		}
		if n := x.Task.Handles(); n != handles {
			t.Errorf("with %d: %d handles, before %d", c.data, n, handles)
		}
	}
	for _, m := range s.Tree.Mounts() {
		if m.Type == "badfs" {
			t.Errorf("it is mounted on %s", m.On)
		}
	}
	if err := x.Unload(root, "com.example.badfs"); err != nil {
		t.Error(err)
	}
	if n := x.Task.Handles(); n != loaded {
		t.Errorf("%d handles before, %d after", loaded, n)
	}
	if e := mountAs(s, "badfs", dir, 0); e != abi.ENODEV {
		t.Errorf("it is used after it was removed: %v", e)
	}
	if m := x.Task.Messages.String(); strings.Contains(m, "left over") || strings.Contains(m, "panic") || strings.Contains(m, "not freed") {
		t.Errorf("messages: %s", m)
	}
}

// eventually waits a while for something that comes by itself.
func eventually(done func() bool) {
	for end := time.Now().Add(20 * time.Second); !done() && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
}

// TestFileSystemDead: of a file system whose extension has panicked or hangs everything fails;
// it can still be unmounted, by hand or with its extension.
func TestFileSystemDead(t *testing.T) {
	for _, c := range []struct{ how, by, want string }{{"panic", "hand", ""}, {"hang", "unload", "a routine hangs"}} {
		t.Run(c.how, func(t *testing.T) {
			s, x := boot(t)
			bin := program(t)
			dir, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := x.Load(root, packObject(t, "testdata/badfs.o", "testdata/badfs.plist", "badfs")); err != nil {
				t.Fatal(err)
			}
			args := []string{bin, "badfs", dir, c.how}
			if c.by == "unload" {
				args = append(args, "stay")
			}
			if out, st := runAs(t, s, root, args...); st != 0 || !strings.Contains(out, "badfs ok") {
				t.Fatalf("exit %d: %s\n%s", st, out, x.Task.Messages)
			}
			if m := x.Task.Messages.String(); !strings.Contains(m, "panic") || !strings.Contains(m, c.want) {
				t.Errorf("messages: %s", m)
			}
			if err := x.Unload(root, "com.example.badfs"); err != nil {
				t.Error(err)
			}
			if l, err := os.ReadDir(dir); err != nil || len(l) != 0 {
				t.Errorf("the host's directory: %v, %v", l, err)
			}
			for _, m := range s.Tree.Mounts() {
				if m.Type == "badfs" {
					t.Error("it is still mounted")
				}
			}
		})
	}
}

// TestFileSystemMistakes: what vfs_fsadd and vfs_fsremove can't make sense of is a panic of the
// extension.
func TestFileSystemMistakes(t *testing.T) {
	for name, want := range map[string]string{"undefault": "without vnop_default_desc", "unknown_op": "is no operation of the kernel's",
		"remove_twice": "is no file system's handle"} {
		t.Run(name, func(t *testing.T) {
			s, x := boot(t)
			if _, err := x.Load(root, packObject(t, "testdata/badfs.o", "testdata/badfs.plist", "badfs")); err != nil {
				t.Fatal(err)
			}
			if _, e := value(s, "debug.badfs_"+name); e == 0 {
				t.Error("it is accepted")
			}
			if m := x.Task.Messages.String(); !strings.Contains(m, want) {
				t.Errorf("messages: %s", m)
			}
			if err := x.Unload(root, "com.example.badfs"); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestRebootCaller: who asks for the machine's end has come to its own, whatever it does about signals.
func TestRebootCaller(t *testing.T) {
	asked := make(chan struct{}, 4)
	s, err := kernel.Boot(kernel.Config{Reboot: func() { asked <- struct{}{} }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	bin := program(t)
	ran := make(chan string, 1)
	go func() {
		out, st := runAs(t, s, root, bin, "rebootagain")
		ran <- fmt.Sprint(out, st)
	}()
	select {
	case out := <-ran:
		if out != "rebooting\n137" {
			t.Errorf("%q", out)
		}
	case <-time.After(time.Minute):
		t.Error("it goes on")
	}
	if len(asked) != 1 {
		t.Errorf("it has asked %d times", len(asked))
	}
}

// TestReboot: reboot(2) has the machine ended: handlers of shutdown are told, and what was mounted
// is unmounted, and not by force: what was in use is not any more.
func TestReboot(t *testing.T) {
	asked := make(chan struct{}, 4)
	s, err := kernel.Boot(kernel.Config{Reboot: func() { asked <- struct{}{} }})
	if err != nil {
		t.Fatal(err)
	}
	closed := false
	defer func() {
		if !closed {
			s.Close()
		}
	}()
	x, err := s.Extensions()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range []string{pack(t, "memfs"), packObject(t, "testdata/sleepkext.o", "testdata/sleepkext.plist", "sleepkext")} {
		if _, err := x.Load(root, b); err != nil {
			t.Fatal(err)
		}
	}
	bin := program(t)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ran := make(chan string, 1)
	go func() {
		out, st := runAs(t, s, root, bin, "reboot", dir)
		ran <- fmt.Sprint(out, st)
	}()
	select {
	case <-asked:
	case out := <-ran:
		t.Fatalf("it did not ask: %s", out)
	case <-time.After(time.Minute):
		t.Fatal("nobody asked for the machine's end")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	closed = true
	if out := <-ran; out != "rebooting\n137" {
		t.Errorf("the process that asked: %q", out)
	}
	off := uint32(kpi.SystemWillPowerOff)
	if want := fmt.Sprintf("Message type was %d\n", int32(off)); !strings.Contains(x.Task.Messages.String(), want) {
		t.Errorf("no %q: %s", want, x.Task.Messages)
	}
	for _, m := range s.Tree.Mounts() {
		if m.Type == "memfs" {
			t.Error("it is still mounted")
		}
	}
	if m := x.Task.Messages.String(); strings.Contains(m, "left over") || strings.Contains(m, "panic") || strings.Contains(m, "by force") {
		t.Errorf("messages: %s", m)
	}
}
