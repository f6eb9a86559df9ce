package ddb

import (
	"encoding/binary"
	"fmt"
	"strings"

	"puggle/debug"
	"puggle/machine"
)

// widths are the switches that say how wide a thing is; q is our own, for this machine's
// words.
var widths = map[byte]int{'b': 1, 'h': 2, 'l': 4, 'q': 8}

// apply takes over switches; they stay until others are given.
func (c *Console) apply(sw string) error {
	for i := range len(sw) {
		if w, ok := widths[sw[i]]; ok {
			c.width = w
			continue
		}
		if sw[i] == 'i' || sw[i] == 'I' {
			return fmt.Errorf("instructions are not printed: gdb does it (x/i)")
		}
		c.format = sw[i]
	}
	return nil
}

func examine(c *Console, sw, rest string) error {
	if err := c.apply(sw); err != nil {
		return err
	}
	l, n, err := c.args(rest)
	if err != nil {
		return err
	}
	if len(l) == 0 {
		l = []uint64{uint64(c.next)}
	}
	for _, a := range l {
		if err := c.show(machine.Addr(a), n); err != nil {
			return err
		}
	}
	return nil
}

// show prints n things from an address on, in the format in force.
func (c *Console) show(a machine.Addr, n int) error {
	c.dot = a
	var line int
	for range n {
		c.dot = a
		if c.format == 's' {
			s, size := c.text(a)
			if size == 0 {
				return fmt.Errorf("%#x: %w", uint64(a), debug.ErrAddress)
			}
			c.printf("%#x: \"%s\"\n", uint64(a), s)
			a += machine.Addr(size)
			c.next = a
			continue
		}
		if c.format == 'a' || c.format == 'A' {
			c.printf("%s\n", c.T.Symbolize(a))
			a += machine.Addr(c.width)
			c.next = a
			continue
		}
		if c.format == 'm' {
			if err := c.dumpLine(a, 16); err != nil {
				return err
			}
			a += 16
			c.next = a
			continue
		}
		v, err := c.word(a, c.width)
		if err != nil {
			return err
		}
		if line%4 == 0 {
			if line > 0 {
				c.printf("\n")
			}
			c.printf("%#x: ", uint64(a))
		}
		line++
		c.printf(" %s", value(v, c.format, c.width))
		a += machine.Addr(c.width)
		c.next = a
	}
	if line > 0 {
		c.printf("\n")
	}
	return nil
}

// value prints a number in a format.
func value(v uint64, format byte, width int) string {
	signed := int64(v<<(64-8*width)) >> (64 - 8*width)
	switch format {
	case 'd', 'r':
		return fmt.Sprint(signed)
	case 'u':
		return fmt.Sprint(v)
	case 'o':
		return fmt.Sprintf("%#o", v)
	case 'c':
		return char(byte(v))
	case 'z':
		return fmt.Sprintf("%#x", signed)
	}
	return fmt.Sprintf("0x%0*x", 2*width, v)
}

// char is a character, or its code in octal.
func char(b byte) string {
	if b < ' ' || b > '~' {
		return fmt.Sprintf("\\%03o", b)
	}
	return string(rune(b))
}

// text reads a string; size counts its zero, and is 0 if nothing can be read.
func (c *Console) text(a machine.Addr) (s string, size int) {
	var w strings.Builder
	var b [1]byte
	for size < maxCount && c.T.Read(b[:], a+machine.Addr(size)) == 1 {
		size++
		if b[0] == 0 {
			break
		}
		w.WriteString(char(b[0]))
	}
	return w.String(), size
}

func dump(c *Console, _, rest string) error {
	a, err := c.one(rest)
	if err != nil {
		return err
	}
	for i := range 8 {
		if err := c.dumpLine(a+machine.Addr(16*i), 16); err != nil {
			return err
		}
	}
	c.dot = a + 128 // dl alone goes on
	return nil
}

// dumpLine prints bytes as hex and as characters.
func (c *Console) dumpLine(a machine.Addr, n int) error {
	b := make([]byte, n)
	if n = c.T.Read(b, a); n == 0 {
		return fmt.Errorf("%#x: %w", uint64(a), debug.ErrAddress)
	}
	c.printLine(uint64(a), b[:n])
	return nil
}

func (c *Console) printLine(a uint64, b []byte) {
	text := make([]byte, len(b))
	for i, x := range b {
		if text[i] = x; x < ' ' || x > '~' {
			text[i] = '.'
		}
	}
	c.printf("%#x: % x  %s\n", a, b, text)
}

// widthOf is a switch's width, 4 for none.
func widthOf(sw string) int {
	w := 4
	for i := range len(sw) {
		w = widths[sw[i]]
	}
	return w
}

func write(c *Console, sw, rest string) error {
	l, _, err := c.args(rest)
	if err != nil {
		return err
	}
	if len(l) < 2 {
		return fmt.Errorf("write ADDR VALUE")
	}
	w := widthOf(sw)
	a := machine.Addr(l[0])
	for _, v := range l[1:] {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], v)
		if err := c.T.Write(a, b[:w]); err != nil {
			return fmt.Errorf("%#x: %w", uint64(a), err)
		}
		a += machine.Addr(w)
	}
	c.next = a
	return nil
}

// maxSearch bounds how far search looks, in steps.
const maxSearch = 1 << 20

func search(c *Console, sw, rest string) error {
	p := &scanner{c: c, s: rest}
	var v [3]uint64
	v[2] = ^uint64(0)
	n := 0
	for ; n < 3 && p.more() && p.s[0] != ','; n++ {
		x, err := p.expr()
		if err != nil {
			return err
		}
		v[n] = x
	}
	count := uint64(maxSearch)
	if p.take(',') {
		x, err := p.expr()
		if err != nil {
			return err
		}
		count = min(x, maxSearch)
	}
	if n < 2 || p.more() {
		return fmt.Errorf("search ADDR VALUE [MASK][,COUNT]")
	}
	w := widthOf(sw)
	mask := v[2]
	if w < 8 {
		mask &= 1<<(8*w) - 1
	}
	const chunk = 4096
	buf := make([]byte, chunk)
	for a := machine.Addr(v[0]); count > 0; {
		got := c.T.Read(buf, a)
		for i := 0; i+w <= got && count > 0; i += w {
			var b [8]byte
			copy(b[:], buf[i:i+w])
			if (binary.LittleEndian.Uint64(b[:])^v[1])&mask == 0 {
				return c.show(a+machine.Addr(i), 1)
			}
			count--
		}
		if got < chunk {
			break
		}
		a += machine.Addr(got / w * w)
	}
	return fmt.Errorf("not found")
}
