package nextbus

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// NumSlots is how many slots the architecture has; CubeSlots are those of the cube.
const NumSlots = 15

// CubeSlots lists the slots that exist in a cube, the CPU's first.
var CubeSlots = []int{0, 2, 4, 6}

// BackOrder is the slots' order as seen from the back, left to right.
var BackOrder = []int{6, 2, 0, 4}

// The CPU board's NBIC control register and its bits. A board's own has the same.
const (
	CPUControl = 0x0202_0000
	IGNSID0    = 1 << 28
	STFWD      = 1 << 27
	RMCOL      = 1 << 26 // not to be touched: writes to it are ignored
)

// Space is one of a board's two address spaces.
type Space uint8

const (
	BoardSpace Space = iota // 256 MB
	SlotSpace               // 16 MB
)

func (s Space) String() string { return [...]string{"board", "slot"}[s] }

// Size is the space's size in bytes.
func (s Space) Size() uint32 { return [...]uint32{256 << 20, 16 << 20}[s] }

// BusError is an access that no device answers.
type BusError struct {
	Addr  uint32
	Width int // bytes
	Write bool
	Why   string

	remote bool // found out by the other board's NBIC, or by nobody's answering
}

func (e *BusError) Error() string {
	what := "read"
	if e.Write {
		what = "write"
	}
	return fmt.Sprintf("bus error: %d-bit %s at %#08x: %s", 8*e.Width, what, e.Addr, e.Why)
}

// Board is what can be plugged in. Its methods may be called concurrently.
type Board interface {
	// ID gives the manufacturer's number (15 bits) and the board's.
	ID() (manufacturer, board uint16)
	// Width says how wide, in bytes, the device is that answers at an offset: 1, 2 or
	// 4; 0 for nothing there. The NBIC's part of the slot space is not asked for.
	Width(space Space, off uint32) int
	// Read and Write access a register: width is 1, 2 or 4, off a multiple of
	// it, and what Width allows.
	Read(space Space, off uint32, width int) uint32
	Write(space Space, off uint32, width int, v uint32)
	// Attach tells a board its slot; nil when it is taken out.
	Attach(slot *Slot)
}

// Swapper is a Board whose bytes are swapped in each 16- and 32-bit unit (2-13).
type Swapper interface{ Swap() bool }

// Bus is a NeXTbus with a CPU board. Make it with New.
type Bus struct {
	// Interrupt is called when a board asks for the CPU's attention: it arranges
	// for the polled handlers to be asked, at level 5, while Asserted says so. It
	// must not block. Set it before boards are plugged in; nil for nobody.
	Interrupt func()
	// Storm is told of a slot whose interrupt nobody stopped and which has
	// therefore been masked.
	Storm func(slot int)

	mu      sync.Mutex
	slots   [NumSlots]*Slot
	control uint32
	lost    atomic.Uint64
	vain    atomic.Int32
}

// New makes a cube's bus without boards.
func New() *Bus { return &Bus{control: IGNSID0 | STFWD} }

// Plug puts a board into a slot of the cube; one at a time.
func (b *Bus) Plug(slot int, board Board) (*Slot, error) {
	switch {
	case slot == 0:
		return nil, fmt.Errorf("slot 0 has the CPU board")
	case slot != 2 && slot != 4 && slot != 6:
		return nil, fmt.Errorf("there is no slot %d, only 2, 4 and 6", slot)
	}
	s := &Slot{Number: slot, Board: board, bus: b}
	s.nbic.reset(board)
	b.mu.Lock()
	if b.slots[slot] != nil {
		b.mu.Unlock()
		return nil, fmt.Errorf("slot %d is taken", slot)
	}
	b.slots[slot] = s
	b.mu.Unlock()
	board.Attach(s)
	return s, nil
}

// Unplug takes a board out; false if there is none.
func (b *Bus) Unplug(slot int) bool {
	if slot <= 0 || slot >= NumSlots {
		return false
	}
	b.mu.Lock()
	s := b.slots[slot]
	b.slots[slot] = nil
	b.mu.Unlock()
	if s == nil {
		return false
	}
	s.Board.Attach(nil)
	return true
}

