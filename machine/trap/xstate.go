package trap

import (
	"encoding/binary"

	"puggle/machine"
)

func (c *Context) xbuf() []byte { return c.s.m.mem.Bytes(c.p+xstateBuf, xstateSize) }

func (c *Context) initXbuf() {
	b := c.xbuf()
	clear(b[:576])
	binary.LittleEndian.PutUint16(b[0:], 0x37f)
	binary.LittleEndian.PutUint32(b[24:], 0x1f80)
}

// fpstate is the XSAVE image of a signal frame, nil if the frame is damaged.
func (c *Context) fpstate() []byte {
	f := c.frameBytes()
	fp := binary.LittleEndian.Uint64(f[ucFP:])
	lo, hi := c.base+altStack, c.base+slotSize
	if fp < lo || fp > hi-legacyFX || fp&63 != 0 {
		return nil
	}
	b := c.s.m.mem.Bytes(c.p+machine.Phys(fp-c.base), hi-fp)
	if binary.LittleEndian.Uint32(b[swMagic:]) != fxMagic {
		return b[:legacyFX]
	}
	n := uint64(binary.LittleEndian.Uint32(b[swXsize:]))
	if n < legacyFX+xhdrSize || n > maxXstate || n > hi-fp {
		return nil
	}
	return b[:n]
}

// Xstate appends the extended state.
func (c *Context) Xstate(b []byte) []byte {
	if c.kind == kindSignal {
		return append(b, c.fpstate()...)
	}
	if !c.xset && c.kind != kindStart {
		c.initXbuf()
		return append(b, c.xbuf()[:legacyFX+xhdrSize]...)
	}
	return append(b, c.xbuf()[:maxXstate]...)
}

// SetXstate installs an extended state, made harmless.
func (c *Context) SetXstate(img []byte) {
	var dst []byte
	if c.kind == kindSignal {
		dst = c.fpstate()
		if len(dst) < legacyFX+xhdrSize {
			return
		}
	} else {
		dst = c.xbuf()[:maxXstate]
	}
	if len(img) < legacyFX {
		return
	}
	var hdr [xhdrSize]byte
	bv := uint64(3)
	if len(img) >= legacyFX+xhdrSize {
		bv = binary.LittleEndian.Uint64(img[legacyFX:]) & c.s.m.xmask
	}
	if len(img) < 832 { // no room for AVX
		bv &= 3
	}
	binary.LittleEndian.PutUint64(hdr[:], bv)
	copy(dst[:swMagic], img)
	if len(img) > legacyFX+xhdrSize {
		copy(dst[legacyFX+xhdrSize:], img[legacyFX+xhdrSize:])
	}
	copy(dst[legacyFX:], hdr[:])
	mx := binary.LittleEndian.Uint32(img[24:]) & 0xffff
	binary.LittleEndian.PutUint32(dst[24:], mx)
	if c.kind != kindSignal {
		c.resume, c.xset = resumeFullX, true
		c.slot.store(c.Regs())
	}
}
