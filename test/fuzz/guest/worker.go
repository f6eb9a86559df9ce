//go:build darwin

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

func kcall(fast, nr uintptr, a *[8]uint64) (rax, rdx, carry uint64)
func at(addr uint64) *byte

// trapEntry is the machine's entry, which libSystem calls.
const trapEntry = 0x7fffffe08000

// The arena is where arguments live, at a fixed place. Each thread has a part of it.
const (
	arena     = 0x40_0000_0000
	partSize  = 0x8_0000
	partRW    = 0x4_0000 // the first half, can be read and written
	pageHole  = 0x4_0000 // nothing mapped
	pageRO    = 0x4_1000
	pageNone  = 0x4_2000
	pageEOF   = 0x4_3000 // of a file, behind its end
	pageShaky = 0x4_4000 // four pages that come and go
	pagePlay  = 0x5_0000 // for calls that change mappings
	maxParts  = 12
)

// patience is how long a worker may take. What is blocked then stays blocked.
const patience = 6 * time.Second

// fuzzer is one thread's state.
type fuzzer struct {
	*rand.Rand
	rows    []*row
	base    uint64 // of its part of the arena
	next    uint64 // where the next argument goes
	self    uint64 // the task's port
	child   bool   // forked: few calls, then the end
	made    atomic.Int64
	call    atomic.Pointer[row]
	blocked bool
}

// ignored are the signals that would end a worker too soon.
var ignored = []os.Signal{syscall.SIGSYS, syscall.SIGPIPE, syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, syscall.SIGVTALRM,
	syscall.SIGXCPU, syscall.SIGXFSZ, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU, syscall.SIGUSR2, syscall.SIGQUIT, syscall.SIGEMT}

// work makes steps calls on each of three threads, and starts others for those that
// block. Its end comes with whatever threads are still in the kernel.
func work(table, only string, seed uint64, steps int) error {
	rows, err := load(table, only)
	if err != nil {
		return err
	}
	// A thread that is blocked in a call of ours keeps its processor, and can't be
	// stopped for the collector.
	runtime.GOMAXPROCS(4 * maxParts)
	debug.SetGCPercent(-1)
	signal.Ignore(ignored...)
	signal.Notify(make(chan os.Signal, 1), syscall.SIGALRM, syscall.SIGUSR1, syscall.SIGIO, syscall.SIGPROF)
	bound()
	syscall.Umask(0)
	if err := os.MkdirAll("work", 0o777); err != nil {
		return err
	}
	os.Chmod("work", 0o777)
	if err := os.Chdir("work"); err != nil {
		return err
	}
	furnish()
	if err := mapArena(); err != nil {
		return err
	}
	if seed%3 == 0 {
		syscall.Setgid(20)
		syscall.Setuid(501)
	}
	var all []*fuzzer
	live := func() {
		n := len(all)
		f := &fuzzer{Rand: rand.New(rand.NewPCG(seed, uint64(n))), rows: rows, base: arena + uint64(n)*partSize}
		self, _, _ := kcall(0, 1<<24|28, new([8]uint64))
		f.self = self
		all = append(all, f)
		go f.run(steps)
	}
	for range 3 {
		live()
	}
	shaky := rand.New(rand.NewPCG(seed, 1000))
	last := make([]int64, maxParts)
	for end := time.Now().Add(patience); time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
		shake(shaky)
		done := 0
		for i, f := range all {
			switch n := f.made.Load(); {
			case n >= int64(steps):
				done++
			case n == last[i] && !f.blocked && len(all) < maxParts:
				f.blocked = true
				live()
			default:
				last[i] = n
			}
		}
		if done >= 3 {
			break
		}
	}
	for _, f := range all {
		if r := f.call.Load(); r != nil {
			fmt.Println(f.made.Load(), r.name)
		}
	}
	return nil
}

// bound sets limits, so that a run costs the host little.
func bound() {
	for which, max := range map[int]uint64{1: 4 << 20 /* FSIZE */, 7: 60 /* NPROC */, 8: 200 /* NOFILE */, 5: 8 << 30 /* AS */} {
		syscall.Setrlimit(which, &syscall.Rlimit{Cur: max, Max: max})
	}
}

// mapArena maps all parts.
func mapArena() error {
	name := fmt.Sprint("short", os.Getpid())
	fd, err := syscall.Open(name, syscall.O_RDWR|syscall.O_CREAT, 0o666)
	if err != nil {
		return err
	}
	syscall.Write(fd, []byte("short"))
	os.Rename(name, "short")
	mmap := func(addr, size, prot, flags, fd uint64) error {
		r, _, c := kcall(0, 2<<24|197, &[8]uint64{addr, size, prot, flags, fd, 0})
		if c != 0 || r != addr {
			return fmt.Errorf("mmap at %#x: %v", addr, syscall.Errno(r))
		}
		return nil
	}
	const fixedAnon = syscall.MAP_FIXED | syscall.MAP_ANON | syscall.MAP_PRIVATE
	for i := range uint64(maxParts) {
		b := arena + i*partSize
		for _, m := range [][5]uint64{
			{b, partRW, 3, fixedAnon, ^uint64(0)},
			{b + pageRO, 0x1000, 1, fixedAnon, ^uint64(0)},
			{b + pageNone, 0x1000, 0, fixedAnon, ^uint64(0)},
			{b + pageEOF, 0x1000, 3, syscall.MAP_FIXED | syscall.MAP_SHARED, uint64(fd)},
			{b + pageShaky, 0x4000, 3, fixedAnon, ^uint64(0)},
			{b + pagePlay, 0x8000, 3, fixedAnon, ^uint64(0)},
		} {
			if err := mmap(m[0], m[1], m[2], m[3], m[4]); err != nil {
				return err
			}
		}
	}
	return nil
}

