package syscalls

import (
	"encoding/binary"

	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/sys"
	"puggle/mach/sched"
	"puggle/mach/task"
	"puggle/mach/vm"
	"puggle/machine"
)

var le = binary.LittleEndian

// Call is a kernel call in progress. There is one for each thread; a handler
// must not keep it.
type Call struct {
	Th  *task.Thread
	U   *kern.Uthread
	P   *kern.Proc
	K   *Kernel
	Arg [MaxArgs]uint64 // cut to their C types
	Ret [2]uint64       // rax, rdx

	entry   *entry
	code    uint64 // rax at entry
	aborted bool   // a Mach trap ended by an AST: may be made again
	iov     [16][]byte
	pins    [4]*vm.Pin
	uio     sys.Uio
	kev     kevScratch
	st      abi.Stat
	behalf  *sys.Context // of a request that a thread of the kernel's works on; U is nil then
	lio     lioWait
}

// Row is the call's row.
func (c *Call) Row() *Row { return c.entry.Row }

// Int, Uint, Addr, Size give an argument as its C type.
func (c *Call) Int(i int) int           { return int(int32(c.Arg[i])) }
func (c *Call) I32(i int) int32         { return int32(c.Arg[i]) }
func (c *Call) Uint(i int) uint32       { return uint32(c.Arg[i]) }
func (c *Call) Long(i int) int64        { return int64(c.Arg[i]) }
func (c *Call) Addr(i int) machine.Addr { return machine.Addr(c.Arg[i]) }

// Ctx is the context for the rooms below.
func (c *Call) Ctx() *sys.Context {
	if c.behalf != nil {
		return c.behalf
	}
	return c.U.Context()
}

// Thread is what sleeps.
func (c *Call) Thread() *sched.Thread { return &c.Th.Thread }

// Map is the caller's memory.
func (c *Call) Map() *vm.Map { return c.P.Map() }

// CopyIn, CopyOut and CopyInString are the calls of that name: EFAULT.
func (c *Call) CopyIn(dst []byte, a machine.Addr) abi.Errno {
	if c.Map().CopyIn(dst, a) != 0 {
		return abi.EFAULT
	}
	return 0
}

// CopyOut copies to the guest.
func (c *Call) CopyOut(a machine.Addr, src []byte) abi.Errno {
	if c.Map().CopyOut(a, src) != 0 {
		return abi.EFAULT
	}
	return 0
}

// Path copies in a path: EFAULT, ENAMETOOLONG.
func (c *Call) Path(i int) (string, abi.Errno) { return c.String(c.Addr(i), abi.MAXPATHLEN) }

// String copies in a string of less than max bytes.
func (c *Call) String(a machine.Addr, max int) (string, abi.Errno) {
	s, kr := c.Map().CopyInString(a, max)
	switch kr {
	case 0:
		return s, 0
	case abi.KERN_INVALID_ADDRESS, abi.KERN_PROTECTION_FAILURE, abi.KERN_MEMORY_ERROR:
		return "", abi.EFAULT
	}
	return "", abi.ENAMETOOLONG
}

// PutU32 and PutU64 store a word in the guest, unless a is 0.
func (c *Call) PutU32(a machine.Addr, v uint32) abi.Errno {
	if a == 0 {
		return 0
	}
	var b [4]byte
	le.PutUint32(b[:], v)
	return c.CopyOut(a, b[:])
}

// PutU64 stores 8 bytes.
func (c *Call) PutU64(a machine.Addr, v uint64) abi.Errno {
	if a == 0 {
		return 0
	}
	var b [8]byte
	le.PutUint64(b[:], v)
	return c.CopyOut(a, b[:])
}

// U32 loads a word from the guest.
func (c *Call) U32(a machine.Addr) (uint32, abi.Errno) {
	var b [4]byte
	e := c.CopyIn(b[:], a)
	return le.Uint32(b[:]), e
}

// U64 loads 8 bytes.
func (c *Call) U64(a machine.Addr) (uint64, abi.Errno) {
	var b [8]byte
	e := c.CopyIn(b[:], a)
	return le.Uint64(b[:]), e
}

// KR is the result of a Mach trap.
func (c *Call) KR(kr abi.KernReturn) abi.Errno {
	c.Ret[0] = uint64(uint32(kr))
	return 0
}

// File gives the open file of descriptor argument i, with a reference that the
// caller must drop with Put.
func (c *Call) File(i int) (*sys.OpenFile, abi.Errno) { return c.P.Fd.Lookup(c.I32(i)) }

// Put drops a file's reference.
func (c *Call) Put(f *sys.OpenFile) { f.Unref(c.Ctx()) }

// NewFd enters f, whose reference it takes over also in failure, at the lowest
// free descriptor. EMFILE.
func (c *Call) NewFd(f *sys.OpenFile, cloexec bool) (int32, abi.Errno) {
	var flags uint8
	if cloexec {
		flags = kern.FDCloexec
	}
	fd, e := c.P.Fd.Alloc(f, 0, flags, c.P.NoFile())
	if e != 0 {
		c.Put(f)
	}
	return fd, e
}

// After makes a deadline of a relative time in nanoseconds.
func deadlineNs(ns int64) sched.Deadline {
	d := sched.Now() + sched.Deadline(ns)
	if d < 0 {
		return 1<<63 - 1
	}
	return d
}

// kernelCtx drops references on nobody's behalf.
var kernelCtx = sys.Context{Thread: sched.NewThread("proc_info"), Cred: &sys.Cred{}}
