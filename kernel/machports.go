package kernel

import (
	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/sys"
	"puggle/bsd/syscalls"
	"puggle/mach/ipc"
	"puggle/mach/task"
)

// machPorts serves the Mach traps that need rights: it stands between the table
// of traps and mach/ipc.
type machPorts struct{ s *System }

// portTraps are the handlers by trap number.
var portTraps map[int]syscalls.Handler

func init() {
	portTraps = map[int]syscalls.Handler{
		16: trapPortAllocate,
		18: trapPortDeallocate,
		19: trapPortModRefs,
		20: trapPortMoveMember,
		21: trapPortInsertRight,
		22: trapPortInsertMember,
		23: trapPortExtractMember,
		24: trapPortConstruct,
		25: trapPortDestruct,
		26: trapReplyPort,
		27: trapThreadSelf,
		28: trapTaskSelf,
		29: trapHostSelf,
		31: trapMsg,
		32: trapMsg,
		33: trapSemSignal,
		34: trapSemSignalAll,
		35: trapSemSignalThread,
		36: trapSemWait,
		37: trapSemWait,
		38: trapSemTimedwait,
		39: trapSemTimedwaitSignal,
		40: trapPortGetAttributes,
		41: trapPortGuard,
		42: trapPortUnguard,
		44: trapTaskNameForPID,
		45: trapTaskForPID,
		46: trapPIDForTask,
		47: trapMsg2,
		50: trapSpecialReplyPort,
		76: trapPortType,
		77: trapPortRequestNotification,
	}
}

func (m machPorts) Trap(num int) syscalls.Handler { return portTraps[num] }

// wireIPC gives every process its port space, and the traps their handlers.
func (s *System) wireIPC() {
	h := &s.Procs.Hooks
	h.Forked = func(parent, child *kern.Proc) {
		t := child.Task
		sp := ipc.NewSpace()
		sp.Task = t
		t.IPC = sp
		if parent != nil && parent.Task != nil {
			t.InheritPorts(parent.Task)
		}
		setIdentity(child)
	}
	h.Execed = setIdentity
	h.Exited = func(p *kern.Proc) {
		if sp := space(p); sp != nil {
			sp.Terminate()
			p.Task.EndPorts()
		}
	}
	h.ThreadPort = func(ut *kern.Uthread) uint32 {
		return uint32(giveSend(ut.Proc, ut.Thread.SelfPort()))
	}
	h.ReleasePort = func(p *kern.Proc, name uint32) {
		if sp := space(p); sp != nil {
			sp.Deallocate(abi.PortName(name))
		}
	}
	h.SemaphoreSignal = func(p *kern.Proc, name uint32) {
		if sem := semaphoreNamed(p, name); sem != nil {
			sem.Signal()
		}
	}
}

// setIdentity tells the space who its messages come from: the audit token of
// <bsm/audit.h>.
func setIdentity(p *kern.Proc) {
	sp := space(p)
	if sp == nil {
		return
	}
	c := p.Cred()
	sp.SetIdentity(ipc.SecurityToken{c.UID, c.GID},
		ipc.AuditToken{c.RUID, c.UID, c.GID, c.RUID, c.RGID, uint32(p.PID), 0, uint32(p.UniqueID)})
}

func space(p *kern.Proc) *ipc.Space {
	if p.Task == nil {
		return nil
	}
	sp, _ := p.Task.IPC.(*ipc.Space)
	return sp
}

// giveSend makes a send right of a port that is on loan and names it in p's space.
func giveSend(p *kern.Proc, port *ipc.Port) abi.PortName {
	if port == nil {
		return 0
	}
	return space(p).CopyOut(port.MakeSend(), abi.MACH_MSG_TYPE_PORT_SEND)
}

// isTaskSelf says whether name is the process's own task port.
func isTaskSelf(p *kern.Proc, name uint32) bool {
	obj, kind := kobject(p, name)
	return kind == abi.IKOT_TASK_CONTROL && obj == any(p.Task)
}

// threadByPort gives the thread behind a name.
func threadByPort(p *kern.Proc, name uint32) *kern.Uthread {
	obj, kind := kobject(p, name)
	th, _ := obj.(*task.Thread)
	if kind != abi.IKOT_THREAD_CONTROL || th == nil {
		return nil
	}
	ut, _ := th.BSD.(*kern.Uthread)
	return ut
}

