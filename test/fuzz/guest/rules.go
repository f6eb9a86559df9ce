//go:build darwin

package main

import "puggle/abi"

// rules say what the arguments of a call should be for it to get far.
var rules map[string]func(f *fuzzer, a *[8]uint64)

func pick(f *fuzzer, l ...uint64) uint64 {
	if f.IntN(15) == 0 {
		return f.word()
	}
	return l[f.IntN(len(l))]
}

// bits are some flags of l.
func bits(f *fuzzer, l ...uint64) (v uint64) {
	for range f.IntN(4) {
		v |= l[f.IntN(len(l))]
	}
	if f.IntN(20) == 0 {
		v |= f.word()
	}
	return v
}

var ioctls = []uint64{abi.TIOCEXCL, abi.TIOCNXCL, abi.TIOCFLUSH, abi.TIOCGETA, abi.TIOCSETA, abi.TIOCSETAW, abi.TIOCSETAF, abi.TIOCGETD,
	abi.TIOCSETD, abi.TIOCSBRK, abi.TIOCGPGRP, abi.TIOCSPGRP, abi.TIOCOUTQ, abi.TIOCSTI, abi.TIOCNOTTY, abi.TIOCPKT, abi.TIOCSTOP,
	abi.TIOCSTART, abi.TIOCGWINSZ, abi.TIOCSWINSZ, abi.TIOCSTAT, abi.TIOCGSID, abi.TIOCSCTTY, abi.TIOCEXT, abi.TIOCSIG, abi.TIOCPTYGRANT, abi.TIOCPTYGNAME,
	abi.TIOCPTYUNLK, 0x20006601 /* FIOCLEX */, 0x20006602, 0x4004667f /* FIONREAD */, 0x8004667e /* FIONBIO */, 0x8004667d /* FIOASYNC */, 0x8004667c, 0x4004667b,
	0xc00c6924 /* SIOCGIFCONF */, 0xc0206911 /* SIOCGIFFLAGS */, 0xc0206921, 0xc0206933, 0x80206910, 0x8020690c, 0x40047307 /* SIOCATMARK */, 0xc020693a,
	0x40046464 /* DKIOC */, 0x40044266 /* BIOCGBLEN */, 0xc0044266, 0x8020426c, 0x80104267, 0x40206e69}

const sigMask = 1<<15 | 1<<19 | 1<<22

