package net

import (
	"encoding/binary"

	"gvisor.dev/gvisor/pkg/bpf"

	"puggle/abi"
)

// bpfFilter is a program that was checked: it ends after as many steps as it has instructions at the
// most, reads inside the packet only, and has no memory but its own 16 words.
type bpfFilter struct{ prog bpf.Program }

// newBpfFilter is bpf_validate: EINVAL unless all jumps lead forward and into the program, no constant
// divides by zero, words of its memory are there, all instructions are known, and the last one returns.
// A backward jump would need an offset that wraps round, and counts as one too far. No instructions are no
// filter, which takes everything. A load behind the packet's end, and a division by a register that is
// zero, return 0 when they happen.
func newBpfFilter(code []byte) (*bpfFilter, abi.Errno) {
	if len(code) == 0 {
		return nil, 0
	}
	if len(code)%abi.SizeofBpfInsn != 0 || len(code) > abi.BPF_MAXINSNS*abi.SizeofBpfInsn {
		return nil, abi.EINVAL
	}
	var insns []bpf.Instruction
	for b := code; len(b) > 0; b = b[abi.SizeofBpfInsn:] {
		insns = append(insns, bpf.RawInstruction(binary.LittleEndian.Uint16(b), b[2], b[3], binary.LittleEndian.Uint32(b[4:])))
	}
	p, err := bpf.Compile(insns, false)
	if err != nil {
		return nil, abi.EINVAL
	}
	return &bpfFilter{p}, 0
}

// run gives how many bytes of the packet are wanted.
func (f *bpfFilter) run(pkt []byte) uint32 {
	if f == nil {
		return ^uint32(0)
	}
	n, err := bpf.Exec[bpf.BigEndian](f.prog, bpf.Input(pkt))
	if err != nil {
		return 0
	}
	return n
}
