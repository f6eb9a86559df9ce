// Package net is the network of one machine: the Internet families behind the
// socket layer (inpcb.go), the interfaces (ifnet.go, ifioctl.go), the routing
// table as sysctl shows it (rtdump.go), and what connects the machine with the
// world (nat.go, publish.go); and the system family, tunnels and events (utun.go,
// kev.go).
//
// # The wire
//
// TCP, UDP and IP are gVisor's pkg/tcpip, one stack per machine, started when
// the first Internet socket is made; until then the network costs nothing, and
// the interface list and the routing table are answered from ifnet.go alone.
//
//	lo0  127.0.0.1/8, ::1, fe80::1     loopback, all inside
//	en0  10.0.2.15/24                  to the gateway, 10.0.2.2
//	utun0...                           to a socket of a program (utun.go)
//
// The gateway is a second stack at the other end of en0's wire. It answers for
// every address: a TCP connection or a UDP datagram that reaches it goes on
// through a socket of the host, as the ordinary user who runs the machine. The
// gateway's own address stands for the host's loopback, if Config allows it.
// Other protocols end there, unanswered.
//
// Before anything leaves by en0 the host is asked whether it has a route; if
// not, the caller gets ENETUNREACH at once instead of a timeout.
//
// /dev/bpf* (bpf.go) hear of each packet that an interface sends or gets, from the stack; what a
// program of theirs may do is checked when it is set (bpf_filter.go).
//
// # Fusion
//
// A TCP connection whose two ends are both sockets of this machine carries its bytes
// in memory, past the stack (fuse.go; Solaris had this, by that name). What a connection
// is remains the stack's: handshake, names, options, FIN and RST, its states and
// TIME_WAIT, and what is readable once a socket is closed.
//
//   - Who connects to an address of the machine waits in a table; who is accepted from
//     one finds its peer there. So both know each other before the second has sent a
//     byte. The first may have sent some, which the stack carries.
//   - Each direction counts what went through the stack. From its first send with both
//     ends known it puts bytes into a ring; the receiver takes from the stack until it
//     has had what went through it, then from the ring. Nothing is overtaken.
//   - An empty ring is the stack's to explain: nothing yet, the end, or a reset. A
//     sender marks its direction as closed before the stack hears of it, and the ring is
//     looked at before the stack is asked, under one lock: the end is seen only after
//     the bytes.
//   - What is in flight is bounded by the receiver's SO_RCVBUF, which EVFILT_READ and
//     FIONREAD show, and the sender's SO_SNDBUF for the rest, which SO_NWRITE shows and
//     SO_LINGER waits for. The sender is woken only if it was seen to lack room.
//   - After the receiver's SHUT_RD bytes are thrown away. After its close they go through
//     the stack again, whose answer to them is a reset. A close with bytes unread in
//     the ring resets, as the stack does for those that it has.
//
// Nagle's algorithm, TCP_NOPUSH and TCP_MAXSEG, which are about packets, make no
// difference to such a connection.
//
// # Lock order
//
// cloneMu, then rt.update, then rt.mu; what comes and goes is told to sockets with cloneMu held.
//
// inpcb.mu, then fuseTable.mu, then half.mu (never two), then the stack's own locks,
// then those of the socket layer's queues. The stack calls back into Socket.Wakeup with
// its locks held; that only marks and wakes.
//
// # Not done
//
// ECN, TCP fast open, IP options, IPsec, VLANs and bridges; out-of-band data is
// sent and received in line. IPv6 has no way out.
package net