func init() {
	open := []uint64{0, 1, 2, 4, 8, 0x10, 0x20, 0x100, 0x200, 0x400, 0x800, 0x8000, 0x20000, 0x100000, 0x200000, 0x1000000, 0x20000000}
	rules = map[string]func(f *fuzzer, a *[8]uint64){
		"open":   func(f *fuzzer, a *[8]uint64) { a[1] = bits(f, open...) | 4 },
		"openat": func(f *fuzzer, a *[8]uint64) { a[2] = bits(f, open...) | 4 },
		"read":   func(f *fuzzer, a *[8]uint64) { a[1] = f.put(f.bytes(512)) },
		"fcntl": func(f *fuzzer, a *[8]uint64) {
			a[1] = []uint64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 42, 43, 44, 45, 47, 48, 50, 51, 52, 53, 54, 55, 56, 57, 61, 62, 63, 64, 65, 66, 67, 70, 71, 72, 73, 74, 77, 78, 80, 81,
				83, 84, 85, 86, 87, 90, 91, 92, 93, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111}[f.IntN(61)]
			switch {
			case a[1] == 4:
				a[2] = bits(f, open...) | 4
			case a[1] == 0 || a[1] == 67:
				a[2] = f.fd()
			case a[1] == 9 || a[1] == 52 || a[1] == 8 || a[1] == 7 || f.IntN(3) > 0: // struct flock and others
				b := longs(f.offset(), f.offset(), uint64(f.IntN(5)), f.offset())
				le.PutUint16(b[20:], uint16(f.IntN(5)))
				le.PutUint16(b[22:], uint16(f.IntN(4)))
				a[2] = f.put(append(b, f.bytes(64)...))
			}
			if a[1] == 9 && f.IntN(8) > 0 {
				a[1] = 8
			}
		},
		"ioctl": func(f *fuzzer, a *[8]uint64) {
			a[1] = ioctls[f.IntN(len(ioctls))]
			if f.IntN(4) == 0 {
				a[1] = []uint64{0x20000000, 0x40000000, 0x80000000, 0xc0000000}[f.IntN(4)] | uint64(f.IntN(0x2000))<<16 |
					uint64("tfsirpdbBnvhw"[f.IntN(13)])<<8 | uint64(f.IntN(256))
			}
			b := f.bytes(int(a[1] >> 16 & 0x1fff))
			if a[1]>>8&0xff == 'i' && len(b) >= 16 {
				copy(b, "lo0\x00")
			}
			a[2] = f.put(b)
		},
		"mmap": func(f *fuzzer, a *[8]uint64) {
			a[0], a[1], a[2] = f.play(), pick(f, 0x1000, 0x2000, 0x4000, 1, 0, 0x8000), uint64(f.IntN(8))
			a[3] = bits(f, 1, 2, 0x10, 0x1000, 0x40, 0x200, 0x800, 0x20000) | 1 + uint64(f.IntN(2))
			if a[0] < arena || a[1] > 0x10000 { // not over what this program needs
				a[3] &^= 0x10
			}
			a[4], a[5] = pick(f, f.fd(), ^uint64(0)), pick(f, 0, 0x1000, f.offset())
		},
		"munmap":   ranged,
		"mprotect": ranged,
		"madvise":  ranged,
		"msync":    ranged,
		"minherit": ranged,
		"mlock":    ranged,
		"munlock":  ranged,
		"mincore":  func(f *fuzzer, a *[8]uint64) { ranged(f, a); a[2] = f.put(make([]byte, 64)) },
		"kill": func(f *fuzzer, a *[8]uint64) {
			if int32(a[0]) == -1 && f.IntN(50) > 0 || a[0] == 1 {
				a[1] = 0
			}
		},
		"sigaction": func(f *fuzzer, a *[8]uint64) {
			for a[0] == 11 || a[0] == 10 || a[0] == 16 || a[0] == 12 || a[0] == 14 || a[0] == 23 || a[0] == 30 || a[0] == 26 || a[0] == 27 {
				a[0] = uint64(1 + f.IntN(31))
			}
			a[1] = f.put(append(longs(uint64(f.IntN(2)), 0), words(uint64(f.Uint32())&^sigMask, uint64(f.IntN(0x80)))...))
			if f.IntN(2) == 0 {
				a[1] = 0
			}
		},
		"sigprocmask":       func(f *fuzzer, a *[8]uint64) { a[0], a[1] = uint64(1+f.IntN(3)), f.put(words(uint64(f.Uint32()))) },
		"__pthread_sigmask": func(f *fuzzer, a *[8]uint64) { a[0], a[1] = uint64(1+f.IntN(3)), f.put(words(uint64(f.Uint32()))) },
		"sigsuspend":        func(f *fuzzer, a *[8]uint64) { a[0] = 0 },
		"sigaltstack": func(f *fuzzer, a *[8]uint64) {
			if !f.child {
				a[0] = 0
			}
		},
		"wait4":  func(f *fuzzer, a *[8]uint64) { a[0], a[2] = pick(f, ^uint64(0), f.pid()), bits(f, 1, 2)|1 },
		"waitid": func(f *fuzzer, a *[8]uint64) { a[0], a[3] = uint64(f.IntN(4)), bits(f, 1, 2, 4, 8, 16, 32)|1 },
		"socket": func(f *fuzzer, a *[8]uint64) {
			a[0], a[1], a[2] = pick(f, 1, 2, 30, 17, 32, 2, 30), pick(f, 1, 2, 3, 5), pick(f, 0, 0, 0, 6, 17, 1, 58)
		},
		"socketpair": func(f *fuzzer, a *[8]uint64) { a[0], a[1], a[2], a[3] = 1, pick(f, 1, 2, 5), 0, f.put(make([]byte, 8)) },
		"connect":    named(1),
		"bind":       named(1),
		"sendto": func(f *fuzzer, a *[8]uint64) {
			named(4)(f, a)
			a[2] %= 5000
			a[3] = bits(f, 1, 4, 8, 0x80, 0x20, 0x40, 0x80000)
		},
		"recvfrom": func(f *fuzzer, a *[8]uint64) { a[1], a[2], a[3] = f.put(f.bytes(512)), 512, 0x80|bits(f, 1, 2, 0x40) },
		"recvmsg":  func(f *fuzzer, a *[8]uint64) { a[2] = 0x80 | bits(f, 1, 2, 0x10, 0x20, 0x40) },
		"sendmsg":  func(f *fuzzer, a *[8]uint64) { a[2] = bits(f, 1, 4, 8, 0x80, 0x80000) },
		"accept": func(f *fuzzer, a *[8]uint64) {
			a[1], a[2] = f.put(make([]byte, 128)), f.put(words(pick(f, 0, 16, 28, 128)))
		},
		"getsockname": func(f *fuzzer, a *[8]uint64) {
			a[1], a[2] = f.put(make([]byte, 128)), f.put(words(pick(f, 0, 16, 28, 128)))
		},
		"getpeername": func(f *fuzzer, a *[8]uint64) {
			a[1], a[2] = f.put(make([]byte, 128)), f.put(words(pick(f, 0, 16, 28, 128)))
		},
		"setsockopt": func(f *fuzzer, a *[8]uint64) {
			a[1] = pick(f, 0xffff, 0, 6, 17, 41)
			a[2] = []uint64{uint64(f.IntN(0x50)), 1 << f.IntN(16), 0x1000 + uint64(f.IntN(0x1100)/0x10)}[f.IntN(3)]
			a[4] = pick(f, 4, 8, 16, 0, 1, 64)
			b := f.bytes(64)
			if f.IntN(2) == 0 {
				copy(b, words(f.word(), 0))
			}
			a[3] = f.put(b)
		},
		"getsockopt": func(f *fuzzer, a *[8]uint64) {
			a[1] = pick(f, 0xffff, 0, 6, 17, 41)
			a[2] = []uint64{uint64(f.IntN(0x50)), 1 << f.IntN(16), 0x1000 + uint64(f.IntN(0x1100)/0x10)}[f.IntN(3)]
			a[3], a[4] = f.put(make([]byte, 256)), f.put(words(pick(f, 4, 8, 16, 0, 1, 256)))
		},
		"connectx": func(f *fuzzer, a *[8]uint64) {
			b := f.sockaddr()
			e := append(words(0, 0), longs(0, 0, f.put(b), uint64(len(b)))...)
			a[1] = f.put(e)
			iov, n := f.iovec()
			a[4], a[5] = f.put(iov), n
		},
		"select":  selects,
		"pselect": selects,
		"poll": func(f *fuzzer, a *[8]uint64) {
			n := f.IntN(8)
			var b []byte
			for range n {
				b = append(b, words(f.fd(), uint64(f.IntN(0x1000)))...)
			}
			a[0], a[1], a[2] = f.put(b), uint64(n), pick(f, 0, 1, 2)
			if f.IntN(20) == 0 {
				a[1] = f.word()
			}
		},
		"kevent":     func(f *fuzzer, a *[8]uint64) { f.kevents(a, 32) },
		"kevent64":   func(f *fuzzer, a *[8]uint64) { f.kevents(a, 48); a[5], a[6] = pick(f, 0, 1, 2), a[5] },
		"kevent_qos": func(f *fuzzer, a *[8]uint64) { f.kevents(a, 72); a[5], a[6], a[7] = 0, 0, pick(f, 0, 1, 2) },
		"sysctl": func(f *fuzzer, a *[8]uint64) {
			n := 1 + f.IntN(6)
			mib := []uint64{1 + uint64(f.IntN(8)), uint64(f.IntN(130)), uint64(f.IntN(20)), uint64(f.IntN(20)), uint64(f.IntN(8)), uint64(f.IntN(8))}
			switch f.IntN(6) {
			case 0: // names and numbers of the tree
				mib[0], mib[1] = 0, uint64(f.IntN(6))
				mib[2] = 1 + uint64(f.IntN(8))
			case 1: // processes
				mib[0], mib[1], mib[2], mib[3] = 1, pick(f, 14, 38, 49, 48), uint64(f.IntN(8)), f.pid()
			case 2: // routes
				mib[0], mib[1] = 4, 17
			}
			a[0], a[1] = f.put(words(mib[:n]...)), uint64(n)
			f.sysctlBuffers(a)
		},
		"sysctlbyname": func(f *fuzzer, a *[8]uint64) {
			l := []string{"kern.ostype", "kern.hostname", "kern.boottime", "hw.memsize", "hw.ncpu", "vm.loadavg", "vm.swapusage", "net.inet.tcp.stats", "kern.proc.all",
				"kern", "kern.maxproc", "security.mac", "kern.procargs2", "machdep.cpu.brand_string", "net.inet.ip.portrange.first", "user.cs_path", "debug.bpf_bufsize",
				"kern.ipc.maxsockbuf", "net.inet.udp.pcblist_n", "net.inet.tcp.pcblist64", "net.local.stream.pcblist", "kern.corefile", "", ".", "..", "kern."}
			s := l[f.IntN(len(l))]
			a[0], a[1] = f.put(append([]byte(s), 0)), uint64(len(s)+f.IntN(2))
			f.sysctlBuffers(a)
		},
		"proc_info": func(f *fuzzer, a *[8]uint64) {
			a[0], a[2], a[3] = pick(f, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 15), uint64(f.IntN(40)), pick(f, 0, f.fd(), f.play(), f.word())
			a[4], a[5] = f.put(make([]byte, 2048)), pick(f, 0, 4, 56, 136, 232, 2048, 0x7fffffff)
		},
		"ptrace": func(f *fuzzer, a *[8]uint64) {
			a[0] = uint64(f.IntN(40))
			if a[0] == 0 || a[0] == 31 || a[0] == 8 {
				a[0] = 7
			}
		},
		"execve": func(f *fuzzer, a *[8]uint64) { a[1], a[2] = f.strings(), f.strings() },
		"posix_spawn": func(f *fuzzer, a *[8]uint64) {
			a[0], a[3], a[4] = f.put(make([]byte, 8)), f.strings(), f.strings()
			a[2] = f.spawnArgs()
			if f.IntN(2) == 0 {
				a[1] = f.put([]byte("/bin/echo\x00"))
			}
		},
		"setrlimit": func(f *fuzzer, a *[8]uint64) {
			if !f.child && a[0] != 4 {
				a[0] = 4
			}
			a[1] = f.put(longs(f.size(), f.size()))
		},
		"setitimer": func(f *fuzzer, a *[8]uint64) {
			a[0], a[1] = uint64(f.IntN(4)), f.put(longs(0, uint64(f.IntN(3))*500, uint64(f.IntN(2)), uint64(f.IntN(3000))))
		},
		"setpgid": func(f *fuzzer, a *[8]uint64) { a[1] = f.pid() },
		"semget":  func(f *fuzzer, a *[8]uint64) { a[0], a[1], a[2] = uint64(1+f.IntN(4)), pick(f, 1, 4, 32), 0o1666 },
		"semctl":  func(f *fuzzer, a *[8]uint64) { a[0], a[1], a[2] = f.ipc(), uint64(f.IntN(5)), uint64(f.IntN(12)) },
		"semop":   func(f *fuzzer, a *[8]uint64) { a[0], a[1], a[2] = f.ipc(), f.put(f.sembufs()), pick(f, 1, 2, 3) },
		"msgget":  func(f *fuzzer, a *[8]uint64) { a[0], a[1] = uint64(1+f.IntN(4)), 0o1666 },
		"msgctl":  func(f *fuzzer, a *[8]uint64) { a[0], a[1] = f.ipc(), uint64(f.IntN(4)) },
		"msgsnd": func(f *fuzzer, a *[8]uint64) {
			a[0], a[1], a[2], a[3] = f.ipc(), f.put(longs(1, 2, 3, 4)), pick(f, 0, 8, 24), 0o4000
		},
		"msgrcv": func(f *fuzzer, a *[8]uint64) { a[0], a[3], a[4] = f.ipc(), pick(f, 0, 1, ^uint64(0)), 0o4000 },
		"shmget": func(f *fuzzer, a *[8]uint64) {
			a[0], a[1], a[2] = uint64(1+f.IntN(4)), pick(f, 0x1000, 0x4000, 1), 0o1666
		},
		"shmat": func(f *fuzzer, a *[8]uint64) {
			a[0], a[1], a[2] = f.ipc(), pick(f, 0, f.play()), bits(f, 0o10000, 0o20000)
		},
		"shmctl":   func(f *fuzzer, a *[8]uint64) { a[0], a[1] = f.ipc(), uint64(f.IntN(4)) },
		"shm_open": func(f *fuzzer, a *[8]uint64) { a[0], a[1], a[2] = f.object(), 2|bits(f, 0x200, 0x400, 0x800), 0o666 },
		"sem_open": func(f *fuzzer, a *[8]uint64) {
			a[0], a[1], a[2], a[3] = f.object(), bits(f, 0x200, 0x800), 0o666, pick(f, 0, 1)
		},
		"shm_unlink": func(f *fuzzer, a *[8]uint64) {
			a[0] = f.object()
		},
		"sem_unlink": func(f *fuzzer, a *[8]uint64) { a[0] = f.object() },
		"sem_wait":   func(f *fuzzer, a *[8]uint64) { a[0] = uint64(f.IntN(6)) },
		"sem_post":   func(f *fuzzer, a *[8]uint64) { a[0] = uint64(f.IntN(6)) },
		"sem_close":  func(f *fuzzer, a *[8]uint64) { a[0] = uint64(f.IntN(6)) },
		"sendfile": func(f *fuzzer, a *[8]uint64) {
			iov, n := f.iovec()
			a[3], a[4], a[5] = f.put(longs(f.size())), f.put(longs(f.put(iov), n, f.put(iov), n)), 0
		},
		"ulock_wait": func(f *fuzzer, a *[8]uint64) {
			a[0], a[1], a[3] = uint64(1+f.IntN(6))|bits(f, 0x100, 0x10000, 0x1000000), f.base+uint64(f.IntN(64))*4, uint64(1+f.IntN(500))
		},
		"ulock_wait2": func(f *fuzzer, a *[8]uint64) {
			a[0], a[1], a[3] = uint64(1+f.IntN(6))|bits(f, 0x100, 0x10000, 0x1000000), f.base+uint64(f.IntN(64))*4, uint64(1+f.IntN(500_000))
		},
		"ulock_wake": func(f *fuzzer, a *[8]uint64) {
			a[0], a[1] = uint64(1+f.IntN(6))|bits(f, 0x100, 0x200), f.base+uint64(f.IntN(64))*4
		},
		"__semwait_signal": func(f *fuzzer, a *[8]uint64) { a[2], a[3], a[4], a[5] = 1, 1, 0, uint64(f.IntN(500_000)) },
		"getdirentries64":  func(f *fuzzer, a *[8]uint64) { a[1], a[2] = f.put(make([]byte, 4096)), pick(f, 4096, 1024, 0, 1<<31) },
		"getattrlist":      func(f *fuzzer, a *[8]uint64) { a[4] = bits(f, 1, 4, 8, 0x20, 0x100) },
		"getattrlistbulk":  func(f *fuzzer, a *[8]uint64) { a[3], a[4] = pick(f, 4096, 512, 1<<31), bits(f, 8, 0x20) },
		"flock":            func(f *fuzzer, a *[8]uint64) { a[1] = bits(f, 1, 2, 8) | 4 },
		"ftruncate":        func(f *fuzzer, a *[8]uint64) {},
		"__pthread_kill":   func(f *fuzzer, a *[8]uint64) { a[0] = f.port() },
		"bsdthread_create": func(f *fuzzer, a *[8]uint64) {},
		"chroot":           func(f *fuzzer, a *[8]uint64) { a[0] = f.put([]byte("dir\x00")) },
		"renameatx_np":     func(f *fuzzer, a *[8]uint64) { a[4] = bits(f, 1, 2, 4, 8, 16) },
		"getentropy":       func(f *fuzzer, a *[8]uint64) { a[1] = pick(f, 0, 1, 256, 257) },
		"setxattr":         xattr,
		"getxattr":         xattr,
		"removexattr":      xattr,
		"fsetxattr":        xattr,
		"fgetxattr":        xattr,
		"fremovexattr":     xattr,
	}
	// Mach's, with the task first.
	second := func(f *fuzzer, a *[8]uint64) {
		var b [8]uint64
		ranged(f, &b)
		a[1], a[2] = b[0], b[1]
	}
	rules["_kernelrpc_mach_vm_deallocate_trap"], rules["_kernelrpc_mach_vm_protect_trap"] = second, second
	mapped := func(f *fuzzer, a *[8]uint64) {
		at := f.play()
		a[1], a[2], a[4] = f.put(longs(at)), pick(f, 0x1000, 0x4000, 1, 0, 0x10000), bits(f, 1, 2, 4, 0x1000)
		if at < arena || a[2] > 0x10000 {
			a[4] |= 1 // anywhere
		}
		if a[3] = 0; f.IntN(2) == 0 {
			a[3] = f.word() & 0xfff
		}
	}
	rules["_kernelrpc_mach_vm_map_trap"] = mapped
	rules["_kernelrpc_mach_vm_allocate_trap"] = func(f *fuzzer, a *[8]uint64) { mapped(f, a); a[3] = a[4] }
	for n, as := range map[string]string{"setattrlist": "getattrlist", "fgetattrlist": "getattrlist", "fsetattrlist": "getattrlist", "ulock": "ulock_wait"} {
		rules[n] = rules[as]
	}
}