// shake changes pages and bytes under the calls, and interrupts them.
func shake(r *rand.Rand) {
	for range 8 {
		b := arena + uint64(r.IntN(maxParts))*partSize
		p := b + pageShaky + uint64(r.IntN(4))*0x1000
		switch r.IntN(4) {
		case 0:
			kcall(0, 2<<24|73, &[8]uint64{p, 0x1000})
		case 1:
			kcall(0, 2<<24|74, &[8]uint64{p, 0x1000, uint64(r.IntN(4))})
		case 2:
			kcall(0, 2<<24|197, &[8]uint64{p, 0x1000, 3, syscall.MAP_FIXED | syscall.MAP_ANON | syscall.MAP_PRIVATE, ^uint64(0)})
		case 3:
			// The kernel's writes to other words of the arguments must not be lost on
			// it: bytes change while it reads them.
			for range 64 {
				*at(b + uint64(r.IntN(partRW))) = byte(r.Uint32())
			}
		}
	}
	syscall.Kill(syscall.Getpid(), []syscall.Signal{syscall.SIGIO, syscall.SIGALRM, syscall.SIGURG, syscall.SIGUSR1}[r.IntN(4)])
	var ws syscall.WaitStatus
	syscall.Wait4(-1, &ws, syscall.WNOHANG, nil)
}

// run makes calls.
func (f *fuzzer) run(steps int) {
	runtime.LockOSThread()
	for f.made.Load() < int64(steps) {
		f.step()
		f.made.Add(1)
	}
	f.call.Store(nil)
	select {} // the thread stays, with what it has
}

// step makes one call.
func (f *fuzzer) step() {
	var a [8]uint64
	if f.IntN(100) == 0 { // any number at all
		for i := range a {
			a[i] = f.word()
		}
		a[0] |= 64
		nr := uintptr(f.IntN(8))<<24 | uintptr(f.IntN(620))
		switch f.IntN(8) {
		case 0:
			nr = uintptr(f.Uint64())
		case 1:
			nr |= uintptr(f.Uint32()) << 32
		}
		if class, n := nr>>24&0xff, nr&0xffffff; f.deadly(int(class), int(n)) || class == 2 && n == 0 {
			return
		}
		f.call.Store(nil)
		kcall(f.way(), nr, &a)
		return
	}
	r := f.rows[f.IntN(len(f.rows))]
	if !r.there && f.IntN(10) > 0 {
		return
	}
	if f.deadly(r.class, r.num) {
		return
	}
	f.args(r, &a)
	f.call.Store(r)
	rax, rdx, carry := kcall(f.way(), r.code(), &a)
	if r.class == 2 && carry == 0 {
		f.after(r, rax, rdx)
	}
}

func (f *fuzzer) way() uintptr {
	if f.IntN(2) == 0 {
		return trapEntry
	}
	return 0
}

// deadly says that this is not the time for a call after which the thread or the
// process is gone; seldom it is.
func (f *fuzzer) deadly(class, num int) bool {
	if class == 3 {
		num = 1 // the thread pointer
	} else if class != 2 {
		return false
	}
	switch num {
	case 1, 59, 184, 360, 361, 366, 380, 381, 520, 521:
		return !f.child && f.IntN(200) > 0
	case 2, 66:
		return f.child || f.IntN(8) > 0
	}
	return false
}

// after looks at what a call gave.
func (f *fuzzer) after(r *row, rax, rdx uint64) {
	if (r.num == 2 || r.num == 66) && rdx == 1 {
		// The child: this thread alone. A few calls, then the end, whatever has
		// become of Go's own state.
		f.child = true
		for range f.IntN(20) {
			f.step()
		}
		kcall(0, 2<<24|1, &[8]uint64{uint64(f.IntN(256))})
	}
}

// put places an argument in memory, and seldom where it can't be read as a whole.
func (f *fuzzer) put(b []byte) uint64 {
	n := uint64(len(b))
	if n > partRW/2 {
		n = partRW / 2
		b = b[:n]
	}
	addr := f.base + f.next
	if f.next+n+16 > partRW {
		f.next, addr = 0, f.base
	}
	switch f.IntN(40) {
	case 0:
		n = uint64(len(b))
		addr = f.base + pageHole - min(n, uint64(f.IntN(int(n)+1))) // ends in nothing
		copy(unsafe.Slice(at(addr), f.base+pageHole-addr), b)
		return addr
	case 1:
		return f.bad()
	case 2:
		addr++ // misaligned
	default:
		f.next = (f.next + n + 15) &^ 15
	}
	copy(unsafe.Slice(at(addr), n), b)
	return addr
}

// bad is an address that is not to be used.
func (f *fuzzer) bad() uint64 {
	l := []uint64{0, 1, f.base + pageHole, f.base + pageRO, f.base + pageNone, f.base + pageEOF, f.base + pageShaky + uint64(f.IntN(0x4000)),
		0x7fffc0000000, 0x7fffffe00000, 0x7fffffe08000, 0x7ffffffff000, 0x800000000000, 0xffff800000000000, ^uint64(0), ^uint64(0xfff), 1 << 63, 0xfff,
		0x7fffffe05000, 0x7fff00000000}
	return l[f.IntN(len(l))] + uint64(f.IntN(2)*f.IntN(16))
}