// kobject gives the kernel object that name is a send right to.
func kobject(p *kern.Proc, name uint32) (any, uint32) {
	sp := space(p)
	if sp == nil {
		return nil, abi.IKOT_NONE
	}
	port, kr := sp.Lookup(abi.PortName(name), abi.MACH_PORT_TYPE_SEND)
	if kr != 0 {
		return nil, abi.IKOT_NONE
	}
	return port.Kobject()
}

func trapReplyPort(c *syscalls.Call) abi.Errno {
	c.Ret[0] = uint64(space(c.P).ReplyPort())
	return 0
}

func trapSpecialReplyPort(c *syscalls.Call) abi.Errno {
	if c.U.SpecialReply == 0 {
		c.U.SpecialReply = uint32(space(c.P).SpecialReplyPort())
	}
	c.Ret[0] = uint64(c.U.SpecialReply)
	return 0
}

func trapThreadSelf(c *syscalls.Call) abi.Errno {
	c.Ret[0] = uint64(giveSend(c.P, c.Th.SelfPort()))
	return 0
}

func trapTaskSelf(c *syscalls.Call) abi.Errno {
	c.Ret[0] = uint64(giveSend(c.P, c.P.Task.SelfPort()))
	return 0
}

func trapHostSelf(c *syscalls.Call) abi.Errno {
	if p := c.P.Task.SpecialPort(abi.TASK_HOST_PORT); p != nil {
		c.Ret[0] = uint64(space(c.P).CopyOut(p, abi.MACH_MSG_TYPE_PORT_SEND))
		return 0
	}
	c.Ret[0] = uint64(giveSend(c.P, c.P.Task.System().HostPort()))
	return 0
}

func trapMsg(c *syscalls.Call) abi.Errno {
	a := &ipc.MsgArgs{Addr: c.Addr(0), Option: abi.MsgOption(c.Uint(1)), Send: c.Uint(2), Rcv: c.Uint(3),
		RcvName: abi.PortName(c.Uint(4)), Timeout: c.Uint(5)}
	if c.Row().Num == 32 {
		a.RcvAddr = c.Addr(7)
	}
	m := c.Map()
	return c.KR(space(c.P).Msg(c.Thread(), m, ool{m}, a))
}

func trapMsg2(c *syscalls.Call) abi.Errno {
	m := c.Map()
	return c.KR(space(c.P).Msg2(c.Thread(), m, ool{m}, &ipc.Msg2Args{Data: c.Addr(0), Options: c.Arg[1],
		BitsAndSendSize: c.Arg[2], RemoteAndLocal: c.Arg[3], VoucherAndID: c.Arg[4],
		DescCountAndRcvName: c.Arg[5], RcvSizeAndPriority: c.Arg[6], Timeout: c.Arg[7]}))
}

// visible is proc_cansee for task_for_pid and its kin: root, or the same user.
func visible(ctx *sys.Context, p *kern.Proc) bool {
	return ctx.Cred.IsSuser() || ctx.Cred.RUID == p.Cred().RUID
}

func trapTaskForPID(c *syscalls.Call) abi.Errno     { return forPID(c, (*task.Task).SelfPort) }
func trapTaskNameForPID(c *syscalls.Call) abi.Errno { return forPID(c, (*task.Task).NamePort) }

func forPID(c *syscalls.Call, port func(*task.Task) *ipc.Port) abi.Errno {
	if !isTaskSelf(c.P, c.Uint(0)) {
		return c.KR(abi.KERN_INVALID_ARGUMENT)
	}
	p := c.P.Sys.Find(c.I32(1))
	if p == nil || p.Task == nil || space(p) == nil || !visible(c.Ctx(), p) {
		c.PutU32(c.Addr(2), 0)
		return c.KR(abi.KERN_FAILURE)
	}
	name := giveSend(c.P, port(p.Task))
	if c.PutU32(c.Addr(2), uint32(name)) != 0 {
		space(c.P).Deallocate(name)
		return c.KR(abi.KERN_INVALID_ADDRESS)
	}
	return 0
}

func trapPIDForTask(c *syscalls.Call) abi.Errno {
	obj, kind := kobject(c.P, c.Uint(0))
	t, _ := obj.(*task.Task)
	if t == nil || kind != abi.IKOT_TASK_CONTROL && kind != abi.IKOT_TASK_NAME {
		return c.KR(abi.KERN_FAILURE)
	}
	p, _ := t.BSD.(*kern.Proc)
	if p == nil {
		return c.KR(abi.KERN_FAILURE)
	}
	if c.PutU32(c.Addr(1), uint32(p.PID)) != 0 {
		return c.KR(abi.KERN_INVALID_ADDRESS)
	}
	return 0
}
