package macho

// Cursor reads a stream of dyld's opcodes or a trie. Reading past the end, or a
// number of more than 64 bits, sets Bad and returns zeros, so a loop has
// one place to look.
type Cursor struct {
	B   []byte
	At  int
	Bad bool
}

// More reports whether bytes are left to read.
func (c *Cursor) More() bool { return !c.Bad && c.At < len(c.B) }

// Byte reads one byte.
func (c *Cursor) Byte() byte {
	if c.At >= len(c.B) {
		c.Bad = true
		return 0
	}
	c.At++
	return c.B[c.At-1]
}

// Uleb reads an unsigned LEB128 number.
func (c *Cursor) Uleb() uint64 {
	// Nearly all are of one byte to four: these can't overflow.
	if b := c.B[min(c.At, len(c.B)):]; len(b) >= 4 {
		switch v := uint64(b[0]); {
		case v < 0x80:
			c.At++
			return v
		case b[1] < 0x80:
			c.At += 2
			return v&0x7f | uint64(b[1])<<7
		case b[2] < 0x80:
			c.At += 3
			return v&0x7f | uint64(b[1]&0x7f)<<7 | uint64(b[2])<<14
		case b[3] < 0x80:
			c.At += 4
			return v&0x7f | uint64(b[1]&0x7f)<<7 | uint64(b[2]&0x7f)<<14 | uint64(b[3])<<21
		}
	}
	var v uint64
	for shift := uint(0); ; shift += 7 {
		b := c.Byte()
		bits := uint64(b & 0x7f)
		if c.Bad || shift >= 64 && bits != 0 || shift < 64 && bits<<shift>>shift != bits {
			c.Bad = true
			return 0
		}
		if shift < 64 {
			v |= bits << shift
		}
		if b&0x80 == 0 {
			return v
		}
	}
}

// Sleb reads a signed LEB128 number.
func (c *Cursor) Sleb() int64 {
	var v int64
	for shift := uint(0); ; shift += 7 {
		b := c.Byte()
		if c.Bad || shift > 63 {
			c.Bad = true
			return 0
		}
		v |= int64(b&0x7f) << shift
		if b&0x80 == 0 {
			if b&0x40 != 0 && shift+7 < 64 {
				v |= -1 << (shift + 7)
			}
			return v
		}
	}
}

// Str reads a string that ends with a NUL.
func (c *Cursor) Str() string {
	for i := c.At; i < len(c.B); i++ {
		if c.B[i] == 0 {
			s := string(c.B[c.At:i])
			c.At = i + 1
			return s
		}
	}
	c.Bad = true
	return ""
}
