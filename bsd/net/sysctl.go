package net

import (
	"puggle/abi"
	"puggle/bsd/socket"
)

// Variable is a sysctl of the network: an int that can be read.
type Variable struct {
	Name  string // "net.inet.tcp.sendspace"
	Value int32
	Doc   string
}

// Variables are the sysctls that the network offers, all read only: its values
// are given with the machine.
var Variables = []Variable{
	{"kern.ipc.somaxconn", abi.SOMAXCONN, "longest listen queue"},
	{"kern.ipc.maxsockbuf", socket.MaxSockbuf, "largest socket buffer, in bytes"},
	{"net.local.stream.sendspace", 8192, "buffer of a local stream, in bytes"},
	{"net.local.stream.recvspace", 8192, "buffer of a local stream, in bytes"},
	{"net.local.dgram.maxdgram", 2048, "largest local datagram, in bytes"},
	{"net.local.dgram.recvspace", 4096, "buffer of a local datagram socket, in bytes"},
	{"net.inet.ip.forwarding", 0, "packets are not routed between interfaces"},
	{"net.inet.ip.ttl", 64, "time to live of packets sent"},
	{"net.inet.ip.portrange.first", 49152, "ephemeral ports"},
	{"net.inet.ip.portrange.last", 65535, "ephemeral ports"},
	{"net.inet.ip.portrange.hifirst", 49152, "ephemeral ports, high range"},
	{"net.inet.ip.portrange.hilast", 65535, "ephemeral ports, high range"},
	{"net.inet.tcp.sendspace", tcpSpace, "send buffer, in bytes"},
	{"net.inet.tcp.recvspace", tcpSpace, "receive buffer, in bytes"},
	{"net.inet.tcp.msl", int32(msl / 1e6), "maximum segment lifetime, in milliseconds"},
	{"net.inet.tcp.sack", 1, "selective acknowledgements"},
	{"net.inet.udp.maxdgram", udpMaxDgram, "largest datagram sent, in bytes"},
	{"net.inet.udp.recvspace", udpRecvSpace, "receive buffer, in bytes"},
	{"net.inet6.ip6.forwarding", 0, "packets are not routed between interfaces"},
	{"net.inet6.ip6.v6only", 0, "IPv6 sockets take IPv4, too"},
	{"net.inet6.ip6.hlim", 64, "hop limit of packets sent"},
}
