// Package net is the network of one machine: the Internet families behind the
// socket layer (inpcb.go), the interfaces (ifnet.go, ifioctl.go), the routing
// table as sysctl shows it (rtdump.go), and what connects the machine with the
// world (nat.go, publish.go).
//
// # The wire
//
// TCP, UDP and IP are gVisor's pkg/tcpip, one stack per machine, started when
// the first Internet socket is made; until then the network costs nothing, and
// the interface list and the routing table are answered from ifnet.go alone.
//
//	lo0  127.0.0.1/8, ::1, fe80::1     loopback, all inside
//	en0  10.0.2.15/24                  to the gateway, 10.0.2.2
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
// # Lock order
//
// inpcb.mu, then the stack's own locks, then those of the socket layer's queues.
// The stack calls back into Socket.Wakeup with its locks held; that only marks
// and wakes.
//
// # Not done
//
// ECN, TCP fast open, IP options, IPsec, VLANs and bridges; out-of-band data is
// sent and received in line. IPv6 has no way out.
package net
