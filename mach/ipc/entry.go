package ipc

import "puggle/abi"

// Entry is an ipc_entry: what a space has under one name. Space.mu guards it.
type Entry struct {
	typ   abi.PortType // NONE when free; SEND and RECEIVE may be together
	urefs uint32       // of send rights, or of the dead name
	gen   uint8        // the name's low byte; its two low bits are always set
	inUse bool         // not on the free list
	noted bool         // port.requests may have a request for this name
	port  *Port
	pset  *PortSet
	next  uint32 // free list
	prev  uint32
}

// The table is in two levels, so that entries don't move and a look-up costs
// the same at every size. Index 0 is never used.
const (
	chunkShift = 8
	chunkSize  = 1 << chunkShift
	// maxChunks bounds one space to 2,097,152 names.
	maxChunks = 1 << 13
)

type chunk [chunkSize]Entry

type entryTable struct {
	chunks []*chunk
	free   uint32 // head of the free list, 0 if empty
	count  int    // entries in use
}

func makeName(index uint32, gen uint8) abi.PortName {
	return abi.PortName(index<<8 | uint32(gen))
}

func (t *entryTable) at(index uint32) *Entry {
	c := index >> chunkShift
	if int(c) >= len(t.chunks) || t.chunks[c] == nil {
		return nil
	}
	return &t.chunks[c][index&(chunkSize-1)]
}

// lookup is ipc_entry_lookup: the entry in use under n, nil if there is none.
func (t *entryTable) lookup(n abi.PortName) *Entry {
	e := t.at(uint32(n) >> 8)
	if e == nil || e.typ == abi.MACH_PORT_TYPE_NONE || e.gen != uint8(n) {
		return nil
	}
	return e
}

func (t *entryTable) pushFree(index uint32) {
	e := t.at(index)
	e.inUse, e.prev, e.next = false, 0, t.free
	if t.free != 0 {
		t.at(t.free).prev = index
	}
	t.free = index
}

func (t *entryTable) popFree(index uint32) {
	e := t.at(index)
	if e.prev != 0 {
		t.at(e.prev).next = e.next
	} else {
		t.free = e.next
	}
	if e.next != 0 {
		t.at(e.next).prev = e.prev
	}
	e.inUse, e.next, e.prev = true, 0, 0
}

// grow adds chunk c.
func (t *entryTable) grow(c int) bool {
	if c >= maxChunks {
		return false
	}
	for len(t.chunks) <= c {
		t.chunks = append(t.chunks, nil)
	}
	t.chunks[c] = new(chunk)
	for i := chunkSize - 1; i >= 0; i-- { // lowest names first
		index := uint32(c<<chunkShift + i)
		if index == 0 {
			continue
		}
		t.chunks[c][i].gen = 0xff // the first use makes it 3
		t.pushFree(index)
	}
	return true
}

// alloc takes a free entry; nil if there is no room.
func (t *entryTable) alloc() (*Entry, abi.PortName) {
	if t.free == 0 {
		c := 0
		for c < len(t.chunks) && t.chunks[c] != nil {
			c++
		}
		if !t.grow(c) {
			return nil, 0
		}
	}
	index := t.free
	t.popFree(index)
	e := t.at(index)
	e.gen += 4 // stale names of the entry's earlier lives don't match
	t.count++
	return e, makeName(index, e.gen)
}

// allocName takes the entry of one name: KERN_NAME_EXISTS if it is in use, KERN_FAILURE
// if another name has the same slot, or the slot is the reserved one, KERN_INVALID_VALUE
// without a generation's low bits, KERN_NO_SPACE when it is out of range.
func (t *entryTable) allocName(n abi.PortName) (*Entry, abi.KernReturn) {
	if kr := t.checkName(n); kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	index := uint32(n) >> 8
	if t.at(index) == nil && !t.grow(int(index>>chunkShift)) {
		return nil, abi.KERN_NO_SPACE
	}
	e := t.at(index)
	if e.inUse {
		return nil, abi.KERN_NAME_EXISTS
	}
	t.popFree(index)
	e.gen = uint8(n)
	t.count++
	return e, abi.KERN_SUCCESS
}

// checkName says whether n may be a name in t, in use or not: the errors of allocName,
// but KERN_NAME_EXISTS.
func (t *entryTable) checkName(n abi.PortName) abi.KernReturn {
	index := uint32(n) >> 8
	switch {
	case index >= maxChunks*chunkSize:
		return abi.KERN_NO_SPACE
	case n&3 != 3:
		return abi.KERN_INVALID_VALUE
	case index == 0:
		return abi.KERN_FAILURE
	}
	if e := t.at(index); e != nil && e.inUse && e.gen != uint8(n) {
		return abi.KERN_FAILURE
	}
	return abi.KERN_SUCCESS
}

// dealloc frees an entry; its rights have been dealt with.
func (t *entryTable) dealloc(n abi.PortName, e *Entry) {
	gen := e.gen
	*e = Entry{gen: gen | 3}
	t.pushFree(uint32(n) >> 8)
	t.count--
}

// each calls fn for every entry in use, in order of index.
func (t *entryTable) each(fn func(n abi.PortName, e *Entry)) {
	for c, ch := range t.chunks {
		if ch == nil {
			continue
		}
		for i := range ch {
			if e := &ch[i]; e.typ != abi.MACH_PORT_TYPE_NONE {
				fn(makeName(uint32(c<<chunkShift+i), e.gen), e)
			}
		}
	}
}
