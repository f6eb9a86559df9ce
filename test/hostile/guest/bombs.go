//go:build darwin

package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// bombs take as much of one thing as they are given. Each says how it was stopped: by which
// error, or by its own bound. They keep what they have until they end.
var bombs = map[string]func() (n int, err error){
	"pipes": func() (n int, err error) {
		b := make([]byte, 64<<10)
		for ; n < 3000; n++ {
			var p [2]int
			if err = syscall.Pipe(p[:]); err != nil {
				return
			}
			syscall.SetNonblock(p[1], true)
			for e := error(nil); e == nil; {
				_, e = syscall.Write(p[1], b)
			}
		}
		return
	},
	"sockets": func() (n int, err error) {
		for ; n < 1500; n++ {
			s, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
			if err != nil {
				return n, err
			}
			fill(s[0])
			fill(s[1])
		}
		return
	},
	"connections": func() (n int, err error) {
		l, _ := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
		syscall.Bind(l, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
		syscall.Listen(l, 5)
		sa, err := syscall.Getsockname(l)
		for ; n < 300 && err == nil; n++ {
			c, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
			if err != nil {
				return n, err
			}
			// A connect that a signal interrupts goes on by itself.
			if err := syscall.Connect(c, sa); err != nil && err != syscall.EINTR {
				return n, err
			}
			a, _, err := syscall.Accept(l)
			for err == syscall.EINTR {
				a, _, err = syscall.Accept(l)
			}
			if err != nil {
				return n, err
			}
			fill(c)
			fill(a)
		}
		return
	},
	"datagrams": func() (n int, err error) {
		for ; n < 800; n++ {
			s, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
			if err != nil {
				return n, err
			}
			if err := syscall.Bind(s, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
				return n, err
			}
			sa, _ := syscall.Getsockname(s)
			syscall.Connect(s, sa)
			fill(s)
		}
		return
	},
	"timers": func() (n int, err error) {
		for {
			kq, err := syscall.Kqueue()
			if err != nil {
				return n, err
			}
			for i := 0; i < 100_000; i += 1000 {
				l := make([]syscall.Kevent_t, 1000)
				for j := range l {
					l[j] = syscall.Kevent_t{Ident: uint64(i + j), Filter: syscall.EVFILT_TIMER, Flags: syscall.EV_ADD, Data: 1 << 30}
				}
				if _, err := syscall.Kevent(kq, l, nil, nil); err != nil {
					return n, err
				}
				n += len(l)
			}
		}
	},
	"locks": func() (n int, err error) {
		f, err := os.CreateTemp("", "locks")
		if err != nil {
			return 0, err
		}
		os.Remove(f.Name())
		for ; err == nil && n < 1_000_000; n++ {
			err = syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &syscall.Flock_t{Type: syscall.F_WRLCK, Start: int64(2 * n), Len: 1})
		}
		return
	},
	"directories": func() (n int, err error) {
		top, err := os.MkdirTemp("", "deep")
		if err != nil {
			return 0, err
		}
		defer os.RemoveAll(top)
		if err = os.Chdir(top); err != nil {
			return
		}
		name := strings.Repeat("d", 200)
		for ; n < 300; n++ {
			if err = syscall.Mkdir(name, 0o700); err != nil {
				break
			}
			if err = syscall.Chdir(name); err != nil {
				break
			}
		}
		syscall.Getwd()
		for range n { // by hand: the whole name is longer than names may be
			syscall.Chdir("..")
			syscall.Rmdir(name)
		}
		return
	},
	"scripts": func() (n int, err error) {
		dir, err := os.MkdirTemp("", "scripts")
		if err != nil {
			return 0, err
		}
		defer os.RemoveAll(dir)
		for ; n < 50; n++ {
			name := fmt.Sprintf("%s/%d", dir, n)
			os.WriteFile(name, fmt.Appendf(nil, "#!%s/%d\n", dir, (n+1)%50), 0o700)
		}
		return n, exec.Command(dir + "/0").Run()
	},
	"arguments": func() (n int, err error) {
		args := make([]string, 1000)
		for i := range args {
			args[i] = strings.Repeat("a", 10_000)
		}
		return len(args), exec.Command("/bin/echo", args...).Run()
	},
	"mappings": func() (n int, err error) {
		for at := uintptr(0x500000000000); n < 1_000_000; n++ {
			prot := uintptr(1 + n&1*2)
			r := rawCall(0x2000000+197, at, 0x1000, prot, 0x1012, ^uintptr(0), 0)
			if r != at {
				return n, syscall.Errno(r)
			}
			at += 0x2000
		}
		return
	},
	"sparse": func() (n int, err error) {
		f, err := os.CreateTemp("", "sparse")
		if err != nil {
			return 0, err
		}
		os.Remove(f.Name())
		if err = f.Truncate(1 << 38); err != nil {
			return
		}
		for ; n < 100; n++ {
			b, err := syscall.Mmap(int(f.Fd()), 0, 1<<38, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
			if err != nil {
				return n, err
			}
			b[n<<30] = 1
		}
		return
	},
	"ports": func() (n int, err error) {
		self := rawCall(0x1000000+28, 0, 0, 0, 0, 0, 0)
		name := make([]byte, 8)
		at := addressOf(name)
		for ; n < 2_000_000; n++ {
			if kr := rawCall(0x1000000+16, self, 1, at, 0, 0, 0); kr != 0 {
				return n, fmt.Errorf("kern_return_t %d", kr)
			}
		}
		return
	},
	"queues": func() (n int, err error) {
		b := make([]byte, 2048)
		binary.LittleEndian.PutUint64(b, 1)
		for ; n < 1000; n++ {
			id := rawCall(0x2000000+259, 0, 0o1600, 0, 0, 0, 0)
			if id < 65536 && id != 0 && n > 0 && id <= 100 && rawCall(0x2000000+258, id, 2, addressOf(make([]byte, 256)), 0, 0, 0) != 0 {
				return n, syscall.Errno(id)
			}
			for range 1000 {
				if rawCall(0x2000000+260, id, addressOf(b), 2000, 0o4000, 0, 0) != 0 {
					break
				}
			}
		}
		return
	},
}

// fill asks for the largest buffers there are, and writes until they are full.
func fill(fd int) {
	for size := 8 << 20; size > 64<<10 && syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_SNDBUF, size) != nil; size /= 2 {
	}
	for size := 8 << 20; size > 64<<10 && syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF, size) != nil; size /= 2 {
	}
	syscall.SetNonblock(fd, true)
	b := make([]byte, 9000)
	for range 1000 { // datagrams are dropped for ever
		if _, err := syscall.Write(fd, b); err != nil && err != syscall.EINTR {
			break
		}
	}
}

func init() {
	attacks["bomb"] = func(args []string) {
		var lim syscall.Rlimit
		syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim)
		lim.Cur = lim.Max
		syscall.Setrlimit(syscall.RLIMIT_NOFILE, &lim)
		n, err := bombs[args[0]]()
		var e syscall.Errno
		if errors.As(err, &e) {
			err = e
		}
		fmt.Printf("%s: %d: %v\n", args[0], n, err)
	}
}
