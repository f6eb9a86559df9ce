//go:build linux || darwin

package main

import (
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"
)

func init() {
	workloads["pipe"] = pipe
	workloads["tcp"] = tcp
	workloads["http"] = get
	workloads["exec"] = func(n int) time.Duration {
		exe, err := os.Executable()
		check(err)
		return loop(func() { check(exec.Command(exe, "nothing").Run()) })(n)
	}
	workloads["compute"] = compute
}

// echo is the other process: it sends back what it gets.
func echo() {
	var b [1]byte
	for {
		if n, err := syscall.Read(0, b[:]); n != 1 || err != nil {
			return
		}
		if _, err := syscall.Write(1, b[:]); err != nil {
			return
		}
	}
}

// pipe sends a byte to another process and gets it back.
func pipe(n int) time.Duration {
	exe, err := os.Executable()
	check(err)
	var to, from [2]int
	check(syscall.Pipe(to[:]))
	check(syscall.Pipe(from[:]))
	for _, fd := range []int{to[1], from[0]} {
		syscall.CloseOnExec(fd)
	}
	in, out := os.NewFile(uintptr(to[0]), "in"), os.NewFile(uintptr(from[1]), "out")
	cmd := exec.Command(exe, "echo")
	cmd.Stdin, cmd.Stdout = in, out
	check(cmd.Start())
	in.Close()
	out.Close()
	var b [1]byte
	begin := time.Now()
	for range n {
		_, err := syscall.Write(to[1], b[:])
		check(err)
		got, err := syscall.Read(from[0], b[:])
		check(err)
		if got != 1 {
			check(io.ErrUnexpectedEOF)
		}
	}
	d := time.Since(begin)
	syscall.Close(to[1])
	syscall.Close(from[0])
	check(cmd.Wait())
	return d
}

// tcp sends a byte over the loopback and gets it back.
func tcp(n int) time.Duration {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	defer ln.Close()
	go func() {
		c, err := ln.Accept()
		check(err)
		io.Copy(c, struct{ io.Reader }{c})
		c.Close()
	}()
	c, err := net.Dial("tcp", ln.Addr().String())
	check(err)
	defer c.Close()
	var b [1]byte
	begin := time.Now()
	for range n {
		_, err := c.Write(b[:])
		check(err)
		_, err = io.ReadFull(c, b[:])
		check(err)
	}
	return time.Since(begin)
}

// get fetches a page on a connection that is kept.
func get(n int) time.Duration {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") })}
	go srv.Serve(ln)
	defer srv.Close()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	url := "http://" + ln.Addr().String() + "/"
	one := func() {
		resp, err := client.Get(url)
		check(err)
		_, err = io.Copy(io.Discard, resp.Body)
		check(err)
		resp.Body.Close()
	}
	one()
	return loop(one)(n)
}

// compute never asks the kernel for anything: it shows that code runs natively.
func compute(n int) time.Duration {
	x := uint64(88172645463325252)
	begin := time.Now()
	for range n {
		for range 1000 {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
		}
	}
	d := time.Since(begin)
	sink = byte(x)
	return d
}
