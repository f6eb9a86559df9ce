// Package libsystem holds the libraries that guests link to: libSystem, libc++abi,
// libc++ and libiconv, and the small parts of libresolv, CoreFoundation and Security
// that Go programs need.
// They are written in C and C++ (src and the directories beside it) and built by
// libsystem/build; what it built is committed under lib and embedded here, so
// that a user needs no C compiler.
//
// # How libSystem reaches the kernel
//
// A stub calls machine.TrapEntry instead of executing a syscall instruction,
// with the registers as for one. syscalls.tsv is the table of stubs. What can
// be done in user mode is: clocks (from the commpage), uncontended locks,
// arc4random, errno, thread-specific data. Sleeping locks are ulocks.
//
// # What the kernel must know of it
//
// A process starts at the exported symbol __puggle_start with rdi pointing to
// struct puggle_start (src/private.h) and rsp as Darwin gives it to a program.
// New threads start at the address given to bsdthread_register, signals at
// _sigtramp, both as XNU does it. src/private.h has the private class of calls
// (0xA000000): dlopen and its family, and trust evaluation.
//
// # C++
//
// The unwinder (src/unwind*.c) reads compact unwind information and __eh_frame, and
// is in libSystem, where Rust looks for it, too. libcxxabi is the ABI: throwing,
// catching, types at run time, guards, new; it uses no header of others. libcxx is
// what the headers of libc++ (Debian's libc++-19-dev, needed to build it) declare and leave to
// the library. The two are not in the shared region: a program may replace
// operator new, so they are bound in each process. libSystem itself is compiled with
// unwind tables, so exceptions pass through qsort and its like.
//
// # What it does not do
//
// Locales other than C and its like with UTF-8, Objective-C, notifyd, XPC.
// Asynchronous cancellation acts at cancellation points.
//
// Dispatch (src/dispatch*.c) is a small one over threads; regular expressions
// (src/regcomp.c, regexec.c) follow all paths at once.
package libsystem
