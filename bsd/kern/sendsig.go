package kern

import (
	"crypto/rand"
	"encoding/binary"
	"slices"
	"sync"

	"puggle/abi"
	"puggle/machine"
)

// The signal frame, from high to low on the guest's stack, as XNU's sendsig
// lays it out for x86-64, with one addition at its top:
//
//	red zone (128 bytes below the interrupted rsp)
//	the full XSAVE image, its address in mcontext.fs.fpu_reserved
//	8 bytes: the length of the image
//	ucontext64 (56), siginfo (104), mcontext64 (708), padding to 16
//	8 bytes: rsp at the trampoline, so that rsp is 8 mod 16
//
// Programs see and may change the x87 and SSE state in the mcontext; the rest
// of the extended state goes by way of the image. Both are only as good as
// what the guest left there: SetXstate makes any image harmless.

const redZone = 128

// sigBuffer is where frames are made and read: as much as they need, and no longer
// than a call takes.
type sigBuffer struct{ xs, frame []byte }

var sigBuffers = sync.Pool{New: func() any { return new(sigBuffer) }}

// sendsig makes the thread run the handler of sig when it enters the guest.
// old is the mask that sigreturn restores. A stack that can't be written ends
// the process with SIGILL, as on Darwin.
func (ut *Uthread) sendsig(sig abi.Signal, a Sigaction, old Sigset, info abi.Siginfo) {
	th := ut.Thread
	m := ut.Proc.Map()
	ctx := th.Context()
	r := *ctx.Regs()

	onstack := ut.onstack
	sp := r.Rsp
	if a.Flags&abi.SA_ONSTACK != 0 && ut.sigstk.Size != 0 && !onstack {
		sp = ut.sigstk.SP + ut.sigstk.Size
		ut.onstack = true
	}
	var tok [8]byte
	if ut.token == 0 {
		rand.Read(tok[:])
		ut.token = binary.LittleEndian.Uint64(tok[:])
	}

	buf := sigBuffers.Get().(*sigBuffer)
	defer sigBuffers.Put(buf)
	buf.xs = ctx.Xstate(buf.xs[:0])
	xs := buf.xs
	sp -= redZone
	sp = (sp - uint64(len(xs))) &^ 63
	xsAddr := sp
	sp -= 8
	sp -= abi.Ucontext64Size
	uctxAddr := sp
	sp -= abi.SiginfoSize
	sipAddr := sp
	sp -= abi.Mcontext64Size
	mctxAddr := sp
	sp = sp&^15 - 8

	// One buffer for the frame, so that it is one copyout.
	frame := buf.frame[:0]
	frame = slices.Grow(frame, int(xsAddr-mctxAddr)+len(xs))[:int(xsAddr-mctxAddr)+len(xs)]
	buf.frame = frame
	clear(frame) // what was in it is another's
	putMcontext(frame[:abi.Mcontext64Size], &r, info, xs, xsAddr)
	style := uint64(abi.UC_TRAD)
	if a.Flags&abi.SA_SIGINFO != 0 {
		style = abi.UC_FLAVOR
	}
	if info.Code == 0 && info.Addr == 0 && mask(sig)&faultMask == 0 {
		info.Addr = r.Rip
	}
	info.Pad0, info.Errno = r.Rsp, 0
	var sib [abi.SiginfoSize]byte
	info.Marshal(&sib)
	copy(frame[sipAddr-mctxAddr:], sib[:])

	uc := abi.Ucontext{
		Sigmask:  uint32(old),
		Stack:    abi.StackT{SP: sp},
		Mcsize:   abi.Mcontext64Size,
		Mcontext: mctxAddr,
	}
	if ut.onstack {
		uc.Stack.Size = ut.sigstk.Size
	}
	if onstack {
		uc.Onstack, uc.Stack.Flags = 1, abi.SS_ONSTACK
	}
	var ucb [abi.Ucontext64Size]byte
	uc.Marshal(&ucb)
	copy(frame[uctxAddr-mctxAddr:], ucb[:])
	binary.LittleEndian.PutUint64(frame[xsAddr-8-mctxAddr:], uint64(len(xs)))
	copy(frame[xsAddr-mctxAddr:], xs)

	if m.CopyOut(machine.Addr(mctxAddr), frame) != 0 {
		ut.onstack = onstack
		ut.Proc.forceDefault(ut, abi.SIGILL)
		return
	}

	r.Rip = a.Tramp
	r.Rsp = sp
	r.Rflags = 0x202
	r.Rdi = a.Handler
	r.Rsi = style
	r.Rdx = uint64(sig)
	r.Rcx = sipAddr
	r.R8 = uctxAddr
	r.R9 = uctxAddr ^ ut.token
	ut.setRegs(&r)
}

// putMcontext writes an mcontext64.
func putMcontext(b []byte, r *machine.Regs, info abi.Siginfo, xs []byte, xsAddr uint64) {
	le := binary.LittleEndian
	le.PutUint16(b[abi.MctxES:], uint16(info.Errno>>16))
	le.PutUint32(b[abi.MctxES+4:], uint32(info.Errno&0xffff))
	le.PutUint64(b[abi.MctxES+8:], info.Addr)
	for i, v := range threadState(r) {
		le.PutUint64(b[abi.MctxSS+8*i:], v)
	}
	le.PutUint64(b[abi.MctxFS:], xsAddr)
	copy(b[abi.MctxFX:abi.MctxFX+abi.FXSaveSize], xs)
}

