package trap

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// The seccomp filters, as classic BPF. They are small enough to be read; each
// line of guestFilter and controlFilter is one instruction.

type insn struct {
	code   uint16
	jt, jf uint8
	k      uint32
}

const (
	ldw  = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
	jeq  = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
	jge  = unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K
	and  = unix.BPF_ALU | unix.BPF_AND | unix.BPF_K
	ret  = unix.BPF_RET | unix.BPF_K
	dNr  = 0
	dArc = 4
	dIPl = 8
	dIPh = 12
	dFd  = 16 // low half of the first argument
	dOp  = 24 // low half of the second argument

	dOpHigh = 28

	retAllow = 0x7fff0000
	retTrap  = 0x00030000
	retKill  = 0x80000000 // the process

	archX8664 = 0xc000003e
)

// guestFilter is for threads that run guest code.
func guestFilter() []insn {
	return []insn{
		{ldw, 0, 0, dArc},
		{jeq, 0, 15, archX8664}, // 1: else trap
		{ldw, 0, 0, dIPh},
		{jeq, 0, 13, uint32(textBase >> 32)}, // 3
		{ldw, 0, 0, dIPl},
		{jge, 0, 11, uint32(textBase & 0xffffffff)},          // 5
		{jge, 10, 0, uint32(textBase&0xffffffff) + textSize}, // 6
		{ldw, 0, 0, dNr},                                     // 7
		{jeq, 16, 0, unix.SYS_RT_SIGRETURN},                  // 8
		{jeq, 15, 0, unix.SYS_SCHED_YIELD},                   // 9
		{jeq, 14, 0, unix.SYS_EXIT},                          // 10
		{jeq, 6, 0, unix.SYS_WRITE},                          // 11
		{jeq, 0, 4, unix.SYS_FUTEX},                          // 12
		{ldw, 0, 0, dOp},                                     // 13
		{and, 0, 0, 0xffffff7f},                              // 14: without FUTEX_PRIVATE_FLAG
		{jeq, 9, 0, 0},                                       // 15: WAIT
		{jeq, 8, 0, 1},                                       // 16: WAKE
		{ret, 0, 0, retTrap},                                 // 17
		{ldw, 0, 0, dFd},                                     // 18
		{jeq, 0, 4, doorbellFD},                              // 19
		{ldw, 0, 0, dOp},                                     // 20: of one, so that it never is full
		{jeq, 0, 2, uint32(oneWord & 0xffffffff)},            // 21
		{ldw, 0, 0, dOpHigh},                                 // 22
		{jeq, 1, 0, uint32(oneWord >> 32)},                   // 23
		{ret, 0, 0, retTrap},                                 // 24
		{ret, 0, 0, retAllow},                                // 25
	}
}

// controlFilter is for a shell's control thread. It never runs guest code and
// takes nothing from guest-writable memory; the filter is a second fence.
func controlFilter() []insn {
	allowed := []uint32{
		unix.SYS_FUTEX, unix.SYS_MMAP, unix.SYS_MUNMAP, unix.SYS_MPROTECT, unix.SYS_MADVISE,
		unix.SYS_CLONE, unix.SYS_SIGALTSTACK, unix.SYS_RT_SIGPROCMASK, unix.SYS_GETTID,
		unix.SYS_SECCOMP, unix.SYS_PRCTL, unix.SYS_GETPPID, unix.SYS_EXIT, unix.SYS_EXIT_GROUP,
		unix.SYS_RT_SIGRETURN, unix.SYS_SCHED_YIELD,
		unix.SYS_PWRITE64, // to ACK
		unix.SYS_WRITE,    // to the doorbell, for guest threads
	}
	p := []insn{{ldw, 0, 0, dArc}, {jeq, 1, 0, archX8664}, {ret, 0, 0, retTrap}, {ldw, 0, 0, dNr}}
	for i, nr := range allowed {
		p = append(p, insn{jeq, uint8(len(allowed) - i), 0, nr})
	}
	// Threads inherit this filter below their own, and the strictest verdict
	// wins: so it traps rather than kills, or a guest's stray call would be
	// fatal.
	return append(p, insn{ret, 0, 0, retTrap}, insn{ret, 0, 0, retAllow})
}

func marshalFilter(p []insn) []byte {
	b := make([]byte, 8*len(p))
	for i, in := range p {
		binary.LittleEndian.PutUint16(b[8*i:], in.code)
		b[8*i+2], b[8*i+3] = in.jt, in.jf
		binary.LittleEndian.PutUint32(b[8*i+4:], in.k)
	}
	return b
}
