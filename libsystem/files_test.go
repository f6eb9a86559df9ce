package libsystem

import (
	"bytes"
	"debug/macho"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"testing"
)

// exports lists the names that a library defines for others.
func exports(t *testing.T, b []byte) map[string]bool {
	t.Helper()
	f, err := macho.NewFile(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	const ext, typeMask, undef = 0x01, 0x0e, 0x00
	m := make(map[string]bool)
	for _, s := range f.Symtab.Syms {
		if s.Type&ext != 0 && s.Type&typeMask != undef && s.Type&0xe0 == 0 {
			m[s.Name] = true
		}
	}
	return m
}

// imported collects what Go packages for darwin import dynamically: their
// sources say so in //go:cgo_import_dynamic lines.
func imported(t *testing.T, dirs ...string) map[string][]string {
	t.Helper()
	out, err := exec.Command("grep", append([]string{"-rhE", "--include=*darwin*.go", "--include=*macos*.go", "--include=security.go",
		"--include=corefoundation.go", "^//go:cgo_import_dynamic"}, dirs...)...).Output()
	if err != nil {
		t.Fatalf("grep: %v", err)
	}
	m := make(map[string][]string)
	for _, l := range strings.Split(string(out), "\n") {
		f := strings.Fields(l)
		if len(f) != 4 || f[1] == "_" {
			continue
		}
		if lib := strings.Trim(f[3], `"`); lib != "" {
			m[lib] = append(m[lib], f[2])
		}
	}
	return m
}

// The variants that Go's linker asks for on amd64 instead of the plain names.
var inode64 = map[string]bool{"fdopendir": true, "readdir_r": true, "getfsstat": true}

// Every symbol that Go's runtime, standard library and x/sys may bind on
// darwin/amd64 must be there.
func TestGoImports(t *testing.T) {
	if _, err := exec.LookPath("grep"); err != nil {
		t.Skip("needs grep")
	}
	src := filepath.Join(runtime.GOROOT(), "src")
	dirs := []string{src + "/runtime", src + "/syscall", src + "/internal", src + "/crypto/x509", src + "/net", src + "/os"}
	if out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output(); err == nil && len(bytes.TrimSpace(out)) > 0 {
		dirs = append(dirs, string(bytes.TrimSpace(out))+"/unix")
	}
	files := Files()
	n := 0
	for lib, names := range imported(t, dirs...) {
		b := files[lib]
		if b == nil {
			t.Errorf("Go imports from %s, which is not here", lib)
			continue
		}
		have := exports(t, b)
		sort.Strings(names)
		for _, name := range names {
			n++
			if inode64[name] {
				name += "$INODE64"
			}
			if !have["_"+name] {
				t.Errorf("%s lacks %s", lib, name)
			}
		}
	}
	if n < 150 {
		t.Errorf("only %d imports were found in Go's sources: the search is broken", n)
	}
}

// What the kernel and every linked program look for.
func TestEntryPoints(t *testing.T) {
	have := exports(t, Files()["/usr/lib/libSystem.B.dylib"])
	for _, s := range []string{"__puggle_start", "dyld_stub_binder", "__tlv_bootstrap", "__sigtramp", "___stack_chk_guard",
		"___stack_chk_fail", "_environ", "_mach_task_self_", "___error"} {
		if !have[s] {
			t.Errorf("libSystem lacks %s", s)
		}
	}
}

// Libraries may import from libSystem and from each other only what is there.
func TestClosed(t *testing.T) {
	files := Files()
	for path, b := range files {
		f, err := macho.NewFile(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		libs, err := f.ImportedLibraries()
		if err != nil {
			t.Fatal(err)
		}
		have := map[string]bool{}
		for _, l := range libs {
			if files[l] == nil {
				t.Errorf("%s needs %s, which is not here", path, l)
				continue
			}
			for s := range exports(t, files[l]) {
				have[s] = true
			}
		}
		syms, _ := f.ImportedSymbols()
		for _, s := range syms {
			if !have[s] {
				t.Errorf("%s imports %s, which nobody exports", path, s)
			}
		}
	}
}
