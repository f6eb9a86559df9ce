package main

import (
	"bufio"
	"debug/macho"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"puggle/abi"
)

// TestKext packs, loads, sees and unloads the hello extension, by the commands.
func TestKext(t *testing.T) {
	n, _ := machine(t)
	dir := filepath.Join(t.TempDir(), "hello.kext")
	ex := "../../examples/hello/"
	want(t, "", "", 0, "kext", "pack", ex+"hello.o", ex+"Info.plist", dir)
	if o, e, st := puggle(t, "", "kextload", "-n", n, dir); st != 0 || !strings.Contains(o, "is loaded") {
		t.Fatalf("kextload: %d %s%s", st, o, e)
	}
	if o, e, st := puggle(t, "", "kextstat", "-n", n); st != 0 || !strings.Contains(o, "hello") {
		t.Errorf("kextstat: %d %s%s", st, o, e)
	}
	if o, e, st := puggle(t, "", "dmesg", "-n", n); st != 0 || len(o) == 0 {
		t.Errorf("dmesg: %d %s%s", st, o, e)
	}
	if o, e, st := puggle(t, "", "kextload", "-n", n, dir); st != 1 || !strings.Contains(e, "loaded already") {
		t.Errorf("a second kextload: %d %s%s", st, o, e)
	}
	want(t, "", "", 0, "kextunload", "-n", n, dir)
	if o, _, _ := puggle(t, "", "kextstat", "-n", n); strings.Contains(o, "hello") {
		t.Errorf("after kextunload: %s", o)
	}
	want(t, "", "", 1, "kextunload", "-n", n, "-b", "com.example.nothing")
}

// TestKextTools is what a person does with an extension from its source to its end, by
// the commands of three generations.
func TestKextTools(t *testing.T) {
	n, _ := machine(t)
	dir := t.TempDir()
	ex := "../../examples/hello/"
	obj, bundle := ex+"hello.o", filepath.Join(dir, "hello.kext")
	t.Setenv("XDG_CACHE_HOME", dir)
	if _, err := exec.LookPath("clang-19"); err == nil {
		obj = filepath.Join(dir, "hello.o")
		want(t, "", "", 0, "sdk", "clang", "-O2", "-Wall", "-Werror", "-c", ex+"hello.c", "-o", obj)
		driver := filepath.Join(t.TempDir(), "HelloDriver")
		want(t, "", "", 0, "sdk", "clang", "-O2", "-c", ex+"../hellodriver/HelloDriver.cpp", "-o", driver+".o")
		want(t, "", "", 0, "kext", "pack", driver+".o", ex+"../hellodriver/Info.plist", driver+".kext")
		prog := filepath.Join(dir, "prog")
		src := filepath.Join(dir, "prog.c")
		os.WriteFile(src, []byte("#include <stdio.h>\nint main(void) { return puts(\"hello, user\") < 0; }\n"), 0o644)
		want(t, "", "", 0, "sdk", "clang", "--user", src, "-o", prog)
		want(t, "", "hello, user\n", 0, "run", prog)
		want(t, "", "", statusFault, "sdk", "clang", obj, "-o", prog)
	}
	want(t, "", "", 0, "kext", "pack", obj, ex+"Info.plist", bundle)
	has := func(st int, text string, args ...string) string {
		t.Helper()
		o, e, got := puggle(t, "", args...)
		if got != st || !strings.Contains(o+e, text) {
			t.Errorf("%v: %d %s%s; want %d, %q", args, got, o, e, st, text)
		}
		return o
	}
	has(0, "can be loaded", "kextload", "-n", n, "-n", "-t", bundle)
	has(0, "com.apple.kpi.bsd = 8.0", "kmutil", "-n", n, "libraries", "-p", bundle)
	has(1, "no address is given for it", "kextload", "-n", n, "-n", "-s", dir, bundle)
	symbols := filepath.Join(dir, "com.example.hello.sym")
	symbolAt := func(want uint64) {
		t.Helper()
		f, err := macho.Open(symbols)
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		for _, s := range f.Symtab.Syms {
			if s.Name == "_kmod_info" && s.Value&^0xfffff == want {
				return
			}
		}
		t.Errorf("%s: _kmod_info is not at %#x", symbols, want)
	}
	want(t, "", "", 0, "kextload", "-n", n, "-n", "-a", "com.example.hello@0x150000000", "-s", dir, bundle)
	symbolAt(0x150000000)
	// Without -a the address is asked for.
	if o, e, st := puggle(t, "160000000\n", "kextload", "-n", n, "-n", "-s", dir, bundle); st != 0 || e != "Enter the hexadecimal load address of com.example.hello: " {
		t.Errorf("kextload -n -s: %d %s%s", st, o, e)
	}
	symbolAt(0x160000000)
	want(t, "", "", 0, "kmodsyms", "-n", n, "-k", "/mach_kernel", "-o", symbols, bundle+"@0x170000000")
	symbolAt(0x170000000)
	want(t, "", "", 0, "kmodsyms", "-n", n, "-o", symbols, "com.example.hello@0x180000000")
	symbolAt(0x180000000)
	has(1, "is no address", "kmodsyms", "-n", n, "-o", symbols, bundle+"@here")
	if o := has(0, "Index", "kextstat", "-n", n); strings.Contains(o, "hello") {
		t.Errorf("-n has loaded: %s", o)
	}
	has(0, "is loaded as number 1", "kextload", "-n", n, "-s", dir, bundle)
	o := has(0, "com.example.hello (1.0)", "kmodstat", "-n", n)
	var base uint64
	for _, l := range strings.Split(o, "\n") {
		if f := strings.Fields(l); len(f) > 5 && f[5] == "com.example.hello" {
			base, _ = strconv.ParseUint(f[2], 0, 64)
		}
	}
	symbolAt(base &^ 0xfffff)
	want(t, "", "hw.l2cr: -2147483648\n", 0, "sysctl", "-n", n, "hw.l2cr")
	want(t, "", "hw.l2cr: 7\n", 0, "sysctl", "-n", n, "hw.l2cr=7")
	has(0, "hw.l2cr is now 0x7", "dmesg", "-n", n)
	want(t, "", "", 0, "kmodunload", "-n", n, "-n", "com.example.hello")
	has(1, "hw.l2cr", "sysctl", "-n", n, "hw.l2cr")
	want(t, "", "", 0, "kmutil", "-n", n, "load", "-p", bundle)
	has(0, "com.example.hello", "kmutil", "-n", n, "showloaded")
	want(t, "", "", 0, "kextunload", "-n", n, "-i", "2")
	has(0, "is loaded as number 3", "kmodload", "-n", n, bundle)
	want(t, "", "", 0, "kmutil", "-n", n, "unload", "-b", "com.example.hello")
	want(t, "", "", 2, "kmutil", "-n", n, "frobnicate")
	has(1, "no such bundle", "kextload", "-n", n, "-b", "com.example.nothing")
}

