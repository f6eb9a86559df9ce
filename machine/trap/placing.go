package trap

import (
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// placing is where a host thread of ours may run that works while a guest thread
// waits for it: a control thread, or a thread of the kernel task. It is the CPU where
// the guest thread makes room, plus 1; 0 is any. There it is woken without an interrupt,
// and a control thread, which has the guest's address space, flushes translations
// without one. Left to itself, the host would often wake it where the kernel spins.
type placing uint32

// beside places thread tid where c's thread is.
func (p *placing) beside(tid int, c *Context) {
	p.at(tid, atomic.LoadUint32(&c.slot.cpu))
}

// at places it on a CPU.
func (p *placing) at(tid int, cpu uint32) {
	if placing(cpu+1) != *p && cpu < 1024 {
		var set unix.CPUSet
		set.Set(int(cpu))
		unix.SchedSetaffinity(tid, &set) // a hint: it may fail
		*p = placing(cpu + 1)
	}
}

// anywhere lets it run on any CPU, if its place is the one where we are to wait for
// it, or in any case.
func (p *placing) anywhere(m *Machine, tid int, always bool) {
	if *p != 0 && (always || *p == placing(cpuNumber()+1)) {
		unix.SchedSetaffinity(tid, &m.cpus)
		*p = 0
	}
}
