//go:build darwin

package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// knots tie things to each other, or to themselves, n times. They end with an error where
// the kernel refuses what it should not.
var knots = map[string]func(n int) error{
	"chain": chain,
	"cycles": func(n int) error {
		return repeat(n, func() error {
			p, err := pair()
			if err != nil {
				return err
			}
			defer closeAll(p[:]...)
			return errors.Join(pass(p[0], p[1], p[0]), pass(p[1], p[0], p[1]))
		})
	},
	"listeners": listeners,
	"lattice":   lattice,
	"itself":    itself,
	"anew":      anew,
	"tracers":   tracers,
	"descent":   descent,
}

func repeat(n int, f func() error) error {
	for i := range n {
		if err := f(); err != nil {
			return fmt.Errorf("%d: %w", i, err)
		}
	}
	return nil
}

func pair() (p [2]int, err error) { return syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0) }

func closeAll(fds ...int) {
	for _, fd := range fds {
		syscall.Close(fd)
	}
}

// pass sends descriptors through fd.
func pass(fd int, what ...int) error {
	return syscall.Sendmsg(fd, []byte{1}, syscall.UnixRights(what...), nil, 0)
}

// chain puts sockets into sockets, each pair into the next, and lets go of the last: then
// all of them are to be closed.
func chain(n int) error {
	for range 3 { // the kernel has not files enough for all three
		last := [2]int{-1, -1}
		if err := repeat(n, func() error {
			p, err := pair()
			if err == nil && last[0] >= 0 {
				err = pass(p[0], last[:]...)
				closeAll(last[:]...)
			}
			last = p
			return err
		}); err != nil {
			return err
		}
		closeAll(last[:]...)
	}
	return nil
}

// listeners are passed through connections that they have not accepted.
func listeners(n int) error {
	dir, err := os.MkdirTemp("", "knot")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "s")
	return repeat(n, func() error {
		l, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
		if err != nil {
			return err
		}
		defer closeAll(l)
		c, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
		if err != nil {
			return err
		}
		defer closeAll(c)
		defer syscall.Unlink(name)
		sa := &syscall.SockaddrUnix{Name: name}
		return errors.Join(syscall.Bind(l, sa), syscall.Listen(l, 5), syscall.Connect(c, sa), pass(c, l, c))
	})
}

// lattice has kqueues in layers, each of which watches all of the layer below, and a pipe
// below all: as many ways from the pipe to the top as the width to the power of the height.
func lattice(n int) error {
	const height, width = 12, 24
	var p [2]int
	if err := syscall.Pipe(p[:]); err != nil {
		return err
	}
	below := []int{p[0]}
	var all []int
	for range height {
		var layer []int
		for range width {
			kq, err := syscall.Kqueue()
			if err != nil {
				return err
			}
			layer = append(layer, kq)
			var l []syscall.Kevent_t
			for _, fd := range below {
				l = append(l, syscall.Kevent_t{Ident: uint64(fd), Filter: syscall.EVFILT_READ, Flags: syscall.EV_ADD})
			}
			if _, err := syscall.Kevent(kq, l, nil, nil); err != nil {
				return err
			}
		}
		below = layer
		all = append(all, layer...)
	}
	now := &syscall.Timespec{}
	ev := make([]syscall.Kevent_t, 2*width)
	b := make([]byte, 1)
	if err := repeat(n, func() error {
		for _, want := range []int{1, 0} {
			if want == 1 {
				syscall.Write(p[1], b)
			} else {
				syscall.Read(p[0], b)
			}
			// The lowest first: each finds out for itself that there is nothing any more.
			for i, kq := range all {
				k, err := syscall.Kevent(kq, nil, ev, now)
				if full := want * width; err != nil || want == 0 && k != 0 || k != full && (i >= width || k != want) {
					return fmt.Errorf("kqueue %d: %d events, %v", i, k, err)
				}
			}
		}
		return nil
	}); err != nil {
		return err
	}
	syscall.Write(p[1], b)
	var wg sync.WaitGroup
	for i := range 4 { // from both ends, and while events are looked for
		wg.Go(func() {
			for j := i; j < len(all); j += 4 {
				fd := all[j]
				if i < 2 {
					fd = all[len(all)-1-j]
				}
				syscall.Kevent(fd, nil, ev[:1], now)
				syscall.Close(fd)
			}
		})
	}
	wg.Wait()
	return nil
}

