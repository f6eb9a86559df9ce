package net

import (
	"encoding/binary"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"

	"puggle/abi"
)

// tcpStates are the stack's states as <netinet/tcp_fsm.h> numbers them.
var tcpStates = map[tcp.EndpointState]byte{
	tcp.StateListen:      abi.TCPS_LISTEN,
	tcp.StateConnecting:  abi.TCPS_SYN_SENT,
	tcp.StateSynSent:     abi.TCPS_SYN_SENT,
	tcp.StateSynRecv:     abi.TCPS_SYN_RECEIVED,
	tcp.StateEstablished: abi.TCPS_ESTABLISHED,
	tcp.StateCloseWait:   abi.TCPS_CLOSE_WAIT,
	tcp.StateFinWait1:    abi.TCPS_FIN_WAIT_1,
	tcp.StateClosing:     abi.TCPS_CLOSING,
	tcp.StateLastAck:     abi.TCPS_LAST_ACK,
	tcp.StateFinWait2:    abi.TCPS_FIN_WAIT_2,
	tcp.StateTimeWait:    abi.TCPS_TIME_WAIT,
}

// connectionInfo writes a struct tcp_connection_info. The counters of packets
// are 0: the stack keeps none per connection. Bytes are counted where they leave and
// enter the socket.
func (p *inpcb) connectionInfo() ([]byte, abi.Errno) {
	var info tcpip.TCPInfoOption
	if err := p.ep.GetSockOpt(&info); err != nil {
		return nil, errno(err)
	}
	b := make([]byte, abi.TCPConnectionInfoSize)
	le := binary.LittleEndian
	ms := func(off int, d time.Duration) { le.PutUint32(b[off:], uint32(d/time.Millisecond)) }
	b[0] = tcpStates[tcp.EndpointState(p.ep.State())]
	le.PutUint32(b[4:], abi.TCPCI_OPT_TIMESTAMPS|abi.TCPCI_OPT_SACK|abi.TCPCI_OPT_WSCALE)
	if info.ReorderSeen {
		le.PutUint32(b[8:], 2)
	}
	ms(12, info.RTO)
	mss := uint32(p.intOpt(tcpip.MaxSegOption))
	le.PutUint32(b[16:], mss)
	le.PutUint32(b[20:], info.SndSsthresh)
	le.PutUint32(b[24:], info.SndCwnd*mss)
	le.PutUint32(b[32:], uint32(p.unsent()))
	_, rcv := p.so.Hiwat()
	le.PutUint32(b[36:], uint32(rcv))
	ms(40, info.RTT)
	ms(44, info.RTT)
	ms(48, info.RTTVar)
	le.PutUint64(b[64:], p.sent.Load())
	le.PutUint64(b[88:], p.received.Load()+uint64(p.unread()))
	return b, 0
}
