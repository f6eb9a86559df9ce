package kernserv

import (
	"puggle/abi"
	"puggle/libkern"
	"puggle/mach/sched"
	"puggle/machine"
)

// Kernel is the kernel task: its map, and the means to run code in it. All
// methods may be called concurrently.
type Kernel interface {
	// Allocate reserves size bytes (whole pages) of addresses, with nothing
	// there; Deallocate gives them back.
	Allocate(size uint64) (machine.Addr, error)
	Deallocate(a machine.Addr, size uint64)
	// Place puts an image where it was linked for, in room that Allocate gave;
	// Remove takes it away again, with whatever still points into it, and leaves
	// the room reserved. The name is for reports.
	Place(name string, img *libkern.Image) error
	Remove(img *libkern.Image)
	// Wire and Unwire are vm_map_pageable of the kernel's map. Unwiring what is
	// not wired is KERN_INVALID_ARGUMENT.
	Wire(a machine.Addr, size uint64) abi.KernReturn
	Unwire(a machine.Addr, size uint64) abi.KernReturn
	// Kalloc gives wired memory for data, zero-filled; Kfree takes it back.
	Kalloc(size uint64) (machine.Addr, error)
	Kfree(a machine.Addr, size uint64)
	// CopyIn and CopyOut access the kernel's map: KERN_INVALID_ADDRESS.
	CopyIn(dst []byte, a machine.Addr) abi.KernReturn
	CopyOut(a machine.Addr, src []byte) abi.KernReturn
	// Resolve finds a symbol of the kernel, by its name in object files.
	Resolve(name string) (addr uint64, ok bool)
	// Call is an upcall: it runs fn with args on th until it returns. The error
	// says in one line why it did not.
	Call(th *sched.Thread, fn machine.Addr, args ...uint64) (uint64, error)
	// Interrupt is Call at an interrupt level, where code may not sleep.
	Interrupt(th *sched.Thread, level int, fn machine.Addr, args ...uint64) (uint64, error)
	// Construct runs a placed image's constructors, Destruct its destructors.
	Construct(th *sched.Thread, img *libkern.Image) error
	Destruct(th *sched.Thread, img *libkern.Image) error
	// References names what in the kernel still points into a range: entries of
	// switch tables, timeouts, threads.
	References(a machine.Addr, size uint64) []string
}

// Files is the machine's file system as kern_loader sees it. Paths are absolute.
type Files interface {
	ReadFile(path string) ([]byte, error)
	WriteFile(path string, b []byte) error
}
