package mig

import (
	"puggle/abi"
	"puggle/mach/host"
	"puggle/mach/ipc"
	"puggle/mach/task"
	"puggle/mach/vm"
	"puggle/machine"
)

const hostUserNotificationPort = 10 // HOST_USER_NOTIFICATION_PORT

func hostStatistics(_ *Call, h *host.Host, flavor int32, room int) ([]uint32, kret) {
	if h == nil {
		return nil, abi.KERN_INVALID_HOST
	}
	return h.Statistics(flavor, room)
}

func (k *Kernel) machHost() *MachHostServer {
	return &MachHostServer{
		HostInfo: func(_ *Call, h *host.Host, flavor int32, room int) ([]uint32, kret) {
			if h == nil {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			return h.Info(flavor, room)
		},
		HostKernelVersion: func(_ *Call, h *host.Host) (string, kret) {
			if h == nil {
				return "", abi.KERN_INVALID_ARGUMENT
			}
			return h.KernelVersion, abi.KERN_SUCCESS
		},
		HostPageSize: func(_ *Call, h *host.Host) (uint64, kret) {
			if h == nil {
				return 0, abi.KERN_INVALID_ARGUMENT
			}
			return machine.PageSize, abi.KERN_SUCCESS
		},
		HostProcessorInfo: func(_ *Call, h *host.Host, flavor int32) (uint32, []uint32, kret) {
			if h == nil {
				return 0, nil, abi.KERN_INVALID_ARGUMENT
			}
			var all []uint32
			for _, p := range h.Processors {
				w, kr := p.Info(flavor, 64)
				if kr != abi.KERN_SUCCESS {
					return 0, nil, kr
				}
				all = append(all, w...)
			}
			return uint32(len(h.Processors)), all, abi.KERN_SUCCESS
		},
		HostGetClockService: func(_ *Call, h *host.Host, id int32) (*host.Clock, kret) {
			if h == nil || id < 0 || int(id) >= len(h.Clocks) {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			return h.Clocks[id], abi.KERN_SUCCESS
		},
		ProcessorSetDefault: func(_ *Call, h *host.Host) (*host.ProcessorSet, kret) {
			if h == nil {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			return h.Set, abi.KERN_SUCCESS
		},
		ProcessorSetCreate: func(_ *Call, h *host.Host) (set, name *host.ProcessorSet, kr kret) {
			if h == nil {
				return nil, nil, abi.KERN_INVALID_ARGUMENT
			}
			set, kr = h.NewSet()
			return set, set, kr
		},
		HostGetIoMain: func(_ *Call, h *host.Host) (*ipc.Port, kret) {
			if h == nil {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			return h.SpecialPort(abi.HOST_IO_MAIN_PORT)
		},
		HostRequestNotification:       k.hostRequestNotification,
		HostCreateMachVoucher:         k.hostCreateMachVoucher,
		MachZoneInfo:                  k.machZoneInfo,
		HostLockgroupInfo:             k.hostLockgroupInfo,
		MachMemoryInfo:                k.machMemoryInfo,
		MachZoneInfoForZone:           k.machZoneInfoForZone,
		MachMemoryObjectMemoryEntry:   k.memoryObjectEntry,
		MachMemoryObjectMemoryEntry64: k.memoryObjectEntry,

		HostStatistics:   hostStatistics,
		HostStatistics64: hostStatistics,
	}
}

func vmWire(_ *Call, h *host.Host, m *vm.Map, at addr, size uint64, access abi.Prot) kret {
	switch {
	case h == nil:
		return abi.KERN_INVALID_HOST
	case m == nil:
		return abi.KERN_INVALID_TASK
	case access&^abi.VM_PROT_ALL != 0 || at+addr(size) < at:
		return abi.KERN_INVALID_ARGUMENT
	case access == 0:
		return m.Unwire(at, size)
	}
	return m.Wire(at, size, access)
}

func (k *Kernel) hostPriv() *HostPrivServer {
	return &HostPrivServer{
		HostGetBootInfo: func(_ *Call, h *host.Host) (string, kret) {
			if h == nil {
				return "", abi.KERN_INVALID_HOST
			}
			return h.BootInfo, abi.KERN_SUCCESS
		},
		HostReboot: func(_ *Call, h *host.Host, options int32) kret {
			if h == nil {
				return abi.KERN_INVALID_HOST
			}
			if k.Hooks.Reboot == nil {
				return abi.KERN_NOT_SUPPORTED
			}
			return k.Hooks.Reboot(options)
		},
		HostPrivStatistics: hostStatistics,
		VmWire:             vmWire,
		MachVmWire:         vmWire,
		HostProcessors: func(_ *Call, h *host.Host) ([]*host.Processor, kret) {
			if h == nil {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			return h.Processors, abi.KERN_SUCCESS
		},
		HostGetClockControl: func(_ *Call, h *host.Host, id int32) (*host.Clock, kret) {
			if h == nil || id < 0 || int(id) >= len(h.Clocks) {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			return h.Clocks[id], abi.KERN_SUCCESS
		},
		HostGetSpecialPort: func(_ *Call, h *host.Host, _, which int32) (*ipc.Port, kret) {
			if h == nil {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			return h.SpecialPort(which)
		},
		HostSetSpecialPort: func(_ *Call, h *host.Host, which int32, p Right) kret {
			if h == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			return h.SetSpecialPort(which, p.Take())
		},
		HostSetExceptionPorts: func(_ *Call, h *host.Host, mask abi.ExceptionMask, p Right, b abi.ExceptionBehavior, f int32) kret {
			if h == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			return h.Exceptions.Set(mask, task.ExceptionAction{Port: p.Port(), Behavior: b, Flavor: f})
		},
		HostGetExceptionPorts: func(_ *Call, h *host.Host, mask abi.ExceptionMask) (m []abi.ExceptionMask, l []*ipc.Port, b []abi.ExceptionBehavior, f []int32, kr kret) {
			if h == nil {
				return m, l, b, f, abi.KERN_INVALID_ARGUMENT
			}
			return groups(h.Exceptions.Get(mask))
		},
		HostSwapExceptionPorts: func(_ *Call, h *host.Host, mask abi.ExceptionMask, p Right, nb abi.ExceptionBehavior, nf int32) (m []abi.ExceptionMask, l []*ipc.Port, b []abi.ExceptionBehavior, f []int32, kr kret) {
			if h == nil {
				return m, l, b, f, abi.KERN_INVALID_ARGUMENT
			}
			return groups(h.Exceptions.Swap(mask, task.ExceptionAction{Port: p.Port(), Behavior: nb, Flavor: nf}))
		},
		// Memory's default manager is the kernel's own, which has no port.
		HostDefaultMemoryManager: func(_ *Call, h *host.Host, manager Right, _ uint32) (*ipc.Port, kret) {
			switch {
			case h == nil:
				return nil, abi.KERN_INVALID_HOST
			case manager.Port() != nil:
				return nil, abi.KERN_NO_ACCESS
			}
			return nil, abi.KERN_SUCCESS
		},
		HostSetUNDServer: func(_ *Call, h *host.Host, p Right) kret {
			if h == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			return h.SetSpecialPort(hostUserNotificationPort, p.Take())
		},
		HostGetUNDServer: func(_ *Call, h *host.Host) (*ipc.Port, kret) {
			if h == nil {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			return h.SpecialPort(hostUserNotificationPort)
		},
		HostProcessorSets: func(_ *Call, h *host.Host) ([]*host.ProcessorSet, kret) {
			if h == nil {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			return h.Sets(), abi.KERN_SUCCESS
		},
		HostProcessorSetPriv: func(_ *Call, h *host.Host, s *host.ProcessorSet) (*host.ProcessorSet, kret) {
			if h == nil || s == nil {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			return s, abi.KERN_SUCCESS
		},
	}
}
