package vm

import (
	"sync"

	"puggle/abi"
)

// Pin is guest memory that stays where it is: windows on physical memory for a
// transfer that may sleep. The guest may unmap the range meanwhile; the memory
// pinned is then what the range had been. If the range was copied on write
// meanwhile (a fork, a message), the map may have other pages than the pinned ones by
// the end: then Release stores what came in through the map once more, so that the
// one who waited for it gets it.
type Pin struct {
	m      *Map
	addr   Addr
	size   uint64
	copies uint64 // Map.copies when it was made; writes only
	write  bool
	slices [][]byte
	owners []*Object
	first  [4][]byte
	own    [4]*Object
}

var pins = sync.Pool{New: func() any { return new(Pin) }}

// Slices are the windows, in order; together they are as long as the range.
func (p *Pin) Slices() [][]byte { return p.slices }

// Release ends the pin. The slices may not be used afterwards.
func (p *Pin) Release() {
	if p.write && p.m.copies.Load() != p.copies {
		b := make([]byte, 0, p.size)
		for _, w := range p.slices {
			b = append(b, w...)
		}
		p.m.CopyOut(p.addr, b)
	}
	for _, o := range p.owners {
		var r reaper
		o.fam.mu.Lock()
		o.unpin()
		o.unref(&r)
		o.fam.mu.Unlock()
		if r.list != nil {
			r.reap()
		}
	}
	*p = Pin{}
	pins.Put(p)
}

// Pin makes [addr, addr+n) accessible and keeps it. Errors are Fault's; nothing
// is pinned then. A pin for writing marks the pages of a file dirty.
func (m *Map) Pin(addr Addr, n uint64, access Prot) (*Pin, abi.KernReturn) {
	if addr+Addr(n) < addr || n > uint64(m.hi-m.lo) {
		return nil, abi.KERN_INVALID_ADDRESS
	}
	p := pins.Get().(*Pin)
	p.slices, p.owners = p.first[:0], p.own[:0]
	p.m, p.addr, p.size, p.copies = m, addr, n, m.copies.Load()
	var h hold
	for n > 0 {
		if kr := m.hold(&h, addr, access, false, false); kr != abi.KERN_SUCCESS {
			p.Release()
			return nil, kr
		}
		b, owner, _, kr := h.bytes(n, access)
		if kr != abi.KERN_SUCCESS {
			h.release()
			p.Release()
			return nil, kr
		}
		if k := len(p.owners); k == 0 || p.owners[k-1] != owner {
			owner.refs++
			owner.pins++
			p.owners = append(p.owners, owner)
		}
		h.release()
		p.slices = append(p.slices, b)
		addr, n = addr+Addr(len(b)), n-uint64(len(b))
	}
	p.write = access&abi.VM_PROT_WRITE != 0 && p.size > 0
	return p, abi.KERN_SUCCESS
}
