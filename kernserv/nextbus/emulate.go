package nextbus

import (
	"errors"
	"math/bits"

	"puggle/machine"
)

// ErrInstruction is an instruction that can't access device memory: a burst (MOVE16 had
// to be written by hand on a 68040, too), a string instruction, an access of 64
// bits, or one that no compiler makes for a volatile variable.
var ErrInstruction = errors.New("this instruction can't access device memory: use 8-, 16- or 32-bit variables, or bytecopy()")

// MaxInstruction is the longest x86 instruction, in bytes.
const MaxInstruction = 15

// Memory is what an emulated instruction accesses.
type Memory interface {
	Read(a machine.Addr, width int) (uint32, error)
	Write(a machine.Addr, width int, v uint32) error
}

// Step does the one instruction in code, which is at r.Rip and has a memory
// operand, on m, and moves r behind it. It knows mov, movzx, movsx, add, or, adc,
// sbb, and, sub, xor, cmp, test, not, neg, inc, dec, xchg, bt, bts, btr and setcc.
// On an error, ErrInstruction or m's, r is unchanged.
func Step(r *machine.Regs, code []byte, m Memory) error {
	d := decoder{r: *r, code: code, m: m}
	if !d.prefixes() || d.instruction() != nil && d.err == nil {
		d.err = ErrInstruction
	}
	if d.err != nil {
		return d.err
	}
	d.r.Rip += uint64(d.at)
	*r = d.r
	return nil
}

type decoder struct {
	r    machine.Regs
	code []byte
	at   int
	m    Memory
	err  error // of m, or the code's end

	rex   byte
	small bool // operand size prefix
	width int
	reg   int // the register operand, or the opcode's extension
	addr  machine.Addr
}

func (d *decoder) byte() byte {
	if d.at >= len(d.code) || d.at >= MaxInstruction {
		d.err = ErrInstruction
		return 0
	}
	d.at++
	return d.code[d.at-1]
}

// immediate reads n bytes, sign-extended to 32 bits.
func (d *decoder) immediate(n int) uint32 {
	var v uint32
	for i := range n {
		v |= uint32(d.byte()) << (8 * i)
	}
	return extend(v, n)
}

func extend(v uint32, width int) uint32 {
	s := 32 - 8*width
	return uint32(int32(v<<s) >> s)
}

func (d *decoder) prefixes() bool {
	for {
		b := d.byte()
		if d.err != nil {
			return false
		}
		switch {
		case b == 0x66:
			d.small = true
		case b == 0xf0: // lock: there is one bus
		case b&0xf0 == 0x40:
			d.rex = b
			return true // it comes last
		case b == 0x67 || b == 0xf2 || b == 0xf3 || b == 0x64 || b == 0x65:
			return false
		default:
			d.at--
			return true
		}
	}
}

// regs are the general registers in the processor's order.
func (d *decoder) regs(n int) *uint64 {
	r := &d.r
	return [16]*uint64{&r.Rax, &r.Rcx, &r.Rdx, &r.Rbx, &r.Rsp, &r.Rbp, &r.Rsi, &r.Rdi,
		&r.R8, &r.R9, &r.R10, &r.R11, &r.R12, &r.R13, &r.R14, &r.R15}[n&15]
}

// get and put access a register of a width; without REX, 4 to 7 are the second
// bytes of 0 to 3.
func (d *decoder) get(n, width int) uint32 {
	if width == 1 && d.rex == 0 && n >= 4 {
		return uint32(*d.regs(n - 4) >> 8 & 0xff)
	}
	return uint32(*d.regs(n)) & mask(width)
}

func (d *decoder) put(n, width int, v uint32) {
	p := d.regs(n)
	switch {
	case width == 1 && d.rex == 0 && n >= 4:
		p = d.regs(n - 4)
		*p = *p&^0xff00 | uint64(v&0xff)<<8
	case width == 4:
		*p = uint64(v)
	default:
		*p = *p&^uint64(mask(width)) | uint64(v&mask(width))
	}
}

func mask(width int) uint32 { return 1<<(8*width-1)<<1 - 1 }