// threadState is x86_thread_state64.
func threadState(r *machine.Regs) [21]uint64 {
	return [21]uint64{r.Rax, r.Rbx, r.Rcx, r.Rdx, r.Rdi, r.Rsi, r.Rbp, r.Rsp,
		r.R8, r.R9, r.R10, r.R11, r.R12, r.R13, r.R14, r.R15,
		r.Rip, r.Rflags, abi.USER64_CS, 0, 0}
}

// setThreadState is its inverse; selectors are not taken.
func setThreadState(r *machine.Regs, b []byte) {
	for i, p := range [...]*uint64{&r.Rax, &r.Rbx, &r.Rcx, &r.Rdx, &r.Rdi, &r.Rsi, &r.Rbp, &r.Rsp,
		&r.R8, &r.R9, &r.R10, &r.R11, &r.R12, &r.R13, &r.R14, &r.R15, &r.Rip, &r.Rflags} {
		*p = binary.LittleEndian.Uint64(b[8*i:])
	}
}

// setRegs makes r what the thread resumes with, and what Regs says.
func (ut *Uthread) setRegs(r *machine.Regs) {
	ctx := ut.Thread.Context()
	*ctx.Regs() = *r
	ctx.SetRegs(r)
}

// SetRegs is setRegs for the call handlers.
func (ut *Uthread) SetRegs(r *machine.Regs) { ut.setRegs(r) }

// Sigreturn is sigreturn(2): the state comes back from the frame. EINVAL for a
// token that sendsig did not give, EFAULT. On success the registers are
// replaced as a whole and the call has no result.
func (ut *Uthread) Sigreturn(uctx uint64, style uint32, token uint64) abi.Errno {
	switch style {
	case abi.UC_SET_ALT_STACK:
		ut.onstack = true
		return 0
	case abi.UC_RESET_ALT_STACK:
		ut.onstack = false
		return 0
	}
	p := ut.Proc
	m := p.Map()
	ctx := ut.Thread.Context()
	var ucb [abi.Ucontext64Size]byte
	if m.CopyIn(ucb[:], machine.Addr(uctx)) != 0 {
		return abi.EFAULT
	}
	if token != uctx^ut.token {
		return abi.EINVAL
	}
	var uc abi.Ucontext
	uc.Unmarshal(&ucb)
	var mb [abi.Mcontext64Size]byte
	if m.CopyIn(mb[:], machine.Addr(uc.Mcontext)) != 0 {
		return abi.EFAULT
	}
	r := *ctx.Regs()
	setThreadState(&r, mb[abi.MctxSS:])

	buf := sigBuffers.Get().(*sigBuffer)
	defer sigBuffers.Put(buf)
	xs := ut.xsaveImage(buf, binary.LittleEndian.Uint64(mb[abi.MctxFS:]))
	if xs == nil {
		// A frame that the guest has made itself may have no image: then the
		// rest of the state stays as it is.
		xs = ctx.Xstate(nil)
	}
	copy(xs[:abi.FXSaveSize], mb[abi.MctxFX:])
	if len(xs) >= 520 {
		xs[512] |= 3 // XSTATE_BV: x87 and SSE are present
	}
	ctx.SetXstate(xs)
	ut.setRegs(&r)

	p.mu.Lock()
	ut.onstack = uc.Onstack&1 != 0
	ut.sigmask = Sigset(uc.Sigmask) &^ cantMask
	due := (ut.siglist|p.siglist)&^ut.sigmask != 0
	p.mu.Unlock()
	if due {
		ut.Thread.PostAST(astBSD)
	}
	return 0
}

// xsaveMax bounds an XSAVE image: 2,696 bytes with AVX-512 and PKRU, more with
// what is to come.
const xsaveMax = 12 << 10

// xsaveImage reads the image that sendsig left at the given address into buf; nil if
// there is none.
func (ut *Uthread) xsaveImage(buf *sigBuffer, at uint64) []byte {
	if at == 0 {
		return nil
	}
	m := ut.Proc.Map()
	var b [8]byte
	if m.CopyIn(b[:], machine.Addr(at-8)) != 0 {
		return nil
	}
	n := binary.LittleEndian.Uint64(b[:])
	if n < abi.FXSaveSize || n > xsaveMax {
		return nil
	}
	buf.xs = slices.Grow(buf.xs[:0], int(n))[:n]
	img := buf.xs
	if m.CopyIn(img, machine.Addr(at)) != 0 {
		return nil
	}
	return img
}

// backUp makes the thread make its call again when it enters the guest.
func (ut *Uthread) backUp(i pendingInterrupt) {
	r := *ut.Thread.Context().Regs()
	r.Rax = i.code
	r.Rflags &^= machine.FlagCarry
	if i.fast {
		// The entry was a call: its return address is still in the slot below
		// the stack pointer, unless the guest has changed it; write it anew.
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], r.Rip)
		if ut.Proc.Map().CopyOut(machine.Addr(r.Rsp-8), b[:]) != 0 {
			return
		}
		r.Rsp -= 8
		r.Rip = uint64(machine.TrapEntry)
	} else {
		r.Rip -= 2
	}
	// rdx held the third argument and has not been changed: an interrupted
	// call stores its results only when it is known to stand.
	ut.setRegs(&r)
}

// forceDefault ends in sig's default action whatever the process has arranged.
func (p *Proc) forceDefault(ut *Uthread, sig abi.Signal) {
	p.mu.Lock()
	p.acts[sig] = Sigaction{}
	p.settle(sig)
	ut.sigmask &^= mask(sig)
	ut.siglist |= mask(sig)
	ut.siginfo[sig] = abi.Siginfo{Signo: int32(sig)}
	p.mu.Unlock()
	ut.Thread.PostAST(astBSD)
}
