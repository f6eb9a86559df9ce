// Package server is what programs see of the I/O Registry: the subsystem iokit of
// <device/device.defs>, at the port of host_get_io_main and at those of entries,
// iterators, notifications and connections.
//
// # Who owns what
//
// An entry, an iterator, a notification or a connection has a port as long as somebody has a send
// right to it. With the last one an iterator or a notification ends, and a connection is closed
// (UserClient.Close with died); an entry only loses its port.
//
// # Errors
//
// kIOReturnBadArgument: the port is none of the kind, or the argument no such thing.
// kIOReturnNotFound, kIOReturnNoDevice as XNU's. kIOReturnNoResources: too many iterators,
// notifications or connections.
//
// # Lock order
//
// Server.mu, then the registry's and ipc's. Each notification and connection has a lock of its own, under
// which nothing is called. Messages to programs are sent with no lock held, and are lost when the
// port is full, as XNU's are.
//
// # What it does not do
//
// The calls of 32-bit programs, io_connect_map_memory and its kin, have no server.
package server
