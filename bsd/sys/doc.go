// Package sys holds what the rooms of the BSD half share, after the headers of
// <sys/>: credentials (ucred.go), data in motion (uio.go), open files (file.go)
// and the lists by which they announce events (event.go).
//
// It knows no processes, vnodes or sockets; those rooms know it.
//
// # Lock order
//
// A room's own object lock, then Klist.mu, then the kqueue's. Klist.Notify may
// be called with the object's lock held; a Filter method is never called with
// Klist.mu held.
package sys
