package ktrace

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"puggle/abi"
	"puggle/machine"
)

// anyCall shows arguments that mean the same wherever they have that type and name.
var anyCall = map[string]view{
	"int signum":         {show: signalName},
	"int whence":         {show: enum(whences)},
	"int prot":           {show: func(v *viewer, i int) string { return flags(v.c.Arg[i], "PROT_NONE", protBits) }},
	"addr iovp":          {show: (*viewer).iov},
	"int mode":           {show: octal},
	"addr ub":            {show: (*viewer).stat, out: true},
	"addr tv":            {show: (*viewer).timeval},
	"addr timeout":       {show: (*viewer).timespec},
	"addr changelist":    {show: changes},
	"addr eventlist":     {show: (*viewer).events, out: true},
	"int domain":         {show: enum(families)},
	"int newmask":        {show: octal},
	"int new_protection": {show: func(v *viewer, i int) string { return flags(v.c.Arg[i], "VM_PROT_NONE", protBits) }},
}

// views shows arguments by call and name; calls with _nocancel are as those without.
var views = map[string]view{
	"read.cbuf": {show: result, out: true}, "pread.buf": {show: result, out: true}, "recvfrom.buf": {show: result, out: true},
	"getdirentries64.buf": {show: address}, "readlink.buf": {show: result, out: true}, "readlinkat.buf": {show: result, out: true},
	"write.cbuf": {show: given}, "pwrite.buf": {show: given}, "sendto.buf": {show: given},
	"readv.iovp": {show: (*viewer).iov, out: true}, "preadv.iovp": {show: (*viewer).iov, out: true},
	"open.flags": {show: openFlags}, "openat.flags": {show: openFlags}, "shm_open.oflag": {show: openFlags},
	"openat.fd": {show: dirfd}, "fstatat64.fd": {show: dirfd}, "unlinkat.fd": {show: dirfd}, "mkdirat.fd": {show: dirfd},
	"faccessat.fd": {show: dirfd}, "fchmodat.fd": {show: dirfd}, "fchownat.fd": {show: dirfd}, "readlinkat.fd": {show: dirfd},
	"renameat.fromfd": {show: dirfd}, "renameat.tofd": {show: dirfd}, "linkat.fd1": {show: dirfd}, "linkat.fd2": {show: dirfd},
	"fstatat64.flag": {show: bitsOf(atBits, "0")}, "unlinkat.flag": {show: bitsOf(atBits, "0")}, "faccessat.flag": {show: bitsOf(atBits, "0")},
	"access.flags": {show: bitsOf(accessBits, "F_OK")}, "faccessat.amode": {show: bitsOf(accessBits, "F_OK")},
	"mmap.flags": {show: bitsOf(mapBits, "0")}, "msync.flags": {show: bitsOf(msyncBits, "0")}, "madvise.behav": {show: enum(madvices)},
	"fcntl.cmd": {show: enum(fcntlCmds)}, "fcntl.arg": {show: fcntlArg}, "ioctl.com": {show: ioctl}, "flock.how": {show: bitsOf(lockBits, "0")},
	"wait4.options": {show: bitsOf(waitBits, "0")}, "wait4.status": {show: waitStatus, out: true},
	"sigaction.nsa": {show: (*viewer).sigaction}, "sigaction.osa": {show: (*viewer).sigaction, out: true},
	"sigprocmask.how": {show: enum(sigHows)}, "sigprocmask.mask": {show: (*viewer).sigset}, "sigprocmask.omask": {show: (*viewer).sigset, out: true},
	"__pthread_sigmask.how": {show: enum(sigHows)}, "__pthread_sigmask.set": {show: (*viewer).sigset}, "__pthread_sigmask.oset": {show: (*viewer).sigset, out: true},
	"__pthread_kill.sig": {show: signalName},
	"execve.argp":        {show: (*viewer).strings}, "posix_spawn.argv": {show: (*viewer).strings}, "posix_spawn.pid": {show: (*viewer).word, out: true},
	"socket.type": {show: enum(sockTypes)}, "socket.protocol": {show: enum(protocols)}, "socketpair.type": {show: enum(sockTypes)},
	"socketpair.rsv": {show: pair, out: true},
	"connect.name":   {show: sockaddr(2)}, "bind.name": {show: sockaddr(2)}, "sendto.to": {show: sockaddr(5)},
	"accept.name": {show: (*viewer).sockaddrOut, out: true}, "getsockname.asa": {show: (*viewer).sockaddrOut, out: true},
	"getpeername.asa": {show: (*viewer).sockaddrOut, out: true}, "recvfrom.from": {show: (*viewer).sockaddrOut, out: true},
	"sendto.flags": {show: bitsOf(msgFlagBits, "0")}, "recvfrom.flags": {show: bitsOf(msgFlagBits, "0")},
	"sendmsg.flags": {show: bitsOf(msgFlagBits, "0")}, "recvmsg.flags": {show: bitsOf(msgFlagBits, "0")},
	"shutdown.how": {show: enum(shutHows)}, "setsockopt.level": {show: level}, "getsockopt.level": {show: level},
	"setsockopt.name": {show: sockopt}, "getsockopt.name": {show: sockopt},
	"setsockopt.val": {show: optionSet}, "getsockopt.val": {show: optionGot, out: true}, "getsockopt.avalsize": {show: (*viewer).word, out: true},
	"poll.fds":        {show: (*viewer).pollfds, out: true},
	"getrlimit.which": {show: rlimit}, "setrlimit.which": {show: rlimit},
	"sysctl.name": {show: (*viewer).mib}, "sysctlbyname.name": {show: (*viewer).counted},
	"renameatx_np.flags":   {show: bitsOf(renameBits, "0")},
	"ulock_wait.operation": {show: ulockOp}, "ulock_wake.operation": {show: ulockOp}, "ulock_wait2.operation": {show: ulockOp},
	"mach_msg_trap.msg": {show: sent}, "mach_msg_overwrite_trap.msg": {show: sent},
	"mach_msg_trap.option": {show: msgOption}, "mach_msg_overwrite_trap.option": {show: msgOption}, "mach_msg2_trap.options": {show: msgOption},
	"mach_msg2_trap.data":                      {show: (*viewer).message2},
	"_kernelrpc_mach_vm_allocate_trap.flags":   {show: bitsOf(vmFlagBits, "VM_FLAGS_FIXED")},
	"_kernelrpc_mach_vm_map_trap.flags":        {show: bitsOf(vmFlagBits, "VM_FLAGS_FIXED")},
	"_kernelrpc_mach_vm_allocate_trap.addr":    {show: (*viewer).quad, out: true},
	"_kernelrpc_mach_vm_map_trap.addr":         {show: (*viewer).quad, out: true},
	"_kernelrpc_mach_port_allocate_trap.right": {show: enum(portRights)}, "_kernelrpc_mach_port_mod_refs_trap.right": {show: enum(portRights)},
	"_kernelrpc_mach_port_allocate_trap.name": {show: (*viewer).word, out: true}, "_kernelrpc_mach_port_construct_trap.name": {show: (*viewer).word, out: true},
}

