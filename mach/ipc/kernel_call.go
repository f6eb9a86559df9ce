package ipc

import (
	"puggle/abi"
	"puggle/mach/sched"
)

// A call of a kernel object is a message to its port and the wait for the reply, in one
// mach_msg: what every MIG stub does. The server runs on the caller's goroutine, so the
// reply is there before the wait begins. Where nobody could tell the difference, it goes
// from the server to the caller's buffer: it is not queued, and no receiver is made.
//
// What can be told apart takes the long way: other dispositions than those of a stub, a
// reply port in a set, with messages or with other receivers, a reply with descriptors or
// one that does not fit.

// callShape is msgh_bits of what a stub sends: a copied send right and a reply port to
// which a send-once right is made.
const callShape = uint32(abi.MACH_MSG_TYPE_COPY_SEND) | uint32(abi.MACH_MSG_TYPE_MAKE_SEND_ONCE)<<8

// callProgress is how far callKernel came.
type callProgress uint8

const (
	callUntouched callProgress = iota // nothing has happened: send k, and receive
	callSent                          // receive
	callDone
)

// callKernel makes the call if k, as the caller wrote it, is one. It consumes k unless it
// has left it untouched. The result counts when it is done.
func (s *Space) callKernel(th *sched.Thread, mem UserMem, opt abi.MsgOption, a *MsgArgs, k *Kmsg) (abi.KernReturn, callProgress) {
	dest, reply := abi.PortName(get32(k.body, 8)), abi.PortName(get32(k.body, 12))
	if get32(k.body, 0) != callShape || reply != a.RcvName || dest == reply || !dest.Valid() || !reply.Valid() ||
		a.dsc != 0 || a.vectors {
		return 0, callUntouched
	}
	s.mu.Lock()
	if !s.active {
		s.mu.Unlock()
		return 0, callUntouched
	}
	de, re := s.table.lookup(dest), s.table.lookup(reply)
	if de == nil || re == nil || de.typ&abi.MACH_PORT_TYPE_SEND == 0 || re.typ&abi.MACH_PORT_TYPE_RECEIVE == 0 {
		s.mu.Unlock()
		return 0, callUntouched
	}
	dp, rp := de.port, re.port
	dp.mu.Lock()
	server := dp.kserver
	if !dp.active || server == nil {
		dp.mu.Unlock()
		s.mu.Unlock()
		return 0, callUntouched
	}
	dp.srights++
	dp.seqno++
	dp.mu.Unlock()
	so := rp.MakeSendOnce()
	s.mu.Unlock()

	k.bits = 0
	k.setRemote(dp, abi.MACH_MSG_TYPE_PORT_SEND)
	k.setLocal(so, abi.MACH_MSG_TYPE_PORT_SEND_ONCE)
	k.id = int32(get32(k.body, 20))
	k.sign(s)
	k.from = th
	answer := server(dp, k)
	done := answer != nil && answer.isAnswerBy(rp)
	if done {
		kr, ok := rp.answer(s, mem, opt, a, answer)
		if ok {
			answer.reset()
			answer.dropSpare()
			k.spare = answer // for k's next life
			k.finishCall(nil)
			return kr, callDone
		}
	}
	c := choresPool.Get().(*chores)
	defer c.finish()
	k.finishCall(c)
	if answer != nil {
		if IsValid(answer.remote) {
			answer.sendQueued(c)
		} else {
			c.kmsg(answer)
		}
	}
	return 0, callSent
}

// sign notes who k comes from.
func (k *Kmsg) sign(s *Space) {
	if t := s.tokens.Load(); t != nil {
		k.sec, k.audit = t.sec, t.audit
	}
}

// isAnswerBy says whether k is a plain message to the send-once right of rp.
func (k *Kmsg) isAnswerBy(rp *Port) bool {
	return k.remote == rp && k.bits == uint32(abi.MACH_MSG_TYPE_PORT_SEND_ONCE) && k.local == nil && k.voucher == nil &&
		!k.circular && len(k.aux) == 0
}

// answer gives k to the caller as if it had been sent to p and
// received at once by s; ok is false, and nothing has happened, if that would have gone
// another way. k holds nothing afterwards.
func (p *Port) answer(s *Space, mem UserMem, opt abi.MsgOption, a *MsgArgs, k *Kmsg) (kr abi.KernReturn, ok bool) {
	trail := opt.TrailerSize()
	if len(k.body)+trail > int(a.Rcv) {
		return 0, false
	}
	p.mu.Lock()
	if !p.active || p.receiver != s || p.msgcount != 0 || p.head != nil || p.receivers.head != nil || len(p.links) != 0 || p.sparmed != 0 {
		p.mu.Unlock()
		return 0, false
	}
	p.sorights--
	name, seqno, ctx := p.name, p.seqno, p.context
	p.seqno++
	p.mu.Unlock()
	k.remote = nil
	k.putHeader(uint32(abi.MACH_MSG_TYPE_PORT_SEND_ONCE)<<8, abi.MACH_PORT_NULL, name, abi.MACH_PORT_NULL)
	addr := a.RcvAddr
	if addr == 0 {
		addr = a.Addr
	}
	if mem.CopyOut(addr, k.trailer(trail, seqno, ctx)) != abi.KERN_SUCCESS {
		kr = abi.MACH_RCV_INVALID_DATA
	}
	return kr, true
}

// finishCall consumes a request that has been served. c may be nil if the reply right has
// been taken: then there is most likely nothing to be done later.
func (k *Kmsg) finishCall(c *chores) {
	p := k.remote
	if k.local == nil && k.voucher == nil && len(k.desc) == 0 {
		p.mu.Lock()
		if !p.active || p.srights > 1 {
			if p.active {
				p.srights--
			}
			p.mu.Unlock()
			k.free()
			return
		}
		p.mu.Unlock()
	}
	if c == nil {
		c = choresPool.Get().(*chores)
		defer c.finish()
	}
	c.kmsg(k)
}
