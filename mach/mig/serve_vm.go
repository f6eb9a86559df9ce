package mig

import (
	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/vm"
	"puggle/machine"
)

type (
	addr = machine.Addr
	kret = abi.KernReturn
)

func vmAllocate(_ *Call, m *vm.Map, at addr, size uint64, flags int32) (addr, kret) {
	if m == nil {
		return 0, abi.KERN_INVALID_TASK
	}
	return m.Allocate(at, size, vm.Flags(flags))
}

func vmDeallocate(c *Call, m *vm.Map, at addr, size uint64) kret {
	if m == nil {
		return abi.KERN_INVALID_TASK
	}
	th := caller(c)
	if th == nil {
		return m.Deallocate(at, size)
	}
	return th.Unmap(m, at, size)
}

func vmProtect(_ *Call, m *vm.Map, at addr, size uint64, max bool, prot abi.Prot) kret {
	if m == nil {
		return abi.KERN_INVALID_TASK
	}
	return m.Protect(at, size, prot, max)
}

func vmInherit(_ *Call, m *vm.Map, at addr, size uint64, in abi.VMInherit) kret {
	if m == nil {
		return abi.KERN_INVALID_TASK
	}
	return m.Inherit(at, size, in)
}

// maxRead bounds one vm_read: a message's memory has 32 bits of size.
const maxRead = 1<<32 - 1

