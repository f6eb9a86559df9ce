package socket

import (
	"encoding/binary"

	"puggle/abi"
	"puggle/bsd/sys"
)

// What proc_info tells of a socket (<sys/proc_info.h>).

// Kinds of a struct socket_info (SOCKINFO_*).
const (
	SockinfoGeneric = 0
	SockinfoIn      = 1
	SockinfoTCP     = 2
	SockinfoUn      = 3
)

const (
	socketInfoSize  = 632 // from soi_so to the end of the union of protocols
	socketInfoProto = 104
	socketInfoNames = 16  // where the two names of a struct un_sockinfo begin
	socketInfoName  = 255 // and how long each is
)

// Bits of soi_state.
const (
	soiIsConnected  = 0x2
	soiIsConnecting = 0x4
	soiCantSendMore = 0x10
	soiCantRcvMore  = 0x20
	soiNbio         = 0x100
	soiAsync        = 0x200
)

// Informer is a PCB that has a part of its own in a struct socket_info.
type Informer interface {
	// Info gives its kind, SOCKINFO_*, and the part.
	Info() (kind int, b []byte)
}

// handle is what stands for a kernel address: opaque, and the same each time.
func (so *Socket) handle() uint64 { return 1<<63 | so.ino<<8 }

// Info is fill_socketinfo, from soi_so on; what comes before is a struct
// vinfo_stat, which is the caller's to fill. The opaque handles are numbers that
// only tell sockets apart.
func (so *Socket) Info() []byte {
	le := binary.LittleEndian
	b := make([]byte, socketInfoSize)
	read, write := so.ready(sys.EVFILT_READ), so.ready(sys.EVFILT_WRITE)
	connecting := false
	_, e := so.pcb.PeerName()
	if e != 0 {
		connecting = so.connecting()
	}
	snd, rcv := so.Hiwat()
	sndLow, rcvLow := so.Lowat()

	le.PutUint64(b[0:], so.handle())
	le.PutUint64(b[8:], so.handle()|1)
	le.PutUint32(b[16:], uint32(so.typ))
	le.PutUint32(b[20:], uint32(so.protocol))
	le.PutUint32(b[24:], uint32(so.Family()))
	state := 0
	for _, s := range []struct {
		on  bool
		bit int
	}{
		{e == 0, soiIsConnected}, {connecting, soiIsConnecting}, {write.EOF, soiCantSendMore}, {read.EOF, soiCantRcvMore},
		{so.nbio.Load(), soiNbio}, {so.async.Load(), soiAsync},
	} {
		if s.on {
			state |= s.bit
		}
	}
	le.PutUint16(b[32:], uint16(state))
	so.mu.Lock()
	listening := so.options&abi.SO_ACCEPTCONN != 0
	le.PutUint16(b[28:], uint16(so.options))
	le.PutUint16(b[30:], uint16(so.lingerTicks))
	le.PutUint16(b[42:], uint16(so.err))
	so.mu.Unlock()
	cc := read.Data
	if listening {
		le.PutUint16(b[34:], uint16(min(read.Data, 1<<15-1))) // soi_qlen
		cc = 0
	}
	sockbufInfo(b[48:], cc, rcv, rcvLow)
	used := int64(0)
	if so.typ == abi.SOCK_STREAM && e == 0 {
		used = max(int64(snd)-write.Data, 0)
	}
	sockbufInfo(b[72:], used, snd, sndLow)
	if in, ok := so.pcb.(Informer); ok {
		kind, part := in.Info()
		le.PutUint32(b[96:], uint32(kind))
		copy(b[socketInfoProto:], part)
	}
	return b
}

// connecting asks without taking a pending error away.
func (so *Socket) connecting() bool {
	c, ok := so.pcb.(interface{ IsConnecting() bool })
	return ok && c.IsConnecting()
}

// sockbufInfo writes a struct sockbuf_info.
func sockbufInfo(b []byte, cc int64, hiwat, lowat int) {
	le := binary.LittleEndian
	le.PutUint32(b[0:], uint32(min(cc, 1<<31-1)))
	le.PutUint32(b[4:], uint32(hiwat))
	le.PutUint32(b[8:], uint32(min(cc, 1<<31-1)))
	le.PutUint32(b[12:], uint32(hiwat))
	le.PutUint32(b[16:], uint32(lowat))
}

// Info is the struct un_sockinfo of a local socket.
func (p *unixPCB) Info() (int, []byte) {
	b := make([]byte, socketInfoNames+2*socketInfoName)
	p.l.mu.Lock()
	defer p.l.mu.Unlock()
	copy(b[socketInfoNames:][:socketInfoName], p.name)
	if q := p.peer.Load(); q != nil {
		binary.LittleEndian.PutUint64(b[0:], q.so.handle())
		binary.LittleEndian.PutUint64(b[8:], q.so.handle()|1)
		copy(b[socketInfoNames+socketInfoName:], q.name)
	}
	return SockinfoUn, b
}
