package nextbus

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"puggle/machine"
)

func newBus(t *testing.T) (*Bus, *SumBoard, *Slot) {
	t.Helper()
	b, board := New(), &SumBoard{}
	s, err := b.Plug(2, board)
	if err != nil {
		t.Fatal(err)
	}
	return b, board, s
}

func read(t *testing.T, b *Bus, addr uint32, width int) uint32 {
	t.Helper()
	v, err := b.Read(addr, width)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func write(t *testing.T, b *Bus, addr uint32, width int, v uint32) {
	t.Helper()
	if err := b.Write(addr, width, v); err != nil {
		t.Fatal(err)
	}
}

// The four ID words, as 2-16 and 2-17 read them.
func TestIdentification(t *testing.T) {
	b, _, s := newBus(t)
	want := []uint32{0x84, 0x21, 0x00, 0x90}
	for i, w := range want {
		if v := read(t, b, 0xf2ff_fff0+uint32(4*i), 4); v != w {
			t.Errorf("word %d: %#x, want %#x", i, v, w)
		}
		if v := read(t, b, 0xf2ff_fff0+uint32(4*i), 1); v != w {
			t.Errorf("byte %d: %#x", i, v)
		}
	}
	s.SetValid(false)
	if v := read(t, b, 0xf2ff_fff0, 4); v != 0x04 {
		t.Errorf("not valid: %#x", v)
	}
	if !b.Probe(0xf2ff_fff0) || b.Probe(0xf4ff_fff0) || b.Probe(0xf200_0000) || !b.Probe(CPUControl) || b.Probe(0x0400_0000) {
		t.Error("probe_rb")
	}
	if _, err := b.Plug(2, &SumBoard{}); err == nil {
		t.Error("two boards in one slot")
	}
	for _, n := range []int{0, 1, 3, 8, -1, 15} {
		if _, err := b.Plug(n, &SumBoard{}); err == nil {
			t.Errorf("a board in slot %d", n)
		}
	}
	if !b.Unplug(2) || b.Unplug(2) || b.Probe(0xf2ff_fff0) {
		t.Error("unplug")
	}
}

// The interrupt bit doesn't depend on the mask (2-18); masked, nothing interrupts.
func TestInterrupt(t *testing.T) {
	b, _, _ := newBus(t)
	n := 0
	b.Interrupt = func() { n++ }
	const intr, mask, cmd = 0xf2ff_ffe8, 0xf2ff_ffec, 0xf200_0000 + SumCommand
	if read(t, b, intr, 1) != 0 || read(t, b, mask, 1) != 0x80 {
		t.Error("not as at power up")
	}
	write(t, b, cmd, 1, SumStart)
	if n != 1 || read(t, b, intr, 1) != 0x80 || !b.Asserted() {
		t.Errorf("%d interrupts", n)
	}
	write(t, b, mask, 1, 0)
	if read(t, b, intr, 1) != 0x80 || b.Asserted() {
		t.Error("masked")
	}
	write(t, b, cmd, 1, SumStart)
	if n != 1 {
		t.Error("interrupted though masked")
	}
	write(t, b, mask, 1, 0xff)
	if n != 2 || read(t, b, mask, 1) != 0x80 {
		t.Error("unmasked")
	}
	write(t, b, cmd, 1, SumStop)
	if read(t, b, intr, 1) != 0 || b.Asserted() {
		t.Error("stopped")
	}
	// One that nobody stops is masked in the end.
	storm := 0
	b.Storm = func(slot int) { storm = slot }
	write(t, b, cmd, 1, SumStart)
	for served := 0; b.Asserted(); served++ {
		if served > stormLimit {
			t.Fatal("no end")
		}
		b.Served()
	}
	if storm != 2 || read(t, b, mask, 1) != 0 {
		t.Errorf("storm of slot %d", storm)
	}
}

func TestAccessRules(t *testing.T) {
	b, _, s := newBus(t)
	slot := func(off uint32) uint32 { return Address(2, SlotSpace, off) }
	write(t, b, CPUControl, 4, 0) // errors are heard of
	for _, c := range []struct {
		addr  uint32
		width int
		write bool
		why   string
	}{
		{slot(SumStatus), 4, false, "the device is 8 bits wide"},
		{slot(SumCommand), 2, true, "the device is 8 bits wide"},
		{slot(SumCount), 4, true, "the device is 16 bits wide"},
		{slot(OffMask), 4, true, "the device is 8 bits wide"},
		{slot(OffInterrupt), 1, true, "no device there"}, // read only
		{slot(OffID), 4, true, "no device there"},
		{slot(SumFlags + 2), 4, false, "not aligned"},
		{slot(SumFlags), 8, false, "no such width"},
		{slot(0x200), 1, false, "no device there"},
		{Address(2, BoardSpace, SumMemory), 4, false, "no device there"},
		{Address(4, BoardSpace, 0), 4, true, "no board in slot 4"},
		{Address(14, SlotSpace, 0), 1, false, "no board in slot 14"},
		{0x2200_c000, 4, true, "intercepted by the CPU board"},
		{0x2200_cfff, 1, false, "intercepted by the CPU board"},
		{0x2200_d000, 4, false, "no device there"},
		{0x3200_c000, 4, false, "no board in slot 3"},
		{0xff00_0000, 1, false, "not on the NeXTbus"},
		{0x0000_0100, 1, true, "not on the NeXTbus"},
		{0xf000_0000, 1, true, "not on the NeXTbus"},
	} {
		var err error
		if c.write {
			err = b.Write(c.addr, c.width, 0)
		} else {
			_, err = b.Read(c.addr, c.width)
		}
		var e *BusError
		if !errors.As(err, &e) || e.Why != c.why || e.Addr != c.addr || e.Write != c.write {
			t.Errorf("%#x: %v, want %s", c.addr, err, c.why)
		}
	}
	// IGNSID0 on the board: the next slot's addresses reach it, and nothing is
	// intercepted there.
	s.SetControl(IGNSID0)
	write(t, b, Address(3, SlotSpace, SumFlags), 4, 77)
	if v := read(t, b, slot(SumFlags), 4); v != 77 {
		t.Errorf("%d", v)
	}
	var e *BusError
	if _, err := b.Read(0x3200_c000, 4); !errors.As(err, &e) || e.Why != "no device there" {
		t.Error(err) // this board has nothing at that offset, but is asked
	}
	// Store and forward: the error is lost, but not what the CPU board itself refuses.
	write(t, b, CPUControl, 4, 0xffff_ffff)
	if v := read(t, b, CPUControl, 4); v != IGNSID0|STFWD {
		t.Errorf("control %#x", v)
	}
	write(t, b, Address(4, BoardSpace, 0), 4, 1)
	write(t, b, slot(0x200), 1, 1)
	if b.LostWrites() != 2 {
		t.Errorf("%d lost", b.LostWrites())
	}
	if b.Write(slot(SumStatus), 4, 1) == nil || b.Write(0x2200_c000, 4, 1) == nil {
		t.Error("an error of the CPU's own was lost")
	}
	if v := read(t, New(), CPUControl, 4); v != IGNSID0|STFWD {
		t.Errorf("at power up %#x", v)
	}
}

type swapped struct{ SumBoard }

func (*swapped) Swap() bool { return true }

func TestSwap(t *testing.T) {
	b := New()
	b.Plug(4, &swapped{})
	a := Address(4, BoardSpace, 8)
	write(t, b, a, 4, 0x12345678)
	if v := read(t, b, a, 4); v != 0x12345678 {
		t.Errorf("%#x", v)
	}
	if v := read(t, b, a, 1); v != 0x12 {
		t.Errorf("byte %#x", v)
	}
	// 2-13: bit 7 of the word is found in bit 31.
	if v := read(t, b, 0xf4ff_fff0, 4); v&0x8000_0000 == 0 {
		t.Errorf("ID %#x", v)
	}
}

func TestSumBoard(t *testing.T) {
	b := New()
	done := make(chan bool, 1)
	b.Interrupt = func() { done <- true }
	if _, err := b.Plug(6, &SumBoard{Delay: time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	reg := func(off uint32) uint32 { return Address(6, SlotSpace, off) }
	for i := range uint32(10) {
		write(t, b, Address(6, BoardSpace, 4*i), 4, i*i)
	}
	write(t, b, reg(SumCount), 2, 10)
	write(t, b, reg(SumCommand), 1, SumStart)
	if read(t, b, reg(SumStatus), 1) == SumBusy {
		<-done
	}
	if v := read(t, b, reg(SumResult), 4); v != 285 || read(t, b, reg(SumStatus), 1) != SumDone {
		t.Errorf("sum %d", v)
	}
}

func TestProbe(t *testing.T) {
	b, _, _ := newBus(t)
	for _, c := range []struct {
		args string
		st   int
		out  string
	}{
		{"list", 0, "slot 6: empty\nslot 2: manufacturer 0x0421, board 0x0090\nslot 0: CPU board\nslot 4: empty\n"},
		{"write 2 board 0x10 32 0xabcd0123 repeat 3 step", 0, ""},
		{"read 2 board 0x14 32 repeat 2 step", 0, "20000014: abcd0123\n20000018: abcd0123\n"},
		{"read 2 board 0x14 16 repeat 2", 0, "20000014: 0123\n20000014: 0123\n"},
		{"write 2 slot 0x10c 16 12", 0, ""}, {"read 2 slot 0x10c 16", 0, "f200010c: 000c\n"},
		{"write 2 board 0 8", 0, ""}, {"read 2 board 0", 0, "20000000: 00000008\n"}, // a value, not a width
		{"read 2 slot 0x104", 1, "nextbus: bus error: 32-bit read at 0xf2000104: the device is 8 bits wide\n"},
		{"read 2 slot 0xfffffc 32 repeat 2 step", 1, "f2fffffc: 00000090\nnextbus: the slot space ends\n"},
		{"read 9 slot", 2, ""}, {"read 15 slot 0", 2, ""}, {"read 2 disk 0", 2, ""}, {"read 2 slot 0x1000000", 2, ""},
		{"write 2 slot 0 16", 1, ""}, {"write 2 slot 0 16 0x10000", 2, ""}, {"read 2 slot 0 repeat 0", 2, ""},
		{"read 2 slot 0 often", 2, ""}, {"peek 2 slot 0", 2, ""}, {"read x slot 0", 2, ""},
	} {
		b.Write(CPUControl, 4, 0)
		var out strings.Builder
		if st := ProbeMain(b, strings.Fields(c.args), &out, &out); st != c.st || st < 2 && c.out != "" && out.String() != c.out {
			t.Errorf("%s: %d %q", c.args, st, &out)
		}
	}
}

// ram is memory of which each access is noted.
type ram struct {
	m   map[machine.Addr]byte
	err error
}

func (r *ram) Read(a machine.Addr, width int) (v uint32, err error) {
	for i := range width {
		v |= uint32(r.m[a+machine.Addr(i)]) << (8 * i)
	}
	return v, r.err
}

func (r *ram) Write(a machine.Addr, width int, v uint32) error {
	if r.err != nil {
		return r.err
	}
	for i := range width {
		r.m[a+machine.Addr(i)] = byte(v >> (8 * i))
	}
	return nil
}

// What the encodings mean is the assembler's and the processor manual's.
func TestStep(t *testing.T) {
	const at, start = 0x5000, 0x1000
	regs := func() machine.Regs {
		return machine.Regs{Rip: start, Rdi: at, Rsi: at, R12: at, R13: at, R8: at, Rsp: at, Rax: 0x1122334455667788, Rbx: 2,
			Rcx: 0xffffffff_00000003, Rdx: ^uint64(0), R9: 0xa5, Rflags: 0x202}
	}
	for _, c := range []struct {
		name  string
		code  string
		word  uint32 // at 0x5000 before and after, eight bytes on: zero
		after uint32
		check func(r *machine.Regs) bool
	}{
		{"mov (%rdi),%eax", "8b07", 0x89abcdef, 0x89abcdef, func(r *machine.Regs) bool { return r.Rax == 0x89abcdef }},
		{"movb $0,(%rsi)", "c6460000", 0xffffffff, 0xffffff00, nil},
		{"movzbl (%rdi),%ecx", "0fb60f", 0x89ab80ef, 0x89ab80ef, func(r *machine.Regs) bool { return r.Rcx == 0xef }},
		{"testb $-128,(%rdi)", "f60780", 0x80, 0x80, func(r *machine.Regs) bool {
			return r.Rflags&(flagZ|flagS|flagC|flagO) == flagS
		}},
		{"orl $256,(%rdi)", "810f00010000", 1, 0x101, nil},
		{"andb $127,(%r12)", "41806424007f", 0xffff, 0xff7f, nil},
		{"movw %ax,(%r13)", "6641894500", 0xffffffff, 0xffff7788, nil},
		{"movb %r9b,(%r8)", "458808", 0, 0xa5, nil},
		{"cmpb $1,(%rdi)", "803f01", 0, 0, func(r *machine.Regs) bool {
			return r.Rflags&(flagZ|flagS|flagC|flagA|flagP) == flagS|flagC|flagA|flagP
		}},
		{"movl $0x12345678,0x3ff6(%rip)", "c705f63f000078563412", 0, 0x12345678, nil},
		{"btsl $3,(%rdi)", "0fba2f03", 0x10, 0x18, func(r *machine.Regs) bool { return r.Rflags&flagC == 0 }},
		{"btrl $4,(%rdi)", "0fba3704", 0x18, 0x08, func(r *machine.Regs) bool { return r.Rflags&flagC != 0 }},
		{"xchgl %eax,(%rdi)", "8707", 7, 0x55667788, func(r *machine.Regs) bool { return r.Rax == 7 }},
		{"incb (%rdi)", "fe07", 0x1ff, 0x100, func(r *machine.Regs) bool { return r.Rflags&flagZ != 0 }},
		{"decl (%rdi)", "ff0f", 0, 0xffffffff, func(r *machine.Regs) bool { return r.Rflags&(flagS|flagC) == flagS }},
		{"negl (%rdi)", "f71f", 5, 0xfffffffb, func(r *machine.Regs) bool { return r.Rflags&flagC != 0 }},
		{"movslq (%rdi),%rdx", "486317", 0x80000000, 0x80000000, func(r *machine.Regs) bool { return r.Rdx == 0xffffffff80000000 }},
		{"movsbl (%rdi),%edx", "0fbe17", 0x80, 0x80, func(r *machine.Regs) bool { return r.Rdx == 0xffffff80 }},
		{"movb %ah,(%rdi)", "8827", 0, 0x77, nil},
		{"mov (%rdi),%ah", "8a27", 0x99, 0x99, func(r *machine.Regs) bool { return r.Rax == 0x1122334455669988 }},
		{"sete (%rdi)", "0f9407", 0xff, 0, nil},
		{"setne (%rdi)", "0f9507", 0xff, 1, nil},
		{"addl %ecx,(%rdi)", "010f", 0x7fffffff, 0x80000002, func(r *machine.Regs) bool {
			return r.Rflags&(flagO|flagS|flagC) == flagO|flagS
		}},
		{"addl (%rdi),%ecx", "030f", 0xffffffff, 0xffffffff, func(r *machine.Regs) bool { return r.Rcx == 2 && r.Rflags&flagC != 0 }},
		{"cmpl (%rdi),%ecx", "3b0f", 3, 3, func(r *machine.Regs) bool { return r.Rflags&flagZ != 0 && r.Rcx == 0xffffffff_00000003 }},
		{"subw $5,(%rdi)", "66832f05", 0x10004, 0x1ffff, func(r *machine.Regs) bool { return r.Rflags&flagC != 0 }},
		{"notb (%rdi)", "f617", 0x0f, 0xf0, nil},
		{"xorl %edx,(%rdi)", "3117", 0x0f0f0f0f, 0xf0f0f0f0, nil},
		{"movzwq (%rdi),%rax", "480fb707", 0x8001, 0x8001, func(r *machine.Regs) bool { return r.Rax == 0x8001 }},
		{"movb $1,-16(%rsp,%rbx,8)", "c644dcf001", 0, 1, nil},
		{"lock orl $1,(%rdi)", "f0830f01", 2, 3, nil},
	} {
		m := &ram{m: map[machine.Addr]byte{}}
		m.Write(at, 4, c.word)
		code := unhex(c.code)
		r := regs()
		if err := Step(&r, append(code, 0x90, 0x90), m); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if v, _ := m.Read(at, 4); v != c.after || r.Rip != start+uint64(len(code)) || c.check != nil && !c.check(&r) {
			t.Errorf("%s: memory %#x, %+v", c.name, v, r)
		}
		// A bus error leaves everything as it was.
		was := regs()
		r, m.err = was, errors.New("bus")
		if err := Step(&r, code, m); err != m.err || r != was {
			t.Errorf("%s: %v, %+v", c.name, err, r)
		}
		// And so does an instruction that is cut off.
		for n := range len(code) {
			m.err = nil
			if err := Step(&r, code[:n], m); err != ErrInstruction || r != was {
				t.Errorf("%s cut to %d bytes: %v", c.name, n, err)
			}
		}
	}
	for name, code := range map[string]string{"movups": "0f1007", "movq": "488b07", "pushq": "ff37", "movabs": "a08877665544332211",
		"rep stosb": "f3aa", "gs": "658b07", "register": "89c8", "addr32": "678b07", "none": ""} {
		r, m := regs(), &ram{m: map[machine.Addr]byte{}}
		if err := Step(&r, unhex(code), m); err != ErrInstruction || r != regs() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

func FuzzStep(f *testing.F) {
	f.Add([]byte{0x8b, 0x07}, uint64(1))
	f.Add([]byte{0x41, 0x80, 0x64, 0x24, 0x10, 0x7f}, uint64(2))
	f.Fuzz(func(t *testing.T, code []byte, seed uint64) {
		r := machine.Regs{Rip: seed, Rax: seed * 3, Rdi: seed * 5, Rsp: seed * 7}
		was := r
		if err := Step(&r, code, &ram{m: map[machine.Addr]byte{}}); err != nil && r != was {
			t.Error("changed in spite of an error")
		} else if err == nil && (r.Rip-was.Rip == 0 || r.Rip-was.Rip > MaxInstruction) {
			t.Errorf("%d bytes long", r.Rip-was.Rip)
		}
	})
}

func TestMappings(t *testing.T) {
	b, _, _ := newBus(t)
	m := &Mappings{Bus: b}
	phys, size, err := Extent(0xf2ff_ffe8, 24)
	if err != nil || phys != 0xf2ff_e000 || size != MapUnit {
		t.Fatalf("%#x %#x %v", phys, size, err)
	}
	if !m.Add(0x7000_0000, phys, size) {
		t.Fatal("no room")
	}
	if a, ok := m.Find(0xf2ff_fff0, 16); !ok || a != 0x7000_1ff0 {
		t.Errorf("%#x %v", a, ok)
	}
	if v, err := m.Read(0x7000_1ff0, 4); v != 0x84 || err != nil {
		t.Errorf("%#x %v", v, err)
	}
	if _, err := m.Read(0x7000_2000, 4); err == nil {
		t.Error("read beyond")
	}
	for _, c := range []struct {
		phys uint32
		size int
	}{{0, -1}, {0xffff_fff0, 17}, {0x2000_0000, 1<<28 + 1}} {
		if _, _, err := Extent(c.phys, c.size); err == nil {
			t.Errorf("%#x, %d", c.phys, c.size)
		}
	}
	if _, size, err := Extent(0x2000_1fff, 2); err != nil || size != 2*MapUnit {
		t.Errorf("%#x %v", size, err)
	}
}
