package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// debugMachine boots a machine with boot arguments and flags, and loads hello.
func debugMachine(t *testing.T, flags ...string) string {
	t.Helper()
	n := "dbg" + strings.ReplaceAll(time.Now().Format("150405.000000"), ".", "")
	if _, e, st := puggle(t, "", append([]string{"boot", "-b", "-n", n}, flags...)...); st != 0 {
		t.Fatalf("boot: %d %s", st, e)
	}
	t.Cleanup(func() { puggle(t, "", "shutdown", "-n", n) })
	dir := filepath.Join(t.TempDir(), "hello.kext")
	ex := "../../examples/hello/"
	want(t, "", "", 0, "kext", "pack", ex+"hello.o", ex+"Info.plist", dir)
	if o, e, st := puggle(t, "", "kextload", "-n", n, dir); st != 0 {
		t.Fatalf("kextload: %d %s%s", st, o, e)
	}
	return n
}

// TestDDB is a machine that is stopped at the prompt: what asks the extension waits, and
// goes on behind it.
func TestDDB(t *testing.T) {
	n := debugMachine(t)
	o, e, st := puggle(t, "dk\nbreak hw_l2cr_nothing\nx/s version\n", "ddb", "-n", n)
	for _, w := range []string{"stopped: ddb", "com.example.hello (1.0)", "no such symbol", "Darwin Kernel Version"} {
		if st != 0 || !strings.Contains(o+e, w) {
			t.Errorf("ddb: %d %s%s, want %q", st, o, e, w)
		}
	}
	if o, _, st := puggle(t, "", "ddb", "-n", n, "show flags; dk"); st != 0 || !strings.Contains(o, "debug=0x0") || !strings.Contains(o, "hello") {
		t.Errorf("ddb with commands: %d %s", st, o)
	}
	want(t, "", "hw.l2cr: -2147483648\n", 0, "sysctl", "-n", n, "hw.l2cr")
}

// TestNMI is the mini-monitor, and the debug flags that make it a debugger.
func TestNMI(t *testing.T) {
	n := debugMachine(t)
	if o, e, st := puggle(t, "msg=1\ndebug=\ncontinue\n", "nmi", "-n", n); st != 0 || !strings.Contains(o, "Hello, kernel!") || !strings.Contains(o, "debug=0x0") {
		t.Errorf("nmi: %d %s%s", st, o, e)
	}
	want(t, "", "debug=0x4\n", 0, "nmi", "-n", n, "debug=4")
	if o, e, st := puggle(t, "", "nmi", "-n", n); st != 0 || !strings.Contains(o, "the machine is stopped") {
		t.Errorf("nmi with DB_NMI: %d %s%s", st, o, e)
	}
	if o, _, _ := puggle(t, "", "ddb", "-n", n); !strings.Contains(o, "stopped: NMI") {
		t.Errorf("after it: %s", o)
	}
	want(t, "", "debug=0x14\n", 0, "nmi", "-n", n, "debug=0x14", "continue")
	if o, e, st := puggle(t, "show flags\n", "nmi", "-n", n); st != 0 || !strings.Contains(o, "debug=0x14") {
		t.Errorf("nmi with DB_KDB: %d %s%s", st, o, e)
	}
}

// TestHalt: with DB_HALT a machine waits at boot until a debugger lets it run.
func TestHalt(t *testing.T) {
	n := "halt" + strings.ReplaceAll(time.Now().Format("150405.000000"), ".", "")
	if _, e, st := puggle(t, "", "boot", "-b", "-n", n, "--boot-args", "debug=0x1"); st != 0 {
		t.Fatalf("boot: %d %s", st, e)
	}
	t.Cleanup(func() { puggle(t, "", "shutdown", "-n", n) })
	if o, _, _ := puggle(t, "", "ddb", "-n", n); !strings.Contains(o, "halted at boot") {
		t.Errorf("ddb: %s", o)
	}
	ran := make(chan string)
	go func() {
		o, e, st := puggle(t, "", "exec", "-n", n, "/bin/echo", "it runs")
		ran <- fmt.Sprintf("%d %s%s", st, o, e)
	}()
	if o, _, _ := puggle(t, "", "ddb", "-n", n); !strings.Contains(o, "halted at boot") {
		t.Errorf("ddb, later: %s", o)
	}
	want(t, "", "", 0, "nmi", "-n", n, "continue")
	if o := <-ran; o != "0 it runs\n" {
		t.Errorf("exec: %s", o)
	}
}

// TestGDB has the host's gdb break in a sysctl's handler.
func TestGDB(t *testing.T) {
	if _, err := exec.LookPath("gdb"); err != nil {
		t.Skip("there is no gdb; kpi TestGDB speaks its protocol without it")
	}
	n := debugMachine(t)
	asked := make(chan string, 1)
	c := command("gdb", "-n", n, "--", "-batch", "-ex", "showallkmods", "-ex", "info symbol hello_start", "-ex", "break sysctl_l2cr",
		"-ex", "shell touch "+filepath.Join(tmp, n), "-ex", "continue", "-ex", "backtrace", "-ex", "delete")
	go func() {
		for range 6000 { // until gdb is there
			if _, err := os.Stat(filepath.Join(tmp, n)); err == nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		o, e, st := puggle(t, "", "sysctl", "-n", n, "hw.l2cr")
		asked <- fmt.Sprintf("%d %s%s", st, o, e)
	}()
	time.AfterFunc(2*time.Minute, func() { c.Process.Kill() })
	b, err := c.CombinedOutput()
	for _, w := range []string{"com.example.hello (1.0)", "hello_start in section .text", "Breakpoint 1, 0x", "in sysctl_l2cr ()"} {
		if err != nil || !strings.Contains(string(b), w) {
			t.Errorf("gdb: %v, want %q\n%s", err, w, b)
		}
	}
	if o := <-asked; o != "0 hw.l2cr: -2147483648\n" {
		t.Errorf("sysctl: %s", o)
	}
}