func enum(names map[int64]string) func(*viewer, int) string {
	return func(v *viewer, i int) string { return oneOf(int64(int32(v.c.Arg[i])), names) }
}

func bitsOf(bits []bit, zero string) func(*viewer, int) string {
	return func(v *viewer, i int) string { return flags(uint64(uint32(v.c.Arg[i])), zero, bits) }
}

func address(v *viewer, i int) string { return hex(v.c.Arg[i]) }
func octal(v *viewer, i int) string   { return "0" + strconv.FormatUint(uint64(uint16(v.c.Arg[i])), 8) }
func rlimit(v *viewer, i int) string  { return oneOf(int64(v.c.Arg[i]&^abi.RLIMIT_POSIX_FLAG), rlimits) }

func signalName(v *viewer, i int) string {
	n := int32(v.c.Arg[i])
	if n <= 0 || n >= abi.NSIG {
		return strconv.Itoa(int(n))
	}
	return abi.Signal(n).String()
}

func dirfd(v *viewer, i int) string {
	if n := int32(v.c.Arg[i]); n != abi.AT_FDCWD {
		return strconv.Itoa(int(n))
	}
	return "AT_FDCWD"
}

func openFlags(v *viewer, i int) string {
	n := uint64(uint32(v.c.Arg[i]))
	s := oneOf(int64(n&abi.O_ACCMODE), accessModes)
	if rest := n &^ abi.O_ACCMODE; rest != 0 {
		s += "|" + flags(rest, "", openBits)
	}
	return s
}

