//go:build darwin

package main

import (
	"encoding/binary"
	"strings"

	"puggle/abi"
)

var le = binary.LittleEndian

// args fills a with arguments for r: after its own rule if there is one, by kind and name
// otherwise; seldom something else altogether.
func (f *fuzzer) args(r *row, a *[8]uint64) {
	for i, x := range r.args {
		if i < len(a) {
			a[i] = f.arg(x)
		}
	}
	if rule := rules[strings.TrimSuffix(r.name, "_nocancel")]; rule != nil && (r.class == 1 || r.name == "sigaltstack" || r.name == "sigaction" || f.IntN(12) > 0) {
		rule(f, a)
	}
	if f.IntN(25) == 0 {
		if i := f.IntN(8); i != 1 || a[0] < arena { // a length may take away all there is
			a[i] = f.word()
			if i == 0 {
				a[i] |= 64
			}
		}
	}
}

// arg is a value for an argument that nothing more is known of.
func (f *fuzzer) arg(x arg) uint64 {
	switch x.kind {
	case "path":
		return f.path()
	case "size":
		return f.size()
	case "off":
		return f.offset()
	case "addr":
		return f.addr(x.name)
	}
	switch x.name {
	case "fd", "fdes", "s", "src_dirfd", "dst_dirfd", "dirfd", "fromfd", "tofd", "fd1", "fd2", "socket", "src_fd", "from", "to", "filedes":
		return f.fd()
	case "pid", "pgid", "who", "pgrp":
		return f.pid()
	case "sig", "signum":
		return f.sig()
	case "target", "task", "target_tport", "t":
		if f.IntN(3) > 0 {
			return f.self
		}
		return f.port()
	case "uid", "gid", "euid", "egid", "ruid", "rgid", "owner", "group":
		return []uint64{0, 1, 20, 501, 0xffffffff}[f.IntN(5)]
	case "timeout", "option_time", "sec":
		return uint64(f.IntN(3))
	case "mode":
		return uint64(f.IntN(0o10000)) | 0o600
	case "dev":
		return uint64(f.IntN(40))<<24 | uint64(f.IntN(8))
	}
	if strings.Contains(x.name, "name") || strings.Contains(x.name, "port") || strings.Contains(x.name, "member") || strings.Contains(x.name, "set") {
		return f.port()
	}
	return f.word()
}

// word is a number with nothing behind it.
func (f *fuzzer) word() uint64 {
	switch f.IntN(10) {
	case 0, 1, 2:
		return uint64(f.IntN(16))
	case 3:
		return ^uint64(f.IntN(4))
	case 4:
		return 1 << f.IntN(64)
	case 5:
		return uint64(f.Uint32())
	case 6:
		return 1<<f.IntN(32) | 1<<f.IntN(32)
	case 7:
		return f.Uint64()
	case 8:
		return f.bad()
	}
	return 1<<f.IntN(64) - 1
}

// size is a length.
func (f *fuzzer) size() uint64 {
	switch f.IntN(12) {
	case 0:
		return 0
	case 1:
		return 1
	case 2:
		return 0x1000
	case 3:
		return uint64(f.IntN(0x20000))
	case 4:
		return []uint64{1 << 20, 1<<31 - 1, 1 << 31, 1 << 32, 1 << 47, 1<<63 - 1, 1 << 63, ^uint64(0), ^uint64(0xfff)}[f.IntN(9)]
	}
	return uint64(f.IntN(300))
}

func (f *fuzzer) offset() uint64 {
	switch f.IntN(8) {
	case 0:
		return []uint64{1 << 31, 1 << 40, 1<<63 - 1, 1 << 63, ^uint64(0), 4095, 4 << 20, 4<<20 - 1}[f.IntN(8)]
	case 1:
		return 0x1000 * uint64(f.IntN(20))
	}
	return uint64(f.IntN(6000))
}

const lowest = 9

// fd is a descriptor: most of those below 60 are open.
func (f *fuzzer) fd() uint64 {
	switch f.IntN(30) {
	case 0:
		return ^uint64(0)
	case 1:
		return uint64(abi.AT_FDCWD & 0xffffffff)
	case 2:
		return f.word() | 64 // the lowest are Go's own
	}
	return uint64(lowest + f.IntN(60))
}

func (f *fuzzer) pid() uint64 {
	own, _, _ := kcall(0, 2<<24|20, new([8]uint64))
	switch f.IntN(12) {
	case 0:
		return 0
	case 1:
		return 1
	case 2:
		return -own & 0xffffffff
	case 3:
		return uint64(f.IntN(3000))
	case 4, 5:
		return own + uint64(f.IntN(5))
	case 6:
		return f.word()
	}
	return own
}