// TestKernServ links, allocates and shows the slot server, with a board in slot 4.
func TestKernServ(t *testing.T) {
	n := fmt.Sprintf("ks%d", time.Now().UnixNano()%1e9)
	if _, e, st := puggle(t, "", "boot", "-b", "-n", n, "--board", "4=sum"); st != 0 {
		t.Fatalf("boot: %d %s", st, e)
	}
	t.Cleanup(func() { puggle(t, "", "shutdown", "-n", n) })
	out := filepath.Join(t.TempDir(), "slot_reloc")
	ex := "../../examples/slot/"
	want(t, "", "", 0, "kl_ld", "-n", "slot", "-i", "instance", "-l", ex+"Load_Commands", "-u", ex+"Unload_Commands", "-o", out,
		ex+"slot_server.o", ex+"slot_handler.o")
	if o, e, st := puggle(t, "", "kl_util", "-n", n, "-a", out); st != 0 {
		t.Fatalf("kl_util -a: %d %s%s", st, o, e)
	}
	if o, e, st := puggle(t, "", "kl_util", "-n", n, "-s", "slot"); st != 0 || !strings.Contains(o, "slot") {
		t.Errorf("kl_util -s: %d %s%s", st, o, e)
	}
	if o, e, st := puggle(t, "", "nextbus", "-n", n, "list"); st != 0 || !strings.Contains(o, "4") {
		t.Errorf("nextbus list: %d %s%s", st, o, e)
	}
	want(t, "", "", 2, "kl_util", "-n", n, "-x")

	// A program in the machine looks the port up and sends a message, which loads the
	// server; it reads and writes the board, and waits for its interrupt.
	client := func(stdout string, status int, args ...string) {
		t.Helper()
		want(t, "", stdout, status, append([]string{"exec", "-n", n, ex + "slot_client"}, args...)...)
	}
	state := func(s string) {
		t.Helper()
		if o, e, _ := puggle(t, "", "kl_util", "-n", n, "-s", "slot"); !strings.Contains(o, "STATUS: "+s+" ") {
			t.Errorf("it should be %s: %s%s", s, o, e)
		}
	}
	state("Allocated")
	client("0x90\n", 0, "slot4", "read", "1", "0xfffffc", "1") // the board's ID
	state("Loaded")
	client("", 0, "slot4", "write", "0", "0x40", "4", "0x1234")
	client("0x1234\n", 0, "slot4", "read", "0", "0x40", "4")
	client("", 2, "slot2", "read", "0", "0", "4") // an empty slot
	client("", 1, "slot5", "read", "0", "0", "4") // no such port
	client("interrupt\n", 0, "slot4", "wait")
	client("0x1234\n", 0, "slot4", "read", "1", "0x110", "4") // what the board has summed
	// Logged messages are printed until the level is 0.
	log := command("kl_log", "-n", n, "-l", "3", "slot")
	pipe, err := log.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	log.Stderr = os.Stderr
	if err := log.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 64)
	go func() {
		defer close(lines)
		for sc := bufio.NewScanner(pipe); sc.Scan(); {
			lines <- sc.Text()
		}
	}()
	var line string
	eventually(t, "a logged interrupt", func() bool { // once kl_log has set the level
		client("interrupt\n", 0, "slot4", "wait")
		select {
		case line = <-lines:
			return true
		case <-time.After(100 * time.Millisecond):
			return false
		}
	})
	if !strings.Contains(line, "slot 4: interrupt") {
		t.Errorf("kl_log: %q", line)
	}
	want(t, "", "", 0, "kl_log", "-n", n, "-l", "0", "slot")
	if err := log.Wait(); err != nil {
		t.Errorf("kl_log: %v", err)
	}
	want(t, "", "", 0, "kl_util", "-n", n, "-u", "slot")
	state("Allocated")
	client("0x90\n", 0, "slot4", "read", "1", "0xfffffc", "1")
	state("Loaded")
	want(t, "", "", 0, "kl_util", "-n", n, "-d", "slot")
	client("", 1, "slot4", "read", "1", "0xfffffc", "1")

	// The same by the kernel-server loader functions, from a program.
	loader := func(stdout string, status int, args ...string) {
		t.Helper()
		want(t, "", stdout, status, append([]string{"exec", "-n", n, ex + "loader_client"}, args...)...)
	}
	const unknown, loaded, unloaded, exists, cantOpen = 102, 103, 104, 106, 110
	loader("", 0, "list")
	if os.Getuid() != 0 {
		// A program is the user that it is, in the machine, too.
		const noPermission = 101
		loader("", noPermission, "add", out)
		return
	}
	loader("", unknown, "load", "slot")
	loader("", cantOpen, "add", "/no/such/file")
	loader("", 0, "add", out)
	loader("", exists, "add", out)
	loader("slot\n", 0, "list")
	ports := " slot0* slot2* slot4* slot6*\n"
	loader("Allocated "+out+" somewhere"+ports, 0, "info", "slot")
	loader("", unloaded, "level", "slot", "3")
	loader("", 0, "load", "slot")
	loader("", loaded, "load", "slot")
	loader("Loaded "+out+" somewhere"+ports, 0, "info", "slot")
	loader("", 101, "log", "slot", "100") // nothing is logged
	loader("", 0, "level", "slot", "3")
	loader("", int(abi.KERN_OPERATION_TIMED_OUT), "log", "slot", "1")
	client("interrupt\n", 0, "slot4", "wait")
	loader("3 slot 4: interrupt 1\n", 0, "log", "slot", "20000")
	loader("", 0, "unload", "slot")
	loader("", unloaded, "unload", "slot")
	loader("", 0, "delete", "slot")
	loader("", 0, "abort")
	loader("", 0, "list")
}

func TestKextCheck(t *testing.T) {
	want(t, "", "", 0, "kext", "check", "../../examples/hello/hello.o")
	const o = "../../kpi/testdata/misdeeds.o"
	want(t, "", o+": recursion: deep calls deep\n", 1, "kext", "check", o)
	want(t, "", "", 125, "kext", "check", "kextcmd_test.go")
}
