// Package rom is the ROM monitor (Writing Loadable Kernel Servers, 3-3 and appendix E): a
// prompt before the machine boots, at which registers and physical addresses are examined and
// changed.
//
// # What it promises
//
// The commands of the appendix: a, d, r, s, e, S and R, with their transcripts; and b, which boots. The
// NeXTbus is the machine's: e reads and writes the registers of boards by their physical addresses. A line
// does a bounded amount of work.
//
// # What it does not do
//
// There is no 680x0: its registers are as after a reset, keep what is typed in, and do nothing. Main
// memory, 16 MB at 0x4000000, is the monitor's own, too: what is in it is gone when the machine boots.
// A function code other than 5 and 6 shows the same memory.
package rom
