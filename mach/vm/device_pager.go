package vm

import (
	"puggle/abi"
	"puggle/machine"
)

// devicePager is the device pager (003 ch. 7): memory that is a device's and not for
// general use, a frame buffer or a card's registers. The object's pages are the
// device's memory itself: what a guest writes is there at once, nothing is paged,
// and the memory stays when the object goes.
//
// The cache mode is kept and shown; the host maps all memory cached.
type devicePager struct {
	size  uint64
	cache int
	gone  func()
}

// NewDeviceObject makes an object over [phys, phys+size) of mem, which the caller
// keeps until gone (which may be nil) is called: then no guest sees it any more.
// cache is a MAP_MEM_* mode. It has one reference, the caller's; nil when phys or
// size are not whole pages.
func NewDeviceObject(mem machine.Memory, phys machine.Phys, size uint64, cache int, gone func()) *Object {
	if uint64(phys)&pageMask != 0 || size&pageMask != 0 || size == 0 {
		return nil
	}
	o := NewPagerObject(&devicePager{size, cache, gone}, size)
	o.mem, o.device, o.silent, o.shared = mem, true, true, true
	o.segs = []segment{{0, size >> pageShift, phys}}
	o.valid.set(0, size>>pageShift)
	return o
}

// PageIn is never called: all pages are there.
func (d *devicePager) PageIn(uint64, []byte) error { return errBeyondEnd }

// PageOut has nothing to do: the page is the device's own.
func (d *devicePager) PageOut(uint64, []byte) error { return nil }

func (d *devicePager) Size() uint64 { return d.size }

func (d *devicePager) Terminate() {
	if d.gone != nil {
		d.gone()
	}
}

// CacheAttribute is vm_machine_attribute's MATTR_CACHE with MATTR_VAL_GET:
// MATTR_VAL_OFF if any of [addr, addr+size) is mapped uncached. KERN_INVALID_ADDRESS
// for holes.
func (m *Map) CacheAttribute(addr Addr, size uint64) (int32, abi.KernReturn) {
	lo, hi, kr := m.check(addr, size)
	if kr != abi.KERN_SUCCESS {
		return 0, kr
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	if !m.covered(lo, hi) {
		return 0, abi.KERN_INVALID_ADDRESS
	}
	for i := m.find(lo); i < len(m.entries) && m.entries[i].start < hi; i++ {
		if o := m.entries[i].object; o != nil {
			if d, ok := o.pager.(*devicePager); ok && d.cache != abi.MAP_MEM_NOOP && d.cache != abi.MAP_MEM_COPYBACK {
				return abi.MATTR_VAL_OFF, abi.KERN_SUCCESS
			}
		}
	}
	return abi.MATTR_VAL_ON, abi.KERN_SUCCESS
}
