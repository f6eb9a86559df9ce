package kernserv

import (
	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/sched"
	"puggle/mach/vm"
	"puggle/machine"
)

// Task is the task of a running server, as its code uses it: its port space and
// its own address map. Calls are on behalf of the server that has the address pc.
type Task struct {
	Space *ipc.Space
	Map   *vm.Map
	r     *running
}

// TaskAt gives the task of the server that an address belongs to.
func (l *Loader) TaskAt(pc machine.Addr) (t Task, ok bool) {
	r := l.At(pc)
	if r == nil {
		return t, false
	}
	return Task{r.space, r.task, r}, true
}

// Send is msg_send of a message in the kernel's map.
func (t Task) Send(th *sched.Thread, a machine.Addr, option, timeout uint32) abi.KernReturn {
	return t.Space.MsgSend(th, kernelMem{t.r.s.loader.cfg.Kernel}, taskMem{t.Map}, a, option, timeout)
}

// Receive is msg_receive.
func (t Task) Receive(th *sched.Thread, a machine.Addr, option, timeout uint32) abi.KernReturn {
	return t.Space.MsgReceive(th, kernelMem{t.r.s.loader.cfg.Kernel}, taskMem{t.Map}, a, option, timeout)
}

// RPC is msg_rpc.
func (t Task) RPC(th *sched.Thread, a machine.Addr, option, size, sendTimeout, receiveTimeout uint32) abi.KernReturn {
	return t.Space.MsgRPC(th, kernelMem{t.r.s.loader.cfg.Kernel}, taskMem{t.Map}, a, option, size, sendTimeout, receiveTimeout)
}

// CopyToKernel is vm_write into the kernel's map: of out-of-line data, which is in the
// task's own. CopyFromKernel is the other way.
func (t Task) CopyToKernel(to, from machine.Addr, size uint64) abi.KernReturn {
	return copyBetween(t.r.s.loader.cfg.Kernel, to, t.Map, from, size)
}

// CopyFromKernel copies from the kernel's map to the task's own.
func (t Task) CopyFromKernel(to, from machine.Addr, size uint64) abi.KernReturn {
	return copyBetween(t.Map, to, t.r.s.loader.cfg.Kernel, from, size)
}

type reader interface {
	CopyIn(dst []byte, a machine.Addr) abi.KernReturn
}

type writer interface {
	CopyOut(a machine.Addr, src []byte) abi.KernReturn
}

func copyBetween(dst writer, to machine.Addr, src reader, from machine.Addr, size uint64) abi.KernReturn {
	if to+machine.Addr(size) < to || from+machine.Addr(size) < from {
		return abi.KERN_INVALID_ADDRESS
	}
	buf := make([]byte, min(size, 64<<10))
	for size > 0 {
		b := buf[:min(size, uint64(len(buf)))]
		if kr := src.CopyIn(b, from); kr != abi.KERN_SUCCESS {
			return kr
		}
		if kr := dst.CopyOut(to, b); kr != abi.KERN_SUCCESS {
			return kr
		}
		n := machine.Addr(len(b))
		to, from, size = to+n, from+n, size-uint64(n)
	}
	return abi.KERN_SUCCESS
}
