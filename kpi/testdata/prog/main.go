// Prog is what the tests run as a process of the machine: it uses what the examples' extensions
// offer, as any program would.
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"
	"unsafe"
)

func main() {
	tests := map[string]func() error{"echo": echo, "lockprof": lockprof, "bench": bench, "open": open, "docs": docs, "ramdisk": ramdisk, "kauth": authorized, "credential": credential, "held": held, "touch": touch, "memfs": filesystem, "mount": mounts, "badfs": nonsense, "differences": differences,
		"acct": accounts, "reboot": reboot, "rebootagain": rebootAgain, "exit": exits, "kill": killed, "control": control, "tcplog": tcplog, "filter": filter}
	if err := tests[os.Args[1]](); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func ioctl(f *os.File, cmd uintptr, p unsafe.Pointer) error {
	_, _, e := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), cmd, uintptr(p))
	if e != 0 {
		return e
	}
	return nil
}

func echo() error {
	f, err := os.OpenFile("/dev/echo", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	n := int32(13)
	if err := ioctl(f, 0xc0046502, unsafe.Pointer(&n)); err != nil || n != 0 {
		return fmt.Errorf("rotate: %v, the old number is %d", err, n)
	}
	neg := int32(-1)
	if err := ioctl(f, 0xc0046502, unsafe.Pointer(&neg)); err != syscall.EINVAL {
		return fmt.Errorf("rotate by -1: %v", err)
	}
	if err := ioctl(f, 0x20006509, nil); err != syscall.ENOTTY {
		return fmt.Errorf("an unknown command: %v", err)
	}
	if err := selects(); err != nil {
		return err
	}
	// A reader that waits.
	got := make(chan string)
	go func() {
		b := make([]byte, 100)
		n, err := f.Read(b)
		if err != nil {
			got <- err.Error()
			return
		}
		got <- string(b[:n])
	}()
	time.Sleep(20 * time.Millisecond)
	if _, err := f.Write([]byte("Hello, kernel")); err != nil {
		return err
	}
	if s := <-got; s != "Uryyb, xreary" {
		return fmt.Errorf("read %q", s)
	}
	// More than the buffer holds, both ways.
	big := bytes.Repeat([]byte("0123456789abcdef"), 4096)
	go f.Write(big)
	var all []byte
	for len(all) < len(big) {
		b := make([]byte, 10000)
		n, err := f.Read(b)
		if err != nil {
			return err
		}
		all = append(all, b[:n]...)
	}
	if !bytes.Equal(all, bytes.ReplaceAll(big, []byte("abcdef"), []byte("nopqrs"))) {
		return fmt.Errorf("other bytes came back")
	}
	var st struct{ reads, writes, pid, held uint32 }
	if err := ioctl(f, 0x40106501, unsafe.Pointer(&st)); err != nil {
		return err
	}
	if st.writes < 3 || st.reads < 3 || st.pid != uint32(os.Getpid()) || st.held != 0 {
		return fmt.Errorf("statistics %+v of process %d", st, os.Getpid())
	}
	g, err := os.OpenFile("/dev/echo", os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	if _, err := syscall.Read(int(g.Fd()), make([]byte, 1)); err != nil && err != syscall.EAGAIN {
		return fmt.Errorf("a read that may not wait: %v", err)
	}
	fmt.Println("echo ok")
	return nil
}

// mib finds the numbers of a name.
func sysctl(name string, old, val []byte) (int, error) {
	type s struct {
		p uintptr
	}
	mib := make([]int32, 14)
	n := uintptr(len(mib) * 4)
	nb := append([]byte(name), 0)
	op := [2]int32{0, 3}
	if err := raw(op[:], unsafe.Pointer(&mib[0]), &n, unsafe.Pointer(&nb[0]), uintptr(len(name))); err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	mib = mib[:n/4]
	n = uintptr(len(old))
	var o, v unsafe.Pointer
	if len(old) > 0 {
		o = unsafe.Pointer(&old[0])
	}
	if len(val) > 0 {
		v = unsafe.Pointer(&val[0])
	}
	err := raw(mib, o, &n, v, uintptr(len(val)))
	return int(n), err
}

func raw(mib []int32, old unsafe.Pointer, n *uintptr, val unsafe.Pointer, vn uintptr) error {
	_, _, e := syscall.Syscall6(syscall.SYS___SYSCTL, uintptr(unsafe.Pointer(&mib[0])), uintptr(len(mib)),
		uintptr(old), uintptr(unsafe.Pointer(n)), uintptr(val), vn)
	runtime.KeepAlive(mib)
	if e != 0 {
		return e
	}
	return nil
}

func lockprof() error {
	b := make([]byte, 64)
	n, err := sysctl("debug.lockprof.level", b, nil)
	if err != nil || n != 4 || binary.LittleEndian.Uint32(b) != 3 {
		return fmt.Errorf("level: %v, %d bytes, %v", err, n, b[:n])
	}
	n, err = sysctl("debug.lockprof.name", b, nil)
	if err != nil || string(b[:n]) != "profiler\x00" {
		return fmt.Errorf("name: %v %q", err, b[:n])
	}
	if n, err = sysctl("debug.lockprof.name", b[:3], nil); err != syscall.ENOMEM {
		return fmt.Errorf("a buffer that is too short: %v, %d", err, n)
	}
	if _, err = sysctl("debug.lockprof.level", nil, []byte{9, 0, 0, 0}); os.Geteuid() == 0 && err != nil || os.Geteuid() != 0 && err != syscall.EPERM {
		return fmt.Errorf("writing level as user %d: %v", os.Geteuid(), err)
	}
	if _, err = sysctl("debug.lockprof.run", nil, []byte{0, 0, 0, 0}); err != syscall.EINVAL {
		return fmt.Errorf("run 0: %v", err)
	}
	if _, err = sysctl("debug.lockprof.run", nil, []byte{64, 0, 0, 0}); err != nil {
		return fmt.Errorf("run: %v", err)
	}
	n, err = sysctl("debug.lockprof.stat", b, nil)
	if err != nil || n != 24 {
		return fmt.Errorf("stat: %v, %d bytes", err, n)
	}
	get := func(i int) uint32 { return binary.LittleEndian.Uint32(b[4*i:]) }
	if waited := binary.LittleEndian.Uint64(b[16:]); get(2) != 129 || get(0) != 129 || get(1) >= get(0) || get(3) == 0 || waited == 0 {
		return fmt.Errorf("statistics: tries %d, got %d, locks %d, waits %d, ns %d", get(0), get(1), get(2), get(3), waited)
	}
	n, err = sysctl("debug.lockprof.run", b, nil)
	if err != nil || binary.LittleEndian.Uint32(b) != 128 {
		return fmt.Errorf("the shared number: %v, %d, want 128", err, binary.LittleEndian.Uint32(b))
	}
	text := make([]byte, 4096)
	n, err = sysctl("debug.lck_grp", text, nil)
	if err != nil || !bytes.Contains(text[:n], []byte("lockprof")) {
		return fmt.Errorf("debug.lck_grp: %v %q", err, text[:n])
	}
	fmt.Println("lockprof ok")
	return nil
}

// open holds the device open until its input ends.
func open() error {
	if _, err := os.OpenFile("/dev/echo", os.O_RDWR, 0); err != nil {
		return err
	}
	fmt.Println("open")
	_, err := os.Stdin.Read(make([]byte, 1))
	_ = err
	return nil
}

func bench() error {
	f, err := os.OpenFile("/dev/echo", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	const n = 5000
	b := make([]byte, 4096)
	var w, r time.Duration
	for range n {
		t := time.Now()
		f.Write(b)
		w += time.Since(t)
		t = time.Now()
		f.Read(b)
		r += time.Since(t)
	}
	t := time.Now()
	for range n {
		syscall.Getppid()
	}
	call := time.Since(t) / n
	fmt.Printf("write 4 KB %v, read 4 KB %v, getppid %v\n", w/n, r/n, call)
	return nil
}

// docs has the sysctls of the documents' samples as a program sees them: by name, and by
// number for those that have one.
func docs() error {
	v, err := syscall.SysctlUint32("debug.aboutme")
	if want := uint32(131); err != nil || os.Geteuid() == 0 && v != want {
		return fmt.Errorf("debug.aboutme: %d, %v; want %d", v, err, want)
	}
	// get_debug_bufsize
	if v, err := syscall.SysctlUint32("debug.bpf_bufsize"); err != nil || v != 4096 {
		return fmt.Errorf("debug.bpf_bufsize: %d, %v", v, err)
	}
	// get_bus_speed: CTL_HW, HW_BUS_FREQ
	mib := [2]int32{6, 14}
	var speed uint32
	n := uintptr(4)
	_, _, e := syscall.Syscall6(syscall.SYS___SYSCTL, uintptr(unsafe.Pointer(&mib)), 2, uintptr(unsafe.Pointer(&speed)), uintptr(unsafe.Pointer(&n)), 0, 0)
	if byName, err := syscall.SysctlUint32("hw.busfrequency"); e != 0 || err != nil || speed == 0 || byName != speed {
		return fmt.Errorf("the bus's speed: %d, %v; by name %d, %v", speed, e, byName, err)
	}
	// One that was added has no fixed number, and can be called by its name alone.
	if v, err := syscall.SysctlUint32("net.newcat.inner"); err != nil || v != 5 {
		return fmt.Errorf("net.newcat.inner: %d, %v", v, err)
	}
	fmt.Println("docs ok")
	return nil
}

// ramdisk reads and writes a block device at odd places, and to its end.
func ramdisk() error {
	const size = 300 * 512
	f, err := os.OpenFile("/dev/rd0", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil || st.Mode()&os.ModeDevice == 0 || st.Mode()&os.ModeCharDevice != 0 {
		return fmt.Errorf("/dev/rd0 is %v, %v", st.Mode(), err)
	}
	want := make([]byte, size)
	for i := range want {
		want[i] = byte(i * 7 / 3)
	}
	if n, err := f.Write(want); n != size || err != nil {
		return fmt.Errorf("wrote %d, %v", n, err)
	}
	odd := []byte("at an odd place, over a block's end")
	copy(want[1000:], odd)
	if n, err := f.WriteAt(odd, 1000); n != len(odd) || err != nil {
		return fmt.Errorf("wrote %d at 1000, %v", n, err)
	}
	got := make([]byte, size+1000)
	n, err := syscall.Pread(int(f.Fd()), got, 0)
	for n > 0 && n < size { // a transfer may be cut
		m, err := syscall.Pread(int(f.Fd()), got[n:], int64(n))
		if err != nil || m == 0 {
			return fmt.Errorf("read %d at %d, %v", m, n, err)
		}
		n += m
	}
	if err != nil || n != size || !bytes.Equal(got[:n], want) {
		return fmt.Errorf("read %d, %v, the right bytes %v", n, err, bytes.Equal(got[:size], want))
	}
	if n, err := syscall.Pread(int(f.Fd()), got[:5], 1003); n != 5 || err != nil || string(got[:5]) != "an od" {
		return fmt.Errorf("read %q, %v at 1003", got[:n], err)
	}
	if n, err := syscall.Pread(int(f.Fd()), got, size); n != 0 || err != nil {
		return fmt.Errorf("read %d at the end, %v", n, err)
	}
	fmt.Println("ramdisk ok")
	return nil
}

// selects has select know when the device can be read and written.
func selects() error {
	fd, err := syscall.Open("/dev/echo", syscall.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	pick := func(wait time.Duration) (readable, writable bool, err error) {
		var r, w syscall.FdSet
		r.Bits[fd/32] |= 1 << (fd % 32)
		if wait == 0 {
			w = r
		}
		tv := syscall.NsecToTimeval(int64(wait))
		err = syscall.Select(fd+1, &r, &w, nil, &tv)
		return r.Bits[fd/32]>>(fd%32)&1 != 0, w.Bits[fd/32]>>(fd%32)&1 != 0, err
	}
	if r, w, err := pick(0); r || !w || err != nil {
		return fmt.Errorf("select on the empty device: readable %v, writable %v, %v", r, w, err)
	}
	// One that waits is woken by a write.
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		r, _, err := pick(20 * time.Second)
		if err == nil && !r {
			err = fmt.Errorf("select has not seen the write")
		}
		done <- err
	}()
	time.Sleep(20 * time.Millisecond)
	start := time.Now()
	if _, err := syscall.Write(fd, make([]byte, 4096)); err != nil {
		return err
	}
	if err := <-done; err != nil {
		return err
	}
	if d := time.Since(start); d > 15*time.Second {
		return fmt.Errorf("select waited for its time-out: %v", d)
	}
	if r, w, err := pick(0); !r || w || err != nil {
		return fmt.Errorf("select on the full device: readable %v, writable %v, %v", r, w, err)
	}
	b := make([]byte, 5000)
	if n, err := syscall.Read(fd, b); n != 4096 || err != nil {
		return fmt.Errorf("read %d, %v", n, err)
	}
	if r, w, err := pick(0); r || !w || err != nil {
		return fmt.Errorf("select on the device that was emptied: readable %v, writable %v, %v", r, w, err)
	}
	return nil
}
