package config

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// top is the top of the source tree.
func top(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

var (
	shLine  = regexp.MustCompile(`^export ([A-Z_]+)="(.*)"$`)
	cshLine = regexp.MustCompile(`^setenv ([A-Z_]+) "(.*)"$`)
)

// variables reads what a set-up script sets, which is all it does.
func variables(t *testing.T, file string, line *regexp.Regexp) map[string]string {
	b, err := os.ReadFile(filepath.Join(top(t), "SETUP", file))
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]string{}
	for _, l := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		if strings.HasPrefix(l, "#") {
			continue
		}
		f := line.FindStringSubmatch(l)
		if f == nil {
			t.Errorf("%s: %q sets nothing", file, l)
			continue
		}
		m[f[1]] = f[2]
	}
	return m
}

// Both shells set the same variables to the same values; a Bourne shell really does.
func TestSetup(t *testing.T) {
	sh, csh := variables(t, "setup.sh", shLine), variables(t, "setup.csh", cshLine)
	if len(sh) == 0 {
		t.Fatal("setup.sh sets nothing")
	}
	for n, v := range sh {
		if c := strings.Replace(csh[n], "$cwd", "$PWD", 1); c != v {
			t.Errorf("%s: sh has %q, csh %q", n, v, csh[n])
		}
	}
	for n := range csh {
		if _, ok := sh[n]; !ok {
			t.Errorf("%s: csh only", n)
		}
	}
	cmd := exec.Command("sh", "-c", ". SETUP/setup.sh && env")
	cmd.Dir = top(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := "\nOBJROOT=" + top(t) + "/BUILD/obj\n"; !strings.Contains("\n"+string(out), want) {
		t.Errorf("no %q in the environment", want)
	}
}

// Kernels of two configurations, as the documents build them, and the tools they want first.
func TestMakefile(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the kernel")
	}
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("no make")
	}
	dir := t.TempDir()
	mk := func(ok bool, args ...string) string {
		t.Helper()
		cmd := exec.Command("make", append([]string{"-C", top(t), "--no-print-directory", "OBJROOT=" + dir + "/obj", "DSTROOT=" + dir + "/dst"}, args...)...)
		out, err := cmd.CombinedOutput()
		if (err == nil) != ok {
			t.Fatalf("make %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	if out := mk(false, "KERNEL_CONFIGS=DEBUG", "all"); !strings.Contains(out, "make exporthdrs comes first") {
		t.Errorf("without headers: %s", out)
	}
	if out := mk(false, "KERNEL_CONFIGS=TURBO", "all"); !strings.Contains(out, "no such configuration") {
		t.Errorf("TURBO: %s", out)
	}
	mk(true, "exporthdrs")
	for c, want := range map[string]string{"DEBUG": "1", "DEBUG_TRACE": "1", "RELEASE": "0", "PROFILE": "0"} {
		if b, err := os.ReadFile(filepath.Join(dir, "obj/EXPORT_HDRS", c, "mach_kdb.h")); string(b) != "#define MACH_KDB "+want+"\n" {
			t.Errorf("%s: %q, %v", c, b, err)
		}
	}
	mk(true, "all") // RELEASE
	mk(true, "KERNEL_CONFIGS=DEBUG", "all")
	size := func(file string, symbols bool) int64 {
		f, err := elf.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if s, _ := f.Symbols(); len(s) > 0 != symbols {
			t.Errorf("%s has %d symbols", file, len(s))
		}
		i, _ := os.Stat(file)
		return i.Size()
	}
	for c, ddb := range map[string]bool{"RELEASE": false, "DEBUG": true} {
		k := filepath.Join(dir, "obj", c+"_X86_64", "mach_kernel")
		if a, b := size(k, false), size(k+".sys", true); a >= b {
			t.Errorf("%s has %d bytes, with its symbols %d", c, a, b)
		}
		name := fmt.Sprintf("%s-%d", strings.ToLower(c), os.Getpid())
		boot := exec.Command(k, "boot", "-b", "-n", name)
		boot.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+dir)
		if out, err := boot.CombinedOutput(); err != nil {
			t.Fatalf("%s does not boot: %v\n%s", c, err, out)
		}
		tool := func(args ...string) string {
			cmd := exec.Command(k, args...)
			cmd.Env = boot.Env
			out, _ := cmd.CombinedOutput()
			return string(out)
		}
		if out := tool("sysctl", "-n", name, "kern.version"); !strings.Contains(out, c+"_X86_64") {
			t.Errorf("kern.version of %s: %s", c, out)
		}
		if out := tool("ddb", "-n", name, "show flags"); strings.Contains(out, "debug=0x") != ddb || strings.Contains(out, "MACH_KDB") == ddb {
			t.Errorf("ddb of %s: %s", c, out)
		}
		tool("shutdown", "-n", name)
	}
	mk(true, "install")
	for _, n := range []string{"relpath", "seg_hack"} {
		if i, err := os.Stat(filepath.Join(dir, "dst/usr/local/bin", n)); err != nil || i.Mode()&0o111 == 0 {
			t.Errorf("%s is not installed: %v", n, err)
		}
	}
}
