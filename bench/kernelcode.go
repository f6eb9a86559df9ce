package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"puggle/kext"
)

// kernelCode is one round of what code in the kernel costs, in nanoseconds.
type kernelCode struct {
	null              float64 // a null BSD call in the same machine: what the others are compared with
	call, sysctl      float64
	read, mutex, load float64
	pthread           float64 // natively; 0 without a C compiler
}

// measureKernelCode boots a machine, loads an extension into it and measures.
func measureKernelCode(p *programs, dir string, ms int) (k kernelCode, err error) {
	const name = "bench"
	hello, kbench := filepath.Join(dir, "hello.kext"), filepath.Join(dir, "kbench.kext")
	for _, b := range []struct{ object, plist, out string }{
		{"examples/hello/hello.o", "examples/hello/Info.plist", hello}, {"bench/kext/kbench.o", "bench/kext/Info.plist", kbench}} {
		obj, err := os.ReadFile(b.object)
		if err != nil {
			return k, err
		}
		info, err := os.ReadFile(b.plist)
		if err != nil {
			return k, err
		}
		os.RemoveAll(b.out)
		if _, err := kext.Pack([][]byte{obj}, info, b.out); err != nil {
			return k, err
		}
	}
	sockets := filepath.Join(dir, "run")
	if err := os.MkdirAll(sockets, 0o700); err != nil {
		return k, err
	}
	puggle := func(args ...string) (string, error) {
		cmd := exec.Command(p.puggle, args...)
		cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+sockets)
		out, err := cmd.CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("puggle %s: %w: %s", args[0], err, out)
		}
		return strings.TrimSpace(string(out)), nil
	}
	if _, err := puggle("boot", "-b", "-n", name); err != nil {
		return k, err
	}
	defer puggle("shutdown", "-n", name)
	begin := time.Now()
	if _, err := puggle("kextload", "-n", name, hello); err != nil {
		return k, err
	}
	k.load = float64(time.Since(begin))
	if _, err := puggle("kextload", "-n", name, kbench); err != nil {
		return k, err
	}
	number := func(to *float64, scale float64, args ...string) {
		if err != nil {
			return
		}
		var s string
		if s, err = puggle(args...); err == nil {
			*to, err = strconv.ParseFloat(s, 64)
			*to *= scale
		}
	}
	guest := func(work string) []string {
		return []string{"exec", "-n", name, p.darwin, work, strconv.Itoa(ms)}
	}
	number(&k.null, 1, guest("null")...)
	number(&k.sysctl, 1, guest("kextsysctl")...)
	number(&k.read, 1, guest("kextread")...)
	number(&k.call, 1e-3, "sysctl", "-n", name, "--value", "debug.kbench_call")
	number(&k.mutex, 1e-3, "sysctl", "-n", name, "--value", "debug.kbench_mutex")
	if err == nil && p.cErr == nil {
		k.pthread, err = measure("mutex", ms, p.cNative)
	}
	return k, err
}

// renderKernelCode makes the table of code in the kernel.
func renderKernelCode(l []kernelCode) string {
	med := func(f func(k kernelCode) float64) float64 {
		var v []float64
		for _, k := range l {
			v = append(v, f(k))
		}
		return median(v)
	}
	null := med(func(k kernelCode) float64 { return k.null })
	var b strings.Builder
	fmt.Fprintf(&b, "\nCode in the kernel: the goals are in multiples of a null BSD call in the same machine\n(%s) unless they say otherwise.\n\n", span(null))
	b.WriteString("| what | time | ratio | goal | |\n|---|---:|---:|---:|---|\n")
	row := func(what string, ns, of, goal float64, unit string) {
		fmt.Fprintf(&b, "| %s | %s | %.2f | %g%s | %s |\n", what, span(ns), ns/of, goal, unit, verdict(ns/of, goal))
	}
	row("KPI null call from kernel code", med(func(k kernelCode) float64 { return k.call }), null, 1.2, "")
	row("upcall into an extension and back: a sysctl handler by sysctlbyname", med(func(k kernelCode) float64 { return k.sysctl }), null, 4, "")
	row("read of 4 KB from a character device in an extension", med(func(k kernelCode) float64 { return k.read }), null, 6, "")
	if pthread := med(func(k kernelCode) float64 { return k.pthread }); pthread > 0 {
		row("lck_mtx that nobody else wants, locked and unlocked", med(func(k kernelCode) float64 { return k.mutex }), pthread, 1.3, " x native pthread")
	}
	load := med(func(k kernelCode) float64 { return k.load })
	fmt.Fprintf(&b, "| kextload of hello into a new machine, the command included | %s | | 30 ms | %s |\n", span(load), verdict(load, 30e6))
	return b.String()
}
