package kpi

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestHeaders compiles each header of the SDK for kernel code alone, as C and, those of
// the later generations, as C++; and wants those of the document's table 5-1 to be there.
func TestHeaders(t *testing.T) {
	for _, h := range []string{"sys/systm.h", "sys/buf.h", "sys/dirent.h", "sys/errno.h", "sys/kernel.h", "sys/lock.h", "sys/malloc.h", "sys/queue.h",
		"sys/rand.h", "sys/system.h", "sys/time.h", "sys/types.h", "mach/mach_types.h", "sys/ucred.h", "sys/utsname.h"} {
		if _, err := os.Stat("../sdk/kern/include/" + h); err != nil {
			t.Error(err)
		}
	}
	if _, err := exec.LookPath("clang-19"); err != nil {
		t.Skip("no clang-19")
	}
	for _, c := range []struct{ dir, lang string }{{"kern", "c"}, {"kern", "c++"}, {"next", "c"}} {
		root := "../sdk/" + c.dir + "/include"
		dir := t.TempDir()
		var files []string
		fs.WalkDir(os.DirFS(root), ".", func(p string, d fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(p, ".h") {
				f := filepath.Join(dir, fmt.Sprintf("h%d.%s", len(files), map[string]string{"c": "c", "c++": "cc"}[c.lang]))
				os.WriteFile(f, []byte("#include <"+p+">\n#include <"+p+">\nint compiled;\n"), 0o644)
				files = append(files, f)
			}
			return nil
		})
		args := append([]string{"-target", "x86_64-apple-macos10.15", "-ffreestanding", "-nostdinc", "-fno-builtin", "-mkernel", "-fsyntax-only", "-Wall", "-Werror",
			"-DKERNEL", "-DKERNEL_FEATURES", "-DMACH", "-I", root}, files...)
		if b, err := exec.Command("clang-19", args...).CombinedOutput(); err != nil || len(files) == 0 {
			t.Errorf("%s as %s: %v\n%.4000s", c.dir, c.lang, err, b)
		}
	}
}

// TestHeaderGuards: a server without the documents' flags, and kernel code that wants a
// program's headers, are not compiled.
func TestHeaderGuards(t *testing.T) {
	if _, err := exec.LookPath("clang-19"); err != nil {
		t.Skip("no clang-19")
	}
	for _, c := range []struct {
		dir, source, want string
		flags             []string
	}{
		{"next", "#include <kernserv/kern_server_types.h>\n", "kernel servers are compiled with -DKERNEL", nil},
		{"next", "#include <kernserv/kern_server_types.h>\n", "", []string{"-DKERNEL", "-DKERNEL_FEATURES", "-DMACH"}},
		{"kern", "#include <stdio.h>\n", "'stdio.h' file not found", []string{"-DKERNEL"}},
		{"kern", "#include <stdlib.h>\n", "'stdlib.h' file not found", []string{"-DKERNEL"}},
	} {
		cmd := exec.Command("clang-19", append([]string{"-target", "x86_64-apple-macos10.15", "-ffreestanding", "-nostdinc", "-fno-builtin", "-mkernel",
			"-fsyntax-only", "-I", "../sdk/" + c.dir + "/include", "-x", "c", "-"}, c.flags...)...)
		cmd.Stdin = strings.NewReader(c.source)
		b, err := cmd.CombinedOutput()
		if (err == nil) != (c.want == "") || !strings.Contains(string(b), c.want) {
			t.Errorf("%s with %v: %v, want %q\n%s", c.source, c.flags, err, c.want, b)
		}
	}
}
