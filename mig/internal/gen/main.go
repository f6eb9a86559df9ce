// Command gen makes mach/mig's Go code and libSystem's C stubs from
// mach/mig/defs. It runs in mach/mig; with -check it only compares.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"puggle/mach/mig/defs"
	"puggle/mig"
)

// interfaces are those of the kernel: which ends are made in Go.
var interfaces = []struct {
	name           string
	server, client bool
	user           bool // a C stub for libSystem
}{
	{"mach_port", true, true, true}, {"task", true, true, true}, {"thread_act", true, false, true},
	{"mach_vm", true, false, true}, {"vm_map", true, false, true}, {"mach_host", true, true, true},
	{"host_priv", true, false, true}, {"clock", true, false, true}, {"clock_priv", true, false, true},
	{"semaphore", true, false, true}, {"lock_set", true, false, true}, {"processor", true, false, true},
	{"processor_set", true, false, true}, {"memory_entry", true, false, true},
	{"exc", false, true, false}, {"mach_exc", false, true, false}, {"clock_reply", false, true, false},
	{"notify", true, false, false}, {"bootstrap", true, true, true}, {"netname", true, true, true},
}

func main() {
	check := flag.Bool("check", false, "compare instead of writing")
	flag.Parse()
	stale := false
	write := func(path string, b []byte) {
		old, err := os.ReadFile(path)
		if err == nil && bytes.Equal(old, b) {
			return
		}
		stale = true
		if *check {
			fmt.Fprintf(os.Stderr, "%s is not what its .defs say\n", path)
			return
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			fatal(err)
		}
	}
	load := mig.FSLoader(defs.FS)
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
	}
	if *check && stale {
		os.Exit(1)
	}
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "gen:", err)
	os.Exit(1)
}
