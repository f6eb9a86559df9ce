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

// written is how many bytes bombs got rid of, for others to read.
var written int

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
				var k int
				if k, e = syscall.Write(p[1], b); k > 0 {
					written += k
				}
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
		return connections(300, func(c, a int) { fill(c); fill(a) })
	},
	"datagrams": func() (n int, err error) {
		for ; n < 800; n++ {
			s, err := self()
			if err != nil {
				return n, err
			}
			fill(s)
		}
		return
	},
	// Each asks for no more than a socket usually begins with.
	"modest connections": func() (n int, err error) {
		var e error
		var all []int
		n, err = connections(4500, func(c, a int) {
			for _, fd := range []int{c, a} {
				if refused := modest(fd); refused != nil {
					e = refused
				}
			}
			all = append(all, c, a)
		})
		for range 2 { // what was on its way has made room
			for _, fd := range all {
				pour(fd, 1000)
			}
		}
		if err == nil {
			err = e
		}
		return
	},
	"modest datagrams": func() (n int, err error) {
		for ; n < 9500; n++ {
			s, e := self()
			if e != nil {
				return n, e
			}
			if refused := modest(s); refused != nil {
				err = refused
			}
			pour(s, 20)
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
		for ; n < 2000; n++ {
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
	// Each process has nearly as much of one as it may, and stays.
	"environments": func() (n int, err error) {
		env := []string{"A=" + strings.Repeat("a", 900_000)}
		for ; n < 400; n++ {
			if _, err := syscall.ForkExec("/bin/sleep", []string{"sleep", "1000"}, &syscall.ProcAttr{Env: env}); err != nil {
				return n, err
			}
		}
		return
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

// connections makes n of them, and gives both ends to each.
func connections(most int, each func(c, a int)) (n int, err error) {
	l, _ := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	syscall.Bind(l, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	syscall.Listen(l, 5)
	sa, err := syscall.Getsockname(l)
	for ; n < most && err == nil; n++ {
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
		each(c, a)
	}
	return n, err
}

// self is a datagram socket that sends to itself.
func self() (int, error) {
	s, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		return s, err
	}
	if err := syscall.Bind(s, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return s, err
	}
	sa, err := syscall.Getsockname(s)
	if err != nil {
		return s, err
	}
	return s, syscall.Connect(s, sa)
}

// modest asks for buffers of 64 KB, and says what was answered if they are refused.
func modest(fd int) (err error) {
	for _, o := range []int{syscall.SO_SNDBUF, syscall.SO_RCVBUF} {
		if e := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, o, 64<<10); e != nil {
			err = e
		}
	}
	return
}

// fill asks for the largest buffers there are, and writes until they are full.
func fill(fd int) {
	for _, o := range []int{syscall.SO_SNDBUF, syscall.SO_RCVBUF} {
		for size := 8 << 20; size > 64<<10 && syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, o, size) != nil; size /= 2 {
		}
	}
	pour(fd, 1000)
}

// pour writes until there is no room, or so many times: datagrams are dropped for ever.
func pour(fd, times int) {
	syscall.SetNonblock(fd, true)
	b := make([]byte, 9000)
	for range times {
		switch k, err := syscall.Write(fd, b); {
		case err == nil:
			written += k
		case err != syscall.EINTR:
			return
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
		fmt.Printf("%s: %d, %d bytes written: %v\n", args[0], n, written, err)
	}
}