// Slot gives what is in a slot, nil for nothing.
func (b *Bus) Slot(n int) *Slot {
	if n < 0 || n >= NumSlots {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.slots[n]
}

// LostWrites is how many writes failed after they had been acknowledged.
func (b *Bus) LostWrites() uint64 { return b.lost.Load() }

const intercepted = "intercepted by the CPU board"

// decode finds who answers at an address. why is set if it is nobody.
func (b *Bus) decode(addr uint32) (s *Slot, space Space, off uint32, why string) {
	n := int(addr >> 28)
	space, off = BoardSpace, addr&(1<<28-1)
	if n == 15 {
		space, n, off = SlotSpace, int(addr>>24&15), addr&(1<<24-1)
	}
	if n == 0 || n == 15 {
		return nil, space, off, "not on the NeXTbus"
	}
	if space == BoardSpace && (n == 2 || n == 4 || n == 6) && off >= 0x0200_c000 && off <= 0x0200_cfff {
		return nil, space, off, intercepted
	}
	if s = b.slots[n]; s == nil {
		if s = b.slots[n-1]; s != nil && !s.nbic.ignoresSlotID() {
			s = nil
		}
	}
	if s == nil {
		return nil, space, off, fmt.Sprintf("no board in slot %d", n)
	}
	return s, space, off, ""
}

// at checks an access and finds its slot; nil with no error for the CPU's register.
func (b *Bus) at(addr uint32, width int, write bool) (*Slot, Space, uint32, error) {
	fail := func(why string) (*Slot, Space, uint32, error) {
		return nil, 0, 0, &BusError{Addr: addr, Width: width, Write: write, Why: why}
	}
	if width != 1 && width != 2 && width != 4 {
		return fail("no such width")
	}
	if addr%uint32(width) != 0 {
		return fail("not aligned")
	}
	if addr == CPUControl && width == 4 {
		return nil, 0, 0, nil
	}
	b.mu.Lock()
	s, space, off, why := b.decode(addr)
	b.mu.Unlock()
	if s == nil {
		local := addr>>28 == 0 || why == intercepted
		return nil, 0, 0, &BusError{addr, width, write, why, !local}
	}
	switch w := s.width(space, off, write); {
	case w == 0:
		return nil, 0, 0, &BusError{addr, width, write, "no device there", true}
	case width > w:
		return fail(fmt.Sprintf("the device is %d bits wide", 8*w))
	}
	return s, space, off, nil
}

// Read reads 1, 2 or 4 bytes. The error is a *BusError.
func (b *Bus) Read(addr uint32, width int) (uint32, error) {
	s, space, off, err := b.at(addr, width, false)
	if err != nil {
		return 0, err
	}
	if s == nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.control, nil
	}
	return s.read(space, off, width), nil
}

// Write writes 1, 2 or 4 bytes. With STFWD set the CPU doesn't hear that nobody
// answers; what its own board refuses (the wrong width, the intercepted range) is an
// error still.
func (b *Bus) Write(addr uint32, width int, v uint32) error {
	s, space, off, err := b.at(addr, width, true)
	if err != nil {
		b.mu.Lock()
		forward := b.control&STFWD != 0
		b.mu.Unlock()
		var e *BusError
		if forward && errors.As(err, &e) && e.remote {
			b.lost.Add(1)
			return nil
		}
		return err
	}
	if s == nil {
		b.mu.Lock()
		b.control = v & (IGNSID0 | STFWD)
		b.mu.Unlock()
		return nil
	}
	s.write(space, off, width, v)
	return nil
}

// Probe is probe_rb: whether a byte can be read. Nothing is read of a board's
// device, whose registers may have side effects.
func (b *Bus) Probe(addr uint32) bool {
	if addr&^3 == CPUControl {
		return true
	}
	_, _, _, err := b.at(addr, 1, false)
	return err == nil
}

// Asserted says whether any board that may interrupt does.
func (b *Bus) Asserted() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.slots {
		if s != nil && s.nbic.asserted() {
			return true
		}
	}
	return false
}

// stormLimit is how often the handlers are asked without the line's dropping.
const stormLimit = 100

// Served is called when the polled handlers have been asked: an interrupt that
// nobody has stopped comes again, as on the real bus, but not for ever.
func (b *Bus) Served() {
	if !b.Asserted() {
		b.vain.Store(0)
		return
	}
	if b.vain.Add(1) < stormLimit {
		b.raise()
		return
	}
	b.vain.Store(0)
	for n := range b.slots {
		if s := b.Slot(n); s != nil && s.nbic.asserted() {
			s.nbic.setMask(0)
			if b.Storm != nil {
				b.Storm(n)
			}
		}
	}
}

func (b *Bus) raise() {
	if b.Interrupt != nil {
		b.Interrupt()
	}
}
