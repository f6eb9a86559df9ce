package dyld

import (
	"encoding/binary"
	"slices"
	"testing"

	"puggle/macho"
)

// synthetic is an image of one writable segment of 4 pages at 0x1000, with
// the given bytes in front, over a Memory.
func synthetic(t *testing.T, data []uint64, slide uint64) (*Image, *ram) {
	t.Helper()
	img := &Image{Object: &Object{Path: "synthetic", File: &macho.File{}}, Slide: slide, Base: slide,
		Segments: []Segment{{Name: "__TEXT", Size: PageSize, FileSize: PageSize, InitProt: 5},
			{Name: "__DATA", Addr: 0x1000, Size: 4 * PageSize, VMSize: 4 * PageSize, FileSize: 4*PageSize - 8, InitProt: 3}},
		byIndex: []int{0, 1, -1}, Index: 1}
	b := make([]byte, 4*PageSize)
	for i, v := range data {
		binary.LittleEndian.PutUint64(b[8*i:], v)
	}
	return img, &ram{parts: []part{{img, 0x1000 + slide, b}}}
}

func uleb(v uint64) []byte { return binary.AppendUvarint(nil, v) }

func TestRebaseOpcodes(t *testing.T) {
	const slide = 0x70000
	cat := func(parts ...[]byte) []byte { return slices.Concat(parts...) }
	for _, c := range []struct {
		name string
		ops  []byte
		want []int // words that are slid; nil for an error
	}{
		{"times", cat([]byte{0x11, 0x21}, uleb(8), []byte{0x53, 0}), []int{1, 2, 3}},
		{"times uleb", cat([]byte{0x11, 0x21, 0, 0x60}, uleb(4), []byte{0}), []int{0, 1, 2, 3}},
		{"add", cat([]byte{0x11, 0x21, 0, 0x51, 0x30}, uleb(16), []byte{0x51, 0x42, 0x51}), []int{0, 3, 6}},
		{"add after", cat([]byte{0x11, 0x21, 0, 0x70}, uleb(8), []byte{0x51}), []int{0, 2}},
		{"skipping", cat([]byte{0x11, 0x21, 0, 0x80, 3}, uleb(16)), []int{0, 3, 6}},
		{"backwards", cat([]byte{0x11, 0x21}, uleb(0x3000), []byte{0x51, 0x21}, uleb(8), []byte{0x51}), []int{1, 0x600}},
		{"done ends", cat([]byte{0x11, 0x21, 0, 0x51, 0, 0x51}), []int{0}},
		{"last word is not in the file", cat([]byte{0x11, 0x21}, uleb(4*PageSize-8), []byte{0x51}), nil},
		{"outside", cat([]byte{0x11, 0x21}, uleb(1<<40), []byte{0x51}), nil},
		{"read-only segment", cat([]byte{0x11, 0x20, 0, 0x51}), nil},
		{"unmapped segment", cat([]byte{0x11, 0x22, 0, 0x51}), nil},
		{"no such segment", cat([]byte{0x11, 0x27, 0, 0x51}), nil},
		{"no segment", []byte{0x11, 0x51}, nil},
		{"32-bit", cat([]byte{0x12, 0x21, 0, 0x51}), nil},
		{"unknown", []byte{0x90}, nil},
		{"endless", cat([]byte{0x11, 0x21, 0, 0x80}, uleb(1<<62), uleb(1<<64-8)), nil},
		{"one place a million times", cat([]byte{0x11, 0x21, 0, 0x80}, uleb(1<<20), uleb(1<<64-8)), nil},
		{"cut short", []byte{0x11, 0x21, 0x80}, nil},
	} {
		words := make([]uint64, 4*PageSize/8)
		for i := range words {
			words[i] = uint64(i) << 20
		}
		img, mem := synthetic(t, words, slide)
		r, err := img.rebaseOpcodes(c.ops)
		if err == nil {
			err = r.apply(mem)
		}
		if (err == nil) != (c.want != nil) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for i := range words {
			want := words[i]
			if slices.Contains(c.want, i) {
				want += slide
			}
			if got := mem.word(t, 0x1000+slide+uint64(8*i)); got != want {
				t.Errorf("%s: word %d is %#x, want %#x", c.name, i, got, want)
			}
		}
	}
}

