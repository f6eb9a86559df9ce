package host

import (
	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/sched"
)

// maxSets bounds the processor sets of a machine.
const maxSets = 64

// Processor is one CPU. Host.mu guards set.
type Processor struct {
	Host *Host
	Slot int
	port kernelPort
	set  *ProcessorSet // nil: out of use
}

// ProcessorSet is processors, and the threads that run on them only.
type ProcessorSet struct {
	Host  *Host
	Sched *sched.ProcessorSet
	port  kernelPort // processor_set_t
	name  kernelPort // processor_set_name_t
}

func (h *Host) makeSets() {
	s := h.Tasks.Processors
	if s == nil {
		s = sched.NewProcessorSet(len(h.Processors))
	}
	h.offline = sched.NewProcessorSet(0)
	h.Set = &ProcessorSet{Host: h, Sched: s}
	h.sets = []*ProcessorSet{h.Set}
	for _, p := range h.Processors {
		p.set = h.Set
	}
}

// NewSet is processor_set_create: a set without processors. It lives until it is
// destroyed, or, without processors, until nobody has a right to it.
// KERN_RESOURCE_SHORTAGE.
func (h *Host) NewSet() (*ProcessorSet, abi.KernReturn) {
	s := &ProcessorSet{Host: h, Sched: sched.NewProcessorSet(0)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.sets) >= maxSets {
		return nil, abi.KERN_RESOURCE_SHORTAGE
	}
	h.sets = append(h.sets, s)
	s.Port().OnNoSenders(func(p *ipc.Port) {
		if !p.HasSenders() && s.Sched.Count() == 0 {
			h.DestroySet(s, nil)
		}
	})
	return s, abi.KERN_SUCCESS
}

// Sets is all sets, the default one first.
func (h *Host) Sets() []*ProcessorSet {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]*ProcessorSet(nil), h.sets...)
}

// SetOf finds the set of a thread or task from the scheduler's.
func (h *Host) SetOf(s *sched.ProcessorSet) *ProcessorSet {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, x := range h.sets {
		if x.Sched == s {
			return x
		}
	}
	return h.Set
}

// DestroySet ends a set: evict moves its threads and tasks to the default set,
// its processors follow. KERN_FAILURE for the default set, and for a set that
// threads came into meanwhile.
func (h *Host) DestroySet(s *ProcessorSet, evict func()) abi.KernReturn {
	if s == h.Set {
		return abi.KERN_FAILURE
	}
	h.mu.Lock()
	at := -1
	for i, x := range h.sets {
		if x == s {
			at = i
		}
	}
	if at < 0 {
		h.mu.Unlock()
		return abi.KERN_INVALID_ARGUMENT
	}
	h.sets = append(h.sets[:at:at], h.sets[at+1:]...)
	h.mu.Unlock()
	if evict != nil {
		evict()
	}
	h.mu.Lock()
	for _, p := range h.Processors {
		if p.set != s {
			continue
		}
		// Threads that are on their way out keep the last one until they
		// have gone; it is moved when the last of them has.
		p.set = h.Set
		s.Sched.Drain(h.Set.Sched)
	}
	h.mu.Unlock()
	s.Port().DestroyKernel()
	s.NamePort().DestroyKernel()
	return abi.KERN_SUCCESS
}

// Assigned is the set that p is in, nil if it is out of use.
func (p *Processor) Assigned() *ProcessorSet {
	p.Host.mu.Lock()
	defer p.Host.mu.Unlock()
	return p.set
}

// Assign is processor_assign; a nil set takes p out of use. KERN_FAILURE when
// threads would be left without a processor.
func (p *Processor) Assign(to *ProcessorSet) abi.KernReturn {
	h := p.Host
	h.mu.Lock()
	defer h.mu.Unlock()
	of := func(s *ProcessorSet) *sched.ProcessorSet {
		if s == nil {
			return h.offline
		}
		return s.Sched
	}
	if p.set == to {
		return abi.KERN_SUCCESS
	}
	if to != nil {
		known := false
		for _, s := range h.sets {
			known = known || s == to
		}
		if !known {
			return abi.KERN_INVALID_ARGUMENT
		}
	}
	from := of(p.set)
	if from.Count() <= 1 && p.set == h.Set {
		return abi.KERN_FAILURE
	}
	if sched.MoveProcessor(from, of(to)) != nil {
		return abi.KERN_FAILURE
	}
	p.set = to
	return abi.KERN_SUCCESS
}
