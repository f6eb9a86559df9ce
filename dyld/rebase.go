package dyld

import "puggle/macho"

// Rebase opcodes, REBASE_OPCODE_*; the low half of the byte is immediate.
const (
	rebaseDone                   = 0x00
	rebaseSetType                = 0x10
	rebaseSetSegment             = 0x20
	rebaseAddAddr                = 0x30
	rebaseAddAddrScaled          = 0x40
	rebaseDoImmTimes             = 0x50
	rebaseDoTimes                = 0x60
	rebaseDoAddAddr              = 0x70
	rebaseDoTimesSkipping        = 0x80
	fixupTypePointer             = 1
	pointerSize           uint64 = 8
)

// rebaseAddrs runs the rebase opcodes and lists the addresses to slide.
func (img *Image) rebaseAddrs(ops []byte) ([]uint64, error) {
	addrs := make([]uint64, 0, min(4*len(ops), maxFixups)) // the Go linker needs two bytes for a run
	c := macho.Cursor{B: ops}
	at := place{img: img}
	do := func(n, step uint64) error {
		if n > uint64(maxFixups-len(addrs)) {
			return badImage("more than %d rebases", maxFixups)
		}
		for ; n > 0; n-- {
			if err := at.check(); err != nil {
				return err
			}
			addrs = append(addrs, at.addr())
			at.off += step
		}
		return nil
	}
	for c.More() {
		b := c.Byte()
		imm := uint64(b & 0xf)
		var err error
		switch b & 0xf0 {
		case rebaseDone:
			return addrs, nil
		case rebaseSetType:
			if imm != fixupTypePointer {
				err = badImage("rebase of type %d is not for 64-bit images", imm)
			}
		case rebaseSetSegment:
			err = at.set(byte(imm), c.Uleb())
		case rebaseAddAddr:
			at.off += c.Uleb()
		case rebaseAddAddrScaled:
			at.off += imm * pointerSize
		case rebaseDoImmTimes:
			err = do(imm, pointerSize)
		case rebaseDoTimes:
			err = do(c.Uleb(), pointerSize)
		case rebaseDoAddAddr:
			err = do(1, pointerSize+c.Uleb())
		case rebaseDoTimesSkipping:
			n := c.Uleb()
			err = do(n, pointerSize+c.Uleb())
		default:
			err = badImage("rebase opcode %#x is not known", b)
		}
		if err != nil {
			return nil, err
		}
	}
	if c.Bad {
		return nil, badImage("the rebase opcodes end early")
	}
	return addrs, nil
}
