package nextbus

import (
	"fmt"
	"sync"

	"puggle/machine"
)

// MapUnit is what map_addr maps in, in bytes: the nominal page of a NeXT.
const MapUnit = 8192

// Mappings says which addresses of the kernel's map are device memory: what map_addr
// has given out. Its methods may be called concurrently.
type Mappings struct {
	Bus *Bus

	mu   sync.Mutex
	list []mapping
}

type mapping struct {
	virt machine.Addr
	phys uint32
	size uint32
}

// maxMappings bounds the list; NeXT's servers map a few registers each.
const maxMappings = 1024

// Extent gives the physical pages that size bytes at phys lie in.
func Extent(phys uint32, size int) (base, length uint32, err error) {
	base = phys &^ (MapUnit - 1)
	end := (uint64(phys) + uint64(max(size, 1)) + MapUnit - 1) &^ (MapUnit - 1)
	if size < 0 || end > 1<<32 || end-uint64(base) > 1<<28 {
		return 0, 0, fmt.Errorf("map_addr(%#x, %d): no such range", phys, size)
	}
	return base, uint32(end - uint64(base)), nil
}

// Find gives the address where a range is mapped already.
func (m *Mappings) Find(phys, size uint32) (machine.Addr, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, x := range m.list {
		if phys >= x.phys && uint64(phys)+uint64(size) <= uint64(x.phys)+uint64(x.size) {
			return x.virt + machine.Addr(phys-x.phys), true
		}
	}
	return 0, false
}

// Add enters a mapping: virt, where nothing is accessible, shows phys. False if
// there are too many.
func (m *Mappings) Add(virt machine.Addr, phys, size uint32) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.list) >= maxMappings {
		return false
	}
	m.list = append(m.list, mapping{virt, phys, size})
	return true
}

// Phys translates an address; false if it is not device memory.
func (m *Mappings) Phys(a machine.Addr) (uint32, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, x := range m.list {
		if uint64(a-x.virt) < uint64(x.size) {
			return x.phys + uint32(a-x.virt), true
		}
	}
	return 0, false
}

// Read implements Memory.
func (m *Mappings) Read(a machine.Addr, width int) (uint32, error) {
	p, ok := m.Phys(a)
	if !ok {
		return 0, fmt.Errorf("%#x is not device memory", uint64(a))
	}
	return m.Bus.Read(p, width)
}

// Write implements Memory.
func (m *Mappings) Write(a machine.Addr, width int, v uint32) error {
	p, ok := m.Phys(a)
	if !ok {
		return fmt.Errorf("%#x is not device memory", uint64(a))
	}
	return m.Bus.Write(p, width, v)
}