func fcntlArg(v *viewer, i int) string {
	n := v.c.Arg[i]
	switch int(int32(v.c.Arg[1])) {
	case abi.F_SETFL:
		return flags(uint64(uint32(n)), "0", openBits)
	case abi.F_SETFD:
		if n == 1 {
			return "FD_CLOEXEC"
		}
	case abi.F_GETFD, abi.F_GETFL:
		return "0"
	}
	if n < 1<<16 {
		return strconv.FormatUint(n, 10)
	}
	return hex(n)
}

func ioctl(v *viewer, i int) string {
	n := int64(uint32(v.c.Arg[i]))
	if s, ok := ioctls[n]; ok {
		return s
	}
	return hex(uint64(n))
}

func level(v *viewer, i int) string {
	if uint32(v.c.Arg[i]) == abi.SOL_SOCKET {
		return "SOL_SOCKET"
	}
	return oneOf(int64(int32(v.c.Arg[i])), protocols)
}

func sockopt(v *viewer, i int) string {
	if uint32(v.c.Arg[1]) == abi.SOL_SOCKET {
		return oneOf(int64(int32(v.c.Arg[i])), sockOpts)
	}
	return oneOf(int64(int32(v.c.Arg[i])), protoOpts[int64(int32(v.c.Arg[1]))])
}

// optionSet is the value that setsockopt was given.
func optionSet(v *viewer, i int) string { return v.option(v.c.Arg[i], v.c.Arg[i+1]) }

// optionGot is the value that getsockopt gave, whose length it has written.
func optionGot(v *viewer, i int) string {
	if b := v.read(v.c.Arg[i+1], 4); b != nil {
		return v.option(v.c.Arg[i], uint64(le.Uint32(b)))
	}
	return hex(v.c.Arg[i])
}

func (v *viewer) option(a, size uint64) string {
	if a == 0 || size == 0 {
		return hex(a)
	}
	if size != 4 {
		return v.bytes(a, size)
	}
	if b := v.read(a, 4); b != nil {
		return fmt.Sprintf("[%d]", int32(le.Uint32(b)))
	}
	return hex(a)
}

func ulockOp(v *viewer, i int) string {
	n := uint64(uint32(v.c.Arg[i]))
	s := oneOf(int64(n&0xff), ulockOps)
	if n>>8 != 0 {
		s += "|" + flags(n&^0xff, "", ulockBits)
	}
	return s
}

func msgOption(v *viewer, i int) string {
	return flags(v.c.Arg[i], "MACH_MSG_OPTION_NONE", msgOptionBits)
}

// result is a buffer that the call has filled, as far as it says.
func result(v *viewer, i int) string { return v.bytes(v.c.Arg[i], v.c.Ret[0]) }

// given is a buffer whose length is the next argument.
func given(v *viewer, i int) string { return v.bytes(v.c.Arg[i], v.c.Arg[i+1]) }

// counted is a string whose length is the next argument.
func (v *viewer) counted(i int) string {
	return v.bytes(v.c.Arg[i], min(v.c.Arg[i+1], uint64(v.max)))
}

func (v *viewer) word(i int) string {
	if b := v.read(v.c.Arg[i], 4); b != nil {
		return fmt.Sprintf("[%d]", le.Uint32(b))
	}
	return hex(v.c.Arg[i])
}

func (v *viewer) quad(i int) string {
	if b := v.read(v.c.Arg[i], 8); b != nil {
		return "[" + hex(le.Uint64(b)) + "]"
	}
	return hex(v.c.Arg[i])
}

func pair(v *viewer, i int) string {
	if b := v.read(v.c.Arg[i], 8); b != nil {
		return fmt.Sprintf("[%d, %d]", le.Uint32(b), le.Uint32(b[4:]))
	}
	return hex(v.c.Arg[i])
}

const maxShown = 8 // elements of a list

func (v *viewer) iov(i int) string {
	n := int(int32(v.c.Arg[i+1]))
	left := uint64(1) << 62
	if v.done {
		left = v.c.Ret[0] // a read has filled that much
	}
	var l []string
	for k := range min(n, maxShown) {
		b := v.read(v.c.Arg[i]+uint64(16*k), 16)
		if b == nil {
			return hex(v.c.Arg[i])
		}
		size := le.Uint64(b[8:])
		l = append(l, fmt.Sprintf("{%s, %d}", v.bytes(le.Uint64(b), min(size, left)), size))
		left -= min(left, size)
	}
	return list(l, n)
}

