// Package nextbus is a simulated NeXTbus: slots, their address spaces, the NBIC
// of each board, and boards written in Go (Writing Loadable Kernel Servers, 1-6 to
// 1-8 and 2-12 to 2-18).
//
// # Addresses
//
// Physical addresses have 32 bits. A board in slot s has 256 MB of board space
// at 0xs0000000 and 16 MB of slot space at 0xfs000000. The architecture has slots 0
// to 14; the cube has 0, 2, 4 and 6, seen from the back 6, 2, 0, 4 from left to right, and
// its CPU board is in slot 0. Of the CPU board there is the NBIC control register at
// 0x02020000 only. 0xs200c000 to 0xs200cfff are intercepted for s = 2, 4, 6: a bus error
// here. A board whose own NBIC has IGNSID0 set answers at the next higher
// slot's addresses, too, and there the range is not intercepted.
//
// # Registers
//
// The last 24 bytes of a slot space are the board's NBIC: the interrupt byte at
// 0xfsffffe8 (bit 7, read only), the mask byte at 0xfsffffec (bit 7, 1 lets the board
// interrupt), and four words with a byte each, in bits 0 to 7, at 0xfsfffff0: VALID
// and the manufacturer's high byte, its low byte, the board's high byte, its low byte.
// (The document's other addresses for interrupt and mask, 2-15, are swapped.)
//
// Words are in the processor's order of bytes; a board may swap them (Swap), as
// real ones do.
//
// # Access
//
// 8, 16 and 32 bits, aligned, never more than the device is wide, as on the 68040: all else
// is a BusError, which a server gets as a fault. With STFWD set in the CPU's
// control register (the default), writes are acknowledged before they are done, and
// their errors are lost; LostWrites counts them.
//
// Server code runs natively: memory that map_addr gives is not accessible, and each access
// faults. Step does the one instruction (emulate.go).
//
// # Locks
//
// Bus.mu is a leaf; boards are called without it, so a board guards itself.
package nextbus
