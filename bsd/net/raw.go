package net

import (
	"encoding/binary"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/waiter"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
)

// Raw IPv4 sockets, and the ICMP datagram sockets that anybody may open, show
// packets with their IP header. As ever on BSD two of its fields are in the
// host's byte order there: ip_len, which counts without the header on the way
// in, and ip_off.

// ping attaches an ICMP datagram socket: a raw one that may only ask.
func (n *Net) ping(ctx *sys.Context, so *socket.Socket) (socket.PCB, abi.Errno) {
	s := n.get()
	if s == nil {
		return nil, abi.ENETDOWN
	}
	wq := new(waiter.Queue)
	ep, err := s.NewRawEndpoint(icmp.ProtocolNumber4, header.IPv4ProtocolNumber, wq, true)
	if err != nil {
		return nil, errno(err)
	}
	p := newInpcb(n, so, ep, wq)
	p.raw4, p.ping = true, true
	return p, 0
}

// skipAnswered drops echo requests from the front of the queue: the kernel has answered
// them, and no socket sees what it answers (icmp_input). Called with rawMu held.
func (p *inpcb) skipAnswered() {
	if p.so.Protocol() != abi.IPPROTO_ICMP {
		return
	}
	for {
		var head [60 + 1]byte // the longest IP header, and the type
		w := tcpip.SliceWriter(head[:])
		res, err := p.ep.Read(&w, tcpip.ReadOptions{Peek: true})
		if err != nil || res.Total < header.IPv4MinimumSize {
			return
		}
		h := header.IPv4(head[:])
		if hlen := h.HeaderLength(); int(hlen) >= res.Total || header.ICMPv4Type(head[hlen]) != header.ICMPv4Echo ||
			header.IsV4MulticastAddress(h.DestinationAddress()) || h.DestinationAddress() == header.IPv4Broadcast {
			return
		}
		w = tcpip.SliceWriter(head[:])
		p.ep.Read(&w, tcpip.ReadOptions{})
	}
}

// receiveRaw gives a packet with its header as BSD has it, or without (IP_STRIPHDR).
func (p *inpcb) receiveRaw(m *socket.Msg, opts tcpip.ReadOptions) (tcpip.ReadResult, tcpip.Error) {
	buf := make([]byte, maxPayload)
	w := tcpip.SliceWriter(buf)
	p.rawMu.Lock()
	p.skipAnswered()
	res, err := p.ep.Read(&w, opts)
	p.rawMu.Unlock()
	if err != nil {
		return res, err
	}
	b := buf[:res.Count]
	if len(b) >= header.IPv4MinimumSize && p.strip.Load() {
		b = b[min(int(b[0]&0xf)*4, len(b)):]
		res.Total = len(b)
	} else if len(b) >= header.IPv4MinimumSize {
		hlen := int(b[0]&0xf) * 4
		total := int(binary.BigEndian.Uint16(b[2:]))
		binary.LittleEndian.PutUint16(b[2:], uint16(max(total-hlen, 0)))
		binary.LittleEndian.PutUint16(b[6:], binary.BigEndian.Uint16(b[6:]))
	}
	res.Count = m.Uio.CopyIn(b)
	return res, nil
}

// pingTypes are the ICMP messages that a datagram socket may send.
var pingTypes = map[byte]bool{8: true, 13: true, 17: true}

// sendRaw takes the whole message and puts right what BSD has in the host's
// order. EPERM for an ICMP message that only root may send, EINVAL for an IP
// header that is none.
func (p *inpcb) sendRaw(m *socket.Msg) ([]byte, abi.Errno) {
	b := make([]byte, m.Uio.Resid)
	whole := payload{m.Uio.Iov, len(b)} // m moves only when the stack has it
	n, _ := whole.Read(b)
	b = b[:n]
	if p.ping {
		if len(b) < 8 {
			return nil, abi.EINVAL
		}
		if !pingTypes[b[0]] || b[1] != 0 {
			return nil, abi.EPERM
		}
		binary.BigEndian.PutUint16(b[2:], 0)
		icmp := header.ICMPv4(b)
		icmp.SetChecksum(header.ICMPv4Checksum(icmp, 0))
		return b, 0
	}
	if p.ep.SocketOptions().GetHeaderIncluded() {
		if len(b) < header.IPv4MinimumSize || int(binary.LittleEndian.Uint16(b[2:])) != len(b) {
			return nil, abi.EINVAL
		}
		binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
		binary.BigEndian.PutUint16(b[6:], binary.LittleEndian.Uint16(b[6:]))
	}
	return b, 0
}

// stripHdr is IP_STRIPHDR, for raw sockets alone (ENOPROTOOPT).
var stripHdr = option{
	set: func(p *inpcb, v []byte) abi.Errno {
		n, e := intOf(v)
		if !p.raw4 {
			e = abi.ENOPROTOOPT
		}
		if e == 0 {
			p.strip.Store(n != 0)
		}
		return e
	},
	get: func(p *inpcb) ([]byte, abi.Errno) {
		switch {
		case !p.raw4:
			return nil, abi.ENOPROTOOPT
		case p.strip.Load():
			return i32(inpStripHdr), 0
		}
		return i32(0), 0
	},
}

const inpStripHdr = 0x200 // INP_STRIPHDR, which is what getsockopt gives
