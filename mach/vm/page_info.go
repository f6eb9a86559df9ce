package vm

import "puggle/abi"

// PageInfo is what can be told of one page.
type PageInfo struct {
	Disposition int32 // VM_PAGE_QUERY_PAGE_*; 0 for a hole, and for a page not in memory
	RefCount    int32 // references to its object
	ObjectID    uint64
	Offset      uint64 // in the object, in bytes
	Depth       int32  // how many objects above the one that has it
}

// Bits of a disposition (<mach/vm_statistics.h>).
const (
	VM_PAGE_QUERY_PAGE_PRESENT  = 0x1
	VM_PAGE_QUERY_PAGE_REF      = 0x4
	VM_PAGE_QUERY_PAGE_DIRTY    = 0x8
	VM_PAGE_QUERY_PAGE_COPIED   = 0x20
	VM_PAGE_QUERY_PAGE_EXTERNAL = 0x80
)

// PageInfo is vm_map_page_info for the page at addr.
func (m *Map) PageInfo(addr Addr) (i PageInfo) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	e := m.entry(addr)
	if e == nil || e.object == nil {
		return i
	}
	addr &^= Addr(pageMask)
	o := e.object
	o.fam.mu.Lock()
	defer o.fam.mu.Unlock()
	page := e.page(addr)
	i.RefCount, i.ObjectID, i.Offset = int32(o.refs), o.id, page<<pageShift
	if o.dirty.has(page) {
		i.Disposition |= VM_PAGE_QUERY_PAGE_DIRTY
	}
	if e.needsCopy {
		i.Disposition |= VM_PAGE_QUERY_PAGE_COPIED
	}
	x := o.lookup(page, 1)
	if x.is != present || addr < e.lo && o.pager == nil || addr >= e.hi && o.pager == nil {
		return PageInfo{RefCount: i.RefCount, ObjectID: i.ObjectID, Offset: i.Offset}
	}
	if phys, _, ok := x.owner.placed(x.page, 1); !ok || inMemory(x.owner.mem, phys, 1) == 0 {
		return PageInfo{RefCount: i.RefCount, ObjectID: i.ObjectID, Offset: i.Offset}
	}
	i.Disposition |= VM_PAGE_QUERY_PAGE_PRESENT | VM_PAGE_QUERY_PAGE_REF
	for at := o; at != x.owner && at != nil; at = at.shadow {
		i.Depth++
	}
	if x.owner.pager != nil {
		i.Disposition |= VM_PAGE_QUERY_PAGE_EXTERNAL
	}
	i.Offset = x.page << pageShift
	return i
}

// PageDispositions is PageInfo's for n pages from addr; KERN_INVALID_ARGUMENT when the
// range wraps.
func (m *Map) PageDispositions(addr Addr, n int) ([]int32, abi.KernReturn) {
	if n < 0 || addr+Addr(uint64(n)<<pageShift) < addr {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	l := make([]int32, n)
	for k := range l {
		l[k] = m.PageInfo(addr + Addr(uint64(k)<<pageShift)).Disposition
	}
	return l, abi.KERN_SUCCESS
}
