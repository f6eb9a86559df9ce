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
	"path/filepath"
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
	case "mapped": // write to a file's pages, and end, or leave that to a child that stays
		if len(os.Args) > 3 {
			c := exec.Command(os.Args[0], "mapped", os.Args[2])
			c.Stdout = os.Stdout
			c.Env = append(os.Environ(), "STAY=1")
			r, err := c.StdinPipe()
			if err == nil {
				err = c.Start()
			}
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			ended := make(chan error, 1)
			go func() { ended <- c.Wait() }()
			for {
				if b, _ := os.ReadFile(os.Args[2] + ".done"); len(b) > 0 {
					break
				}
				select {
				case err := <-ended:
					fmt.Fprintln(os.Stderr, "the child has ended:", err)
					os.Exit(1)
				case <-time.After(time.Millisecond):
				}
			}
			fmt.Fprint(os.Stderr, err, r == nil)
			return
		}
		const size = 4 << 20
		f, err := os.Create(os.Args[2])
		if err == nil {
			err = f.Truncate(size)
		}
		if err != nil {
			panic(err)
		}
		b, err := syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
		if err != nil {
			panic(err)
		}
		for i := range b {
			b[i] = 7
		}
		if os.Getenv("STAY") != "" {
			os.WriteFile(os.Args[2]+".done", []byte("x"), 0o644)
			time.Sleep(time.Hour)
		}
		os.Exit(0) // no msync
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
	case "stays": // SIGTERM does not end it
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("stays")
		time.Sleep(time.Minute)
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
	case "reboot": // howto
		how, _ := strconv.Atoi(os.Args[2])
		_, _, e := syscall.Syscall(syscall.SYS_REBOOT, uintptr(how), 0, 0)
		fmt.Println(e)
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
	case "watch": // a directory and a file in it, until that is gone
		kq, err := syscall.Kqueue()
		names := map[uint64]string{}
		for _, f := range []string{os.Args[2], os.Args[2] + "/f"} {
			fd, e := syscall.Open(f, syscall.O_RDONLY|syscall.O_EVTONLY, 0)
			if e == nil {
				names[uint64(fd)] = filepath.Base(f)
				_, e = syscall.Kevent(kq, []syscall.Kevent_t{{Ident: uint64(fd), Filter: syscall.EVFILT_VNODE, Flags: syscall.EV_ADD | syscall.EV_CLEAR, Fflags: 0x7f}}, nil, nil)
			}
			if err == nil {
				err = e
			}
		}
		fmt.Println("ready", err)
		for {
			ev := make([]syscall.Kevent_t, 1)
			if n, err := syscall.Kevent(kq, nil, ev, nil); n == 1 && err == nil {
				fmt.Printf("%s %#x\n", names[ev[0].Ident], ev[0].Fflags)
				if ev[0].Fflags&syscall.NOTE_DELETE != 0 {
					return
				}
			}
		}
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
