package dyld

import "puggle/macho"

// Bind opcodes, BIND_OPCODE_*; the low half of the byte is immediate.
const (
	bindDone            = 0x00
	bindSetOrdinalImm   = 0x10
	bindSetOrdinal      = 0x20
	bindSetSpecial      = 0x30
	bindSetSymbol       = 0x40
	bindSetType         = 0x50
	bindSetAddend       = 0x60
	bindSetSegment      = 0x70
	bindAddAddr         = 0x80
	bindDo              = 0x90
	bindDoAddAddr       = 0xa0
	bindDoAddAddrScaled = 0xb0
	bindDoTimesSkipping = 0xc0
	bindThreaded        = 0xd0

	maxThreaded       = 1 << 16 // symbols that threaded binds name
	threadedTableSize = 0
	threadedApply     = 1

	bindWeakImport = 1
	bindNonWeakDef = 8
)

// Which of LC_DYLD_INFO's three streams of binds is run.
type bindKind uint8

const (
	bindRegular bindKind = iota
	bindLazy             // entries are separated by bindDone
	bindWeak             // coalescing: unfound symbols stay as they are
)

// reference is a symbol that an image asks for.
type reference struct {
	ordinal int
	name    string
	weak    bool
	addend  int64
}

// binder runs bind opcodes.
type binder struct {
	p    *Process
	img  *Image
	kind bindKind
	out  []fixup

	at  place
	ref reference
	// What ref's name and ordinal resolve to, once it has been asked for.
	value   uint64
	found   bool
	looked  bool
	strong  bool // bindNonWeakDef: the entry announces a definition, binds nothing
	table   []uint64
	ordinal bool // threaded: binds go to table
	chains  func(place, []uint64) error
}

func (b *binder) run(ops []byte) error {
	c := macho.Cursor{B: ops}
	b.at.img = b.img
	for c.More() {
		op := c.Byte()
		imm := op & 0xf
		var err error
		switch op & 0xf0 {
		case bindDone:
			if b.kind != bindLazy {
				return nil
			}
		case bindSetOrdinalImm:
			b.ref.ordinal, b.looked = int(imm), false
		case bindSetOrdinal:
			n := c.Uleb()
			if n > 1<<16 {
				err = badImage("library ordinal %d is too large", n)
			}
			b.ref.ordinal, b.looked = int(n), false
		case bindSetSpecial:
			b.ref.ordinal, b.looked = int(int8(imm|0xf0)), false
			if imm == 0 {
				b.ref.ordinal = 0
			}
		case bindSetSymbol:
			b.ref.name, b.looked = c.Str(), false
			b.ref.weak, b.strong = imm&bindWeakImport != 0, imm&bindNonWeakDef != 0
		case bindSetType:
			if imm != fixupTypePointer {
				err = badImage("bind of type %d is not for 64-bit images", imm)
			}
		case bindSetAddend:
			b.ref.addend = c.Sleb()
		case bindSetSegment:
			err = b.at.set(imm, c.Uleb())
		case bindAddAddr:
			b.at.off += c.Uleb()
		case bindDo:
			err = b.do(1, pointerSize)
		case bindDoAddAddr:
			err = b.do(1, pointerSize+c.Uleb())
		case bindDoAddAddrScaled:
			err = b.do(1, pointerSize+uint64(imm)*pointerSize)
		case bindDoTimesSkipping:
			n := c.Uleb()
			err = b.do(n, pointerSize+c.Uleb())
		case bindThreaded:
			err = b.threaded(imm, &c)
		default:
			err = badImage("bind opcode %#x is not known", op)
		}
		if err != nil {
			return err
		}
	}
	if c.Bad {
		return badImage("the bind opcodes end early")
	}
	return nil
}

// do binds n words, step bytes apart, to the current symbol.
func (b *binder) do(n, step uint64) error {
	limit, have := b.img.fixupLimit(), len(b.out)
	if b.ordinal {
		limit, have = maxThreaded, len(b.table)
	}
	if have > limit || n > uint64(limit-have) {
		return badImage("more than %d binds", limit)
	}
	if b.strong {
		return nil
	}
	if !b.looked && n > 0 {
		var err error
		b.value, b.found, err = b.p.resolve(b.img, b.ref, b.kind == bindWeak)
		if err != nil {
			return err
		}
		b.looked = true
	}
	for ; n > 0; n-- {
		if b.ordinal {
			b.table = append(b.table, b.value+uint64(b.ref.addend))
			continue
		}
		if err := b.at.check(); err != nil {
			return err
		}
		if b.found {
			b.out = append(b.out, fixup{addr: b.at.addr(), value: b.value + uint64(b.ref.addend)})
		}
		b.at.off += step
	}
	return nil
}

// threaded is the older form of chained fix-ups: the binds fill a table, then
// chains that start at the current place name entries of it.
func (b *binder) threaded(sub byte, c *macho.Cursor) error {
	switch sub {
	case threadedTableSize:
		if n := c.Uleb(); n > maxThreaded {
			return badImage("threaded binds of %d symbols (at most %d)", n, maxThreaded)
		}
		b.ordinal = true
		return nil
	case threadedApply:
		if !b.ordinal || b.chains == nil {
			return badImage("threaded rebases without a table")
		}
		return b.chains(b.at, b.table)
	}
	return badImage("threaded bind opcode %d is not known", sub)
}

// bindDyldInfo applies LC_DYLD_INFO to an image.
func (p *Process) bindDyldInfo(img *Image, mem Memory) error {
	info := img.File.DyldInfo
	if img.Slide != 0 && info.Rebase.Size != 0 {
		ops, err := img.Object.data(info.Rebase)
		if err != nil {
			return err
		}
		r, err := img.rebaseOpcodes(ops)
		if err != nil {
			return err
		}
		if err := r.apply(mem); err != nil {
			return err
		}
	}
	var all []fixup
	for kind, r := range [...]macho.Range{bindRegular: info.Bind, bindLazy: info.LazyBind, bindWeak: info.WeakBind} {
		if r.Size == 0 {
			continue
		}
		ops, err := img.Object.data(r)
		if err != nil {
			return err
		}
		b := binder{p: p, img: img, kind: bindKind(kind), out: all}
		patch := newPatcher(mem)
		b.chains = func(at place, table []uint64) error { return img.threadedChain(patch, at, table) }
		err = b.run(ops)
		if e := patch.close(); err == nil {
			err = e
		}
		if err != nil {
			return err
		}
		all = b.out
	}
	return img.applyBinds(mem, all)
}

// threadedChain walks one chain of threaded rebases: bit 62 is bind, bits 51
// to 61 the distance to the next in words, and the rest an ordinal of the
// table or an address to slide.
func (img *Image) threadedChain(p *patcher, at place, table []uint64) error {
	for {
		if err := at.check(); err != nil {
			return err
		}
		w, err := p.word(at.addr()+img.Slide, at.seg.Addr+at.seg.Size+img.Slide, 0)
		if err != nil {
			return err
		}
		v := get64(w)
		switch {
		case v>>63 != 0:
			return badImage("authenticated pointers are not supported")
		case v>>62&1 != 0:
			if v&0xffff >= uint64(len(table)) {
				return badImage("threaded bind %d of %d", v&0xffff, len(table))
			}
			put64(w, table[v&0xffff])
		default:
			top, bottom := v&0x0007f80000000000, v&0x000007ffffffffff
			put64(w, top<<13|bottom+img.Slide)
		}
		delta := v >> 51 & 0x7ff
		if delta == 0 {
			return nil
		}
		at.off += delta * pointerSize
	}
}
