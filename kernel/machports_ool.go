package kernel

import (
	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/vm"
	"puggle/machine"
)

// ool moves out-of-line memory between a task's map and a message.
type ool struct{ m *vm.Map }

func (o ool) CopyInOOL(a machine.Addr, size uint64, deallocate, physical bool) (ipc.Copy, abi.KernReturn) {
	c, kr := o.m.MakeCopy(a, size, deallocate)
	if kr != 0 {
		return nil, kr
	}
	return c, 0
}

func (o ool) CopyOutOOL(c ipc.Copy) (machine.Addr, abi.KernReturn) {
	vc, ok := c.(*vm.Copy)
	if !ok {
		return 0, abi.KERN_INVALID_ARGUMENT
	}
	return o.m.PlaceCopy(vc)
}

func (o ool) AllocateOOL(b []byte) (machine.Addr, abi.KernReturn) {
	c := vm.NewCopy(b)
	a, kr := o.m.PlaceCopy(c)
	if kr != 0 {
		c.Discard()
	}
	return a, kr
}

func (o ool) DeallocateOOL(a machine.Addr, size uint64) abi.KernReturn {
	return o.m.Deallocate(a, size)
}