func xattr(f *fuzzer, a *[8]uint64) {
	a[1] = f.put([]byte([]string{"user.x\x00", "com.apple.FinderInfo\x00", "com.apple.ResourceFork\x00", "y\x00", "\x00"}[f.IntN(5)]))
	a[4] = pick(f, 0, 1)
}

func ranged(f *fuzzer, a *[8]uint64) {
	a[0], a[1], a[2] = f.play(), pick(f, 0x1000, 0x2000, 0x8000, 1, 0, 0x10000), uint64(f.IntN(12))
	if a[0] < arena || f.IntN(100) == 0 { // not all that this program needs
		a[1] = f.size() % 0x10000
	}
	a[1] = min(a[1], 0x10000)
}

func named(i int) func(f *fuzzer, a *[8]uint64) {
	return func(f *fuzzer, a *[8]uint64) {
		b := f.sockaddr()
		a[i], a[i+1] = f.put(b), uint64(len(b))
		if f.IntN(15) == 0 {
			a[i+1] = f.size()
		}
	}
}

func selects(f *fuzzer, a *[8]uint64) {
	a[0] = pick(f, 8, 64, 1024, 0)
	for i := 1; i <= 3; i++ {
		a[i] = 0
		if f.IntN(2) == 0 {
			a[i] = f.put(f.bytes(128))
		}
	}
	a[4] = f.put(longs(0, uint64(f.IntN(1000))))
	if f.IntN(3) > 0 {
		a[5] = 0
	}
}

