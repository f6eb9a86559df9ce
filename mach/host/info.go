package host

import (
	"time"

	"puggle/abi"
	"puggle/mach/sched"
)

// Flavours of host_info and of host_statistics (<mach/host_info.h>), of
// processor_info (<mach/processor_info.h>).
const (
	HOST_BASIC_INFO          = 1
	HOST_SCHED_INFO          = 3
	HOST_RESOURCE_SIZES      = 4
	HOST_PRIORITY_INFO       = 5
	HOST_SEMAPHORE_TRAPS     = 7
	HOST_MACH_MSG_TRAP       = 8
	HOST_CAN_HAS_DEBUGGER    = 11
	HOST_PREFERRED_USER_ARCH = 12

	HOST_LOAD_INFO     = 1
	HOST_VM_INFO       = 2
	HOST_CPU_LOAD_INFO = 3
	HOST_VM_INFO64     = 4
	HOST_EXTMOD_INFO64 = 5

	PROCESSOR_BASIC_INFO    = 1
	PROCESSOR_CPU_LOAD_INFO = 2

	PROCESSOR_SET_BASIC_INFO = 5
	PROCESSOR_SET_LOAD_INFO  = 4

	cpuTypeX86_64    = 0x01000007
	cpuSubtypeX86All = 3
)

// flavor is one row of a table of what can be asked: the fewest words of room
// that will do, and the answer.
type flavor struct {
	least int
	words func(h *Host) ([]uint32, abi.KernReturn)
}

