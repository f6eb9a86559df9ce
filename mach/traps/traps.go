package traps

import (
	"encoding/binary"
	gosync "sync"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/mig"
	"puggle/mach/task"
	"puggle/mach/vm"
	"puggle/machine"
)

var le = binary.LittleEndian

type (
	kret = abi.KernReturn
	addr = machine.Addr
	name = abi.PortName
)

// Traps serves the traps of one machine.
type Traps struct {
	Kernel *mig.Kernel
	// TaskForPID and PIDForTask connect tasks and processes. TaskForPID's
	// error is what task_for_pid returns: KERN_FAILURE when there is no such
	// process or it may not be touched. Nil: KERN_NOT_SUPPORTED.
	TaskForPID func(by *task.Thread, pid int32) (*task.Task, kret)
	PIDForTask func(t *task.Task) (pid int32, ok bool)

	timers timers
}

// Call is one trap: who makes it, and with what.
type Call struct {
	Thread *task.Thread
	Arg    [9]uint64
	space  *ipc.Space
	m      *vm.Map

	// What a message needs, here lest it be allocated for each.
	mem  memory
	args ipc.MsgArgs
}

func (c *Call) name(i int) name  { return name(uint32(c.Arg[i])) }
func (c *Call) i32(i int) int32  { return int32(uint32(c.Arg[i])) }
func (c *Call) u32(i int) uint32 { return uint32(c.Arg[i]) }
func (c *Call) addr(i int) addr  { return addr(c.Arg[i]) }

func (c *Call) in(a addr, b []byte) kret {
	if c.m.CopyIn(b, a) != abi.KERN_SUCCESS {
		return abi.KERN_INVALID_ADDRESS
	}
	return abi.KERN_SUCCESS
}

func (c *Call) out(a addr, b []byte) kret {
	if c.m.CopyOut(a, b) != abi.KERN_SUCCESS {
		return abi.KERN_INVALID_ADDRESS
	}
	return abi.KERN_SUCCESS
}

func (c *Call) out32(a addr, v uint32) kret {
	var b [4]byte
	le.PutUint32(b[:], v)
	return c.out(a, b[:])
}

// Func is a trap.
type Func func(t *Traps, c *Call) uint64

// kr makes a trap of a function that returns a code.
func kr(f func(t *Traps, c *Call) kret) Func {
	return func(t *Traps, c *Call) uint64 { return uint64(uint32(f(t, c))) }
}

// on makes a trap of one that works on the space of the task named by the first
// argument. MACH_SEND_INVALID_DEST when that is no task's name.
func on(f func(s *ipc.Space, c *Call) kret) Func {
	return kr(func(t *Traps, c *Call) kret {
		s := t.target(c)
		if s == nil {
			return abi.MACH_SEND_INVALID_DEST
		}
		return c.checked(s, f(s, c))
	})
}

// reg is on for what has one word to give besides its code: that comes in the upper half
// of the result, and the caller's memory is left alone.
func reg(f func(s *ipc.Space, c *Call) (uint32, kret)) Func {
	return func(t *Traps, c *Call) uint64 {
		s := t.target(c)
		if s == nil {
			return uint64(abi.MACH_SEND_INVALID_DEST)
		}
		v, kr := f(s, c)
		return uint64(uint32(c.checked(s, kr))) | uint64(v)<<32
	}
}

// checked gives kr back; a failure may have left a guard exception to be raised.
func (c *Call) checked(s *ipc.Space, kr kret) kret {
	if kr != abi.KERN_SUCCESS {
		c.Thread.CheckGuards(s)
		c.Thread.CheckGuards(c.space)
	}
	return kr
}

// target is the space that argument 0 names; nearly always the caller's own.
func (t *Traps) target(c *Call) *ipc.Space {
	p, e := c.space.Lookup(c.name(0), abi.MACH_PORT_TYPE_SEND)
	if e != abi.KERN_SUCCESS {
		return nil
	}
	o, kt := p.Kobject()
	if kt != abi.IKOT_TASK_CONTROL {
		return nil
	}
	s, _ := o.(*task.Task).IPC.(*ipc.Space)
	return s
}

