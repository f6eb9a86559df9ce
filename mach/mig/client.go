package mig

import (
	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/sched"
)

// Client calls servers from inside the kernel.
type Client struct {
	// Thread waits for room and for the reply.
	Thread *sched.Thread
	// Until ends waits, 0 for sched.Forever.
	Until sched.Deadline
}

// Outgoing is a client's request, and then its reply.
type Outgoing struct {
	Buffer
	cl    *Client
	id    int32
	reply Poly
}

// SetReply names the reply port of a simpleroutine that has one; the message
// consumes the right.
func (m *Outgoing) SetReply(p Poly) { m.reply = p }

// New begins the request with an id.
func (cl *Client) New(id int32) *Outgoing {
	m := &Outgoing{cl: cl, id: id}
	m.start(nil)
	return m
}

func (cl *Client) until() sched.Deadline {
	if cl.Until == 0 {
		return sched.Forever
	}
	return cl.Until
}

// remote makes the right that the request travels on.
func remote(dest *ipc.Port, t abi.MsgType) (*ipc.Port, abi.MsgType) {
	switch t {
	case abi.MACH_MSG_TYPE_COPY_SEND:
		return ipc.CopySend(dest), t.Received()
	case abi.MACH_MSG_TYPE_MAKE_SEND:
		return dest.MakeSend(), t.Received()
	case abi.MACH_MSG_TYPE_MAKE_SEND_ONCE:
		return dest.MakeSendOnce(), t.Received()
	}
	return dest, t.Received()
}

// Send sends a simpleroutine's message. MACH_SEND_INVALID_DEST, and those of
// waiting for room.
func (m *Outgoing) Send(dest *ipc.Port, t abi.MsgType) abi.KernReturn {
	p, t := remote(dest, t)
	k := ipc.NewMessage(p, t, m.id, m.outd, m.out)
	if m.reply.Port != nil {
		k.SetReplyPort(m.reply.Port, m.reply.Type)
	}
	return m.send(k)
}

func (m *Outgoing) send(k *ipc.Kmsg) abi.KernReturn {
	if m.cl == nil || m.cl.Thread == nil {
		return ipc.SendFromKernel(k)
	}
	return ipc.SendFromKernelLimited(m.cl.Thread, k, m.cl.until())
}

// Call sends the request and waits for its reply, which it leaves open for
// reading; the caller must Free m. Besides the errors of sending and receiving
// and what the server returned: MIG_REPLY_MISMATCH, MIG_SERVER_DIED,
// MIG_TYPE_ERROR.
func (m *Outgoing) Call(dest *ipc.Port, t abi.MsgType) abi.KernReturn {
	rp, kr := ipc.AllocKernel(nil, abi.IKOT_NONE, nil)
	if kr != abi.KERN_SUCCESS {
		m.Discard()
		return kr
	}
	defer rp.DestroyKernel()
	p, t := remote(dest, t)
	k := ipc.NewMessage(p, t, m.id, m.outd, m.out)
	k.SetReplyPort(rp.MakeSendOnce(), abi.MACH_MSG_TYPE_PORT_SEND_ONCE)
	if kr := m.send(k); kr != abi.MACH_MSG_SUCCESS {
		return kr
	}
	th := m.cl.Thread
	if th == nil {
		th = sched.NewThread("mig")
	}
	reply, kr := rp.ReceiveInKernel(th, m.cl.until())
	if kr != abi.MACH_MSG_SUCCESS {
		return kr
	}
	m.read(reply)
	switch {
	case reply.ID() == mach_notify_send_once:
		return MIG_SERVER_DIED
	case reply.ID() != m.id+100:
		return MIG_REPLY_MISMATCH
	}
	if !reply.IsComplex() && len(reply.Body()) == 12 {
		if kr := abi.KernReturn(le.Uint32(reply.Body()[8:])); kr != abi.KERN_SUCCESS {
			return kr
		}
	}
	return abi.KERN_SUCCESS
}

// OpenReply is Open for replies: what does not fit is MIG_TYPE_ERROR.
func (m *Outgoing) OpenReply(min, max int, want []DescSpec) abi.KernReturn {
	if kr := m.Open(min, max, want); kr != abi.KERN_SUCCESS {
		return MIG_TYPE_ERROR
	}
	if len(want) == 0 { // the return code, which Call has looked at
		if kr := abi.KernReturn(m.Uint32()); kr != abi.KERN_SUCCESS {
			return kr
		}
	}
	return abi.KERN_SUCCESS
}

// CloseReply is Close for replies.
func (m *Outgoing) CloseReply() abi.KernReturn {
	if m.Close() != abi.KERN_SUCCESS {
		return MIG_TYPE_ERROR
	}
	return abi.KERN_SUCCESS
}

// Free destroys the reply with all that was not taken from it.
func (m *Outgoing) Free() {
	if m.in != nil {
		m.in.Destroy()
		m.in = nil
	}
}
