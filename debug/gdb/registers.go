package gdb

import (
	"encoding/binary"
	"encoding/hex"
	"strings"

	"puggle/machine"
)

// target is the description of the registers: those of x86-64, in GDB's own order.
const target = `<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd"><target version="1.0"><architecture>i386:x86-64</architecture></target>`

// Registers by number: 16 general ones and rip of 8 bytes, eflags and 6 selectors of 4.
const (
	regRip    = 16
	regFlags  = 17
	regCS     = 18
	numShown  = 24
	lenShown  = 17*8 + 7*4
	numHidden = 8*10 + 8*4 + 16*16 + 4 // bytes of x87 and SSE registers, which are not shown
)

// general are the registers in GDB's order.
func general(r *machine.Regs) [17]*uint64 {
	return [17]*uint64{&r.Rax, &r.Rbx, &r.Rcx, &r.Rdx, &r.Rsi, &r.Rdi, &r.Rbp, &r.Rsp,
		&r.R8, &r.R9, &r.R10, &r.R11, &r.R12, &r.R13, &r.R14, &r.R15, &r.Rip}
}

// register is register n in hex; "" if there is none, x for what is not shown.
func register(r *machine.Regs, n int) string {
	var b [8]byte
	switch {
	case n < 0 || n > 200:
		return ""
	case n < regFlags:
		binary.LittleEndian.PutUint64(b[:], *general(r)[n])
		return hex.EncodeToString(b[:])
	case n == regFlags:
		binary.LittleEndian.PutUint32(b[:], uint32(r.Rflags)&^0x100) // the debugger's own
		return hex.EncodeToString(b[:4])
	case n == regCS:
		binary.LittleEndian.PutUint32(b[:], uint32(r.Cs))
		return hex.EncodeToString(b[:4])
	case n < numShown:
		return "00000000"
	}
	return "xxxxxxxx"
}

// setRegister changes one; false if it can't be. Selectors stay as they are.
func setRegister(r *machine.Regs, n int, v []byte) bool {
	switch {
	case n >= 0 && n < regFlags && len(v) == 8:
		*general(r)[n] = binary.LittleEndian.Uint64(v)
	case n == regFlags && len(v) == 4:
		r.Rflags = uint64(binary.LittleEndian.Uint32(v)) &^ 0x100
	case n > regFlags && n < numShown && len(v) == 4:
	default:
		return false
	}
	return true
}

// all is the answer to g.
func all(r *machine.Regs) string {
	var s strings.Builder
	for n := range numShown {
		s.WriteString(register(r, n))
	}
	s.WriteString(strings.Repeat("xx", numHidden))
	return s.String()
}

// setAll is G; false if it is malformed. What follows the general registers is ignored.
func setAll(r *machine.Regs, s string) bool {
	if len(s) < 2*lenShown {
		return false
	}
	b, err := hex.DecodeString(s[:2*lenShown])
	if err != nil {
		return false
	}
	for n := range numShown {
		size := 8
		if n >= regFlags {
			size = 4
		}
		setRegister(r, n, b[:size])
		b = b[size:]
	}
	return true
}
