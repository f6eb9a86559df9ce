// Package host is the host as an object: its ports, its processors and clocks,
// and what it tells of itself.
//
// There is one Host in a machine. Its control port answers questions; its
// privileged port, which only the super-user gets, changes things. Processors
// are the host's CPUs that guests run on. They start in the default processor
// set, can be assigned to others that guests create, and be taken out of use
// (processor_exit); threads and tasks are assigned to sets. A set in which
// threads are keeps its last processor. How many may run at once is what a
// processor stands for: on which CPU of the host a thread runs, the host says. Clocks are SYSTEM_CLOCK, which runs since
// the machine was booted, and CALENDAR_CLOCK; both are read only.
//
// # Lock order
//
// Host.mu, then those of mach/ipc. Functions of Config are called without
// locks.
package host
