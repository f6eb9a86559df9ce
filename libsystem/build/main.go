// Command build makes the guest's libraries from their C sources: the stubs
// from syscalls.tsv, then each dylib in dependency order.
//
// It must be run in the directory libsystem or in the repository's root, needs
// clang-19 and ld64.lld-19, and gives the same bytes each time: relative paths
// only, sorted inputs, no debug information, no timestamps.
//
//	go run ./libsystem/build            write libsystem/lib
//	go run ./libsystem/build -check     compare with libsystem/lib instead
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"
)

// A dylib is one library: where its sources are, and its name in the guest.
type dylib struct {
	out     string   // file in lib/
	install string   // path in the guest
	src     string   // directory of sources
	stubs   bool     // has the system call stubs
	links   []string // files in lib/
	also    []string // files in lib/ whose symbols it offers as its own
	cxx     []string // for the C++ compiler, if sources are C++
}

var dylibs = []dylib{
	{out: "libSystem.B.dylib", install: "/usr/lib/libSystem.B.dylib", src: "src", stubs: true},
	{out: "libresolv.9.dylib", install: "/usr/lib/libresolv.9.dylib", src: "libresolv", links: []string{"libSystem.B.dylib"}},
	{out: "libiconv.2.dylib", install: "/usr/lib/libiconv.2.dylib", src: "libiconv", links: []string{"libSystem.B.dylib"}},
	{out: "libicucore.A.dylib", install: "/usr/lib/libicucore.A.dylib", src: "libicucore", links: []string{"libSystem.B.dylib"}},
	{out: "CoreFoundation", install: "/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation", src: "CoreFoundation", links: []string{"libSystem.B.dylib"}},
	{out: "Security", install: "/System/Library/Frameworks/Security.framework/Versions/A/Security", src: "Security", links: []string{"libSystem.B.dylib", "CoreFoundation"}},
	{out: "CoreServices", install: "/System/Library/Frameworks/CoreServices.framework/Versions/A/CoreServices", src: "CoreServices", links: []string{"libSystem.B.dylib", "CoreFoundation"}},
	{out: "IOKit", install: "/System/Library/Frameworks/IOKit.framework/Versions/A/IOKit", src: "IOKit", links: []string{"libSystem.B.dylib", "CoreFoundation"}},
	{out: "libc++abi.dylib", install: "/usr/lib/libc++abi.dylib", src: "libcxxabi", links: []string{"libSystem.B.dylib"},
		cxx: []string{"-std=c++17", "-ffreestanding", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", "-Wno-nullability-completeness"}},
	// The headers of Debian's libc++-19-dev.
	{out: "libc++.1.dylib", install: "/usr/lib/libc++.1.dylib", src: "libcxx", links: []string{"libSystem.B.dylib"}, also: []string{"libc++abi.dylib"},
		cxx: []string{"-std=c++20", "-isystem", "/usr/lib/llvm-19/include/c++/v1", "-D_LIBCPP_DISABLE_AVAILABILITY",
			"-D_LIBCPP_BUILDING_LIBRARY", "-Wno-deprecated-declarations"}},
}

var cxxflags = []string{
	"-target", "x86_64-apple-macos10.15", "-O2", "-nostdlibinc", "-nostdinc++", "-isystem", "../sdk/include",
	"-fno-stack-protector", "-fvisibility=hidden", "-fvisibility-inlines-hidden",
}

var cflags = []string{
	"-target", "x86_64-apple-macos10.15", "-std=gnu17", "-O2", "-ffreestanding", "-nostdlibinc",
	"-isystem", "../sdk/include", "-Isrc", "-DPUGGLE_LIBSYSTEM",
	"-fno-stack-protector", "-funwind-tables", "-fno-common",
	"-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", "-Wno-sign-compare",
	"-Wno-missing-field-initializers", "-Wno-incompatible-library-redeclaration", "-Wno-nullability-completeness",
}

func main() {
	check := flag.Bool("check", false, "build elsewhere and compare with libsystem/lib")
	only := flag.String("only", "", "build this library alone")
	flag.Parse()
	if _, err := os.Stat("libsystem/syscalls.tsv"); err == nil {
		if err := os.Chdir("libsystem"); err != nil {
			fatal(err)
		}
	}
	tmp, err := os.MkdirTemp("", "libsystem")
	if err != nil {
		fatal(err)
	}
	defer os.RemoveAll(tmp)
	lib := "lib"
	if *check {
		lib = filepath.Join(tmp, "lib")
	}
	if err := os.MkdirAll(lib, 0o755); err != nil {
		fatal(err)
	}
	bad := false
	for _, d := range dylibs {
		if *only != "" && *only != d.out {
			continue
		}
		if err := d.build(tmp, lib); err != nil {
			fmt.Fprintf(os.Stderr, "libsystem/build: %s: %v\n", d.out, err)
			os.RemoveAll(tmp)
			os.Exit(1)
		}
		if *check {
			was, _ := os.ReadFile(filepath.Join("lib", d.out))
			now, _ := os.ReadFile(filepath.Join(lib, d.out))
			if !bytes.Equal(was, now) {
				fmt.Fprintf(os.Stderr, "libsystem/build: lib/%s is not what its sources give\n", d.out)
				bad = true
			}
		}
	}
	if bad {
		os.RemoveAll(tmp)
		os.Exit(1)
	}
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "libsystem/build:", err)
	os.Exit(1)
}

// build compiles and links one library.
func (d dylib) build(tmp, lib string) error {
	srcs, err := filepath.Glob(d.src + "/*.[cs]")
	if err != nil {
		return err
	}
	if d.cxx != nil {
		if srcs, err = filepath.Glob(d.src + "/*.cc"); err != nil {
			return err
		}
	}
	sort.Strings(srcs)
	objdir := filepath.Join(tmp, d.out+".o")
	if err := os.MkdirAll(objdir, 0o755); err != nil {
		return err
	}
	if d.stubs {
		more, _ := filepath.Glob("mig/*.c")
		srcs = append(srcs, more...)
		s, err := stubs("syscalls.tsv")
		if err != nil {
			return err
		}
		f := filepath.Join(tmp, "stubs.s")
		if err := os.WriteFile(f, s, 0o644); err != nil {
			return err
		}
		srcs = append(srcs, f)
	}
	objs := make([]string, len(srcs))
	errs := make([]error, len(srcs))
	var wg sync.WaitGroup
	slots := make(chan bool, runtime.NumCPU())
	for i, s := range srcs {
		objs[i] = filepath.Join(objdir, filepath.Base(filepath.Dir(s))+"_"+filepath.Base(s)+".o")
		wg.Add(1)
		go func() {
			defer wg.Done()
			slots <- true
			defer func() { <-slots }()
			args := append([]string{}, cflags...)
			if d.cxx != nil {
				args = append(append([]string{}, d.cxx...), cxxflags...) // the headers of C++ come first
			}
			if d.out != "libSystem.B.dylib" {
				args = append(args, "-I"+d.src)
			}
			errs[i] = run("clang-19", append(args, "-c", s, "-o", objs[i])...)
		}()
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	args := []string{"-arch", "x86_64", "-platform_version", "macos", "10.15", "10.15", "-fatal_warnings",
		"-dylib", "-install_name", d.install, "-compatibility_version", "1.0.0", "-current_version", "1319.0.0",
		"-o", filepath.Join(lib, d.out)}
	aliases, err := os.ReadFile(d.src + "/aliases.tsv")
	if err == nil {
		for _, l := range strings.Split(string(aliases), "\n") {
			if f := strings.Fields(l); len(f) == 2 && f[0][0] != '#' {
				args = append(args, "-alias", "_"+f[0], "_"+f[1])
			}
		}
	}
	args = append(args, objs...)
	for _, l := range d.links {
		args = append(args, filepath.Join(lib, l))
	}
	for _, l := range d.also {
		args = append(args, "-reexport_library", filepath.Join(lib, l))
	}
	return run("ld64.lld-19", args...)
}

func run(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %v\n%s", name, err, out)
	}
	return nil
}
