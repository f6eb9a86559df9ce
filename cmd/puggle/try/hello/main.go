//go:build darwin

// Hello says where it finds itself.
package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
)

func main() {
	fmt.Printf("hello from %s/%s, %s\n", runtime.GOOS, runtime.GOARCH, runtime.Version())
	host, _ := os.Hostname()
	fmt.Printf("uname: %s %s %s %s\n", sysctl("kern.ostype"), host, sysctl("kern.osrelease"), sysctl("hw.machine"))
	fmt.Printf("%s: macOS %s, %d processors, pid %d of parent %d, user %d\n", sysctl("hw.model"), sysctl("kern.osproductversion"),
		runtime.NumCPU(), os.Getpid(), os.Getppid(), os.Getuid())
	if runtime.GOOS != "darwin" {
		os.Exit(1)
	}
}

func sysctl(name string) string {
	s, err := syscall.Sysctl(name)
	if err != nil {
		return fmt.Sprintf("(%s: %v)", name, err)
	}
	return s
}
