package main

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

// differences are calls of other BSDs that Darwin doesn't have, or has changed.
func differences() error {
	name, _ := syscall.BytePtrFromString("/private/var/vm/swapfile0")
	if _, _, e := syscall.Syscall(85, uintptr(unsafe.Pointer(name)), 0, 0); e != syscall.ENOSYS {
		return fmt.Errorf("swapon: %v", e)
	}
	for _, dev := range []string{"/dev/null", "/dev/zero", "/dev/tty", "/dev/echo"} {
		f, err := os.OpenFile(dev, os.O_RDWR, 0)
		if err != nil && dev == "/dev/tty" {
			continue // there may be no terminal
		}
		if err != nil {
			return err
		}
		if _, err := syscall.Mmap(int(f.Fd()), 0, 4096, syscall.PROT_READ, syscall.MAP_SHARED); err == nil {
			return fmt.Errorf("%s can be mapped", dev)
		}
		f.Close()
	}
	fmt.Println("differences ok")
	return nil
}
