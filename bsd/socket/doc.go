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
// # Code between the halves
//
// Kernel controls (kern_control.go) are sockets whose protocol is code of an extension; that may sleep,
// so it sends by Sosend, outside of the loop in which sockets wait. Socket filters (sflt.go) are
// asked by the Socket's methods, before the protocol, and have queues for data of their own
// (sflt_data.go). Nothing of theirs is called with a lock held.
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
// filtered.outMu comes before a protocol's locks; filtered.mu, filters.mu and Controls.mu are leaves but
// for the queues' and sockbuf.mu.
//
// rights.gate, then local.mu, then sockbuf.mu, then rights.mu, a WaitQueue's or
// a Klist's. Socket.mu is a leaf but for those last. No lock is held across a
// sleep; sockbuf.mu is held while bytes move, as pinned memory cannot fault.
//
// # Not done
//
// Out-of-band data on AF_UNIX (EOPNOTSUPP, as on Darwin), sockets that are both flow-diverted and dead.
package socket