// Table is the traps by number (XNU's osfmk/kern/syscall_sw.c).
// 218 and 219 are BSD's calls 538 and 539, those from 220 on libSystem's own.
var Table = [222]Func{
	16: on(func(s *ipc.Space, c *Call) kret {
		n, kr := s.Allocate(abi.PortRight(c.u32(1)))
		return c.give(s, c.addr(2), n, kr)
	}),
	18: on(func(s *ipc.Space, c *Call) kret { return s.Deallocate(c.name(1)) }),
	19: on(func(s *ipc.Space, c *Call) kret { return s.ModRefs(c.name(1), abi.PortRight(c.u32(2)), c.i32(3)) }),
	20: on(func(s *ipc.Space, c *Call) kret { return s.MoveMember(c.name(1), c.name(2)) }),
	21: on(insertRight),
	22: on(func(s *ipc.Space, c *Call) kret { return s.InsertMember(c.name(1), c.name(2)) }),
	23: on(func(s *ipc.Space, c *Call) kret { return s.ExtractMember(c.name(1), c.name(2)) }),
	24: on(construct),
	25: on(func(s *ipc.Space, c *Call) kret { return s.Destruct(c.name(1), c.i32(2), c.Arg[3]) }),
	26: func(_ *Traps, c *Call) uint64 { return uint64(c.space.ReplyPort()) },
	27: func(t *Traps, c *Call) uint64 { return uint64(t.ThreadSelf(c.Thread)) },
	28: func(t *Traps, c *Call) uint64 { return uint64(t.TaskSelf(c.Thread.Task)) },
	29: func(t *Traps, c *Call) uint64 {
		return uint64(c.space.CopyOut(t.Kernel.Host.SelfPort().MakeSend(), abi.MACH_MSG_TYPE_PORT_SEND))
	},
	31: kr(func(_ *Traps, c *Call) kret { c.Arg[7] = 0; return msg(c) }),
	32: kr(func(_ *Traps, c *Call) kret { return msg(c) }),
	33: kr(semaphoreSignal), 34: kr(semaphoreSignalAll), 35: kr(semaphoreSignalThread),
	36: kr(semaphoreWait), 37: kr(semaphoreWaitSignal), 38: kr(semaphoreTimedWait), 39: kr(semaphoreTimedWaitSignal),
	40: on(getAttributes),
	41: on(func(s *ipc.Space, c *Call) kret {
		flags := uint64(0)
		if c.u32(3) != 0 {
			flags = ipc.MPG_STRICT
		}
		return s.GuardPort(c.name(1), c.Arg[2], flags)
	}),
	42: on(func(s *ipc.Space, c *Call) kret { return s.UnguardPort(c.name(1), c.Arg[2]) }),
	44: kr(func(t *Traps, c *Call) kret { return t.forPID(c, (*task.Task).NamePort) }),
	45: kr(func(t *Traps, c *Call) kret { return t.forPID(c, (*task.Task).SelfPort) }),
	46: kr(pidForTask),
	47: kr(msg2),
	50: specialReplyPort,
	70: kr(createVoucher), 72: kr(voucherRecipe),
	76: on(func(s *ipc.Space, c *Call) kret {
		v, kr := s.Type(c.name(1))
		if kr != abi.KERN_SUCCESS {
			return kr
		}
		return c.out32(c.addr(2), uint32(v))
	}),
	77:  on(requestNotification),
	200: kr(ipcCreate), 201: kr(ipcRegister), 202: kr(ipcUnregister), 203: kr(ipcNext),
	204: kr(ipcPost), 205: kr(ipcWait), 206: kr(ipcCall), 207: kr(ipcLend),
	208: msg25(msgSend25), 209: msg25(msgReceive25),
	210: port25(portAllocate25),
	211: port25(func(s *ipc.Space, c *Call) kret { return s.PortDeallocate(c.name(1)) }),
	212: port25(portSetAllocate25),
	213: port25(func(s *ipc.Space, c *Call) kret { return s.PortSetDeallocate(c.name(1)) }),
	214: port25(func(s *ipc.Space, c *Call) kret { return s.PortSetAdd(c.name(1), c.name(2)) }),
	215: port25(func(s *ipc.Space, c *Call) kret { return s.PortSetRemove(c.name(1)) }),
	216: port25(func(s *ipc.Space, c *Call) kret { return s.PortSetBacklog(c.name(1), c.i32(2)) }),
	217: port25(portStatus25),
	218: kr(func(t *Traps, c *Call) kret { return t.forPID(c, (*task.Task).InspectPort) }),
	219: kr(func(t *Traps, c *Call) kret { return t.forPID(c, (*task.Task).ReadPort) }),
	220: reg(func(s *ipc.Space, c *Call) (uint32, kret) {
		n, kr := s.Allocate(abi.PortRight(c.u32(1)))
		return uint32(n), kr
	}),
	221: reg(func(s *ipc.Space, c *Call) (uint32, kret) {
		v, kr := s.Type(c.name(1))
		return uint32(v), kr
	}),
	91: timerCreate, 92: kr(timerDestroy), 93: kr(timerArm), 94: kr(timerCancel), 95: kr(timerArmLeeway),
}

