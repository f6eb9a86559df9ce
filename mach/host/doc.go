// Package host is the host as an object: its ports, its processors and clocks,
// and what it tells of itself.
//
// There is one Host in a machine. Its control port answers questions; its
// privileged port, which only the super-user gets, changes things. Processors
// are the host's CPUs that guests run on; there is one processor set, and
// nothing can be assigned to another. Clocks are SYSTEM_CLOCK, which runs since
// the machine was booted, and CALENDAR_CLOCK; both are read only.
//
// # Lock order
//
// Host.mu, then those of mach/ipc. Functions of Config are called without
// locks.
package host