// answer looks a flavour up and cuts the answer to the caller's room.
// KERN_INVALID_ARGUMENT (flavour), KERN_FAILURE (room).
func answer(t map[int32]flavor, h *Host, f int32, room int) ([]uint32, abi.KernReturn) {
	x, ok := t[f]
	if !ok {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	if room < x.least {
		return nil, abi.KERN_FAILURE
	}
	w, kr := x.words(h)
	if len(w) > room {
		w = w[:room]
	}
	return w, kr
}

func pair(v uint64) (lo, hi uint32) { return uint32(v), uint32(v >> 32) }

func clip(v uint64) uint32 { return uint32(min(v, 1<<32-1)) }

var hostInfo = map[int32]flavor{
	HOST_BASIC_INFO: {5, func(h *Host) ([]uint32, abi.KernReturn) {
		n := uint32(len(h.Processors))
		lo, hi := pair(h.MemSize)
		return []uint32{n, n, uint32(min(h.MemSize, 1<<31)), cpuTypeX86_64, cpuSubtypeX86All, 0, n, n, n, n, lo, hi}, 0
	}},
	HOST_SCHED_INFO: {2, func(h *Host) ([]uint32, abi.KernReturn) {
		return []uint32{10, 10}, 0 // milliseconds: the quantum
	}},
	HOST_PRIORITY_INFO: {8, func(h *Host) ([]uint32, abi.KernReturn) {
		// kernel, system, server, user, depress, idle, minimum, maximum
		return []uint32{80, 64, 63, 31, 0, 0, 0, 127}, 0
	}},
	HOST_SEMAPHORE_TRAPS:     {0, nothing},
	HOST_MACH_MSG_TRAP:       {0, nothing},
	HOST_CAN_HAS_DEBUGGER:    {1, func(h *Host) ([]uint32, abi.KernReturn) { return []uint32{1}, 0 }},
	HOST_PREFERRED_USER_ARCH: {2, func(h *Host) ([]uint32, abi.KernReturn) { return []uint32{cpuTypeX86_64, cpuSubtypeX86All}, 0 }},
}

func nothing(*Host) ([]uint32, abi.KernReturn) { return nil, 0 }

var hostStatistics = map[int32]flavor{
	HOST_LOAD_INFO: {6, func(h *Host) ([]uint32, abi.KernReturn) {
		if h.Load == nil {
			return nil, abi.KERN_NOT_SUPPORTED
		}
		l := h.Load()
		w := l[:]
		for _, v := range l { // mach factor: processors beyond the load
			f := int64(len(h.Processors))*1000 - int64(v)
			w = append(w, uint32(max(f, 0)))
		}
		return w, 0
	}},
	HOST_VM_INFO: {12, func(h *Host) ([]uint32, abi.KernReturn) {
		if h.Memory == nil {
			return nil, abi.KERN_NOT_SUPPORTED
		}
		m := h.Memory()
		w := make([]uint32, 0, 15)
		for _, v := range []uint64{m.Free, m.Active, m.Inactive, m.Wired, m.ZeroFill, m.Reactivations, m.Pageins, m.Pageouts,
			m.Faults, m.CowFaults, m.Lookups, m.Hits, m.Purgeable, m.Purges, m.Speculative} {
			w = append(w, clip(v))
		}
		return w, 0
	}},
	HOST_VM_INFO64: {38, func(h *Host) ([]uint32, abi.KernReturn) {
		if h.Memory == nil {
			return nil, abi.KERN_NOT_SUPPORTED
		}
		m := h.Memory()
		w := []uint32{clip(m.Free), clip(m.Active), clip(m.Inactive), clip(m.Wired)}
		for _, v := range []uint64{m.ZeroFill, m.Reactivations, m.Pageins, m.Pageouts, m.Faults, m.CowFaults, m.Lookups, m.Hits, m.Purges} {
			lo, hi := pair(v)
			w = append(w, lo, hi)
		}
		w = append(w, clip(m.Purgeable), clip(m.Speculative))
		w = append(w, 0, 0, 0, 0) // no compressor
		for _, v := range []uint64{m.Swapins, m.Swapouts} {
			lo, hi := pair(v)
			w = append(w, lo, hi)
		}
		w = append(w, clip(m.Compressor), 0, clip(m.External), clip(m.Internal), 0, 0)
		return w, 0
	}},
	HOST_CPU_LOAD_INFO: {4, func(h *Host) ([]uint32, abi.KernReturn) {
		if h.Ticks == nil {
			return nil, abi.KERN_NOT_SUPPORTED
		}
		w := make([]uint32, 4)
		for i := range h.Processors {
			for j, v := range h.Ticks(i) {
				w[j] += v
			}
		}
		return w, 0
	}},
}

// Info is host_info. KERN_INVALID_ARGUMENT (flavour), KERN_FAILURE (too little
// room).
func (h *Host) Info(f int32, room int) ([]uint32, abi.KernReturn) {
	return answer(hostInfo, h, f, room)
}

// Statistics is host_statistics and host_statistics64. As Info, and
// KERN_NOT_SUPPORTED where nothing counts.
func (h *Host) Statistics(f int32, room int) ([]uint32, abi.KernReturn) {
	return answer(hostStatistics, h, f, room)
}

// Info is processor_info, in words. As Host.Info.
func (p *Processor) Info(f int32, room int) ([]uint32, abi.KernReturn) {
	switch f {
	case PROCESSOR_BASIC_INFO:
		master := uint32(0)
		if p.Slot == 0 {
			master = 1
		}
		if room < 5 {
			return nil, abi.KERN_FAILURE
		}
		running := uint32(1)
		if p.Assigned() == nil {
			running = 0
		}
		return []uint32{cpuTypeX86_64, cpuSubtypeX86All, running, uint32(p.Slot), master}, 0
	case PROCESSOR_CPU_LOAD_INFO:
		if room < 4 {
			return nil, abi.KERN_FAILURE
		}
		if p.Host.Ticks == nil {
			return nil, abi.KERN_NOT_SUPPORTED
		}
		t := p.Host.Ticks(p.Slot)
		return t[:], 0
	}
	return nil, abi.KERN_INVALID_ARGUMENT
}

// Info is processor_set_info.
func (s *ProcessorSet) Info(f int32, room int) ([]uint32, abi.KernReturn) {
	if f != PROCESSOR_SET_BASIC_INFO {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	if room < 2 {
		return nil, abi.KERN_FAILURE
	}
	return []uint32{uint32(s.Sched.Count()), 1}, 0 // POLICY_TIMESHARE
}

// Statistics is processor_set_statistics: tasks, threads, load.
func (s *ProcessorSet) Statistics(f int32, room int) ([]uint32, abi.KernReturn) {
	if f != PROCESSOR_SET_LOAD_INFO {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	if room < 4 {
		return nil, abi.KERN_FAILURE
	}
	h := s.Host
	if h.Counts == nil || h.Load == nil {
		return nil, abi.KERN_NOT_SUPPORTED
	}
	tasks, threads := h.Counts()
	if s != h.Set {
		tasks, threads = 0, s.Sched.Members()
	}
	l := h.Load()[0]
	return []uint32{uint32(tasks), uint32(threads), l, uint32(max(int64(len(h.Processors))*1000-int64(l), 0))}, 0
}

// Now is clock_get_time: seconds and nanoseconds.
func (c *Clock) Now() (sec, nsec int64) {
	ns := int64(sched.Now())
	if c.ID == CALENDAR_CLOCK {
		ns = time.Now().UnixNano()
	}
	return ns / 1e9, ns % 1e9
}
