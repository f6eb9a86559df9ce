package net

import (
	"encoding/binary"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"

	"puggle/abi"
	"puggle/bsd/socket"
)

const (
	inSockinfoSize  = 80
	tcpSockinfoSize = 120
)

// IsConnecting says whether a connection is on its way.
func (p *inpcb) IsConnecting() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state == connecting
}

// Info is the struct in_sockinfo, and for TCP the tcp_sockinfo, that proc_info
// gives. Timers and sequence numbers are 0.
func (p *inpcb) Info() (int, []byte) {
	le := binary.LittleEndian
	b := make([]byte, tcpSockinfoSize)
	vflag := byte(1) // INI_IPV4
	if p.v6 {
		vflag = 2
	}
	b[24] = vflag
	ttl := tcpip.IPv4TTLOption
	if p.v6 {
		ttl = tcpip.IPv6HopLimitOption
	}
	if v, err := p.ep.GetSockOptInt(ttl); err == nil && v >= 0 {
		b[25] = byte(v)
	} else {
		b[25] = 64
	}
	p.endpointInfo(b[4:], b[48:], p.ep.GetLocalAddress)
	if !p.isListening() {
		p.endpointInfo(b[0:], b[32:], p.ep.GetRemoteAddress)
	}
	if !p.tcp {
		return socket.SockinfoIn, b[:inSockinfoSize]
	}
	le.PutUint32(b[80:], uint32(tcpStates[tcp.EndpointState(p.ep.State())]))
	le.PutUint32(b[100:], uint32(p.intOpt(tcpip.MaxSegOption)))
	return socket.SockinfoTCP, b
}

func (p *inpcb) isListening() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.listening
}

// endpointInfo writes one end: the port in network order, as an int, and the
// address, an IPv4 one in the last 4 of its 16 bytes.
func (p *inpcb) endpointInfo(port, addr []byte, of func() (tcpip.FullAddress, tcpip.Error)) {
	full, err := of()
	if err != nil {
		return
	}
	binary.BigEndian.PutUint16(port, full.Port)
	sa := p.sockaddr(full)
	if sa[1] == abi.AF_INET {
		copy(addr[12:16], sa[4:8])
	} else {
		copy(addr[:16], sa[8:24])
	}
}