// calls are between traps; none keeps its Call.
var calls = gosync.Pool{New: func() any { return new(Call) }}

// Do makes a trap; ok is false when the number is not served here.
func (t *Traps) Do(num int, th *task.Thread, arg *[9]uint64) (rax uint64, ok bool) {
	if uint(num) >= uint(len(Table)) || Table[num] == nil {
		return 0, false
	}
	c := calls.Get().(*Call)
	c.Thread, c.Arg = th, *arg
	c.space, _ = th.Task.IPC.(*ipc.Space)
	c.m, _ = th.Task.Map().(*vm.Map)
	if c.space != nil && c.m != nil {
		rax, ok = Table[num](t, c), true
	}
	*c = Call{}
	calls.Put(c)
	return rax, ok
}

// TaskSelf gives a task a name for itself: each call adds a reference.
func (t *Traps) TaskSelf(tk *task.Task) name {
	return give(tk, tk.SelfPort())
}

// ThreadSelf gives a thread's task a name for the thread.
func (t *Traps) ThreadSelf(th *task.Thread) name {
	return give(th.Task, th.SelfPort())
}

func give(tk *task.Task, p *ipc.Port) name {
	s, _ := tk.IPC.(*ipc.Space)
	if s == nil || !ipc.IsValid(p) {
		return abi.MACH_PORT_NULL
	}
	return s.CopyOut(p.MakeSend(), abi.MACH_MSG_TYPE_PORT_SEND)
}

// IsSelf says whether n is tk's own task port.
func (t *Traps) IsSelf(tk *task.Task, n name) bool {
	s, _ := tk.IPC.(*ipc.Space)
	if s == nil {
		return false
	}
	p, e := s.Lookup(n, abi.MACH_PORT_TYPE_SEND)
	return e == abi.KERN_SUCCESS && p == tk.SelfPort()
}

// ThreadByName finds the thread behind a name.
func (t *Traps) ThreadByName(tk *task.Task, n name) *task.Thread {
	s, _ := tk.IPC.(*ipc.Space)
	if s == nil {
		return nil
	}
	p, e := s.Lookup(n, abi.MACH_PORT_TYPE_SEND)
	if e != abi.KERN_SUCCESS {
		return nil
	}
	o, kt := p.Kobject()
	if kt != abi.IKOT_THREAD_CONTROL {
		return nil
	}
	return o.(*task.Thread)
}

// give writes a new name to the guest, and takes it back if it can't.
func (c *Call) give(s *ipc.Space, a addr, n name, kr kret) kret {
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	if kr = c.out32(a, uint32(n)); kr != abi.KERN_SUCCESS {
		s.Destroy(n)
	}
	return kr
}