// kevents are changes and room for events, each of a size.
func (f *fuzzer) kevents(a *[8]uint64, size int) {
	n := f.IntN(4)
	var b []byte
	for range n {
		e := f.bytes(size)
		copy(e, longs(pick(f, f.fd(), f.pid(), f.sig(), f.port(), uint64(f.IntN(4)))))
		le.PutUint16(e[8:], uint16(-1-f.IntN(16)))
		le.PutUint16(e[10:], uint16(bits(f, 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x100, 0x200)))
		if f.IntN(3) > 0 {
			copy(e[10:], []byte{byte(1 + 4*f.IntN(2)), 0})
		}
		if size == 32 || size == 48 {
			le.PutUint32(e[12:], uint32(bits(f, 1, 2, 4, 8, 0x1000000, 0x80000000)))
			copy(e[16:], longs(pick(f, 0, 1, 1000, f.word())))
		}
		b = append(b, e...)
	}
	m := f.IntN(5)
	a[1], a[2], a[3], a[4], a[5] = f.put(b), uint64(n), f.put(make([]byte, m*size+1)), uint64(m), f.put(longs(0, uint64(f.IntN(500_000))))
	if f.IntN(20) == 0 {
		a[2+2*f.IntN(2)] = f.word()
	}
}

func (f *fuzzer) sysctlBuffers(a *[8]uint64) {
	n := f.IntN(3000)
	a[2], a[3], a[4], a[5] = f.put(make([]byte, n)), f.put(longs(pick(f, uint64(n), uint64(f.IntN(64)), f.size()))), 0, 0
	if f.IntN(8) == 0 {
		a[2] = 0
	}
	if f.IntN(6) == 0 {
		b := f.bytes(pick16(f))
		a[4], a[5] = f.put(b), uint64(len(b))
	}
}

