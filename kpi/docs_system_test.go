package kpi_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"puggle/abi"
	"puggle/kernel"
	"puggle/kpi"
	"puggle/test/syncbuf"
)

// TestDocSysctls has the documents' handlers, categories and process functions called by
// sysctl.
func TestDocSysctls(t *testing.T) {
	s, x := boot(t)
	bin := program(t)
	if _, err := x.Load(root, packObject(t, "testdata/docs.o", "testdata/docs.plist", "docs")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]uint32{"debug.sctest": 763, "net.newcat.inner": 5, "topname.missing": 42} {
		if v, e := value(s, name); e != 0 || v != want {
			t.Errorf("%s: %d, %v; want %d", name, v, e, want)
		}
	}
	if _, e := value(s, "debug.sctest", 99); e != 0 {
		t.Errorf("writing debug.sctest: %v", e)
	}
	m := x.Task.Messages.String()
	if !strings.Contains(m, "sysctl_test: read 0\n") || !strings.Contains(m, "sysctl_test: stored 99\n") {
		t.Errorf("messages: %s", m)
	}
	if out, st := run(t, s, bin, "docs"); st != 0 || !strings.Contains(out, "docs ok") {
		t.Errorf("exit %d: %s\n%s", st, out, x.Task.Messages)
	}
	if n := x.Task.Handles(); n > 64 {
		t.Errorf("%d handles are left", n)
	}
	if err := x.Unload(root, "com.example.docs"); err != nil {
		t.Error(err)
	}
	if _, e := value(s, "net.newcat.inner"); e != abi.ENOENT {
		t.Errorf("after unloading: %v", e)
	}
}

// TestShutdownHooks loads the sample of "Installing Shutdown Hooks" as it is printed.
func TestShutdownHooks(t *testing.T) {
	s, err := kernel.Boot(kernel.Config{})
	if err != nil {
		t.Fatalf("no machine: %v", err)
	}
	x, err := s.Extensions()
	if err != nil {
		t.Fatal(err)
	}
	bundle := packObject(t, "testdata/sleepkext.o", "testdata/sleepkext.plist", "sleepkext")
	l, err := x.Load(root, bundle)
	if err != nil {
		t.Fatal(err)
	}
	said := func(what string, n int) {
		t.Helper()
		if got := strings.Count(x.Task.Messages.String(), "Got sleep/wake notice.  Message type was "+what+"\n"); got != n {
			t.Errorf("message %s: %d times, want %d\n%s", what, got, n, x.Task.Messages)
		}
	}
	if kr := x.Task.Sleep(); kr != 0 {
		t.Errorf("it may not sleep: %v", kr)
	}
	said("-536870272", 1) // kIOMessageSystemWillSleep, 0xe0000280
	x.Task.Shutdown(true)
	said("-536870128", 1) // WillRestart, 0xe0000310
	// What is registered keeps the extension in.
	if err := x.Task.Stop(l); err != nil {
		t.Errorf("it can't be stopped: %v", err)
	}
	x.Task.Shutdown(true)
	said("-536870128", 1)
	s.Close()
}

// TestShutdownClose: the end of the machine is a shutdown for those who registered; one
// that vetoes sleep can't veto that.
func TestShutdownClose(t *testing.T) {
	var log syncbuf.Buffer
	s, err := kernel.Boot(kernel.Config{KernelLog: &log})
	if err != nil {
		t.Fatalf("no machine: %v", err)
	}
	x, err := s.Extensions()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Load(root, packObject(t, "testdata/sleepless.o", "testdata/sleepkext.plist", "sleepkext")); err != nil {
		t.Fatal(err)
	}
	if kr := x.Task.Sleep(); kr != abi.KERN_FAILURE {
		t.Errorf("it may sleep: %v", kr)
	}
	s.Close()
	if !strings.Contains(log.String(), "Message type was -536870320\n") { // WillPowerOff, 0xe0000250
		t.Errorf("the log: %s", log.String())
	}
}

// TestBlockDevice has a block device in an extension: read and written by a program, and
// through the buffer cache.
func TestBlockDevice(t *testing.T) {
	s, x := boot(t)
	bin := program(t)
	if _, err := x.Load(root, packObject(t, "testdata/ramdisk.o", "testdata/ramdisk.plist", "ramdisk")); err != nil {
		t.Fatal(err)
	}
	if out, st := run(t, s, bin, "ramdisk"); st != 0 || !strings.Contains(out, "ramdisk ok") {
		t.Errorf("exit %d: %s\n%s", st, out, x.Task.Messages)
	}
	if v, e := value(s, "debug.ramdisk"); e != 0 || v != 1 {
		t.Errorf("the buffer cache: ramdisk.c:%d, %v\n%s", v, e, x.Task.Messages)
	}
	if err := x.Unload(root, "com.example.ramdisk"); err != nil {
		t.Error(err)
	}
	if m := x.Task.Messages.String(); strings.Contains(m, "not freed") {
		t.Errorf("messages: %s", m)
	}
	if out, st := run(t, s, bin, "ramdisk"); st != 1 || !strings.Contains(out, "no such file") {
		t.Errorf("without the extension: exit %d: %s", st, out)
	}
	// biodone twice is a panic of the extension, which is then taken out by force.
	if _, err := x.Load(root, packObject(t, "testdata/ramdisk.o", "testdata/ramdisk.plist", "ramdisk")); err != nil {
		t.Fatal(err)
	}
	value(s, "debug.ramdisk_twice")
	if m := x.Task.Messages.String(); !strings.Contains(m, "is done already") {
		t.Errorf("biodone twice: %s", m)
	}
	if err := x.Unload(root, "com.example.ramdisk"); err != nil {
		t.Errorf("a dead extension with a block device: %v", err)
	}
}

// TestNotifierLeft: a notifier that was not removed stops the unloading, by name.
func TestNotifierLeft(t *testing.T) {
	_, x := boot(t)
	b, err := os.ReadFile("testdata/sleepkext.o")
	if err != nil {
		t.Fatal(err)
	}
	// A stop routine that doesn't remove: the start routine's name in its place.
	b = []byte(strings.Replace(string(b), "_sleepkext_stop", "_sleepkext_stip", 1))
	obj := filepath.Join(t.TempDir(), "left.o")
	if err := os.WriteFile(obj, b, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Load(root, packObject(t, obj, "testdata/sleepkext.plist", "sleepkext")); err != nil {
		t.Fatal(err)
	}
	err = x.Unload(root, "com.example.sleepkext")
	var refs *kpi.ReferencedError
	if !errors.As(err, &refs) || !strings.Contains(err.Error(), "notifier com.example.sleepkext`mySleepHandler") {
		t.Errorf("unloading: %v", err)
	}
}
