package socket

import (
	"encoding/binary"

	"puggle/abi"
	"puggle/bsd/sys"
)

type ctlState uint8

const (
	ctlIdle ctlState = iota
	ctlConnecting
	ctlConnected
	ctlDisconnected
)

// ControlPCB is a struct ctl_cb: a socket's side of a kernel control.
type ControlPCB struct {
	l  *Controls
	so *Socket
	// Info is the controller's (unitinfo).
	Info any

	// Under Controls.mu, which comes before the buffer's.
	ctl   *Control
	unit  uint32
	state ctlState
	users int  // calls of the controller that are on their way
	over  bool // Disconnect is to be called when they have come back

	rcv sockbuf
}

// Control is what the socket is connected to, nil for nothing; Unit is which of its units.
func (p *ControlPCB) Control() *Control {
	p.l.mu.Lock()
	defer p.l.mu.Unlock()
	return p.ctl
}

func (p *ControlPCB) Unit() uint32 { return p.unit }

// use begins a call of the controller; nil when the socket is connected to none. done ends it.
func (p *ControlPCB) use() *Control {
	p.l.mu.Lock()
	defer p.l.mu.Unlock()
	if p.state != ctlConnected {
		return nil
	}
	p.users++
	return p.ctl
}

func (p *ControlPCB) done(ctx *sys.Context) {
	p.l.mu.Lock()
	p.users--
	p.leave(ctx)
}

// leave calls Disconnect if its time has come. l.mu is held, and let go of.
func (p *ControlPCB) leave(ctx *sys.Context) {
	c := p.ctl
	if !p.over || p.users > 0 || c == nil {
		p.l.mu.Unlock()
		return
	}
	p.over = false
	p.l.mu.Unlock()
	c.Controller.Disconnect(ctx, p)
	p.l.mu.Lock()
	if p.ctl == c {
		delete(c.units, p.unit) // now the unit may be another's
		p.ctl = nil
	}
	p.l.mu.Unlock()
}

// Connect connects to the control and the unit of a struct sockaddr_ctl. EINVAL for an address of
// another size, ENOENT for no such control, EPROTOTYPE when it has another type of socket,
// EPERM, EBUSY for a unit that is taken, EISCONN, or what the controller says.
func (p *ControlPCB) Connect(ctx *sys.Context, name []byte) abi.Errno {
	if len(name) != abi.SockaddrCtlLen {
		return abi.EINVAL
	}
	id, unit := binary.LittleEndian.Uint32(name[4:]), binary.LittleEndian.Uint32(name[8:])
	p.l.mu.Lock()
	if p.state == ctlConnecting || p.state == ctlConnected || p.ctl != nil {
		p.l.mu.Unlock()
		return abi.EISCONN
	}
	c := p.l.find(id, unit)
	var e abi.Errno
	switch {
	case c == nil:
		e = abi.ENOENT
	case (c.Flags&CtlStream != 0) != (p.so.typ == abi.SOCK_STREAM):
		e = abi.EPROTOTYPE
	case c.Flags&CtlPrivileged != 0 && (ctx.Cred == nil || !ctx.Cred.IsSuser()):
		e = abi.EPERM
	default:
		unit, e = c.unit(unit)
	}
	if e != 0 {
		p.l.mu.Unlock()
		return e
	}
	p.ctl, p.unit, p.state, p.over = c, unit, ctlConnecting, false
	p.users++
	p.rcv.mu.Lock() // before others find the socket, and may end it
	p.rcv.eof = false
	p.rcv.mu.Unlock()
	c.units[unit] = p
	p.l.mu.Unlock()
	p.so.Reserve(c.SendSize, c.RecvSize)
	e = c.Controller.Connect(ctx, p)
	p.l.mu.Lock()
	p.users--
	switch {
	case p.state != ctlConnecting: // it was disconnected meanwhile
		if e == 0 {
			e = abi.ECONNABORTED
		}
	case e == 0:
		p.state = ctlConnected
	default:
		p.state, p.over = ctlIdle, true
	}
	p.leave(ctx)
	p.so.Wakeup(Read | Write)
	return e
}

func (p *ControlPCB) Connecting() (bool, abi.Errno) { return false, p.so.TakeError() }

