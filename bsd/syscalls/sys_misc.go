package syscalls

import (
	"crypto/rand"

	"puggle/abi"
	"puggle/bsd/sysctl"
	"puggle/machine"
)

func sysGetentropy(c *Call) abi.Errno {
	n := c.Arg[1]
	if n > 256 {
		return abi.EINVAL
	}
	var b [256]byte
	rand.Read(b[:n])
	return c.CopyOut(c.Addr(0), b[:n])
}

// sysctlNewMax bounds a new value.
const sysctlNewMax = 1 << 20

// sysctl does a call whose value arguments begin at argument i.
func (c *Call) sysctl(i int, do func(req *sysctl.Req) abi.Errno) abi.Errno {
	if c.K.Sysctl == nil {
		return abi.ENOTSUP
	}
	old, oldlenp, newp, newlen := c.Addr(i), c.Addr(i+1), c.Addr(i+2), c.Arg[i+3]
	req := &sysctl.Req{Ctx: c.Ctx()}
	if oldlenp != 0 {
		n, e := c.U64(oldlenp)
		if e != 0 {
			return e
		}
		req.OldLen, req.HasOld = n, old != 0
	}
	if newp != 0 && newlen > 0 {
		if newlen > sysctlNewMax {
			return abi.EINVAL
		}
		req.HasNew, req.New = true, make([]byte, newlen)
		if e := c.CopyIn(req.New, newp); e != 0 {
			return e
		}
	}
	e := do(req)
	if e != 0 && e != abi.ENOMEM {
		return e
	}
	b, n := req.Result()
	if e == 0 && old != 0 && len(b) > 0 {
		if ce := c.CopyOut(old, b); ce != 0 {
			return ce
		}
	}
	if oldlenp != 0 {
		if e == abi.ENOMEM {
			n = min(n, req.OldLen)
		}
		if ce := c.PutU64(oldlenp, n); ce != 0 {
			return ce
		}
	}
	return e
}

// ctlMaxName is CTL_MAXNAME.
const ctlMaxName = 12

func sysSysctl(c *Call) abi.Errno {
	n := c.Uint(1)
	if n < 2 || n > ctlMaxName {
		return abi.EINVAL
	}
	b := make([]byte, 4*n)
	if e := c.CopyIn(b, c.Addr(0)); e != 0 {
		return e
	}
	mib := make([]int32, n)
	for i := range mib {
		mib[i] = int32(le.Uint32(b[4*i:]))
	}
	return c.sysctl(2, func(r *sysctl.Req) abi.Errno { return c.K.Sysctl.Call(mib, r) })
}

func sysSysctlbyname(c *Call) abi.Errno {
	n := c.Arg[1]
	if n >= 1024 {
		return abi.ENAMETOOLONG
	}
	b := make([]byte, n)
	if e := c.CopyIn(b, c.Addr(0)); e != 0 {
		return e
	}
	return c.sysctl(2, func(r *sysctl.Req) abi.Errno { return c.K.Sysctl.CallByName(cstr(append(b, 0)), r) })
}

// csops: nothing is signed here, and nothing is restricted.
func sysCsops(c *Call) abi.Errno {
	const status, cdhash = 0, 5
	pid := c.I32(0)
	if pid != 0 && c.K.Sys.Find(pid) == nil {
		return abi.ESRCH
	}
	switch c.Uint(1) {
	case status:
		if c.Arg[3] != 4 {
			return abi.EINVAL
		}
		return c.PutU32(c.Addr(2), 0)
	}
	return abi.EINVAL
}

// The host's uuid is a constant of the machine: sysctl kern.uuid has it.
func sysGethostuuid(c *Call) abi.Errno {
	if c.K.Sysctl == nil {
		return abi.ENOTSUP
	}
	req := &sysctl.Req{Ctx: c.Ctx(), HasOld: true, OldLen: 64}
	if e := c.K.Sysctl.CallByName("kern.uuid", req); e != 0 {
		return e
	}
	b, _ := req.Result()
	var id [16]byte
	k := 0
	for _, ch := range b {
		d := hexDigit(ch)
		if d < 0 || k >= 32 {
			continue
		}
		id[k/2] = id[k/2]<<4 | byte(d)
		k++
	}
	return c.CopyOut(c.Addr(0), id[:])
}

