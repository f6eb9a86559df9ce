package main

import (
	"os"
	"syscall"
	"unsafe"
)

const sysctlByName = 274 // SYS_sysctlbyname, which package syscall does not name

// The workloads of code in the kernel: bench loads an extension for them (bench/kext).
func init() {
	name := []byte("debug.kbench_null\x00")
	workloads["kextsysctl"] = loop(func() {
		var v int32
		n := uintptr(4)
		_, _, e := syscall.Syscall6(sysctlByName, uintptr(unsafe.Pointer(&name[0])), uintptr(len(name)-1),
			uintptr(unsafe.Pointer(&v)), uintptr(unsafe.Pointer(&n)), 0, 0)
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
