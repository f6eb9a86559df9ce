package trap

import (
	"encoding/binary"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"puggle/machine"
)

// order is a host system call for the control thread: number and arguments, or one
// of these; see stub.S.
type order [7]uint64

const (
	newThread = ^uint64(0)
	newShell  = ^uint64(1)
)

// controlSpin is how many pauses the kernel spins for the control thread, on another
// CPU, before it sleeps. The control thread gives way controlYields times to the
// guest thread for which it works, whose CPU it is on, before it sleeps. Where no guest
// thread spins the control thread runs on the kernel's CPU, to which it is woken without an
// interrupt, and the kernel gives way orderYields times.
const (
	controlSpin   = 500
	controlYields = 6
	orderYields   = 30
	// lostOrders is for how many orders it does not, after that has cost a time slice.
	lostOrders = 100
)

// submit has orders carried out and returns how many succeeded; errno says why
// the next one failed, and res is the result of the last (untrusted: a guest
// can write to it; the zygote, whose results matter, has none). s.mu is held.
func (s *Space) submit(orders []order) (n int, errno unix.Errno, res uint64, err error) {
	if s.dead.Load() {
		return 0, 0, 0, machine.ErrDead
	}
	mem := s.m.mem
	ctl := mem.Bytes(s.ctl, ctlPages*machine.PageSize)
	rep := mem.Bytes(s.reply, machine.PageSize)
	le := binary.LittleEndian
	s.seq++
	seq := s.seq
	for i, o := range orders {
		for j, v := range o {
			le.PutUint64(ctl[0x40+64*i+8*j:], v)
		}
		le.PutUint64(ctl[0x40+64*i+56:], uint64(i+1)<<32|uint64(seq))
	}
	le.PutUint32(ctl[4:], uint32(len(orders)))
	le.PutUint64(ctl[16:], uint64(s.ctl)+ackOffset)
	le.PutUint64(ctl[24:], uint64(seq))
	ack, waits := mem.word(s.ctl+ackOffset), mem.word(s.ctl+12)
	last := orders[len(orders)-1][0]
	begets := last == newThread || last == newShell // who begins to run where this thread may
	by := s.m.caller(nil)
	if by != nil && (begets || !by.spins()) {
		by = nil
	}
	yields, here := uint32(0), false
	switch {
	case by != nil:
		s.place.beside(s.pid, by)
		yields = controlYields
	case begets:
		s.place.anywhere(s.m, s.pid, true)
	case s.lost > 0:
		s.lost--
		s.place.anywhere(s.m, s.pid, true)
	default:
		s.place.at(s.pid, cpuNumber())
		here = true
	}
	le.PutUint32(ctl[8:], yields)
	atomic.SwapUint32(mem.word(s.ctl), seq) // barriers, these two
	if atomic.LoadUint32(mem.word(s.reply+4)) == 0 {
		if by != nil {
			s.m.giveWay(by)
		}
	} else if by == nil || !s.m.handOff(by, s.bell) {
		s.m.ring(s.bell)
	}
	if !s.awaitControl(ack, seq-1, here) {
		s.place.anywhere(s.m, s.pid, here) // others compute here: elsewhere may be room
		atomic.SwapUint32(waits, 1)
		s.m.ring(s.bell) // the flag that said it was awake may have been a guest's
		for {
			v := atomic.LoadUint32(ack)
			if v == seq || s.dead.Load() {
				break
			}
			futexWait(ack, v)
		}
		atomic.StoreUint32(waits, 0)
	}
	if s.dead.Load() {
		return 0, 0, 0, machine.ErrDead
	}
	if failed := int(atomic.LoadUint32(mem.word(s.ctl + ackOffset + 4))); failed > 0 && failed <= len(orders) {
		return failed - 1, unix.Errno(atomic.LoadUint32(mem.word(s.ctl + ackOffset + 8))), 0, nil
	}
	return len(orders), 0, le.Uint64(rep[0x40+8*max(len(orders)-1, 0):]), nil
}

// awaitControl waits for the control thread's acknowledgement to be another than was, for
// a while: by giving way if the control thread is to run on this CPU. s.mu is held.
func (s *Space) awaitControl(ack *uint32, was uint32, here bool) bool {
	if !here {
		return spinWhile(ack, was, controlSpin)
	}
	came, lost := yieldWhile(ack, was, orderYields)
	if lost {
		s.lost = lostOrders
	}
	return came
}

// order submits one batch and gives the last result.
func (s *Space) order(orders []order) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, errno, res, err := s.submit(orders)
	if err == nil && n < len(orders) {
		err = errno
	}
	return res, err
}
