// Command build compiles the C programs of test/c/src with clang-19 and ld64.lld-19
// into test/c/bin, which is committed, so that the tests need no C compiler.
// Run it from the top of the module; names given as arguments select programs.
//
//	go run ./test/c/build [-check] [name ...]
//
// A file NAME.c becomes the program NAME, NAME.cc a C++ program, NAME_plug.c the
// bundle NAME_plug.bundle, NAME_lib.c the library NAME_lib.dylib, which the
// program NAME links to. -check builds elsewhere and compares.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

const dir = "test/c"

func main() {
	check := flag.Bool("check", false, "build elsewhere and compare with test/c/bin")
	flag.Parse()
	tmp, err := os.MkdirTemp("", "testc")
	if err != nil {
		fatal(err)
	}
	defer os.RemoveAll(tmp)
	bin := filepath.Join(dir, "bin")
	if *check {
		bin = filepath.Join(tmp, "bin")
	}
	if err := os.MkdirAll(bin, 0o755); err != nil {
		fatal(err)
	}
	var srcs []string
	for _, ext := range []string{"c", "cc"} {
		l, _ := filepath.Glob(dir + "/src/*." + ext)
		srcs = append(srcs, l...)
	}
	// Libraries come before the programs that link to them.
	sort.Slice(srcs, func(i, j int) bool {
		a, b := kind(srcs[i]) != library, kind(srcs[j]) != library
		return a != b && b || a == b && srcs[i] < srcs[j]
	})
	failed := false
	for _, src := range srcs {
		if flag.NArg() > 0 && !slices.Contains(flag.Args(), name(src)) {
			continue
		}
		out, err := build(src, tmp, bin)
		if err == nil && *check {
			was, _ := os.ReadFile(filepath.Join(dir, "bin", out))
			now, _ := os.ReadFile(filepath.Join(bin, out))
			if !bytes.Equal(was, now) {
				err = fmt.Errorf("is not what its source gives")
			}
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "test/c/build: %s: %v\n", out, err)
			failed = true
		}
	}
	if failed {
		os.RemoveAll(tmp)
		os.Exit(1)
	}
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "test/c/build:", err)
	os.Exit(1)
}

const (
	program = iota
	bundle
	library
)

func name(src string) string {
	return strings.TrimSuffix(filepath.Base(src), filepath.Ext(src))
}

func kind(src string) int {
	switch n := name(src); {
	case strings.HasSuffix(n, "_plug"):
		return bundle
	case strings.HasSuffix(n, "_lib"):
		return library
	}
	return program
}

// build makes one file in bin and gives its name there.
func build(src, tmp, bin string) (string, error) {
	n := name(src)
	out := n + [...]string{"", ".bundle", ".dylib"}[kind(src)]
	obj := filepath.Join(tmp, n+".o")
	cc, flags := "clang-19", []string{"-std=gnu17"}
	if filepath.Ext(src) == ".cc" {
		// The headers of Debian's libc++-19-dev; they come before those of C.
		std := "-std=c++20"
		if n == "cplusplus" {
			std = "-std=c++17" // what most programs ask for
		}
		cc, flags = "clang++-19", []string{std, "-nostdinc++", "-isystem", "/usr/lib/llvm-19/include/c++/v1",
			"-D_LIBCPP_DISABLE_AVAILABILITY"}
	}
	args := append(flags, "-target", "x86_64-apple-macos10.15", "-nostdlibinc", "-isystem", "sdk/include", "-O2",
		"-fblocks", "-Wall", "-Werror", "-c", src, "-o", obj)
	if err := run(cc, args...); err != nil {
		return out, err
	}
	args = []string{"-arch", "x86_64", "-platform_version", "macos", "10.15", "10.15", "-fatal_warnings",
		"-o", filepath.Join(bin, out), obj, "libsystem/lib/libSystem.B.dylib"}
	if cc == "clang++-19" {
		args = append(args, "-Llibsystem/lib", "libsystem/lib/libc++.1.dylib", "libsystem/lib/libc++abi.dylib")
	}
	if n == "iconv" {
		args = append(args, "libsystem/lib/libiconv.2.dylib")
	}
	if strings.HasPrefix(n, "iokit") {
		args = append(args, "libsystem/lib/IOKit", "libsystem/lib/CoreFoundation")
	}
	switch kind(src) {
	case bundle:
		args = append(args, "-bundle")
	case library:
		args = append(args, "-dylib", "-install_name", installName(out))
	case program:
		lib := filepath.Join(bin, n+"_lib.dylib")
		if _, err := os.Stat(lib); err == nil {
			args = append(args, lib, "-rpath", "@loader_path")
		}
	}
	return out, run("ld64.lld-19", args...)
}

// installName is where programs look for a library: absent_lib in the system's
// directory, where it never is.
func installName(out string) string {
	if out == "absent_lib.dylib" {
		return "/usr/lib/libabsent.1.dylib"
	}
	return "@rpath/" + out
}

func run(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %v\n%s", name, err, out)
	}
	return nil
}
