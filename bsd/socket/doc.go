// Package socket is the socket layer of 4.4BSD as Darwin has it: what a
// descriptor of type DTYPE_SOCKET is (socket.go), how data is sent and received
// (send.go, receive.go), how it announces itself to kevent, select and poll
// (filter.go), its options (options.go), the table of protocol families
// (domain.go), and the local family, AF_UNIX (unix*.go). Protocols that need a
// network are in bsd/net.
//
// # The two halves
//
// A Socket sleeps, counts time, and knows flags and options. A PCB is the
// protocol's side (pr_usrreqs): none of its methods sleeps. One that cannot go
// on says EAGAIN, and calls Socket.Wakeup when trying again may help; the socket
// layer tries, asserts a wait, tries again, and only then blocks, so a wakeup
// between is never lost.
//
// # Ownership of rights
//
// Descriptors sent in SCM_RIGHTS travel as references to sys.OpenFile. A
// message owns its references from a successful internalize until it is
// received (the receiver's table takes them) or dropped (they are closed).
// Files that only messages hold, in sockets that only messages hold, are found
// and dropped by the collector in rights.go, at each close of a local socket
// while rights are in flight.
//
// # Lock order
//
// rights.gate, then local.mu, then sockbuf.mu, then rights.mu, a WaitQueue's or
// a Klist's. Socket.mu is a leaf but for those last. No lock is held across a
// sleep; sockbuf.mu is held while bytes move, as pinned memory cannot fault.
//
// # Not done
//
// Out-of-band data on AF_UNIX (EOPNOTSUPP, as on Darwin), SO_NKE before kernel
// extensions exist, sockets that are both flow-diverted and dead.
package socket
