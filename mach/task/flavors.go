package task

import (
	"encoding/binary"

	"puggle/abi"
	"puggle/mach/sched"
	"puggle/machine"
)

var le = binary.LittleEndian

// flavor is one form in which a thread's state is shown.
type flavor struct {
	count int // words
	get   func(s *threadState) []uint32
	set   func(s *threadState, w []uint32) KernReturn // nil: can't be set
}

var flavors = map[int32]flavor{
	abi.X86_THREAD_STATE64:    {abi.X86_THREAD_STATE64_COUNT, getThread64, setThread64},
	abi.X86_FLOAT_STATE64:     {abi.X86_FLOAT_STATE64_COUNT, getFloat64, setFloat64},
	abi.X86_EXCEPTION_STATE64: {abi.X86_EXCEPTION_STATE64_COUNT, getException64, nil},
	abi.X86_THREAD_STATE:      headed(abi.X86_THREAD_STATE64, abi.X86_THREAD_STATE64_COUNT, getThread64, setThread64),
	abi.X86_FLOAT_STATE:       headed(abi.X86_FLOAT_STATE64, abi.X86_FLOAT_STATE64_COUNT, getFloat64, setFloat64),
	abi.X86_EXCEPTION_STATE:   headed(abi.X86_EXCEPTION_STATE64, abi.X86_EXCEPTION_STATE64_COUNT, getException64, nil),
}

// headed is the form that says itself, in two words, what it is.
func headed(inner int32, count int, get func(*threadState) []uint32, set func(*threadState, []uint32) KernReturn) flavor {
	f := flavor{count: count + 2, get: func(s *threadState) []uint32 {
		return append([]uint32{uint32(inner), uint32(count)}, get(s)...)
	}}
	if set != nil {
		f.set = func(s *threadState, w []uint32) KernReturn {
			if w[0] != uint32(inner) || w[1] != uint32(count) {
				return abi.KERN_INVALID_ARGUMENT
			}
			return set(s, w[2:])
		}
	}
	return f
}

// StateCount is how many words a flavour has, 0 if there is none such.
func StateCount(f int32) int { return flavors[f].count }

// State is thread_get_state, in words; by is the thread that asks, nil for the
// kernel. KERN_INVALID_ARGUMENT (flavour, or too little room), KERN_FAILURE,
// KERN_TERMINATED.
func (th *Thread) State(by *sched.Thread, fl int32, room int) (w []uint32, kr KernReturn) {
	if fl == abi.THREAD_STATE_FLAVOR_LIST {
		l := []uint32{abi.X86_THREAD_STATE, abi.X86_FLOAT_STATE, abi.X86_EXCEPTION_STATE}
		if room < len(l) {
			return nil, abi.KERN_INVALID_ARGUMENT
		}
		return l, abi.KERN_SUCCESS
	}
	f, ok := flavors[fl]
	if !ok || room < f.count {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	kr = th.access(by, func(s *threadState) { w = f.get(s) })
	return w, kr
}

// SetState is thread_set_state. KERN_INVALID_ARGUMENT, and as State.
func (th *Thread) SetState(by *sched.Thread, fl int32, w []uint32) KernReturn {
	f, ok := flavors[fl]
	if !ok || f.set == nil || len(w) < f.count {
		return abi.KERN_INVALID_ARGUMENT
	}
	res := abi.KERN_SUCCESS
	kr := th.access(by, func(s *threadState) {
		if res = f.set(s, w); res == abi.KERN_SUCCESS {
			s.dirty = true
		}
	})
	if kr == abi.KERN_SUCCESS {
		kr = res
	}
	return kr
}

// words are the registers in the order of x86_thread_state64_t.
func words(r *machine.Regs) [21]*uint64 {
	return [21]*uint64{&r.Rax, &r.Rbx, &r.Rcx, &r.Rdx, &r.Rdi, &r.Rsi, &r.Rbp, &r.Rsp,
		&r.R8, &r.R9, &r.R10, &r.R11, &r.R12, &r.R13, &r.R14, &r.R15, &r.Rip, &r.Rflags, &r.Cs, &r.Fs, &r.Gs}
}

func getThread64(s *threadState) []uint32 {
	w := make([]uint32, 0, abi.X86_THREAD_STATE64_COUNT)
	for _, v := range words(&s.regs) {
		w = append(w, uint32(*v), uint32(*v>>32))
	}
	return w
}

// setThread64: unsafe flags and selectors are the machine's to drop. An
// address that is not canonical is refused, as XNU refuses it.
func setThread64(s *threadState, w []uint32) KernReturn {
	r := s.regs
	for i, p := range words(&r) {
		*p = uint64(w[2*i]) | uint64(w[2*i+1])<<32
	}
	if machine.Addr(r.Rip) >= machine.UserEnd || machine.Addr(r.Rsp) >= machine.UserEnd {
		return abi.KERN_INVALID_ARGUMENT
	}
	r.Cs, r.Fs, r.Gs = s.regs.Cs, s.regs.Fs, s.regs.Gs
	s.regs = r
	return abi.KERN_SUCCESS
}

// x86_float_state64_t is two reserved words, the 512 bytes of FXSAVE, and one
// more word.
func getFloat64(s *threadState) []uint32 {
	w := make([]uint32, abi.X86_FLOAT_STATE64_COUNT)
	for i := range 128 {
		if 4*i+4 <= len(s.xstate) {
			w[2+i] = le.Uint32(s.xstate[4*i:])
		}
	}
	return w
}

func setFloat64(s *threadState, w []uint32) KernReturn {
	if len(s.xstate) < 576 {
		return abi.KERN_FAILURE
	}
	// The last 96 bytes of the area are the processor's own; of MXCSR only
	// the bits that exist may be set, or its restore faults.
	for i := range 104 {
		v := w[2+i]
		if i == 6 {
			v &= 0xffff
		}
		if i == 7 {
			continue
		}
		le.PutUint32(s.xstate[4*i:], v)
	}
	s.xstate[512] |= 3 // x87 and SSE are present
	return abi.KERN_SUCCESS
}

// x86_exception_state64_t: trap number and cpu, error, fault address.
func getException64(s *threadState) []uint32 {
	t := s.trap
	num, code := uint32(t.Vector), t.Code
	if t.Kind == machine.TrapFault {
		num, code = 14, 4
		if t.Present {
			code |= 1
		}
		if t.Write {
			code |= 2
		}
		if t.Exec {
			code |= 16
		}
	}
	return []uint32{num & 0xffff, code, uint32(t.Addr), uint32(t.Addr >> 32)}
}
