//go:build darwin

// Guest does rounds of work of many kinds. Before each it reads a line from
// standard input; after each it has given all of it back, and writes one.
package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) > 1 { // a child
		io.Copy(os.Stdout, os.Stdin)
		return
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		for _, work := range []func() error{memory, threads, files, network, children, signals, mappings} {
			if err := work(); err != nil {
				fmt.Println("failed:", err)
				os.Exit(1)
			}
		}
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
		runtime.GC()
		debug.FreeOSMemory()
		fmt.Println("round", runtime.NumGoroutine())
	}
}

var sink [][]byte

// memory touches 48 MB and lets them go.
func memory() error {
	for range 48 {
		b := make([]byte, 1<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		sink = append(sink, b)
	}
	sink = nil
	return nil
}

// threads starts kernel threads that end: a goroutine that ends while it is locked
// to its thread takes that with it.
func threads() error {
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			runtime.LockOSThread()
			time.Sleep(time.Millisecond)
		})
	}
	wg.Wait()
	return nil
}

func files() error {
	dir, err := os.MkdirTemp("", "leak")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for i := range 50 {
		name := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(name, make([]byte, 10000), 0o644); err != nil {
			return err
		}
		if _, err := os.ReadFile(name); err != nil {
			return err
		}
		r, w, err := os.Pipe()
		if err != nil {
			return err
		}
		w.WriteString("x")
		r.Close()
		w.Close()
	}
	_, err = os.ReadDir(dir)
	return err
}

func network() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) })}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for range cap(errs) {
		wg.Go(func() {
			for range 20 {
				r, err := http.Post("http://"+l.Addr().String(), "text/plain", strings.NewReader(strings.Repeat("x", 20000)))
				if err != nil {
					errs <- err
					return
				}
				io.Copy(io.Discard, r.Body)
				r.Body.Close()
			}
		})
	}
	wg.Wait()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	s.Close()
	<-done
	select {
	case err := <-errs:
		return err
	default:
	}
	// Datagrams and local sockets.
	u, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer u.Close()
	_, err = u.WriteTo([]byte("x"), u.LocalAddr())
	if err != nil {
		return err
	}
	p, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	syscall.Close(p[0])
	return syscall.Close(p[1])
}

func children() error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	for range 5 {
		c := exec.Command(exe, "child")
		c.Stdin = strings.NewReader("through a child")
		out, err := c.Output()
		if err != nil || string(out) != "through a child" {
			return fmt.Errorf("child: %q, %v", out, err)
		}
	}
	return nil
}

func signals() error {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR1)
	defer signal.Stop(c)
	for range 20 {
		syscall.Kill(os.Getpid(), syscall.SIGUSR1)
		<-c
	}
	return nil
}

// mappings maps files and memory, private and shared, changes them, and unmaps.
func mappings() error {
	f, err := os.CreateTemp("", "leak")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if err := f.Truncate(4 << 20); err != nil {
		return err
	}
	for _, flags := range []int{syscall.MAP_SHARED, syscall.MAP_PRIVATE} {
		b, err := syscall.Mmap(int(f.Fd()), 0, 4<<20, syscall.PROT_READ|syscall.PROT_WRITE, flags)
		if err != nil {
			return err
		}
		for i := 0; i < len(b); i += 4096 {
			b[i]++
		}
		if err := syscall.Munmap(b); err != nil {
			return err
		}
	}
	return nil
}
