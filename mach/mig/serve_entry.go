package mig

import (
	"puggle/abi"
	"puggle/mach/host"
	"puggle/mach/ipc"
	"puggle/mach/task"
	"puggle/mach/vm"
)

// Flags and tags of mach_memory_entry_ownership (<mach/memory_object_types.h>).
const (
	ledgerTagMax   = 5
	ledgerFlagsAll = 3 // NO_FOOTPRINT, NO_FOOTPRINT_FOR_DEBUG
)

func (k *Kernel) memoryEntry() *MemoryEntryServer {
	return &MemoryEntryServer{
		MachMemoryEntryPurgableControl: func(_ *Call, p *ipc.Port, control, state int32) (int32, kret) {
			n := kobject[*vm.NamedEntry](p, abi.IKOT_NAMED_ENTRY)
			if n == nil {
				return 0, abi.KERN_INVALID_ARGUMENT
			}
			return n.PurgableControl(control, state)
		},
		// Memory is not charged to ledgers: nobody can take it over.
		MachMemoryEntryOwnership: func(c *Call, p *ipc.Port, owner *task.Task, tag, flags int32) kret {
			th := caller(c)
			switch {
			case flags&^ledgerFlagsAll != 0, tag < 0, tag > ledgerTagMax:
				return abi.KERN_INVALID_ARGUMENT
			case owner != nil && (th == nil || owner != th.Task), flags != 0:
				return abi.KERN_NO_ACCESS
			case kobject[*vm.NamedEntry](p, abi.IKOT_NAMED_ENTRY) == nil:
				return abi.KERN_INVALID_ARGUMENT
			}
			return abi.KERN_NOT_SUPPORTED
		},
	}
}

// memoryObjectEntry is mach_memory_object_memory_entry_64, for new memory of the
// kernel's own; that of a pager is mapped by its port.
func (k *Kernel) memoryObjectEntry(c *Call, h *host.Host, internal bool, size uint64, prot abi.Prot, pager Right) (*ipc.Port, kret) {
	m := callerMap(c)
	switch {
	case h == nil:
		return nil, abi.KERN_INVALID_HOST
	case m == nil, !internal, ipc.IsValid(pager.Port()):
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	_, p, kr := k.newEntry(m, 0, size, prot&abi.VM_PROT_ALL, abi.MAP_MEM_NAMED_CREATE)
	return p, kr
}

// newEntry is MakeMemoryEntry with a port.
func (k *Kernel) newEntry(m *vm.Map, at addr, size uint64, prot abi.Prot, flags int) (uint64, *ipc.Port, kret) {
	n, kr := m.MakeMemoryEntry(at, size, prot, flags)
	return k.offerEntry(n, size, kr)
}

// offerEntry gives an entry, made for size bytes, its port.
func (k *Kernel) offerEntry(n *vm.NamedEntry, size uint64, kr kret) (uint64, *ipc.Port, kret) {
	if kr != abi.KERN_SUCCESS {
		return 0, nil, kr
	}
	port := k.objectPort(n, abi.IKOT_NAMED_ENTRY, n.Release)
	if port == nil {
		n.Release()
		return 0, nil, abi.KERN_RESOURCE_SHORTAGE
	}
	return n.Asked(size), port, abi.KERN_SUCCESS
}