func list(l []string, n int) string {
	if n > len(l) {
		l = append(l, "...")
	}
	return "[" + strings.Join(l, ", ") + "]"
}

func (v *viewer) strings(i int) string {
	var l []string
	for k := 0; ; k++ {
		b := v.read(v.c.Arg[i]+uint64(8*k), 8)
		if b == nil {
			return hex(v.c.Arg[i])
		}
		p := le.Uint64(b)
		if p == 0 {
			return list(l, len(l))
		}
		if k == 4*maxShown {
			return list(l, k+1)
		}
		s, e := v.c.String(machine.Addr(p), abi.MAXPATHLEN)
		if e != 0 {
			s = hex(p)
		}
		l = append(l, quote([]byte(s)))
	}
}

func (v *viewer) stat(i int) string {
	b := v.read(v.c.Arg[i], 104)
	if b == nil {
		return hex(v.c.Arg[i])
	}
	// struct stat64: st_mode at 4, st_uid at 16, st_size at 96.
	return fmt.Sprintf("{mode=0%o, uid=%d, size=%d}", le.Uint16(b[4:]), le.Uint32(b[16:]), le.Uint64(b[96:]))
}

func (v *viewer) timespec(i int) string {
	if b := v.read(v.c.Arg[i], 16); b != nil && v.c.Row().Name != "ulock_wait" {
		return fmt.Sprintf("{%d, %d}", int64(le.Uint64(b)), int64(le.Uint64(b[8:])))
	}
	return hex(v.c.Arg[i])
}

func (v *viewer) timeval(i int) string {
	if b := v.read(v.c.Arg[i], 16); b != nil {
		return fmt.Sprintf("{%d, %d us}", int64(le.Uint64(b)), int32(le.Uint32(b[8:])))
	}
	return hex(v.c.Arg[i])
}

func waitStatus(v *viewer, i int) string {
	b := v.read(v.c.Arg[i], 4)
	if b == nil || int32(v.c.Ret[0]) <= 0 {
		return hex(v.c.Arg[i])
	}
	switch st := le.Uint32(b); {
	case st&0x7f == 0:
		return fmt.Sprintf("[exit %d]", st>>8&0xff)
	case st&0xff == 0x7f:
		return fmt.Sprintf("[stop %s]", abi.Signal(st>>8&0xff))
	default:
		return fmt.Sprintf("[%s]", abi.Signal(st&0x7f))
	}
}

func sigset(n uint32) string {
	var l []string
	for s := abi.Signal(1); s < abi.NSIG; s++ {
		if n>>(s-1)&1 != 0 {
			l = append(l, strings.TrimPrefix(s.String(), "SIG"))
		}
	}
	if len(l) > 16 {
		return fmt.Sprintf("%#x", n)
	}
	return "{" + strings.Join(l, " ") + "}"
}

func (v *viewer) sigset(i int) string {
	if b := v.read(v.c.Arg[i], 4); b != nil {
		return sigset(le.Uint32(b))
	}
	return hex(v.c.Arg[i])
}

// sigaction is struct __sigaction on the way in (with a trampoline), struct
// sigaction on the way out.
func (v *viewer) sigaction(i int) string {
	n := 16
	if !v.done {
		n = 24
	}
	b := v.read(v.c.Arg[i], n)
	if b == nil {
		return hex(v.c.Arg[i])
	}
	h := hex(le.Uint64(b))
	switch le.Uint64(b) {
	case 0:
		h = "SIG_DFL"
	case 1:
		h = "SIG_IGN"
	}
	return fmt.Sprintf("{%s, %s, %s}", h, sigset(le.Uint32(b[n-8:])), flags(uint64(le.Uint32(b[n-4:])), "0", saBits))
}

func sockaddr(length int) func(*viewer, int) string {
	return func(v *viewer, i int) string { return v.address(v.c.Arg[i], int(uint32(v.c.Arg[length]))) }
}

