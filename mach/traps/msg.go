package traps

import (
	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/task"
	"puggle/mach/vm"
)

// memory is a map as messages need it: out-of-line data move as copies.
type memory struct {
	*vm.Map
	thread *task.Thread // the sender or receiver
}

func (m memory) CopyInOOL(a addr, size uint64, deallocate, physical bool) (ipc.Copy, kret) {
	var c *vm.Copy
	var kr kret
	if physical && !deallocate { // what is given away needs no copy
		c, kr = m.MakePhysicalCopy(a, size, m.thread.Ending)
	} else {
		c, kr = m.MakeCopy(a, size, deallocate)
	}
	if kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	return c, kr
}

func (m memory) CopyOutOOL(c ipc.Copy) (addr, kret) {
	vc, ok := c.(*vm.Copy)
	if !ok {
		return 0, abi.KERN_INVALID_ARGUMENT
	}
	return m.PlaceCopy(vc)
}

func (m memory) AllocateOOL(b []byte) (addr, kret) {
	a, kr := m.Allocate(0, uint64(len(b)), vm.Anywhere|vm.Tag(abi.VM_MEMORY_MACH_MSG))
	if kr != abi.KERN_SUCCESS {
		return 0, kr
	}
	if kr = m.CopyOut(a, b); kr != abi.KERN_SUCCESS {
		m.Deallocate(a, uint64(len(b)))
		return 0, kr
	}
	return a, kr
}

func (m memory) DeallocateOOL(a addr, size uint64) kret { return m.Deallocate(a, size) }

// msg is mach_msg_overwrite_trap; mach_msg_trap has no eighth argument.
func msg(c *Call) kret {
	c.mem = memory{c.m, c.Thread}
	c.args = ipc.MsgArgs{
		Addr: c.addr(0), Option: abi.MsgOption(c.u32(1)), Send: c.u32(2), Rcv: c.u32(3),
		RcvName: c.name(4), Timeout: c.u32(5), RcvAddr: c.addr(7),
	}
	kr := c.space.Msg(&c.Thread.Thread, &c.mem, &c.mem, &c.args)
	c.sent(kr)
	return kr
}

// sent looks for broken guards when a message could not be sent.
func (c *Call) sent(kr kret) {
	if kr&^0x3fff == abi.MACH_SEND_INVALID_DATA&^0x3fff {
		c.Thread.CheckGuards(c.space)
	}
}

func msg2(_ *Traps, c *Call) kret {
	m := memory{c.m, c.Thread}
	kr := c.space.Msg2(&c.Thread.Thread, m, m, &ipc.Msg2Args{
		Data: c.addr(0), Options: c.Arg[1], BitsAndSendSize: c.Arg[2], RemoteAndLocal: c.Arg[3],
		VoucherAndID: c.Arg[4], DescCountAndRcvName: c.Arg[5], RcvSizeAndPriority: c.Arg[6], Timeout: c.Arg[7],
	})
	c.sent(kr)
	return kr
}
