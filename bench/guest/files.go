//go:build linux || darwin

package main

import (
	"os"
	"syscall"
	"time"
)

func init() {
	workloads["stat"] = func(n int) time.Duration {
		var st syscall.Stat_t
		exe, err := os.Executable()
		check(err)
		return loop(func() { check(syscall.Stat(exe, &st)) })(n)
	}
	workloads["pread"] = func(n int) time.Duration { return reads(n, 4096, 1<<20) }
	workloads["read1m"] = func(n int) time.Duration { return reads(n, 1<<20, 8<<20) }
	workloads["openclose"] = func(n int) time.Duration {
		exe, err := os.Executable()
		check(err)
		return loop(func() {
			fd, err := syscall.Open(exe, syscall.O_RDONLY, 0)
			check(err)
			check(syscall.Close(fd))
		})(n)
	}
	workloads["write"] = writes
}

// temp makes a file of that size, open and without a name.
func temp(size int) *os.File {
	f, err := os.CreateTemp("", "bench")
	check(err)
	check(os.Remove(f.Name()))
	if size > 0 {
		_, err = f.Write(make([]byte, size))
		check(err)
	}
	return f
}

func reads(n, size, file int) time.Duration {
	f := temp(file)
	defer f.Close()
	fd, b := int(f.Fd()), make([]byte, size)
	begin := time.Now()
	for i := range n {
		got, err := syscall.Pread(fd, b, int64(i*size%file))
		check(err)
		if got != size {
			check(syscall.EIO)
		}
	}
	return time.Since(begin)
}

func writes(n int) time.Duration {
	f := temp(0)
	defer f.Close()
	fd, b := int(f.Fd()), make([]byte, 4096)
	begin := time.Now()
	for i := range n {
		_, err := syscall.Pwrite(fd, b, int64(i%256*4096))
		check(err)
	}
	return time.Since(begin)
}
