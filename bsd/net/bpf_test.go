package net

import (
	"encoding/binary"
	"testing"
)

// Whatever is taken for a program ends, whatever the packet is.
func FuzzBpfFilter(f *testing.F) {
	insn := func(code uint16, jt, jf byte, k uint32) []byte {
		return append(binary.LittleEndian.AppendUint16(nil, code), append([]byte{jt, jf}, binary.LittleEndian.AppendUint32(nil, k)...)...)
	}
	f.Add(insn(0x06, 0, 0, 7), []byte("packet"))                                                          // ret 7
	f.Add(append(insn(0x20, 0, 0, 1<<31), insn(0x16, 0, 0, 0)...), []byte("packet"))                      // ld [2^31]; ret a
	f.Add(append(insn(0x05, 0, 0, ^uint32(0)), insn(0x16, 0, 0, 0)...), []byte("packet"))                 // ja -1
	f.Add(append(insn(0x3c, 0, 0, 0), insn(0x16, 0, 0, 0)...), []byte("packet"))                          // div x
	f.Add(append(insn(0xb1, 0, 0, 5), append(insn(0x50, 0, 0, 0), insn(0x16, 0, 0, 0)...)...), []byte{1}) // ldx 4*([5]&0xf)
	f.Fuzz(func(t *testing.T, code, pkt []byte) {
		p, e := newBpfFilter(code)
		if e != 0 {
			if p != nil {
				t.Error("a program, and an error")
			}
			return
		}
		if n := p.run(pkt); p.run(pkt) != n {
			t.Error("two runs, two results")
		}
	})
}

// The checks of what comes from outside: the result where there is one, or the error.
func TestBpfFilter(t *testing.T) {
	for _, c := range []struct {
		name string
		code []byte
		pkt  string
		want uint32
		ok   bool
	}{
		{"nothing is all", nil, "abc", ^uint32(0), true},
		{"a constant", []byte{6, 0, 0, 0, 7, 0, 0, 0}, "abc", 7, true},
		{"a half", []byte{6, 0, 0, 0}, "abc", 0, false},
		{"a word in network order", []byte{0x20, 0, 0, 0, 0, 0, 0, 0, 0x16, 0, 0, 0, 0, 0, 0, 0}, "abcd", 0x61626364, true},
		{"behind the end", []byte{0x20, 0, 0, 0, 1, 0, 0, 0, 6, 0, 0, 0, 9, 0, 0, 0}, "abcd", 0, true},
		{"before the start", []byte{0x20, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 6, 0, 0, 0, 9, 0, 0, 0}, "abcd", 0, true},
		{"Linux's extensions are behind the end", []byte{0x20, 0, 0, 0, 0, 0xf0, 0xff, 0xff, 6, 0, 0, 0, 9, 0, 0, 0}, "abcd", 0, true},
	} {
		p, e := newBpfFilter(c.code)
		if (e == 0) != c.ok {
			t.Errorf("%s: %v", c.name, e)
		} else if got := p.run([]byte(c.pkt)); c.ok && got != c.want {
			t.Errorf("%s: %#x, want %#x", c.name, got, c.want)
		}
	}
}
