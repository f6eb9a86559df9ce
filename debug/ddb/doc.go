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
// There are no watchpoints, no calls of functions, no
// instructions printed (gdb does that), and nothing about user space.
package ddb
