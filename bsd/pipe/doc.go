// Package pipe has pipes and FIFOs.
//
// A Pipe is one buffer with readers and writers; an End is the FileOps of an
// open file on it. New makes the two ends of pipe(2). A FIFO's vnode holds a
// Fifo, whose Open gives ends and waits for the other side.
//
// A write of at most PIPE_BUF (512) bytes goes in whole or not at all. The
// buffer starts at what the first write needs, and grows to 64 KB, or to 16 KB
// while all pipes together hold more than 16 MB. Every write without readers
// fails with EPIPE, of which the caller makes a SIGPIPE.
//
// # Lock order
//
// Pipe.mu, then what Klist.Notify takes. Memory of a Uio is touched under
// Pipe.mu; it is pinned, so that can't sleep.
//
// Sources: <sys/pipe.h>, pipe(2), mkfifo(2) of Mac OS X.
package pipe
