package mig

import (
	"puggle/abi"
	"puggle/mach/vm"
)

const (
	vmPageInfoBasic = 1
	// maxPageRange is how much one mach_vm_page_range_query looks at, in bytes.
	maxPageRange = 1 << 30
)

func vmPageQuery(_ *Call, m *vm.Map, at addr) (int32, int32, kret) {
	if m == nil {
		return 0, 0, abi.KERN_INVALID_ARGUMENT
	}
	i := m.PageInfo(at)
	return i.Disposition, i.RefCount, abi.KERN_SUCCESS
}

func vmPageInfo(_ *Call, m *vm.Map, at addr, flavor int32, room int) ([]uint32, kret) {
	switch {
	case m == nil || flavor != vmPageInfoBasic:
		return nil, abi.KERN_INVALID_ARGUMENT
	case room < 8:
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	i := m.PageInfo(at)
	w := wide([]uint32{uint32(i.Disposition), uint32(i.RefCount)}, i.ObjectID, i.Offset)
	return append(w, uint32(i.Depth), 0), abi.KERN_SUCCESS
}

// vmPageRangeQuery writes one int for each page to the caller's memory, and tells how
// many it wrote. KERN_INVALID_ADDRESS when it can't.
func vmPageRangeQuery(c *Call, m *vm.Map, at addr, size uint64, to addr, room uint64) (uint64, kret) {
	dst := callerMap(c)
	if m == nil || dst == nil || at+addr(size) < at {
		return 0, abi.KERN_INVALID_ARGUMENT
	}
	first, last := uint64(at)>>12, (uint64(at)+min(size, maxPageRange)+4095)>>12
	n := min(last-first, room)
	l, kr := m.PageDispositions(addr(first<<12), int(n))
	if kr != abi.KERN_SUCCESS {
		return 0, kr
	}
	b := make([]byte, 0, 4*len(l))
	for _, d := range l {
		b = le.AppendUint32(b, uint32(d))
	}
	if dst.CopyOut(to, b) != abi.KERN_SUCCESS {
		return 0, abi.KERN_INVALID_ADDRESS
	}
	return n, abi.KERN_SUCCESS
}
