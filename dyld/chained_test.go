package dyld

import (
	"bytes"
	"encoding/binary"
	"testing"

	"puggle/macho"
)

// chainedFile is the bytes of LC_DYLD_CHAINED_FIXUPS for synthetic images:
// segment 1 has chains in its first two pages.
func chainedFile(pointerFormat uint16, importFormat uint32, imports []byte, count uint32, names string, starts ...uint16) []byte {
	le := binary.LittleEndian
	b := make([]byte, 28)
	starts32 := uint32(len(b))
	b = le.AppendUint32(b, 3)
	for _, off := range []uint32{0, 16, 0} {
		b = le.AppendUint32(b, off)
	}
	b = le.AppendUint32(b, uint32(22+2*len(starts)))
	b = le.AppendUint16(b, PageSize)
	b = le.AppendUint16(b, pointerFormat)
	b = le.AppendUint64(b, 0x1000)
	b = le.AppendUint32(b, 0)
	b = le.AppendUint16(b, uint16(len(starts)))
	for _, s := range starts {
		b = le.AppendUint16(b, s)
	}
	table := uint32(len(b))
	b = append(b, imports...)
	symbols := uint32(len(b))
	b = append(b, names...)
	for i, v := range []uint32{0, starts32, table, symbols, count, importFormat, 0} {
		le.PutUint32(b[4*i:], v)
	}
	return b
}

func TestChained(t *testing.T) {
	const slide = 0x70000
	le := binary.LittleEndian
	names := "\x00_a\x00_b\x00_none\x00"
	// ordinal, weak, name, addend
	imp := func(format uint32, ordinal int, weak uint32, name uint32, addend int64) []byte {
		if format == chainedImportAddend64 {
			b := le.AppendUint64(nil, uint64(uint16(ordinal))|uint64(weak)<<16|uint64(name)<<32)
			return le.AppendUint64(b, uint64(addend))
		}
		b := le.AppendUint32(nil, uint32(uint8(ordinal))|weak<<8|name<<9)
		if format == chainedImportAddend {
			b = le.AppendUint32(b, uint32(int32(addend)))
		}
		return b
	}
	rebase := func(target, high, next uint64) uint64 { return target | high<<36 | next<<51 }
	bind := func(ord, addend, next uint64) uint64 { return 1<<63 | ord | addend<<24 | next<<51 }
	page2 := PageSize / 8
	for _, pf := range []uint16{chainedPtr64, chainedPtr64Offset} {
		for format := uint32(1); format <= 3; format++ {
			addend := int64(-16)
			if format == chainedImport {
				addend = 0
			}
			var imports []byte
			imports = append(imports, imp(format, ordinalFlat, 0, 1, 0)...)
			imports = append(imports, imp(format, 0, 0, 4, addend)...)
			imports = append(imports, imp(format, ordinalWeak, 1, 7, 0)...)
			data := make([]uint64, 2*page2)
			data[1] = rebase(0x1234, 0x80, 4)
			data[3] = bind(0, 5, 2)
			data[4] = bind(1, 0, 0)
			data[page2] = bind(2, 0, 2)
			data[page2+1] = rebase(0x99, 0, 0)
			img, mem := synthetic(t, data, slide)
			img.Base = slide // the header is at unslid 0
			img.exportsOnce.Do(func() {
				img.table = map[string]macho.Symbol{"_a": {Value: 0xa000, Type: macho.NAbs | macho.NExt}, "_b": {Value: 0xb000, Type: macho.NAbs | macho.NExt}}
			})
			file := chainedFile(pf, format, imports, 3, names, 8, 0)
			f, err := macho.Parse(bytes.NewReader(chainedObject(file)), int64(len(chainedObject(file))), macho.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			img.File = f
			p := NewProcess(nil, Options{})
			p.images = []*Image{img}
			if err := p.bindChained(img, mem); err != nil {
				t.Fatal(err)
			}
			for i, want := range map[int]uint64{1: 0x1234 + slide | 0x80<<56, 3: 0xa005, 4: 0xb000 + uint64(addend), page2: 0, page2 + 1: 0x99 + slide, 2: 0} {
				if got := mem.word(t, 0x1000+slide+uint64(8*i)); got != want {
					t.Errorf("pointers %d, imports %d: word %d is %#x, want %#x", pf, format, i, got, want)
				}
			}
		}
	}
	good := func() []byte {
		return chainedFile(chainedPtr64, chainedImport, imp(chainedImport, ordinalFlat, 0, 1, 0), 1, names, 0)
	}
	for _, c := range []struct {
		name   string
		damage func(b []byte, w []uint64)
		fine   bool
	}{
		{"nothing", func([]byte, []uint64) {}, true},
		{"version", func(b []byte, _ []uint64) { b[0] = 1 }, false},
		{"arm64e pointers", func(b []byte, _ []uint64) { le.PutUint16(b[28+16+6:], 1) }, false},
		{"size of pages", func(b []byte, _ []uint64) { le.PutUint16(b[28+16+4:], 0x1001) }, false},
		{"offset of segment", func(b []byte, _ []uint64) { le.PutUint64(b[28+16+8:], 0x2000) }, false},
		{"number of segments", func(b []byte, _ []uint64) { le.PutUint32(b[28:], 4) }, false},
		{"start in page", func(b []byte, _ []uint64) { le.PutUint16(b[28+16+22:], 0x1000) }, false},
		{"number of pages", func(b []byte, _ []uint64) { le.PutUint16(b[28+16+20:], 0xffff) }, false},
		{"starts outside", func(b []byte, _ []uint64) { le.PutUint32(b[4:], 1<<30) }, false},
		{"symbols outside", func(b []byte, _ []uint64) { le.PutUint32(b[12:], 1<<30) }, false},
		{"number of imports", func(b []byte, _ []uint64) { le.PutUint32(b[16:], 1<<30) }, false},
		{"format of imports", func(b []byte, _ []uint64) { b[20] = 4 }, false},
		{"compressed names", func(b []byte, _ []uint64) { b[24] = 1 }, false},
		{"ordinal", func(_ []byte, w []uint64) { w[0] = bind(1, 0, 0) }, false},
		{"chain leaves the page", func(_ []byte, w []uint64) { w[0] = rebase(0, 0, 0xfff) }, false},
	} {
		b, w := good(), []uint64{rebase(8, 0, 0)}
		c.damage(b, w)
		img, mem := synthetic(t, w, slide)
		f, err := macho.Parse(bytes.NewReader(chainedObject(b)), int64(len(chainedObject(b))), macho.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		img.File = f
		img.exportsOnce.Do(func() { img.table = map[string]macho.Symbol{"_a": {Type: macho.NAbs | macho.NExt}} })
		p := NewProcess(nil, Options{})
		p.images = []*Image{img}
		if err := p.bindChained(img, mem); (err == nil) != c.fine {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// chainedObject is a file that has nothing but the given fix-ups.
func chainedObject(fixups []byte) []byte {
	le := binary.LittleEndian
	cmd := le.AppendUint32(nil, uint32(macho.LcChainedFixups))
	cmd = le.AppendUint32(cmd, 16)
	w := &macho.Writer{CPU: macho.CPUX86_64, Type: macho.Dylib, Commands: [][]byte{append(cmd, make([]byte, 8)...)}}
	b := w.Bytes()
	off := len(b)
	at := bytes.Index(b, cmd)
	le.PutUint32(b[at+8:], uint32(off))
	le.PutUint32(b[at+12:], uint32(len(fixups)))
	return append(b, fixups...)
}