// Disconnect ends the connection. ENOTCONN.
func (p *ControlPCB) Disconnect(ctx *sys.Context) abi.Errno {
	p.l.mu.Lock()
	if p.state != ctlConnecting && p.state != ctlConnected {
		p.l.mu.Unlock()
		return abi.ENOTCONN
	}
	p.state, p.over = ctlDisconnected, true
	p.leave(ctx)
	p.end()
	return 0
}

// end tells the socket that no more comes.
func (p *ControlPCB) end() {
	p.rcv.mu.Lock()
	p.rcv.eof = true
	p.rcv.mu.Unlock()
	p.so.Wakeup(Read | Write)
}

func (p *ControlPCB) Close(ctx *sys.Context) {
	p.Disconnect(ctx)
	p.rcv.mu.Lock()
	p.rcv.broken = true
	p.rcv.flush()
	p.rcv.mu.Unlock()
}

func (p *ControlPCB) Bind(*sys.Context, []byte) abi.Errno  { return abi.EINVAL } // no control has a ctl_bind
func (p *ControlPCB) Listen(*sys.Context, int) abi.Errno   { return abi.EOPNOTSUPP }
func (p *ControlPCB) SockName() ([]byte, abi.Errno)        { return nil, abi.EOPNOTSUPP }
func (p *ControlPCB) Shutdown(*sys.Context, int) abi.Errno { return abi.EOPNOTSUPP }

func (p *ControlPCB) Accept(*sys.Context) (*Socket, []byte, abi.Errno) {
	return nil, nil, abi.EOPNOTSUPP
}

// PeerName is the control's identifier and the unit. ENOTCONN.
func (p *ControlPCB) PeerName() ([]byte, abi.Errno) {
	p.l.mu.Lock()
	defer p.l.mu.Unlock()
	if p.state != ctlConnected {
		return nil, abi.ENOTCONN
	}
	return abi.SockaddrCtl(p.ctl.ID, p.unit), 0
}

// Sosend hands what is sent to the controller, on the sender's thread: nothing waits for room. ENOTCONN,
// EMSGSIZE, or what the controller says.
func (p *ControlPCB) Sosend(ctx *sys.Context, m *Msg) abi.Errno {
	c := p.use()
	if c == nil {
		return abi.ENOTCONN
	}
	defer p.done(ctx)
	hiwat, _ := p.so.Sizes()
	if p.so.typ != abi.SOCK_STREAM {
		if m.Uio.Resid > int64(hiwat) {
			return abi.EMSGSIZE
		}
		b := bytesOf(m.Uio, int(m.Uio.Resid))
		e := c.Controller.Send(ctx, p, b, m.Flags)
		if e == 0 {
			m.Uio.Advance(len(b))
		}
		return e
	}
	for m.Uio.Resid > 0 {
		b := bytesOf(m.Uio, int(min(m.Uio.Resid, int64(max(hiwat, 1)))))
		if e := c.Controller.Send(ctx, p, b, m.Flags); e != 0 {
			return e
		}
		m.Uio.Advance(len(b))
	}
	return 0
}

// bytesOf copies n bytes of u, which has so many, and leaves them there: an error must not count as
// something sent.
func bytesOf(u *sys.Uio, n int) []byte {
	b := make([]byte, 0, n)
	for _, seg := range u.Iov {
		b = append(b, seg[:min(len(seg), n-len(b))]...)
	}
	return b
}

// Send is Sosend's.
func (p *ControlPCB) Send(ctx *sys.Context, m *Msg) abi.Errno { return p.Sosend(ctx, m) }

func (p *ControlPCB) Receive(ctx *sys.Context, m *Msg) abi.Errno {
	if m.Flags&abi.MSG_OOB != 0 {
		return abi.EOPNOTSUPP
	}
	peek := m.Flags&abi.MSG_PEEK != 0
	p.l.mu.Lock()
	state := p.state
	p.l.mu.Unlock()
	b := &p.rcv
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case len(b.records) > 0:
		r := b.records[0]
		if !peek {
			b.records[0] = record{}
			b.records = b.records[1:]
			b.cc -= len(r.data)
			total.Add(-recordSize(r))
		}
		if m.Uio.CopyIn(r.data) < len(r.data) {
			m.OutFlags |= abi.MSG_TRUNC
		}
		if r.eor {
			m.OutFlags |= abi.MSG_EOR
		}
	case p.so.typ == abi.SOCK_STREAM && b.cc > 0:
		b.read(m.Uio, peek)
	case b.eof:
	case state == ctlIdle:
		return abi.ENOTCONN
	default:
		return abi.EAGAIN
	}
	return 0
}

