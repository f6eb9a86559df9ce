// Command gen makes mach/mig's Go code, libSystem's C stubs and the SDK's headers
// for them from mach/mig/defs. It runs in mach/mig; with -check it only compares.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"puggle/mach/mig/defs"
	"puggle/mig"
)

// interfaces are those of the kernel: which ends are made in Go.
var interfaces = []struct {
	name           string
	server, client bool
	user           bool // a C stub for libSystem
	header         bool // the stub's prototypes, for the SDK
}{
	{"mach_port", true, true, true, true}, {"task", true, true, true, true}, {"thread_act", true, true, true, true},
	{"mach_vm", true, false, true, true}, {"vm_map", true, false, true, true}, {"mach_host", true, true, true, true},
	{"host_priv", true, true, true, true}, {"clock", true, false, true, true}, {"clock_priv", true, false, true, true},
	{"semaphore", true, false, true, false}, {"lock_set", true, false, true, true}, {"processor", true, true, true, true},
	{"processor_set", true, true, true, true}, {"memory_entry", true, false, true, true}, {"mach_voucher", true, true, true, true},
	{"memory_object", true, true, false, false}, {"memory_object_control", true, true, true, true},
	{"exc", false, true, false, false}, {"mach_exc", false, true, false, false}, {"clock_reply", false, true, false, false},
	{"notify", true, false, false, false}, {"bootstrap", true, true, true, false}, {"netname", true, true, true, false},
}

func main() {
	check := flag.Bool("check", false, "compare instead of writing")
	flag.Parse()
	if stale := generate(*check); *check && stale {
		os.Exit(1)
	}
}

// generate writes everything, or with check only says what differs.
func generate(check bool) (stale bool) {
	write := func(path string, b []byte) {
		old, err := os.ReadFile(path)
		if err == nil && bytes.Equal(old, b) {
			return
		}
		stale = true
		if check {
			fmt.Fprintf(os.Stderr, "%s is not what its .defs say\n", path)
			return
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			fatal(err)
		}
	}
	load := mig.FSLoader(defs.FS)
	sdk := filepath.Join("..", "..", "sdk", "include", "mach")
	for _, i := range interfaces {
		path := "mach/" + i.name + ".defs"
		text, err := defs.FS.ReadFile(path)
		if err != nil {
			fatal(err)
		}
		s, err := mig.Compile(path, string(text), []string{"PUGGLE_KERNEL", "KERNEL_SERVER"}, load)
		if err != nil {
			fatal(err)
		}
		src, err := s.Go(mig.GoOptions{Package: "mig", Client: i.client, Server: i.server, Source: path})
		if err != nil {
			fatal(err)
		}
		write(i.name+"_gen.go", src)
		if !i.user {
			continue
		}
		if s, err = mig.Compile(path, string(text), []string{"LIBSYSTEM"}, load); err != nil {
			fatal(err)
		}
		if src, err = s.CUser(mig.COptions{Source: path, Headers: []string{"mig_private.h"}}); err != nil {
			fatal(err)
		}
		write(filepath.Join("..", "..", "libsystem", "mig", i.name+".c"), src)
		if i.header {
			if s, err = mig.Compile(path, string(text), []string{"SDK_HEADER"}, load); err != nil {
				fatal(err)
			}
			write(filepath.Join(sdk, i.name+".h"), s.CPrototypes(mig.COptions{Source: path}, "_MACH_"+strings.ToUpper(i.name)+"_H_"))
		}
	}
	iokit(write, load)
	text := "#include <mach/mach_types.defs>\n#include <mach/clock_types.defs>\n"
	s, err := mig.Compile("types", text, nil, load)
	if err != nil {
		fatal(err)
	}
	write(filepath.Join(sdk, "mig_types.h"), s.CTypes(mig.COptions{Source: "mach/mach_types.defs"}, "_MACH_MIG_TYPES_H_", words(sdk)))
	every := filepath.Join("..", "..", "mig", "internal", "every")
	s, err = mig.Compile("every.defs", read(filepath.Join(every, "every.defs")), nil, load)
	if err != nil {
		fatal(err)
	}
	src, err := s.Go(mig.GoOptions{Package: "every", Runtime: "puggle/mach/mig", Client: true, Server: true, Source: "every.defs"})
	if err != nil {
		fatal(err)
	}
	write(filepath.Join(every, "every_mig.go"), src)
	return stale
}

// iokit is the interface of the I/O Registry: its server is in iokit/server, its user stubs in
// IOKit.framework.
func iokit(write func(string, []byte), load mig.Loader) {
	const path = "mach/iokit.defs"
	top := filepath.Join("..", "..")
	text, err := defs.FS.ReadFile(path)
	if err != nil {
		fatal(err)
	}
	s, err := mig.Compile(path, string(text), []string{"PUGGLE_KERNEL", "KERNEL_SERVER"}, load)
	if err != nil {
		fatal(err)
	}
	src, err := s.Go(mig.GoOptions{Package: "server", Runtime: "puggle/mach/mig", Server: true, Source: path})
	if err != nil {
		fatal(err)
	}
	write(filepath.Join(top, "iokit", "server", "iokit_gen.go"), src)
	if s, err = mig.Compile(path, string(text), []string{"LIBSYSTEM"}, load); err != nil {
		fatal(err)
	}
	if src, err = s.CUser(mig.COptions{Source: path, Headers: []string{"iokit_mig.h"}}); err != nil {
		fatal(err)
	}
	write(filepath.Join(top, "libsystem", "IOKit", "mig.c"), src)
	write(filepath.Join(top, "libsystem", "IOKit", "calls.h"), s.CPrototypes(mig.COptions{Source: path}, "IOKIT_CALLS_H"))
}

func read(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		fatal(err)
	}
	return string(b)
}

// words says what names the SDK's other headers know.
func words(dir string) func(string) bool {
	known := map[string]bool{"char": true, "short": true, "int": true, "unsigned": true, "float": true, "double": true,
		"int8_t": true, "uint8_t": true, "int16_t": true, "uint16_t": true, "int32_t": true, "uint32_t": true,
		"int64_t": true, "uint64_t": true, "uintptr_t": true, "intptr_t": true, "register_t": true}
	files, _ := filepath.Glob(filepath.Join(dir, "*.h"))
	more, _ := filepath.Glob(filepath.Join(dir, "i386", "*.h"))
	debug, _ := filepath.Glob(filepath.Join(dir, "..", "mach_debug", "*.h"))
	for _, f := range append(append(files, more...), debug...) {
		b, err := os.ReadFile(f)
		if err != nil {
			fatal(err)
		}
		if bytes.HasPrefix(b, []byte("/* Generated")) {
			continue // it uses types, and has none
		}
		for _, w := range regexp.MustCompile(`\w+`).FindAllString(string(b), -1) {
			known[w] = true
		}
	}
	return func(n string) bool { return known[n] }
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "gen:", err)
	os.Exit(1)
}
