package vm

import "puggle/abi"

// Limit says which of a map's limits is meant: both are of all that is mapped, as XNU has it.
type Limit int

const (
	SizeLimit Limit = iota // RLIMIT_AS
	DataLimit              // RLIMIT_DATA
)

// SetLimit is vm_map_set_size_limit and vm_map_set_data_limit: from now on Enter and Allocate
// give KERN_NO_SPACE for what would make the map greater than n bytes. n 2^63-1 and above is no
// limit. KERN_INVALID_ARGUMENT, and nothing changes, when the map is greater already.
func (m *Map) SetLimit(which Limit, n uint64) abi.KernReturn {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n >= abi.RLIM_INFINITY {
		m.limits[which] = 0
		return abi.KERN_SUCCESS
	}
	if n < m.size {
		return abi.KERN_INVALID_ARGUMENT
	}
	m.limits[which] = max(n, 1)
	return abi.KERN_SUCCESS
}

// roomFor says whether size more bytes, at addr if that is fixed, keep the limits. m is locked.
func (m *Map) roomFor(addr Addr, size uint64, flags Flags) bool {
	most := m.limits[SizeLimit]
	if d := m.limits[DataLimit]; d != 0 && (most == 0 || d < most) {
		most = d
	}
	if most == 0 {
		return true
	}
	now := m.size
	m.overwritten(addr, size, flags, func(_ *Entry, n uint64) { now -= n })
	return now <= most && size <= most-now
}

// roomToWire is roomFor of LimitWired, for what is to be wired.
func (m *Map) roomToWire(addr Addr, size uint64, flags Flags) bool {
	most := m.wireLimit()
	if most == ^uint64(0) {
		return true
	}
	now := m.wiredSize()
	m.overwritten(addr, size, flags, func(e *Entry, n uint64) {
		if e.wired > 0 {
			now -= n
		}
	})
	return now <= most && size <= most-now
}

// overwritten calls part for what Enter with these arguments removes, and its size.
func (m *Map) overwritten(addr Addr, size uint64, flags Flags, part func(e *Entry, n uint64)) {
	if flags&(Anywhere|Overwrite) != Overwrite {
		return
	}
	end := addr + Addr(size)
	for i := m.find(addr); i < len(m.entries) && m.entries[i].start < end; i++ {
		e := m.entries[i]
		part(e, uint64(min(e.end, end)-max(e.start, addr)))
	}
}
