package hostile

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestHostCalls makes the host's own calls by number from a program: none is
// answered, none has an effect.
func TestHostCalls(t *testing.T) {
	dir := t.TempDir()
	file, victim := filepath.Join(dir, "made"), filepath.Join(dir, "victim")
	if err := os.WriteFile(victim, []byte("whole"), 0o600); err != nil {
		t.Fatal(err)
	}
	self := strconv.Itoa(os.Getpid())
	calls := map[string][]string{
		"write":       {"1", "1", "@LEAK", "4"},
		"open":        {"2", "@" + file, "0x41", "0666"},
		"openat":      {"257", "-0x64", "@" + file, "0x41", "0666"},
		"mkdir":       {"83", "@" + file, "0777"},
		"unlink":      {"87", "@" + victim},
		"truncate":    {"76", "@" + victim, "0"},
		"chmod":       {"90", "@" + victim, "0"},
		"rename":      {"82", "@" + victim, "@" + file},
		"symlink":     {"88", "@x", "@" + file},
		"kill":        {"62", self, "9"},
		"tgkill":      {"234", self, self, "9"},
		"ptrace":      {"101", "16", self, "0", "0"},
		"vm_write":    {"311", self, "0", "0", "0", "0", "0"},
		"fork":        {"57"},
		"vfork":       {"58"},
		"clone":       {"56", "17"},
		"clone3":      {"435", "0", "0"},
		"execve":      {"59", "@/bin/true", "0", "0"},
		"exit":        {"60", "77"},
		"exit_group":  {"231", "77"},
		"socket":      {"41", "2", "1", "0"},
		"mmap":        {"9", "0", "0x1000", "3", "0x22", "-1", "0"},
		"munmap":      {"11", "0x7fffffe08000", "0x1000"},
		"mprotect":    {"10", "0x7fffffe08000", "0x1000", "7"},
		"sigaction":   {"13", "31", "0", "0", "8"},
		"sigreturn":   {"15"},
		"prctl":       {"157", "4", "1"},
		"arch_prctl":  {"158", "0x1002", "0"},
		"seccomp":     {"317", "0", "0", "0"},
		"bpf":         {"321", "0", "0", "0"},
		"io_uring":    {"425", "8", "0"},
		"memfd":       {"319", "@x", "0"},
		"userfaultfd": {"323", "0"},
		"pidfd_send":  {"424", "3", "9", "0", "0"},
		"reboot":      {"169", "0xfee1dead", "672274793", "0", "0"},
	}
	for name, args := range calls {
		t.Run(name, func(t *testing.T) {
			for i, a := range args {
				if strings.HasPrefix(a, "-") {
					n, err := strconv.ParseInt(a, 0, 64)
					if err != nil {
						t.Fatal(err)
					}
					args[i] = strconv.FormatUint(uint64(n), 10)
				}
			}
			o := run(t, nil, append([]string{guest, "linuxcall"}, args...)...)
			if o.status == 0 || o.status == 77 || strings.Contains(o.stdout, "came back") || strings.Contains(o.stdout, "LEAK") {
				t.Errorf("was answered: %v", o)
			}
			if !strings.Contains(o.stderr, "SIGSYS") && o.status != 128+12 {
				t.Errorf("no SIGSYS: %v", o)
			}
			if _, err := os.Lstat(file); err == nil {
				t.Error("made a file on the host")
				os.RemoveAll(file)
			}
			if b, err := os.ReadFile(victim); string(b) != "whole" {
				t.Errorf("the victim is %q, %v", b, err)
			}
		})
	}
}

// TestOtherGates: the other ways into a Linux kernel end the program.
func TestOtherGates(t *testing.T) {
	for _, gate := range []string{"int80", "sysenter", "vsyscall"} {
		t.Run(gate, func(t *testing.T) {
			o := run(t, nil, guest, gate)
			if o.status == 0 || o.status == 77 || strings.Contains(o.stdout, "came back") {
				t.Errorf("went through: %v", o)
			}
		})
	}
}

// TestGadgets jumps to every syscall instruction in the machine's own text with
// registers of the program's choice, until there are no more.
func TestGadgets(t *testing.T) {
	for n := 0; ; n++ {
		o := run(t, nil, guest, "gadgets", strconv.Itoa(n))
		if o.status == 98 {
			if n < 5 {
				t.Fatalf("found only %d syscall instructions: the test looks in the wrong place", n)
			}
			return
		}
		if o.status == 0 || strings.Contains(o.stdout, "mapped") {
			t.Fatalf("gadget %d: %v", n, o)
		}
		if !strings.Contains(o.stdout, "at 0x7fff") {
			t.Fatalf("gadget %d was not reached: %v", n, o)
		}
	}
}

// TestOwnLoss: a program that damages what the machine keeps in its address
// space may die or hang, but alone, and it can be ended. Its parent and the
// kernel go on.
func TestOwnLoss(t *testing.T) {
	for _, attack := range []string{"scribble", "fsbase", "gsbase", "unmap"} {
		t.Run(attack, func(t *testing.T) {
			o := runFor(t, 5*time.Second, nil, guest, attack)
			t.Logf("alone: status %d, had to be ended: %v", o.status, o.killed)
			if o.status == 125 || strings.Contains(o.stderr, "kernel panic") {
				t.Fatalf("the kernel broke: %v", o)
			}
			if attack == "unmap" && o.status != 0 {
				t.Fatalf("%v", o)
			}
			well(t)
		})
	}
	for _, attack := range []string{"gsbase", "scribble", "int80"} {
		o := run(t, nil, guest, "children", "1", attack)
		if o.status != 0 || strings.Count(o.stdout, "child:") != 1 || !strings.HasSuffix(o.stdout, "parent is well\n") {
			t.Errorf("%s in a child: %v", attack, o)
		}
	}
}