func (f *fuzzer) sig() uint64 {
	switch f.IntN(12) {
	case 0:
		return uint64(f.IntN(40))
	case 1:
		return f.word()
	}
	return []uint64{0, 16, 23, 28, 20, 14, 30}[f.IntN(7)]
}

// port is a name, as the kernel makes them.
func (f *fuzzer) port() uint64 {
	switch f.IntN(6) {
	case 0:
		return f.word()
	case 1:
		return f.self
	}
	return uint64(1+f.IntN(40))<<8 | uint64(f.IntN(4))
}

var names = []string{"a", "b", "c", "dir", "dir/a", "dir/b/c", "dir/..", "link", "loop", "fifo", "sock", ".", "..", "/", "/dev/null", "/dev/zero",
	"/dev/tty", "/dev/ptmx", "/dev/fd/3", "/dev/random", "/dev/bpf0", "/dev/klog", "/dev", "/dev/fd", "short", "link/a", "dir/", "a/", "//work//a", "/work/dir",
	"../../../../../work/a", "/dev/../work/b", "/bin/sh", "/bin/echo", "/bin/true", "/usr/lib/libSystem.B.dylib", "", "loop/a", "new", "new/new", "x", "y", "dir/x",
	"/tmp/fuzz", "/etc/fuzz", "a/..namedfork/rsrc", "/.vol/1/2", "/dev/ttys000", "/dev/ptyp0", "/dev/ttyp0", "/dev/console", "/escape", "/escape/victim",
	"../../victim", "../../../../victim", "/escape/../victim"}

func (f *fuzzer) name() string {
	s := names[f.IntN(len(names))]
	switch f.IntN(60) {
	case 0:
		s = strings.Repeat("dir/../", 1+f.IntN(200)) + s
	case 1:
		s = strings.Repeat("n", 250+f.IntN(10))
	case 2:
		s = strings.Repeat("m", 1020+f.IntN(8))
	case 3:
		s += "\xff\xfe\x01"
	}
	return s
}

func (f *fuzzer) path() uint64 {
	if f.IntN(60) == 0 { // without an end
		return f.put([]byte(strings.Repeat("z", 3000)))
	}
	return f.put(append([]byte(f.name()), 0))
}

// bytes are n bytes, mostly small words.
func (f *fuzzer) bytes(n int) []byte {
	b := make([]byte, n)
	switch f.IntN(4) {
	case 0:
		return b
	case 1:
		for i := range b {
			b[i] = byte(f.Uint32())
		}
		return b
	}
	for i := 0; i+4 <= n; i += 4 {
		switch f.IntN(4) {
		case 0:
			le.PutUint32(b[i:], uint32(f.IntN(300)))
		case 1:
			le.PutUint32(b[i:], uint32(f.word()))
		}
		if i%8 == 0 && i+8 <= n && f.IntN(12) == 0 { // a pointer
			le.PutUint64(b[i:], f.base+uint64(f.IntN(partRW)))
		}
	}
	return b
}

// words is a structure of 32-bit words.
func words(v ...uint64) []byte {
	var b []byte
	for _, x := range v {
		b = le.AppendUint32(b, uint32(x))
	}
	return b
}

// longs is one of 64-bit words.
func longs(v ...uint64) []byte {
	var b []byte
	for _, x := range v {
		b = le.AppendUint64(b, x)
	}
	return b
}

// addr is a pointer to something that fits the name.
func (f *fuzzer) addr(name string) uint64 {
	if f.IntN(15) == 0 {
		return f.bad()
	}
	switch {
	case name == "iovp" || name == "iov":
		b, _ := f.iovec()
		return f.put(b)
	case name == "msg" || name == "msgp":
		return f.put(f.msghdr())
	case name == "to" || name == "name" && f.IntN(2) == 0:
		return f.put(f.sockaddr())
	case strings.Contains(name, "lenaddr") || strings.Contains(name, "alen") || strings.Contains(name, "oldlenp") || strings.Contains(name, "avalsize") || strings.Contains(name, "namelen"):
		return f.put(longs(f.size()))
	case strings.HasPrefix(name, "timeout") || name == "tv" || name == "ts":
		if f.IntN(12) == 0 {
			return f.put(longs(f.word(), f.word()))
		}
		return f.put(longs(0, uint64(f.IntN(2_000))))
	case name == "alist":
		return f.put(f.attrlist())
	case name == "addr" || name == "address" || name == "shmaddr":
		return f.play()
	}
	return f.put(f.bytes([]int{8, 16, 32, 64, 144, 400, 4096}[f.IntN(7)]))
}