func pick16(f *fuzzer) int { return []int{4, 8, 0, 1, 100, 5000}[f.IntN(6)] }

// strings is an argv or envp.
func (f *fuzzer) strings() uint64 {
	var l []uint64
	for range f.IntN(5) {
		l = append(l, f.path())
	}
	if f.IntN(20) == 0 {
		for range 3000 {
			l = append(l, f.base)
		}
	}
	if f.IntN(20) > 0 {
		l = append(l, 0)
	}
	return f.put(longs(l...))
}

// spawnArgs are posix_spawn's attributes and file actions (<sys/spawn_internal.h>).
func (f *fuzzer) spawnArgs() uint64 {
	attr := f.bytes(400)
	copy(attr, words(bits(f, 1, 2, 4, 8, 0x80, 0x400, 0x4000, 0x40*uint64(f.IntN(30)/29)), uint64(f.Uint32())&^sigMask, uint64(f.Uint32()), f.pid()))
	for i := 16; i < 400; i++ {
		attr[i] = 0
	}
	n := f.IntN(5)
	acts := words(uint64(n), uint64(n))
	if f.IntN(12) == 0 {
		acts = words(f.word(), f.word())
	}
	for range n {
		act := make([]byte, 1040)
		copy(act, words(uint64(f.IntN(8)), f.fd(), f.fd(), uint64(f.IntN(16))))
		copy(act[f.IntN(24):], f.name())
		acts = append(acts, act...)
	}
	size := uint64(len(acts))
	if f.IntN(12) == 0 {
		size = f.size()
	}
	d := longs(uint64(len(attr)), f.put(attr), size, f.put(acts), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	if f.IntN(8) == 0 {
		i := 8 * f.IntN(18)
		copy(d[i:], longs(f.word()))
	}
	return f.put(d)
}

func (f *fuzzer) ipc() uint64 {
	return pick(f, 0, 1, 2, 3, 0x10000, 0x10001, 0x20000, 65536*uint64(f.IntN(6))+uint64(f.IntN(4)))
}
func (f *fuzzer) object() uint64 {
	return f.put([]byte([]string{"/o\x00", "/p\x00", "q\x00", "\x00"}[f.IntN(4)]))
}

func (f *fuzzer) sembufs() []byte {
	var b []byte
	for range 3 {
		b = le.AppendUint16(b, uint16(f.IntN(5)))
		b = le.AppendUint16(b, uint16(f.IntN(5)-2))
		b = le.AppendUint16(b, uint16(0o4000|f.IntN(2)*0o10000))
	}
	return b
}
