// Package sdk holds what programs for the machine, and code for its kernel, are
// compiled with: the headers, and the library to link against. They are in the
// command's own file, so that an installed puggle needs no source tree.
//
// include is for programs, kern for extensions of the kernel (both later
// generations of the documents), next for loadable kernel servers (1990).
package sdk

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"

	"puggle/libsystem"
)

//go:embed all:include all:kern all:next
var headers embed.FS

// A Kind is what code is compiled for.
type Kind struct {
	Name string
	// Compile are the compiler's arguments; Link those that a link has besides.
	// "SDK" stands for the directory that Extract gave.
	Compile, Link []string
	// CXX are those that C++ has besides.
	CXX []string
}

// Kinds by name. The flags are those that the documents ask for, as far as a compiler
// of today has them, and those that the linker of kernel code needs.
var Kinds = []Kind{
	{Name: "kernel", Compile: []string{"-target", "x86_64-apple-macos10.15", "-mkernel", "-nostdinc", "-ffreestanding", "-fno-builtin",
		"-fno-omit-frame-pointer", "-DKERNEL", "-I", "SDK/kern/include"}, CXX: []string{"-fapple-kext", "-fno-exceptions", "-fno-rtti"}},
	{Name: "next", Compile: []string{"-target", "x86_64-apple-macos10.15", "-mkernel", "-nostdinc", "-ffreestanding", "-fno-builtin",
		"-DKERNEL", "-DKERNEL_FEATURES", "-DMACH", "-I", "SDK/next/include"}},
	{Name: "user", Compile: []string{"-target", "x86_64-apple-macos10.15", "-nostdlibinc", "-isystem", "SDK/include", "-fblocks"},
		Link: []string{"-fuse-ld=lld", "-nostdlib", "-LSDK/lib", "SDK/lib/libSystem.B.dylib"}},
}

// links are the names by which makefiles ask for parts of libSystem (-lm, -lpthread).
var links = map[string]string{
	"lib/libSystem.dylib": "libSystem.B.dylib", "lib/libc.dylib": "libSystem.B.dylib", "lib/libm.dylib": "libSystem.B.dylib",
	"lib/libpthread.dylib": "libSystem.B.dylib", "lib/libdl.dylib": "libSystem.B.dylib", "lib/libutil.dylib": "libSystem.B.dylib",
	"lib/libc++.dylib": "libc++.1.dylib", "lib/libiconv.dylib": "libiconv.2.dylib", "lib/libproc.dylib": "libSystem.B.dylib", "lib/libresolv.dylib": "libresolv.9.dylib",
}

// Extract writes the SDK to a directory of its own below dir, once, and gives its
// path: what is there already is the same, since the name is that of the contents.
func Extract(dir string) (string, error) {
	libs := libsystem.Files()
	files := map[string][]byte{"lib/libSystem.B.dylib": libs["/usr/lib/libSystem.B.dylib"], "lib/libresolv.9.dylib": libs["/usr/lib/libresolv.9.dylib"],
		"lib/libiconv.2.dylib": libs["/usr/lib/libiconv.2.dylib"],
		"lib/libc++.1.dylib":   libs["/usr/lib/libc++.1.dylib"], "lib/libc++abi.dylib": libs["/usr/lib/libc++abi.dylib"]}
	err := fs.WalkDir(headers, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[p], err = headers.ReadFile(p)
		return err
	})
	if err != nil {
		return "", err
	}
	var names []string
	for n := range files {
		names = append(names, n)
	}
	sort.Strings(names)
	h := sha256.New()
	for _, n := range names {
		fmt.Fprintf(h, "%s %d\n", n, len(files[n]))
		h.Write(files[n])
	}
	fmt.Fprintln(h, links) // maps are printed in order
	out := filepath.Join(dir, "sdk-"+hex.EncodeToString(h.Sum(nil)[:8]))
	if _, err := os.Stat(out); err == nil {
		return out, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	tmp, err := os.MkdirTemp(dir, "sdk-new-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	for _, n := range names {
		p := filepath.Join(tmp, n)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(p, files[n], 0o644); err != nil {
			return "", err
		}
	}
	for n, to := range links {
		if err := os.Symlink(to, filepath.Join(tmp, n)); err != nil {
			return "", err
		}
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return "", err
	}
	if err := os.Rename(tmp, out); err != nil {
		if _, e := os.Stat(out); e != nil { // not by somebody who was faster
			return "", err
		}
	}
	return out, nil
}
