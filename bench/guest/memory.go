//go:build linux || darwin

package main

import (
	"runtime/debug"
	"syscall"
	"time"
)

const pageSize = 4096

func init() {
	workloads["touch"] = touch
	workloads["mmap"] = loop(func() {
		b := mmap(64 << 10)
		b[0] = 1
		check(syscall.Munmap(b))
	})
	workloads["mprotect"] = mprotect
	workloads["mprotecttouch"] = mprotectTouch
	workloads["fault"] = fault
}

func mmap(n int) []byte {
	b, err := syscall.Mmap(-1, 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	check(err)
	return b
}

// touch writes to n fresh pages.
func touch(n int) (d time.Duration) {
	for n > 0 {
		pages := min(n, 16384)
		b := mmap(pages * pageSize)
		begin := time.Now()
		for i := range pages {
			b[i*pageSize] = 1
		}
		d += time.Since(begin)
		check(syscall.Munmap(b))
		n -= pages
	}
	return d
}

func mprotect(n int) time.Duration {
	b := mmap(16 * pageSize)
	defer syscall.Munmap(b)
	b[0] = 1
	begin := time.Now()
	for range n {
		check(syscall.Mprotect(b, syscall.PROT_READ))
		check(syscall.Mprotect(b, syscall.PROT_READ|syscall.PROT_WRITE))
	}
	return time.Since(begin)
}

// mprotectTouch is mprotect by a program that writes each time.
func mprotectTouch(n int) time.Duration {
	b := mmap(16 * pageSize)
	defer syscall.Munmap(b)
	begin := time.Now()
	for range n {
		check(syscall.Mprotect(b, syscall.PROT_READ))
		check(syscall.Mprotect(b, syscall.PROT_READ|syscall.PROT_WRITE))
		b[0]++
	}
	return time.Since(begin)
}

var sink byte

// fault reads what can't be read; the runtime's handler makes a panic of it,
// which is recovered.
func fault(n int) time.Duration {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	b := mmap(pageSize)
	defer syscall.Munmap(b)
	check(syscall.Mprotect(b, syscall.PROT_NONE))
	begin := time.Now()
	for range n {
		func() {
			defer func() { recover() }()
			sink = b[0]
		}()
	}
	return time.Since(begin)
}