// sockaddrOut is an address that the call has stored, with the next argument's
// word as its length.
func (v *viewer) sockaddrOut(i int) string {
	if b := v.read(v.c.Arg[i+1], 4); b != nil {
		return v.address(v.c.Arg[i], int(le.Uint32(b)))
	}
	return hex(v.c.Arg[i])
}

func (v *viewer) address(a uint64, n int) string {
	b := v.read(a, min(max(n, 0), 128))
	if len(b) < 2 {
		return hex(a)
	}
	port := func() uint16 { return uint16(b[2])<<8 | uint16(b[3]) }
	switch {
	case b[1] == abi.AF_UNIX:
		s, _, _ := strings.Cut(string(b[2:]), "\x00")
		return "unix:" + quote([]byte(s))
	case b[1] == abi.AF_INET && len(b) >= 8:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[4:8])), port()).String()
	case b[1] == abi.AF_INET6 && len(b) >= 24:
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte(b[8:24])), port()).String()
	}
	return fmt.Sprintf("{%s, %s}", oneOf(int64(b[1]), families), quote(b[2:min(len(b), 16)]))
}

func (v *viewer) pollfds(i int) string {
	n := int(uint32(v.c.Arg[i+1]))
	var l []string
	for k := range min(n, maxShown) {
		b := v.read(v.c.Arg[i]+uint64(8*k), 8)
		if b == nil {
			return hex(v.c.Arg[i])
		}
		l = append(l, fmt.Sprintf("{%d, %s -> %s}", int32(le.Uint32(b)), flags(uint64(le.Uint16(b[4:])), "0", pollBits),
			flags(uint64(le.Uint16(b[6:])), "0", pollBits)))
	}
	return list(l, n)
}

// changes are a kevent's changes: their number is the next argument.
func changes(v *viewer, i int) string { return v.kevents(v.c.Arg[i], int(int32(v.c.Arg[i+1]))) }

// events are what a kevent has returned.
func (v *viewer) events(i int) string { return v.kevents(v.c.Arg[i], int(int32(v.c.Ret[0]))) }

func (v *viewer) kevents(a uint64, n int) string {
	if n <= 0 || a == 0 {
		return "[]"
	}
	size := map[string]int{"kevent": abi.KeventSize, "kevent64": abi.Kevent64Size, "kevent_qos": abi.KeventQosSize}[v.c.Row().Name]
	var l []string
	for j := range min(n, maxShown) {
		b := v.read(a+uint64(size*j), size)
		if b == nil {
			return hex(a)
		}
		var k abi.Kevent
		switch size {
		case abi.KeventSize:
			k.Unmarshal((*[abi.KeventSize]byte)(b))
		case abi.Kevent64Size:
			k.Unmarshal64((*[abi.Kevent64Size]byte)(b))
		case abi.KeventQosSize:
			k.UnmarshalQos((*[abi.KeventQosSize]byte)(b))
		}
		l = append(l, fmt.Sprintf("{%d, %s, %s, fflags=%#x, data=%d, udata=%s}", int64(k.Ident), oneOf(int64(k.Filter), evfilters),
			flags(uint64(k.Flags), "0", eventBits), k.Fflags, k.Data, hex(k.Udata)))
	}
	return list(l, n)
}

func (v *viewer) mib(i int) string {
	n := int(uint32(v.c.Arg[i+1]))
	if n > abi.CTL_MAXNAME {
		return hex(v.c.Arg[i])
	}
	b := v.read(v.c.Arg[i], 4*n)
	if b == nil {
		return hex(v.c.Arg[i])
	}
	var l []string
	for ; len(b) >= 4; b = b[4:] {
		l = append(l, strconv.Itoa(int(int32(le.Uint32(b)))))
	}
	return "[" + strings.Join(l, ".") + "]"
}

// message2 is the message of mach_msg2, whose header's fields come in registers:
// bits and size, remote and local port, voucher and id.
func (v *viewer) message2(i int) string {
	c := v.c
	if abi.MsgOption(c.Arg[1])&abi.MACH_SEND_MSG == 0 {
		return hex(c.Arg[i])
	}
	return header(uint32(c.Arg[2]), uint32(c.Arg[2]>>32), uint32(c.Arg[3]), uint32(c.Arg[3]>>32), uint32(c.Arg[4]), uint32(c.Arg[4]>>32))
}