func vmRead(_ *Call, m *vm.Map, at addr, size uint64) (ipc.Copy, kret) {
	if m == nil {
		return nil, abi.KERN_INVALID_TASK
	}
	if size > maxRead {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	c, kr := m.MakeCopy(at, size, false)
	if kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	return c, kr
}

func vmWrite(c *Call, m *vm.Map, at addr, data Memory) kret {
	if m == nil {
		return abi.KERN_INVALID_TASK
	}
	if data.Size() == 0 {
		return abi.KERN_SUCCESS
	}
	cp, ok := data.Copy().(*vm.Copy)
	if !ok {
		return abi.KERN_INVALID_ARGUMENT
	}
	kr := m.OverwriteCopy(at, cp, aborted(c))
	if kr == abi.KERN_SUCCESS {
		data.Take()
	}
	return kr
}

func vmCopy(c *Call, m *vm.Map, from addr, size uint64, to addr) kret {
	if m == nil {
		return abi.KERN_INVALID_TASK
	}
	return m.CopyRange(from, size, to, aborted(c))
}

// aborted says, when asked, whether the caller is to end: what moves any amount of
// memory stops then. nil for the kernel.
func aborted(c *Call) func() bool {
	if t := caller(c); t != nil {
		return t.Ending
	}
	return nil
}

// callerMap is the memory of the task that calls, nil for the kernel.
func callerMap(c *Call) *vm.Map {
	if t := caller(c); t != nil {
		m, _ := t.Task.Map().(*vm.Map)
		return m
	}
	return nil
}

// vmReadOverwrite reads into the caller's memory.
func vmReadOverwrite(c *Call, m *vm.Map, at addr, size uint64, to addr) (uint64, kret) {
	if m == nil {
		return 0, abi.KERN_INVALID_TASK
	}
	dst := callerMap(c)
	if dst == nil {
		return 0, abi.KERN_INVALID_ARGUMENT
	}
	cp, kr := m.MakeCopy(at, size, false)
	if kr != abi.KERN_SUCCESS {
		return 0, kr
	}
	kr = dst.OverwriteCopy(to, cp, aborted(c))
	cp.Discard()
	if kr != abi.KERN_SUCCESS {
		return 0, kr
	}
	return size, kr
}

func vmMsync(_ *Call, m *vm.Map, at addr, size uint64, flags int32) kret {
	if m == nil {
		return abi.KERN_INVALID_TASK
	}
	return m.Msync(at, size, int(flags))
}

func vmBehavior(_ *Call, m *vm.Map, at addr, size uint64, b abi.VMBehavior) kret {
	if m == nil {
		return abi.KERN_INVALID_TASK
	}
	return m.Behavior(at, size, b)
}

func (k *Kernel) vmMapObject(_ *Call, m *vm.Map, at addr, size uint64, mask addr, flags int32, object Right, offset uint64, cp bool, cur, max abi.Prot, in abi.VMInherit) (addr, kret) {
	if m == nil {
		return 0, abi.KERN_INVALID_TASK
	}
	if (cur|max)&^(abi.VM_PROT_ALL|abi.VM_PROT_IS_MASK) != 0 || in > abi.VM_INHERIT_NONE || vm.Flags(flags)&^vm.MapFlags != 0 {
		return 0, abi.KERN_INVALID_ARGUMENT
	}
	spec := vm.MapSpec{Addr: at, Size: size, Mask: uint64(mask), Flags: vm.Flags(flags), Offset: offset, Copy: cp, Cur: cur, Max: max, Inherit: in}
	if !ipc.IsValid(object.Port()) {
		if object.Port() == ipc.Dead {
			return 0, abi.KERN_INVALID_OBJECT
		}
		spec.Offset, spec.Copy = 0, false
		return m.Enter(&spec)
	}
	n := kobject[*vm.NamedEntry](object.Port(), abi.IKOT_NAMED_ENTRY)
	if n == nil {
		if _, kt := object.Port().Kobject(); kt != abi.IKOT_NONE || !object.Port().Active() {
			return 0, abi.KERN_INVALID_OBJECT
		}
		return k.mapExternal(m, object.Port(), spec)
	}
	// A mask asks for as much as the entry allows.
	for _, p := range []*abi.Prot{&spec.Cur, &spec.Max} {
		if *p&abi.VM_PROT_IS_MASK != 0 {
			*p &= n.Prot
		}
	}
	return m.EnterNamed(n, spec)
}

func vmRemap(_ *Call, m *vm.Map, at addr, size uint64, mask addr, flags int32, src *vm.Map, from addr, cp bool, in abi.VMInherit) (addr, abi.Prot, abi.Prot, kret) {
	if m == nil || src == nil {
		return 0, 0, 0, abi.KERN_INVALID_ARGUMENT
	}
	return m.Remap(vm.MapSpec{Addr: at, Size: size, Mask: uint64(mask), Flags: vm.Flags(flags), Copy: cp, Inherit: in}, src, from)
}

func vmMachineAttribute(_ *Call, m *vm.Map, at addr, size uint64, attr, value int32) (int32, kret) {
	if m == nil {
		return 0, abi.KERN_INVALID_TASK
	}
	if attr == abi.MATTR_CACHE && value == abi.MATTR_VAL_GET {
		return m.CacheAttribute(at, size)
	}
	return value, m.MachineAttribute(at, size, attr, value)
}

func vmPurgable(_ *Call, m *vm.Map, at addr, control, state int32) (int32, kret) {
	if m == nil {
		return 0, abi.KERN_INVALID_TASK
	}
	return m.PurgableControl(at, control, state)
}

// makeMemoryEntry takes the protection in the low bits of permission and
// MAP_MEM_* flags above.
func (k *Kernel) makeMemoryEntry(_ *Call, m *vm.Map, size, offset uint64, permission abi.Prot, parent Right) (uint64, *ipc.Port, kret) {
	if m == nil {
		return 0, nil, abi.KERN_INVALID_TASK
	}
	const prot = abi.VM_PROT_ALL | abi.VM_PROT_IS_MASK
	flags := int(permission &^ prot)
	p := kobject[*vm.NamedEntry](parent.Port(), abi.IKOT_NAMED_ENTRY)
	switch {
	case p == nil:
		return k.newEntry(m, addr(offset), size, permission&prot, flags)
	case p.IsCopy():
		return 0, nil, abi.KERN_INVALID_ARGUMENT
	case flags&(abi.MAP_MEM_NAMED_CREATE|abi.MAP_MEM_VM_COPY|abi.MAP_MEM_VM_SHARE) != 0:
		return k.newEntry(m, addr(offset), size, permission&prot, flags)
	case flags&abi.MAP_MEM_NAMED_REUSE != 0:
		if (permission&abi.VM_PROT_ALL)&^p.Prot == 0 && p.Names(m, addr(offset), size) {
			return p.Size(), parent.Take(), abi.KERN_SUCCESS
		}
		return k.newEntry(m, addr(offset), size, permission&prot, flags)
	}
	n, kr := p.MakeFromParent(offset, size, permission&prot, flags)
	return k.offerEntry(n, size, kr)
}

func vmReadList(c *Call, m *vm.Map, l [512]addr, count uint32) ([512]addr, kret) {
	const most = 256
	dst := callerMap(c)
	if m == nil || dst == nil || count == 0 || count > most {
		return l, abi.KERN_INVALID_ARGUMENT
	}
	// Pairs of address and size; the addresses become those of the copies.
	// The first error ends it, and the rest are zero.
	kr := abi.KERN_SUCCESS
	for i := range int(count) {
		at, size := l[2*i], uint64(l[2*i+1])
		l[2*i], l[2*i+1] = 0, 0
		if kr != abi.KERN_SUCCESS || size == 0 {
			continue
		}
		var cp *vm.Copy
		if cp, kr = m.MakeCopy(at, size, false); kr != abi.KERN_SUCCESS {
			continue
		}
		if l[2*i], kr = dst.PlaceCopy(cp); kr != abi.KERN_SUCCESS {
			cp.Discard()
			l[2*i] = 0
			continue
		}
		l[2*i+1] = addr(size)
	}
	if kr != abi.KERN_SUCCESS { // a failed call returns no memory
		for i := range int(count) {
			if l[2*i+1] != 0 {
				dst.Deallocate(l[2*i], uint64(l[2*i+1]))
			}
		}
	}
	return l, kr
}

func (k *Kernel) machVM() *MachVmServer {
	return &MachVmServer{
		MachVmAllocate: vmAllocate, MachVmDeallocate: vmDeallocate, MachVmProtect: vmProtect, MachVmInherit: vmInherit,
		MachVmRead: vmRead, MachVmReadList: vmReadList, MachVmWrite: vmWrite, MachVmCopy: vmCopy,
		MachVmReadOverwrite: vmReadOverwrite, MachVmMsync: vmMsync, MachVmBehaviorSet: vmBehavior,
		MachVmMap: k.vmMapObject, MachVmMachineAttribute: vmMachineAttribute, MachVmRemap: vmRemap,
		MachVmPurgableControl: vmPurgable, MachMakeMemoryEntry: k.makeMemoryEntry,
		MachVmPageQuery: vmPageQuery, MachVmPageInfo: vmPageInfo, MachVmPageRangeQuery: vmPageRangeQuery,
		MachVmRegion: vmRegion, MachVmRegionRecurse: vmRegionRecurse,
		MachVmRemapNew: func(c *Call, m *vm.Map, at addr, size uint64, mask addr, flags int32, src *vm.Map, from addr, cp bool, cur, max abi.Prot, in abi.VMInherit) (addr, abi.Prot, abi.Prot, kret) {
			// Who may only read a task must not share what it could write.
			if !cp && (cur|max)&(abi.VM_PROT_WRITE|abi.VM_PROT_EXECUTE) != 0 {
				if _, kind := c.Request.Descs()[0].Port.Kobject(); kind != abi.IKOT_TASK_CONTROL {
					return 0, 0, 0, abi.KERN_PROTECTION_FAILURE
				}
			}
			a, gotCur, gotMax, kr := vmRemap(c, m, at, size, mask, flags, src, from, cp, in)
			if kr != abi.KERN_SUCCESS {
				return 0, 0, 0, kr
			}
			// The caller says what it wants at the most, and gets no more.
			if !cp && (cur&^gotCur != 0 || max&^gotMax != 0) {
				m.Deallocate(a, size)
				return 0, 0, 0, abi.KERN_PROTECTION_FAILURE
			}
			if kr = m.Protect(a, size, max, true); kr == abi.KERN_SUCCESS {
				kr = m.Protect(a, size, cur, false)
			}
			if kr != abi.KERN_SUCCESS {
				m.Deallocate(a, size)
				return 0, 0, 0, kr
			}
			return a, cur, max, kr
		},
	}
}

func (k *Kernel) vmMap() *VmMapServer {
	mapAt := func(c *Call, m *vm.Map, at addr, size uint64, mask addr, flags int32, object Right, offset addr, cp bool, cur, max abi.Prot, in abi.VMInherit) (addr, kret) {
		return k.vmMapObject(c, m, at, size, mask, flags, object, uint64(offset), cp, cur, max, in)
	}
	return &VmMapServer{
		VmMapPageQuery:  vmPageQuery,
		VmRegionRecurse: vmRegionRecurse32,
		VmMapExecLockdown: func(_ *Call, m *vm.Map) kret {
			if m == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			m.ExecLockdown()
			return abi.KERN_SUCCESS
		},
		TaskWire: func(_ *Call, m *vm.Map, on bool) kret {
			if m == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			m.WireNew(on)
			return abi.KERN_SUCCESS
		},
		VmRegion: vmRegion, VmAllocate: vmAllocate, VmDeallocate: vmDeallocate, VmProtect: vmProtect, VmInherit: vmInherit,
		VmRead: vmRead, VmReadList: vmReadList, VmWrite: vmWrite, VmCopy: vmCopy, VmReadOverwrite: vmReadOverwrite,
		VmMsync: vmMsync, VmBehaviorSet: vmBehavior, VmMap: mapAt, VmMap64: k.vmMapObject, VmMachineAttribute: vmMachineAttribute,
		VmRemap: vmRemap, VmRegionRecurse64: vmRegionRecurse, VmRegion64: vmRegion, VmPurgableControl: vmPurgable,
		VmRemapNew: k.machVM().MachVmRemapNew, MachMakeMemoryEntry64: k.makeMemoryEntry,
		MachMakeMemoryEntry: func(c *Call, m *vm.Map, size uint64, offset addr, p abi.Prot, parent Right) (uint64, *ipc.Port, kret) {
			return k.makeMemoryEntry(c, m, size, uint64(offset), p, parent)
		},
	}
}
