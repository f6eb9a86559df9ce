package mig

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What -2.5 makes of the test programs' shop.defs is what is committed (test/c runs it:
// TestMachMIG25), and compiles for programs and for NeXT's kernel servers.
func TestTyped(t *testing.T) {
	const src = "../test/c/src/mig25/"
	dir := t.TempDir()
	at := func(n string) string { return filepath.Join(dir, n) }
	var stderr bytes.Buffer
	if n := Main([]string{"-2.5", "-user", at("shopUser.c"), "-server", at("shopServer.c"), "-header", at("shop.h"), "-sheader", at("s.h"), src + "shop.defs"}, nil, nil, &stderr); n != 0 {
		t.Fatalf("exit %d: %s", n, &stderr)
	}
	for _, f := range []string{"shopUser.c", "shopServer.c", "shop.h"} {
		now, _ := os.ReadFile(at(f))
		was, err := os.ReadFile(src + f)
		if err != nil || !bytes.Equal(now, was) {
			t.Errorf("%s is not what puggle mig -2.5 makes today", f)
		}
	}
	cc, err := exec.LookPath("clang-19")
	if err != nil {
		t.Skip("no clang-19 to compile the C with")
	}
	abs := func(p string) string { p, _ = filepath.Abs(p); return p }
	for _, x := range []struct {
		file string
		args []string
	}{
		{"shopUser.c", []string{"-isystem", abs("../sdk/include")}},
		{"shopServer.c", []string{"-isystem", abs("../sdk/include")}},
		{"s.h", []string{"-isystem", abs("../sdk/include"), "-x", "c"}},
		{"shopServer.c", []string{"-DKERNEL", "-Dmach_port_t=port_t", "-isystem", abs("../sdk/next/include")}},
	} {
		args := append([]string{"-target", "x86_64-apple-macos10.15", "-std=gnu17", "-ffreestanding", "-nostdlibinc", "-I", src,
			"-Wall", "-Wextra", "-Wno-unused-function", "-Werror", "-fsyntax-only"}, x.args...)
		if out, err := exec.Command(cc, append(args, at(x.file))...).CombinedOutput(); err != nil {
			t.Errorf("%s %s: %s", x.file, x.args[0], out)
		}
	}
}

// What Mach 2.5's messages can't say is an error with its place.
func TestTypedErrors(t *testing.T) {
	for _, x := range []struct{ text, want string }{
		{"type any_t = polymorphic;\nroutine r(p : mach_port_t; a : any_t);", "x.defs:4:28: "},
		{"type l = array[*:4] of int;\nroutine r(p : mach_port_t; out a : l; out b : l, samecount);", "x.defs:4:39: "},
	} {
		s := compile(t, head+x.text)
		_, err := s.CUser25(COptions{})
		if e, ok := err.(*Error); !ok || !strings.HasPrefix(e.Error(), x.want) {
			t.Errorf("%s: %v, want %s", x.text, err, x.want)
		}
		if b, err := s.CServer25(COptions{}); err == nil {
			t.Errorf("server of %s: %s", x.text, b)
		}
	}
	var stderr bytes.Buffer
	if n := Main([]string{"-2.5", "-go", t.TempDir(), "x.defs"}, nil, nil, &stderr); n != 2 {
		t.Errorf("-2.5 -go: exit %d", n)
	}
}
