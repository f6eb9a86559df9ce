// Package mig is the run-time half of the MIG compiler's Go output, the
// interfaces of the kernel that the compiler made (*_gen.go, from defs/), and
// their servers.
//
// # A call
//
// A message to a kernel object's port comes to Table.Serve on the sender's
// goroutine. The table finds the routine by id; generated code checks the
// message against its layout, takes the arguments out, and calls the server's
// function, a field of the subsystem's struct; a nil field answers MIG_BAD_ID, as
// XNU does for a routine that it has not. The reply is written behind it.
//
// # Who owns what
//
// A server function borrows its arguments: rights and memory in the request die
// with it, unless the function takes them (Right.Take, Memory.Take). It may
// take even if it fails afterwards: what it took is its own. Results that are
// rights or memory are given away, but only with KERN_SUCCESS; a function that
// fails returns none. A client gives its rights away in every case, except the
// request port, of which it must have a send right and keeps it; results that it
// gets are its own.
//
// # Errors
//
// MIG_BAD_ARGUMENTS: the message has not the layout of its routine.
// MIG_TYPE_ERROR: it has, but with other kinds of rights. MIG_BAD_ID: no such
// routine. A client also gets MIG_REPLY_MISMATCH, MIG_SERVER_DIED (the reply
// right was dropped), and the errors of sending and receiving.
//
// # Lock order
//
// None of its own. Servers run without locks.
package mig

//go:generate go run puggle/mig/internal/gen
