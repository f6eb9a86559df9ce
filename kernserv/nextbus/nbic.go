package nextbus

import (
	"math/bits"
	"sync"
)

// Offsets of the NBIC's bytes in a slot space.
const (
	OffInterrupt = 0xff_ffe8
	OffMask      = 0xff_ffec
	OffID        = 0xff_fff0 // four words

	// IntrBit is the one bit of the interrupt and the mask byte that counts.
	IntrBit = 0x80
	// Valid is bit 31 of the ID register: the VALID bit, 0x80 of its first byte.
	Valid = 1 << 31
)

// nbic is the chip of one board.
type nbic struct {
	mu      sync.Mutex
	id      uint32
	line    bool // the board wants to interrupt
	mask    byte
	control uint32
}

func (c *nbic) reset(b Board) {
	m, n := b.ID()
	c.id, c.mask = Valid|uint32(m&0x7fff)<<16|uint32(n), IntrBit
}

func (c *nbic) ignoresSlotID() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.control&IGNSID0 != 0
}

func (c *nbic) asserted() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.line && c.mask&IntrBit != 0
}

func (c *nbic) setMask(v byte) (rises bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was := c.mask
	c.mask = v & IntrBit
	return was == 0 && c.mask != 0 && c.line
}

// read gives a byte of the chip by its word's offset.
func (c *nbic) read(off uint32) byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch off &^ 3 {
	case OffInterrupt:
		if c.line {
			return IntrBit // masked or not
		}
		return 0
	case OffMask:
		return c.mask
	}
	return byte(c.id >> (24 - 8*(off>>2&3)))
}

// Slot is a slot with a board in it.
type Slot struct {
	Number int
	Board  Board

	bus  *Bus
	nbic nbic
}

// Interrupt raises or drops the board's interrupt line. It doesn't block.
func (s *Slot) Interrupt(on bool) {
	s.nbic.mu.Lock()
	rises := on && !s.nbic.line && s.nbic.mask&IntrBit != 0
	s.nbic.line = on
	s.nbic.mu.Unlock()
	if rises {
		s.bus.raise()
	}
}

// SetControl writes the board's own NBIC control register, which only the board can
// reach: IGNSID0 makes it answer at the next slot's addresses, too.
func (s *Slot) SetControl(v uint32) {
	s.nbic.mu.Lock()
	s.nbic.control = v & (IGNSID0 | STFWD)
	s.nbic.mu.Unlock()
}

// SetValid sets or clears the VALID bit: a board that is not ready yet.
func (s *Slot) SetValid(v bool) {
	s.nbic.mu.Lock()
	s.nbic.id &^= Valid
	if v {
		s.nbic.id |= Valid
	}
	s.nbic.mu.Unlock()
}

func isNBIC(space Space, off uint32) bool { return space == SlotSpace && off >= OffInterrupt }

// width is how wide a device is. The interrupt and mask registers are one byte, the ID
// words may be read whole, and can't be written.
func (s *Slot) width(space Space, off uint32, write bool) int {
	if !isNBIC(space, off) {
		if off >= space.Size() {
			return 0
		}
		return s.Board.Width(space, off)
	}
	switch {
	case off >= OffID && !write:
		return 4
	case off == OffMask, off == OffInterrupt && !write:
		return 1
	}
	return 0
}

func (s *Slot) read(space Space, off uint32, width int) uint32 {
	if !isNBIC(space, off) {
		return s.swap(s.Board.Read(space, off, width), width)
	}
	if off&3 != 0 {
		return 0 // the word's other bytes
	}
	return s.swap(uint32(s.nbic.read(off)), width)
}

func (s *Slot) write(space Space, off uint32, width int, v uint32) {
	if !isNBIC(space, off) {
		s.Board.Write(space, off, width, s.swap(v, width))
		return
	}
	if s.nbic.setMask(byte(v)) {
		s.bus.raise()
	}
}

func (s *Slot) swap(v uint32, width int) uint32 {
	if x, ok := s.Board.(Swapper); ok && x.Swap() {
		switch width {
		case 2:
			return uint32(bits.ReverseBytes16(uint16(v)))
		case 4:
			return bits.ReverseBytes32(v)
		}
	}
	return v
}
