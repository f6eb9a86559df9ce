package nextbus

import (
	"encoding/binary"
	"sync"
	"time"
)

// The example board: 64 KB of memory and a small engine that sums it up.
const (
	SumManufacturer = 0x0421
	SumBoardID      = 0x0090

	// Registers in the slot space.
	SumFlags   = 0x100 // 32 bits: read and written by the guest only
	SumCommand = 0x104 // 8 bits: SumStart, SumStop; write only
	SumStatus  = 0x108 // 8 bits: SumBusy, SumDone; reading it clears nothing
	SumCount   = 0x10c // 16 bits: how many words are to be summed, up to 16,384
	SumResult  = 0x110 // 32 bits: read only

	SumStart = 1 // begin; the board interrupts when it is done
	SumStop  = 2 // take SumDone and the interrupt back

	SumBusy = 0x01
	SumDone = 0x80

	// SumMemory is the size of its memory, at offset 0 of the board space; 8-,
	// 16- and 32-bit accesses.
	SumMemory = 64 << 10
)

// SumBoard is the example of a board: it adds the first SumCount 32-bit words of its
// memory and interrupts.
type SumBoard struct {
	// Delay is how long it takes; 0 is at once.
	Delay time.Duration

	mu            sync.Mutex
	slot          *Slot
	memory        [SumMemory]byte
	flags, result uint32
	count         uint16
	status        byte
	starts        int
}

// ID implements Board.
func (b *SumBoard) ID() (manufacturer, board uint16) { return SumManufacturer, SumBoardID }

// Attach implements Board.
func (b *SumBoard) Attach(s *Slot) {
	b.mu.Lock()
	b.slot = s
	b.mu.Unlock()
}

// sumWidths are the registers' widths, by offset.
var sumWidths = map[uint32]int{SumFlags: 4, SumCommand: 1, SumStatus: 1, SumCount: 2, SumResult: 4}

// Width implements Board.
func (b *SumBoard) Width(space Space, off uint32) int {
	if space == BoardSpace {
		if off < SumMemory {
			return 4
		}
		return 0
	}
	return sumWidths[off]
}

// Read implements Board.
func (b *SumBoard) Read(space Space, off uint32, width int) uint32 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if space == BoardSpace {
		var w [4]byte
		copy(w[:width], b.memory[off:])
		return binary.LittleEndian.Uint32(w[:])
	}
	switch off {
	case SumFlags:
		return b.flags
	case SumStatus:
		return uint32(b.status)
	case SumCount:
		return uint32(b.count)
	case SumResult:
		return b.result
	}
	return 0
}

// Write implements Board.
func (b *SumBoard) Write(space Space, off uint32, width int, v uint32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if space == BoardSpace {
		var w [4]byte
		binary.LittleEndian.PutUint32(w[:], v)
		copy(b.memory[off:], w[:width])
		return
	}
	switch off {
	case SumFlags:
		b.flags = v
	case SumCount:
		b.count = min(uint16(v), SumMemory/4)
	case SumCommand:
		b.command(byte(v))
	}
}

func (b *SumBoard) command(v byte) {
	switch {
	case v == SumStart && b.status&SumBusy == 0:
		b.status = SumBusy
		b.starts++
		n := b.starts
		if b.Delay == 0 {
			b.done()
			return
		}
		time.AfterFunc(b.Delay, func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			if b.starts == n && b.status == SumBusy {
				b.done()
			}
		})
	case v == SumStop:
		b.status = 0
		if b.slot != nil {
			b.slot.Interrupt(false)
		}
	}
}

// done finishes the sum. b.mu is held; raising the line does not call back.
func (b *SumBoard) done() {
	b.result = 0
	for i := range int(b.count) {
		b.result += binary.LittleEndian.Uint32(b.memory[4*i:])
	}
	b.status = SumDone
	if b.slot != nil {
		b.slot.Interrupt(true)
	}
}