func TestBindOpcodes(t *testing.T) {
	const slide = 0x70000
	name := func(flags byte, s string) []byte { return append(append([]byte{0x40 | flags}, s...), 0) }
	cat := func(parts ...[]byte) []byte { return slices.Concat(parts...) }
	at := []byte{0x51, 0x71, 0} // pointer, segment 1, offset 0
	for _, c := range []struct {
		name string
		kind bindKind
		ops  []byte
		data []uint64
		want map[int]uint64 // nil for an error
	}{
		{"flat", bindRegular, cat([]byte{0x3e}, name(0, "_a"), at, []byte{0x90, 0}), nil, map[int]uint64{0: 0xa000}},
		{"ordinal 0 is the image", bindRegular, cat([]byte{0x30}, name(0, "_a"), at, []byte{0x90}), nil, map[int]uint64{0: 0xa000}},
		{"addend", bindRegular, cat([]byte{0x3e}, name(0, "_a"), at, []byte{0x60, 0x7c, 0x90}), nil, map[int]uint64{0: 0x9ffc}},
		{"add and scale", bindRegular, cat([]byte{0x3e}, name(0, "_a"), at, []byte{0xb2}, name(0, "_b"), []byte{0xa0, 8, 0x80, 8, 0x90}), nil,
			map[int]uint64{0: 0xa000, 3: 0xb000, 6: 0xb000}},
		{"times skipping", bindRegular, cat([]byte{0x3e}, name(0, "_a"), at, []byte{0xc0, 3, 8}), nil, map[int]uint64{0: 0xa000, 2: 0xa000, 4: 0xa000}},
		{"weak import", bindRegular, cat([]byte{0x3e}, name(1, "_none"), at, []byte{0x90}), []uint64{7}, map[int]uint64{0: 0}},
		{"missing", bindRegular, cat([]byte{0x3e}, name(0, "_none"), at, []byte{0x90}), nil, nil},
		{"library that is not there", bindRegular, cat([]byte{0x15}, name(0, "_a"), at, []byte{0x90}), nil, nil},
		{"lazy entries", bindLazy, cat(at, []byte{0x3e}, name(0, "_a"), []byte{0x90, 0, 0x71, 16}, name(0, "_b"), []byte{0x90, 0}), nil,
			map[int]uint64{0: 0xa000, 2: 0xb000}},
		{"weak definition elsewhere", bindWeak, cat(name(0, "_none"), at, []byte{0x90}), []uint64{7}, map[int]uint64{0: 7}},
		{"strong definition here", bindWeak, cat(name(8, "_a"), at, []byte{0x90}), []uint64{7}, map[int]uint64{0: 7}},
		{"endless", bindRegular, cat([]byte{0x3e}, name(0, "_a"), at, []byte{0xc0}, uleb(1<<62), uleb(1<<64-8)), nil, nil},
		{"one place a million times", bindRegular, cat([]byte{0x3e}, name(0, "_a"), at, []byte{0xc0}, uleb(1<<20), uleb(1<<64-8)), nil, nil},
		{"cut short", bindRegular, []byte{0x40, '_', 'a'}, nil, nil},
		{"32-bit", bindRegular, cat([]byte{0x3e}, name(0, "_a"), []byte{0x52, 0x71, 0, 0x90}), nil, nil},
		{"threaded", bindRegular, cat([]byte{0xd0}, uleb(2), []byte{0x3e}, name(0, "_a"), []byte{0x51, 0x90}, name(0, "_b"), []byte{0x90, 0x71, 0, 0xd1}),
			[]uint64{1<<62 | 2<<51 | 1, 99, 0x4000 | 3<<51, 98, 97, 1 << 62}, // bind 1; two on: rebase; three on: bind 0
			map[int]uint64{0: 0xb000, 2: 0x4000 + slide, 5: 0xa000}},
		{"threaded outside the table", bindRegular, []byte{0xd0, 1, 0x71, 0, 0xd1}, []uint64{1 << 62}, nil},
		{"threaded leaves the segment", bindRegular, []byte{0xd0, 1, 0x71, 0, 0xd1}, []uint64{0x7ff << 51, 0, 0, 0}, nil},
	} {
		img, mem := synthetic(t, c.data, slide)
		exports := map[string]macho.Symbol{"_a": {Value: 0xa000, Type: macho.NAbs | macho.NExt}, "_b": {Value: 0xb000, Type: macho.NAbs | macho.NExt}}
		img.exportsOnce.Do(func() { img.table = exports })
		p := NewProcess(nil, Options{})
		p.images = []*Image{img}
		b := binder{p: p, img: img, kind: c.kind}
		patch := newPatcher(mem)
		b.chains = func(at place, table []uint64) error { return img.threadedChain(patch, at, table) }
		err := b.run(c.ops)
		patch.close()
		if err == nil {
			err = img.applyBinds(mem, b.out)
		}
		if (err == nil) != (c.want != nil) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for i := range 8 {
			want := uint64(0)
			if i < len(c.data) {
				want = c.data[i]
			}
			if v, ok := c.want[i]; ok {
				want = v
			}
			if got := mem.word(t, 0x1000+slide+uint64(8*i)); c.want != nil && got != want {
				t.Errorf("%s: word %d is %#x, want %#x", c.name, i, got, want)
			}
		}
	}
}
