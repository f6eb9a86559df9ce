// Package debug is what a debugger of the kernel and the kernel that it debugs agree
// on: package gdb (the remote protocol) and package ddb (a prompt) use a Target,
// package kpi is one.
//
// A Target runs or is stopped. While it is stopped, no kernel code and no process runs;
// the clock and the host go on. One debugger at a time is attached.
package debug

import (
	"errors"

	"puggle/machine"
)

// Flags of the boot argument debug (Kernel Programming, chapter 17).
const (
	DB_HALT        = 0x01  // halt at boot, and wait for a debugger
	DB_PRT         = 0x02  // the kernel's diagnostics go to the console
	DB_NMI         = 0x04  // an NMI enters the debugger
	DB_KPRT        = 0x08  // kprintf goes to the serial line
	DB_KDB         = 0x10  // ddb is the debugger to enter
	DB_SLOG        = 0x20  // the kernel's diagnostics go to the system log
	DB_ARP         = 0x40  // no meaning here: there is no network to the debugger
	DB_KDP_BP_DIS  = 0x80  // none either
	DB_LOG_PI_SCRN = 0x100 // nor this: a panic is never a picture
)

// Reason is why a Target stopped.
type Reason uint8

const (
	Halted     Reason = iota // a debugger, a boot argument or an NMI asked for it
	Entered                  // kernel code called PE_enter_debugger or Debugger
	Breakpoint               // one was reached
	Stepped                  // one instruction was executed
	Panicked                 // an extension is about to end by a panic
)

// Stop says how a Target stopped.
type Stop struct {
	Reason Reason
	Text   string // one line
	Thread uint64 // 0: no thread in particular
}

// Thread is a thread that is inside kernel code.
type Thread struct {
	ID     uint64 // never 0
	Name   string
	Inside bool // it is in a call of the kernel: it can't be stepped or changed
}

// Resume says how a Target goes on.
type Resume struct {
	Thread uint64 // with Step: who
	Step   bool   // Thread executes one instruction
	Alone  bool   // and nobody else runs meanwhile
}

// Extension is code that is loaded.
type Extension struct {
	ID      string
	Version string
	Index   int
	Refs    int
	Base    machine.Addr
	Size    uint64
}

// Errors of Targets.
var (
	ErrBusy    = errors.New("a debugger is attached already")
	ErrRunning = errors.New("the kernel is running")
	ErrThread  = errors.New("there is no such thread")
	ErrInside  = errors.New("the thread is inside a call of the kernel")
	ErrAddress = errors.New("nothing is mapped there")
	ErrBreak   = errors.New("there can't be a breakpoint there")
)

// Target is what is debugged. Any goroutine may call its methods; those that read or
// change what runs want it stopped, and do nothing or give ErrRunning otherwise.
type Target interface {
	// Attach makes the caller the debugger; ErrBusy if there is one. It does not stop
	// anything. Detach takes breakpoints out and lets the kernel run; with
	// keep, it stays stopped if it wasn't a debugger that stopped it.
	Attach() error
	Detach(keep bool)

	// Halt stops the kernel, if it runs. Stopped says how it has stopped; nil while
	// it runs. Wait waits for it; nil if cancel was closed before.
	Halt(text string)
	Stopped() *Stop
	Wait(cancel <-chan struct{}) *Stop
	// Resume lets it go on. Errors: ErrRunning, ErrThread, ErrInside.
	Resume(r Resume) error

	Threads() []Thread
	// Regs are a thread's registers; ErrThread. SetRegs changes them; ErrInside.
	Regs(id uint64) (machine.Regs, error)
	SetRegs(id uint64, r machine.Regs) error
	// Backtrace is where a thread is and what called it.
	Backtrace(id uint64) []machine.Addr

	// Read reads memory and gives how many bytes there were; breakpoints don't show.
	Read(b []byte, a machine.Addr) int
	// Write writes memory, text too; ErrAddress.
	Write(a machine.Addr, b []byte) error
	// SetBreak and ClearBreak put and remove a breakpoint; each may be repeated.
	SetBreak(a machine.Addr) error
	ClearBreak(a machine.Addr) error
	Breaks() []machine.Addr

	// Symbolize names an address; Symbol finds a name, of an extension's or the kernel's.
	Symbolize(a machine.Addr) string
	Symbol(name string) (machine.Addr, bool)
	Extensions() []Extension
	// Messages is the message buffer.
	Messages() string
	// Flags are the debug flags.
	Flags() uint64
	SetFlags(uint64)
}
