package trap

import (
	"encoding/binary"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"puggle/abi"
	"puggle/machine"
)

// Space is a machine.Space: one shell.
type Space struct {
	m          *Machine
	pid        int
	ctl, reply machine.Phys
	bell       bell // the control thread's
	done       chan struct{}
	dead       atomic.Bool
	destroying atomic.Bool
	system     atomic.Bool // the kernel task

	mu     sync.Mutex // serialises orders; guards what follows
	seq    uint32
	nslots int
	mapped mapped
	place  placing    // of the control thread
	lost   uint32     // for how many orders the kernel is not to give way
	gone   bool       // dead, and its own pages are free
	idle   []*Context // destroyed: their host threads wait to be reused

	amu sync.Mutex // guards all; nothing is locked under it
	all []*Context
}

func (m *Machine) newSpaceRecord(ctl, reply machine.Phys, b bell) *Space {
	binary.LittleEndian.PutUint64(m.mem.Bytes(ctl, machine.PageSize)[32:], b.addr())
	return &Space{m: m, ctl: ctl, reply: reply, bell: b, done: make(chan struct{})}
}

// Done is closed when the shell is gone.
func (s *Space) Done() <-chan struct{} { return s.done }

// HostPID is the shell's pid.
func (s *Space) HostPID() int { return s.pid }

// SetSystem says that the space is the kernel task's.
func (s *Space) SetSystem() { s.system.Store(true) }

// Destroy kills the shell. Its memory is given back when it is gone.
func (s *Space) Destroy() {
	if s.destroying.Swap(true) || s.dead.Load() {
		return
	}
	unix.Kill(s.pid, unix.SIGKILL)
}

// died is called once, by the reaper, after the shell's process has ended.
func (s *Space) died(ws unix.WaitStatus) {
	s.dead.Store(true)
	if !s.destroying.Load() && s != s.m.zygote {
		why := fmt.Sprintf("exit status %d", ws.ExitStatus())
		if ws.Signaled() {
			why = ws.Signal().String()
		}
		fmt.Fprintf(os.Stderr, "puggle: the host's process %d, in which a guest ran, has ended: %s\n", s.pid, why)
	}
	// Before s.mu, whose holder may be waiting for the shell.
	atomic.AddUint32(s.m.mem.word(s.ctl+ackOffset), ^uint32(0)) // whoever is about to wait must not
	futexWake(s.m.mem.word(s.ctl + ackOffset))
	s.amu.Lock()
	for _, c := range s.all {
		c.spaceDied()
	}
	s.amu.Unlock()
	close(s.done)

	s.m.mu.Lock()
	delete(s.m.spaces, s)
	s.m.mu.Unlock()

	if s == s.m.zygote {
		return
	}
	// No host thread of the shell can touch its pages any more, and Go code
	// reaches slots only through contexts, which see dead first.
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m.mem.Free(s.ctl, ctlPages*machine.PageSize)
	s.m.mem.Free(s.reply, machine.PageSize)
	s.m.bells.release(s.bell)
	s.idle = nil
	s.gone = true
	s.amu.Lock()
	defer s.amu.Unlock()
	for _, c := range s.all {
		s.reclaim(c)
	}
}

// Apply changes translations.
func (s *Space) Apply(ops []machine.PmapOp) error {
	for i := range ops {
		op := &ops[i]
		if op.Len == 0 {
			continue
		}
		if (uint64(op.Va)|op.Len)&machine.PageMask != 0 ||
			op.Va < machine.MinAddr || op.Va >= machine.SlotBase || op.Len > uint64(machine.SlotBase-op.Va) {
			return fmt.Errorf("machine: bad translation %#x+%#x", op.Va, op.Len)
		}
		if op.Kind == machine.PmapEnter && (uint64(op.Pa)&machine.PageMask != 0 || uint64(op.Pa)+op.Len > s.m.mem.size) {
			return fmt.Errorf("machine: bad physical address %#x", op.Pa)
		}
	}
	if s.destroying.Load() {
		<-s.done // it carries out nothing any more, but its threads may not have ended
		return machine.ErrDead
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var buf [16]order
	orders := buf[:0]
	for i := range ops {
		op := &ops[i]
		if op.Len == 0 {
			continue
		}
		o := order{0, uint64(op.Va), op.Len, hostProt(op.Prot)}
		switch op.Kind {
		case machine.PmapEnter:
			o[0], o[4], o[5], o[6] = unix.SYS_MMAP, unix.MAP_SHARED|unix.MAP_FIXED|unix.MAP_NORESERVE, 3, uint64(op.Pa)
			if op.Soon {
				o[4] |= unix.MAP_POPULATE
			}
		case machine.PmapRemove:
			o[0], o[3] = unix.SYS_MUNMAP, 0
		case machine.PmapProtect:
			o[0] = unix.SYS_MPROTECT
		}
		orders = s.mapped.append(orders, o)
	}
	for len(orders) > 0 {
		n := min(len(orders), ordersMax)
		if err := s.apply(orders[:n]); err != nil {
			s.mapped = mapped{lost: true}
			return err
		}
		orders = orders[n:]
	}
	return nil
}

func hostProt(p abi.Prot) uint64 {
	h := uint64(p & 7) // the bits are the same
	if h&unix.PROT_WRITE != 0 {
		h |= unix.PROT_READ // as on amd64
	}
	return h
}

// apply performs a batch, going on behind an mprotect that met a hole. s.mu is held.
func (s *Space) apply(orders []order) error {
	for len(orders) > 0 {
		n, errno, _, err := s.submit(orders)
		if err != nil {
			return err
		}
		if n == len(orders) {
			return nil
		}
		if orders[n][0] == unix.SYS_MPROTECT && errno == unix.ENOMEM {
			if err := s.protectMapped(orders[n]); err != nil {
				return err
			}
			orders = orders[n+1:]
			continue
		}
		if errno == unix.ENOMEM {
			return machine.ErrNoMemory
		}
		return fmt.Errorf("machine: host refused order %v: %w", orders[n], errno)
	}
	return nil
}