// modrm reads the operands; immediates of imm bytes follow it, which count for
// addresses relative to the instruction pointer. False for a register operand.
func (d *decoder) modrm(imm int) bool {
	b := d.byte()
	mod, rm := b>>6, int(b&7)
	d.reg = int(b>>3&7) | int(d.rex&4)<<1
	if mod == 3 {
		return false
	}
	var a uint64
	disp := 0
	switch mod {
	case 1:
		disp = 1
	case 2:
		disp = 4
	}
	switch {
	case rm == 4:
		sib := d.byte()
		index, base := int(sib>>3&7)|int(d.rex&2)<<2, int(sib&7)
		if index != 4 {
			a = *d.regs(index) << (sib >> 6)
		}
		if base == 5 && mod == 0 {
			disp = 4
		} else {
			a += *d.regs(base | int(d.rex&1)<<3)
		}
	case rm == 5 && mod == 0:
		at := int64(int32(d.immediate(4)))
		d.addr = machine.Addr(d.r.Rip + uint64(d.at+imm) + uint64(at))
		return d.err == nil
	default:
		a = *d.regs(rm | int(d.rex&1)<<3)
	}
	if disp > 0 {
		a += uint64(int64(int32(d.immediate(disp))))
	}
	d.addr = machine.Addr(a)
	return d.err == nil
}

func (d *decoder) load(width int) uint32 {
	if d.err != nil {
		return 0
	}
	v, err := d.m.Read(d.addr, width)
	d.err = err
	return v & mask(width)
}

func (d *decoder) store(width int, v uint32) {
	if d.err == nil {
		d.err = d.m.Write(d.addr, width, v&mask(width))
	}
}

// instruction decodes and does one. An error is ErrInstruction.
func (d *decoder) instruction() error {
	op := d.byte()
	if op == 0x0f {
		return d.twoByte(d.byte())
	}
	d.width = 4
	if d.small {
		d.width = 2
	}
	wide := d.rex&8 != 0
	if op&1 == 0 {
		d.width, wide = 1, false
	}
	n := 0 // bytes of immediate
	switch {
	case op == 0x80 || op == 0x83 || op == 0xc6:
		n = 1
	case op == 0x81 || op == 0xc7:
		n = d.width
	case op == 0xf6 || op == 0xf7:
		if d.at < len(d.code) && d.code[d.at]>>3&6 == 0 {
			n = d.width
		}
	}
	if wide && op != 0x63 {
		return ErrInstruction // 64 bits
	}
	if op == 0x63 { // movsxd
		d.width = 4
	}
	if !d.modrm(n) {
		return ErrInstruction
	}
	switch {
	case op < 0x40 && op&7 < 4: // the arithmetic group
		d.arith(int(op>>3), op&2 != 0)
	case op == 0x63:
		v := uint64(int64(int32(d.load(4))))
		if !wide {
			v = uint64(uint32(v))
		}
		*d.regs(d.reg) = v
	case op == 0x80 || op == 0x81 || op == 0x83:
		v, imm := d.load(d.width), d.immediate(n)
		out, keep := d.alu(d.reg&7, v, imm&mask(d.width))
		if keep {
			d.store(d.width, out)
		}
	case op == 0x84 || op == 0x85:
		d.logic(d.load(d.width) & d.get(d.reg, d.width))
	case op == 0x86 || op == 0x87:
		v := d.load(d.width)
		d.store(d.width, d.get(d.reg, d.width))
		d.put(d.reg, d.width, v)
	case op == 0x88 || op == 0x89:
		d.store(d.width, d.get(d.reg, d.width))
	case op == 0x8a || op == 0x8b:
		d.put(d.reg, d.width, d.load(d.width))
	case (op == 0xc6 || op == 0xc7) && d.reg&7 == 0:
		d.store(d.width, d.immediate(n))
	case op == 0xf6 || op == 0xf7:
		return d.unary(n)
	case (op == 0xfe || op == 0xff) && d.reg&7 < 2:
		carry := d.r.Rflags & flagC
		out, _ := d.alu(5*(d.reg&7), d.load(d.width), 1) // add or sub
		d.r.Rflags = d.r.Rflags&^flagC | carry
		d.store(d.width, out)
	default:
		return ErrInstruction
	}
	return nil
}

// arith is the group add or adc sbb and sub xor cmp with a register.
func (d *decoder) arith(op int, toReg bool) {
	v, x := d.load(d.width), d.get(d.reg, d.width)
	if toReg {
		if out, keep := d.alu(op, x, v); keep {
			d.put(d.reg, d.width, out)
		}
		return
	}
	if out, keep := d.alu(op, v, x); keep {
		d.store(d.width, out)
	}
}

