package main

import (
	"bufio"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"puggle/control"
	"puggle/test/syncbuf"
)

// reboot(2) starts the machine again: the same command in the same process, with what its NVRAM has,
// and nothing else of what was there. With RB_HALT it ends.
func TestRebootStartsAgain(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root of the machine may, which is who runs it")
	}
	g := needGuest(t)
	const name = "again"
	if _, e, st := puggle(t, "", "boot", "-b", "-n", name, "--boot-args", "first=1", "--hostname", "apple"); st != 0 {
		t.Fatalf("boot: %d %s", st, e)
	}
	t.Cleanup(func() { puggle(t, "", "shutdown", "-n", name) })
	info := func() (i control.Info) {
		control.Call(name, "info", nil, &i)
		return i
	}
	was := info()
	get := func(what string) string {
		o, _, _ := puggle(t, "", "sysctl", "--value", "-n", name, what)
		return strings.TrimSpace(o)
	}
	if v := get("machdep.nvram"); !strings.Contains(v, "boot-args=first=1") {
		t.Errorf("machdep.nvram is %q", v)
	}
	puggle(t, "", "sysctl", "-n", name, "-w", "machdep.nvram=auto-boot?=true")
	want(t, "", "machdep.nvram: \n\tauto-boot?=true\n\tboot-args=first=1\n", 0, "sysctl", "-n", name, "machdep.nvram")
	puggle(t, "", "sysctl", "-n", name, "-w", "kern.maxproc=100")
	want(t, "", "boot-args\tfirst=1\n", 0, "exec", "-n", name, "/usr/sbin/nvram", "boot-args")
	want(t, "", "", 0, "exec", "-n", name, "/usr/sbin/nvram", "boot-args=second=2 -v", "x=1", "-d", "x")
	want(t, "", "auto-boot?\ttrue\nboot-args\tsecond=2 -v\n", 0, "exec", "-n", name, "/usr/sbin/nvram", "-p")
	if _, e, st := puggle(t, "", "exec", "-n", name, "/usr/sbin/nvram", "x"); st != 1 || !strings.Contains(e, "data was not found") {
		t.Errorf("nvram of what is not there: %d %s", st, e)
	}
	if v := get("kern.bootargs"); v != "first=1" {
		t.Errorf("kern.bootargs is %q before the reboot", v)
	}
	puggle(t, "", "exec", "-n", name, g, "reboot", "0")
	var now control.Info
	eventually(t, "another machine", func() bool { now = info(); return now.PID != 0 && now.Boot.After(was.Boot) })
	if now.PID != was.PID {
		t.Errorf("process %d was %d", now.PID, was.PID)
	}
	for what, want := range map[string]string{"kern.bootargs": "second=2 -v", "kern.hostname": "apple", "kern.maxproc": "2048"} {
		if v := get(what); v != want {
			t.Errorf("%s is %q, want %q", what, v, want)
		}
	}
	want(t, "", "hello [a]\n", 0, "exec", "-n", name, g, "hello", "a")
	puggle(t, "", "exec", "-n", name, g, "reboot", "8")
	gone := func() bool { return info().PID == 0 }
	eventually(t, "its end", gone)
	time.Sleep(200 * time.Millisecond)
	if !gone() {
		t.Error("it has started again, though it was to halt")
	}
}

// --rom is the ROM monitor before the boot, over the machine's boards.
func TestROMMonitor(t *testing.T) {
	const name = "rom"
	c := command("boot", "-n", name, "--rom", "--board", "2=sum")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out syncbuf.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	up := func() bool { var i control.Info; return control.Call(name, "info", nil, &i) == nil && !i.Monitor }
	eventually(t, "the prompt", func() bool { return strings.Contains(out.String(), "NeXT> ") })
	if strings.Contains(out.String(), "is up") {
		t.Errorf("it has booted: %s", out.String())
	}
	// It answers meanwhile, and lets nobody wait.
	if o, _, st := puggle(t, "", "list"); st != 0 || !regexp.MustCompile(`(?m)^rom +\d+ +ROM `).MatchString(o) {
		t.Errorf("list at the prompt: %d\n%s", st, o)
	}
	if _, e, st := puggle(t, "", "ps", "-n", name); st == 0 || !strings.Contains(e, "at the ROM monitor") {
		t.Errorf("ps at the prompt: %d %s", st, e)
	}
	io.WriteString(in, "e f2fffff0\n.\nb\n")
	eventually(t, "the machine", up)
	if !strings.Contains(out.String(), "f2fffff0: 84? NeXT> ") {
		t.Errorf("the monitor: %s", out.String())
	}
	puggle(t, "", "shutdown", "-n", name)
	if err := c.Wait(); err != nil {
		t.Errorf("%v: %s", err, out.String())
	}
	if _, e, st := puggle(t, "", "boot", "-b", "--rom", "-n", name); st != 125 || !strings.Contains(e, "--rom needs the terminal") {
		t.Errorf("-b --rom: %d %s", st, e)
	}
}

// A machine at the ROM monitor can be ended.
func TestROMMonitorShutdown(t *testing.T) {
	const name = "romend"
	c := command("boot", "-n", name, "--rom")
	if _, err := c.StdinPipe(); err != nil { // nobody types
		t.Fatal(err)
	}
	var out syncbuf.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the prompt", func() bool { return strings.Contains(out.String(), "NeXT> ") })
	if _, e, st := puggle(t, "", "shutdown", "-n", name); st != 0 {
		t.Fatalf("shutdown: %d %s", st, e)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("%v: %s", err, out.String())
	}
}

// A shutdown that is acknowledged while the machine is on its way to a reboot is its end. The
// process that ignores SIGTERM gives time for it.
func TestShutdownDuringReboot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root of the machine may, which is who runs it")
	}
	g := needGuest(t)
	const name = "between"
	if _, e, st := puggle(t, "", "boot", "-b", "-n", name); st != 0 {
		t.Fatalf("boot: %d %s", st, e)
	}
	t.Cleanup(func() { puggle(t, "", "shutdown", "-n", name) })
	stays := command("exec", "-n", name, g, "stays")
	stdout, err := stays.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := stays.Start(); err != nil {
		t.Fatal(err)
	}
	defer stays.Wait()
	if l, err := bufio.NewReader(stdout).ReadString('\n'); l != "stays\n" {
		t.Fatalf("%q, %v", l, err)
	}
	puggle(t, "", "exec", "-n", name, g, "reboot", "0")
	if _, e, st := puggle(t, "", "shutdown", "-n", name); st != 0 {
		t.Logf("it came too late, and was told so: %s", e)
		return
	}
	time.Sleep(200 * time.Millisecond)
	var i control.Info
	if err := control.Call(name, "info", nil, &i); err == nil {
		t.Errorf("it has started again as %+v", i)
	}
}

// What a user has in the environment is no machine's memory.
func TestNVRAMOfOthers(t *testing.T) {
	for _, v := range []string{"", "boot-args=stray\n", "1\nboot-args=stray\n"} {
		t.Setenv(nvramEnv, v)
		if n, err := earlierNVRAM(); n != nil || err != nil {
			t.Errorf("%q: %v, %v", v, n, err)
		}
	}
	t.Setenv(nvramEnv, strconv.Itoa(os.Getpid())+"\n")
	if n, err := earlierNVRAM(); n == nil || err != nil || n.String() != "" {
		t.Errorf("what is empty: %v, %v", n, err)
	}
}
