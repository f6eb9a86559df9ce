// Package gdb is the kernel's end of GDB's remote serial protocol ("Remote Protocol" in
// the manual of GDB): gdb, and whatever else speaks it, debugs kernel code with it.
//
// A connection stops the kernel. Threads are those that are inside kernel code; when there
// is none, one that stands for the idle kernel, whose registers are zero. Breakpoints are
// the debug.Target's; there are no hardware breakpoints and no watchpoints. Of the
// registers, the general ones and the flags are shown.
//
// monitor COMMAND is a command of package ddb. When the connection ends without a detach,
// the kernel goes on unless it had stopped by itself; detach and kill let it go on.
//
// # What the other end may send
//
// Anything: packets are bounded, and what is malformed is answered by an error or, as the
// protocol has it, by the empty packet for what is not known.
package gdb