func (d *decoder) unary(n int) error {
	switch d.reg & 7 {
	case 0, 1:
		v := d.load(d.width)
		d.logic(v & d.immediate(n))
	case 2:
		d.store(d.width, ^d.load(d.width))
	case 3:
		out, _ := d.alu(5, 0, d.load(d.width))
		d.store(d.width, out)
	default:
		return ErrInstruction
	}
	return nil
}

func (d *decoder) twoByte(op byte) error {
	to := 4
	if d.small {
		to = 2
	}
	switch {
	case op == 0xb6 || op == 0xb7 || op == 0xbe || op == 0xbf: // movzx, movsx
		if !d.modrm(0) {
			return ErrInstruction
		}
		from := 1 + int(op&1)
		v := d.load(from)
		if op < 0xb8 {
			if d.rex&8 != 0 {
				to = 4
			}
			d.put(d.reg, to, v)
		} else if v = extend(v, from); d.rex&8 != 0 {
			*d.regs(d.reg) = uint64(int64(int32(v)))
		} else {
			d.put(d.reg, to, v)
		}
	case op == 0xba: // bt, bts, btr, btc with an immediate
		if d.rex&8 != 0 || !d.modrm(1) || d.reg&7 < 4 {
			return ErrInstruction
		}
		v := d.load(to)
		bit := uint32(1) << (d.immediate(1) & uint32(8*to-1))
		d.flag(flagC, v&bit != 0)
		switch d.reg & 7 {
		case 5:
			d.store(to, v|bit)
		case 6:
			d.store(to, v&^bit)
		case 7:
			d.store(to, v^bit)
		}
	case op&0xf0 == 0x90: // setcc
		if !d.modrm(0) {
			return ErrInstruction
		}
		var v uint32
		if d.condition(op & 15) {
			v = 1
		}
		d.store(1, v)
	default:
		return ErrInstruction
	}
	return nil
}

// Flags of Rflags.
const (
	flagC = 1 << 0
	flagP = 1 << 2
	flagA = 1 << 4
	flagZ = 1 << 6
	flagS = 1 << 7
	flagO = 1 << 11
)

func (d *decoder) flag(f uint64, on bool) {
	d.r.Rflags &^= f
	if on {
		d.r.Rflags |= f
	}
}

// alu does one of add or adc sbb and sub xor cmp and sets the flags; keep is false for
// cmp.
func (d *decoder) alu(op int, a, b uint32) (out uint32, keep bool) {
	m, sign := mask(d.width), uint32(1)<<(8*d.width-1)
	var carry uint64
	if d.r.Rflags&flagC != 0 && (op == 2 || op == 3) {
		carry = 1
	}
	switch op {
	case 0, 2:
		sum := uint64(a) + uint64(b) + carry
		out = uint32(sum) & m
		d.flag(flagC, sum > uint64(m))
		d.flag(flagO, (a^out)&(b^out)&sign != 0)
		d.flag(flagA, (a^b^out)&16 != 0)
	case 3, 5, 7:
		out = uint32(uint64(a)-uint64(b)-carry) & m
		d.flag(flagC, uint64(a) < uint64(b)+carry)
		d.flag(flagO, (a^b)&(a^out)&sign != 0)
		d.flag(flagA, (a^b^out)&16 != 0)
	default:
		switch op {
		case 1:
			out = a | b
		case 4:
			out = a & b
		case 6:
			out = a ^ b
		}
		d.logic(out)
		return out, true
	}
	d.result(out)
	return out, op != 7
}

func (d *decoder) logic(v uint32) {
	d.flag(flagC|flagO|flagA, false)
	d.result(v & mask(d.width))
}

func (d *decoder) result(v uint32) {
	d.flag(flagZ, v == 0)
	d.flag(flagS, v>>(8*d.width-1) != 0)
	d.flag(flagP, bits.OnesCount8(uint8(v))%2 == 0)
}

// condition is one of the sixteen of setcc.
func (d *decoder) condition(c byte) bool {
	f := func(b uint64) bool { return d.r.Rflags&b != 0 }
	var v bool
	switch c >> 1 {
	case 0:
		v = f(flagO)
	case 1:
		v = f(flagC)
	case 2:
		v = f(flagZ)
	case 3:
		v = f(flagC | flagZ)
	case 4:
		v = f(flagS)
	case 5:
		v = f(flagP)
	case 6:
		v = f(flagS) != f(flagO)
	case 7:
		v = f(flagZ) || f(flagS) != f(flagO)
	}
	return v != (c&1 != 0)
}
