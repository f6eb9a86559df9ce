package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Where a guest enters the kernel (machine.TrapEntry), and the class bits of a
// call's number.
const trapEntry = 0x7fffffe08000

var classes = map[string]uint32{"m": 0x1000000, "b": 0x2000000, "d": 0x3000000, "p": 0xa000000}

// Thread-specific slots that stubs look at: tsd.h has the same numbers.
const (
	slotErrno  = 8 * 1
	slotCancel = 8 * 12
)

// stubs turns the table into assembly. A stub passes the fourth argument in
// r10, where the kernel looks for it; arguments from the seventh on already lie
// at 8(%rsp).
func stubs(table string) ([]byte, error) {
	text, err := os.ReadFile(table)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("\t.section __TEXT,__text,regular,pure_instructions\n")
	for n, line := range strings.Split(string(text), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 4 || classes[f[0]] == 0 {
			return nil, fmt.Errorf("%s:%d: want class, number, kind, symbols", table, n+1)
		}
		num, err := strconv.ParseUint(f[1], 10, 16)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %v", table, n+1, err)
		}
		b.WriteString("\t.p2align 4\n")
		for _, s := range strings.Split(f[3], ",") {
			fmt.Fprintf(&b, "\t.globl \"_%s\"\n\"_%s\":\n", s, s)
		}
		if f[2] == "c" {
			// Enabled and pending: act on it instead.
			fmt.Fprintf(&b, "\tcmpl $3, %%gs:%d\n\tje cancel_here\n", slotCancel)
		}
		fmt.Fprintf(&b, "\tmovl $%#x, %%eax\n\tmovq %%rcx, %%r10\n\tmovabsq $%#x, %%r11\n\tcallq *%%r11\n",
			classes[f[0]]|uint32(num), uint64(trapEntry))
		switch f[2] {
		case "e":
			b.WriteString("\tjc cerror\n")
		case "c":
			b.WriteString("\tjc cerror_cancel\n")
		case "n":
			b.WriteString("\tjnc 1f\n\tnegq %rax\n1:\n")
		case "r":
		default:
			return nil, fmt.Errorf("%s:%d: unknown kind %q", table, n+1, f[2])
		}
		b.WriteString("\tretq\n")
	}
	fmt.Fprintf(&b, `	.p2align 4
cerror_cancel:
	cmpl $4, %%eax
	jne cerror
	cmpl $3, %%gs:%d
	je cancel_here
cerror:
	movq %%gs:%d, %%r11
	movl %%eax, (%%r11)
	movq $-1, %%rax
	movq $-1, %%rdx
	retq
cancel_here:
	jmp __pthread_exit_cancelled
	.subsections_via_symbols
`, slotCancel, slotErrno)
	return b.Bytes(), nil
}
