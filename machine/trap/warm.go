package trap

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"puggle/machine"
)

// Warm has the space make up to n host threads, for NewContext to use: all with one batch
// of orders, and none has to be sent back to wait. It may make fewer; whoever needs one
// then will see why.
func (s *Space) Warm(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead.Load() {
		return
	}
	var made []*Context
	for len(made) < min(n, warmMax) {
		c, err := s.newSlot()
		if err != nil {
			break
		}
		c.destroyed = true // it is nobody's: its slot is free when the shell is gone
		made = append(made, c)
	}
	if len(made) == 0 {
		return
	}
	k, _, err := s.begin(made)
	if err != nil {
		return
	}
	for _, c := range made[:k] {
		c.report()
		s.idle = append(s.idle, c)
	}
}

// warmMax bounds how many threads one batch makes: two orders each, with their stack_t
// behind them.
const warmMax = 32

// newSlot makes a context without a host thread. s.mu is held.
func (s *Space) newSlot() (*Context, error) {
	if s.nslots >= slotsMax {
		return nil, machine.ErrNoMemory
	}
	p, err := s.m.mem.allocOwn(slotSize)
	if err != nil {
		return nil, err
	}
	b := s.m.bells.alloc()
	if b == noBell {
		s.m.mem.Free(p, slotSize)
		return nil, machine.ErrNoMemory
	}
	c := &Context{wake: make(chan struct{}, 1), s: s, bell: b, p: p, slot: s.m.mem.slotAt(p), base: uint64(machine.SlotBase) + uint64(s.nslots)*slotSize, fresh: true}
	c.slot.bell = b.addr()
	s.nslots++
	return c, nil
}

// begin makes host threads for contexts that have none, at most warmMax, says for how
// many, and why not for more. They have reported for work before the next order. s.mu is held.
func (s *Space) begin(l []*Context) (int, unix.Errno, error) {
	// Their stack_t lie behind the orders, in CTL, which the guest can't write: each thread
	// reads its own, when it gets there.
	ctl := s.m.mem.Bytes(s.ctl, ackOffset)
	le := binary.LittleEndian
	var orders []order
	for i, c := range l {
		at := uint64(ackOffset - (i+1)*stackTSize)
		le.PutUint64(ctl[at:], c.base+altStack)
		le.PutUint64(ctl[at+8:], 0)
		le.PutUint64(ctl[at+16:], slotSize-altStack)
		orders = append(orders,
			order{unix.SYS_MMAP, c.base, slotSize, unix.PROT_READ | unix.PROT_WRITE, unix.MAP_SHARED | unix.MAP_FIXED, 3, uint64(c.p)},
			order{newThread, c.base, ctlBase + at})
	}
	n, errno, _, err := s.submit(orders)
	s.amu.Lock()
	s.all = append(s.all, l...)
	s.amu.Unlock()
	return n / 2, errno, err
}
