//go:build darwin

package main

import (
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// furnish opens descriptors of every kind, and makes the files that the names are about.
func furnish() {
	os.Pipe() // and with it Go's queue of events
	var low [2]int
	for syscall.Pipe(low[:]) == nil && low[1] < lowest { // the lowest are Go's
	}
	for _, d := range []string{"dir", "dir/b"} {
		os.Mkdir(d, 0o777)
	}
	for _, n := range []string{"a", "b", "dir/a", "dir/b/c"} {
		os.WriteFile(n, make([]byte, 9000), 0o666)
	}
	os.Symlink("dir", "link")
	os.Symlink("loop", "loop")
	syscall.Mkfifo("fifo", 0o666)
	open := func(name string, flags int) { syscall.Open(name, flags|syscall.O_NONBLOCK, 0o666) }
	for _, n := range []string{"a", "b", "fifo", "/dev/null", "/dev/zero", "/dev/ptmx", "/dev/random", "new"} {
		open(n, syscall.O_RDWR|syscall.O_CREAT)
	}
	for _, n := range []string{"dir", ".", "/dev", "a"} {
		open(n, 0)
	}
	var p [2]int
	for range 2 {
		if syscall.Pipe(p[:]) == nil {
			syscall.SetNonblock(p[0], true)
			syscall.SetNonblock(p[1], true)
		}
	}
	quiet := func(fd int, err error) int {
		if err == nil {
			syscall.SetNonblock(fd, true)
		}
		return fd
	}
	for _, s := range [][3]int{{1, 1, 0}, {1, 2, 0}, {2, 1, 0}, {2, 2, 0}, {30, 1, 0}, {30, 2, 0}, {17, 3, 0}, {2, 3, 1}, {2, 1, 0}, {2, 2, 17}} {
		quiet(syscall.Socket(s[0], s[1], s[2]))
	}
	for _, typ := range []int{1, 2} {
		if s, err := syscall.Socketpair(1, typ, 0); err == nil {
			quiet(s[0], nil)
			quiet(s[1], nil)
		}
	}
	// A connection.
	l := quiet(syscall.Socket(2, 1, 0))
	syscall.Bind(l, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	syscall.Listen(l, 5)
	if sa, err := syscall.Getsockname(l); err == nil {
		c := quiet(syscall.Socket(2, 1, 0))
		syscall.Connect(c, sa)
		if n, _, err := syscall.Accept(l); err == nil {
			quiet(n, nil)
		}
	}
	syscall.Kqueue()
	syscall.Kqueue()
}

// clean removes what outlives its makers.
func clean() {
	for _, n := range []string{"/o", "/p", "q", ""} {
		b := append([]byte(n), 0)
		for _, call := range []uintptr{267, 270} {
			kcallBytes(call, b)
		}
	}
	for slot := range uint64(64) {
		for seq := range uint64(64) {
			id := seq<<16 | slot
			kcall(0, 2<<24|254, &[8]uint64{id, 0, 0})
			kcall(0, 2<<24|258, &[8]uint64{id, 0, 0})
			kcall(0, 2<<24|263, &[8]uint64{id, 0, 0})
		}
	}
}

// kcallBytes passes b, which does not move, as a call's first argument.
func kcallBytes(call uintptr, b []byte) {
	var pin runtime.Pinner
	pin.Pin(&b[0])
	defer pin.Unpin()
	kcall(0, 2<<24|call, &[8]uint64{uint64(uintptr(unsafe.Pointer(&b[0])))})
}
