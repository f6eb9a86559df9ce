package socket

import (
	"encoding/binary"
	"sync"

	"puggle/abi"
	"puggle/bsd/sys"
)

// Kernel controls (<sys/kern_control.h>): the family AF_SYSTEM, by whose sockets programs
// talk with code of the kernel that they find by a name.

// Flags of a kernel control.
const (
	CtlPrivileged = 0x1 // CTL_FLAG_PRIVILEGED: only root connects
	CtlRegIDUnit  = 0x2 // CTL_FLAG_REG_ID_UNIT: the identifier and the unit are fixed
	CtlStream     = 0x4 // CTL_FLAG_REG_SOCK_STREAM
)

// Sizes of buffers where none is asked for (CTL_SENDSIZE, CTL_RECVSIZE), bytes.
const (
	CtlSendSize = 2 << 10
	CtlRecvSize = 8 << 10
)

const (
	maxCtlName  = abi.MAX_KCTL_NAME
	maxUnit     = 65536
	maxControls = 1024 // of one machine
	// maxCtlRecords bounds the datagrams in one buffer, which may be empty.
	maxCtlRecords = 16384
)

// Controller is the code behind a control. Its methods are called without locks on the thread
// of ctx, and may sleep. Disconnect comes once for each Connect, after all else that it began has
// come back, also if Connect failed.
type Controller interface {
	Connect(ctx *sys.Context, c *ControlPCB) abi.Errno
	Disconnect(ctx *sys.Context, c *ControlPCB)
	// Send gets a datagram, or the next bytes of a stream.
	Send(ctx *sys.Context, c *ControlPCB, data []byte, flags int) abi.Errno
	Setopt(ctx *sys.Context, c *ControlPCB, name int, val []byte) abi.Errno
	// Getopt gives at most max bytes.
	Getopt(ctx *sys.Context, c *ControlPCB, name, max int) ([]byte, abi.Errno)
}

// Control is a struct kern_ctl_reg: one control. Register fills in what is 0.
type Control struct {
	Name               string
	ID, Unit           uint32
	Flags              uint32
	SendSize, RecvSize int // bytes
	Controller         Controller

	l     *Controls
	units map[uint32]*ControlPCB // under Controls.mu
}

// Controls is the machine's kernel controls.
type Controls struct {
	mu   sync.Mutex
	list []*Control // in the order of their coming
	last uint32     // the last identifier that was given

	system *Domain
}

// Register adds a control: EINVAL for a bad name or none, EEXIST for one that is there, ENOMEM
// when there are too many.
func (l *Controls) Register(c *Control) abi.Errno {
	if c.Name == "" || len(c.Name) >= maxCtlName {
		return abi.EINVAL
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.list) >= maxControls {
		return abi.ENOMEM
	}
	if c.Flags&CtlRegIDUnit != 0 {
		if l.find(c.ID, c.Unit) != nil {
			return abi.EEXIST
		}
	} else {
		for _, x := range l.list {
			if x.Name == c.Name {
				return abi.EEXIST
			}
		}
		for taken := true; taken; {
			l.last++
			taken = l.last == 0
			for _, x := range l.list {
				taken = taken || x.ID == l.last
			}
		}
		c.ID, c.Unit = l.last, ^uint32(0)
	}
	if c.SendSize == 0 {
		c.SendSize = CtlSendSize
	}
	if c.RecvSize == 0 {
		c.RecvSize = CtlRecvSize
	}
	c.SendSize, c.RecvSize = min(c.SendSize, MaxSockbuf), min(c.RecvSize, MaxSockbuf)
	c.l, c.units = l, map[uint32]*ControlPCB{}
	l.list = append(l.list, c)
	return 0
}

// Deregister takes one out: EINVAL if it is not there, EBUSY while sockets are connected.
func (l *Controls) Deregister(c *Control) abi.Errno {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, x := range l.list {
		if x != c {
			continue
		}
		if len(c.units) > 0 {
			return abi.EBUSY
		}
		l.list = append(l.list[:i:i], l.list[i+1:]...)
		return 0
	}
	return abi.EINVAL
}

// Abandon takes out a control whose code is gone: its sockets are at their end, and nothing of it
// is called any more.
func (l *Controls) Abandon(c *Control) {
	l.mu.Lock()
	var all []*ControlPCB
	for _, p := range c.units {
		p.ctl, p.state = nil, ctlDisconnected
		all = append(all, p)
	}
	clear(c.units)
	for i, x := range l.list {
		if x == c {
			l.list = append(l.list[:i:i], l.list[i+1:]...)
			break
		}
	}
	l.mu.Unlock()
	for _, p := range all {
		p.end()
	}
}

// find is ctl_find_by_id_unit; l.mu is held.
func (l *Controls) find(id, unit uint32) *Control {
	for _, x := range l.list {
		if x.ID == id && (x.Flags&CtlRegIDUnit == 0 || x.Unit == unit) {
			return x
		}
	}
	return nil
}

// Connected gives the socket that is connected to a unit, nil if there is none.
func (c *Control) Connected(unit uint32) *ControlPCB {
	c.l.mu.Lock()
	defer c.l.mu.Unlock()
	return c.units[unit]
}

// unit chooses one for a socket that asks for n, 0 for any: 0 if it or all are taken. l.mu
// is held.
func (c *Control) unit(n uint32) (uint32, abi.Errno) {
	if c.Flags&CtlRegIDUnit != 0 || n != 0 {
		if c.units[n] != nil {
			return 0, abi.EBUSY
		}
		return n, 0
	}
	for n = 1; n < maxUnit; n++ {
		if c.units[n] == nil {
			return n, 0
		}
	}
	return 0, abi.EBUSY
}

// Ioctls of a control's sockets (<sys/kern_control.h>).
const (
	ctlInfoID   = 0 // struct ctl_info
	ctlInfoName = 4
	ctlInfoSize = 4 + maxCtlName
)

// ioctl is CTLIOCGCOUNT and CTLIOCGINFO.
func (l *Controls) ioctl(cmd uint64, data []byte) abi.Errno {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case cmd == abi.CTLIOCGCOUNT && len(data) >= 4:
		binary.LittleEndian.PutUint32(data, uint32(len(l.list)))
		return 0
	case cmd == abi.CTLIOCGINFO && len(data) >= ctlInfoSize:
		name := data[ctlInfoName:ctlInfoSize]
		n := 0
		for n < len(name) && name[n] != 0 {
			n++
		}
		if n == 0 || n == len(name) {
			return abi.EINVAL
		}
		for _, x := range l.list {
			if x.Name == string(name[:n]) {
				binary.LittleEndian.PutUint32(data[ctlInfoID:], x.ID)
				return 0
			}
		}
		return abi.ENOENT
	}
	return abi.ENOTSUP
}

// AddProtocol adds another protocol of the family: kernel events. Before the first socket.
func (l *Controls) AddProtocol(p *Protosw) { l.system.Add(p) }

// domain is systemsw.
func (l *Controls) domain() *Domain {
	d := &Domain{Family: abi.AF_SYSTEM, Name: "system"}
	attach := func(ctx *sys.Context, so *Socket) (PCB, abi.Errno) {
		so.Reserve(CtlSendSize, CtlRecvSize)
		return &ControlPCB{l: l, so: so}, 0
	}
	for _, typ := range []int{abi.SOCK_DGRAM, abi.SOCK_STREAM} {
		d.Add(&Protosw{Type: typ, Protocol: abi.SYSPROTO_CONTROL, Attach: attach})
	}
	l.system = d
	return d
}
