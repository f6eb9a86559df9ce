package kpi

import (
	"puggle/abi"
	"puggle/iokit"
	"puggle/mach/task"
	"puggle/mach/vm"
	"puggle/machine"
)

func init() {
	register("-", "2002", "runtime", []Row{
		{Name: "kpi_pages_alloc", Proto: "void *kpi_pages_alloc(size_t size)", Handler: pagesAlloc},
		{Name: "kpi_task_hold", Proto: "task_t kpi_task_hold(task_t task)", Handler: taskHold},
		{Name: "kpi_task_drop", Proto: "void kpi_task_drop(task_t task)", Handler: func(c *Call) uint64 { c.K.handle.unref(c.Addr(0)); return 0 }},
		{Name: "kpi_user_wire", Proto: "IOReturn kpi_user_wire(task_t task, uint64_t addr, uint64_t size, int write)", Handler: ofUser(userWire)},
		{Name: "kpi_user_unwire", Proto: "IOReturn kpi_user_unwire(task_t task, uint64_t addr, uint64_t size)", Handler: ofUser(func(c *Call, m *vm.Map) abi.KernReturn {
			return vmError(m.Unwire(c.Addr(1), c.Arg(2)))
		})},
		{Name: "kpi_user_copy", Proto: "IOReturn kpi_user_copy(task_t task, uint64_t addr, void *kernel, uint64_t size, int out)", Handler: ofUser(userCopy)},
	})
}

func pagesAlloc(c *Call) uint64 {
	n := c.Arg(0)
	if n == 0 || n > maxObject {
		return 0
	}
	a, ok := c.K.alloc.getPages(n, machine.PageMask, kindObject, 0, nil)
	if !ok {
		return 0
	}
	return uint64(a)
}

// ownPages says whether a range of whole pages is one allocation of kpi_pages_alloc's kind: nothing else lies in
// them.
func (a *allocator) ownPages(addr Addr, size uint64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	b := a.blocks[addr]
	return b != nil && b.pages && b.kind == kindObject && size > 0 && size <= b.room
}

func taskHold(c *Call) uint64 {
	t, ok := c.K.handle.get(c.Addr(0)).(*task.Task)
	if !ok {
		return 0
	}
	return uint64(c.K.handle.ref(t))
}

// ofUser has the memory of a task that is not the kernel's.
func ofUser(f func(*Call, *vm.Map) abi.KernReturn) func(*Call) uint64 {
	return func(c *Call) uint64 {
		kr := iokit.IOReturnBadArgument
		if t, ok := c.K.handle.get(c.Addr(0)).(*task.Task); ok && c.maySleep() {
			if m, ok := t.Map().(*vm.Map); ok && m != nil && m != c.K.Map {
				kr = f(c, m)
			}
		}
		return uint64(uint32(kr))
	}
}

func vmError(kr abi.KernReturn) abi.KernReturn {
	switch kr {
	case abi.KERN_SUCCESS:
		return kr
	case abi.KERN_RESOURCE_SHORTAGE:
		return iokit.IOReturnNoResources
	}
	return iokit.IOReturnVMError
}

func userWire(c *Call, m *vm.Map) abi.KernReturn {
	prot := abi.VM_PROT_READ
	if c.I32(3) != 0 {
		prot |= abi.VM_PROT_WRITE
	}
	return vmError(m.Wire(c.Addr(1), c.Arg(2), prot))
}

// userCopy copies piece by piece, so that a large copy needs no large buffer.
func userCopy(c *Call, m *vm.Map) abi.KernReturn {
	user, kernel, size, out := c.Addr(1), c.Addr(2), c.Arg(3), c.U32(4) != 0
	var b [16 << 10]byte
	for size > 0 {
		part := b[:min(size, uint64(len(b)))]
		if out {
			if !c.K.Read(part, kernel) {
				c.Panic("writeBytes: the memory can't be read")
				return iokit.IOReturnBadArgument
			}
			if m.CopyOut(user, part) != 0 {
				return iokit.IOReturnVMError
			}
		} else {
			if m.CopyIn(part, user) != 0 {
				return iokit.IOReturnVMError
			}
			if !c.K.Write(kernel, part) {
				c.Panic("readBytes: the memory can't be written")
				return iokit.IOReturnBadArgument
			}
		}
		n := uint64(len(part))
		user, kernel, size = user+Addr(n), kernel+Addr(n), size-n
	}
	return abi.KERN_SUCCESS
}
