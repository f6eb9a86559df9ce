// Package syscalls is the table of kernel calls and their handlers: one row a
// call, with its number, name, arguments, handler, status and note. Everything
// that lists calls (`puggle syscalls`, the tracer, libSystem's stubs) reads the
// rows; dispatch reads what decode makes of them once, at start.
//
// A call's class is in bits 24 and up of rax: 1 Mach traps, 2 BSD calls, 3
// machine-dependent calls, 0xA our own private calls for libSystem. Arguments
// come in rdi, rsi, rdx, r10, r8, r9, and from 8(%rsp) on, for both ways in. They
// are cut to their C types in one place (decode.go): guests leave garbage in
// the high halves of ints.
//
// A BSD call returns in rax and rdx with the carry flag clear, or its errno in
// rax with the carry flag set. A Mach trap returns in rax only.
//
// # Interrupted calls
//
// A handler that gives EINTR because an AST ended its sleep must have done
// nothing yet. Whether the call is made again is decided when the AST has been
// acted upon: when no handler ran, always; when one ran, if its action has
// SA_RESTART and the row does not say Eintr. The call is then repeated by
// resuming the guest before it, so nothing is kept inside the kernel.
//
// # Locks
//
// Handlers run on the thread's goroutine without locks.
//
// Files are named after topics: sys_proc, sys_signal, sys_file, sys_vfs, sys_socket,
// sys_vm, sys_kqueue, sys_thread, sys_time, sys_misc, mach_traps.
package syscalls
