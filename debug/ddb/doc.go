// Package ddb is the kernel's own debugger: a prompt for a debug.Target (Kernel
// Programming, "Using the ddb debugger"), and NeXT's NMI mini-monitor (Writing Loadable
// Kernel Servers, appendix D).
//
// A command is NAME[/SWITCHES] ADDRESS[,COUNT]; numbers are hexadecimal unless $radix says
// otherwise. Console.Do runs one line; those that let the kernel go on wait for its
// next stop.
//
// # What it promises
//
// A line does a bounded amount of work and prints a bounded amount of text, whatever it
// says; what can't be done here is an error that says so. It reads memory that is not
// there without harm.
//
// # What it does not do
//
// Watchpoints are looked at between the instructions of one thread, since the processor's are the host's.
// No instructions are printed (gdb does that), and there is nothing about user space and page tables.
package ddb
