// Guest is the program that the tests of the command run in a machine: its
// first argument says what it does.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	switch os.Args[1] {
	case "hello":
		fmt.Println("hello", os.Args[2:])
	case "exit":
		n, _ := strconv.Atoi(os.Args[2])
		os.Exit(n)
	case "cat":
		n, err := io.Copy(os.Stdout, os.Stdin)
		fmt.Fprintln(os.Stderr, n, err)
	case "skip":
		os.Stdin.Seek(3, io.SeekCurrent)
		var b [2]byte
		os.Stdin.Read(b[:])
		os.Stdout.Write(b[:])
	case "signal": // say what comes
		ch := make(chan os.Signal, 1)
		signal.Notify(ch, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1)
		fmt.Println("ready")
		select {
		case s := <-ch:
			os.WriteFile(os.Args[2], []byte(s.String()), 0o644)
			fmt.Println("got", s)
			os.Exit(9)
		case <-time.After(time.Minute):
		}
	case "tty":
		f, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Fprint(f, "name? ")
		var name string
		fmt.Fscanln(f, &name)
		fmt.Fprintf(f, "hello %s\n", name)
	case "child":
		out, err := exec.Command(os.Args[0], "hello", "child").CombinedOutput()
		fmt.Printf("%s%v\n", out, err)
	case "kill":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "dial": // itself
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err == nil {
			_, err = net.Dial("tcp", l.Addr().String())
		}
		fmt.Println(err)
	case "serve": // one connection, on the loopback
		l, err := net.Listen("tcp", "127.0.0.1:"+os.Args[2])
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("ready")
		c, err := l.Accept()
		if err == nil {
			_, err = io.Copy(c, c)
			c.Close()
		}
		fmt.Println(err)
	case "pwd":
		dir, err := os.Getwd()
		fmt.Println(dir)
		if err != nil {
			os.Exit(1)
		}
	case "open":
		_, err := os.Open("/nowhere")
		fmt.Println(err)
	}
}