// itself reads files into their own mappings and into each other's, and writes them from
// there, while they become shorter and longer.
func itself(n int) error {
	const size = 1 << 20
	var files [2]*os.File
	for i := range files {
		f, err := os.CreateTemp("", "itself")
		if err != nil {
			return err
		}
		os.Remove(f.Name())
		if _, err := f.Write(make([]byte, size)); err != nil {
			return err
		}
		files[i] = f
	}
	errs := make(chan error, 4)
	for me := range 4 {
		go func() {
			rnd := rand.New(rand.NewPCG(uint64(me), 1))
			errs <- repeat(n, func() error {
				f, to := files[me&1], files[rnd.IntN(2)]
				b, err := syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
				if err != nil {
					return err
				}
				defer syscall.Munmap(b)
				for range 8 {
					at, off, k := rnd.IntN(size/2), rnd.IntN(size/2), 1+rnd.IntN(size/4)
					// EFAULT is right where the file has become too short.
					switch rnd.IntN(5) {
					case 0, 1:
						_, err = syscall.Pread(int(to.Fd()), b[at:at+k], int64(off))
					case 2, 3:
						_, err = syscall.Pwrite(int(to.Fd()), b[at:at+k], int64(off))
					case 4:
						if me == 3 {
							err = syscall.Ftruncate(int(to.Fd()), int64(size/4+rnd.IntN(size)))
						} else {
							err = to.Sync()
						}
					}
					if err != nil && err != syscall.EFAULT && err != syscall.EINTR {
						return err
					}
				}
				return nil
			})
		}()
	}
	var err error
	for range 4 {
		err = errors.Join(err, <-errs)
	}
	return err
}

// anew executes the program again, n times, while its threads are in calls of all kinds.
func anew(n int) error {
	if n == 0 {
		return nil
	}
	var p [2]int
	if err := syscall.Pipe(p[:]); err != nil {
		return err
	}
	kq, err := syscall.Kqueue()
	if err != nil {
		return err
	}
	for _, fd := range []int{p[0], p[1], kq} {
		syscall.CloseOnExec(fd)
	}
	var up sync.WaitGroup
	word := make([]byte, 8)
	at := addressOf(word)
	for _, f := range []func(){
		func() { syscall.Read(p[0], word[4:5]) },
		func() { syscall.Kevent(kq, nil, make([]syscall.Kevent_t, 1), nil) },
		func() { rawCall(0x2000000+515, 1, at, 0, 0, 0, 0) },           // ulock_wait
		func() { rawCall(0x1000000+26, 0, 0, 0, 0, 0, 0) },             // mach_reply_port
		func() { rawCall(0x1000000+61, 0, 2, 1000, 0, 0, 0) },          // thread_switch
		func() { rawCall(0x2000000+111, 0, 0, 0, 0, 0, 0) },            // sigsuspend
		func() { syscall.Getppid() },                                   //
		func() { syscall.Stat("/", new(syscall.Stat_t)) },              //
		func() { syscall.Munmap(make([]byte, 1)) },                     //
		func() { p, _ := syscall.Socket(1, 1, 0); syscall.Close(p) },   //
		func() { syscall.Wait4(-1, nil, syscall.WNOHANG, nil) },        //
		func() { syscall.Kill(syscall.Getpid(), syscall.SIGURG) },      //
		func() { time.Sleep(10 * time.Microsecond) },                   //
		func() { rawCall(0x2000000+334, 0, 1, 1, 0, 1000_000, 0) },     // __semwait_signal
		func() { c := exec.Command("/bin/true"); c.Start(); c.Wait() }, // its child may stay
	} {
		up.Add(1)
		go func() {
			runtime.LockOSThread()
			up.Done()
			for {
				f()
			}
		}()
	}
	up.Wait()
	time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	return syscall.Exec(exe, []string{exe, "knot", "anew", strconv.Itoa(n - 1)}, os.Environ())
}

// tracers attach to each other, and are killed.
func tracers(n int) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	return repeat(n, func() error {
		var c [3]*exec.Cmd
		var ins [3]io.WriteCloser
		for i := range c {
			c[i] = exec.Command(exe, "attach")
			in, err := c[i].StdinPipe()
			if err != nil {
				return err
			}
			if err := c[i].Start(); err != nil {
				return err
			}
			defer func() {
				c[i].Process.Kill()
				c[i].Wait()
			}()
			defer in.Close()
			ins[i] = in
		}
		for i := range c { // each gets to know whom
			fmt.Fprintln(ins[i], c[(i+1)%3].Process.Pid)
		}
		time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
		return nil
	})
}

// descent starts itself n deep, in several process groups; then every tenth kills the next.
func descent(n int) error {
	if n == 0 {
		fmt.Println("lowest")
		time.Sleep(1000 * time.Second)
	}
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	c := exec.Command(exe, "knot", "descent", strconv.Itoa(n-1))
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: n%3 == 0}
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	b := make([]byte, 7)
	for k := 0; k < len(b); {
		m, err := out.Read(b[k:])
		if k += m; err != nil {
			return fmt.Errorf("%d below: %q, %w", n-1, b[:k], err)
		}
	}
	fmt.Print(string(b))
	if n%10 == 0 { // whose descendants are orphans then
		c.Process.Kill()
	}
	c.Wait()
	return nil
}

func init() {
	attacks["knot"] = func(args []string) {
		if err := knots[args[0]](int(number(args, 1))); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("tied")
	}
	attacks["attach"] = func([]string) {
		var pid int
		fmt.Scan(&pid)
		const ptAttachExc = 14
		rawCall(0x2000000+26, ptAttachExc, uintptr(pid), 0, 0, 0, 0)
		syscall.Wait4(pid, nil, 0, nil)
		time.Sleep(1000 * time.Second)
	}
}