// Enqueue puts data into the socket's buffer (ctl_enqueuedata): a datagram, with eor the end of a
// record, or bytes of the stream. ENOBUFS when it does not fit; quiet leaves who waits asleep
// (CTL_DATA_NOWAKEUP).
func (p *ControlPCB) Enqueue(data []byte, eor, quiet bool) abi.Errno {
	_, hiwat := p.so.Hiwat()
	b := &p.rcv
	b.mu.Lock()
	if b.eof || b.broken || b.cc+len(data) > hiwat || len(b.records) >= maxCtlRecords {
		b.mu.Unlock()
		return abi.ENOBUFS
	}
	if p.so.typ == abi.SOCK_STREAM {
		b.Append(sys.NewUio(data), len(data))
	} else {
		r := record{data: append([]byte(nil), data...), eor: eor}
		b.records = append(b.records, r)
		b.cc += len(data)
		total.Add(recordSize(r))
	}
	b.mu.Unlock()
	if !quiet {
		p.so.Wakeup(Read)
	}
	return 0
}

// Space is how many bytes fit into the socket's buffer, and Readable how many are missing until
// its reader is woken.
func (p *ControlPCB) Space() int {
	_, hiwat := p.so.Hiwat()
	p.rcv.mu.Lock()
	defer p.rcv.mu.Unlock()
	return max(hiwat-p.rcv.cc, 0)
}

func (p *ControlPCB) Readable() int {
	_, lowat := p.so.Lowat()
	p.rcv.mu.Lock()
	defer p.rcv.mu.Unlock()
	return max(lowat-p.rcv.cc, 0)
}

// maxCtlOption bounds an option's value, bytes.
const maxCtlOption = 64 << 10

func (p *ControlPCB) Setopt(ctx *sys.Context, level, name int, val []byte) abi.Errno {
	switch {
	case level == abi.SOL_SOCKET:
		return abi.ENOPROTOOPT
	case level != abi.SYSPROTO_CONTROL || len(val) > maxCtlOption:
		return abi.EINVAL
	}
	c := p.use()
	if c == nil {
		return abi.EINVAL
	}
	defer p.done(ctx)
	return c.Controller.Setopt(ctx, p, name, val)
}

func (p *ControlPCB) Getopt(ctx *sys.Context, level, name, max int) ([]byte, abi.Errno) {
	switch {
	case level == abi.SOL_SOCKET:
		return nil, abi.ENOPROTOOPT
	case level != abi.SYSPROTO_CONTROL:
		return nil, abi.EINVAL
	}
	c := p.use()
	if c == nil {
		return nil, abi.EINVAL
	}
	defer p.done(ctx)
	return c.Controller.Getopt(ctx, p, name, min(max, maxCtlOption))
}

func (p *ControlPCB) Ioctl(ctx *sys.Context, cmd uint64, data []byte) abi.Errno {
	return p.l.ioctl(cmd, data)
}

func (p *ControlPCB) Ready(filter int16) sys.Readiness {
	p.l.mu.Lock()
	state := p.state
	p.l.mu.Unlock()
	p.rcv.mu.Lock()
	defer p.rcv.mu.Unlock()
	switch filter {
	case sys.EVFILT_READ:
		return sys.Readiness{Ready: p.rcv.cc > 0 || len(p.rcv.records) > 0, Data: int64(p.rcv.cc), EOF: p.rcv.eof}
	case sys.EVFILT_WRITE:
		hiwat, _ := p.so.Sizes()
		return sys.Readiness{Ready: state == ctlConnected, Data: int64(hiwat), EOF: p.rcv.eof}
	}
	return sys.Readiness{}
}
