package main

import (
	"os"
	"syscall"
	"unsafe"
)

// sysctlbyname is libSystem's, as programs call it: syscall.Syscall6 would be a syscall instruction.
//
//go:cgo_import_dynamic libc_sysctlbyname sysctlbyname "/usr/lib/libSystem.B.dylib"
var sysctlbyname uintptr // sysctl_darwin_amd64.s

//go:linkname syscall6 syscall.syscall6
func syscall6(fn, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err syscall.Errno)

// The workloads of code in the kernel: bench loads an extension for them (bench/kext).
func init() {
	name := []byte("debug.kbench_null\x00")
	workloads["kextsysctl"] = loop(func() {
		var v int32
		n := uintptr(4)
		_, _, e := syscall6(sysctlbyname, uintptr(unsafe.Pointer(&name[0])), uintptr(unsafe.Pointer(&v)),
			uintptr(unsafe.Pointer(&n)), 0, 0, 0)
		if e != 0 || v != 42 {
			println("debug.kbench_null:", v, e.Error())
			os.Exit(99)
		}
	})
	fd := -1
	b := make([]byte, 4096)
	workloads["kextread"] = loop(func() {
		if fd < 0 {
			var err error
			fd, err = syscall.Open("/dev/kbench", syscall.O_RDONLY, 0)
			check(err)
		}
		n, err := syscall.Read(fd, b)
		check(err)
		if n != len(b) {
			os.Exit(99)
		}
	})
}