func hexDigit(ch byte) int {
	switch {
	case ch >= '0' && ch <= '9':
		return int(ch - '0')
	case ch >= 'A' && ch <= 'F':
		return int(ch-'A') + 10
	case ch >= 'a' && ch <= 'f':
		return int(ch-'a') + 10
	}
	return -1
}

// Mdep is the table of class 3, machine-dependent calls.
var Mdep = []Row{
	{3, "thread_fast_set_cthread_self", "int", "addr base", mdepSetSelf, Yes, 0, ""},
	{4, "thread_set_user_ldt", "int", "addr ldt, int count, int flags", nil, No, 0, "64-bit programs have no use for it"},
	{5, "i386_set_ldt", "int", "int start, addr desc, int count", nil, No, 0, "no local descriptors"},
	{6, "i386_get_ldt", "int", "int start, addr desc, int count", nil, No, 0, "no local descriptors"},
}

// mdepSetSelf sets the thread pointer: GS's base.
func mdepSetSelf(c *Call) abi.Errno {
	if c.Addr(0) >= machine.UserEnd {
		return abi.EINVAL
	}
	r := *c.Th.Context().Regs()
	r.GSBase = c.Arg[0]
	r.Rax, r.Rflags = 0, r.Rflags&^machine.FlagCarry
	c.U.SetRegs(&r)
	return justReturn
}

// Private is the table of class 0xA, libSystem's own calls; their handlers are
// in Services.Private.
var Private = []Row{
	{1, "dlopen", "addr", "path path, int mode, addr err, size errlen, addr caller", private(1), Yes, 0, ""},
	{2, "dlsym", "addr", "addr handle, path name, addr err, size errlen, addr caller", private(2), Yes, 0, ""},
	{3, "dlclose", "int", "addr handle, addr err, size errlen", private(3), Yes, 0, ""},
	{4, "dladdr", "int", "addr addr, addr info, addr buf, size size", private(4), Yes, 0, ""},
	{5, "image_info", "addr", "uint what, addr arg, addr buf, size size", private(5), Yes, 0, ""},
	{6, "initialisers", "addr", "addr handle, addr list, size max", private(6), Yes, 0, ""},
	{7, "trust", "addr", "addr request, size size, addr reply, size room", private(7), Yes, 0, ""},
	{8, "interrupted", "int", "", sysInterrupted, Yes, 0, ""},
	{packedMsg, "mach_msg", "kr", "addr msg, long option_and_send_size, long rcv_size_and_name, long timeout_and_priority", portTrap(31, kernNotSupported), Yes, 0, ""},
	{10, "mach_vm_allocate", "kr", "uint target, addr address, size size, int flags", regVMAllocate, Yes, 0, ""},
	{11, "mach_port_allocate", "u64", "uint target, uint right", portTrap(220, kernNotSupported), Yes, 0, ""},
	{12, "mach_port_type", "u64", "uint target, uint name", portTrap(221, kernNotSupported), Yes, 0, ""},
}

// packedMsg is mach_msg_trap with its seven arguments in four registers, two in each of the
// last three, the first in the low half: as many as the machine has at hand without the
// rest of the registers and the guest's stack. Behind its decoding it is mach_msg_trap.
const packedMsg = 9

// unpackMsg makes mach_msg_trap's arguments of it.
func (c *Call) unpackMsg() {
	a := c.Arg
	c.Arg = [MaxArgs]uint64{a[0], signed(a[1]), a[1] >> 32, low(a[2]), a[2] >> 32, low(a[3]), a[3] >> 32}
}

// sysInterrupted is made by the machine's WaitEntry and WakeEntry when the kernel
// wants the thread: what is due is done on the way back.
func sysInterrupted(c *Call) abi.Errno {
	hostEINTR := -4
	c.Ret[0] = uint64(hostEINTR)
	return 0
}

func private(n int) Handler {
	return func(c *Call) abi.Errno {
		if h := c.K.Private[n]; h != nil {
			return h(c)
		}
		return abi.ENOSYS
	}
}
