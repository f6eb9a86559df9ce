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

// rebases is a set of places to slide, sorted by window so that each part of
// memory is read and written once, in whatever order the file lists them (Go's
// linker doesn't sort them).
type rebases struct {
	img     *Image
	n       int
	windows [][][]uint32 // by segment, then window of it: offsets in the window
}

func (r *rebases) add(seg *Segment, index int, off uint64) {
	if r.windows[index] == nil {
		r.windows[index] = make([][]uint32, seg.FileSize/window+1)
	}
	w := &r.windows[index][off/window]
	*w = append(*w, uint32(off%window))
}

// apply adds the slide to each word.
func (r *rebases) apply(mem Memory) error {
	p := newPatcher(mem)
	for index, windows := range r.windows {
		seg := &r.img.Segments[index]
		start := seg.Addr + r.img.Slide
		for i, offs := range windows {
			for _, off := range offs {
				w, err := p.word(start+uint64(i)*window+uint64(off), start+seg.Size, start+uint64(i)*window)
				if err != nil {
					p.close()
					return err
				}
				put64(w, get64(w)+r.img.Slide)
			}
		}
	}
	return p.close()
}

// rebaseOpcodes runs the rebase opcodes and collects the places to slide.
func (img *Image) rebaseOpcodes(ops []byte) (*rebases, error) {
	r := &rebases{img: img, windows: make([][][]uint32, len(img.Segments))}
	c := macho.Cursor{B: ops}
	at := place{img: img}
	limit := img.fixupLimit()
	do := func(n, step uint64) error {
		if n > uint64(limit-r.n) {
			return badImage("more than %d rebases", limit)
		}
		r.n += int(n)
		for ; n > 0; n-- {
			if err := at.check(); err != nil {
				return err
			}
			r.add(at.seg, at.index, at.off)
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
			return r, nil
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
	return r, nil
}