// play is an address for calls that change mappings.
func (f *fuzzer) play() uint64 {
	switch f.IntN(16) {
	case 0:
		return f.bad()
	case 1:
		return 0
	case 2:
		return f.base + pagePlay + uint64(f.IntN(0x8000))
	case 3:
		return f.base + pageShaky + uint64(f.IntN(6))*0x1000
	}
	return f.base + pagePlay + uint64(f.IntN(0x20))*0x1000
}

// iovec is some buffers, and how many.
func (f *fuzzer) iovec() ([]byte, uint64) {
	n := f.IntN(5)
	if f.IntN(30) == 0 {
		n = 1000 + f.IntN(40)
	}
	var b []byte
	for range n {
		p := f.base + uint64(f.IntN(partRW-4096))
		l := uint64(f.IntN(4096))
		if f.IntN(20) == 0 {
			p = f.bad()
		}
		if f.IntN(30) == 0 {
			l = f.size()
		}
		b = append(b, longs(p, l)...)
	}
	count := uint64(n)
	if f.IntN(20) == 0 {
		count = f.word()
	}
	return b, count
}

// sockaddr is an address of any family; nothing here leaves the machine.
func (f *fuzzer) sockaddr() []byte {
	port := []byte{0x40, byte(f.IntN(8))} // some 16384
	if f.IntN(8) == 0 {
		port = []byte{0, byte(f.IntN(100))}
	}
	var b []byte
	switch f.IntN(6) {
	case 0, 1:
		ip := [][]byte{{127, 0, 0, 1}, {0, 0, 0, 0}, {127, 0, 0, 1}, {255, 255, 255, 255}, {224, 0, 0, 1}, {127, 1, 2, 3}}[f.IntN(6)]
		b = append(append([]byte{16, 2}, append(port, ip...)...), make([]byte, 8)...)
	case 2:
		b = append([]byte{28, 30}, append(port, make([]byte, 24)...)...)
		b[23] = byte(f.IntN(2)) // ::1 or ::
		le.PutUint32(b[24:], uint32(f.word()))
	case 3:
		b = append([]byte{106, 1}, append([]byte([]string{"sock", "dir/sock", "new", "a", ""}[f.IntN(5)]), 0)...)
		b[0] = byte(len(b))
	case 4:
		b = append([]byte{20, 18}, f.bytes(18)...)
	case 5:
		b = f.bytes(f.IntN(140))
		if len(b) > 1 && (b[1] == 2 || b[1] == 30 || b[1] == 0) {
			b[1] = 17
		}
	}
	if f.IntN(12) == 0 && len(b) > 0 {
		b[0] = byte(f.Uint32())
	}
	return b
}

// msghdr is a message with buffers and perhaps rights.
func (f *fuzzer) msghdr() []byte {
	var name, namelen, control, controllen uint64
	if f.IntN(2) == 0 {
		b := f.sockaddr()
		name, namelen = f.put(b), uint64(len(b))
	}
	iov, n := f.iovec()
	if f.IntN(2) == 0 {
		var c []byte
		for range 1 + f.IntN(3) {
			data := words(f.fd(), f.fd(), f.fd())[:4*f.IntN(4)]
			if f.IntN(40) == 0 {
				data = f.bytes(4 * f.IntN(300))
			}
			length := uint64(12 + len(data))
			if f.IntN(10) == 0 {
				length = f.word()
			}
			c = append(c, words(length, []uint64{0xffff, 0, 41, f.word()}[f.IntN(4)], []uint64{1, 2, 3, f.word()}[f.IntN(4)])...)
			c = append(c, data...)
		}
		control, controllen = f.put(c), uint64(len(c))
		if f.IntN(10) == 0 {
			controllen = f.word()
		}
	}
	b := longs(name, namelen, f.put(iov), n, control)
	return append(b, words(controllen, f.word())...)
}

func (f *fuzzer) attrlist() []byte {
	bit := func() uint64 {
		switch f.IntN(4) {
		case 0:
			return 0
		case 1:
			return uint64(f.Uint32())
		}
		return 1<<f.IntN(32) | 1<<f.IntN(32)
	}
	b := words(5, bit()|0x80000000*uint64(f.IntN(2)), bit()*uint64(f.IntN(2)), bit()*uint64(f.IntN(2)), bit()*uint64(f.IntN(2)), bit()*uint64(f.IntN(2)))
	if f.IntN(20) == 0 {
		b[0] = byte(f.Uint32())
	}
	return b
}
