package net

import (
	"bytes"
	"encoding/binary"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
)

// Kernel controls (<sys/kern_control.h>): a datagram socket of the system family is
// connected with a part of the kernel that has a name. CTLIOCGINFO gives the name's
// number, connect(2) takes it and a unit, 0 for any that is free.

// kernControl is a struct kern_ctl_reg.
type kernControl struct {
	name       string
	id         uint32
	privileged bool // for root alone (CTL_FLAG_PRIVILEGED)
	size       int  // of both buffers, in bytes
	// connect makes the control's side of a connection; it gives the unit. EBUSY for one
	// that is in use.
	connect func(p *ctlPCB, unit uint32) (ctlUnit, uint32, abi.Errno)
}

// ctlUnit is a control's side of one connection. Errors of the options are
// ENOPROTOOPT for one that there is not, EMSGSIZE for a wrong size.
type ctlUnit interface {
	send(b []byte) abi.Errno // may keep b
	getopt(name, max int) ([]byte, abi.Errno)
	setopt(name int, val []byte) abi.Errno
	disconnect()
}

// controls are all that there are.
func (n *Net) controls() []kernControl {
	return []kernControl{{abi.UTUN_CONTROL_NAME, 1, true, utunSpace, n.utunConnect}}
}

// ctlPCB is the protocol's side of such a socket, a struct ctl_cb.
type ctlPCB struct {
	unusable
	messages
	n *Net

	// Guarded by messages.mu.
	unit       ctlUnit // nil: not connected
	connecting bool
	gone       bool
	id         uint32 // the control's
	num        uint32 // the unit's
}

func (n *Net) attachControl(_ *sys.Context, so *socket.Socket) (socket.PCB, abi.Errno) {
	return &ctlPCB{n: n, messages: messages{so: so}}, 0
}

// Connect is ctl_connect: EINVAL for a name that is none, ENOENT for a control that is
// not there, EPERM, EISCONN, EBUSY.
func (p *ctlPCB) Connect(ctx *sys.Context, name []byte) abi.Errno {
	if len(name) != abi.SockaddrCtlLen {
		return abi.EINVAL
	}
	id := binary.LittleEndian.Uint32(name[4:])
	for _, c := range p.n.controls() {
		if c.id != id {
			continue
		}
		if c.privileged && (ctx.Cred == nil || !ctx.Cred.IsSuser()) {
			return abi.EPERM
		}
		p.mu.Lock()
		busy := p.unit != nil || p.connecting
		p.connecting = true
		p.mu.Unlock()
		if busy {
			return abi.EISCONN
		}
		p.so.Reserve(c.size, c.size)
		u, num, e := c.connect(p, binary.LittleEndian.Uint32(name[8:]))
		p.mu.Lock()
		gone := p.gone
		p.connecting = false
		if e == 0 && !gone {
			p.unit, p.id, p.num = u, id, num
		}
		p.mu.Unlock()
		if e == 0 && gone {
			u.disconnect()
		}
		return e
	}
	return abi.ENOENT
}

// connected is the control's side, nil when there is none.
func (p *ctlPCB) connected() ctlUnit {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.unit
}

// leave takes the connection away.
func (p *ctlPCB) leave(forever bool) bool {
	p.mu.Lock()
	u := p.unit
	p.unit, p.gone = nil, p.gone || forever
	p.mu.Unlock()
	if u == nil {
		return false
	}
	p.shut(true, true)
	u.disconnect()
	return true
}

func (p *ctlPCB) Disconnect(*sys.Context) abi.Errno {
	if !p.leave(false) {
		return abi.ENOTCONN
	}
	return 0
}

func (p *ctlPCB) Close(*sys.Context) { p.leave(true) }

func (p *ctlPCB) SockName() ([]byte, abi.Errno) { return nil, abi.EOPNOTSUPP }

func (p *ctlPCB) PeerName() ([]byte, abi.Errno) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.unit == nil {
		return nil, abi.ENOTCONN
	}
	return abi.SockaddrCtl(p.id, p.num), 0
}

func (p *ctlPCB) Receive(ctx *sys.Context, m *socket.Msg) abi.Errno {
	p.mu.Lock()
	never := p.unit == nil && !p.rcvShut
	p.mu.Unlock()
	if never {
		return abi.ENOTCONN
	}
	return p.messages.Receive(ctx, m)
}

func (p *ctlPCB) Send(_ *sys.Context, m *socket.Msg) abi.Errno {
	u := p.connected()
	switch space, _ := p.so.Hiwat(); {
	case p.cantSend():
		return abi.EPIPE
	case u == nil:
		return abi.ENOTCONN
	case m.Flags&abi.MSG_OOB != 0:
		return abi.EOPNOTSUPP
	case m.Name != nil:
		return abi.EISCONN
	case m.Uio.Resid > int64(space):
		return abi.EMSGSIZE
	}
	b := wholeMessage(m)
	size := len(b)
	if e := u.send(b); e != 0 {
		return e
	}
	m.Uio.CopyOut(make([]byte, size))
	return 0
}

func (p *ctlPCB) Getopt(_ *sys.Context, level, name, max int) ([]byte, abi.Errno) {
	if level == abi.SOL_SOCKET {
		return nil, abi.ENOPROTOOPT
	}
	u := p.connected()
	if level != abi.SYSPROTO_CONTROL || u == nil {
		return nil, abi.EINVAL
	}
	return u.getopt(name, max)
}

func (p *ctlPCB) Setopt(_ *sys.Context, level, name int, val []byte) abi.Errno {
	if level == abi.SOL_SOCKET {
		return abi.ENOPROTOOPT
	}
	u := p.connected()
	if level != abi.SYSPROTO_CONTROL || u == nil {
		return abi.EINVAL
	}
	return u.setopt(name, val)
}

// Ioctl is ctl_ioctl: ENOENT for a name that no control has, EINVAL for none.
func (p *ctlPCB) Ioctl(_ *sys.Context, cmd uint64, data []byte) abi.Errno {
	le := binary.LittleEndian
	switch {
	case cmd == abi.CTLIOCGCOUNT && len(data) >= 4:
		le.PutUint32(data, uint32(len(p.n.controls())))
		return 0
	case cmd == abi.CTLIOCGINFO && len(data) >= abi.CtlInfoSize:
		name, _, ended := bytes.Cut(data[4:abi.CtlInfoSize], []byte{0})
		if len(name) == 0 || !ended {
			return abi.EINVAL
		}
		for _, c := range p.n.controls() {
			if c.name == string(name) {
				le.PutUint32(data, c.id)
				return 0
			}
		}
		return abi.ENOENT
	}
	return abi.ENOTSUP
}
